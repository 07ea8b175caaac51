// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/blame.h"

#include <stdlib.h>
#include <utlist.h>

#include "judge/look.h"
#include "judge/trail.h"

struct blames {
    bool by_slot; /* copies go with the slot, and come back with any page */
    struct trails trails;
    struct blame taken; /* the last release of somebody else's copy */
};

struct blames *blames_create(bool by_slot)
{
    struct blames *b = calloc(1, sizeof(*b));

    if (b)
        b->by_slot = by_slot;
    return b;
}

void blames_destroy(struct blames *b)
{
    if (!b)
        return;
    trails_clear(&b->trails);
    free(b);
}

static struct blame blame(enum cause_id id, const struct event *ev)
{
    return (struct blame){.id = id, .at = stamp_of(ev)};
}

/* --------------------------------------------------------------- stories */

/* How a PTE, or a shared object's entry, stopped to stand for a copy. */
static const struct {
    enum event_kind kind;
    enum mm_path path; /* PATH_NR: any */
    enum cause_id id;
} cuts[] = {
    {EV_SWAP_GONE, PATH_SWAPOFF, CAUSE_UNUSE_LOST},
    {EV_SWAP_GONE, PATH_MADV_FREE, CAUSE_MADV_FREE},
    {EV_SWAP_GONE, PATH_SHMEM_IN, CAUSE_SHMEM_IN},
    {EV_SWAP_GONE, PATH_NR, CAUSE_ZAP},
    {EV_SWAP_IN, PATH_SWAPOFF, CAUSE_UNUSE},
    {EV_SWAP_IN, PATH_SHMEM_IN, CAUSE_SHMEM_IN},
    {EV_SWAP_IN, PATH_NR, CAUSE_SWAP_IN},
    {EV_UNMAP_UNDO, PATH_MIGRATE_OUT, CAUSE_MIGRATE_UNDO},
    {EV_UNMAP_UNDO, PATH_NR, CAUSE_UNMAP_UNDO},
    {EV_MIGRATE_IN, PATH_NR, CAUSE_MIGRATE},
    {EV_MIGRATE_GONE, PATH_NR, CAUSE_ZAP_MIGRATE},
    {EV_REMAP, PATH_NR, CAUSE_MOVE},
    {EV_SLOT_FREE, PATH_NR, CAUSE_SLOT},
    {EV_STORE_ORPHAN, PATH_NR, CAUSE_ORPHAN},
};

enum cause_id blame_of_cut(enum event_kind kind, enum mm_path path)
{
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++)
        if (cuts[i].kind == kind &&
            (cuts[i].path == PATH_NR || cuts[i].path == path))
            return cuts[i].id;
    return CAUSE_UNKNOWN;
}

/* The first who lost the tags; what was written to the page since goes, too. */
static void lose(struct trail *t, enum cause_id id, const struct event *ev)
{
    if (!blame_is_set(&t->lost))
        t->lost = blame(id, ev);
    else if (!t->bare)
        t->wrote = blame_nobody;
}

/* The entry is gone, and nothing has released what was saved with it. */
static void cut(struct trail *t, const struct event *ev)
{
    if (t->copy)
        t->left = blame(blame_of_cut(ev->kind, ev->path), ev);
    t->copy = false;
    t->away = false;
}

static void saved(struct trail *t, const struct event *ev)
{
    t->copy = true;
    t->buf = ev->buf;
}

static void went_out(struct trail *t, const struct event *ev)
{
    t->away = true;
    if (t->copy || ev->kind != EV_SWAP_OUT)
        return;
    if (!blame_is_set(&t->lost))
        t->bare = ev->bare;
    lose(t, ev->object ? CAUSE_SHMEM_OUT : CAUSE_UNMAP, ev);
}

