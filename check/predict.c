// SPDX-License-Identifier: GPL-2.0-or-later
#include "check/predict.h"

#include <stdlib.h>
#include <string.h>

/* A model that forgets would accuse the wrong one. */
#define HASH_NONFATAL_OOM        1
#define uthash_nonfatal_oom(elt) abort()
#include <uthash.h>

#include "adi/profile.h"
#include "adi/tags.h"
#include "check/internal.h"
#include "check/struck.h"
#include "judge/ledger.h"
#include "mm/mapping.h"
#include "swap/cache.h"
#include "swap/slot.h"

struct space {
    uint32_t mm;
    bool wild; /* freed memory was used: nothing can be said any more */
    bool late; /* the restore in hand has released its user already (B20) */
    struct descs *descs;
    UT_hash_handle hh;
};

struct predict {
    struct check *c;
    enum adi_store_kind store;
    uint32_t bugs; /* that the profile has */
    struct struck_pages *pages;
    struct space *spaces;
    int lost_slots;
    bool wild; /* one of the spaces is, or was */
    size_t misreleases, reboots;
    uint64_t orphaned; /* bytes of buffers that were forgotten */
};

struct predict *predict_create(struct check *c)
{
    struct predict *p = calloc(1, sizeof(*p));

    if (!p)
        return NULL;
    p->pages = struck_create(adi_profile(c->adi)->bugs);
    if (!p->pages) {
        free(p);
        return NULL;
    }
    p->c = c;
    p->store = adi_profile(c->adi)->store->kind;
    p->bugs = adi_profile(c->adi)->bugs;
    return p;
}

void predict_destroy(struct predict *p)
{
    struct space *s, *next;

    if (!p)
        return;
    struck_destroy(p->pages);
    HASH_ITER(hh, p->spaces, s, next) {
        HASH_DEL(p->spaces, s);
        descs_destroy(s->descs);
        free(s);
    }
    free(p);
}

enum adi_store_kind predict_store(const struct predict *p)
{
    return p->store;
}

int predict_lost_slots(const struct predict *p)
{
    return p->lost_slots;
}

/* ------------------------------------------------------- pages struck */

static void strike(struct predict *p, struct mm *mm, gva_t va, unsigned bug)
{
    struct page_key key = struck_key(vma_lookup(mm, va), mm_id(mm), va);

    struck_add(p->pages, &key, BUG(bug));
}

uint32_t predict_bugs(const struct predict *p, struct mm *mm, gva_t va)
{
    struct page_key key = struck_key(vma_lookup(mm, va), mm_id(mm), va);

    return struck_bugs(p->pages, &key);
}

/* ------------------------------------------------------- descriptors */

const struct descs *predict_descs(const struct predict *p, uint32_t mm)
{
    struct space *s;

    HASH_FIND(hh, p->spaces, &mm, sizeof(mm), s);
    return s ? s->descs : NULL;
}

static struct space *space_of(struct predict *p, uint32_t mm)
{
    struct space *s;

    HASH_FIND(hh, p->spaces, &mm, sizeof(mm), s);
    if (s)
        return s;
    s = calloc(1, sizeof(*s));
    if (!s)
        abort();
    s->mm = mm;
    s->descs = descs_create();
    if (!s->descs)
        abort();
    HASH_ADD(hh, p->spaces, mm, sizeof(s->mm), s);
    return s;
}

static struct descs *descs_of(struct predict *p, uint32_t mm)
{
    return space_of(p, mm)->descs;
}

/* B20: what a kernel does from here on is anybody's guess. */
static void go_wild(struct predict *p, uint32_t mm)
{
    space_of(p, mm)->wild = p->wild = true;
}

bool predict_is_wild(const struct predict *p, uint32_t mm)
{
    const struct space *s;

    HASH_FIND(hh, p->spaces, &mm, sizeof(mm), s);
    return s && s->wild;
}

bool predict_went_wild(const struct predict *p)
{
    return p->wild;
}

static void forget_mm(struct predict *p, uint32_t mm)
{
    struct space *s;

    HASH_FIND(hh, p->spaces, &mm, sizeof(mm), s);
    if (s) {
        HASH_DEL(p->spaces, s);
        descs_destroy(s->descs);
        free(s);
    }
    struck_heal_range(p->pages, mm, 0, UINT64_MAX);
}

