/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench/guest/bench.h - time and median, for guests that time themselves
 *
 * A line "NAME NUMBER" on stdout is a measurement; every other line is part
 * of the result, which must be the same in each run.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NOINLINE __attribute__((noinline, noclone))
#define SAMPLES  9 /* of each measurement; the median counts */

static inline double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* A step of a linear congruential generator; use the high bits. */
static inline uint64_t lcg(uint64_t x)
{
    return x * 6364136223846793005ull + 1442695040888963407ull;
}

static inline int bench_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static inline double median(double *samples, size_t n)
{
    qsort(samples, n, sizeof(*samples), bench_compare);
    return samples[n / 2];
}
