// SPDX-License-Identifier: GPL-2.0-or-later
/* dl/preload.c - stands in for a function of the C library */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>

int abs(int n)
{
    int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "abs");

    return 1000 + next(n);
}
