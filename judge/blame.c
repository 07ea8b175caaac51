// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/blame.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* A finding that nobody is to blame for is still a finding. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* A page that was away, or an address at which a copy was left. */
struct trail {
    uint64_t index;
    bool away;    /* a swap or migration entry stands for it */
    bool copy;    /* the store has its tags, saved when it went away */
    uint64_t buf; /* where: of the copy, or of what was left */
    pfn_t pfn;    /* its frame, since this event */
    uint64_t since;
    struct blame lost;  /* the first that cut it off from its tags */
    struct blame wrote; /* the last that gave it others, */
    uint64_t wrote_at;  /* in this event */
    struct blame left;  /* what left a copy here that nobody releases */
    bool holds;         /* on the list of its space: a copy, or one left */
    struct trail *prev, *next;
    UT_hash_handle hh;
};

struct space {
    uint64_t key;
    struct trail *trails;
    struct trail *holders;
    UT_hash_handle hh;
};

/* The tags of a frame were last written for this page. */
struct frame {
    uint32_t pfn;
    uint64_t key, index;
    uint64_t at;     /* in this event */
    struct blame by; /* what others that show the frame can blame */
    UT_hash_handle hh;
};

struct blames {
    bool by_slot; /* copies go with the slot, and come back with any page */
    struct space *spaces;
    struct frame *frames;
    struct blame taken; /* the last release of somebody else's copy */
};

struct blames *blames_create(void)
{
    return calloc(1, sizeof(struct blames));
}

static bool is_set(const struct blame *blame)
{
    return blame->id != CAUSE_UNKNOWN;
}

static struct blame blame(enum cause_id id, const struct event *ev)
{
    return (struct blame){.id = id, .at = stamp_of(ev)};
}

static const struct blame nobody = {.id = CAUSE_UNKNOWN};

/* ------------------------------------------------------------- the books */

static struct space *space_find(const struct blames *b, uint64_t key)
{
    struct space *s;

    HASH_FIND(hh, b->spaces, &key, sizeof(key), s);
    return s;
}

/* NULL: no host memory */
static struct space *space_get(struct blames *b, uint64_t key)
{
    struct space *s = space_find(b, key);

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

static struct trail *trail_find(const struct space *s, uint64_t index)
{
    struct trail *t;

    HASH_FIND(hh, s->trails, &index, sizeof(index), t);
    return t;
}

/* NULL: no host memory.  @s may be NULL as well. */
static struct trail *trail_get(struct space *s, uint64_t index)
{
    struct trail *t = s ? trail_find(s, index) : NULL;

    if (t || !s)
        return t;
    t = calloc(1, sizeof(*t));
    if (!t)
        return NULL;
    t->index = index;
    t->pfn = PFN_NONE;
    t->lost = t->wrote = t->left = nobody;
    HASH_ADD(hh, s->trails, index, sizeof(t->index), t);
    if (t->hh.tbl)
        return t;
    free(t);
    return NULL;
}

static void trail_free(struct space *s, struct trail *t)
{
    if (t->holds)
        DL_DELETE(s->holders, t);
    HASH_DEL(s->trails, t);
    free(t);
}

static void space_free(struct blames *b, struct space *s)
{
    struct trail *t, *next;

    HASH_ITER(hh, s->trails, t, next) {
        HASH_DEL(s->trails, t);
        free(t);
    }
    HASH_DEL(b->spaces, s);
    free(s);
}

void blames_destroy(struct blames *b)
{
    struct space *s, *next;
    struct frame *f, *next_frame;

    if (!b)
        return;
    HASH_ITER(hh, b->spaces, s, next) {
        space_free(b, s);
    }
    HASH_ITER(hh, b->frames, f, next_frame) {
        HASH_DEL(b->frames, f);
        free(f);
    }
    free(b);
}

/* Keep the list of holders up to date; the trail may go when it is empty. */
static void settle(struct space *s, struct trail *t)
{
    bool holds = t->copy || is_set(&t->left);

    if (holds && !t->holds)
        DL_APPEND(s->holders, t);
    else if (!holds && t->holds)
        DL_DELETE(s->holders, t);
    t->holds = holds;
    if (!holds && !t->away && t->pfn == PFN_NONE)
        trail_free(s, t);
}

/* ---------------------------------------------------------------- frames */

static struct frame *frame_find(const struct blames *b, pfn_t pfn)
{
    uint32_t key = pfn;
    struct frame *f;

