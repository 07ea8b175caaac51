// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Integer arithmetic in registers: no memory, no calls.
 *
 * 100 million steps of xorshift, six dependent operations and one addition
 * each.  A translator can at best reach the host's own latency here.
 */
#include <stdint.h>
#include <stdio.h>

#define STEPS 100000000u

int main(void)
{
    uint64_t x = 88172645463325252ull, sum = 0;

    for (unsigned i = 0; i < STEPS; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        sum += x;
    }
    printf("%016llx %016llx\n", (unsigned long long)x,
           (unsigned long long)sum);
    return 0;
}
