/* A disk that is full after this process wrote MAGNETIQ_FAULT_FULL_AFTER bytes into regular files: a write that does not fit is cut short,
   and all after it fail with ENOSPC. Preloaded. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long written;

/* How many of so many bytes still fit; -1 where nothing is counted. */
static ssize_t room(int fd, size_t bytes) {
    const char *after = getenv("MAGNETIQ_FAULT_FULL_AFTER");
    struct stat about;
    if (!after || fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        return -1;
    }
    long before = atomic_fetch_add(&written, (long)bytes);
    long left = atol(after) - before;
    return left < 0 ? 0 : (left < (long)bytes ? left : (ssize_t)bytes);
}

static ssize_t full(void) {
    errno = ENOSPC;
    return -1;
}

#define REAL(name, type) ((type)dlsym(RTLD_NEXT, name))

ssize_t write(int fd, const void *data, size_t bytes) {
    ssize_t fit = room(fd, bytes);
    if (fit == 0 && bytes > 0) {
        return full();
    }
    return REAL("write", ssize_t(*)(int, const void *, size_t))(fd, data, fit < 0 ? bytes : (size_t)fit);
}

ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t offset) {
    ssize_t fit = room(fd, bytes);
    if (fit == 0 && bytes > 0) {
        return full();
    }
    return REAL("pwrite64", ssize_t(*)(int, const void *, size_t, off64_t))(fd, data, fit < 0 ? bytes : (size_t)fit, offset);
}

ssize_t pwrite(int fd, const void *data, size_t bytes, off_t offset) {
    return pwrite64(fd, data, bytes, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    size_t bytes = 0;
    for (int n = 0; n < count; n++) {
        bytes += parts[n].iov_len;
    }
    ssize_t fit = room(fd, bytes);
    if (fit >= 0 && (size_t)fit < bytes) {
        return full();
    }
    return REAL("writev", ssize_t(*)(int, const struct iovec *, int))(fd, parts, count);
}

ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t bytes, unsigned flags) {
    ssize_t fit = room(out, 0);
    if (fit >= 0) {
        /* Whoever asks copies by hand then, and each write is counted. */
        errno = EXDEV;
        return -1;
    }
    return REAL("copy_file_range", ssize_t(*)(int, off64_t *, int, off64_t *, size_t, unsigned))(in, from, out, to, bytes, flags);
}

ssize_t sendfile64(int out, int in, off64_t *offset, size_t bytes) {
    if (room(out, 0) >= 0) {
        errno = EINVAL;
        return -1;
    }
    return REAL("sendfile64", ssize_t(*)(int, int, off64_t *, size_t))(out, in, offset, bytes);
}

int posix_fallocate64(int fd, off64_t offset, off64_t bytes) {
    return room(fd, 0) == 0 ? ENOSPC : REAL("posix_fallocate64", int (*)(int, off64_t, off64_t))(fd, offset, bytes);
}
