// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/invariant.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void invariant_failed(const char *expr, const char *file, int line)
{
    fflush(stdout);
    fprintf(stderr, "adiemu: internal error: %s:%d: %s\n", file, line, expr);
    abort();
}
