// SPDX-License-Identifier: GPL-2.0-or-later
#include "check/check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "check/internal.h"
#include "check/predict.h"
#include "mm/mapping.h"
#include "print/report.h"

static void touch(struct check *c, const struct event *ev)
{
    struct touched t = {.mm = ev->mm, .va = ev->va};

    c->paid += c->event_pays;
    if (ev->mm == 0 || ev->end != 0)
        return;
    if (c->nr_touched && c->nr_touched <= TOUCHED_MAX &&
        c->touched[c->nr_touched - 1].mm == t.mm &&
        c->touched[c->nr_touched - 1].va == t.va)
        return;
    if (c->nr_touched < TOUCHED_MAX)
        c->touched[c->nr_touched] = t;
    c->nr_touched++;
}

static void hear_before(void *ctx, const struct event *ev)
{
    struct check *c = ctx;

    verdict_before(c, ev);
    predict_hear(c->predict, ev);
}

static void hear_event(void *ctx, const struct event *ev)
{
    struct check *c = ctx;

    verdict_after(c, ev);
    predict_settle(c->predict, ev);
    touch(c, ev);
}

static const struct listener_ops check_ops = {.before = hear_before,
                                              .event = hear_event};

struct check *check_create(const struct check_config *config)
{
    struct check *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    c->mem = config->mem;
    c->adi = config->adi;
    c->swap = config->swap;
    c->level = config->level;
    c->look_pays = CHECK_LOOK_PAYS;
    c->event_pays = CHECK_EVENT_PAYS;
    c->late = config->late;
    c->own_files = config->own_files;
    c->ph = memory_phys(c->mem);
    c->hub = memory_hub(c->mem);
    c->judge = config->judge;
    c->listener = (struct listener){.ops = &check_ops, .ctx = c};
    c->books.mapcount = calloc(phys_nr_frames(c->ph), sizeof(int));
    c->books.dirty = calloc(phys_nr_frames(c->ph), sizeof(bool));
    c->undo = undo_create(c);
    c->tlb = tlb_create();
    c->predict = predict_create(c);
    if (!c->books.mapcount || !c->books.dirty || !c->undo || !c->tlb ||
        !c->predict) {
        check_destroy(c);
        return NULL;
    }
    if (!c->late)
        hub_listen(c->hub, &c->listener);
    return c;
}

void check_destroy(struct check *c)
{
    if (!c)
        return;
    if (!c->late)
        hub_unlisten(c->hub, &c->listener);
    predict_destroy(c->predict);
    for (unsigned t = 0; t < SWP_MAX_FILES; t++)
        free(c->books.slots[t]);
    free(c->books.mapcount);
    free(c->books.dirty);
    tlb_destroy(c->tlb);
    undo_destroy(c->undo);
    free(c);
}

void check_set_pace(struct check *c, unsigned look_pays)
{
    c->look_pays = look_pays;
    c->event_pays = 0;
}

void check_hold(struct check *c, int n)
{
    c->held += n;
}

void check_busy(struct check *c, int n)
{
    c->busy += n;
}

void check_lose_slots(struct check *c, int n)
{
    c->lost_slots += n;
}

bool check_fail(struct check *c, unsigned nr, const char *name,
                const struct page *at, const char *fmt, ...)
{
    va_list args;

    if (c->failed)
        return false;
    c->failed = true;
    c->failure = (struct check_failure){.nr = nr, .name = name};
    if (at) {
        c->failure.mm = mm_id(at->mm);
        c->failure.va = at->va;
    }
    va_start(args, fmt);
    (void)vsnprintf(c->failure.text, sizeof(c->failure.text), fmt, args);
    va_end(args);
    return false;
}

const struct check_failure *check_failure(const struct check *c)
{
    return c->failed ? &c->failure : NULL;
}

void check_print(const struct check *c, FILE *out)
{
    const struct check_failure *f = &c->failure;

    if (!c->failed)
        return;
    fprintf(out, "adiemu: invariant %u broken, %s: ", f->nr, f->name);
    if (f->mm)
        fprintf(out, "mm %u, page 0x%llx: ", (unsigned)f->mm, llu(f->va));
    fprintf(out, "%s\n", f->text);
    if (f->mm)
        report_print_story(c->judge, out, f->mm, f->va);
}

/* ------------------------------------------------------------- counting */

static struct page page_at(struct check *c, struct mm *mm, gva_t va, pte_t pte)
{
    struct page p = {.mm = mm, .vma = vma_lookup(mm, va), .va = va, .pte = pte};

    if (!pte_present(pte))
        p.entry = pte_to_swp_entry(pte);
    else if (!pte_special(pte))
        p.folio = phys_folio(c->ph, pte_pfn(pte));
    return p;
}

/* mm_counter() */
static enum mm_counter counter_of(const struct folio *folio)
{
    if (folio_test(folio, PG_anon))
        return MM_ANONPAGES;
    return folio_test(folio, PG_swapbacked) ? MM_SHMEMPAGES : MM_FILEPAGES;
}

/* 15: an entry names a slot of a device; one more names this one */
static bool check_slot_exists(struct check *c, swp_entry_t entry,
                              const struct page *p)
{
    struct books *b = &c->books;
    unsigned type = swp_type(entry);

    if (!b->slots[type] || swp_offset(entry) == 0 ||
        swp_offset(entry) >= b->nr_slots[type])
        return BROKEN(c, 15, p, "entry 0x%llx of no device", llu(entry.v));
    b->slots[type][swp_offset(entry)]++;
    return true;
}

