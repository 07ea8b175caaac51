// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/books.h"

#include <stdlib.h>
#include <utlist.h>

#define HASH_NONFATAL_OOM        1
#define uthash_nonfatal_oom(elt) abort()
#include <uthash.h>

/* What others see is the first member of each. */
struct page_entry {
    struct page page;
    UT_hash_handle hh;
};

struct buffer_entry {
    struct buffer buffer;
    UT_hash_handle hh;
};

struct space_entry {
    struct space space;
    UT_hash_handle hh;
};

static void *must(void *p)
{
    if (!p)
        abort();
    return p;
}

/* ---------------------------------------------------------------- spaces */

static void space_drop(struct books *b, struct space_entry *s)
{
    struct page_entry *p, *next;

    HASH_ITER(hh, s->space.pages, p, next) {
        struct copy *c, *c_next;

        DL_FOREACH_SAFE(p->page.copies, c, c_next) {
            DL_DELETE(p->page.copies, c);
            free(c);
        }
        HASH_DEL(s->space.pages, p);
        free(p);
    }
    HASH_DEL(b->spaces, s);
    free(s);
}

void books_fini(struct books *b)
{
    struct space_entry *s, *s_next;
    struct buffer_entry *e, *e_next;

    HASH_ITER(hh, b->spaces, s, s_next) {
        space_drop(b, s);
    }
    HASH_ITER(hh, b->buffers, e, e_next) {
        books_drop_buffer(b, &e->buffer);
    }
}

struct space *books_first_space(const struct books *b)
{
    return b->spaces ? &b->spaces->space : NULL;
}

struct space *books_next_space(const struct space *s)
{
    const struct space_entry *e = (const struct space_entry *)s;
    struct space_entry *next = e->hh.next;

    return next ? &next->space : NULL;
}

struct space *books_find_space(const struct books *b, uint64_t key)
{
    struct space_entry *s;

    HASH_FIND(hh, b->spaces, &key, sizeof(key), s);
    return s ? &s->space : NULL;
}

static struct space *space_add(struct books *b, uint64_t key, uint32_t mm)
{
    struct space *found = books_find_space(b, key);
    struct space_entry *s;

    if (found)
        return found;
    s = must(calloc(1, sizeof(*s)));
    s->space.key = key;
    s->space.mm = mm;
    HASH_ADD(hh, b->spaces, space.key, sizeof(s->space.key), s);
    return &s->space;
}

struct space *books_space(struct books *b, uint32_t mm)
{
    return space_add(b, mm, mm);
}

struct space *books_space_of_page(struct books *b, const struct event *ev)
{
    return space_add(b, ev->mm ? ev->mm : ev->object << 32, ev->mm);
}

struct space *books_space_of(struct books *b, const struct event *ev)
{
    return ev->by_entry ? books_space(b, SLOTS) : books_space_of_page(b, ev);
}

void books_forget_mm(struct books *b, uint32_t mm)
{
    struct buffer_entry *e, *next;
    struct space_entry *s;
    uint64_t key = mm;

    HASH_FIND(hh, b->spaces, &key, sizeof(key), s);
    if (s)
        space_drop(b, s);
    HASH_ITER(hh, b->buffers, e, next) {
        if (e->buffer.mm == mm)
            books_drop_buffer(b, &e->buffer);
    }
}

/* ----------------------------------------------------------------- pages */

size_t books_nr_pages(const struct space *s)
{
    return HASH_COUNT(s->pages);
}

struct page *books_find_page(const struct space *s, uint64_t index)
{
    struct page_entry *p;

    HASH_FIND(hh, s->pages, &index, sizeof(index), p);
    return p ? &p->page : NULL;
}

struct page *books_get_page(struct space *s, uint64_t index)
{
    struct page *found = books_find_page(s, index);
    struct page_entry *p;

    if (found)
        return found;
    p = must(calloc(1, sizeof(*p)));
    p->page.index = index;
    HASH_ADD(hh, s->pages, page.index, sizeof(p->page.index), p);
    return &p->page;
}

struct page *books_first_page(const struct space *s)
{
    return s->pages ? &s->pages->page : NULL;
}

struct page *books_next_page(const struct page *p)
{
    struct page_entry *next = ((const struct page_entry *)p)->hh.next;

    return next ? &next->page : NULL;
}

struct copy *books_take_copy(struct space *s, struct page *p)
{
    struct copy *c = p->copies->prev;
    struct page_entry *e = (struct page_entry *)p;

    DL_DELETE(p->copies, c);
    if (!p->copies) {
        HASH_DEL(s->pages, e);
        free(e);
    }
    return c;
}

void books_drop_copy(struct space *s, struct page *p, struct copy *c)
{
    struct page_entry *e = (struct page_entry *)p;

    DL_DELETE(p->copies, c);
    free(c);
    s->nr_copies--;
    if (!p->copies) {
        HASH_DEL(s->pages, e);
        free(e);
    }
}

/* --------------------------------------------------------------- buffers */

struct buffer *books_add_buffer(struct books *b, uint64_t nr)
{
    struct buffer_entry *e = must(calloc(1, sizeof(*e)));

    e->buffer.nr = nr;
    HASH_ADD(hh, b->buffers, buffer.nr, sizeof(e->buffer.nr), e);
    return &e->buffer;
}

struct buffer *books_find_buffer(const struct books *b, uint64_t nr)
{
    struct buffer_entry *e;

    HASH_FIND(hh, b->buffers, &nr, sizeof(nr), e);
    return e ? &e->buffer : NULL;
}

struct buffer *books_first_buffer(const struct books *b)
{
    return b->buffers ? &b->buffers->buffer : NULL;
}

struct buffer *books_next_buffer(const struct buffer *buffer)
{
    struct buffer_entry *next = ((const struct buffer_entry *)buffer)->hh.next;

    return next ? &next->buffer : NULL;
}

void books_drop_buffer(struct books *b, struct buffer *buffer)
{
    struct buffer_entry *e = (struct buffer_entry *)buffer;

    HASH_DEL(b->buffers, e);
    free(e);
}
