// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/number.h"

#include <inttypes.h>
#include <stdio.h>

const char *commas(uint64_t n, char buf[static COMMAS_BYTES])
{
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);
    char *out = buf;

    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            *out++ = ',';
        *out++ = digits[i];
    }
    *out = '\0';
    return buf;
}
