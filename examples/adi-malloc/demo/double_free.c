// SPDX-License-Identifier: GPL-2.0-or-later
/* examples/adi-malloc/demo/double_free.c - frees a block twice: both a table
 * and its user think that it is theirs */
#include <stdio.h>
#include <stdlib.h>

static void forget(char *name)
{
    free(name); /* here */
}

int main(void)
{
    char *table[2] = {malloc(20), malloc(20)}, *mine = table[1];

    if (!table[0] || !table[1])
        return 1;
    for (int i = 0; i < 2; i++)
        forget(table[i]);
    forget(mine);
    puts("nobody has seen it");
    return 0;
}
