/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge/books.h - the copies of tags that were saved and not released yet
 *
 * Owns:    copies by page, pages by address space or shared object, and the
 *          buffers that the copies are in
 * Used by: judge/ledger.c
 *
 * Aborts when the host has no memory: books with a page missing prove nothing.
 */
#pragma once

#include "judge/ledger.h"

/* One save that was not released yet. */
struct copy {
    uint64_t index; /* page: va >> PAGE_SHIFT; slot: swap entry */
    uint64_t buf;   /* 0: a store without buffers */
    uint64_t bytes;
    size_t life; /* its number in the lives, 0: none */
    struct stamp saved;
    struct stamp cut;         /* its entry went away here; nr 0: entry exists */
    bool at_exit;             /* of a slot: was there when the last mm left */
    bool judged;              /* of a slot: is among the leaks */
    struct copy *prev, *next; /* of the page, oldest first */
};

struct page {
    uint64_t index;
    struct copy *copies;
};

struct buffer {
    uint64_t nr;
    uint32_t mm;
    uint32_t slot;
    gva_t start, end;
    uint64_t bytes;
    bool idle;           /* no users, but kept by the store */
    struct leak verdict; /* users, leaked and cut, at exit */
    struct stamp alloc;
};

/* An address space, or a shared object. */
struct space {
    uint64_t key; /* SLOTS, the mm's number, or the object's << 32 */
    uint32_t mm;  /* 0: slots, or a shared object */
    uint64_t nr_copies;
    struct page_entry *pages;
};

#define SLOTS 0 /* the key of copies that belong to swap slots */

struct books {
    struct space_entry *spaces;
    struct buffer_entry *buffers;
};

void books_fini(struct books *b);

/* books_find_space - NULL: none of this key */
struct space *books_find_space(const struct books *b, uint64_t key);

/* books_space - of an address space, or SLOTS; made when there is none */
struct space *books_space(struct books *b, uint32_t mm);

/* books_space_of_page - of the page of an event: an mm's, or an object's */
struct space *books_space_of_page(struct books *b, const struct event *ev);

/* books_space_of - where the copy of an event belongs */
struct space *books_space_of(struct books *b, const struct event *ev);

/* In no order; NULL: that was the last. */
struct space *books_first_space(const struct books *b);
struct space *books_next_space(const struct space *s);

/* books_forget_mm - its space and its buffers */
void books_forget_mm(struct books *b, uint32_t mm);

size_t books_nr_pages(const struct space *s);
struct page *books_find_page(const struct space *s, uint64_t index);
struct page *books_get_page(struct space *s, uint64_t index);

/* In no order; NULL: that was the last.  The next of a page may be asked for
 * before that page goes. */
struct page *books_first_page(const struct space *s);
struct page *books_next_page(const struct page *p);

/* books_drop_copy - the page goes with its last copy */
void books_drop_copy(struct space *s, struct page *p, struct copy *c);

/* books_take_copy - the newest, for another page of @s; now the caller's */
struct copy *books_take_copy(struct space *s, struct page *p);

struct buffer *books_add_buffer(struct books *b, uint64_t nr);
struct buffer *books_find_buffer(const struct books *b, uint64_t nr);
struct buffer *books_first_buffer(const struct books *b);
struct buffer *books_next_buffer(const struct buffer *buffer);
void books_drop_buffer(struct books *b, struct buffer *buffer);
