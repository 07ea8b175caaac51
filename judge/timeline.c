// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/timeline.h"

#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "judge/lives.h"

/* A page whose events are kept. */
struct wanted {
    uint64_t key;
    gva_t va;
    UT_hash_handle hh;
};

struct timeline {
    size_t limit;
    struct timeline_event *events; /* owned; by number */
    size_t nr, cap;
    uint64_t told;              /* events there have been */
    uint64_t complete_from;     /* number of an event */
    struct wanted *wanted;      /* owned; @limit of them at most */
    struct space_image *spaces; /* the last is being filled */
    size_t nr_spaces, cap_spaces;
    size_t nr_areas, nr_pages; /* of all spaces */
    struct lives *lives;
};

struct timeline *timeline_create(size_t limit)
{
    struct timeline *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->limit = limit;
    t->complete_from = 1;
    t->lives = lives_create(limit);
    if (!t->lives) {
        free(t);
        return NULL;
    }
    return t;
}

void timeline_destroy(struct timeline *t)
{
    struct wanted *w, *next;

    if (!t)
        return;
    for (size_t i = 0; i < t->nr_spaces; i++) {
        free(t->spaces[i].areas);
        free(t->spaces[i].pages);
    }
    HASH_ITER(hh, t->wanted, w, next) {
        HASH_DEL(t->wanted, w);
        free(w);
    }
    free(t->spaces);
    free(t->events);
    lives_destroy(t->lives);
    free(t);
}

/*
 * Room for element @nr of @array, which has room for *@cap elements: the
 * array, moved perhaps, or NULL when the host has no memory.
 */
static void *room(void *array, size_t nr, size_t *cap, size_t size)
{
    size_t more = *cap ? *cap * 2 : 16;
    void *grown;

    if (nr < *cap)
        return array;
    grown = realloc(array, more * size);
    if (grown)
        *cap = more;
    return grown;
}

/* ---------------------------------------------------------- wanted pages */

/* Two pages with one key cost a few events more. */
static uint64_t wanted_key(uint32_t mm, gva_t va)
{
    return (uint64_t)mm << 44 ^ va >> PAGE_SHIFT;
}

static struct wanted *wanted_find(const struct timeline *t, uint32_t mm,
                                  gva_t va)
{
    uint64_t key = wanted_key(mm, va);
    struct wanted *w;

    HASH_FIND(hh, t->wanted, &key, sizeof(key), w);
    return w;
}

static void wanted_add(struct timeline *t, uint32_t mm, gva_t va)
{
    struct wanted *w;

    if (wanted_find(t, mm, va) || HASH_COUNT(t->wanted) >= t->limit)
        return;
    w = calloc(1, sizeof(*w));
    if (!w)
        return;
    w->key = wanted_key(mm, va);
    w->va = va & PAGE_MASK;
    HASH_ADD(hh, t->wanted, key, sizeof(w->key), w);
    if (!w->hh.tbl)
        free(w);
}

/* A page that mremap moves is wanted where it goes. */
static bool is_wanted(struct timeline *t, const struct event *ev)
{
    bool found = false;

    if (ev->end <= ev->va)
        return wanted_find(t, ev->mm, ev->va) != NULL;
    if ((ev->end - ev->va) >> PAGE_SHIFT > HASH_COUNT(t->wanted)) {
        struct wanted *w, *next;

        HASH_ITER(hh, t->wanted, w, next) {
            if (w->va < ev->va || w->va >= ev->end ||
                w->key != wanted_key(ev->mm, w->va))
                continue;
            found = true;
            if (ev->kind == EV_REMAP)
                wanted_add(t, ev->mm, ev->to + (w->va - ev->va));
        }
        return found;
    }
    for (gva_t va = ev->va; va < ev->end; va += PAGE_SIZE) {
        if (!wanted_find(t, ev->mm, va))
            continue;
        found = true;
        if (ev->kind == EV_REMAP)
            wanted_add(t, ev->mm, ev->to + (va - ev->va));
    }
    return found;
}

/* The event with this number, or NULL. */
static struct timeline_event *event_find(const struct timeline *t, uint64_t nr)
{
    size_t low = 0, high = t->nr;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (t->events[middle].ev.nr < nr)
            low = middle + 1;
        else
            high = middle;
    }
    return low < t->nr && t->events[low].ev.nr == nr ? &t->events[low] : NULL;
}

