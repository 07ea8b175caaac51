// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/lives.h"

#include <stdlib.h>
#include <string.h>

struct lives {
    size_t limit, nr, cap;
    size_t told;       /* lives there have been: the number of the last */
    struct life *life; /* owned; by number */
};

const char *life_origin_name(enum life_origin origin)
{
    static const char *const names[] = {
        [LIFE_SAVED] = "save",
        [LIFE_MOVED] = "move",
        [LIFE_SHARED] = "duplicate",
    };

    return names[origin];
}

const char *life_fate_name(enum life_fate fate)
{
    static const char *const names[] = {
        [LIFE_OPEN] = "open",           [LIFE_RESTORED] = "restored",
        [LIFE_GONE] = "moved",          [LIFE_FREED] = "freed",
        [LIFE_REPLACED] = "replaced",   [LIFE_HELD] = "held",
        [LIFE_DISCARDED] = "discarded", [LIFE_LEAKED] = "leaked",
    };

    return names[fate];
}

struct lives *lives_create(size_t limit)
{
    struct lives *l = calloc(1, sizeof(*l));

    if (l)
        l->limit = limit;
    return l;
}

void lives_destroy(struct lives *l)
{
    if (!l)
        return;
    free(l->life);
    free(l);
}

static struct life *find(const struct lives *l, size_t n)
{
    size_t low = 0, high = l ? l->nr : 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (l->life[middle].nr < n)
            low = middle + 1;
        else
            high = middle;
    }
    return l && low < l->nr && l->life[low].nr == n ? &l->life[low] : NULL;
}

static bool matters(const struct life *life)
{
    return life->fate == LIFE_LEAKED || life->fate == LIFE_OPEN;
}

/* Of those before the last @limit only what matters stays, the newer of it. */
static void drop_old(struct lives *l)
{
    size_t old = l->nr - l->limit, wanted = 0, kept = 0;

    for (size_t i = 0; i < old; i++)
        wanted += matters(&l->life[i]);
    for (size_t i = 0; i < old; i++)
        if (matters(&l->life[i]) && wanted-- <= l->limit)
            l->life[kept++] = l->life[i];
    memmove(&l->life[kept], &l->life[old], l->limit * sizeof(*l->life));
    l->nr = kept + l->limit;
}

void lives_trim(struct lives *l)
{
    if (l->nr > l->limit)
        drop_old(l);
}

static bool room(struct lives *l)
{
    size_t cap = l->cap ? l->cap * 2 : 64;
    struct life *grown;

    if (l->nr == 3 * l->limit)
        drop_old(l);
    if (l->nr < l->cap)
        return true;
    grown = realloc(l->life, cap * sizeof(*grown));
    if (!grown)
        return false;
    l->life = grown;
    l->cap = cap;
    return true;
}

size_t lives_begin(struct lives *l, enum life_origin origin, size_t parent,
                   const struct event *ev)
{
    struct life *life;

    if (!l)
        return 0;
    l->told++;
    if (!room(l))
        return 0;
    life = &l->life[l->nr++];
    *life = (struct life){
        .nr = l->told,
        .origin = origin,
        .parent = parent,
        .buf = ev->buf,
        .bytes = ev->bytes,
        .begin = stamp_of(ev),
    };
    if (ev->by_entry) {
        life->entry = ev->entry;
        return life->nr;
    }
    life->mm = origin == LIFE_SHARED ? ev->mm2 : ev->mm;
    life->object = ev->object;
    life->va = origin == LIFE_MOVED ? ev->to : ev->va;
    return life->nr;
}

void lives_restored(struct lives *l, size_t n)
{
    struct life *life = find(l, n);

    if (life)
        life->restores++;
}

void lives_cut(struct lives *l, size_t n, const struct event *ev)
{
    struct life *life = find(l, n);

    if (life && life->cut.nr == 0)
        life->cut = stamp_of(ev);
}

void lives_end(struct lives *l, size_t n, enum life_fate fate,
               const struct event *ev)
{
    struct life *life = find(l, n);

    if (!life || life->fate == LIFE_LEAKED || life->end.nr)
        return;
    life->fate = fate;
    life->end = stamp_of(ev);
}

void lives_judge(struct lives *l, size_t n)
{
    struct life *life = find(l, n);

    if (life && life->fate == LIFE_OPEN)
        life->fate = life->cut.nr ? LIFE_LEAKED : LIFE_HELD;
}

size_t lives_count(const struct lives *l)
{
    return l->nr;
}

const struct life *lives_nth(const struct lives *l, size_t n)
{
    return &l->life[n];
}

uint64_t lives_left_out(const struct lives *l)
{
    return l->told - l->nr;
}