    HASH_FIND(hh, b->frames, &key, sizeof(key), f);
    return f;
}

static void frame_written(struct blames *b, const struct event *ev,
                          uint64_t key, const struct blame *by)
{
    struct frame *f = frame_find(b, ev->pfn);

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

/* What was written to the page's frame for another page since it has it. */
static const struct frame *written_over(const struct blames *b, uint64_t key,
                                        const struct trail *t)
{
    const struct frame *f = t->pfn == PFN_NONE ? NULL : frame_find(b, t->pfn);

    if (!f || f->at < t->since || (f->key == key && f->index == t->index))
        return NULL;
    return f;
}

/* The page leaves its frame, and takes along what was written to it. */
static void leave_frame(const struct blames *b, uint64_t key, struct trail *t)
{
    const struct frame *f = written_over(b, key, t);

    if (!f)
        return;
    t->wrote = f->by;
    t->wrote_at = f->at;
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

static void lose(struct trail *t, enum cause_id id, const struct event *ev)
{
    if (!is_set(&t->lost))
        t->lost = blame(id, ev);
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
    if (!t->copy && ev->kind == EV_SWAP_OUT)
        lose(t, ev->object ? CAUSE_SHMEM_OUT : CAUSE_UNMAP, ev);
}

static void came_in(const struct blames *b, struct trail *t,
                    const struct event *ev)
{
    /* Shared memory is given its tags before its slot is free. */
    if (ev->kind == EV_SWAP_IN && b->by_slot)
        t->lost = ev->object ? nobody : blame(CAUSE_ORDER, ev);
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

    if (t->copy || (ev->late && t->lost.id == CAUSE_UNSAVED)) {
        t->lost = nobody;
    } else {
        bool left = is_set(&t->left) && t->buf == ev->buf;

        by = left ? t->left : blame(CAUSE_UNSAVED, ev);
        t->wrote = by;
        t->wrote_at = ev->nr;
        if (!left)
            b->taken = by;
    }
    t->copy = false;
    t->left = nobody;
    frame_written(b, ev, key, &by);
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
        leave_frame(b, key, t);
    t->pfn = ev->pfn;
    t->since = ev->nr;
    t->wrote = blame(cause_of_store(ev), ev);
    t->wrote_at = ev->nr;
}

/* The last user of a buffer is gone, and with it what others had in it. */
static void buffer_gone(struct blames *b, const struct event *ev)
{
    struct space *s = space_find(b, ev->mm);
    struct trail *t, *next;

    if (!s)
        return;
    DL_FOREACH_SAFE(s->holders, t, next) {
        if (t->buf != ev->buf)
            continue;
        if (t->copy && !is_set(&t->lost))
            t->lost = b->taken;
        t->copy = false;
        t->left = nobody;
        settle(s, t);
    }
}

/* ---------------------------------------------------------------- ranges */

/* A new page from now on; what was left at its address may meet it. */
static void renew(struct space *s, struct trail *t, const struct event *ev)
{
    t->lost = t->wrote = nobody;
    /* v5.17: its swap entry is still there, with what was saved for it. */
    if (t->away && ev->kind == EV_ZAP && ev->path == PATH_TRUNCATE) {
        t->wrote = blame(CAUSE_TRUNCATE, ev);
        t->wrote_at = ev->nr;
        return;
    }
    t->away = t->copy = false;
    t->pfn = PFN_NONE;
    settle(s, t);
}

static void renew_range(struct blames *b, uint64_t key, const struct event *ev)
{
    uint64_t first = ev->va >> PAGE_SHIFT, end = ev->end >> PAGE_SHIFT;
    struct space *s = space_find(b, key);
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
static void follow(struct space *s, struct trail *t, uint64_t to,
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
    settle(s, d);
    cut(t, ev);
    t->lost = t->wrote = nobody;
    t->pfn = PFN_NONE;
    settle(s, t);
}

static void follow_range(struct blames *b, const struct event *ev)
{
    uint64_t first = ev->va >> PAGE_SHIFT, end = ev->end >> PAGE_SHIFT;
    uint64_t to = ev->to >> PAGE_SHIFT;
    struct space *s = space_find(b, ev->mm);

    for (uint64_t i = first; s && i < end; i++) {
        struct trail *t = trail_find(s, i);

        if (t)
            follow(s, t, to + (i - first), ev);
    }
}

static void fork_trail(struct space *child, const struct trail *t,
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
    const struct space *s = space_find(b, ev->mm);
    struct space *child = s ? space_get(b, ev->mm2) : NULL;

    if (!s)
        return;
    for (const struct trail *t = s->trails; t; t = t->hh.next)
        if (t->index >= first && t->index < end)
            fork_trail(child, t, ev);
}

/* ---------------------------------------------------------------- events */

static void on_move(struct blames *b, const struct event *ev)
{
    struct space *s = space_get(b, ev->mm);
    struct trail *from = trail_get(s, ev->va >> PAGE_SHIFT);
    struct trail *to = trail_get(s, ev->to >> PAGE_SHIFT);

    if (!from || !to)
        return;
    from->copy = false;
    to->copy = to->away = true;
    settle(s, to);
    settle(s, from);
}

static void on_duplicate(struct blames *b, const struct event *ev)
{
    struct space *s = space_get(b, ev->mm2);
    struct trail *t = trail_get(s, ev->va >> PAGE_SHIFT);

    if (!t)
        return;
    t->copy = t->away = true;
    if (t->lost.id == CAUSE_FORK)
        t->lost = nobody; /* not so: there is a hook */
    settle(s, t);
}

static void on_page(struct blames *b, const struct event *ev)
{
    uint64_t key = blame_key(ev->mm, ev->object);
    struct space *s = space_get(b, key);
    struct trail *t = trail_get(s, ev->va >> PAGE_SHIFT);

    if (!t)
        return;
    switch (ev->kind) {
    case EV_TAG_SAVE: saved(t, ev); break;
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
        leave_frame(b, key, t);
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
    settle(s, t);
}

void blames_event(struct blames *b, const struct event *ev)
{
    switch (ev->kind) {
    case EV_TAG_SAVE:
    case EV_TAG_RESTORE:
    case EV_TAG_DROP:
        if (ev->by_entry)
            b->by_slot = true;
        else
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
    case EV_ZAP:
    case EV_UNTAG: renew_range(b, ev->mm, ev); break;
    case EV_TRUNCATE: renew_range(b, blame_key(0, ev->buf), ev); break;
    case EV_REMAP: follow_range(b, ev); break;
    case EV_FORK: fork_range(b, ev); break;
    case EV_MM_DEAD:
        if (space_find(b, ev->mm))
            space_free(b, space_find(b, ev->mm));
        break;
    default: break;
    }
}

/* -------------------------------------------------------------- verdicts */

static struct blame judge(const struct blames *b, uint64_t key,
                          const struct trail *t, const struct event *ev,
                          bool lost)
{
    const struct frame *over = written_over(b, key, t);
    const struct blame *last = over ? &over->by : &t->wrote;
    uint64_t at = over ? over->at : t->wrote_at;

    /* Who wrote before it went away did not give it what it came back with. */
    if (is_set(&t->lost) && at < t->lost.at.nr)
        last = &t->lost;
    /* On its way in, and seen already. */
    if (t->away && ev->kind == EV_GLIMPSE)
        return blame(b->by_slot ? CAUSE_ORDER : CAUSE_WINDOW, ev);
    if (lost && is_set(&t->lost))
        return t->lost;
    return is_set(last) ? *last : t->lost;
}

struct blame blames_find(const struct blames *b, uint64_t key, uint64_t index,
                         const struct event *ev, bool lost)
{
    const struct space *s = space_find(b, key);
    const struct trail *t = s ? trail_find(s, index) : NULL;

    return t ? judge(b, key, t, ev, lost) : nobody;
}

void blames_seen(struct blames *b, uint64_t key, uint64_t index,
                 const struct event *ev)
{
    struct space *s = space_find(b, key);
    struct trail *t = s ? trail_find(s, index) : NULL;

    if (!t)
        return;
    if (ev->tags)
        t->lost = t->wrote = nobody;
    else if (t->pfn != ev->pfn)
        leave_frame(b, key, t);
    t->pfn = ev->pfn;
    t->since = ev->nr;
}
