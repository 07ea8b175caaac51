// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "mm/mapping.h"

#define RECLAIM_BATCH       32 /* frames; kernel: SWAP_CLUSTER_MAX */
#define MAX_RECLAIM_RETRIES 16 /* failures, after which kswapd gives up */

static int no_hook(void *ctx, enum arch_hook hook, const struct hook_args *a)
{
    (void)ctx, (void)hook, (void)a;
    return 0;
}

static void no_clear(void *ctx, pfn_t pfn)
{
    (void)ctx, (void)pfn;
}

static void no_copy(void *ctx, pfn_t dst, pfn_t src)
{
    (void)ctx, (void)dst, (void)src;
}

static void no_copy_user(void *ctx, pfn_t dst, pfn_t src, vm_flags_t flags)
{
    (void)ctx, (void)dst, (void)src, (void)flags;
}

static const adi_tag_t *no_tags(void *ctx, pfn_t pfn)
{
    (void)ctx, (void)pfn;
    return NULL;
}

static bool no_copy_part(void *ctx, pfn_t pfn, unsigned offset, unsigned len,
                         uint64_t src)
{
    (void)ctx, (void)pfn, (void)offset, (void)len, (void)src;
    return false;
}

static bool no_zero_part(void *ctx, pfn_t pfn, unsigned offset, unsigned len)
{
    (void)ctx, (void)pfn, (void)offset, (void)len;
    return false;
}

static vm_flags_t no_prot_bits(void *ctx, struct mm *mm, unsigned prot)
{
    (void)ctx, (void)mm, (void)prot;
    return 0;
}

static bool all_flags(void *ctx, vm_flags_t flags)
{
    (void)ctx, (void)flags;
    return true;
}

static int no_context(void *ctx, struct mm *mm)
{
    (void)ctx, (void)mm;
    return 0;
}

static void no_destroy(void *ctx, struct mm *mm)
{
    (void)ctx, (void)mm;
}

static void no_dup(void *ctx, const struct mm *from, struct mm *to)
{
    (void)ctx, (void)from, (void)to;
}

static const struct arch_ops arch_none = {
    .hook = no_hook,
    .clear_page = no_clear,
    .copy_highpage = no_copy,
    .copy_user_highpage = no_copy_user,
    .page_tags = no_tags,
    .copy_part = no_copy_part,
    .zero_part = no_zero_part,
    .calc_vm_prot_bits = no_prot_bits,
    .validate_flags = all_flags,
    .init_new_context = no_context,
    .destroy_context = no_destroy,
    .dup_context = no_dup,
};

static void no_flush_page(void *ctx, struct mm *mm, gva_t va)
{
    (void)ctx, (void)mm, (void)va;
}

static void no_flush_mm(void *ctx, struct mm *mm)
{
    (void)ctx, (void)mm;
}

static void no_flush_icache(void *ctx, pfn_t pfn, unsigned offset, unsigned len)
{
    (void)ctx, (void)pfn, (void)offset, (void)len;
}

static void no_flush_tags(void *ctx, pfn_t pfn)
{
    (void)ctx, (void)pfn;
}

static const struct tlb_ops tlb_none = {
    .flush_page = no_flush_page,
    .flush_mm = no_flush_mm,
    .flush_icache = no_flush_icache,
    .flush_tags = no_flush_tags,
};

static enum fault no_swap_page(void *ctx, struct vm_fault *vmf)
{
    (void)ctx, (void)vmf;
    return FAULT_BUS;
}

static int no_duplicate(void *ctx, swp_entry_t entry)
{
    (void)ctx, (void)entry;
    return 0;
}

static void no_free(void *ctx, swp_entry_t entry)
{
    (void)ctx, (void)entry;
}

static bool no_free_swap(void *ctx, struct folio *folio)
{
    (void)ctx, (void)folio;
    return false;
}

static void no_replace(void *ctx, struct folio *from, struct folio *to)
{
    (void)ctx, (void)from, (void)to;
}

