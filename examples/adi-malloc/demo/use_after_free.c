// SPDX-License-Identifier: GPL-2.0-or-later
/* examples/adi-malloc/demo/use_after_free.c - reads a block that is free: a
 * list that is freed link by link */
#include <stdio.h>
#include <stdlib.h>

struct link {
    int value;
    struct link *next;
};

int main(void)
{
    struct link *list = NULL;

    for (int i = 0; i < 4; i++) {
        struct link *l = malloc(sizeof(*l));

        if (!l)
            return 1;
        *l = (struct link){i, list};
        list = l;
    }
    for (struct link *l = list; l; l = l->next) /* here */
        free(l);
    puts("nobody has seen it");
    return 0;
}
