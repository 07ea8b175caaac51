#include "report/history.h"

#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct page {
    uint64_t index; /* va >> PAGE_SHIFT */
    struct stamp *ev;
    uint16_t nr, cap;
    uint16_t head; /* oldest, once the ring is full */
    size_t dropped;
    UT_hash_handle hh;
};

struct space {
    uint32_t mm;
    struct stamp forked; /* from a watched parent; nr 0: not */
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

static void page_free(struct space *s, struct page *p)
{
    HASH_DEL(s->pages, p);
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
        if (old)
            page_free(s, old);
        HASH_ADD(hh, s->pages, index, sizeof(p->index), p);
    }
}

static void watch_child(struct history *h, const struct event *ev)
{
    struct space *child;

    history_watch(h, ev->mm2);
    child = space_find(h, ev->mm2);
    if (child && child->forked.nr == 0)
        child->forked = stamp_of(ev);
}

struct stamp history_fork(const struct history *h, uint32_t mm)
{
    const struct space *s = space_find(h, mm);

    return s ? s->forked : (struct stamp){.nr = 0};
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
    case EV_FORK: watch_child(h, ev); return;
    case EV_MM_DEAD: space_free(h, s); return;
    case EV_TAG_SAVE:
    case EV_TAG_RESTORE:
    case EV_TAG_DROP:
    case EV_TAG_SAVE_FAIL:
    case EV_TAG_MOVE:
    case EV_TAG_DUP:
    case EV_SWAP_OUT:
    case EV_UNMAP_UNDO:
    case EV_SWAP_IN:
    case EV_SWAP_GONE:
    case EV_MIGRATE_OUT:
    case EV_MIGRATE_IN:
    case EV_MIGRATE_GONE: break;
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
    if (!p || p->nr == 0)
        return 0;
    *out = malloc(p->nr * sizeof(**out));
    if (!*out)
        return 0;
    for (unsigned i = 0; i < p->nr; i++)
        (*out)[i] = p->ev[(p->head + i) % p->nr];
    *dropped = p->dropped;
    return p->nr;
}
