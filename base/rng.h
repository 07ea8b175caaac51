/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * base/rng.h - a seeded stream of numbers: the same on every host
 *
 * Owns:    nothing
 * Used by: all that make things up by a seed
 * Source:  splitmix64 by Sebastiano Vigna, public domain algorithm
 */
#pragma once

#include <stdint.h>

struct rng {
    uint64_t state;
};

static inline uint64_t rng_next(struct rng *rng)
{
    uint64_t z = rng->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}
