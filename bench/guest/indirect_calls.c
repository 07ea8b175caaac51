// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls through a table of functions: the target changes each time.
 */
#include <stdint.h>
#include <stdio.h>

#define CALLS 16000000u

static uint64_t inc(uint64_t a)
{
    return a + 1;
}

static uint64_t flip(uint64_t a)
{
    return a ^ 3;
}

static uint64_t dec(uint64_t a)
{
    return a - 2;
}

static uint64_t mul(uint64_t a)
{
    return a * 5;
}

/* volatile: the compiler may not see through it. */
static uint64_t (*volatile table[4])(uint64_t) = {inc, flip, dec, mul};

int main(void)
{
    uint64_t a = 0;

    for (unsigned i = 0; i < CALLS; i++)
        a = table[(i * 7) & 3](a);
    printf("%016llx\n", (unsigned long long)a);
    return 0;
}
