/* Stands between a process and its C library, and strikes the n-th call that changes what is on the disk.

   Loaded by LD_PRELOAD (see syscalls.py). Only calls on files below one folder count, until `strike_arm` none does. What is
   written through a mapping of memory (the index of SQLite's log) is no call, and is never struck. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { WRITE, SIZE, SYNC, RENAME, REMOVE, MAKE, KINDS };
enum fault { KILL, FAIL, FULL, SHORT };

static char root[4096];
static size_t root_length;
static atomic_int armed;
static atomic_long counted[KINDS];
static atomic_int struck;
static int kind_due, fault_due, error_due;
static long number_due;
static struct stat cut; /* the file of a short write, which has no room for a second one */

void strike_arm(const char *folder, int kind, long number, int fault, int error) {
    snprintf(root, sizeof root, "%s/", folder);
    root_length = strlen(root);
    for (int each = 0; each < KINDS; each++) counted[each] = 0;
    kind_due = kind, number_due = number, fault_due = fault, error_due = error, struck = 0;
    memset(&cut, 0, sizeof cut);
    armed = 1;
}

void strike_disarm(void) { armed = 0; }
int strike_struck(void) { return struck; }
long strike_counted(int kind) { return counted[kind]; }

static int below(const char *path) { return strncmp(path, root, root_length) == 0; }

static int ours(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below(path);
}

static int ours_at(int folder, const char *path) {
    if (path[0] == '/') return below(path);
    char with[4096], link[64];
    if (folder == AT_FDCWD) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t length = readlink(link, with, sizeof with - 2);
    if (length < 0) return 0;
    strcpy(with + length, "/");
    return below(with);
}

/* 0: the call may go on; 1: it fails, errno says how; 2: it writes half. */
static int due(enum kind kind, int fd) {
    long number = counted[kind]++;
    if (struck) {
        int out_of_room = fault_due == FULL && kind != REMOVE && kind != SYNC;
        if (fault_due == SHORT && kind == WRITE && cut.st_ino) {
            struct stat now;
            out_of_room = fstat(fd, &now) == 0 && now.st_ino == cut.st_ino && now.st_dev == cut.st_dev;
            if (out_of_room) cut.st_ino = 0;
        }
        if (out_of_room) errno = ENOSPC;
        return out_of_room;
    }
    if (kind != (enum kind)kind_due || number != number_due) return 0;
    struck = 1;
    if (fault_due == KILL) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
    errno = error_due;
    if (fault_due != SHORT) return 1;
    fstat(fd, &cut);
    return 2;
}

#define DUE(kind, fd, mine) (armed && (mine) ? due(kind, fd) : 0)
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
/* The same call under its older and its 64-bit name: a file's offset has 64 bits in both. */
#define TWICE(result, name, taken, given) \
    result name taken { return own_##name given; } \
    result name##64 taken { return own_##name given; }

ssize_t write(int fd, const void *data, size_t size) {
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) real = REAL(write);
    int now = DUE(WRITE, fd, ours(fd));
    return now == 1 ? -1 : real(fd, data, now ? size / 2 : size);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    int now = DUE(WRITE, fd, ours(fd));
    if (now == 1) return -1;
    struct iovec half = {count ? parts->iov_base : 0, count ? parts->iov_len / 2 : 0};
    return now ? REAL(writev)(fd, &half, 1) : REAL(writev)(fd, parts, count);
}

static ssize_t own_pwrite(int fd, const void *data, size_t size, off_t at) {
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (!real) real = REAL(pwrite);
    int now = DUE(WRITE, fd, ours(fd));
    return now == 1 ? -1 : real(fd, data, now ? size / 2 : size, at);
}
TWICE(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at))

static ssize_t own_sendfile(int to, int from, off_t *at, size_t size) {
    int now = DUE(WRITE, to, ours(to));
    return now == 1 ? -1 : REAL(sendfile)(to, from, at, now ? size / 2 : size);
}
TWICE(ssize_t, sendfile, (int to, int from, off_t *at, size_t size), (to, from, at, size))

ssize_t copy_file_range(int from, off_t *left, int to, off_t *right, size_t size, unsigned flags) {
    int now = DUE(WRITE, to, ours(to));
    return now == 1 ? -1 : REAL(copy_file_range)(from, left, to, right, now ? size / 2 : size, flags);
}