static void no_forget(void *ctx, struct folio *folio)
{
    (void)ctx, (void)folio;
}

static int no_swapin(void *ctx, struct mapping *m, uint64_t index,
                     swp_entry_t entry)
{
    (void)ctx, (void)m, (void)index, (void)entry;
    return -EIO;
}

static bool not_in_cache(void *ctx, swp_entry_t entry)
{
    (void)ctx, (void)entry;
    return false;
}

static unsigned no_reclaim_list(void *ctx, struct folio *list)
{
    (void)ctx, (void)list;
    return 0;
}

static uint64_t no_pages(void *ctx)
{
    (void)ctx;
    return 0;
}

static unsigned no_reclaim(void *ctx, unsigned want, nodemask_t nodes)
{
    (void)ctx, (void)want, (void)nodes;
    return 0;
}

static const struct swap_ops swap_none = {
    .do_swap_page = no_swap_page,
    .duplicate = no_duplicate,
    .slot_free = no_free,
    .free_and_cache = no_free,
    .folio_free_swap = no_free_swap,
    .replace_folio = no_replace,
    .forget_folio = no_forget,
    .shmem_swapin = no_swapin,
    .in_cache = not_in_cache,
    .reclaim_list = no_reclaim_list,
    .total_pages = no_pages,
    .reclaim = no_reclaim,
};

static struct mpol_task *no_mpol(void *ctx)
{
    (void)ctx;
    return NULL;
}

static bool no_signal(void *ctx)
{
    (void)ctx;
    return false;
}

static void no_stuck(void *ctx, gva_t va)
{
    (void)ctx, (void)va;
}

static const struct current_ops current_none = {
    .stuck = no_stuck,
    .mpol = no_mpol,
    .fatal_signal = no_signal,
};

struct memory *memory_create(const struct memory_config *config)
{
    struct memory *mem = calloc(1, sizeof(*mem));

    if (!mem)
        return NULL;
    mem->phys = phys_create(config->ram_bytes, config->nr_nodes);
    if (!mem->phys) {
        free(mem);
        return NULL;
    }
    mem->hub = config->hub;
    mem->policy = config->policy;
    mem->max_map_count = MAX_MAP_COUNT;
    mem->low_watermark = phys_nr_frames(mem->phys) / 64;
    if (mem->low_watermark > RECLAIM_BATCH)
        mem->low_watermark = RECLAIM_BATCH;
    memory_attach_arch(mem, &arch_none, NULL);
    memory_attach_tlb(mem, &tlb_none, NULL);
    memory_attach_swap(mem, &swap_none, NULL);
    memory_attach_current(mem, &current_none, NULL);
    return mem;
}

void memory_destroy(struct memory *mem)
{
    if (!mem)
        return;
    INVARIANT(!mem->mms);
    phys_destroy(mem->phys);
    free(mem);
}

void memory_attach_arch(struct memory *mem, const struct arch_ops *ops,
                        void *ctx)
{
    mem->arch = ops;
    mem->arch_ctx = ctx;
}

void memory_attach_tlb(struct memory *mem, const struct tlb_ops *ops, void *ctx)
{
    mem->tlb = ops;
    mem->tlb_ctx = ctx;
}

void memory_attach_swap(struct memory *mem, const struct swap_ops *ops,
                        void *ctx)
{
    mem->swap = ops;
    mem->swap_ctx = ctx;
}

void memory_attach_current(struct memory *mem, const struct current_ops *ops,
                           void *ctx)
{
    mem->current = ops;
    mem->current_ctx = ctx;
}

void memory_attach_moments(struct memory *mem, const struct moment_ops *ops,
                           void *ctx)
{
    mem->moments = ops;
    mem->moments_ctx = ctx;
}

void memory_attach_watch(struct memory *mem, const struct watch_ops *ops,
                         void *ctx)
{
    mem->watch = ops;
    mem->watch_ctx = ctx;
}

