// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/efault.c - system calls with tagged pointers
 *
 * The system reads and writes the program's memory with the program's
 * pointer, tags checked: EFAULT or a short count.  Where an address names
 * an area, most calls strip the version; some do not.
 *
 * run: --swap=64M
 * kernels: remap mte-*
 * report: all_kept and totals.mismatches > 0
 * run: --swap=64M
 * kernels: linux-*
 * run: --ram=16M --swap=64M --stress=swap:1000:1
 * also: --kernel=swap-keyed
 * report: all_kept and counters.tags_restored > 0
 * run: --swap=64M --stress=migrate:1000:1
 * also: --kernel=swap-keyed
 * report: all_kept and counters.pages_migrated > 0
 */
#define _GNU_SOURCE /* mremap */
#include <errno.h>
#include <sys/ipc.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <time.h>

#include "adi/adi.h"

#define RW (PROT_READ | PROT_WRITE)

static char *page; /* tag 5 */

#define FAULTS(call) (errno = 0, (call) == -1 && errno == EFAULT)
#define INVALID(call) (errno = 0, (call) == -1 && errno == EINVAL)

static long sys(long nr, const void *a, const void *b, const void *c,
                const void *d)
{
    return syscall(nr, a, b, c, d);
}

#define P(n) ((const void *)(uintptr_t)(n))

/* Calls that write at @p. */
static int outs_work(void *p)
{
    memset(tagged(p, 5), 0, 512);
    return sys(SYS_uname, p, 0, 0, 0) == 0 &&
           strcmp(((struct utsname *)tagged(p, 5))->sysname, "Linux") == 0 &&
           sys(SYS_clock_gettime, P(CLOCK_MONOTONIC), p, 0, 0) == 0 &&
           sys(SYS_sysinfo, p, 0, 0, 0) == 0 &&
           ((struct sysinfo *)tagged(p, 5))->totalram > 0 &&
           sys(SYS_getrlimit, P(RLIMIT_STACK), p, 0, 0) == 0 &&
           sys(SYS_getrusage, P(RUSAGE_SELF), p, 0, 0) == 0 &&
           sys(SYS_getrandom, p, P(100), 0, 0) == 100 &&
           sys(SYS_gettimeofday, p, 0, 0, 0) == 0 &&
           sys(SYS_rt_sigprocmask, P(SIG_BLOCK), 0, p, P(8)) == 0 &&
           sys(SYS_sigaltstack, 0, p, 0, 0) == 0;
}

static void outs_fail(void *p)
{
    char before[512];

    memcpy(before, tagged(p, 5), sizeof(before));
    CHECK(FAULTS(sys(SYS_uname, p, 0, 0, 0)));
    CHECK(FAULTS(sys(SYS_clock_gettime, P(CLOCK_MONOTONIC), p, 0, 0)));
    CHECK(FAULTS(sys(SYS_sysinfo, p, 0, 0, 0)));
    CHECK(FAULTS(sys(SYS_getrlimit, P(RLIMIT_STACK), p, 0, 0)));
    CHECK(FAULTS(sys(SYS_getrusage, P(RUSAGE_SELF), p, 0, 0)));
    CHECK(FAULTS(sys(SYS_getrandom, p, P(100), 0, 0)));
    CHECK(FAULTS(sys(SYS_gettimeofday, p, 0, 0, 0)));
    CHECK(FAULTS(sys(SYS_rt_sigprocmask, P(SIG_BLOCK), 0, p, P(8))));
    CHECK(FAULTS(sys(SYS_sigaltstack, 0, p, 0, 0)));
    CHECK(memcmp(before, tagged(p, 5), sizeof(before)) == 0);
}

/* Calls that read at @p. */
static int ins_work(void *p)
{
    struct rlimit limit = {64, 64};

    memset(tagged(p, 5), 0, 64);
    if (sys(SYS_rt_sigprocmask, P(SIG_BLOCK), p, 0, P(8)) ||
        sys(SYS_nanosleep, p, 0, 0, 0))
        return 0;
    memcpy(tagged(p, 5), &limit, sizeof(limit));
    return sys(SYS_setrlimit, P(RLIMIT_CORE), p, 0, 0) == 0;
}

