// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/history.h"

#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* What happened to a page before a fork: the same for parent and child. */
struct past {
    unsigned users;
    size_t dropped;
    unsigned nr;
    struct stamp ev[]; /* oldest first */
};

struct page {
    uint64_t index;    /* va >> PAGE_SHIFT */
    struct past *past; /* counted; NULL: it has no fork in its story */
    struct stamp *ev;
    uint16_t nr, cap;
    uint16_t head; /* oldest, once the ring is full */
    size_t dropped;
    UT_hash_handle hh;
};

struct space {
    uint32_t mm;
    struct page *pages;
    UT_hash_handle hh;
};

struct history {
    struct space *spaces;
};

struct history *history_create(void)
{
    return calloc(1, sizeof(struct history));
}

static void past_put(struct past *past)
{
    if (past && --past->users == 0)
        free(past);
}

static void page_free(struct space *s, struct page *p)
{
    HASH_DEL(s->pages, p);
    past_put(p->past);
    free(p->ev);
    free(p);
}

static void space_free(struct history *h, struct space *s)
{
    struct page *p, *next;

    HASH_ITER(hh, s->pages, p, next) {
        page_free(s, p);
    }
    HASH_DEL(h->spaces, s);
    free(s);
}

void history_destroy(struct history *h)
{
    struct space *s, *next;

    if (!h)
        return;
    HASH_ITER(hh, h->spaces, s, next) {
        space_free(h, s);
    }
    free(h);
}

static struct space *space_find(const struct history *h, uint32_t mm)
{
    struct space *s;

    HASH_FIND(hh, h->spaces, &mm, sizeof(mm), s);
    return s;
}

void history_watch(struct history *h, uint32_t mm)
{
    struct space *s = space_find(h, mm);

    if (s)
        return;
    s = calloc(1, sizeof(*s));
    if (!s)
        return; /* a report without stories is still a report */
    s->mm = mm;
    HASH_ADD(hh, h->spaces, mm, sizeof(s->mm), s);
    if (!s->hh.tbl)
        free(s);
}

static struct page *page_find(const struct space *s, uint64_t index)
{
    struct page *p;

    HASH_FIND(hh, s->pages, &index, sizeof(index), p);
    return p;
}

static struct page *page_get(struct space *s, uint64_t index)
{
    struct page *p = page_find(s, index);

    if (p)
        return p;
    p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->index = index;
    HASH_ADD(hh, s->pages, index, sizeof(p->index), p);
    if (!p->hh.tbl) {
        free(p);
        return NULL;
    }
    return p;
}

static void page_append(struct page *p, const struct event *ev)
{
    if (p->nr == HISTORY_MAX) {
        p->ev[p->head] = stamp_of(ev);
        p->head = (uint16_t)((p->head + 1) % HISTORY_MAX);
        p->dropped++;
        return;
    }
    if (p->nr == p->cap) {
        uint16_t cap = p->cap ? (uint16_t)(p->cap * 2) : 4;
        struct stamp *grown;

        if (cap > HISTORY_MAX)
            cap = HISTORY_MAX;
        grown = realloc(p->ev, cap * sizeof(*grown));
        if (!grown) {
            p->dropped++;
            return;
        }
        p->ev = grown;
        p->cap = cap;
    }
    p->ev[p->nr++] = stamp_of(ev);
}

/* A range event concerns only pages that have a story already. */
static void append_range(struct space *s, const struct event *ev)
{
    uint64_t first = ev->va >> PAGE_SHIFT, end = ev->end >> PAGE_SHIFT;
    struct page *p, *next;

    if (end - first < HASH_COUNT(s->pages)) {
        for (uint64_t i = first; i < end; i++) {
            p = page_find(s, i);
            if (p)
                page_append(p, ev);
        }
        return;
    }
    HASH_ITER(hh, s->pages, p, next) {
        if (p->index >= first && p->index < end)
            page_append(p, ev);
    }
}

/* Event number @i of a page: of its past first. */
static const struct stamp *page_nth(const struct page *p, unsigned i)
{
    unsigned before = p->past ? p->past->nr : 0;

    return i < before ? &p->past->ev[i]
                      : &p->ev[(p->head + i - before) % p->nr];
}

static unsigned page_count(const struct page *p)
{
    return p->nr + (p->past ? p->past->nr : 0);
}

static size_t page_dropped(const struct page *p)
{
    return p->dropped + (p->past ? p->past->dropped : 0);
}

/* The last events of a page into @out, which has room for HISTORY_MAX. */
static unsigned page_story(const struct page *p, struct stamp *out,
                           size_t *dropped)
{
    unsigned all = page_count(p);
    unsigned first = all > HISTORY_MAX ? all - HISTORY_MAX : 0;

    for (unsigned i = first; i < all; i++)
        out[i - first] = *page_nth(p, i);
    *dropped = first + page_dropped(p);
    return all - first;
}

/* What the page has been through becomes its past; takes the past it had. */
static struct past *set_past(struct page *p, struct past *past)
{
    past_put(p->past);
    free(p->ev);
    p->past = past;
    p->ev = NULL;
    p->nr = p->cap = p->head = 0;
    p->dropped = 0;
    return past;
}

static struct past *past_create(unsigned nr)
{
    unsigned kept = nr < HISTORY_MAX ? nr : HISTORY_MAX;
    struct past *past = malloc(sizeof(*past) + kept * sizeof(past->ev[0]));

    if (past)
        *past = (struct past){.users = 1, .nr = kept};
    return past;
}

/* All of it becomes past, to be shared with a copy. */
static struct past *page_close(struct page *p)
{
    struct past *past;

