/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check/struck.h - the pages that bugs of the kernel have struck
 *
 * Owns:    struct struck_pages: for each page, which bugs
 * Used by: check/predict.c
 *
 * A page is one of an address space, or of an object that several may map.
 * A host without memory for them ends the run: a model that forgets would
 * accuse the wrong one.
 */
#pragma once

#include "mm/types.h"

struct event;
struct struck_pages;
struct vma;

struct page_key {
    uint64_t space; /* number of the mm, or of the object << 32 */
    uint64_t index; /* in pages */
};

/* struck_create - none is struck; @bugs: those that the kernel has, others
 * strike nothing.  Returns NULL when the host has no memory. */
struct struck_pages *struck_create(uint32_t bugs);
void struck_destroy(struct struck_pages *s);

/* struck_key - of the page at @va of address space @mm; @vma: the area, NULL
 * when there is none */
struct page_key struck_key(const struct vma *vma, uint32_t mm, gva_t va);

/* struck_add - @bugs, as BUG() has them, have struck this page, too */
void struck_add(struct struck_pages *s, const struct page_key *key,
                uint32_t bugs);

/* struck_bugs - those that have struck it */
uint32_t struck_bugs(const struct struck_pages *s, const struct page_key *key);

/* struck_heal, struck_heal_range - what they show from here on is right; the
 * second: of the pages [@first, @end) of a space */
void struck_heal(struct struck_pages *s, const struct page_key *key);
void struck_heal_range(struct struck_pages *s, uint64_t space, uint64_t first,
                       uint64_t end);

/* struck_copy_range - a fork: what has struck the parent's pages has struck
 * the child's; struck_move_range - mremap() */
void struck_copy_range(struct struck_pages *s, const struct event *ev);
void struck_move_range(struct struck_pages *s, const struct event *ev);