static void came_in(const struct blames *b, struct trail *t,
                    const struct event *ev)
{
    /* Shared memory is given its tags before its slot is free. */
    if (ev->kind == EV_SWAP_IN && b->by_slot)
        t->lost = ev->object ? blame_nobody : blame(CAUSE_ORDER, ev);
    else if (ev->kind == EV_SWAP_IN && t->copy)
        lose(t, blame_of_cut(ev->kind, ev->path), ev);
    cut(t, ev);
    t->pfn = ev->pfn;
    t->since = ev->nr;
}

/* The bytes that the store has for the page, whatever they are. */
static void restored(struct blames *b, uint64_t key, struct trail *t,
                     const struct event *ev)
{
    struct blame by = blame(CAUSE_SHARED, ev);

    bool kept = ev->late && t->buf == ev->buf; /* what was saved there */

    if (t->copy || (kept && t->lost.id == CAUSE_UNSAVED)) {
        t->lost = blame_nobody;
    } else {
        bool left = blame_is_set(&t->left) && t->buf == ev->buf;

        by = left ? t->left : blame(CAUSE_UNSAVED, ev);
        t->wrote = by;
        t->wrote_at = ev->nr;
        if (!left)
            b->taken = by;
    }
    t->copy = false;
    t->left = blame_nobody;
    trails_frame_written(&b->trails, ev, key, &by);
}

/* B20: what the frame has now is anything. */
static void restored_freed(struct blames *b, struct trail *t,
                           const struct event *ev)
{
    t->lost = t->wrote = b->taken = blame(CAUSE_FREED, ev);
    t->wrote_at = ev->nr;
    t->copy = false;
}

static enum cause_id cause_of_store(const struct event *ev)
{
    if (ev->kind == EV_TAGS_LEFT)
        return CAUSE_NEW_PAGE;
    switch (ev->path) {
    case PATH_COPY_IN: return CAUSE_COPY_IN;
    case PATH_REMOTE_IN: return CAUSE_REMOTE_IN;
    default: return CAUSE_ZERO_PART;
    }
}

/* By the kernel's own stores the frame that it is in has other tags. */
static void overwritten(const struct blames *b, uint64_t key, struct trail *t,
                        const struct event *ev)
{
    if (t->pfn != ev->pfn)
        trail_leave_frame(&b->trails, key, t);
    t->pfn = ev->pfn;
    t->since = ev->nr;
    t->wrote = blame(cause_of_store(ev), ev);
    t->wrote_at = ev->nr;
}

/* The page of a shared object is in another frame, whoever shows it. */
static void cache_moved(const struct blames *b, const struct event *ev)
{
    uint64_t key = blame_key(0, ev->object);
    const struct trail_space *s = trails_space(&b->trails, key);
    struct trail *t = s ? trail_find(s, ev->va >> PAGE_SHIFT) : NULL;

    if (!t)
        return;
    trail_leave_frame(&b->trails, key, t);
    t->pfn = ev->pfn;
    t->since = ev->nr;
}

/* The last user of a buffer is gone, and with it what others had in it. */
static void buffer_gone(struct blames *b, const struct event *ev)
{
    struct trail_space *s = trails_space(&b->trails, ev->mm);
    struct trail *t, *next;

    if (!s)
        return;
    DL_FOREACH_SAFE(s->holders, t, next) {
        if (t->buf != ev->buf)
            continue;
        if (t->copy && !blame_is_set(&t->lost))
            t->lost = b->taken;
        t->copy = false;
        t->left = blame_nobody;
        trail_settle(s, t);
    }
}

/* ---------------------------------------------------------------- ranges */

/* A new page from now on; what was left at its address may meet it. */
static void renew(struct trail_space *s, struct trail *t,
                  const struct event *ev)
{
    t->lost = t->wrote = blame_nobody;
    /* v5.17: its swap entry is still there, with what was saved for it. */
    if (t->away && ev->kind == EV_ZAP && ev->path == PATH_TRUNCATE) {
        t->wrote = blame(CAUSE_TRUNCATE, ev);
        t->wrote_at = ev->nr;
        return;
    }
    t->away = t->copy = false;
    t->pfn = PFN_NONE;
    trail_settle(s, t);
}

