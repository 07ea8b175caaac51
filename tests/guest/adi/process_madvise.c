// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * process_madvise(): pages of the caller's, and of another process', go out.
 *
 * run: --ram=32M --swap=16M
 * stdout: ok
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "adi/adi.h"

#define COLD    20
#define PAGEOUT 21
#define IS(err, call) (errno = 0, (call) == -1 && errno == (err))

static char *a;

static long advise(int fd, const struct iovec *v, long nr, int advice)
{
    return syscall(SYS_process_madvise, fd, v, nr, advice, 0);
}

static int in_memory(int page)
{
    unsigned char m;

    CHECK(mincore(a + page * PAGE, PAGE, &m) == 0);
    return m & 1;
}

int main(void)
{
    struct iovec v[3];
    int fd, status, go[2], out[2];
    pid_t pid;
    char c;

    a = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE | PROT_ADI,
             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(a != MAP_FAILED);
    for (int i = 0; i < 8; i++) {
        a[i * PAGE] = (char)i;
        tag_set(a + i * PAGE, (unsigned)(i + 1));
    }
    fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    CHECK(fd >= 0);
    v[0] = (struct iovec){ a, 2 * PAGE };
    v[1] = (struct iovec){ a, 0 };
    v[2] = (struct iovec){ tagged(a + 4 * PAGE, 5), PAGE };
    CHECK(advise(fd, v, 3, PAGEOUT) == 3 * (long)PAGE);
    for (int i = 0; i < 8; i++)
        CHECK(in_memory(i) == (i != 0 && i != 1 && i != 4));
    CHECK(*(char *)tagged(a + 4 * PAGE, 5) == 4); /* and its tag came back */
    CHECK(advise(fd, v, 1, COLD) == 2 * (long)PAGE);
    CHECK(advise(fd, v, 1, 3 /* WILLNEED */) == 2 * (long)PAGE);

    CHECK(IS(EINVAL, advise(fd, v, 1, MADV_DONTNEED)));
    CHECK(IS(EINVAL, advise(fd, v, 1025, COLD)));
    CHECK(IS(EINVAL, advise(fd, v, -1, COLD)));
    CHECK(IS(EBADF, advise(99, v, 1, COLD)));
    CHECK(IS(EBADF, advise(1, v, 1, COLD)));
    CHECK(IS(EFAULT, advise(fd, (void *)8, 1, COLD)));
    CHECK(IS(EINVAL, syscall(SYS_process_madvise, fd, v, 1, COLD, 1)));
    v[1] = (struct iovec){ a + 1, PAGE };
    CHECK(advise(fd, v, 3, COLD) == 2 * (long)PAGE); /* until the bad one */
    CHECK(IS(EINVAL, advise(fd, v + 1, 1, COLD)));
    v[1].iov_len = -1ul;
    CHECK(IS(EINVAL, advise(fd, v, 3, COLD)));
    CHECK(advise(fd, v, 0, COLD) == 0);

    /* A child's pages, which it has for itself. */
    CHECK(pipe(go) == 0 && pipe(out) == 0);
    pid = fork();
    if (pid == 0) {
        for (int i = 0; i < 8; i++)
            *(char *)tagged(a + i * PAGE, (unsigned)(i + 1)) = 'c';
        CHECK(write(out[1], "r", 1) == 1 && read(go[0], &c, 1) == 1);
        CHECK(!in_memory(5) && !in_memory(6) && in_memory(7));
        CHECK(*(char *)tagged(a + 5 * PAGE, 6) == 'c');
        exit(0);
    }
    CHECK(read(out[0], &c, 1) == 1);
    close(fd);
    fd = (int)syscall(SYS_pidfd_open, pid, 0);
    v[0] = (struct iovec){ a + 5 * PAGE, 2 * PAGE };
    CHECK(advise(fd, v, 1, PAGEOUT) == 2 * (long)PAGE);
    CHECK(in_memory(5) && in_memory(6)); /* not ours */
    CHECK(write(go[1], "g", 1) == 1);
    CHECK(waitid(P_PIDFD, (id_t)fd, &(siginfo_t){ 0 }, WEXITED | WNOWAIT) == 0);
    CHECK(IS(ESRCH, advise(fd, v, 1, PAGEOUT)));
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
    CHECK(IS(ESRCH, advise(fd, v, 1, PAGEOUT)));
    puts("ok");
    return 0;
}
