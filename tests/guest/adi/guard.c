// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/guard.c - guard markers, which Linux has since v6.13
 *
 * A page with tags that is in swap when it becomes a guard is zapped without a
 * hook: B1 by another call.
 *
 * run: --ram=4M --swap=16M
 * kernels: linux-6.18 linux-7.1
 * stdout: guards
 * report: kernel_bug == None and totals.lost_pages == 0
 * report: len(leaks) == 1 and leaks[0]["class"] == "definitely leaked"
 * report: leaks[0].cause.function == "zap_pte_range"
 * report: leaks[0].cause.hook == "missing" and leaks[0].users == 1
 * run: --ram=4M --swap=16M
 * kernels: remap linux-* mte-* !linux-6.18 !linux-7.1
 * stdout: EINVAL
 * report: errors == False
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "adi/adi.h"

#define RWA     (PROT_READ | PROT_WRITE | PROT_ADI)
#define INSTALL 102
#define REMOVE  103

#define PM_GUARD_REGION (1ull << 58)
#define IS(err, call)   (errno = 0, (call) == -1 && errno == (err))

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

INSN(ld_b, "", "ldub [%o0], %o1", "");
INSN(st_b, "", "stb %o1, [%o0]", "");

/* As the bounds of a stack: every access is SIGSEGV, SEGV_ACCERR. */
static int is_guard(char *p)
{
    (void)ld_b(p, 0, NULL);
    if (seen.count == 0)
        return 0;
    CHECK(saw(SIGSEGV, SEGV_ACCERR, p, ld_b_pc));
    (void)st_b(p, 0, NULL);
    CHECK(saw(SIGSEGV, SEGV_ACCERR, p, st_b_pc));
    return 1;
}

static uint64_t pagemap(char *p)
{
    int fd = open("/proc/self/pagemap", O_RDONLY);
    uint64_t word;

    CHECK(fd >= 0 && pread(fd, &word, 8, (off_t)((uintptr_t)p / PAGE * 8)) == 8);
    CHECK(close(fd) == 0);
    return word;
}

/* What gets pages as a debugger, or copies, has an error. */
static void ways_of_the_kernel(char *p)
{
    char byte = 1;
    struct iovec here = {&byte, 1}, there = {p, 1};
    int zero = open("/dev/zero", O_RDONLY), ends[2];
    int mem = open("/proc/self/mem", O_RDWR);
    unsigned char in;

    CHECK(pipe(ends) == 0);
    CHECK(IS(EFAULT, process_vm_readv(getpid(), &here, 1, &there, 1, 0)));
    CHECK(IS(EIO, pread(mem, &byte, 1, (off_t)(uintptr_t)p)));
    CHECK(IS(EFAULT, read(zero, p, 8)) && IS(EFAULT, write(ends[1], p, 8)));
    CHECK(IS(EFAULT, madvise(p, PAGE, MADV_POPULATE_READ)));
    CHECK(IS(ENOMEM, mlock(p, PAGE)) && munlock(p, PAGE) == 0);
    CHECK(mincore(p, PAGE, &in) == 0 && in == 0);
    CHECK(pagemap(p) & PM_GUARD_REGION);
    close(zero), close(mem), close(ends[0]), close(ends[1]);
}

static void what_they_survive(char *p)
{
    pid_t child;
    int status;
    char *q;

    CHECK(madvise(p, PAGE, MADV_DONTNEED) == 0);
    CHECK(madvise(p, PAGE, MADV_FREE) == 0);
    CHECK(mprotect(p, PAGE, PROT_READ) == 0 && is_guard(p));
    CHECK(mprotect(p, PAGE, PROT_READ | PROT_WRITE) == 0 && is_guard(p));
    child = fork();
    if (child == 0)
        _exit(is_guard(p) ? 7 : 8);
    CHECK(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 7);
    q = mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + 64 * PAGE);
    CHECK(q == p + 64 * PAGE && is_guard(q));
    CHECK(madvise(q, PAGE, REMOVE) == 0 && !is_guard(q) && *q == 0);
    CHECK(!(pagemap(q) & PM_GUARD_REGION));
    CHECK(madvise(q, PAGE, INSTALL) == 0 && munmap(q, PAGE) == 0);
}

/* Any advice to oneself. */
static void by_process_madvise(char *p)
{
    struct iovec v = {p, PAGE};
    int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

    CHECK(syscall(SYS_process_madvise, fd, &v, 1, INSTALL, 0) == (long)PAGE);
    CHECK(is_guard(p));
    CHECK(syscall(SYS_process_madvise, fd, &v, 1, REMOVE, 0) == (long)PAGE);
    CHECK(!is_guard(p) && close(fd) == 0);
}

int main(void)
{
    char *p = page_at(0x70000000, RWA);
    char *q = (char *)0x70100000;

    /* pread(2) of /proc/self/mem has no upper half of the addresses. */
    CHECK(mmap(q, 3 * PAGE, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == q);
    faults_catch();
    tag_range(p, PAGE, 5);
    if (madvise(p, PAGE, INSTALL) == -1) {
        CHECK(errno == EINVAL && IS(EINVAL, madvise(p, PAGE, REMOVE)));
        printf("EINVAL\n");
        return 0;
    }
    CHECK(is_guard(p) && madvise(p, PAGE, REMOVE) == 0);
    CHECK(tag_get(p) == 0); /* another page */
    tag_range(p, PAGE, 5);
    page_out(p);
    CHECK(madvise(p, PAGE, INSTALL) == 0 && is_guard(p));
    (void)tag_get(p);
    CHECK(saw(SIGSEGV, SEGV_ACCERR, p, NULL));

    memset(q, 1, 3 * PAGE);
    CHECK(madvise(q + PAGE, PAGE, INSTALL) == 0 && is_guard(q + PAGE));
    CHECK(!is_guard(q) && !is_guard(q + 2 * PAGE) && q[2 * PAGE] == 1);
    ways_of_the_kernel(q + PAGE);
    what_they_survive(q + PAGE);
    by_process_madvise(q);
    CHECK(mlock(q, PAGE) == 0 && IS(EINVAL, madvise(q, PAGE, INSTALL)));
    CHECK(madvise(q, PAGE, REMOVE) == 0 && munlock(q, PAGE) == 0);
    printf("guards\n");
    return 0;
}
