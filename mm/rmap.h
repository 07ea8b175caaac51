/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/rmap.h - from a frame to every PTE that maps it
 *
 * Owns:    anon_vma and its chains; mapcount
 * Used by: mm/, swap/ and migrate/ walk it; emu/; explore/
 * Source:  linux v6.2 mm/rmap.c
 */
#pragma once

#include "mm/folio.h"
#include "mm/pte.h"

struct memory;
struct mm;
struct vma;

/* anon_vma_prepare - 0, or -ENOMEM (host) */
MUST_CHECK int anon_vma_prepare(struct vma *vma);

/*
 * anon_vma_clone - @dst joins every anon_vma of @src
 *
 * Used when an area is split or moved.  0 or -ENOMEM, @dst then in none.
 */
MUST_CHECK int anon_vma_clone(struct vma *dst, struct vma *src);

/*
 * folio_get_anon_vma - keep the anon_vma of a mapped folio
 *
 * Returns NULL for a folio that has none; else anon_vma_put() it.
 */
struct anon_vma *folio_get_anon_vma(const struct folio *folio);
void anon_vma_put(struct anon_vma *av);

/* anon_vma_fork - the child's area: clone, and an anon_vma of its own */
MUST_CHECK int anon_vma_fork(struct vma *child, struct vma *parent);

/*
 * anon_vma_nth - those of an area, in the order of its chain
 *
 * @root: gets the anon_vma of the first of its fork family
 * Returns NULL when there are no more.
 */
const struct anon_vma *anon_vma_nth(const struct vma *vma, unsigned n,
                                    const struct anon_vma **root);

/* anon_vma_walk - the areas that may hold its pages, as rmap_walk() goes */
void anon_vma_walk(const struct anon_vma *av,
                   void (*one)(void *ctx, const struct vma *vma), void *ctx);

/* unlink_anon_vmas - an area goes away */
void unlink_anon_vmas(struct vma *vma);

/*
 * anon_vma_mergeable - is_mergeable_anon_vma(): do the anon_vmas agree?
 *
 * @with: of what is to be joined to @near, whose anon_vma is @av
 * @near: or NULL
 */
bool anon_vma_mergeable(const struct anon_vma *with, const struct anon_vma *av,
                        const struct vma *near);

/*
 * rmap_unlink_vma, rmap_link_vma - before and after its range changes
 *
 * Source: anon_vma_interval_tree_pre_update_vma() and _post_update_vma(),
 *         vma_interval_tree_remove() and _insert()
 */
void rmap_unlink_vma(struct vma *vma);
void rmap_link_vma(struct vma *vma);

/*
 * A mapping of a frame, found by the walk.  @ptep holds either a present
 * entry of the frame, or with RMAP_MIGRATION its migration entry.
 */
struct rmap_pte {
    struct mm *mm;
    struct vma *vma;
    gva_t addr;
    const pte_t *ptep;
};

/* What the walk looks for. */
enum rmap_kind { RMAP_PRESENT, RMAP_MIGRATION };

/*
 * rmap_walk - call @one for each mapping of @folio
 *
 * @one returns false to stop.  Returns false when it was stopped.
 * Source: rmap_walk_anon(), rmap_walk_file(), page_vma_mapped_walk()
 */
bool rmap_walk(struct memory *mem, struct folio *folio, pfn_t target,
               enum rmap_kind kind,
               bool (*one)(const struct rmap_pte *at, void *arg), void *arg);

/*
 * rmap_address - page_address_in_vma(): where @vma would map @folio
 *
 * False when it cannot: another mapping or fork family, or out of range.
 */
bool rmap_address(const struct folio *folio, const struct vma *vma, gva_t *out);

/* page_add_new_anon_rmap: first mapping of a new page; exclusive */
void rmap_add_new_anon(struct memory *mem, struct folio *folio, struct vma *vma,
                       gva_t addr);

/* page_add_anon_rmap: @exclusive sets PG_anon_exclusive */
void rmap_add_anon(struct memory *mem, struct folio *folio, struct vma *vma,
                   gva_t addr, bool exclusive);

/* page_add_file_rmap */
void rmap_add_file(struct folio *folio);

/* page_remove_rmap */
void rmap_remove(struct memory *mem, struct folio *folio);

/* page_move_anon_rmap: the page now belongs to @vma alone */
void rmap_move_anon(struct folio *folio, const struct vma *vma);

/* page_try_dup_anon_rmap: 0, or -EBUSY: pinned, so copy it now */
MUST_CHECK int rmap_try_dup_anon(struct memory *mem, struct folio *folio);

/* page_try_share_anon_rmap: 0, or -EBUSY: pinned, must stay exclusive */
MUST_CHECK int rmap_try_share_anon(struct folio *folio);

/* folio_maybe_dma_pinned */
bool folio_maybe_pinned(const struct folio *folio);

/*
 * folio_mkclean - make each shared mapping clean and read-only
 *
 * Returns true when one was dirty or writable.
 */
bool folio_mkclean(struct memory *mem, struct folio *folio);

/*
 * folio_referenced - was it used since last asked, through any mapping?
 *
 * Clears the accessed bits.  @vm_flags gets the flags of the areas.
 */
unsigned folio_referenced(struct memory *mem, struct folio *folio,
                          vm_flags_t *vm_flags);
