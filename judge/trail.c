// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/trail.h"

#include <stdlib.h>
#include <utlist.h>

/* ----------------------------------------------------------------- pages */

struct trail_space *trails_space(const struct trails *b, uint64_t key)
{
    struct trail_space *s;

    HASH_FIND(hh, b->spaces, &key, sizeof(key), s);
    return s;
}

struct trail_space *trails_space_get(struct trails *b, uint64_t key)
{
    struct trail_space *s = trails_space(b, key);

    if (s)
        return s;
    s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->key = key;
    HASH_ADD(hh, b->spaces, key, sizeof(s->key), s);
    if (s->hh.tbl)
        return s;
    free(s);
    return NULL;
}

struct trail *trail_find(const struct trail_space *s, uint64_t index)
{
    struct trail *t;

    HASH_FIND(hh, s->trails, &index, sizeof(index), t);
    return t;
}

struct trail *trail_get(struct trail_space *s, uint64_t index)
{
    struct trail *t = s ? trail_find(s, index) : NULL;

    if (t || !s)
        return t;
    t = calloc(1, sizeof(*t));
    if (!t)
        return NULL;
    t->index = index;
    t->pfn = PFN_NONE;
    t->lost = t->wrote = t->left = blame_nobody;
    HASH_ADD(hh, s->trails, index, sizeof(t->index), t);
    if (t->hh.tbl)
        return t;
    free(t);
    return NULL;
}

static void trail_free(struct trail_space *s, struct trail *t)
{
    if (t->holds)
        DL_DELETE(s->holders, t);
    HASH_DEL(s->trails, t);
    free(t);
}

void trails_space_free(struct trails *b, struct trail_space *s)
{
    struct trail *t, *next;

    HASH_ITER(hh, s->trails, t, next) {
        HASH_DEL(s->trails, t);
        free(t);
    }
    HASH_DEL(b->spaces, s);
    free(s);
}

void trail_settle(struct trail_space *s, struct trail *t)
{
    bool holds = t->copy || blame_is_set(&t->left);

    if (holds && !t->holds)
        DL_APPEND(s->holders, t);
    else if (!holds && t->holds)
        DL_DELETE(s->holders, t);
    t->holds = holds;
    if (!holds && !t->away && t->pfn == PFN_NONE)
        trail_free(s, t);
}

/* ---------------------------------------------------------------- frames */

static struct trail_frame *frame_find(const struct trails *b, pfn_t pfn)
{
    uint32_t key = pfn;
    struct trail_frame *f;

    HASH_FIND(hh, b->frames, &key, sizeof(key), f);
    return f;
}

void trails_frame_written(struct trails *b, const struct event *ev,
                          uint64_t key, const struct blame *by)
{
    struct trail_frame *f = frame_find(b, ev->pfn);

    if (!f) {
        f = calloc(1, sizeof(*f));
        if (!f)
            return;
        f->pfn = ev->pfn;
        HASH_ADD(hh, b->frames, pfn, sizeof(f->pfn), f);
        if (!f->hh.tbl) {
            free(f);
            return;
        }
    }
    f->key = key;
    f->index = ev->va >> PAGE_SHIFT;
    f->at = ev->nr;
    f->by = *by;
}

const struct trail_frame *trails_frame(const struct trails *b, pfn_t pfn)
{
    return pfn == PFN_NONE ? NULL : frame_find(b, pfn);
}

const struct trail_frame *trail_written_over(const struct trails *b,
                                             uint64_t key,
                                             const struct trail *t)
{
    const struct trail_frame *f =
        t->pfn == PFN_NONE ? NULL : frame_find(b, t->pfn);

    if (!f || f->at < t->since || (f->key == key && f->index == t->index))
        return NULL;
    return f;
}

void trail_leave_frame(const struct trails *b, uint64_t key, struct trail *t)
{
    const struct trail_frame *f = trail_written_over(b, key, t);

    if (!f)
        return;
    t->wrote = f->by;
    t->wrote_at = f->at;
}

void trails_clear(struct trails *b)
{
    struct trail_space *s, *next;
    struct trail_frame *f, *next_frame;

    HASH_ITER(hh, b->spaces, s, next) {
        trails_space_free(b, s);
    }
    HASH_ITER(hh, b->frames, f, next_frame) {
        HASH_DEL(b->frames, f);
        free(f);
    }
}
