// SPDX-License-Identifier: GPL-2.0-or-later
/* examples/adi-malloc/demo/underflow.c - reads in front of a block: a search
 * that does not find anything goes on */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *last_word(char *text)
{
    char *p = text + strlen(text);

    while (*--p != ' ') /* here */
        ;
    return p + 1;
}

int main(void)
{
    char *first = malloc(64), *second = malloc(64);

    if (!first || !second)
        return 1;
    strcpy(first, "two words");
    strcpy(second, "one");
    puts(last_word(first));
    puts(last_word(second));
    free(second);
    free(first);
    return 0;
}
