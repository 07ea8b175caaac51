// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/net/layout.h"

#include <endian.h>
#include <stdbool.h>

static size_t size_of(char field)
{
    switch (field) {
    case 'd': return 8;
    case 'h': return 2;
    case 'b': return 1;
    default: return 4;
    }
}

static bool is_number(char field)
{
    return field == 'w' || field == 'h' || field == 'd';
}

static void reverse(uint8_t *raw, size_t len)
{
    for (size_t i = 0; i < len / 2; i++) {
        uint8_t byte = raw[i];

        raw[i] = raw[len - 1 - i];
        raw[len - 1 - i] = byte;
    }
}

void layout_swap(uint8_t *raw, size_t len, const char *layout)
{
    size_t at = 0;

    /* The same word, if this machine has that order, too. */
    if (htobe16(1) == 1)
        return;
    for (; *layout && at + size_of(*layout) <= len; layout++) {
        if (is_number(*layout))
            reverse(raw + at, size_of(*layout));
        at += size_of(*layout);
    }
}
