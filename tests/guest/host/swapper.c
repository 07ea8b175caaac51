// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host/swapper.c - fills more memory than the machine has, and reads it back
 *
 * Prints "full" when all is stored, then waits for a line on stdin.  Exits
 * with 1 when a page is not what it was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE 8192

int main(int argc, char **argv)
{
    long pages = (argc > 1 ? atol(argv[1]) : 8) * (1 << 20) / PAGE, bad = 0;
    long *p = mmap(NULL, (size_t)pages * PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        return 2;
    for (long round = 0; round < 2; round++) {
        for (long i = 0; i < pages; i++)
            p[i * PAGE / 8] = i * 3 + round;
        if (round == 0) {
            puts("full");
            fflush(stdout);
            (void)getchar();
        }
        for (long i = 0; i < pages; i++)
            bad += p[i * PAGE / 8] != i * 3 + round;
    }
    printf("%ld pages are wrong\n", bad);
    return bad != 0;
}
