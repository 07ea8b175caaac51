/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge/paths.h - what became of tags on each path, in sums
 *
 * Owns:    struct path_sums of each path
 * Used by: print/; "adiemu compare" makes its matrix of them
 */
#pragma once

#include "event/event.h"

struct judge;

struct path_sums {
    uint64_t saved;    /* copies made */
    uint64_t refused;  /* copies that the store could not make */
    uint64_t restored; /* copies put into a frame */
    uint64_t moved;    /* copies that followed their page to a new address */
    uint64_t shared;   /* copies made for a child */
    uint64_t freed;    /* copies dropped because nobody needs them */
    uint64_t lost;     /* pages that were seen here without their tags */
    uint64_t stale;    /* pages that were seen here with somebody's tags */
    uint64_t leaked;   /* copies that this path cut off from their release */
    uint64_t leaked_bytes;
};

/* judge_path_sums - of @path so far; leaks when their mm is gone */
struct path_sums judge_path_sums(const struct judge *j, enum mm_path path);

/* path_sums_any - is one of them not 0? */
bool path_sums_any(const struct path_sums *s);
