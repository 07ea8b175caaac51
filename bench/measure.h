/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench/measure.h - what the programs here have in common
 */
#pragma once

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Nothing is measured without memory. */
static inline void *must(void *p)
{
    if (!p) {
        fprintf(stderr, "bench: the host has no memory\n");
        exit(1);
    }
    return p;
}

static inline double now_ns(void)
{
    struct timespec t;

    /* Others may use the machine: our own time counts. */
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* "@a_@b" in @out, with nothing in it but letters, digits and _. */
static inline void row_name(char *out, size_t size, const char *a,
                            const char *b)
{
    snprintf(out, size, "%s_%s", a, b);
    for (; *out; out++)
        if (!isalnum((unsigned char)*out))
            *out = '_';
}

static inline int compare_numbers(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* Sorts @samples. */
static inline double median(double *samples, size_t nr)
{
    qsort(samples, nr, sizeof(*samples), compare_numbers);
    return samples[nr / 2];
}
