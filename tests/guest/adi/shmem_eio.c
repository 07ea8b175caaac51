// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/shmem_eio.c - a page of shared memory that swap cannot give back
 *
 * v5.19 puts a marker in its place: the slot is free, and swapoff ends.  v5.17
 * leaves the entry: the slot stays in use, and swapoff tries again until a
 * signal comes.
 *
 * run: --swap=2M --fail=swapread:1
 * kernels: linux-5.* mte-5.18
 * stdout: 8 kB used, 8 kB after two loads that SIGBUS ended
 * stdout: swapoff: Interrupted system call
 * stderr: 1 of its slots cannot be freed
 * run: --swap=2M --fail=swapread:1
 * kernels: remap linux-* !linux-5.* mte-6.*
 * stdout: 8 kB used, 0 kB after two loads that SIGBUS ended
 * stdout: swapoff: Success
 */
#include "adi/adi.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/swap.h>

static sigjmp_buf back;

static void on_bus(int sig)
{
    siglongjmp(back, sig);
}

static unsigned used_kb(void)
{
    FILE *f = fopen("/proc/swaps", "r");
    char line[256];
    unsigned kb = 0;

    CHECK(f && fgets(line, sizeof(line), f));
    CHECK(fgets(line, sizeof(line), f));
    CHECK(sscanf(line, "%*s %*s %*s %u", &kb) == 1);
    fclose(f);
    return kb;
}

int main(void)
{
    char *p = mmap((void *)0x70000000ul, PAGE, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    volatile int loads = 0;
    unsigned before;

    CHECK(p != MAP_FAILED);
    p[0] = 'A';
    CHECK(madvise(p, PAGE, MADV_PAGEOUT) == 0);
    before = used_kb();
    signal(SIGBUS, on_bus);
    if (sigsetjmp(back, 1) == 0 || ++loads < 2)
        (void)*(volatile char *)p;
    printf("%u kB used, %u kB after %s loads that SIGBUS ended\n", before,
           used_kb(), loads == 2 ? "two" : "other");
    errno = 0;
    (void)swapoff("/dev/adi0");
    printf("swapoff: %s\n", strerror(errno));
    return 0;
}
