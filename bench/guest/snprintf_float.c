// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * snprintf() with integers, a string and a double: library code with many
 * short functions and multiple-precision arithmetic.
 */
#include <stdint.h>
#include <stdio.h>

#define CALLS 120000

int main(void)
{
    char text[128];
    uint64_t sum = 0;

    for (int i = 0; i < CALLS; i++) {
        int n = snprintf(text, sizeof(text), "%d %s %lx %5.3f", i, "abc",
                         (unsigned long)i * 17, i * 0.37);

        for (int c = 0; c < n; c++)
            sum = sum * 31 + (unsigned char)text[c];
    }
    printf("%016llx\n", (unsigned long long)sum);
    return 0;
}
