/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plain/fresh.h - pages that nobody has touched, and what came of them
 *
 * Under --stress=wait:1 all these pages are waited for.
 */
#pragma once

#include <stdio.h>
#include <sys/mman.h>

#define PAGE 8192

/* @bytes at the end of a page and the beginning of the next, of three. */
static inline void *fresh(size_t bytes)
{
    char *p = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return p + (PAGE - bytes / 2 / 8 * 8);
}

static inline void say(const char *what, long value)
{
    printf("%-24s %ld\n", what, value);
    fflush(stdout);
}
