#include "report/lives.h"

#include <stdlib.h>

struct lives {
    size_t limit, nr, cap;
    uint64_t left_out;
    struct life *life;
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
    return l && n ? &l->life[n - 1] : NULL;
}

/* Room for one more?  No host memory is as good as the limit. */
static bool room(struct lives *l)
{
    size_t cap = l->cap ? l->cap * 2 : 64;
    struct life *grown;

    if (l->nr == l->limit)
        return false;
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
    if (!room(l)) {
        l->left_out++;
        return 0;
    }
    life = &l->life[l->nr++];
    *life = (struct life){
        .origin = origin,
        .parent = parent,
        .buf = ev->buf,
        .bytes = ev->bytes,
        .begin = stamp_of(ev),
    };
    if (ev->by_entry) {
        life->entry = ev->entry;
        return l->nr;
    }
    life->mm = origin == LIFE_SHARED ? ev->mm2 : ev->mm;
    life->object = ev->object;
    life->va = origin == LIFE_MOVED ? ev->to : ev->va;
    return l->nr;
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
    return l->left_out;
}
