// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The C library's qsort() on 10,000 ints, 80 times: calls through a pointer
 * in the middle of ordinary library code.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT  10000
#define ROUNDS 80

static int values[COUNT];

static int compare(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;

    return (x > y) - (x < y);
}

int main(void)
{
    uint32_t x = 1, sum = 0;

    for (int r = 0; r < ROUNDS; r++) {
        for (int i = 0; i < COUNT; i++) {
            x = x * 1664525u + 1013904223u;
            values[i] = (int)(x >> 1);
        }
        qsort(values, COUNT, sizeof(values[0]), compare);
        for (int i = 1; i < COUNT; i++)
            if (values[i - 1] > values[i])
                return 1;
        sum = sum * 31 + (uint32_t)values[r];
    }
    printf("%08x\n", sum);
    return 0;
}
