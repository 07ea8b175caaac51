/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plain.h - the few helpers that the plain guest tests share
 */
#ifndef PLAIN_H
#define PLAIN_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLD_START 0x2545f4914f6cdd1dULL

/* Fold one value into a running checksum. */
static inline uint64_t fold(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9e3779b97f4a7c15ULL;
    return h ^ (h >> 29);
}

/* Fold n bytes, in memory order. */
static inline uint64_t fold_bytes(uint64_t h, const void *p, size_t n)
{
    const unsigned char *s = p;

    while (n-- > 0)
        h = fold(h, *s++);
    return h;
}

/* Fold the bits of a double. */
static inline uint64_t fold_double(uint64_t h, double d)
{
    uint64_t v;

    memcpy(&v, &d, sizeof(v));
    return fold(h, v);
}

/* A small repeatable generator. The state must not be zero. */
static inline uint64_t next_random(uint64_t *state)
{
    uint64_t x = *state;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    *state = x;
    return x * 0xd1342543de82ef95ULL;
}

/* Make a fresh directory below the current one and go there. */
static inline void enter_scratch(char name[32])
{
    strcpy(name, "./adiemu-test-XXXXXX");
    if (!mkdtemp(name) || chdir(name)) {
        puts("no scratch directory");
        exit(99);
    }
}

/* Go back and remove the directory, which must be empty by now. */
static inline void leave_scratch(const char *name)
{
    if (chdir("..") || rmdir(name)) {
        puts("scratch directory not removed");
        exit(98);
    }
}

#endif
