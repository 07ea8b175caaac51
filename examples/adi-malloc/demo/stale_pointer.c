// SPDX-License-Identifier: GPL-2.0-or-later
/* examples/adi-malloc/demo/stale_pointer.c - writes through a pointer from
 * before realloc() */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    int *numbers = malloc(16 * sizeof(*numbers)), *last;

    if (!numbers)
        return 1;
    last = numbers + 15;
    *last = 1;
    numbers = realloc(numbers, 17 * sizeof(*numbers));
    if (!numbers)
        return 1;
    *last = 2; /* here */
    printf("nobody has seen it: %d\n", numbers[15]);
    free(numbers);
    return 0;
}