static int own_ftruncate(int fd, off_t size) { return DUE(SIZE, fd, ours(fd)) ? -1 : REAL(ftruncate)(fd, size); }
TWICE(int, ftruncate, (int fd, off_t size), (fd, size))

static int own_truncate(const char *path, off_t size) {
    return DUE(SIZE, -1, ours_at(AT_FDCWD, path)) ? -1 : REAL(truncate)(path, size);
}
TWICE(int, truncate, (const char *path, off_t size), (path, size))

static int own_fallocate(int fd, int mode, off_t at, off_t size) {
    return DUE(SIZE, fd, ours(fd)) ? -1 : REAL(fallocate)(fd, mode, at, size);
}
TWICE(int, fallocate, (int fd, int mode, off_t at, off_t size), (fd, mode, at, size))

static int own_posix_fallocate(int fd, off_t at, off_t size) { /* says its error instead of setting it */
    return DUE(SIZE, fd, ours(fd)) ? errno : REAL(posix_fallocate)(fd, at, size);
}
TWICE(int, posix_fallocate, (int fd, off_t at, off_t size), (fd, at, size))

int fsync(int fd) { return DUE(SYNC, fd, ours(fd)) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return DUE(SYNC, fd, ours(fd)) ? -1 : REAL(fdatasync)(fd); }

int rename(const char *from, const char *to) {
    return DUE(RENAME, -1, ours_at(AT_FDCWD, to)) ? -1 : REAL(rename)(from, to);
}
int renameat(int there, const char *from, int here, const char *to) {
    return DUE(RENAME, -1, ours_at(here, to)) ? -1 : REAL(renameat)(there, from, here, to);
}
int renameat2(int there, const char *from, int here, const char *to, unsigned flags) {
    return DUE(RENAME, -1, ours_at(here, to)) ? -1 : REAL(renameat2)(there, from, here, to, flags);
}

int unlink(const char *path) { return DUE(REMOVE, -1, ours_at(AT_FDCWD, path)) ? -1 : REAL(unlink)(path); }
int unlinkat(int folder, const char *path, int flags) {
    return DUE(REMOVE, -1, ours_at(folder, path)) ? -1 : REAL(unlinkat)(folder, path, flags);
}
int rmdir(const char *path) { return DUE(REMOVE, -1, ours_at(AT_FDCWD, path)) ? -1 : REAL(rmdir)(path); }

int mkdir(const char *path, mode_t mode) { return DUE(MAKE, -1, ours_at(AT_FDCWD, path)) ? -1 : REAL(mkdir)(path, mode); }
int mkdirat(int folder, const char *path, mode_t mode) {
    return DUE(MAKE, -1, ours_at(folder, path)) ? -1 : REAL(mkdirat)(folder, path, mode);
}
int link(const char *from, const char *to) { return DUE(MAKE, -1, ours_at(AT_FDCWD, to)) ? -1 : REAL(link)(from, to); }
int linkat(int there, const char *from, int here, const char *to, int flags) {
    return DUE(MAKE, -1, ours_at(here, to)) ? -1 : REAL(linkat)(there, from, here, to, flags);
}

/* What is there already is opened with O_CREAT too, and that changes nothing. */
static int makes(int folder, const char *path, int flags) {
    return (flags & O_TRUNC) || ((flags & O_CREAT) && faccessat(folder, path, F_OK, 0) != 0);
}

static int own_openat(int folder, const char *path, int flags, mode_t mode) {
    static int (*real)(int, const char *, int, ...);
    if (!real) real = REAL(openat);
    return DUE(MAKE, -1, makes(folder, path, flags) && ours_at(folder, path)) ? -1 : real(folder, path, flags, mode);
}
/* Only who makes a file hands a mode over. */
#define MODE(flags, mode) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list more; \
        va_start(more, flags); \
        mode = va_arg(more, mode_t); \
        va_end(more); \
    }
int open(const char *path, int flags, ...) { MODE(flags, mode) return own_openat(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags, mode) return own_openat(AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE(flags, mode) return own_openat(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE(flags, mode) return own_openat(folder, path, flags, mode); }
