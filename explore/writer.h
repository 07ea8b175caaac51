/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/writer.h - a state, written down as words without names
 *
 * Owns:    struct writer: the words, and what has which number in them
 * Used by: explore/state.c, explore/state_judges.c
 */
#pragma once

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "adi/tags.h"
#include "base/invariant.h"
#include "explore/scope.h"
#include "explore/world.h"
#include "mm/mm.h"
#include "mm/phys.h"

#define MAX_WORDS (1u << 18)
#define MAX_NAMES 8192

/* Things of one kind, in the order in which they were named. */
struct names {
    unsigned nr;
    uint64_t of[MAX_NAMES];
};

struct writer {
    struct world *w;
    const struct scope *scope;
    struct alone *alone;
    struct memory *mem;
    struct phys *ph;
    struct adi *adi;
    struct swap *swap;
    struct judge *judge;
    struct mm *mms[WORLD_MAX_PROCESSES + 1]; /* by number of the process */
    struct names frames, slots, buffers, objects, trees;
    unsigned nr;
    uint32_t words[MAX_WORDS];
};

static inline void put(struct writer *t, uint32_t word)
{
    INVARIANT(t->nr < MAX_WORDS);
    t->words[t->nr++] = word;
}

static inline void put64(struct writer *t, uint64_t v)
{
    put(t, (uint32_t)v);
    put(t, (uint32_t)(v >> 32));
}

/* From 1. */
static inline unsigned name(struct names *names, uint64_t of)
{
    unsigned i = 0;

    while (i < names->nr && names->of[i] != of)
        i++;
    if (i == names->nr) {
        INVARIANT(names->nr < MAX_NAMES);
        names->of[names->nr++] = of;
    }
    return i + 1;
}

/* The number behind the last: what has no name is as good as any other. */
static inline unsigned known(const struct names *names, uint64_t of)
{
    unsigned i = 0;

    while (i < names->nr && names->of[i] != of)
        i++;
    return i + 1;
}

/* 0: there is none. */
static inline void put_name(struct writer *t, struct names *names, uint64_t of)
{
    put(t, of ? name(names, of) : 0);
}

static inline void put_pointer(struct writer *t, struct names *names,
                               const void *p)
{
    put_name(t, names, (uintptr_t)p);
}

static inline void put_frame(struct writer *t, const struct folio *folio)
{
    put_name(t, &t->frames, folio ? phys_pfn(t->ph, folio) : 0);
}

/* The process of an address space; 0: of none that is alive. */
static inline uint32_t process_of(const struct writer *t, uint32_t mm)
{
    for (uint32_t p = 1; p <= WORLD_MAX_PROCESSES; p++)
        if (t->mms[p] && mm_id(t->mms[p]) == mm)
            return p;
    return 0;
}

static inline void put_tags(struct writer *t,
                            const adi_tag_t tags[static ADI_TAGS_PER_PAGE])
{
    int uniform = tags_uniform(tags);

    put(t, (uint32_t)uniform);
    if (uniform < 0)
        put64(t, XXH3_64bits(tags, ADI_TAGS_PER_PAGE));
}

/* put_judges - what the judges know of pages, but for the oracle */
void put_judges(struct writer *t);