static const adi_tag_t *frame_tags(const struct predict *p, pfn_t pfn)
{
    return tagmem_page(adi_tagmem(p->c->adi), pfn);
}

static bool has_adi(struct mm *mm, gva_t va)
{
    const struct vma *vma = vma_lookup(mm, va);

    return vma && vma->flags & VM_SPARC_ADI;
}

static struct page at_page(struct mm *mm, gva_t va)
{
    return (struct page){.mm = mm, .va = va};
}

/* 5: 256 descriptors, then the kernel refuses to save */
static bool check_store_has_room(struct check *c, const struct page *at,
                                 bool room)
{
    return room ||
           BROKEN(c, 5, at, "saved, with %d descriptors in use", DESCS_MAX);
}

static void saved(struct predict *p, struct mm *mm, const struct event *ev)
{
    struct descs *descs = descs_of(p, ev->mm);
    uint64_t bytes = descs_nth(descs, 0)->bytes;
    struct page at = at_page(mm, ev->va);
    bool orphan, room;

    if (predict_is_wild(p, ev->mm))
        return;
    room = descs_save(descs, ev->va, frame_tags(p, ev->pfn), &orphan);
    (void)check_store_has_room(p->c, &at, room);
    p->reboots += orphan;
    if (orphan)
        p->orphaned += bytes;
}

uint64_t predict_orphaned(const struct predict *p)
{
    return p->orphaned;
}

size_t predict_reboots(const struct predict *p)
{
    return p->reboots;
}

size_t predict_misreleases(const struct predict *p)
{
    return p->misreleases;
}

bool predict_may(const struct predict *p, unsigned records)
{
    return (bug_records(p->bugs) & records) != 0;
}

/* Another page of this mm lost its copy with the last user (B9). */
struct victims {
    struct predict *p;
    struct mm *mm;
};

static void lose(void *ctx, gva_t va)
{
    const struct victims *v = ctx;

    strike(v->p, v->mm, va, 9);
}

static bool same_tags(const adi_tag_t *expected, const adi_tag_t *tags)
{
    static const adi_tag_t none[ADI_TAGS_PER_PAGE];

    return memcmp(expected ? expected : none, tags, ADI_TAGS_PER_PAGE) == 0;
}

struct sharers {
    struct predict *p;
    const struct event *ev;
    const adi_tag_t *tags;
};

static int strike_sharer(void *ctx, struct mm *mm, gva_t va, const pte_t *ptep)
{
    const struct sharers *s = ctx;
    const struct event *ev = s->ev;

    if (pte_pfn(*ptep) == ev->pfn && !(mm_id(mm) == ev->mm && va == ev->va) &&
        !same_tags(judge_expects(s->p->c->judge, mm_id(mm), va, NULL), s->tags))
        strike(s->p, mm, va, 10);
    return 0;
}

/* Tags were put into a frame that others show as well (B10). */
static void strike_sharers(struct predict *p, const struct event *ev,
                           const adi_tag_t *tags)
{
    static const struct pgtable_ops ops = {.present = strike_sharer};
    struct sharers s = {p, ev, tags};
    struct mm *mm = memory_first_mm(p->c->mem);

    if (phys_folio(p->c->ph, ev->pfn)->mapcount < 2)
        return;
    for (; mm; mm = memory_next_mm(mm))
        (void)pgtable_walk(mm, 0, UINT64_MAX & PAGE_MASK, &ops, &s);
}

/* 7: what a swap-in puts into the frame is what the descriptor has */
static bool check_restored_as_saved(struct check *c, const struct page *at,
                                    pfn_t pfn, const adi_tag_t *saved)
{
    const adi_tag_t *tags = tagmem_page(adi_tagmem(c->adi), pfn);

    return memcmp(tags, saved, ADI_TAGS_PER_PAGE) == 0 ||
           BROKEN(c, 7, at, "frame %u has other tags than were saved",
                  (unsigned)pfn);
}

