/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/memory.h - the memory of one machine: RAM, lists, and the ops tables
 *
 * Owns:    struct memory, and through it every frame and every mm
 * Used by: emu/ and tests create one; swap/, migrate/ and adi/ work on it;
 *          check/, script/; explore/
 */
#pragma once

#include "mm/folio.h"
#include "mm/ops.h"
#include "mm/policy.h"

struct memory;
struct phys;
struct lru;
struct hub;
struct mpol_task;

struct memory_config {
    uint64_t ram_bytes;
    unsigned nr_nodes; /* 1..PHYS_MAX_NODES */
    struct mm_policy policy;
    struct hub *hub; /* borrowed; must outlive the memory */
};

/*
 * memory_create - RAM without processes
 *
 * The ops tables start as ones that do nothing; attach the real ones before
 * the first mm is made.  Returns NULL when the host has no memory.
 */
struct memory *memory_create(const struct memory_config *config);

/* memory_destroy - every mm must be gone */
void memory_destroy(struct memory *mem);

void memory_attach_arch(struct memory *mem, const struct arch_ops *ops,
                        void *ctx);
void memory_attach_tlb(struct memory *mem, const struct tlb_ops *ops,
                       void *ctx);
void memory_attach_swap(struct memory *mem, const struct swap_ops *ops,
                        void *ctx);
/* @ops: NULL: nobody listens, and nobody runs in the middle of a path */
void memory_attach_moments(struct memory *mem, const struct moment_ops *ops,
                           void *ctx);
/* @ops: NULL: nobody watches */
void memory_attach_watch(struct memory *mem, const struct watch_ops *ops,
                         void *ctx);

/*
 * memory_changes - a number that grows when page tables or areas change
 *
 * Equal numbers: nothing that a check would look at has changed.
 */
uint64_t memory_changes(const struct memory *mem);

/* memory_attach_current - who the running process is */
void memory_attach_current(struct memory *mem, const struct current_ops *ops,
                           void *ctx);

/* memory_fatal_signal - fatal_signal_pending(): long work is to be given up */
bool memory_fatal_signal(const struct memory *mem);

struct phys *memory_phys(const struct memory *mem);
struct lru *memory_lru(struct memory *mem);
struct hub *memory_hub(const struct memory *mem);
const struct mm_policy *memory_policy(const struct memory *mem);

/* vm.max_map_count: areas that an mm may have; MAX_MAP_COUNT at first */
size_t memory_max_map_count(const struct memory *mem);
void memory_set_max_map_count(struct memory *mem, size_t nr);

/*
 * Frames: at so few free ones, an allocation reclaims first, as kswapd would.
 * Not after MAX_RECLAIM_RETRIES failures since something came free.
 */
unsigned memory_low_watermark(const struct memory *mem);

/* memory_hook - call the architecture at a point of a path */
int memory_hook(struct memory *mem, enum arch_hook hook,
                const struct hook_args *args);

/* memory_watch_unmap - tell who watches where an unmap begins, and failed */
void memory_watch_unmap(struct memory *mem, bool failed, struct mm *mm,
                        gva_t va);

/* memory_nr_gathered - pages that a zap has queued and not freed yet */
unsigned memory_nr_gathered(const struct memory *mem);

/* memory_first_mm / memory_next_mm - every mm, oldest first */
struct mm *memory_first_mm(const struct memory *mem);
struct mm *memory_next_mm(const struct mm *mm);

/*
 * memory_alloc_folio - a frame with one reference, reclaiming when short
 *
 * @node: preferred node
 * Bytes and tags are the last owner's.  Returns NULL when nothing can be
 * reclaimed: out of memory.
 */
struct folio *memory_alloc_folio(struct memory *mem, unsigned node);

/*
 * memory_charge_tables - count @nr page tables as RAM, reclaiming when short
 *
 * False, with nothing counted: out of memory.
 */
MUST_CHECK bool memory_charge_tables(struct memory *mem, size_t nr);
void memory_uncharge_tables(struct memory *mem, size_t nr);

/*
 * memory_alloc_nodes - the same from @nodes alone: __GFP_THISNODE, MPOL_BIND
 *
 * Only what these nodes hold is reclaimed.
 */
struct folio *memory_alloc_nodes(struct memory *mem, unsigned node,
                                 nodemask_t nodes);

/* memory_zero_folio - bytes and tags 0: clear_user_page(); passes NULL on */
struct folio *memory_zero_folio(struct memory *mem, struct folio *folio);

/*
 * memory_copy_folio - copy bytes, and tags as the operation does
 *
 * @vm_flags: copy_user_highpage() under these flags copies the tags only
 *            with VM_SPARC_ADI; UINT64_MAX stands for copy_highpage()
 */
void memory_copy_folio(struct memory *mem, struct folio *dst,
                       const struct folio *src, vm_flags_t vm_flags);

/*
 * memory_replace_folio - folio_migrate_mapping(): @to takes @from's place
 *
 * In the swap cache or the page cache, if @from is in one.  References of
 * the cache move along.
 */
void memory_replace_folio(struct memory *mem, struct folio *from,
                          struct folio *to);

/* memory_folio_put - drop a reference; the last one frees the frame */
void memory_folio_put(struct memory *mem, struct folio *folio);

/* memory_has_tags - has any block of the frame a tag but 0? */
bool memory_has_tags(const struct memory *mem, pfn_t pfn);

/* memory_page_written - the kernel changed bytes of a frame */
void memory_page_written(struct memory *mem, pfn_t pfn);

/* memory_code_written - a CPU stored to a frame that instructions are read
 * from, @len bytes at @offset */
void memory_code_written(struct memory *mem, pfn_t pfn, unsigned offset,
                         unsigned len);

/* memory_tags_written - tags of a frame were changed, by the kernel or a CPU */
void memory_tags_written(struct memory *mem, pfn_t pfn);

/* Bytes of a folio, PAGE_SIZE of them, borrowed. */
uint8_t *memory_folio_bytes(const struct memory *mem, const struct folio *f);
pfn_t memory_folio_pfn(const struct memory *mem, const struct folio *f);
