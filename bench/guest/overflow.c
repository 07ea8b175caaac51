// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Recursion 1,000 deep, 1,000 times: all but the first calls overflow the
 * register windows, and all but the first returns underflow them.
 */
#include <stdio.h>

#define DEPTH  1000
#define ROUNDS 1000

static __attribute__((noinline, noclone)) long down(long n, long a)
{
    volatile long z = n;
    long below;

    if (z == 0)
        return a;
    below = down(z - 1, a + z);
    return below + z;
}

int main(void)
{
    long sum = 0;

    for (int i = 0; i < ROUNDS; i++)
        sum += down(DEPTH, i);
    printf("%ld\n", sum);
    return 0;
}