static void ins_fail(void *p)
{
    CHECK(FAULTS(sys(SYS_rt_sigprocmask, P(SIG_BLOCK), p, 0, P(8))));
    CHECK(FAULTS(sys(SYS_nanosleep, p, 0, 0, 0)));
    CHECK(FAULTS(sys(SYS_setrlimit, P(RLIMIT_CORE), p, 0, 0)));
    CHECK(FAULTS(sys(SYS_sigaltstack, p, 0, 0, 0)));
    CHECK(FAULTS(write(1, p, 10)));
}

static void buffers(char *p)
{
    CHECK(outs_work(tagged(p, 5)));
    CHECK(ins_work(tagged(p, 5)));
    for (unsigned tag = 0; tag < 16; tag++) {
        if (tag == 5)
            continue;
        outs_fail(tagged(p, tag));
        ins_fail(tagged(p, tag));
    }
}

/* The second half of a buffer has another version. */
static void half(void)
{
    char *p = tagged(page + 4 * BLOCK, 5);
    ssize_t n;

    tag_set(p + 2 * BLOCK, 6);
    memset(p, '.', 2 * BLOCK - 1);
    p[2 * BLOCK - 1] = '\n';
    errno = 0;
    n = write(1, p, 4 * BLOCK);
    CHECK((n == -1 && errno == EFAULT) || (n > 0 && n <= (long)(2 * BLOCK)));
    errno = 0;
    n = getrandom(p, 4 * BLOCK, 0);
    CHECK((n == -1 && errno == EFAULT) || (n > 0 && n <= (long)(2 * BLOCK)));
    /* What lies in the block is whole or not there. */
    CHECK(FAULTS(sys(SYS_uname, p, 0, 0, 0)));
    CHECK(FAULTS(sys(SYS_clock_gettime, P(CLOCK_MONOTONIC),
                     tagged(p + 2 * BLOCK, 5), 0, 0)));
    CHECK(sys(SYS_clock_gettime, P(CLOCK_MONOTONIC), tagged(p + 2 * BLOCK, 6),
              0, 0) == 0);
    CHECK(sys(SYS_clock_gettime, P(CLOCK_MONOTONIC), p + 2 * BLOCK - 16, 0,
              0) == 0);
    CHECK(FAULTS(sys(SYS_clock_gettime, P(CLOCK_MONOTONIC),
                     p + 2 * BLOCK - 8, 0, 0)));
    tag_set(p + 2 * BLOCK, 15); /* matches all */
    CHECK(write(1, p, 2 * BLOCK) == (ssize_t)(2 * BLOCK));
    CHECK(getrandom(p, 4 * BLOCK, 0) == (ssize_t)(4 * BLOCK));
    tag_set(p + 2 * BLOCK, 5);
    /* Over the edge of a page whose version is another. */
    p = tagged(page + PAGE - 16, 5);
    CHECK(sys(SYS_clock_gettime, P(CLOCK_MONOTONIC), p, 0, 0) == 0);
    CHECK(FAULTS(sys(SYS_clock_gettime, P(CLOCK_MONOTONIC), p + 8, 0, 0)));
}

