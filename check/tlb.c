// SPDX-License-Identifier: GPL-2.0-or-later
/* What TLBs may hold: every translation given and not flushed since. */
#include <stdlib.h>
#include <string.h>

/* A model that forgets would accuse the wrong one. */
#define HASH_NONFATAL_OOM        1
#define uthash_nonfatal_oom(elt) abort()
#include <uthash.h>

#include "check/internal.h"

struct tlb_key {
    uint64_t mm, page;
};

struct tlb_entry {
    struct tlb_key key;
    pte_t pte;
    UT_hash_handle hh;
};

struct tlb {
    struct tlb_entry *entries;
};

struct tlb *tlb_create(void)
{
    return calloc(1, sizeof(struct tlb));
}

static void forget(struct tlb *t, struct tlb_entry *e)
{
    HASH_DEL(t->entries, e);
    free(e);
}

/* @mm 0: all of them */
static void flush(struct tlb *t, uint32_t mm)
{
    struct tlb_entry *e, *next;

    HASH_ITER(hh, t->entries, e, next) {
        if (mm == 0 || e->key.mm == mm)
            forget(t, e);
    }
}

void tlb_destroy(struct tlb *t)
{
    if (!t)
        return;
    flush(t, 0);
    free(t);
}

static struct tlb_entry *find(const struct tlb *t, const struct mm *mm,
                              gva_t va)
{
    const struct tlb_key key = {mm_id(mm), va >> PAGE_SHIFT};
    struct tlb_entry *e;

    HASH_FIND(hh, t->entries, &key, sizeof(key), e);
    return e;
}

/*
 * 28: what a TLB holds the entry grants: the frame, and stores if they go
 * past us.  29: so no free frame is reached, as no entry names one.
 */
static bool check_tlb_is_granted(struct check *c, struct mm *mm, gva_t va,
                                 pte_t held)
{
    const pte_t *ptep = mm_pte(mm, va);
    struct page at = {.mm = mm, .va = va};
    pte_t pte = ptep ? *ptep : (pte_t){0};

    if (pte_present(pte) && pte_pfn(pte) == pte_pfn(held) &&
        (pte_hw_write(pte) || !pte_hw_write(held)) &&
        pte_mcd(pte) == pte_mcd(held))
        return true;
    return BROKEN(c, 28, &at, "a TLB has 0x%llx, the pte is 0x%llx",
                  llu(held.v), llu(pte.v));
}

bool check_tlb_page(struct check *c, struct mm *mm, gva_t va)
{
    const struct tlb_entry *e = find(c->tlb, mm, va);

    return !e || check_tlb_is_granted(c, mm, va, e->pte);
}

bool check_tlb(struct check *c)
{
    struct tlb_entry *e, *next;

    HASH_ITER(hh, c->tlb->entries, e, next) {
        struct mm *mm = check_find_mm(c, (uint32_t)e->key.mm);

        /* Its context number is not used again before a flush. */
        if (!mm)
            forget(c->tlb, e);
        else if (!check_tlb_is_granted(c, mm, e->key.page << PAGE_SHIFT,
                                       e->pte))
            return false;
    }
    return true;
}

void check_tlb_fill(struct check *c, struct mm *mm, gva_t va, pte_t pte)
{
    struct tlb_entry *e = find(c->tlb, mm, va);

    if (!e) {
        e = calloc(1, sizeof(*e));
        if (!e)
            abort();
        e->key = (struct tlb_key){mm_id(mm), va >> PAGE_SHIFT};
        HASH_ADD(hh, c->tlb->entries, key, sizeof(e->key), e);
    } else if (pte_hw_write(pte)) {
        /* One entry may have been for loads, and still be right. */
        (void)check_tlb_is_granted(c, mm, va, e->pte);
    }
    e->pte = pte;
}

void check_tlb_flush_page(struct check *c, const struct mm *mm, gva_t va)
{
    struct tlb_entry *e = find(c->tlb, mm, va);

    if (e)
        forget(c->tlb, e);
}

void check_tlb_flush_mm(struct check *c, const struct mm *mm)
{
    flush(c->tlb, mm_id(mm));
}

void check_tlb_flush_all(struct check *c)
{
    flush(c->tlb, 0);
}
