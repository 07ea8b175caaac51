/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check/check.h - is the model sound?  Invariants over all of its state
 *
 * Owns:    struct check: counts of its own, and the first broken invariant
 * Used by: emu/ (--check), cli/, script/, api/, tests; explore/
 *
 * Whatever is wrong here is wrong with adiemu, not with the program and not
 * with the kernel that is modelled.  It reads the other layers through their
 * public calls and computes each number anew: nothing that it compares with
 * was made by the code that it judges.  docs/invariants.md has the list.
 */
#pragma once

#include <stdio.h>

#include "mm/pte.h"

struct adi;
struct check;
struct judge;
struct memory;
struct mm;
struct swap;

enum check_level {
    CHECK_OFF,  /* nothing */
    CHECK_PATH, /* the pages that the last events were about */
    CHECK_FULL, /* the same, and everything, as often as check_now() says */
};

struct check_config {
    struct memory *mem; /* borrowed, like the next three */
    struct adi *adi;
    struct swap *swap;
    struct judge *judge;
    enum check_level level;
    /* The memory has a past that nobody watched: what must be remembered
     * from it is not checked. */
    bool late;
    /* Nobody else changes the files that are mapped. */
    bool own_files;
};

/* A broken invariant. */
struct check_failure {
    unsigned nr;      /* 1..35, as docs/invariants.md numbers them */
    const char *name; /* of the function that found it */
    char text[160];   /* the values */
    uint32_t mm;      /* the page; 0: no page, or no one page */
    gva_t va;
};

/*
 * check_create - NULL when the host has no memory
 *
 * It listens to the memory and its events: destroy it before them.
 */
struct check *check_create(const struct check_config *config);
void check_destroy(struct check *c);

/*
 * check_now - at a quiescent point: no path is half way
 *
 * At CHECK_FULL it looks at the pages that the last events were about, with
 * their frames and slots, and sweeps over everything when the looks and events
 * since the last sweep have paid for what that one came by: 1 for an entry,
 * 1/4 for a frame, 1/8 for a slot.  So a small memory is swept nearly each
 * time, and a large one costs by what changes.
 *
 * Returns true when all is well.  After a failure nothing more is checked.
 */
bool check_now(struct check *c);

/* What pays for a sweep, in entries. */
#define CHECK_LOOK_PAYS  320
#define CHECK_EVENT_PAYS 8

/* check_set_pace - a look pays for so many, an event for none: for tests */
void check_set_pace(struct check *c, unsigned look_pays);

/* check_everything - a sweep, whatever the level */
bool check_everything(struct check *c);

/* check_failure - the first broken invariant, or NULL */
const struct check_failure *check_failure(const struct check *c);

/* check_print - one line that names it, then the story of its page */
void check_print(const struct check *c, FILE *out);

/*
 * check_hold - @n references more are held by nobody in the model
 *
 * A test that keeps a folio says so, and takes it back with -@n.
 */
void check_hold(struct check *c, int n);

/* check_busy - @n folios more are locked: a path is half way */
void check_busy(struct check *c, int n);

/* check_lose_slots - @n use counts more that no entry stands for (B7) */
void check_lose_slots(struct check *c, int n);

/*
 * check_tlb_fill - a TLB got the entry of the page at @va
 *
 * Every fill and every flush is to be told: what was filled and not flushed
 * may still be there.
 */
void check_tlb_fill(struct check *c, struct mm *mm, gva_t va, pte_t pte);
void check_tlb_flush_page(struct check *c, const struct mm *mm, gva_t va);
void check_tlb_flush_mm(struct check *c, const struct mm *mm);
void check_tlb_flush_all(struct check *c);

/*
 * check_mismatch - a CPU has seen a mismatch at @va; is it one?
 *
 * @va: with its tag
 * Returns as check_now(); nothing is said of pages that bugs have struck.
 */
bool check_mismatch(struct check *c, struct mm *mm, uint64_t va);

/*
 * check_is_struck - may the tags of a page be wrong by now?
 *
 * True when a bug of the modelled kernel has struck it, and the report has
 * not yet told of it.
 */
bool check_is_struck(const struct check *c, struct mm *mm, gva_t va);
