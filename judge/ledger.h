/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge/ledger.h - every saved copy of tags must meet its release
 *
 * Owns:    the books: tag buffers, the copies in them, the leaks
 * Used by: judge/judge.c feeds it events; print/; check/, api/; explore/
 *
 * A copy is saved when a PTE stops showing a page.  It is reachable as long
 * as that swap or migration entry exists, because only the end of the entry
 * can release it.  A copy whose entry is gone is leaked.
 *
 * A copy of a store that is keyed by swap entry belongs to the slot: it is
 * leaked when the slot is free and the copy still there.
 */
#pragma once

#include "judge/misrelease.h"

enum leak_class {
    LEAK_REACHABLE, /* a swap or migration PTE still stands for each copy */
    LEAK_PARTLY,    /* for some of the copies only */
    LEAK_DEFINITE,  /* no PTE holds it; freed when the mm dies, or when the
                       slot is used again */
    LEAK_REBOOT,    /* the store itself has lost the pointer */
    LEAK_CLASSES
};

const char *leak_class_name(enum leak_class c);

/*
 * What was not released when its mm exited: one buffer, or the copies of
 * adjacent pages that the same code saved and cut off.
 */
struct leak {
    enum leak_class kind;
    uint32_t mm;      /* 0: a shared object, or copies of swap slots */
    uint64_t object;  /* the shared object, or 0 */
    gva_t start, end; /* addresses, or offsets in the object, that it covers */
    uint64_t count;   /* allocations in this record */
    uint64_t bytes;
    uint64_t users;      /* copies counted in it */
    uint64_t leaked;     /* of those, without a PTE */
    uint32_t slot;       /* descriptor; 0 for a store without descriptors */
    uint64_t buf;        /* number of the buffer; 0: a single copy */
    uint64_t entry;      /* of swap slots: the entry of the first of them */
    struct stamp alloc;  /* the event that made the first of them */
    struct stamp cut;    /* after which nothing could release it; nr 0: none */
    struct stamp judged; /* when it was called a leak, or reachable */
};

/* leak_is_error - everything but what is still reachable */
static inline bool leak_is_error(const struct leak *leak)
{
    return leak->kind != LEAK_REACHABLE;
}

struct ledger;

struct ledger *ledger_create(void);
void ledger_destroy(struct ledger *l);

struct lives;

/* ledger_keep_lives - write down each copy from now on; @lives: borrowed */
void ledger_keep_lives(struct ledger *l, struct lives *lives);

void ledger_event(struct ledger *l, const struct event *ev);

size_t ledger_nr_leaks(const struct ledger *l);
const struct leak *ledger_leak(const struct ledger *l, size_t n);

/* ledger_releases - wrong ones, by cause; kinds are enum misrelease_kind */
struct records *ledger_releases(struct ledger *l);

/* Those that are kept one by one, and the newest, kept or not. */
const struct misrelease *ledger_last_misrelease(const struct ledger *l);
size_t ledger_nr_misreleases(const struct ledger *l);
const struct misrelease *ledger_misrelease(const struct ledger *l, size_t n);

struct judge_copy;

/* ledger_walk - see judge_walk_copies() */
void ledger_walk(const struct ledger *l,
                 void (*one)(void *ctx, const struct judge_copy *copy),
                 void *ctx);

/* Copies held now by a live address space; 0: by swap slots.  For tests. */
uint64_t ledger_copies(const struct ledger *l, uint32_t mm);
