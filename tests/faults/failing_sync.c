/* Lets MAGNETIQ_FAULT_SYNC_AFTER syncs of this process pass, then fails MAGNETIQ_FAULT_SYNC_TIMES of them with EIO. Preloaded.
   A sync that fails does nothing, as on a disk that gave up. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_long calls;

static int failing(const char *name, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    const char *after = getenv("MAGNETIQ_FAULT_SYNC_AFTER");
    const char *times = getenv("MAGNETIQ_FAULT_SYNC_TIMES");
    long first = after ? atol(after) : 0;
    long count = times ? atol(times) : 0;
    long call = atomic_fetch_add(&calls, 1);
    if (call >= first && call < first + count) {
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