static bool count_entry(struct check *c, const struct page *p)
{
    struct books *b = &c->books;

    if (is_migration_entry(p->entry)) {
        pfn_t pfn = migration_entry_pfn(p->entry);

        b->rss[counter_of(phys_folio(c->ph, pfn))]++;
        return true;
    }
    if (non_swap_entry(p->entry))
        return true;
    b->rss[MM_SWAPENTS]++;
    return check_slot_exists(c, p->entry, p);
}

/* Enter one entry into the books.  False: it names what does not exist. */
static bool count(struct check *c, const struct page *p)
{
    if (!pte_present(p->pte))
        return count_entry(c, p);
    if (p->folio) {
        c->books.mapcount[pte_pfn(p->pte)]++;
        c->books.dirty[pte_pfn(p->pte)] |= pte_dirty(p->pte);
        c->books.rss[counter_of(p->folio)]++;
    }
    return true;
}

static int see_entry(void *ctx, struct mm *mm, gva_t va, const pte_t *ptep)
{
    struct check *c = ctx;
    struct page p = page_at(c, mm, va, *ptep);

    c->price++;
    return !count(c, &p) || !check_page(c, &p) || !check_page_tags(c, &p);
}

static bool see_mm(struct check *c, struct mm *mm)
{
    static const struct pgtable_ops ops = {.present = see_entry,
                                           .swap = see_entry};

    memset(c->books.rss, 0, sizeof(c->books.rss));
    return pgtable_walk(mm, 0, UINT64_MAX & PAGE_MASK, &ops, c) == 0 &&
           check_mm(c, mm);
}

/* Pages of shared memory that are away: no page table has their entries. */
static bool see_shmem(struct check *c, struct mapping *m)
{
    swp_entry_t entry;

    for (uint64_t i = 0; mapping_next_entry(m, &i, &entry); i++)
        if (!check_slot_exists(c, entry, NULL))
            return false;
    return true;
}

/* Books without an entry in them.  False: the host has no memory. */
static bool open_books(struct check *c)
{
    struct books *b = &c->books;

    for (pfn_t pfn = 0; (pfn = phys_next_touched(c->ph, pfn)) != PFN_NONE;
         pfn++)
        b->mapcount[pfn] = b->dirty[pfn] = 0;
    for (unsigned t = 0; t < SWP_MAX_FILES; t++) {
        struct swap_device dev = {0};
        uint64_t nr = swap_device(c->swap, t, &dev) ? dev.pages + 1 : 0;

        if (nr != b->nr_slots[t]) {
            free(b->slots[t]);
            b->slots[t] = nr ? calloc(nr, sizeof(**b->slots)) : NULL;
            b->nr_slots[t] = b->slots[t] ? nr : 0;
            if (nr && !b->slots[t])
                return false;
        } else if (nr) {
            memset(b->slots[t], 0, nr * sizeof(**b->slots));
        }
    }
    return true;
}

bool check_everything(struct check *c)
{
    struct mapping *m;
    struct mm *mm;

    if (c->failed)
        return false;
    if (!open_books(c))
        return true; /* nothing can be said */
    c->paid = 0;
    c->price = (phys_nr_frames(c->ph) - phys_nr_untouched(c->ph)) / 4;
    for (unsigned t = 0; t < SWP_MAX_FILES; t++)
        c->price += c->books.nr_slots[t] / 8;
    for (mm = memory_first_mm(c->mem); mm; mm = memory_next_mm(mm))
        if (!see_mm(c, mm))
            return false;
    for (m = memory_first_shmem(c->mem); m; m = mapping_next_shmem(m))
        if (!see_shmem(c, m))
            return false;
    return check_tlb(c) && check_end(c) && check_frames(c) && check_slots(c) &&
           check_store(c);
}

struct mm *check_find_mm(const struct check *c, uint32_t id)
{
    struct mm *mm = memory_first_mm(c->mem);

    while (mm && mm_id(mm) != id)
        mm = memory_next_mm(mm);
    return mm;
}

/* The frame, or the slot, that an entry names. */
static bool check_users_of(struct check *c, const struct page *p)
{
    if (pte_present(p->pte))
        return !p->folio || check_frame_alone(c, pte_pfn(p->pte));
    if (is_migration_entry(p->entry))
        return check_frame_alone(c, migration_entry_pfn(p->entry));
    return non_swap_entry(p->entry) || check_slot_alone(c, p->entry);
}

/* The pages that events were about, as they are now. */
static bool check_touched(struct check *c)
{
    unsigned nr = c->nr_touched < TOUCHED_MAX ? c->nr_touched : TOUCHED_MAX;

    for (unsigned i = 0; i < nr; i++) {
        struct mm *mm = check_find_mm(c, c->touched[i].mm);
        const pte_t *ptep = mm ? mm_pte(mm, c->touched[i].va) : NULL;
        struct page p;

        if (mm && !check_tlb_page(c, mm, c->touched[i].va))
            return false;
        if (!ptep || pte_none(*ptep))
            continue;
        p = page_at(c, mm, c->touched[i].va, *ptep);
        if (!check_page(c, &p) || !check_page_tags(c, &p) ||
            (c->level == CHECK_FULL && !check_users_of(c, &p)))
            return false;
    }
    return true;
}

/* Is it paid for, or did more happen than can be looked at one by one? */
static bool sweep_is_due(struct check *c)
{
    c->paid += c->look_pays;
    return c->paid >= c->price || c->nr_touched > TOUCHED_MAX ||
           !memory_first_mm(c->mem);
}

bool check_now(struct check *c)
{
    bool ok = !c->failed;

    if (ok && c->level == CHECK_FULL && sweep_is_due(c))
        ok = check_everything(c);
    else if (ok && c->level != CHECK_OFF)
        ok = check_touched(c);
    c->nr_touched = 0;
    return ok;
}

bool check_is_struck(const struct check *c, struct mm *mm, gva_t va)
{
    return predict_bugs(c->predict, mm, va) != 0;
}
