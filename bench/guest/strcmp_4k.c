// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * strcmp() of two equal strings of 4 KiB: the C library reads ahead with
 * non-faulting loads (ASI 0x82).
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define BYTES 4096
#define CALLS 50000

static char a[BYTES], b[BYTES];
static int (*volatile compare)(const char *, const char *) = strcmp;

int main(void)
{
    unsigned equal = 0, less = 0;

    memset(a, 'a', BYTES - 1);
    memcpy(b, a, BYTES);
    for (unsigned i = 0; i < CALLS; i++) {
        /* Now and then they differ near the end. */
        b[BYTES - 2] = i % 100 == 0 ? 'b' : 'a';
        int c = compare(a, b);

        equal += c == 0;
        less += c < 0;
    }
    printf("%u equal, %u less\n", equal, less);
    return 0;
}
