// SPDX-License-Identifier: GPL-2.0-or-later
#include "adi/tagmap.h"

#include <errno.h>
#include <string.h>

void tagmap_init(struct tagmap *map)
{
    memset(map, 0, sizeof(*map));
    xa_init(&map->words);
}

void tagmap_fini(struct tagmap *map)
{
    tagpool_fini(&map->pool);
    xa_destroy(&map->words);
    tagmap_init(map);
}

/* Put @word (or nothing) into a slot, accounting for what was there. */
static void replace(struct tagmap *map, uint64_t *slot, uint64_t word)
{
    map->nr += (word != 0) - (*slot != 0);
    map->heap_bytes += tagblock_bytes(word) - tagblock_bytes(*slot);
    tagblock_free(&map->pool, *slot);
    *slot = word;
}

int tagmap_save(struct tagmap *map, uint64_t key,
                const adi_tag_t tags[static ADI_TAGS_PER_PAGE])
{
    uint64_t *slot = xa_slot_alloc(&map->words, key);
    uint64_t word;

    if (!slot)
        return -ENOMEM;
    word = tagblock_make(&map->pool, tags);
    if (!word)
        return -ENOMEM;
    replace(map, slot, word);
    return 0;
}

bool tagmap_load(struct tagmap *map, uint64_t key,
                 adi_tag_t tags[static ADI_TAGS_PER_PAGE])
{
    uint64_t word = xa_load(&map->words, key);

    if (word)
        tagblock_get(word, tags);
    return word != 0;
}

bool tagmap_take(struct tagmap *map, uint64_t key,
                 adi_tag_t tags[static ADI_TAGS_PER_PAGE])
{
    uint64_t *slot = xa_slot(&map->words, key);

    if (!slot || !*slot)
        return false;
    tagblock_get(*slot, tags);
    replace(map, slot, 0);
    return true;
}

bool tagmap_drop(struct tagmap *map, uint64_t key)
{
    uint64_t *slot = xa_slot(&map->words, key);

    if (!slot || !*slot)
        return false;
    replace(map, slot, 0);
    return true;
}

int tagmap_move(struct tagmap *map, uint64_t from, uint64_t to)
{
    uint64_t word = xa_load(&map->words, from);
    uint64_t *slot;

    if (!word || from == to)
        return 0;
    slot = xa_slot_alloc(&map->words, to);
    if (!slot)
        return -ENOMEM;
    replace(map, slot, 0);
    *slot = word;
    xa_erase(&map->words, from);
    return 0;
}

int tagmap_copy(struct tagmap *to, struct tagmap *from, uint64_t key)
{
    uint64_t word = xa_load(&from->words, key);
    uint64_t *slot;

    if (!word)
        return 0;
    slot = xa_slot_alloc(&to->words, key);
    if (slot)
        word = tagblock_copy(&to->pool, word);
    if (!slot || !word)
        return -ENOMEM;
    replace(to, slot, word);
    return 0;
}

bool tagmap_next(struct tagmap *map, uint64_t *key, uint64_t last)
{
    return xa_next(&map->words, key, last) != NULL;
}

size_t tagmap_bytes(struct tagmap *map, uint64_t key)
{
    uint64_t word = xa_load(&map->words, key);

    return word ? TAGMAP_WORD_BYTES + tagblock_bytes(word) : 0;
}

bool tagmap_has(struct tagmap *map, uint64_t key)
{
    return xa_load(&map->words, key) != 0;
}
