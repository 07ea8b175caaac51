/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check/internal.h - struct check, for this folder
 */
#pragma once

#include "adi/adi.h"
#include "check/check.h"
#include "event/hub.h"
#include "judge/judge.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/phys.h"
#include "mm/vma.h"
#include "swap/swap.h"

/* What page tables say, counted by us. */
struct books {
    int *mapcount;                  /* owned; of each frame */
    bool *dirty;                    /* owned; an entry of the frame is dirty */
    unsigned *slots[SWP_MAX_FILES]; /* owned; entries of each slot */
    uint64_t nr_slots[SWP_MAX_FILES];
    long rss[NR_MM_COUNTERS]; /* of the mm in hand */
};

/* Pages that the last events were about. */
#define TOUCHED_MAX 64

struct touched {
    uint32_t mm;
    gva_t va;
};

/* What the judges had before the event in hand, and what they must add. */
struct verdict {
    uint64_t found;
    size_t nr_leaks;
    bool differs;
};

struct check {
    struct memory *mem;
    struct adi *adi;
    struct swap *swap;
    struct phys *ph;
    struct hub *hub;
    struct judge *judge;
    struct listener listener;
    enum check_level level;
    bool late;
    bool own_files;
    struct predict *predict; /* owned */
    struct verdict verdict;
    struct undo *undo; /* owned */
    struct tlb *tlb;   /* owned */
    struct touched touched[TOUCHED_MAX];
    unsigned nr_touched; /* may be more than are kept */
    unsigned look_pays, event_pays;
    uint64_t paid;  /* since the last sweep */
    uint64_t price; /* what that one came by */
    int held;       /* references of tests */
    int busy;       /* locks of tests */
    int lost_slots; /* counts without an entry that are known */
    struct books books;
    bool failed;
    struct check_failure failure;
};

/* An entry that is not none, and where it is. */
struct page {
    struct mm *mm;
    struct vma *vma; /* NULL: no area there */
    gva_t va;
    pte_t pte;
    struct folio *folio; /* of a present one; NULL: the zero page */
    swp_entry_t entry;   /* of one that is not present */
};

/* NULL: there is none of that number */
struct mm *check_find_mm(const struct check *c, uint32_t id);

/* Keep the first failure.  Always returns false. */
bool check_fail(struct check *c, unsigned nr, const char *name,
                const struct page *at, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

#define BROKEN(c, nr, at, ...) check_fail(c, nr, __func__, at, __VA_ARGS__)

static inline unsigned long long llu(uint64_t v)
{
    return v;
}

/* Each judges one entry; check/pages.c */
bool check_page(struct check *c, const struct page *p);

/* The same for its tags; check/store.c */
bool check_page_tags(struct check *c, const struct page *p);

/* Each judges an address space, the books of which are complete. */
bool check_mm(struct check *c, struct mm *mm);

/* A frame or a slot that events were about, without the books. */
bool check_frame_alone(struct check *c, pfn_t pfn);
bool check_slot_alone(struct check *c, swp_entry_t entry);

/* All frames, all slots, when every address space was counted. */
bool check_frames(struct check *c);
bool check_slots(struct check *c);

/* Tag stores; check/store.c */
bool check_store(struct check *c);

/* What the judges say, around an event; check/verdict.c */
void verdict_before(struct check *c, const struct event *ev);
void verdict_after(struct check *c, const struct event *ev);

/* How a page was before an unmap, for when it fails; check/undo.c */
struct undo *undo_create(struct check *c);
void undo_destroy(struct undo *u);

/* What TLBs may hold: every page, or one; check/tlb.c */
struct tlb *tlb_create(void);
void tlb_destroy(struct tlb *t);
bool check_tlb(struct check *c);
bool check_tlb_page(struct check *c, struct mm *mm, gva_t va);

/* When the last address space is gone; check/end.c */
bool check_end(struct check *c);
