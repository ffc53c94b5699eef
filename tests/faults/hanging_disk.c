/* Reads, writes and syncs of files below MAGNETIQ_FAULT_ROOT wait for as long as the file MAGNETIQ_FAULT_HANG exists, as on a network
 * volume that lost its server. Preloaded. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static void wait_for_disk(int fd) {
    int error = errno;
    const char *root = getenv("MAGNETIQ_FAULT_ROOT");
    const char *hang = getenv("MAGNETIQ_FAULT_HANG");
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = root && hang ? readlink(link, path, sizeof path - 1) : -1;
    if (length > 0) {
        path[length] = 0;
        if (strncmp(path, root, strlen(root)) == 0) {
            struct timespec pause = {0, 5000000};
            while (access(hang, F_OK) == 0) {
                nanosleep(&pause, NULL);
            }
        }
    }
    errno = error;
}

#define REAL(name, type) ((type)dlsym(RTLD_NEXT, name))

ssize_t pread(int fd, void *to, size_t bytes, off_t at) {
    wait_for_disk(fd);
    return REAL("pread", ssize_t (*)(int, void *, size_t, off_t))(fd, to, bytes, at);
}

ssize_t pread64(int fd, void *to, size_t bytes, off64_t at) {
    wait_for_disk(fd);
    return REAL("pread64", ssize_t (*)(int, void *, size_t, off64_t))(fd, to, bytes, at);
}

ssize_t pwrite(int fd, const void *from, size_t bytes, off_t at) {
    wait_for_disk(fd);
    return REAL("pwrite", ssize_t (*)(int, const void *, size_t, off_t))(fd, from, bytes, at);
}

ssize_t pwrite64(int fd, const void *from, size_t bytes, off64_t at) {
    wait_for_disk(fd);
    return REAL("pwrite64", ssize_t (*)(int, const void *, size_t, off64_t))(fd, from, bytes, at);
}

int fsync(int fd) {
    wait_for_disk(fd);
    return REAL("fsync", int (*)(int))(fd);
}

int fdatasync(int fd) {
    wait_for_disk(fd);
    return REAL("fdatasync", int (*)(int))(fd);
}
