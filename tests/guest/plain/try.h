/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * try.h - a call and what came of it, a line each
 *
 * The program defines _GNU_SOURCE.
 */
#ifndef TRY_H
#define TRY_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The result, or the name of the error. */
static inline void say_call(const char *what, long r)
{
    if (r < 0)
        printf("  %-48s %s\n", what, strerrorname_np(errno));
    else
        printf("  %-48s %ld\n", what, r);
}

/* The same for results that are not the same everywhere. */
static inline void say_done(const char *what, long r)
{
    printf("  %-48s %s\n", what, r == -1 ? strerrorname_np(errno) : "ok");
}

#define TRY(call)      say_call(#call, call)
#define TRY_DONE(call) say_done(#call, (long)(call))

#endif
