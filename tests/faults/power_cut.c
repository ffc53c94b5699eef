/* Notes what a power cut would forget. Preloaded.

   For each regular file below MAGNETIQ_FAULT_ROOT the folder MAGNETIQ_FAULT_SIDE gets <inode>.file, a hard link that keeps the file
   within reach whatever becomes of its names, and <inode>.undo, a journal: before each write what was there and what comes. A sync
   empties the journal of its file, and does nothing else: nobody cuts the power of this machine. `names.log` has each creation,
   removal and renaming, and each sync of a folder. `tests/src/power_cut.rs` reads all this after the kill, and forgets.

   Not seen: what is written through memory maps (the -shm file, which SQLite makes anew after a crash), system calls that do not
   go through the C library (rustix, which the store does not use for the names of files), files that are removed with their folder, and writes through a copy of a descriptor. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FDS = 4096 };
enum { WRITE = 1, TRUNCATE = 2 };

/* What stands before each change in a journal; then `old_bytes` bytes that were there, then `new_bytes` bytes that come. */
struct record {
    uint64_t kind, offset, old_size, new_size, old_bytes, new_bytes;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int journals[FDS]; /* descriptor of the journal of an open file, plus one; 0 where nobody watches */

#define REAL(type, name) ((type)dlsym(RTLD_NEXT, name))
static ssize_t real_write(int fd, const void *data, size_t bytes) {
    return REAL(ssize_t(*)(int, const void *, size_t), "write")(fd, data, bytes);
}
static int real_open(const char *path, int flags, mode_t mode) {
    return REAL(int (*)(const char *, int, ...), "open64")(path, flags, mode);
}

/* A fault library that cannot do its work must not let a test pass. */
static void check(int good, const char *what) {
    if (!good) {
        perror(what);
        abort();
    }
}

static const char *side(void) {
    const char *path = getenv("MAGNETIQ_FAULT_SIDE");
    check(path != NULL, "MAGNETIQ_FAULT_SIDE");
    return path;
}

static int ends_with(const char *text, const char *end) {
    size_t a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

static int watched(const char *path) {
    const char *root = getenv("MAGNETIQ_FAULT_ROOT");
    return root && strncmp(path, root, strlen(root)) == 0 && !ends_with(path, "-shm");
}

static int absolute(const char *path, char *out) {
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (!slash) {
        return 0; /* the programs under test use absolute paths */
    }
    snprintf(folder, sizeof folder, "%.*s", (int)(slash == path ? 1 : slash - path), path);
    char real[PATH_MAX];
    if (!realpath(folder, real)) {
        return 0;
    }
    return snprintf(out, PATH_MAX, "%s/%s", real, slash + 1) < PATH_MAX;
}

/* One line of names.log: what happened, the inode of the file, its name, and its new name. */
static void note(char what, ino_t inode, const char *path, const char *to) {
    char line[3 * PATH_MAX], log[PATH_MAX];
    int bytes = snprintf(line, sizeof line, "%c\t%llu\t%s\t%s\n", what, (unsigned long long)inode, path, to);
    snprintf(log, sizeof log, "%s/names.log", side());
    int fd = real_open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    check(fd >= 0 && real_write(fd, line, bytes) == bytes, "names.log");
    close(fd);
}

/* Keeps the file `path` within reach; its inode, or 0 where it is not one to watch. */
static ino_t keep(const char *path) {
    struct stat about;
    if (lstat(path, &about) != 0 || !S_ISREG(about.st_mode)) {
        return 0;
    }
    char name[PATH_MAX];
    snprintf(name, sizeof name, "%s/%llu.file", side(), (unsigned long long)about.st_ino);
    check(link(path, name) == 0 || errno == EEXIST, "link");
    return about.st_ino;
}

static int opened(int fd, const char *path, int flags, int existed) {
    char full[PATH_MAX];
    if (fd < 0 || !absolute(path, full) || !watched(full)) {
        return fd;
    }
    int error = errno;
    pthread_mutex_lock(&lock);
    ino_t inode = keep(full);
    if (inode && (flags & O_ACCMODE) != O_RDONLY) {
        check(fd < FDS, "too many descriptors");
        char name[PATH_MAX];
        snprintf(name, sizeof name, "%s/%llu.undo", side(), (unsigned long long)inode);
        int journal = real_open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        check(journal >= 0, name);
        journals[fd] = journal + 1;
        if (!existed) {
            note('c', inode, full, "");
        }
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return fd;
}

static int opening(const char *symbol, const char *path, int flags, mode_t mode) {
    int existed = !(flags & O_CREAT) || faccessat(AT_FDCWD, path, F_OK, 0) == 0;
    return opened(REAL(int (*)(const char *, int, ...), symbol)(path, flags, mode), path, flags, existed);
}

#define MODE                                  \
    mode_t mode = 0;                          \
    if (flags & (O_CREAT | O_TMPFILE)) {      \
        va_list rest;                         \
        va_start(rest, flags);                \
        mode = (mode_t)va_arg(rest, int);     \
        va_end(rest);                         \
    }

int open(const char *path, int flags, ...) {
    MODE return opening("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE return opening("open64", path, flags, mode);
}

int close(int fd) {
    if (fd >= 0 && fd < FDS && journals[fd]) {
        pthread_mutex_lock(&lock);
        int journal = journals[fd] - 1;
        journals[fd] = 0;
        pthread_mutex_unlock(&lock);
        close(journal);
    }
    return REAL(int (*)(int), "close")(fd);
}

static int is_watched(int fd) {
    return fd >= 0 && fd < FDS && journals[fd];
}

/* Writes a record with what is there now; the caller holds the lock. */
static void before(int fd, uint64_t kind, off_t offset, uint64_t new_size, const void *data, size_t bytes) {
    struct stat about;
    check(fstat(fd, &about) == 0, "fstat");
    uint64_t size = (uint64_t)about.st_size, at = (uint64_t)offset;
    uint64_t end = kind == WRITE ? at + bytes : size;
    uint64_t old = at < size ? (end < size ? end : size) - at : 0;
    struct record head = {kind, at, size, kind == WRITE ? (end > size ? end : size) : new_size, old, bytes};
    char *all = malloc(sizeof head + old + bytes);
    check(all != NULL, "malloc");
    memcpy(all, &head, sizeof head);
    if (old) {
        /* Through the program's own descriptor: SQLite's locks go when any other one of the file is closed. SQLite can read it;
           another program may have opened its file for writing only. */
        ssize_t found = pread(fd, all + sizeof head, old, offset);
        if (found < 0 && errno == EBADF) {
            char name[64];
            snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
            int reader = real_open(name, O_RDONLY | O_CLOEXEC, 0);
            check(reader >= 0, name);
            found = pread(reader, all + sizeof head, old, offset);
            REAL(int (*)(int), "close")(reader);
        }
        check(found == (ssize_t)old, "pread");
    }
    memcpy(all + sizeof head + old, data ? data : "", bytes);
    ssize_t length = (ssize_t)(sizeof head + old + bytes);
    check(real_write(journals[fd] - 1, all, (size_t)length) == length, "journal");
    free(all);
}

ssize_t write(int fd, const void *data, size_t bytes) {
    if (!is_watched(fd)) {
        return real_write(fd, data, bytes);
    }
    pthread_mutex_lock(&lock);
    int append = (fcntl(fd, F_GETFL) & O_APPEND) != 0;
    before(fd, WRITE, lseek(fd, 0, append ? SEEK_END : SEEK_CUR), 0, data, bytes);
    ssize_t written = real_write(fd, data, bytes);
    pthread_mutex_unlock(&lock);
    return written;
}

static ssize_t writing(const char *symbol, int fd, const void *data, size_t bytes, off_t offset) {
    ssize_t (*real)(int, const void *, size_t, off_t) = REAL(ssize_t(*)(int, const void *, size_t, off_t), symbol);
    if (!is_watched(fd)) {
        return real(fd, data, bytes, offset);
    }
    pthread_mutex_lock(&lock);
    before(fd, WRITE, offset, 0, data, bytes);
    ssize_t written = real(fd, data, bytes, offset);
    pthread_mutex_unlock(&lock);
    return written;
}

ssize_t pwrite(int fd, const void *data, size_t bytes, off_t offset) {
    return writing("pwrite", fd, data, bytes, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t bytes, off_t offset) {
    return writing("pwrite64", fd, data, bytes, offset);
}

static int cutting(const char *symbol, int fd, off_t size) {
    int (*real)(int, off_t) = REAL(int (*)(int, off_t), symbol);
    if (!is_watched(fd)) {
        return real(fd, size);
    }
    pthread_mutex_lock(&lock);
    /* What is cut off is what was behind the new end. */
    before(fd, TRUNCATE, size, (uint64_t)size, NULL, 0);
    int result = real(fd, size);
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate(int fd, off_t size) {
    return cutting("ftruncate", fd, size);
}

int ftruncate64(int fd, off_t size) {
    return cutting("ftruncate64", fd, size);
}

static int synced(int fd) {
    /* A sync takes a while, and that is when most power cuts come. */
    struct timespec a_while = {0, 1000000};
    nanosleep(&a_while, NULL);
    pthread_mutex_lock(&lock);
    struct stat about;
    check(fstat(fd, &about) == 0, "fstat");
    char name[PATH_MAX], path[PATH_MAX];
    if (S_ISREG(about.st_mode)) {
        /* By the inode: a file may be written through one descriptor and synced through another. */
        snprintf(name, sizeof name, "%s/%llu.undo", side(), (unsigned long long)about.st_ino);
        check(truncate(name, 0) == 0 || errno == ENOENT, name);
    } else if (S_ISDIR(about.st_mode)) {
        snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
        ssize_t bytes = readlink(name, path, sizeof path - 1);
        check(bytes > 0, name);
        path[bytes] = 0;
        note('s', about.st_ino, path, "");
    }
    pthread_mutex_unlock(&lock);
    return 0;
}

int fsync(int fd) {
    return synced(fd);
}

int fdatasync(int fd) {
    return synced(fd);
}

int unlink(const char *path) {
    char full[PATH_MAX];
    if (absolute(path, full) && watched(full)) {
        pthread_mutex_lock(&lock);
        ino_t inode = keep(full);
        if (inode) {
            note('d', inode, full, "");
        }
        pthread_mutex_unlock(&lock);
    }
    return REAL(int (*)(const char *), "unlink")(path);
}

int rename(const char *from, const char *to) {
    char full[PATH_MAX], full_to[PATH_MAX];
    if (absolute(from, full) && absolute(to, full_to) && watched(full) && watched(full_to)) {
        pthread_mutex_lock(&lock);
        ino_t moved = keep(full), replaced = keep(full_to);
        if (replaced) {
            note('d', replaced, full_to, "");
        }
        if (moved) {
            note('r', moved, full, full_to);
        }
        pthread_mutex_unlock(&lock);
    }
    return REAL(int (*)(const char *, const char *), "rename")(from, to);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    int result = REAL(int (*)(int, const char *, int, const char *, int), "linkat")(from_folder, from, to_folder, to, flags);
    char full[PATH_MAX];
    if (result == 0 && to_folder == AT_FDCWD && absolute(to, full) && watched(full)) {
        pthread_mutex_lock(&lock);
        ino_t inode = keep(full);
        if (inode) {
            note('c', inode, full, "");
        }
        pthread_mutex_unlock(&lock);
    }
    return result;
}