static void renew_range(struct blames *b, uint64_t key, const struct event *ev)
{
    uint64_t first = ev->va >> PAGE_SHIFT, end = ev->end >> PAGE_SHIFT;
    struct trail_space *s = trails_space(&b->trails, key);
    struct trail *t, *next;

    if (!s)
        return;
    if (end - first < HASH_COUNT(s->trails)) {
        for (uint64_t i = first; i < end; i++) {
            t = trail_find(s, i);
            if (t)
                renew(s, t, ev);
        }
        return;
    }
    HASH_ITER(hh, s->trails, t, next) {
        if (t->index >= first && t->index < end)
            renew(s, t, ev);
    }
}

/* To its new address; a copy that no hook has moved stays behind. */
static void follow(struct trail_space *s, struct trail *t, uint64_t to,
                   const struct event *ev)
{
    struct trail *d = trail_get(s, to);
    bool moved = d && d->copy;

    if (!d)
        return;
    d->away = t->away;
    d->pfn = t->pfn;
    d->since = t->since;
    d->lost = t->lost;
    d->wrote = t->wrote;
    d->wrote_at = t->wrote_at;
    if (t->copy && !moved)
        lose(d, CAUSE_MOVE, ev);
    trail_settle(s, d);
    cut(t, ev);
    t->lost = t->wrote = blame_nobody;
    t->pfn = PFN_NONE;
    trail_settle(s, t);
}

static void follow_range(struct blames *b, const struct event *ev)
{
    uint64_t first = ev->va >> PAGE_SHIFT, end = ev->end >> PAGE_SHIFT;
    uint64_t to = ev->to >> PAGE_SHIFT;
    struct trail_space *s = trails_space(&b->trails, ev->mm);

    for (uint64_t i = first; s && i < end; i++) {
        struct trail *t = trail_find(s, i);

        if (t)
            follow(s, t, to + (i - first), ev);
    }
}

static void fork_trail(struct trail_space *child, const struct trail *t,
                       const struct event *ev)
{
    struct trail *c;

    if (!t->away && t->pfn == PFN_NONE)
        return;
    c = trail_get(child, t->index);
    if (!c)
        return;
    c->away = t->away;
    c->pfn = t->pfn;
    c->since = t->since;
    c->lost = t->lost;
    c->wrote = t->wrote;
    c->wrote_at = t->wrote_at;
    if (t->copy)
        lose(c, CAUSE_FORK, ev);
}

static void fork_range(struct blames *b, const struct event *ev)
{
    uint64_t first = ev->va >> PAGE_SHIFT, end = ev->end >> PAGE_SHIFT;
    const struct trail_space *s = trails_space(&b->trails, ev->mm);
    struct trail_space *child =
        s ? trails_space_get(&b->trails, ev->mm2) : NULL;

    if (!s)
        return;
    for (const struct trail *t = s->trails; t; t = t->hh.next)
        if (t->index >= first && t->index < end)
            fork_trail(child, t, ev);
}

/* ---------------------------------------------------------------- events */

static void on_move(struct blames *b, const struct event *ev)
{
    struct trail_space *s = trails_space_get(&b->trails, ev->mm);
    struct trail *from = trail_get(s, ev->va >> PAGE_SHIFT);
    struct trail *to = trail_get(s, ev->to >> PAGE_SHIFT);

    if (!from || !to)
        return;
    from->copy = false;
    to->copy = to->away = true;
    to->buf = ev->buf;
    trail_settle(s, to);
    trail_settle(s, from);
}