    if (p->nr == 0)
        return p->past;
    past = past_create(page_count(p));
    if (!past)
        return NULL;
    page_story(p, past->ev, &past->dropped);
    return set_past(p, past);
}

/* The events of both pages that are told once: those of ranges. */
static unsigned count_common(const struct page *p, const struct page *old)
{
    unsigned i = page_count(p), j = page_count(old), n = 0;

    while (i > 0 && j > 0) {
        uint64_t a = page_nth(p, i - 1)->nr, b = page_nth(old, j - 1)->nr;

        n += a == b;
        i -= a >= b;
        j -= b >= a;
    }
    return n;
}

/* The page comes to an address that has a story of its own, of pages before. */
static void page_merge(struct page *p, const struct page *old)
{
    unsigned i = page_count(p), j = page_count(old), n;
    struct past *past = past_create(i + j - count_common(p, old));

    if (!past)
        return;
    for (n = past->nr; n > 0; n--) {
        uint64_t a = i ? page_nth(p, i - 1)->nr : 0;
        uint64_t b = j ? page_nth(old, j - 1)->nr : 0;

        past->ev[n - 1] = *(a >= b ? page_nth(p, i - 1) : page_nth(old, j - 1));
        i -= a >= b;
        j -= b >= a;
    }
    past->dropped = i + j + page_dropped(p) + page_dropped(old);
    (void)set_past(p, past);
}

static void move_page(struct space *s, struct page *p, uint64_t index,
                      struct page **moved)
{
    HASH_DEL(s->pages, p);
    p->index = index;
    HASH_ADD(hh, *moved, index, sizeof(p->index), p);
}

/* mremap: the story goes along with the page. */
static void move_range(struct space *s, const struct event *ev)
{
    uint64_t first = ev->va >> PAGE_SHIFT, end = ev->end >> PAGE_SHIFT;
    uint64_t to = ev->to >> PAGE_SHIFT;
    struct page *p, *next, *moved = NULL;

    append_range(s, ev);
    if (end - first < HASH_COUNT(s->pages)) {
        for (uint64_t i = first; i < end; i++) {
            p = page_find(s, i);
            if (p)
                move_page(s, p, to + (i - first), &moved);
        }
    } else {
        HASH_ITER(hh, s->pages, p, next) {
            if (p->index >= first && p->index < end)
                move_page(s, p, to + (p->index - first), &moved);
        }
    }
    HASH_ITER(hh, moved, p, next) {
        struct page *old = page_find(s, p->index);

        HASH_DEL(moved, p);
        if (old) {
            page_merge(p, old);
            page_free(s, old);
        }
        HASH_ADD(hh, s->pages, index, sizeof(p->index), p);
    }
}

static void page_fork(struct space *child, struct page *p,
                      const struct event *ev)
{
    struct past *past = page_close(p);
    struct page *copy = past ? page_get(child, p->index) : NULL;

    if (!copy)
        return;
    past->users++;
    past_put(copy->past);
    copy->past = past;
    page_append(copy, ev);
}

/* The child's pages have been through what the parent's have. */
static void watch_child(struct history *h, struct space *parent,
                        const struct event *ev)
{
    uint64_t first = ev->va >> PAGE_SHIFT, end = ev->end >> PAGE_SHIFT;
    struct space *child;
    struct page *p, *next;

    history_watch(h, ev->mm2);
    child = space_find(h, ev->mm2);
    if (!child)
        return;
    HASH_ITER(hh, parent->pages, p, next) {
        if (p->index >= first && p->index < end)
            page_fork(child, p, ev);
    }
}

/* The copy of a saved copy is news for the child alone. */
static void tell_child(struct history *h, const struct event *ev)
{
    struct space *child = space_find(h, ev->mm2);
    struct page *p = child ? page_get(child, ev->va >> PAGE_SHIFT) : NULL;

    if (p)
        page_append(p, ev);
}

void history_event(struct history *h, const struct event *ev)
{
    struct space *s = space_find(h, ev->mm);
    struct page *p;

    if (!s)
        return;
    switch (ev->kind) {
    case EV_ZAP:
    case EV_UNTAG: append_range(s, ev); return;
    case EV_REMAP: move_range(s, ev); return;
    case EV_FORK: watch_child(h, s, ev); return;
    case EV_MM_DEAD: space_free(h, s); return;
    case EV_TAG_DUP: tell_child(h, ev); break;
    case EV_TAG_SAVE:
    case EV_TAG_RESTORE:
    case EV_TAG_DROP:
    case EV_TAG_SAVE_FAIL:
    case EV_TAG_MOVE:
    case EV_SWAP_OUT:
    case EV_UNMAP_UNDO:
    case EV_SWAP_IN:
    case EV_SWAP_GONE:
    case EV_MIGRATE_OUT:
    case EV_MIGRATE_IN:
    case EV_MIGRATE_GONE:
    case EV_KERNEL_BUG:
    case EV_TAGS_CLEARED: break;
    default: return;
    }
    p = page_get(s, ev->va >> PAGE_SHIFT);
    if (p)
        page_append(p, ev);
}

size_t history_copy(const struct history *h, uint32_t mm, gva_t va,
                    struct stamp **out, size_t *dropped)
{
    const struct space *s = space_find(h, mm);
    const struct page *p = s ? page_find(s, va >> PAGE_SHIFT) : NULL;

    *out = NULL;
    *dropped = 0;
    if (!p || page_count(p) == 0)
        return 0;
    *out = malloc(HISTORY_MAX * sizeof(**out));
    return *out ? page_story(p, *out, dropped) : 0;
}