/* do_swap_page() of an address space with descriptors. */
static void swapped_in(struct predict *p, struct mm *mm, const struct event *ev)
{
    struct descs *descs = descs_of(p, ev->mm);
    struct victims victims = {p, mm};
    struct page at = at_page(mm, ev->va);
    struct descs_found found;

    if (!has_adi(mm, ev->va)) {
        strike(p, mm, ev->va, 11);
        return;
    }
    if (predict_is_wild(p, ev->mm))
        return;
    if (space_of(p, ev->mm)->late) {
        space_of(p, ev->mm)->late = false;
        strike_sharers(p, ev, frame_tags(p, ev->pfn));
        return;
    }
    descs_restore(descs, ev->va, &found, lose, &victims);
    if (!found.covered)
        return;
    if (!found.copy)
        p->misreleases++;
    if (!found.own) {
        strike(p, mm, ev->va, 8);
        strike(p, mm, ev->va, 9);
    }
    (void)check_restored_as_saved(p->c, &at, ev->pfn, found.tags);
    strike_sharers(p, ev, found.tags);
}

/*
 * Others took the last user of the descriptor that a restore had found (B20).
 * It has read its tags, and releases whoever is there now, or nobody.
 */
static void released_late(struct predict *p, struct mm *mm,
                          const struct event *ev)
{
    struct victims victims = {p, mm};

    if (predict_is_wild(p, ev->mm))
        return;
    descs_release_late(descs_of(p, ev->mm), ev->slot, lose, &victims);
    p->misreleases += ev->kind == EV_TAG_DROP;
    space_of(p, ev->mm)->late = true;
}

/* ------------------------------------------------------- events of paths */

/* A bug of pages that are in swap, in an address space that may be another. */
struct swapped {
    struct predict *p;
    struct mm *mm; /* NULL: @key has its number, and there is no area yet */
    struct page_key key;
    unsigned bug;
};

static int strike_swap_entry(void *ctx, struct mm *mm, gva_t va,
                             const pte_t *ptep)
{
    struct swapped *s = ctx;

    (void)mm;
    if (non_swap_entry(pte_to_swp_entry(*ptep)))
        return 0;
    s->key.index = va >> PAGE_SHIFT;
    if (s->mm)
        strike(s->p, s->mm, va, s->bug);
    else
        struck_add(s->p->pages, &s->key, BUG(s->bug));
    return 0;
}

static const struct pgtable_ops strike_swap_entries = {.swap =
                                                           strike_swap_entry};

/* Pages of [@va, @end) that are in swap. */
static void strike_swapped(struct predict *p, struct mm *mm, gva_t va,
                           gva_t end, unsigned bug)
{
    struct swapped s = {.p = p, .mm = mm, .bug = bug};

    (void)pgtable_walk(mm, va, end, &strike_swap_entries, &s);
}

static void on_fork(struct predict *p, struct mm *parent,
                    const struct event *ev)
{
    struct swapped s = {.p = p, .key = {.space = ev->mm2}, .bug = 2};

    struck_copy_range(p->pages, ev);
    if (parent)
        (void)pgtable_walk(parent, ev->va, ev->end, &strike_swap_entries, &s);
}

static void on_swap_out(struct predict *p, struct mm *mm,
                        const struct event *ev)
{
    if (ev->path == PATH_SHMEM_OUT) {
        struct page_key key = {.space = ev->object << 32,
                               .index = ev->va >> PAGE_SHIFT};

        if (ev->object)
            struck_add(p->pages, &key, BUG(12));
        return;
    }
    if (!mm)
        return;
    if (!has_adi(mm, ev->va))
        strike(p, mm, ev->va, 11);
    else if (p->store == STORE_DESCS)
        saved(p, mm, ev);
}

/* Free, or by now the slot of a page that came to be written meanwhile. */
static bool slot_has_gone(const struct predict *p, const struct event *ev)
{
    const struct folio *folio = phys_folio(p->c->ph, ev->pfn);

    return cache_find(p->c->swap, (swp_entry_t){ev->entry}) != folio;
}

static void on_swap_in(struct predict *p, struct mm *mm, const struct event *ev)
{
    if (!mm || ev->object)
        return;
    if (ev->path == PATH_SWAPOFF)
        strike(p, mm, ev->va, 4);
    else if (p->store == STORE_DESCS && ev->path == PATH_SWAP_IN)
        swapped_in(p, mm, ev);
    if (ev->path == PATH_SWAP_IN && slot_has_gone(p, ev))
        strike(p, mm, ev->va, 18);
}

