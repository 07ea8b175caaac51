/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adi/tagmap.h - saved tags by key, without limits
 *
 * Owns:    one tag block for each key
 * Used by: the profiles remap (key: page of the mm) and swap-keyed (key:
 *          swap entry)
 */
#pragma once

#include "adi/tagblock.h"
#include "mm/xarray.h"

struct tagmap {
    struct xarray words; /* tag blocks; see adi/tagblock.h */
    struct tagpool pool; /* what holds those that need more than a word */
    size_t nr;           /* keys with a block */
    size_t heap_bytes;   /* of all blocks */
};

void tagmap_init(struct tagmap *map);
void tagmap_fini(struct tagmap *map);

/*
 * tagmap_save - keep the tags of @key, replacing an earlier copy
 *
 * Returns 0, or -ENOMEM with the map unchanged.
 */
MUST_CHECK int tagmap_save(struct tagmap *map, uint64_t key,
                           const adi_tag_t tags[static ADI_TAGS_PER_PAGE]);

/* tagmap_load - false when nothing is kept for @key */
bool tagmap_load(struct tagmap *map, uint64_t key,
                 adi_tag_t tags[static ADI_TAGS_PER_PAGE]);

/* tagmap_take - tagmap_load(), then tagmap_drop() */
bool tagmap_take(struct tagmap *map, uint64_t key,
                 adi_tag_t tags[static ADI_TAGS_PER_PAGE]);

/* tagmap_drop - false when nothing was kept */
bool tagmap_drop(struct tagmap *map, uint64_t key);

/*
 * tagmap_move - @from's copy is @to's from now on
 *
 * @to's earlier copy is dropped.  Returns 0 (also when there was nothing),
 * or -ENOMEM with the map unchanged.
 */
MUST_CHECK int tagmap_move(struct tagmap *map, uint64_t from, uint64_t to);

/*
 * tagmap_copy - @to gets what @from has for @key, replacing its own copy
 *
 * Returns 0 (also when there was nothing), or -ENOMEM with @to unchanged.
 */
MUST_CHECK int tagmap_copy(struct tagmap *to, struct tagmap *from,
                           uint64_t key);

/*
 * tagmap_next - is there a copy at or after *@key, up to @last?
 *
 * Sets *@key to it.
 */
bool tagmap_next(struct tagmap *map, uint64_t *key, uint64_t last);

/* A copy costs its word, and its heap block when it has one. */
#define TAGMAP_WORD_BYTES 8

/* tagmap_bytes - what the copy of @key costs, 0 when there is none */
size_t tagmap_bytes(struct tagmap *map, uint64_t key);

bool tagmap_has(struct tagmap *map, uint64_t key);
