/* The wall clock is MAGNETIQ_FAULT_CLOCK_S seconds away from the true one, which may be in the past. Preloaded. The clock that only goes
   forward stays as it is. */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long shift(void) {
    const char *seconds = getenv("MAGNETIQ_FAULT_CLOCK_S");
    return seconds ? atol(seconds) : 0;
}

int clock_gettime(clockid_t id, struct timespec *out) {
    int answer = (int)syscall(SYS_clock_gettime, id, out);
    if (answer == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
        out->tv_sec += shift();
    }
    return answer;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
    (void)zone;
    struct timespec now;
    int answer = clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return answer;
}

time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) {
        *out = now.tv_sec;
    }
    return now.tv_sec;
}
