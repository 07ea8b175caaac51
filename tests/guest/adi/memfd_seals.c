// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Seals of files in memory: what mappings made before and after may do.
 *
 * run: --ram=32M --swap=16M
 * stdout: ok
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/wait.h>

#include "adi/adi.h"

#define IS(err, call) (errno = 0, (call) == -1 && errno == (err))
#define NO_MAP(err, p) (errno = 0, (p) == MAP_FAILED && errno == (err))
#define RW (PROT_READ | PROT_WRITE)

static int make(void)
{
    int fd = memfd_create("sealed", MFD_ALLOW_SEALING);

    CHECK(fd >= 0 && ftruncate(fd, 4 * PAGE) == 0);
    return fd;
}

static char *map(int fd, int prot, int type)
{
    return mmap(NULL, 4 * PAGE, prot, type, fd, 0);
}

static int again(int fd, int flags)
{
    char name[40];

    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    return open(name, flags);
}

static char byte(int fd, long at)
{
    char c = -1;

    CHECK(pread(fd, &c, 1, at) == 1);
    return c;
}

static void check_write(void)
{
    int fd = make(), ro = again(fd, O_RDONLY), status;
    char *before, *private, *p, *q;
    pid_t pid;

    before = map(fd, RW, MAP_SHARED);
    before[0] = 'a';
    private = map(fd, RW, MAP_PRIVATE);
    CHECK(IS(EBUSY, fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE)));
    CHECK(fcntl(fd, F_GET_SEALS) == 0);
    /* Read only now, but it could be made writable. */
    CHECK(mprotect(before, 4 * PAGE, PROT_READ) == 0);
    CHECK(IS(EBUSY, fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE)));
    /* A child's is one more. */
    pid = fork();
    if (pid == 0) {
        CHECK(munmap(before, 4 * PAGE) == 0);
        CHECK(IS(EBUSY, fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE)));
        exit(0);
    }
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
    CHECK(mprotect(before, 4 * PAGE, RW) == 0);
    before[PAGE] = 'b';
    CHECK(munmap(before, 4 * PAGE) == 0);
    CHECK(IS(EPERM, fcntl(ro, F_ADD_SEALS, F_SEAL_WRITE)));
    CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) == 0);
    CHECK(fcntl(ro, F_GET_SEALS) == F_SEAL_WRITE);
    CHECK(byte(fd, 0) == 'a' && byte(fd, (long)PAGE) == 'b'); /* not lost */

    CHECK(NO_MAP(EPERM, map(fd, RW, MAP_SHARED)));
    CHECK(NO_MAP(EPERM, map(fd, PROT_READ, MAP_SHARED))); /* until v6.7 */
    p = map(ro, PROT_READ, MAP_SHARED);
    CHECK(p != MAP_FAILED && p[PAGE] == 'b');
    CHECK(IS(EACCES, mprotect(p, PAGE, RW)));
    q = map(fd, RW, MAP_PRIVATE);
    q[0] = 'q'; /* a copy */
    private[PAGE] = 'p';
    CHECK(p[0] == 'a' && p[PAGE] == 'b' && byte(fd, 0) == 'a');
    CHECK(IS(EPERM, write(fd, "x", 1)) && IS(EPERM, pwrite(fd, "x", 1, 9)));
    CHECK(IS(EPERM, fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                              0, PAGE)));
    CHECK(ftruncate(fd, 5 * PAGE) == 0 && ftruncate(fd, 3 * PAGE) == 0);
    CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0);
    CHECK(IS(EPERM, ftruncate(fd, PAGE)));
    CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL) == 0);
    CHECK(IS(EPERM, fcntl(fd, F_ADD_SEALS, F_SEAL_GROW)));
    CHECK(IS(EPERM, fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE)));
    CHECK(fcntl(fd, F_GET_SEALS) == (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_SEAL));
    close(fd);
    close(ro);
}

static void check_future(void)
{
    int fd = make(), other = make();
    char *before = map(fd, RW, MAP_SHARED), *p;
    loff_t zero = 0;

    CHECK(write(fd, "w", 1) == 1);
    CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) == 0);
    CHECK(fcntl(fd, F_GET_SEALS) == F_SEAL_FUTURE_WRITE);
    before[PAGE] = 'B'; /* as before, and it gets there */
    CHECK(byte(fd, (long)PAGE) == 'B' && byte(fd, 0) == 'w');
    CHECK(madvise(before, 4 * PAGE, 21 /* MADV_PAGEOUT */) == 0);
    CHECK(before[PAGE] == 'B');
    before[2 * PAGE] = 'C';
    CHECK(NO_MAP(EPERM, map(fd, RW, MAP_SHARED)));
    p = map(fd, PROT_READ, MAP_SHARED);
    CHECK(p != MAP_FAILED && p[2 * PAGE] == 'C');
    CHECK(IS(EACCES, mprotect(p, PAGE, RW)));
    CHECK(mprotect(before, PAGE, PROT_READ) == 0);
    CHECK(mprotect(before, PAGE, RW) == 0);
    p = map(fd, RW, MAP_PRIVATE);
    p[0] = 'p';
    CHECK(byte(fd, 0) == 'w');
    CHECK(IS(EPERM, write(fd, "x", 1)) && IS(EPERM, pwrite(fd, "x", 1, 9)));
    CHECK(IS(EPERM, sendfile(fd, other, &zero, 1)));
    CHECK(IS(EPERM, copy_file_range(other, &zero, fd, NULL, 1, 0)));
    CHECK(IS(EPERM, fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                              0, PAGE)));
    CHECK(fallocate(fd, 0, 0, 6 * PAGE) == 0 && ftruncate(fd, 5 * PAGE) == 0);
    /* The one from before is still there: */
    CHECK(IS(EBUSY, fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE)));
    CHECK(fcntl(other, F_ADD_SEALS, F_SEAL_FUTURE_WRITE | F_SEAL_GROW) == 0);
    CHECK(IS(EPERM, ftruncate(other, 5 * PAGE)));
    close(fd);
    close(other);
}

static void check_results(void)
{
    int fd = memfd_create("not", 0), file = open("/proc/self/exe", O_RDONLY);

    CHECK(fcntl(fd, F_GET_SEALS) == F_SEAL_SEAL);
    CHECK(IS(EPERM, fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE)));
    CHECK(IS(EINVAL, fcntl(file, F_GET_SEALS)));
    CHECK(IS(EPERM, fcntl(file, F_ADD_SEALS, F_SEAL_WRITE)));
    close(fd);
    fd = make();
    CHECK(IS(EINVAL, fcntl(fd, F_ADD_SEALS, 0x20))); /* F_SEAL_EXEC: v6.3 */
    CHECK(IS(EINVAL, fcntl(fd, F_ADD_SEALS, 0x100)));
    CHECK(fcntl(fd, F_ADD_SEALS, 0) == 0 && fcntl(fd, F_GET_SEALS) == 0);
    CHECK(IS(EINVAL, memfd_create("x", 0x100)));
    CHECK(IS(EINVAL, memfd_create("x", -500)));
    CHECK(IS(EINVAL, memfd_create("x", 1u << 26))); /* a size of huge pages */
    CHECK(IS(ENODEV, memfd_create("x", 4 | 1u << 26)));
    CHECK(IS(EFAULT, memfd_create((char *)8, 4)));
    CHECK(IS(EFAULT, memfd_create((char *)8, 0)));
    close(fd);
}

int main(void)
{
    check_write();
    check_future();
    check_results();
    puts("ok");
    return 0;
}
