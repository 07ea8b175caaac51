/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/bytes_internal.h - pages and objects, as actions leave them
 *
 * Owns:    the layout of struct bytes
 * Used by: explore/bytes.c, explore/bytes_object.c, explore/bytes_look.c
 */
#pragma once

#include <assert.h>

#include "explore/bytes.h"
#include "explore/world.h"

struct mm_policy;

#define MAX_OBJECTS 4u
#define ANY_OBJECT  (MAX_OBJECTS + 1)
#define ALL_UNKNOWN UINT16_MAX

enum kind {
    KIND_NONE,    /* nothing is mapped */
    KIND_ANON,    /* private */
    KIND_PRIVATE, /* of an object */
    KIND_SHARED,
    KIND_OTHER,  /* of an object that is not followed */
    KIND_UNKNOWN /* something, maybe of any object */
};

enum maybe { NO, MAYBE, YES };

/* Of each byte that is followed, by bit: */
struct cell {
    uint16_t unknown;
    uint16_t freed; /* what it was, or 0 (MADV_FREE) */
    uint8_t byte[SCOPE_MAX];
};

/* Without padding, as all of it is hashed. */
struct page {
    uint8_t kind;
    uint8_t own; /* enum maybe: has a private page bytes of its own? */
    bool dontfork;
    uint8_t wipeonfork; /* enum maybe */
    bool cut;       /* its own went with the end of its file; then not seen */
    uint8_t object; /* of KIND_PRIVATE and KIND_SHARED, and */
    uint16_t index; /* page in it */
    struct cell cell;
};

static_assert(sizeof(struct page) == 8 + 4 + SCOPE_MAX, "it has padding");

struct object {
    uint32_t number; /* 0: there is none */
    bool file;
    bool any_size; /* @size is the least that it can be */
    uint64_t size;
    struct cell cell[SCOPE_MAX];
};

struct bytes {
    const struct scope *scope;      /* both borrowed */
    const struct mm_policy *policy; /* for the advice that there is */
    struct object *objects;         /* MAX_OBJECTS; NULL: no step names one */
    bool alive[WORLD_MAX_PROCESSES + 1];
    struct page pages[]; /* of process 1, then of 2, ... */
};

/* A range of pages of a process. */
struct range {
    uint32_t pid;
    gva_t start, end;
};

static inline struct page *page_at(struct bytes *b, uint32_t pid, unsigned n)
{
    return &b->pages[(size_t)(pid - 1) * b->scope->nr_pages + n];
}

/* NULL: it is not followed. */
static inline struct page *find_page(struct bytes *b, uint32_t pid, gva_t va)
{
    for (unsigned n = 0; n < b->scope->nr_pages; n++)
        if (b->scope->pages[n] == page_align_down(va))
            return page_at(b, pid, n);
    return NULL;
}

/* What the page shows; NULL: nobody knows. */
static inline struct cell *shown(struct bytes *b, struct page *p)
{
    if (p->kind == KIND_NONE || p->kind >= KIND_OTHER)
        return NULL;
    if (p->kind == KIND_ANON || (p->kind == KIND_PRIVATE && p->own != NO))
        return &p->cell;
    return p->index < SCOPE_MAX ? &b->objects[p->object].cell[p->index] : NULL;
}

static inline void unmap(struct page *p)
{
    *p = (struct page){.kind = KIND_NONE};
}

static inline void lose(struct page *p)
{
    *p = (struct page){.kind = KIND_UNKNOWN};
}

static inline void forget_cell(struct cell *cell)
{
    *cell = (struct cell){.unknown = ALL_UNKNOWN};
}

/* Of what is mapped there nobody knows what it is. */
static inline bool may_be_any(const struct page *p)
{
    return !p || p->kind == KIND_NONE || p->kind == KIND_UNKNOWN;
}

static inline void wipe(struct page *p)
{
    if (p->kind == KIND_ANON)
        p->cell = (struct cell){0};
    if (p->kind == KIND_PRIVATE) {
        p->own = NO;
        p->cell = (struct cell){0};
    }
}

static inline void may_be_freed(struct page *p)
{
    if (p->kind == KIND_ANON)
        p->cell.freed = ALL_UNKNOWN;
}

static inline void may_be_wiped(struct page *p)
{
    may_be_freed(p);
    if (p->kind == KIND_PRIVATE && p->own != NO) {
        p->own = MAYBE;
        forget_cell(&p->cell);
    }
}

/* bytes_object_of - its place, by number; MAX_OBJECTS: it is not followed */
unsigned bytes_object_of(const struct bytes *b, const struct script_action *a);

/* bytes_make_object - by an action that maps it; nothing when it is there */
void bytes_make_object(struct bytes *b, const struct script_action *a);

/* bytes_object_changed - its page is another: of who may have a copy, the
 * bytes are unknown */
void bytes_object_changed(struct bytes *b, unsigned object, uint32_t index);

/* bytes_any_object_changed - somebody stored to an object, nobody knows which
 * bytes_any_size_changed - it was made longer; @cut: or shorter */
void bytes_any_object_changed(struct bytes *b);
void bytes_any_size_changed(struct bytes *b, bool cut);

/* bytes_truncate, bytes_punch, bytes_pwrite - such an action was done */
void bytes_truncate(struct bytes *b, const struct script_action *a,
                    uint32_t pid);
void bytes_punch(struct bytes *b, const struct script_action *a, uint32_t pid);
void bytes_pwrite(struct bytes *b, const struct script_action *a, uint32_t pid,
                  int err);
