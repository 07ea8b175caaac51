// SPDX-License-Identifier: GPL-2.0-or-later
#include "check/struck.h"

#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM        1
#define uthash_nonfatal_oom(elt) abort()
#include <uthash.h>

#include "event/event.h"
#include "mm/mapping.h"
#include "mm/vma.h"

struct struck {
    struct page_key key;
    uint32_t bugs;
    UT_hash_handle hh;
};

struct struck_pages {
    uint32_t bugs;
    struct struck *pages;
};

struct struck_pages *struck_create(uint32_t bugs)
{
    struct struck_pages *s = calloc(1, sizeof(*s));

    if (s)
        s->bugs = bugs;
    return s;
}

static void forget(struct struck_pages *s, struct struck *page)
{
    HASH_DEL(s->pages, page);
    free(page);
}

void struck_destroy(struct struck_pages *s)
{
    struct struck *page, *next;

    if (!s)
        return;
    HASH_ITER(hh, s->pages, page, next)
        forget(s, page);
    free(s);
}

struct page_key struck_key(const struct vma *vma, uint32_t mm, gva_t va)
{
    struct page_key key;

    memset(&key, 0, sizeof(key));
    key.space = mm;
    key.index = va >> PAGE_SHIFT;
    if (vma && vma->mapping && vma->flags & VM_SHARED) {
        key.space = mapping_id(vma->mapping) << 32;
        key.index = vma_index(vma, va);
    }
    return key;
}

static struct struck *find(const struct struck_pages *s,
                           const struct page_key *key)
{
    struct struck *page;

    HASH_FIND(hh, s->pages, key, sizeof(*key), page);
    return page;
}

void struck_add(struct struck_pages *s, const struct page_key *key,
                uint32_t bugs)
{
    struct struck *page = find(s, key);

    bugs &= s->bugs;
    if (!page && bugs) {
        page = calloc(1, sizeof(*page));
        if (!page)
            abort();
        page->key = *key;
        HASH_ADD(hh, s->pages, key, sizeof(page->key), page);
    }
    if (page)
        page->bugs |= bugs;
}

uint32_t struck_bugs(const struct struck_pages *s, const struct page_key *key)
{
    const struct struck *page = find(s, key);

    return page ? page->bugs : 0;
}

void struck_heal(struct struck_pages *s, const struct page_key *key)
{
    struct struck *page = find(s, key);

    if (page)
        forget(s, page);
}

static bool is_in(const struct struck *page, uint64_t space, uint64_t first,
                  uint64_t end)
{
    return page->key.space == space && page->key.index >= first &&
           page->key.index < end;
}

void struck_heal_range(struct struck_pages *s, uint64_t space, uint64_t first,
                       uint64_t end)
{
    struct struck *page, *next;

    HASH_ITER(hh, s->pages, page, next) {
        if (is_in(page, space, first, end))
            forget(s, page);
    }
}

void struck_copy_range(struct struck_pages *s, const struct event *ev)
{
    uint64_t first = ev->va >> PAGE_SHIFT, end = ev->end >> PAGE_SHIFT;
    struct struck *page, *next;

    HASH_ITER(hh, s->pages, page, next) {
        struct page_key key = page->key;

        if (!is_in(page, ev->mm, first, end))
            continue;
        key.space = ev->mm2;
        struck_add(s, &key, page->bugs);
    }
}

void struck_move_range(struct struck_pages *s, const struct event *ev)
{
    uint64_t first = ev->va >> PAGE_SHIFT, end = ev->end >> PAGE_SHIFT;
    struct struck *page, *next, *moved = NULL;

    HASH_ITER(hh, s->pages, page, next) {
        if (!is_in(page, ev->mm, first, end))
            continue;
        HASH_DEL(s->pages, page);
        page->key.index += (ev->to >> PAGE_SHIFT) - first;
        HASH_ADD(hh, moved, key, sizeof(page->key), page);
    }
    HASH_ITER(hh, moved, page, next) {
        HASH_DEL(moved, page);
        struck_heal(s, &page->key);
        HASH_ADD(hh, s->pages, key, sizeof(page->key), page);
    }
}
