// SPDX-License-Identifier: GPL-2.0-or-later
/* examples/adi-malloc/demo/overflow.c - writes behind a block: the last line of
 * a table is one too many */
#include <stdio.h>
#include <stdlib.h>

#define LINES 8

struct line {
    long number;
    char text[56];
};

int main(void)
{
    struct line *lines = malloc(LINES * sizeof(*lines));
    char *secret = malloc(512);

    if (!lines || !secret)
        return 1;
    for (int i = 0; i <= LINES; i++)
        lines[i].number = i; /* here */
    puts("nobody has seen it");
    free(secret);
    free(lines);
    return 0;
}