void memory_watch_unmap(struct memory *mem, bool failed, struct mm *mm,
                        gva_t va)
{
    if (!mem->watch)
        return;
    if (failed)
        mem->watch->unmap_failed(mem->watch_ctx, mm, va);
    else
        mem->watch->unmap_begins(mem->watch_ctx, mm, va);
}

unsigned memory_nr_gathered(const struct memory *mem)
{
    return mem->nr_gathered;
}

void memory_moment(struct memory *mem, const struct moment *moment)
{
    if (mem->moments)
        mem->moments->reached(mem->moments_ctx, moment);
}

uint64_t memory_changes(const struct memory *mem)
{
    return mem->changes;
}

struct phys *memory_phys(const struct memory *mem)
{
    return mem->phys;
}

struct lru *memory_lru(struct memory *mem)
{
    return &mem->lru;
}

struct hub *memory_hub(const struct memory *mem)
{
    return mem->hub;
}

const struct mm_policy *memory_policy(const struct memory *mem)
{
    return &mem->policy;
}

size_t memory_max_map_count(const struct memory *mem)
{
    return mem->max_map_count;
}

void memory_set_max_map_count(struct memory *mem, size_t nr)
{
    mem->max_map_count = nr;
}

unsigned memory_low_watermark(const struct memory *mem)
{
    return mem->low_watermark;
}

int memory_hook(struct memory *mem, enum arch_hook hook,
                const struct hook_args *args)
{
    return arch_hook(mem, hook, args);
}

struct mm *memory_first_mm(const struct memory *mem)
{
    return mem->mms;
}

struct mm *memory_next_mm(const struct mm *mm)
{
    return mm->next;
}

/* One more failure of each of @nodes; or none any more. */
static void count_failure(struct memory *mem, nodemask_t nodes, bool failed)
{
    for (unsigned n = 0; n < PHYS_MAX_NODES; n++) {
        unsigned *nr = &mem->reclaim_failures[n];

        if (nodes >> n & 1)
            *nr = failed ? *nr + 1 : 0;
    }
}

/* Direct reclaim.  False when not one frame came free. */
static bool make_room(struct memory *mem, nodemask_t nodes)
{
    unsigned freed;

    if (mem->in_reclaim)
        return false;
    mem->in_reclaim = true;
    freed = mem->swap->reclaim(mem->swap_ctx, RECLAIM_BATCH, nodes);
    mem->in_reclaim = false;
    if (freed > 0)
        count_failure(mem, nodes, false);
    return freed > 0;
}

/* Has reclaim failed so often on each of @nodes that kswapd stays asleep? */
static bool is_hopeless(const struct memory *mem, nodemask_t nodes)
{
    for (unsigned n = 0; n < PHYS_MAX_NODES; n++)
        if (nodes >> n & 1 && mem->reclaim_failures[n] < MAX_RECLAIM_RETRIES)
            return false;
    return true;
}

/* Of these nodes' share of the frames that are kept free. */
static bool below_watermark(const struct memory *mem, nodemask_t nodes)
{
    unsigned share = (unsigned)__builtin_popcount(nodes);

    return phys_nodes_free(mem->phys, nodes) <=
           mem->low_watermark * share / phys_nr_nodes(mem->phys);
}

/* What kswapd would do, before the allocation that would wake it. */
static void keep_watermark(struct memory *mem, nodemask_t nodes)
{
    if (mem->in_reclaim || !below_watermark(mem, nodes) ||
        is_hopeless(mem, nodes))
        return;
    if (!make_room(mem, nodes))
        count_failure(mem, nodes, true);
}

struct folio *memory_alloc_nodes(struct memory *mem, unsigned node,
                                 nodemask_t nodes)
{
    struct folio *folio;

    keep_watermark(mem, nodes);
    do {
        folio = phys_alloc_nodes(mem->phys, node, nodes);
    } while (!folio && make_room(mem, nodes));
    return folio;
}

bool memory_fatal_signal(const struct memory *mem)
{
    return mem->current->fatal_signal(mem->current_ctx);
}

