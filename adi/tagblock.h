/*
 * adi/tagblock.h - the saved tags of one page, in as few bytes as they need
 *
 * Owns:    the encoding of a 64-bit word
 * Used by: adi/tagmap.c
 *
 * A word is 0 (nothing saved), up to six runs of equal tags, or a pointer
 * to a heap block of 16, 32 or 64 bytes for more runs.
 */
#pragma once

#include "mm/types.h"

/*
 * tagblock_make - encode 128 tags
 *
 * Returns a word that is not 0, owned by the caller until
 * tagblock_free(), or 0 when the host has no memory.
 */
uint64_t tagblock_make(const adi_tag_t tags[static ADI_TAGS_PER_PAGE]);

/* tagblock_get - decode; @word is not 0 */
void tagblock_get(uint64_t word, adi_tag_t tags[static ADI_TAGS_PER_PAGE]);

/* tagblock_free - a word of 0 is fine */
void tagblock_free(uint64_t word);

/* Heap bytes behind a word: 0, 16, 32 or 64. */
size_t tagblock_bytes(uint64_t word);