/* Calls that name an area. */
static void areas(void)
{
    char *p = map_pages(8, RW | PROT_ADI), *q;
    unsigned char in[8];

    memset(p, 1, 8 * PAGE);
    CHECK(mprotect(tagged(p, 3), PAGE, RW | PROT_ADI) == 0);
    CHECK(madvise(tagged(p, 4), PAGE, MADV_DONTNEED) == 0);
    CHECK(p[0] == 0);
    CHECK(mincore(tagged(p, 6), PAGE, in) == 0);
    CHECK(mlock(tagged(p, 7), PAGE) == 0 && munlock(tagged(p, 8), PAGE) == 0);
    CHECK(msync(tagged(p, 9), PAGE, MS_SYNC) == 0);
    q = mremap(tagged(p + 4 * PAGE, 10), PAGE, 2 * PAGE, MREMAP_MAYMOVE);
    CHECK(q != MAP_FAILED && q[0] == 1 && q[PAGE] == 0);
    CHECK((uintptr_t)q >> 60 == (uintptr_t)p >> 60); /* an untagged result */
    CHECK(munmap(tagged(q, 11), 2 * PAGE) == 0);
    CHECK(munmap(tagged(p, 12), 4 * PAGE) == 0);
    errno = 0;
    CHECK(mincore(p, PAGE, in) == -1 && errno == ENOMEM);
    CHECK(FAULTS(mincore(p + 5 * PAGE, PAGE, tagged(page, 6))));
    CHECK(mincore(p + 5 * PAGE, PAGE, tagged(page, 5)) == 0);

    /* New addresses are taken as they are. */
    CHECK(INVALID((long)mmap(tagged(p, 5), PAGE, RW,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)));
    CHECK(INVALID((long)mremap(p + 5 * PAGE, PAGE, PAGE,
                               MREMAP_MAYMOVE | MREMAP_FIXED, tagged(p, 5))));
    /* A hint is only a hint. */
    q = mmap(tagged(p, 5), PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(q != MAP_FAILED && (uintptr_t)q >> 60 != 5);
    CHECK(munmap(q, PAGE) == 0);
    CHECK(munmap(p, 8 * PAGE) == 0);
}

static void segments(void)
{
    int id = shmget(IPC_PRIVATE, 4 * PAGE, 0600);
    char *p = shmat(id, NULL, 0);

    CHECK(id >= 0 && p != (void *)-1);
    CHECK(shmctl(id, IPC_RMID, NULL) == 0);
    /* Neither shmat() nor shmdt() strips a version. */
    CHECK(INVALID(shmdt(tagged(p, 5))));
    CHECK(INVALID((long)shmat(id, tagged(p + (1 << 24), 5), 0)));
    p[0] = 1;
    CHECK(shmdt(p) == 0);
}

/* brk() neither: a tagged address is out of bounds, nothing changes. */
static void heap(void)
{
    uintptr_t now = (uintptr_t)sys(SYS_brk, 0, 0, 0, 0);

    CHECK((uintptr_t)sys(SYS_brk, tagged(P(now), 5), 0, 0, 0) == now);
    CHECK((uintptr_t)sys(SYS_brk, 0, 0, 0, 0) == now);
}

static volatile int handled;

static void on_usr1(int sig)
{
    handled += sig == SIGUSR1;
}

/* struct sigaction and pathnames with versions. */
static void others(void)
{
    struct sigaction *act = tagged(page + 1024, 5);
    char *name = tagged(page + 2048, 5);

    memset(act, 0, sizeof(*act));
    act->sa_handler = on_usr1;
    CHECK(sigaction(SIGUSR1, act, NULL) == 0);
    raise(SIGUSR1);
    CHECK(handled == 1);
    /* glibc copies the structure itself: the call on its own. */
    CHECK(FAULTS(syscall(SYS_rt_sigaction, SIGUSR1, tagged(act, 6), NULL, NULL,
                         8)));
    CHECK(FAULTS(syscall(SYS_rt_sigaction, SIGUSR1, NULL, tagged(act, 6), NULL,
                         8)));
    CHECK(syscall(SYS_rt_sigaction, SIGUSR1, NULL, act, NULL, 8) == 0);
    CHECK(act->sa_handler == on_usr1);
    strcpy(name, "/no/such/file");
    errno = 0;
    CHECK(unlink(tagged(name, 7)) == -1 && errno == EFAULT);
}

int main(void)
{
    page = map_pages(3, RW | PROT_ADI);
    tag_range(page, PAGE, 5);
    tag_range(page + PAGE, PAGE, 9);
    for (unsigned per = 0; per < 2; per++) {
        mcdper_set(per); /* the system has its own */
        buffers(page);
        buffers(page + 1000);
        page_out(page);
        CHECK(outs_work(tagged(page, 5)));
        page_out(page);
        ins_fail(tagged(page, 6));
        page_out(page);
        CHECK(ins_work(tagged(page, 5)));
        half();
        CHECK(mcdper_get() == per);
    }
    /* Mixed, and of a version that matches every pointer. */
    tag_set(page + PAGE - BLOCK, 1);
    buffers(page);
    tag_range(page + 2 * PAGE, PAGE, 15);
    for (unsigned tag = 0; tag < 16; tag++)
        CHECK(sys(SYS_uname, tagged(page + 2 * PAGE, tag), 0, 0, 0) == 0);
    areas();
    segments();
    heap();
    others();
    return 0;
}
