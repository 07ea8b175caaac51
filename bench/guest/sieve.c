// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sieve of Eratosthenes: byte stores with growing strides.
 *
 *   sieve MIB PASSES
 *
 * 1 MiB stays in a second-level cache and in a small TLB; 8 MiB is 1,024
 * pages, more than a small TLB holds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t sieve(unsigned char *flags, size_t n)
{
    size_t primes = 0;

    memset(flags, 1, n);
    for (size_t i = 2; i * i < n; i++) {
        if (!flags[i])
            continue;
        for (size_t j = i * i; j < n; j += i)
            flags[j] = 0;
    }
    for (size_t i = 2; i < n; i++)
        primes += flags[i];
    return primes;
}

int main(int argc, char **argv)
{
    size_t n = argc > 2 ? strtoul(argv[1], NULL, 0) << 20 : 0;
    long passes = n ? atol(argv[2]) : 0;
    unsigned char *flags = n ? malloc(n) : NULL;

    if (!flags)
        return 2;
    for (long i = 0; i < passes; i++)
        printf("%zu\n", sieve(flags, n));
    free(flags);
    return 0;
}
