/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check/descs.h - what the tag store of arch/sparc must hold, from its rules
 *
 * Owns:    struct descs: the descriptors of one address space, and which pages
 * were saved in each Used by: check/predict.c
 *
 * Written from the rules, to be compared with adi/store_linux.c; it shares
 * nothing with it.  Every save is remembered by page, which the kernel does
 * not do: users counts events.
 */
#pragma once

#include "mm/types.h"

#define DESCS_MAX 256

struct descs;

/* One descriptor. */
struct desc {
    gva_t start, end; /* inclusive; 0, 0: free */
    uint64_t users;
    uint64_t bytes; /* of the buffer */
    bool lost;      /* users fell below 0: it is never used again (B20) */
    bool buffer;    /* there is one; a free descriptor 0 keeps its own */
    /* What the ledger must say: saves not released yet, and those of them
     * that no entry stands for any more. */
    uint64_t copies, cut;
};

/* descs_create - NULL when the host has no memory */
struct descs *descs_create(void);
void descs_destroy(struct descs *d);

/*
 * descs_save - the tags of the page at @va are saved
 *
 * @orphan: set when descriptor 0 forgets a buffer by that (B15)
 * Returns false when all descriptors are in use: the kernel refuses (B14).
 */
bool descs_save(struct descs *d, gva_t va,
                const adi_tag_t tags[static ADI_TAGS_PER_PAGE], bool *orphan);

/* What a swap-in finds. */
struct descs_found {
    bool covered; /* by a descriptor: @tags are put into the frame */
    bool copy;    /* that page has a copy there, of whatever age */
    bool own;     /* and an entry has stood for it all the time */
    adi_tag_t tags[ADI_TAGS_PER_PAGE];
};

/*
 * descs_restore - swap-in of a page with MCD
 *
 * @lost: called for each other page whose copy went with the last user
 */
void descs_restore(struct descs *d, gva_t va, struct descs_found *found,
                   void (*lost)(void *ctx, gva_t va), void *ctx);

/*
 * descs_release_late - a restore that began before others took the last
 *                        user of descriptor @n releases one (B20)
 *
 * Of another page, or of none: then the users fall below 0.
 * @lost: called for each page whose copy went with the last user
 */
void descs_release_late(struct descs *d, unsigned n,
                        void (*lost)(void *ctx, gva_t va), void *ctx);

/* descs_cut - the entries of [@va, @end) are gone */
void descs_cut(struct descs *d, gva_t va, gva_t end);

/* descs_saved - the bytes that are kept for a page, saved or not */
bool descs_saved(const struct descs *d, gva_t va,
                 adi_tag_t tags[static ADI_TAGS_PER_PAGE]);

const struct desc *descs_nth(const struct descs *d, unsigned n);
