#include "report/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "report/lives.h"

struct timeline {
    size_t limit;
    struct timeline_event *events;
    size_t nr, cap;
    uint64_t left_out;
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
    t->lives = lives_create(limit);
    if (!t->lives) {
        free(t);
        return NULL;
    }
    return t;
}

void timeline_destroy(struct timeline *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->nr_spaces; i++) {
        free(t->spaces[i].areas);
        free(t->spaces[i].pages);
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

void timeline_event(struct timeline *t, const struct event *ev)
{
    struct timeline_event *grown = NULL, *e;

    if (ev->kind == EV_VISIBLE && !ev->tags)
        return;
    if (t->nr < t->limit)
        grown = room(t->events, t->nr, &t->cap, sizeof(*grown));
    if (!grown) {
        t->left_out++;
        return;
    }
    t->events = grown;
    e = &t->events[t->nr++];
    e->ev = *ev;
    e->ev.tags = NULL;
    e->has_tags = ev->tags != NULL;
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
    return t->left_out;
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