void timeline_want(struct timeline *t, uint32_t mm, gva_t va,
                   const struct stamp *story, size_t nr)
{
    wanted_add(t, mm, va);
    for (size_t i = 0; i < nr; i++) {
        struct timeline_event *e = event_find(t, story[i].nr);

        if (e)
            e->wanted = true;
    }
}

/* ---------------------------------------------------------------- events */

/* Of those before the last @limit only the wanted stay, the newer of them. */
static void drop_old(struct timeline *t)
{
    size_t old = t->nr - t->limit, wanted = 0, kept = 0;

    for (size_t i = 0; i < old; i++)
        wanted += t->events[i].wanted;
    for (size_t i = 0; i < old; i++) {
        if (!t->events[i].wanted)
            continue;
        if (wanted-- <= t->limit)
            t->events[kept++] = t->events[i];
    }
    memmove(&t->events[kept], &t->events[old], t->limit * sizeof(*t->events));
    if (kept == old)
        return;
    t->nr = kept + t->limit;
    t->complete_from = t->events[kept].ev.nr;
}

void timeline_trim(struct timeline *t)
{
    if (t->nr > t->limit)
        drop_old(t);
    lives_trim(t->lives);
}

void timeline_event(struct timeline *t, const struct event *ev)
{
    struct timeline_event *grown, *e;

    if (ev->kind == EV_VISIBLE && !ev->tags)
        return;
    t->told++;
    if (t->nr == 3 * t->limit)
        drop_old(t);
    grown = room(t->events, t->nr, &t->cap, sizeof(*grown));
    if (!grown) {
        t->complete_from = ev->nr + 1;
        return;
    }
    t->events = grown;
    e = &t->events[t->nr++];
    e->ev = *ev;
    e->ev.tags = NULL;
    e->has_tags = ev->tags != NULL;
    e->wanted = t->wanted && is_wanted(t, ev);
    if (ev->tags)
        memcpy(e->tags, ev->tags, sizeof(e->tags));
}

bool timeline_leave(struct timeline *t, const struct event *ev)
{
    struct space_image *grown =
        room(t->spaces, t->nr_spaces, &t->cap_spaces, sizeof(*grown));

    if (!grown)
        return false;
    t->spaces = grown;
    t->spaces[t->nr_spaces++] =
        (struct space_image){.left = stamp_of(ev), .mm = ev->mm};
    return true;
}

static struct space_image *last_space(struct timeline *t)
{
    return &t->spaces[t->nr_spaces - 1];
}

/* The arrays of a space grow by powers of two: no field for their room. */
static void *grow_by_two(void *array, size_t nr, size_t size)
{
    if (nr & (nr - 1))
        return array;
    return realloc(array, (nr ? nr * 2 : 1) * size);
}

void timeline_area(struct timeline *t, const struct area_image *area)
{
    struct space_image *s = last_space(t);
    struct area_image *grown = NULL;

    if (t->nr_areas < TIMELINE_MAX_AREAS)
        grown = grow_by_two(s->areas, s->nr_areas, sizeof(*grown));
    if (!grown) {
        s->areas_left_out++;
        return;
    }
    s->areas = grown;
    s->areas[s->nr_areas++] = *area;
    t->nr_areas++;
}

void timeline_page(struct timeline *t, const struct page_image *page)
{
    struct space_image *s = last_space(t);
    struct page_image *grown = NULL;

    if (t->nr_pages < TIMELINE_MAX_PAGES)
        grown = grow_by_two(s->pages, s->nr_pages, sizeof(*grown));
    if (!grown) {
        s->pages_left_out++;
        return;
    }
    s->pages = grown;
    s->pages[s->nr_pages++] = *page;
    t->nr_pages++;
}

size_t timeline_limit(const struct timeline *t)
{
    return t->limit;
}

size_t timeline_nr_events(const struct timeline *t)
{
    return t->nr;
}

const struct timeline_event *timeline_nth(const struct timeline *t, size_t n)
{
    return &t->events[n];
}

uint64_t timeline_left_out(const struct timeline *t)
{
    return t->told - t->nr;
}

uint64_t timeline_complete_from(const struct timeline *t)
{
    return t->complete_from;
}

size_t timeline_nr_spaces(const struct timeline *t)
{
    return t->nr_spaces;
}

const struct space_image *timeline_space(const struct timeline *t, size_t n)
{
    return &t->spaces[n];
}

struct lives *timeline_lives(const struct timeline *t)
{
    return t->lives;
}