static void on_zap(struct predict *p, struct mm *mm, const struct event *ev)
{
    struck_heal_range(p->pages, ev->mm, ev->va >> PAGE_SHIFT,
                      ev->end >> PAGE_SHIFT);
    if (ev->path == PATH_TRUNCATE && mm)
        strike_swapped(p, mm, ev->va, ev->end, 17);
}

/* B21, B22: it is the page that has others', or has lost its own, whoever
 * shows it; of no object it is one process's alone. */
static void on_kernel_store(struct predict *p, struct mm *mm,
                            const struct event *ev)
{
    struct page_key key;

    if (!ev->object && ev->path == PATH_REMOTE_IN && mm)
        strike(p, mm, ev->va, 22);
    if (!ev->object)
        return;
    memset(&key, 0, sizeof(key));
    key.space = ev->object << 32;
    key.index = ev->va >> PAGE_SHIFT;
    struck_add(p->pages, &key, BUG(ev->kind == EV_TAGS_LEFT ? 21 : 22));
}

/* Its entries are gone, and nothing will release what was saved. */
static void cut(struct predict *p, const struct event *ev, gva_t end)
{
    if (p->store == STORE_DESCS && ev->mm)
        descs_cut(descs_of(p, ev->mm), ev->va, end);
}

static void judge_paths(struct predict *p, struct mm *mm,
                        const struct event *ev)
{
    bool descs = p->store == STORE_DESCS;

    switch (ev->kind) {
    case EV_SWAP_OUT: on_swap_out(p, mm, ev); break;
    case EV_MIGRATE_OUT:
        if (descs && has_adi(mm, ev->va))
            saved(p, mm, ev);
        break;
    case EV_UNMAP_UNDO:
        if (descs && has_adi(mm, ev->va))
            saved(p, mm, ev);
        cut(p, ev, ev->va + PAGE_SIZE);
        break;
    case EV_SWAP_IN:
        on_swap_in(p, mm, ev);
        cut(p, ev, ev->va + PAGE_SIZE);
        break;
    case EV_SWAP_GONE:
    case EV_MIGRATE_IN:
    case EV_MIGRATE_GONE: cut(p, ev, ev->va + PAGE_SIZE); break;
    case EV_TAG_SAVE_FAIL:
        if (ev->path == PATH_SWAP_OUT && predict_may(p, RECORD_SLOT))
            p->lost_slots++;
        break;
    /* A page that another CPU sees half way may be wrong for that long. */
    case EV_GLIMPSE:
        if (!mm)
            break;
        strike(p, mm, ev->va, 16);
        strike(p, mm, ev->va, 18); /* its swap-in is no event yet */
        break;
    case EV_STORE_UAF: go_wild(p, ev->mm); break;
    case EV_STORE_UNDERFLOW: released_late(p, mm, ev); break;
    case EV_TAG_DROP:
        if (descs)
            released_late(p, mm, ev);
        break;
    case EV_FORK: on_fork(p, mm, ev); break;
    case EV_REMAP:
        cut(p, ev, ev->end);
        struck_move_range(p->pages, ev);
        if (mm)
            strike_swapped(p, mm, ev->to, ev->to + (ev->end - ev->va), 3);
        break;
    case EV_TAGS_LEFT:
    case EV_TAGS_CLEARED: on_kernel_store(p, mm, ev); break;
    case EV_ZAP:
    case EV_UNTAG: on_zap(p, mm, ev); break;
    case EV_TRUNCATE:
        struck_heal_range(p->pages, ev->object << 32, ev->va >> PAGE_SHIFT,
                          ev->end >> PAGE_SHIFT);
        break;
    default: break;
    }
}

void predict_hear(struct predict *p, const struct event *ev)
{
    judge_paths(p, ev->mm ? check_find_mm(p->c, ev->mm) : NULL, ev);
}

/* What was wrong with it the report has told by now. */
static void heal(struct predict *p, const struct event *ev)
{
    struct mm *mm = check_find_mm(p->c, ev->mm);
    struct page_key key;

    if (!mm || !ev->tags)
        return;
    key = struck_key(vma_lookup(mm, ev->va), ev->mm, ev->va);
    struck_heal(p->pages, &key);
}

void predict_settle(struct predict *p, const struct event *ev)
{
    if (ev->kind == EV_VISIBLE)
        heal(p, ev);
    else if (ev->kind == EV_MM_DEAD)
        forget_mm(p, ev->mm);
}
