// SPDX-License-Identifier: GPL-2.0-or-later
#include "fake_ops.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "event/event.h"
#include "judge/ledger.h"
#include "mm/fork.h"
#include "mm/pin.h"
#include "print/report.h"
#include "swap/slot.h"
#include "unit.h"

struct ram_dev {
    uint8_t *pages;
    unsigned fail_reads, fail_writes;
    void (*on_read)(struct world *w); /* once */
    struct world *w;
};

static int dev_read(void *dev, uint64_t slot, uint8_t *page)
{
    struct ram_dev *d = dev;
    void (*on_read)(struct world * w) = d->on_read;

    d->on_read = NULL;
    if (on_read)
        on_read(d->w);

    if (d->fail_reads) {
        d->fail_reads--;
        return -EIO;
    }
    memcpy(page, d->pages + slot * PAGE_SIZE, PAGE_SIZE);
    return 0;
}

static int dev_write(void *dev, uint64_t slot, const uint8_t *page)
{
    struct ram_dev *d = dev;

    if (d->fail_writes) {
        d->fail_writes--;
        return -EIO;
    }
    memcpy(d->pages + slot * PAGE_SIZE, page, PAGE_SIZE);
    return 0;
}

static void dev_close(void *dev)
{
    struct ram_dev *d = dev;

    free(d->pages);
    free(d);
}

static const struct swapdev_ops dev_ops = {
    .read = dev_read,
    .write = dev_write,
    .close = dev_close,
};

static void count_flush(void *ctx, struct mm *mm, gva_t va)
{
    struct world *w = ctx;

    (void)mm;
    (void)va;
    w->flushes++;
}

static void ignore_mm(void *ctx, struct mm *mm)
{
    (void)ctx;
    (void)mm;
}

static void ignore_code(void *ctx, pfn_t pfn, unsigned offset, unsigned len)
{
    (void)ctx;
    (void)pfn;
    (void)offset;
    (void)len;
}

static void ignore_pfn(void *ctx, pfn_t pfn)
{
    (void)ctx;
    (void)pfn;
}

static const struct tlb_ops tlb_ops = {
    .flush_page = count_flush,
    .flush_mm = ignore_mm,
    .flush_icache = ignore_code,
    .flush_tags = ignore_pfn,
};

/* ---------------------------------------- a gate in front of each hook */

static struct world *current_world;

static int gate(enum arch_hook hook, struct adi *adi,
                const struct hook_args *args)
{
    struct world *w = current_world;

    w->calls[hook]++;
    if (w->fail_in[hook] > 0 && --w->fail_in[hook] == 0) {
        if (w->fail_again[hook] > 0) {
            w->fail_again[hook]--;
            w->fail_in[hook] = 1;
        }
        return -ENOMEM;
    }
    return w->real[hook] ? w->real[hook](adi, args) : 0;
}

#define GATES(X)                                                               \
    X(UNMAP_SWAP)                                                              \
    X(UNMAP_SWAP_UNDO)                                                         \
    X(UNMAP_MIGRATE)                                                           \
    X(UNMAP_MIGRATE_UNDO)                                                      \
    X(SWAPIN_EARLY)                                                            \
    X(SWAPIN_SET_PTE)                                                          \
    X(SWAPIN_LATE)                                                             \
    X(UNUSE)                                                                   \
    X(UNUSE_LOST)                                                              \
    X(REMAP_MIGRATE)                                                           \
    X(ZAP_SWAP)                                                                \
    X(ZAP_MIGRATE)                                                             \
    X(FREE_SWAP)                                                               \
    X(FORK_SWAP)                                                               \
    X(FORK_MIGRATE)                                                            \
    X(MOVE_SWAP)                                                               \
    X(MOVE_MIGRATE)                                                            \
    X(SWAP_WRITE)                                                              \
    X(SWAP_RESTORE)                                                            \
    X(SWAP_INVALIDATE)                                                         \
    X(SWAP_INVALIDATE_AREA)                                                    \
    X(SWAP_READ)                                                               \
    X(SHMEM_OUT)                                                               \
    X(SHMEM_IN)                                                                \
    X(SHMEM_GONE)

