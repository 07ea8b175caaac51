// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/seen.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FIRST_PLACES (UINT32_C(1) << 16)
#define PART_SHIFT   20 /* states that get their memory at once */
#define PART_STATES  (UINT32_C(1) << PART_SHIFT)
#define MAX_PARTS    (SEEN_MAX_STATES / PART_STATES)

/* By its number, from 1; 0 is no state. */
struct node {
    uint64_t low, high;
    _Atomic uint64_t from; /* state << 16 | step */
};

/* Shared: all of it, and what it points to.  That is at the same address in
 * each process, as it changes only while there is but one. */
struct seen {
    struct node *parts[MAX_PARTS]; /* by the upper bits of a number */
    unsigned nr_parts;
    _Atomic uint32_t *places; /* numbers, by key; 0: free */
    uint64_t nr_places;
    uint32_t max;           /* states there may ever be */
    uint32_t room;          /* states, with so many places */
    uint32_t numbered;      /* states that have their number for good */
    _Atomic uint32_t taken; /* places of nodes that were given out */
};

static void *map_shared(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

#define PART_BYTES (PART_STATES * sizeof(struct node))

static struct node *node(const struct seen *s, uint32_t nr)
{
    return &s->parts[nr >> PART_SHIFT][nr & (PART_STATES - 1)];
}

/* Numbers up to @nr can be used. */
static bool make_parts(struct seen *s, uint32_t nr)
{
    while (s->nr_parts <= nr >> PART_SHIFT) {
        struct node *part = map_shared(PART_BYTES);

        if (!part)
            return false;
        s->parts[s->nr_parts++] = part;
    }
    return true;
}

/* Four fifths: a search in a fuller table is long. */
static uint32_t room(const struct seen *s, uint64_t nr_places)
{
    uint64_t nr = nr_places / 5 * 4;

    return nr < s->max ? (uint32_t)nr : s->max;
}

struct seen *seen_create(uint32_t max_states)
{
    struct seen *s = map_shared(sizeof(*s));

    if (!s)
        return NULL;
    s->max = max_states && max_states < SEEN_MAX_STATES ? max_states
                                                        : SEEN_MAX_STATES - 1;
    s->nr_places = FIRST_PLACES;
    s->places = map_shared(s->nr_places * sizeof(s->places[0]));
    s->room = room(s, s->nr_places);
    if (!s->places || !make_parts(s, s->room)) {
        seen_destroy(s);
        return NULL;
    }
    return s;
}

void seen_destroy(struct seen *s)
{
    if (!s)
        return;
    if (s->places)
        munmap(s->places, s->nr_places * sizeof(s->places[0]));
    for (unsigned i = 0; i < s->nr_parts; i++)
        munmap(s->parts[i], PART_BYTES);
    munmap(s, sizeof(*s));
}

/* Any number of places will do, as the keys are spread evenly. */
static uint64_t place_of(const struct seen *s, uint64_t high)
{
    return (uint64_t)((unsigned __int128)high * s->nr_places >> 64);
}

/* The shortest way is that of the level; of these, the first. */
static void lower(_Atomic uint64_t *from, uint64_t to)
{
    uint64_t was = atomic_load_explicit(from, memory_order_relaxed);

    while (to < was &&
           !atomic_compare_exchange_weak_explicit(
               from, &was, to, memory_order_relaxed, memory_order_relaxed))
        ;
}

static bool take_place(struct seen_adder *a)
{
    struct seen *s = a->seen;
    uint32_t nr;

    if (a->spare)
        return true;
    if (atomic_load_explicit(&s->taken, memory_order_relaxed) >= s->room)
        return false;
    nr = atomic_fetch_add_explicit(&s->taken, 1, memory_order_relaxed);
    a->spare = nr + 1;
    return true;
}

bool seen_add(struct seen_adder *a, struct state_key key, struct seen_from from)
{
    struct seen *s = a->seen;
    uint64_t way = (uint64_t)from.state << 16 | from.step;
    uint64_t at = place_of(s, key.high);

    for (;; at = at + 1 < s->nr_places ? at + 1 : 0) {
        uint32_t nr =
            atomic_load_explicit(&s->places[at], memory_order_acquire);
        struct node *n;

        if (nr == 0) {
            if (!take_place(a))
                return false;
            n = node(s, a->spare);
            n->low = key.low;
            n->high = key.high;
            atomic_store_explicit(&n->from, way, memory_order_relaxed);
            if (atomic_compare_exchange_strong_explicit(
                    &s->places[at], &nr, a->spare, memory_order_release,
                    memory_order_acquire)) {
                a->spare = 0;
                return true;
            }
            /* Somebody else was faster, and @nr is his. */
        }
        n = node(s, nr);
        if (n->low != key.low || n->high != key.high)
            continue;
        if (nr > s->numbered)
            lower(&n->from, way);
        return true;
    }
}

void seen_give_back(struct seen_adder *a)
{
    if (a->spare)
        memset(node(a->seen, a->spare), 0, sizeof(struct node));
    a->spare = 0;
}

uint32_t seen_nr(const struct seen *s)
{
    return s->numbered;
}

struct seen_from seen_from(const struct seen *s, uint32_t state)
{
    uint64_t from =
        atomic_load_explicit(&node(s, state)->from, memory_order_relaxed);

    return (struct seen_from){.state = (uint32_t)(from >> 16),
                              .step = (uint16_t)from};
}

struct state_key seen_key(const struct seen *s, uint32_t state)
{
    const struct node *n = node(s, state);

    return (struct state_key){.low = n->low, .high = n->high};
}

uint64_t seen_bytes(const struct seen *s)
{
    return ((uint64_t)atomic_load(&s->taken) + 1) * sizeof(struct node) +
           s->nr_places * sizeof(s->places[0]);
}

/* ------------------------------------------------------------- one process */

static int by_way(const void *a, const void *b)
{
    const struct node *x = a, *y = b;
    uint64_t fx = atomic_load_explicit(&x->from, memory_order_relaxed);
    uint64_t fy = atomic_load_explicit(&y->from, memory_order_relaxed);

    return fx < fy ? -1 : fx > fy;
}

static void place(struct seen *s, uint32_t nr)
{
    uint64_t at = place_of(s, node(s, nr)->high);

    while (atomic_load_explicit(&s->places[at], memory_order_relaxed))
        at = at + 1 < s->nr_places ? at + 1 : 0;
    atomic_store_explicit(&s->places[at], nr, memory_order_relaxed);
}

/* Where a state is that has not got its number yet; NULL: who was to add it
 * has died before. */
static _Atomic uint32_t *find_place(struct seen *s, const struct node *n)
{
    uint64_t at = place_of(s, n->high);

    for (;; at = at + 1 < s->nr_places ? at + 1 : 0) {
        uint32_t nr =
            atomic_load_explicit(&s->places[at], memory_order_relaxed);

        if (nr == 0)
            return NULL;
        if (nr > s->numbered && node(s, nr)->low == n->low &&
            node(s, nr)->high == n->high)
            return &s->places[at];
    }
}

struct added {
    struct node node;
    _Atomic uint32_t *place;
};

int seen_number(struct seen *s)
{
    uint32_t first = s->numbered + 1, end = atomic_load(&s->taken) + 1;
    uint32_t nr = 0;
    struct added *added = malloc(((size_t)(end - first) + 1) * sizeof(*added));

    if (!added)
        return -ENOMEM;
    for (uint32_t i = first; i < end; i++) {
        const struct node *n = node(s, i);
        _Atomic uint32_t *at = n->low ? find_place(s, n) : NULL;

        if (!at)
            continue; /* given back */
        added[nr].node.low = n->low;
        added[nr].node.high = n->high;
        atomic_init(&added[nr].node.from,
                    atomic_load_explicit(&n->from, memory_order_relaxed));
        added[nr++].place = at;
    }
    qsort(added, nr, sizeof(*added), by_way);
    for (uint32_t i = 0; i < nr; i++) {
        struct node *n = node(s, first + i);

        n->low = added[i].node.low;
        n->high = added[i].node.high;
        atomic_store(&n->from, atomic_load(&added[i].node.from));
        atomic_store(added[i].place, first + i);
    }
    free(added);
    atomic_store(&s->taken, first + nr - 1);
    s->numbered = first + nr - 1;
    return 0;
}

/* By a quarter: what is free of the places is memory, too. */
int seen_grow(struct seen *s)
{
    uint64_t nr = s->nr_places + s->nr_places / 4, had = s->nr_places;
    _Atomic uint32_t *old = s->places, *grown;
    uint32_t end = atomic_load(&s->taken) + 1;

    if (s->room == s->max || !make_parts(s, room(s, nr)))
        return -ENOMEM;
    grown = map_shared(nr * sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    s->places = grown;
    s->nr_places = nr;
    s->room = room(s, nr);
    for (uint32_t i = 1; i < end; i++)
        if (node(s, i)->low)
            place(s, i);
    munmap(old, had * sizeof(*old));
    return 0;
}
