/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adi/notes.h - what is noted when a program sets tags
 *
 * Owns:    struct tag_notes
 * Used by: judge/oracle.c keeps them; judge/judge.h; emu/engine/ adds to them
 *
 * A program may set millions of tags a second, and who set each of them is
 * wanted: so who sees it do that gets the place where it is noted, and writes
 * there.
 */
#pragma once

#include "mm/types.h"

/* Of a page. */
struct tag_notes {
    adi_tag_t tags[ADI_TAGS_PER_PAGE];
    uint8_t known[ADI_TAGS_PER_PAGE]; /* set by the program, or seen */
    uint32_t set[ADI_TAGS_PER_PAGE];  /* by the program: stack << 4 | tag */
};

/* Where the next ones go. */
struct tag_noting {
    struct tag_notes *notes; /* borrowed */
    const uint64_t *epoch;   /* until this changes */
    uint64_t *count;         /* of all tags that were set */
};

/* tag_note - the program set a tag; @by: number of a stack, or 0 */
static inline void tag_note(struct tag_notes *n, unsigned block, adi_tag_t tag,
                            uint32_t by)
{
    n->tags[block] = tag;
    n->known[block] = 1;
    n->set[block] = by << ADI_NBITS | tag;
}