/* Page tables are local, if there is room (pte_alloc_one()). */
static bool charge_table(struct memory *mem)
{
    keep_watermark(mem, phys_nodes(mem->phys));
    return phys_charge(mem->phys, mem->alloc_node);
}

bool memory_charge_tables(struct memory *mem, size_t nr)
{
    for (size_t done = 0; done < nr; done++) {
        if (charge_table(mem))
            continue;
        phys_uncharge(mem->phys, done);
        return false;
    }
    return true;
}

void memory_uncharge_tables(struct memory *mem, size_t nr)
{
    phys_uncharge(mem->phys, nr);
}

struct folio *memory_alloc_folio(struct memory *mem, unsigned node)
{
    return memory_alloc_nodes(mem, node, phys_nodes(mem->phys));
}

struct folio *memory_zero_folio(struct memory *mem, struct folio *folio)
{
    pfn_t pfn;

    if (!folio)
        return NULL;
    pfn = phys_pfn(mem->phys, folio);
    if (!folio_test(folio, PG_pristine)) {
        memset(phys_page(mem->phys, pfn), 0, PAGE_SIZE);
        mem->arch->clear_page(mem->arch_ctx, pfn);
        memory_page_written(mem, pfn);
    }
    folio_clear(folio, PG_pristine);
    return folio;
}

void memory_copy_folio(struct memory *mem, struct folio *dst,
                       const struct folio *src, vm_flags_t vm_flags)
{
    pfn_t to = phys_pfn(mem->phys, dst);
    pfn_t from = phys_pfn(mem->phys, src);

    folio_clear(dst, PG_pristine);
    memcpy(phys_page(mem->phys, to), phys_page(mem->phys, from), PAGE_SIZE);
    if (vm_flags == UINT64_MAX)
        mem->arch->copy_highpage(mem->arch_ctx, to, from);
    else
        mem->arch->copy_user_highpage(mem->arch_ctx, to, from, vm_flags);
    memory_page_written(mem, to);
}

void memory_replace_folio(struct memory *mem, struct folio *from,
                          struct folio *to)
{
    if (folio_test(from, PG_swapcache))
        mem->swap->replace_folio(mem->swap_ctx, from, to);
    else if (!folio_test(from, PG_anon) && from->mapping)
        mapping_replace_folio(from->mapping, from, to);
}

void memory_folio_put(struct memory *mem, struct folio *folio)
{
    INVARIANT(folio->refcount > 0);
    if (--folio->refcount > 0)
        return;
    INVARIANT(!folio_test(folio, PG_reserved));
    mem->swap->forget_folio(mem->swap_ctx, folio);
    if (folio_test(folio, PG_lru))
        lru_del(&mem->lru, folio);
    phys_free(mem->phys, folio);
}

bool memory_has_tags(const struct memory *mem, pfn_t pfn)
{
    static const adi_tag_t none[ADI_TAGS_PER_PAGE];
    const adi_tag_t *tags = mem->arch->page_tags(mem->arch_ctx, pfn);

    return tags && memcmp(tags, none, sizeof(none)) != 0;
}

void memory_page_written(struct memory *mem, pfn_t pfn)
{
    mem->tlb->flush_icache(mem->tlb_ctx, pfn, 0, PAGE_SIZE);
}

void memory_code_written(struct memory *mem, pfn_t pfn, unsigned offset,
                         unsigned len)
{
    mem->tlb->flush_icache(mem->tlb_ctx, pfn, offset, len);
}

void memory_tags_written(struct memory *mem, pfn_t pfn)
{
    mem->tlb->flush_tags(mem->tlb_ctx, pfn);
}

uint8_t *memory_folio_bytes(const struct memory *mem, const struct folio *f)
{
    return phys_page(mem->phys, phys_pfn(mem->phys, f));
}

pfn_t memory_folio_pfn(const struct memory *mem, const struct folio *f)
{
    return phys_pfn(mem->phys, f);
}
