// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/writer.h"

#include <string.h>

#include "judge/judge.h"
#include "judge/kernel_bug.h"
#include "judge/look.h"

#define MAX_SHOWN 8192

struct shown {
    struct writer *t;
    unsigned nr_copies, nr_trails;
    struct judge_copy copies[MAX_SHOWN];
    struct judge_trail trails[MAX_SHOWN];
};

static void keep_copy(void *ctx, const struct judge_copy *copy)
{
    struct shown *s = ctx;

    INVARIANT(s->nr_copies < MAX_SHOWN);
    s->copies[s->nr_copies++] = *copy;
}

static void keep_trail(void *ctx, const struct judge_trail *trail)
{
    struct shown *s = ctx;

    INVARIANT(s->nr_trails < MAX_SHOWN);
    s->trails[s->nr_trails++] = *trail;
}

/* Address spaces by their process, and pages by address. */
static bool is_behind(const struct writer *t, const struct judge_page *a,
                      const struct judge_page *b)
{
    uint32_t pa = process_of(t, a->mm), pb = process_of(t, b->mm);

    if (pa != pb)
        return pa > pb;
    return a->object != b->object ? a->object > b->object : a->index > b->index;
}

/*
 * Few are sorted by insertion: the copies of a page stay in their order.
 *
 * @base: @nr things of @size bytes, each of which begins with its page
 */
static void sort_by_page(const struct writer *t, void *base, unsigned nr,
                         size_t size)
{
    uint8_t *at = base, one[sizeof(struct judge_trail)];

    INVARIANT(size <= sizeof(one));
    for (unsigned i = 1; i < nr; i++) {
        unsigned to = i;

        memcpy(one, at + i * size, size);
        while (to > 0 && is_behind(t, (const void *)(at + (to - 1) * size),
                                   (const void *)one))
            to--;
        memmove(at + (to + 1) * size, at + to * size, (i - to) * size);
        memcpy(at + to * size, one, size);
    }
}

static void sort_copies(struct shown *s)
{
    sort_by_page(s->t, s->copies, s->nr_copies, sizeof(s->copies[0]));
}

static void put_space(struct writer *t, uint32_t mm, uint64_t object)
{
    put(t, process_of(t, mm));
    put_name(t, &t->objects, object);
}

static void put_copies(struct writer *t, const struct shown *s)
{
    for (unsigned i = 0; i < s->nr_copies; i++) {
        const struct judge_copy *c = &s->copies[i];

        put_space(t, c->page.mm, c->page.object);
        put64(t, c->page.index);
        put_name(t, &t->buffers, c->buf);
        put(t, c->cut ? (uint32_t)c->by + 1 : 0);
        put(t, c->at_exit);
        put(t, c->judged);
    }
    put(t, s->nr_copies);
}

/* Does it matter from which buffer what comes next is? */
static bool asks_for_buffer(const struct judge_trail *r)
{
    return r->copy || r->left != CAUSE_UNKNOWN || r->lost == CAUSE_UNSAVED;
}

static void put_trails(struct writer *t, const struct shown *s)
{
    for (unsigned i = 0; i < s->nr_trails; i++) {
        const struct judge_trail *r = &s->trails[i];

        put_space(t, r->page.mm, r->page.object);
        put64(t, r->page.index);
        put(t, (uint32_t)(r->away | r->copy << 1 | r->bare << 2 |
                          r->wrote_first << 3 | r->over_first << 4));
        put_name(t, &t->buffers, asks_for_buffer(r) ? r->buf : 0);
        put(t, r->away || r->pfn == PFN_NONE ? 0 : known(&t->frames, r->pfn));
        put(t, r->lost);
        put(t, r->wrote);
        put(t, r->left);
        put(t, r->over);
    }
    put(t, s->nr_trails);
}

/* By the names that their pages gave them, and those of no page behind. */
static void name_slots_of_copies(struct shown *s)
{
    sort_copies(s);
    for (unsigned i = 0; i < s->nr_copies; i++) {
        struct judge_copy *c = &s->copies[i];

        if (!c->page.mm && !c->page.object)
            c->page.index = name(&s->t->slots, c->page.index);
    }
}

void put_judges(struct writer *t)
{
    static struct shown s; /* large, too */

    s.t = t;
    s.nr_copies = s.nr_trails = 0;
    judge_walk_copies(t->judge, keep_copy, &s);
    judge_walk_trails(t->judge, keep_trail, &s);
    name_slots_of_copies(&s);
    sort_copies(&s);
    sort_by_page(t, s.trails, s.nr_trails, sizeof(s.trails[0]));
    put_copies(t, &s);
    put_trails(t, &s);
    put(t, judge_taken_by(t->judge));
    put(t, judge_kernel_bug(t->judge) != NULL);
}
