// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Recursion: fib(32), 7 million calls.
 *
 * The local is volatile, so each call has a frame and its own window; the
 * depth changes around the number of windows, so some calls overflow.
 */
#include <stdio.h>

static __attribute__((noinline, noclone)) int fib(int n)
{
    volatile int z = n;

    if (z < 2)
        return z;
    return fib(z - 1) + fib(z - 2);
}

int main(void)
{
    volatile int n = 32;

    printf("%d\n", fib(n));
    return 0;
}
