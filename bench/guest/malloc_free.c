// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * malloc() and free() of small sizes, 64 blocks alive at a time.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define PAIRS 2500000u
#define SLOTS 64

static unsigned char *slot[SLOTS];

int main(void)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < PAIRS; i++) {
        unsigned s = (i * 2654435761u >> 8) & (SLOTS - 1);

        if (slot[s])
            sum = sum * 31 + *slot[s];
        free(slot[s]);
        slot[s] = malloc(16 + (i & 127));
        if (!slot[s])
            return 1;
        *slot[s] = (unsigned char)i;
    }
    printf("%016llx\n", (unsigned long long)sum);
    return 0;
}