static void on_duplicate(struct blames *b, const struct event *ev)
{
    struct trail_space *s = trails_space_get(&b->trails, ev->mm2);
    struct trail *t = trail_get(s, ev->va >> PAGE_SHIFT);

    if (!t)
        return;
    t->copy = t->away = true;
    t->buf = ev->buf;
    if (t->lost.id == CAUSE_FORK)
        t->lost = blame_nobody; /* not so: there is a hook */
    trail_settle(s, t);
}

/* The page stays, in a frame that others may have left and come back to. */
static void save_failed(const struct blames *b, uint64_t key, struct trail *t,
                        const struct event *ev)
{
    if (t->pfn == ev->pfn)
        return;
    trail_leave_frame(&b->trails, key, t);
    t->pfn = ev->pfn;
    t->since = ev->nr;
}

static void on_page(struct blames *b, const struct event *ev)
{
    uint64_t key = blame_key(ev->mm, ev->object);
    struct trail_space *s = trails_space_get(&b->trails, key);
    struct trail *t = trail_get(s, ev->va >> PAGE_SHIFT);

    if (!t)
        return;
    switch (ev->kind) {
    case EV_TAG_SAVE: saved(t, ev); break;
    case EV_TAG_SAVE_FAIL: save_failed(b, key, t, ev); break;
    case EV_TAG_RESTORE: restored(b, key, t, ev); break;
    case EV_TAG_DROP:
        if (ev->late)
            b->taken = blame(CAUSE_FREED, ev);
        else
            t->copy = false;
        break;
    case EV_STORE_UAF: restored_freed(b, t, ev); break;
    case EV_SWAP_OUT:
    case EV_MIGRATE_OUT:
        trail_leave_frame(&b->trails, key, t);
        went_out(t, ev);
        break;
    case EV_SWAP_IN:
    case EV_MIGRATE_IN: came_in(b, t, ev); break;
    case EV_UNMAP_UNDO:
    case EV_SWAP_GONE:
    case EV_MIGRATE_GONE: cut(t, ev); break;
    case EV_TAGS_LEFT:
    case EV_TAGS_CLEARED: overwritten(b, key, t, ev); break;
    default: break;
    }
    trail_settle(s, t);
}

void blames_event(struct blames *b, const struct event *ev)
{
    switch (ev->kind) {
    case EV_TAG_SAVE:
    case EV_TAG_RESTORE:
    case EV_TAG_DROP:
        if (!ev->by_entry)
            on_page(b, ev);
        break;
    case EV_SWAP_OUT:
        /* Each view of a shared page hears of it, too. */
        if (ev->path == PATH_SHMEM_OUT && !ev->object)
            break;
        on_page(b, ev);
        break;
    case EV_TAGS_LEFT:
    case EV_TAGS_CLEARED:
        /* Each view of a page of a file hears of it, too. */
        if (ev->object || ev->path == PATH_REMOTE_IN)
            on_page(b, ev);
        break;
    case EV_TAG_SAVE_FAIL:
        if (ev->mm && ev->pfn != PFN_NONE)
            on_page(b, ev);
        break;
    case EV_STORE_UAF:
    case EV_MIGRATE_OUT:
    case EV_SWAP_IN:
    case EV_MIGRATE_IN:
    case EV_UNMAP_UNDO:
    case EV_SWAP_GONE:
    case EV_MIGRATE_GONE: on_page(b, ev); break;
    case EV_TAG_MOVE: on_move(b, ev); break;
    case EV_TAG_DUP: on_duplicate(b, ev); break;
    case EV_STORE_FREE:
    case EV_STORE_IDLE: buffer_gone(b, ev); break;
    case EV_CACHE_MOVED: cache_moved(b, ev); break;
    case EV_ZAP:
    case EV_UNTAG: renew_range(b, ev->mm, ev); break;
    case EV_TRUNCATE: renew_range(b, blame_key(0, ev->object), ev); break;
    case EV_REMAP: follow_range(b, ev); break;
    case EV_FORK: fork_range(b, ev); break;
    case EV_MM_DEAD:
        if (trails_space(&b->trails, ev->mm))
            trails_space_free(&b->trails, trails_space(&b->trails, ev->mm));
        break;
    default: break;
    }
}

