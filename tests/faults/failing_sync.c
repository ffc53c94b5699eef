/* Fails syncs of this process with EIO. Preloaded. Lets MAGNETIQ_FAULT_SYNC_AFTER of them pass, then fails MAGNETIQ_FAULT_SYNC_TIMES; or
   fails as many as the file MAGNETIQ_FAULT_SYNC_NEXT has bytes, and takes one away for each.
   A sync that fails does nothing, as on a disk that gave up. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_long calls;

static int counted(void) {
    const char *after = getenv("MAGNETIQ_FAULT_SYNC_AFTER");
    const char *times = getenv("MAGNETIQ_FAULT_SYNC_TIMES");
    long first = after ? atol(after) : 0;
    long count = times ? atol(times) : 0;
    long call = atomic_fetch_add(&calls, 1);
    return call >= first && call < first + count;
}

static int asked_for(void) {
    const char *path = getenv("MAGNETIQ_FAULT_SYNC_NEXT");
    struct stat about;
    return path && stat(path, &about) == 0 && about.st_size > 0 && truncate(path, about.st_size - 1) == 0;
}

static int failing(const char *name, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    if (counted() || asked_for()) {
        errno = EIO;
        return -1;
    }
    return real(fd);
}

int fsync(int fd) {
    return failing("fsync", fd);
}

int fdatasync(int fd) {
    return failing("fdatasync", fd);
}
