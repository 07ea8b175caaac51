/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/phys.h - guest RAM: frames, their bytes, and the free list
 *
 * Owns:    the host memory behind the guest, struct folio of each frame
 * Used by: mm/memory.c hands frames out; anyone looks at bytes
 * Source:  the role of linux mm/page_alloc.c, order 0 only
 * Differs: the free list is first in, first out, so that a frame is reused
 *          as late as possible: a lost tag then shows as somebody else's
 */
#pragma once

#include "mm/folio.h"

struct phys;

#define PHYS_MAX_NODES 8

/*
 * phys_create - @bytes of RAM in @nr_nodes equal nodes
 *
 * Returns NULL when the host cannot map it or @bytes holds fewer than 64
 * frames.  Frame 0 is reserved: it is the zero page.
 */
struct phys *phys_create(uint64_t bytes, unsigned nr_nodes);
void phys_destroy(struct phys *ph);

uint8_t *phys_ram(const struct phys *ph);
pfn_t phys_nr_frames(const struct phys *ph);
unsigned phys_nr_nodes(const struct phys *ph);
pfn_t phys_nr_free(const struct phys *ph);
pfn_t phys_node_free(const struct phys *ph, unsigned node);

/* phys_peak - how many frames were not free at once, at most */
pfn_t phys_peak(const struct phys *ph);

/* All nodes; and the free frames of some. */
nodemask_t phys_nodes(const struct phys *ph);
pfn_t phys_nodes_free(const struct phys *ph, nodemask_t nodes);

/*
 * phys_next_touched - the first frame from @pfn on that may have been used
 *
 * PFN_NONE when there is none.  phys_nr_untouched: how many certainly never
 * were; they are free, and as they were made, or as phys_churn() says.
 */
pfn_t phys_next_touched(const struct phys *ph, pfn_t pfn);
pfn_t phys_nr_untouched(const struct phys *ph);

/* phys_touch - bytes or tags of @pfn, whoever has it, are to be changed by
 * other ways than its owner's: it may not be as it was made */
void phys_touch(struct phys *ph, pfn_t pfn);

/*
 * phys_churn - somebody has had every free frame, and given it back
 *
 * Each has @left in every byte, and none is clean.  What an owner left is put
 * into a frame when it is handed out next.
 */
void phys_churn(struct phys *ph, uint8_t left);

/* phys_left - what it left in frames that phys_nr_untouched() counts, or 0 */
uint8_t phys_left(const struct phys *ph);

/* The bytes of a frame: PAGE_SIZE of them, borrowed. */
uint8_t *phys_page(const struct phys *ph, pfn_t pfn);

struct folio *phys_folio(const struct phys *ph, pfn_t pfn);
pfn_t phys_pfn(const struct phys *ph, const struct folio *folio);

/*
 * phys_alloc - take a frame of @node, or of another when it has none
 *
 * Returns a folio with one reference and no flag but PG_pristine, or NULL.
 * Its bytes and tags are those of its last owner.
 */
struct folio *phys_alloc(struct phys *ph, unsigned node);

/* phys_alloc_nodes - the same from @nodes alone, those after @node first */
struct folio *phys_alloc_nodes(struct phys *ph, unsigned node,
                               nodemask_t nodes);

/* phys_alloc_pfn - take this frame; NULL when it is not free, or the last one
 * that its node has beside what is charged */
struct folio *phys_alloc_pfn(struct phys *ph, pfn_t pfn);

/*
 * phys_charge - take a frame that nobody looks at: a page table is there
 *
 * The table itself is memory of the host, so none is named; but there is one
 * less for others in @node, or in another node when it has none.
 * Returns false when no frame is free.
 */
MUST_CHECK bool phys_charge(struct phys *ph, unsigned node);

/* phys_uncharge - give @nr of these back, those of the last node first */
void phys_uncharge(struct phys *ph, size_t nr);
pfn_t phys_nr_charged(const struct phys *ph);

/* phys_node_range - the frames [*first, *end) make up @node */
void phys_node_range(const struct phys *ph, unsigned node, pfn_t *first,
                     pfn_t *end);

/* The frames that were never handed out, of each node. */
struct phys_fresh {
    struct {
        pfn_t start, end;
    } node[PHYS_MAX_NODES];
};

/*
 * phys_save - what a heap of base/heap.h does not have: frames and their bytes
 *
 * @to: phys_saved_bytes() of room
 */
size_t phys_saved_bytes(const struct phys *ph);
void phys_save(const struct phys *ph, void *to);

/*
 * phys_restore - put back what was saved, after the heap around it was
 *
 * @was: phys_fresh() of before that
 */
void phys_restore(struct phys *ph, const void *from,
                  const struct phys_fresh *was);
struct phys_fresh phys_fresh(const struct phys *ph);

/* phys_free - give a frame back; nobody may refer to it any more */
void phys_free(struct phys *ph, struct folio *folio);