#define X(id)                                                                  \
    static int gate_##id(struct adi *adi, const struct hook_args *args)        \
    {                                                                          \
        return gate(HOOK_##id, adi, args);                                     \
    }
GATES(X)
#undef X

static const adi_hook_fn gates[HOOK_NR] = {
#define X(id) [HOOK_##id] = gate_##id,
    GATES(X)
#undef X
};

static void put_gates(struct world *w, const struct adi_profile *profile)
{
    w->profile = *profile;
    for (unsigned h = 0; h < HOOK_NR; h++) {
        w->real[h] = profile->hooks[h];
        w->profile.hooks[h] = gates[h];
    }
    current_world = w;
}

void world_fail_hook(struct world *w, enum arch_hook hook, unsigned nr)
{
    world_fail_hook_for(w, hook, nr, 1);
}

void world_fail_hook_for(struct world *w, enum arch_hook hook, unsigned nr,
                         unsigned times)
{
    w->fail_in[hook] = nr;
    w->fail_again[hook] = times - 1;
}

/* ------------------------------------------------------ life of a world */

unsigned world_add_swap(struct world *w, unsigned slots, int priority)
{
    struct ram_dev *dev = calloc(1, sizeof(*dev));
    int type;

    assert_non_null(dev);
    dev->pages = calloc(slots + 1, PAGE_SIZE);
    assert_non_null(dev->pages);
    dev->w = w;
    type = swap_on(w->swap, &dev_ops, dev, slots + 1, priority);
    assert_true(type >= 0);
    w->dev = dev;
    return (unsigned)type;
}

struct world *world_create(const char *profile, unsigned frames, unsigned slots)
{
    const struct adi_profile *p = adi_profile_find(profile);

    assert_non_null(p);
    return world_create_with(p, frames, slots, 1);
}

struct world *world_create_with(const struct adi_profile *profile,
                                unsigned frames, unsigned slots, unsigned nodes)
{
    struct world *w = calloc(1, sizeof(*w));
    struct memory_config config = {.ram_bytes = frames * PAGE_SIZE,
                                   .nr_nodes = nodes,
                                   .policy = profile->policy};

    assert_non_null(w);
    put_gates(w, profile);
    w->hub = hub_create();
    assert_non_null(w->hub);
    config.hub = w->hub;
    w->mem = memory_create(&config);
    assert_non_null(w->mem);
    w->adi = adi_create(w->mem, &w->profile);
    w->swap = swap_create(w->mem);
    assert_non_null(w->adi);
    assert_non_null(w->swap);
    w->judge = judge_create(w->hub, w->adi);
    assert_non_null(w->judge);
    memory_attach_tlb(w->mem, &tlb_ops, w);
    if (slots)
        assert_int_equal(world_add_swap(w, slots, SWAP_PRIORITY_AUTO), 0);
    w->mm = mm_create(w->mem);
    assert_non_null(w->mm);
    mm_set_mmap_base(w->mm, UINT64_C(0x70000000));
    return w;
}

void world_exit(struct world *w)
{
    struct mm *mm;

    audit(w);
    while ((mm = memory_first_mm(w->mem)) != NULL)
        mm_put(mm);
    w->mm = NULL;
    audit(w);
}

void world_exit_clean(struct world *w)
{
    world_exit(w);
    /* A refused save leaves nothing behind. */
    assert_int_equal(judge_found(w->judge), 0);
    assert_int_equal(judge_misreleased(w->judge), 0);
    for (size_t i = 0; i < judge_nr_leaks(w->judge); i++)
        assert_int_equal(judge_leak(w->judge, i)->kind, LEAK_REACHABLE);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    assert_int_equal(adi_store_use(w->adi).bytes, 0);
}

void world_destroy(struct world *w)
{
    world_exit(w);
    swap_destroy(w->swap);
    assert_int_equal(phys_nr_free(memory_phys(w->mem)),
                     phys_nr_frames(memory_phys(w->mem)) - 1);
    memory_destroy(w->mem);
    judge_destroy(w->judge);
    adi_destroy(w->adi);
    hub_destroy(w->hub);
    free(w);
}

void world_fail_reads(struct world *w, unsigned nr)
{
    w->dev->fail_reads = nr;
}

void world_on_read(struct world *w, void (*what)(struct world *w))
{
    w->dev->on_read = what;
}

void world_fail_writes(struct world *w, unsigned nr)
{
    w->dev->fail_writes = nr;
}

gva_t world_map(struct world *w, gva_t at, unsigned pages, bool adi)
{
    struct mmap_args args = {
        .addr = at,
        .len = pages * PAGE_SIZE,
        .prot = PROT_G_READ | PROT_G_WRITE | (adi ? PROT_G_ADI : 0),
        .flags = MAP_G_PRIVATE | MAP_G_ANONYMOUS | (at ? MAP_G_FIXED : 0)};
    gva_t out;

    assert_int_equal(mm_mmap(w->mm, &args, &out), 0);
    return out;
}

struct vma *world_join(struct world *w, gva_t va)
{
    struct vma *vma = vma_lookup(w->mm, va);

    assert_int_equal(
        vma_modify(vma, vma->start, vma->end, vma->flags, &vma->policy, &vma),
        0);
    return vma;
}

static struct folio *page(struct world *w, gva_t va, enum access access)
{
    struct folio *folio;

    assert_int_equal(mm_get_page(w->mm, va, access, &folio), FAULT_OK);
    return folio;
}

void world_write(struct world *w, gva_t va, uint8_t byte)
{
    struct folio *folio = page(w, va, ACCESS_WRITE);

    memory_folio_bytes(w->mem, folio)[page_offset(va)] = byte;
}

uint8_t world_read(struct world *w, gva_t va)
{
    struct folio *folio = page(w, va, ACCESS_READ);

    return memory_folio_bytes(w->mem, folio)[page_offset(va)];
}

void world_set_tag(struct world *w, gva_t va, adi_tag_t tag)
{
    pfn_t pfn = memory_folio_pfn(w->mem, page(w, va, ACCESS_WRITE));

    tagmem_page(adi_tagmem(w->adi), pfn)[page_offset(va) / ADI_BLKSZ] = tag;
    judge_tag_store(w->judge, mm_id(w->mm), va, tag, 0);
}

void world_set_tags(struct world *w, gva_t va, adi_tag_t tag)
{
    pfn_t pfn = memory_folio_pfn(w->mem, page(w, va, ACCESS_WRITE));
    adi_tag_t *tags = tagmem_page(adi_tagmem(w->adi), pfn);

    for (unsigned i = 0; i < ADI_TAGS_PER_PAGE; i++) {
        tags[i] = tag;
        judge_tag_store(w->judge, mm_id(w->mm),
                        page_align_down(va) + i * ADI_BLKSZ, tag, 0);
    }
}

adi_tag_t world_tag(struct world *w, gva_t va)
{
    pfn_t pfn = memory_folio_pfn(w->mem, page(w, va, ACCESS_READ));

    return tagmem_page(adi_tagmem(w->adi), pfn)[page_offset(va) / ADI_BLKSZ];
}

bool world_out(struct world *w, gva_t va)
{
    assert_int_equal(
        mm_madvise(w->mm, page_align_down(va), PAGE_SIZE, MADV_G_PAGEOUT), 0);
    return !world_resident(w, va);
}

bool world_resident(struct world *w, gva_t va)
{
    const pte_t *ptep = mm_pte(w->mm, va);

    return ptep && pte_present(*ptep);
}

pte_t *world_raw_pte(struct world *w, gva_t va)
{
    return (pte_t *)(uintptr_t)mm_pte_alloc(w->mm, va);
}

pte_t world_pte(struct world *w, gva_t va)
{
    const pte_t *ptep = mm_pte(w->mm, va);

    return ptep ? *ptep : (pte_t){0};
}

struct folio *world_folio(struct world *w, gva_t va)
{
    pte_t pte = world_pte(w, va);

    assert_true(pte_present(pte));
    return phys_folio(memory_phys(w->mem), pte_pfn(pte));
}

swp_entry_t world_entry(struct world *w, gva_t va)
{
    pte_t pte = world_pte(w, va);

    assert_true(is_swap_pte(pte));
    return pte_to_swp_entry(pte);
}

unsigned world_slot_count(struct world *w, gva_t va)
{
    return slot_count(w->swap, world_entry(w, va));
}

unsigned world_free_frames(const struct world *w)
{
    const struct phys *ph = memory_phys(w->mem);

    return phys_nr_free(ph) + phys_nr_charged(ph);
}

int world_incore(struct world *w, gva_t va)
{
    uint8_t in = 9;
    int64_t nr = mm_mincore(w->mm, va, 1, &in);

    return nr == 1 ? in : (int)nr;
}

bool world_is_full(const struct world *w)
{
    return phys_nr_free(memory_phys(w->mem)) == 0;
}

enum fault world_fault(struct world *w, gva_t va, enum access access)
{
    struct folio *folio;

    return mm_get_page(w->mm, va, access, &folio);
}

bool world_push(struct world *w, gva_t va)
{
    return swap_out_folio(w->swap, world_folio(w, va));
}

void world_hold(struct world *w, struct folio *folio)
{
    folio_get(folio);
    w->held++;
}

void world_release(struct world *w, struct folio *folio)
{
    memory_folio_put(w->mem, folio);
    w->held--;
}

void world_pin(struct world *w, struct folio *folio)
{
    (void)w;
    folio_get(folio);
    folio->pins++;
}

void world_unpin(struct world *w, struct folio *folio)
{
    memory_unpin(w->mem, folio);
}

void world_lock(struct world *w, struct folio *folio)
{
    world_hold(w, folio);
    assert_true(folio_trylock(folio));
    w->busy++;
}

void world_unlock(struct world *w, struct folio *folio)
{
    folio_unlock(folio);
    w->busy--;
    world_release(w, folio);
}

/* --------------------------------------------------- a second process */

struct mm *world_share(struct world *w)
{
    struct mm *child;

    return mm_fork(w->mm, &child) == 0 ? child : NULL;
}

/* ---------------------------------------------------- one page, closely */

struct page_state page_state(struct world *w, gva_t va)
{
    struct page_state s = {.pte = world_pte(w, va),
                           .free_frames = world_free_frames(w),
                           .store = adi_store_use(w->adi)};

    for (int c = 0; c < NR_MM_COUNTERS; c++)
        s.rss[c] = mm_rss(w->mm, c);
    if (pte_present(s.pte)) {
        const struct folio *folio = world_folio(w, va);

        s.references =
            folio->refcount - folio_test(folio, PG_swapcache) - folio->pins;
        s.mapcount = folio->mapcount;
        s.exclusive = folio_test(folio, PG_anon_exclusive);
        memcpy(s.tags, tagmem_page(adi_tagmem(w->adi), pte_pfn(s.pte)),
               sizeof(s.tags));
    }
    return s;
}

void assert_page_state(struct world *w, gva_t va,
                       const struct page_state *before)
{
    struct page_state now = page_state(w, va);

    assert_int_equal(now.pte.v, before->pte.v);
    assert_int_equal(now.references, before->references);
    assert_int_equal(now.mapcount, before->mapcount);
    assert_int_equal(now.exclusive, before->exclusive);
    assert_memory_equal(now.rss, before->rss, sizeof(now.rss));
    assert_int_equal(now.free_frames, before->free_frames);
    assert_int_equal(now.store.pages, before->store.pages);
    assert_int_equal(now.store.bytes, before->store.bytes);
    assert_memory_equal(now.tags, before->tags, sizeof(now.tags));
}
