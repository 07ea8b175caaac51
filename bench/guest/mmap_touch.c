// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * First touch of pages: map 16 MiB, store to each 8 KiB page, unmap; 60
 * times, so 122,880 page faults.
 */
#include <stdio.h>
#include <sys/mman.h>

#define PAGE   8192ul
#define BYTES  (16ul << 20)
#define ROUNDS 60

int main(void)
{
    unsigned long bad = 0, touched = 0;

    for (int r = 0; r < ROUNDS; r++) {
        volatile char *p = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (p == MAP_FAILED)
            return 1;
        for (unsigned long at = 0; at < BYTES; at += PAGE) {
            p[at] = 1;
            bad += p[at + PAGE - 1] != 0; /* a fresh page is zero */
            touched++;
        }
        if (munmap((void *)p, BYTES) != 0)
            return 1;
    }
    printf("%lu touched, %lu not zero\n", touched, bad);
    return 0;
}