/* -------------------------------------------------------------- verdicts */

static struct blame judge(const struct blames *b, uint64_t key,
                          const struct trail *t, const struct event *ev,
                          bool lost)
{
    const struct trail_frame *over = trail_written_over(&b->trails, key, t);
    const struct blame *last = over ? &over->by : &t->wrote;
    uint64_t at = over ? over->at : t->wrote_at;

    /* Who wrote before it went away did not give it what it came back with. */
    if (blame_is_set(&t->lost) && at < t->lost.at.nr)
        last = &t->lost;
    /* On its way in, and seen already. */
    if (t->away && ev->kind == EV_GLIMPSE)
        return blame(b->by_slot ? CAUSE_ORDER : CAUSE_RACE, ev);
    if (lost && t->bare && blame_is_set(&t->wrote))
        return t->wrote;
    if (lost && blame_is_set(&t->lost))
        return t->lost;
    return blame_is_set(last) ? *last : t->lost;
}

/* It was never away, as one whose save was refused; its frame is shared with
 * one that was. */
static struct blame stayed(const struct blames *b, uint64_t key, uint64_t index,
                           const struct event *ev)
{
    const struct trail_frame *f = trails_frame(&b->trails, ev->pfn);

    return f && (f->key != key || f->index != index) ? f->by : blame_nobody;
}

struct blame blames_find(const struct blames *b, uint64_t key, uint64_t index,
                         const struct event *ev, bool lost)
{
    const struct trail_space *s = trails_space(&b->trails, key);
    const struct trail *t = s ? trail_find(s, index) : NULL;

    return t ? judge(b, key, t, ev, lost) : stayed(b, key, index, ev);
}

void blames_seen(struct blames *b, uint64_t key, uint64_t index,
                 const struct event *ev)
{
    struct trail_space *s = trails_space(&b->trails, key);
    struct trail *t = s ? trail_find(s, index) : NULL;

    if (!t)
        return;
    if (ev->tags)
        t->lost = t->wrote = blame_nobody;
    else if (t->pfn != ev->pfn)
        trail_leave_frame(&b->trails, key, t);
    t->pfn = ev->pfn;
    t->since = ev->nr;
}

/* ------------------------------------------------------------- for others */

static struct judge_trail shown(const struct blames *b, uint64_t key,
                                const struct trail *t)
{
    const struct trail_frame *over = trail_written_over(&b->trails, key, t);
    uint64_t lost = blame_is_set(&t->lost) ? t->lost.at.nr : 0;

    return (struct judge_trail){
        .page = {.mm = key >> 32 ? 0 : (uint32_t)key,
                 .object = key >> 32,
                 .index = t->index},
        .away = t->away,
        .copy = t->copy,
        .bare = t->bare,
        .buf = t->buf,
        .pfn = t->pfn,
        .lost = t->lost.id,
        .wrote = t->wrote.id,
        .left = t->left.id,
        .wrote_first = t->wrote_at < lost,
        .over = over ? over->by.id : CAUSE_UNKNOWN,
        .over_first = over && over->at < lost,
    };
}

void blames_walk(const struct blames *b,
                 void (*one)(void *ctx, const struct judge_trail *trail),
                 void *ctx)
{
    for (const struct trail_space *s = b->trails.spaces; s; s = s->hh.next)
        for (const struct trail *t = s->trails; t; t = t->hh.next) {
            struct judge_trail trail = shown(b, s->key, t);

            one(ctx, &trail);
        }
}

enum cause_id blames_frame(const struct blames *b, pfn_t pfn)
{
    const struct trail_frame *f = trails_frame(&b->trails, pfn);

    return f ? f->by.id : CAUSE_UNKNOWN;
}

enum cause_id blames_taken(const struct blames *b)
{
    return b->taken.id;
}
