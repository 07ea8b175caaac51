// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/fs/locks.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <utlist.h>

#include "emu/linux/sched/sched.h"

#define MAX_WAIT_CHAIN 10 /* MAX_DEADLK_ITERATIONS */

struct held {
    struct lock lock;
    struct held *prev, *next;
};

/* Of one file. */
struct context {
    uint64_t dev, ino;
    struct held *head; /* those of an owner together, by start */
    struct context *prev, *next;
};

struct lock_table {
    struct context *head;
};

struct lock_table *locks_create(void)
{
    return calloc(1, sizeof(struct lock_table));
}

static void drop(struct context *c, struct held *h)
{
    DL_DELETE(c->head, h);
    kmem_free(h);
}

static void drop_context(struct lock_table *table, struct context *c)
{
    while (c->head)
        drop(c, c->head);
    DL_DELETE(table->head, c);
    kmem_free(c);
}

void locks_destroy(struct lock_table *table)
{
    while (table && table->head)
        drop_context(table, table->head);
    free(table);
}

static struct context *find_context(const struct lock_table *table,
                                    uint64_t dev, uint64_t ino)
{
    struct context *c;

    DL_FOREACH(table->head, c) {
        if (c->dev == dev && c->ino == ino)
            return c;
    }
    return NULL;
}

static bool same_owner(const struct lock *a, const struct lock *b)
{
    return a->owner == b->owner;
}

/* posix_locks_conflict(), flock_locks_conflict() */
static bool stands_against(const struct lock *held, const struct lock *want)
{
    return !same_owner(held, want) &&
           (held->kind == KIND_FLOCK) == (want->kind == KIND_FLOCK) &&
           held->start <= want->end && want->start <= held->end &&
           (held->type == RANGE_WRITE || want->type == RANGE_WRITE);
}

bool locks_conflict(const struct lock_table *table, const struct lock *want,
                    struct lock *out)
{
    const struct context *c = find_context(table, want->dev, want->ino);
    const struct held *h;

    for (h = c ? c->head : NULL; h; h = h->next) {
        if (!stands_against(&h->lock, want))
            continue;
        *out = h->lock;
        return true;
    }
    return false;
}

/* ----------------------------------------------------------------- change */

/* What posix_lock_inode() has in hand. */
struct change {
    struct context *c;
    struct lock want;          /* grows over neighbours of its type */
    struct held *mine;         /* holds @want by now; NULL: nobody does */
    struct held *left, *right; /* of another type, over an end of @want */
    struct held *spare[2];     /* owned */
    bool done;                 /* there is nothing more to put in */
};

static struct held *take_spare(struct change *ch, const struct lock *lock)
{
    struct held **slot = ch->spare[0] ? &ch->spare[0] : &ch->spare[1];
    struct held *h = *slot;

    *slot = NULL;
    h->lock = *lock;
    return h;
}

/* NULL @at: at the end */
static void insert_before(struct context *c, struct held *at, struct held *h)
{
    if (at)
        DL_PREPEND_ELEM(c->head, at, h);
    else
        DL_APPEND(c->head, h);
}

/* @h is of the type that is wanted, and touches it: both are one. */
static void join(struct change *ch, struct held *h)
{
    if (h->lock.start > ch->want.start)
        h->lock.start = ch->want.start;
    else
        ch->want.start = h->lock.start;
    if (h->lock.end < ch->want.end)
        h->lock.end = ch->want.end;
    else
        ch->want.end = h->lock.end;
    if (ch->mine) {
        ch->mine->lock.start = ch->want.start;
        ch->mine->lock.end = ch->want.end;
        drop(ch->c, h);
        return;
    }
    ch->mine = h;
    ch->done = true;
}

/* @h is of another type, and @want lies over it; false: it ends behind it. */
static bool replace(struct change *ch, struct held *h)
{
    if (ch->want.type == RANGE_NONE)
        ch->done = true;
    if (h->lock.start < ch->want.start)
        ch->left = h;
    if (h->lock.end > ch->want.end) {
        ch->right = h;
        return false;
    }
    if (h->lock.start < ch->want.start)
        return true;
    if (ch->done) {
        drop(ch->c, h);
        return true;
    }
    h->lock = ch->want;
    ch->mine = h;
    ch->done = true;
    return true;
}

/* Both are of one owner and file.  1: go on; 0: @want comes before @h. */
static int meet(struct change *ch, struct held *h)
{
    const struct lock *want = &ch->want;

    if (h->lock.type == want->type) {
        if (h->lock.end != UINT64_MAX && h->lock.end + 1 < want->start)
            return 1;
        if (want->end != UINT64_MAX && h->lock.start > want->end + 1)
            return 0;
        join(ch, h);
        return 1;
    }
    if (h->lock.end < want->start)
        return 1;
    if (h->lock.start > want->end)
        return 0;
    return replace(ch, h);
}

/* The lock before which @want goes, NULL: at the end. */
static struct held *walk(struct change *ch)
{
    struct held *h = ch->c->head, *next;

    while (h && !same_owner(&h->lock, &ch->want))
        h = h->next;
    for (; h && same_owner(&h->lock, &ch->want); h = next) {
        next = h->next;
        if (!meet(ch, h))
            break;
    }
    return h;
}

static void posix_lock_inode(struct change *ch)
{
    struct held *at = walk(ch);

    if (!ch->done && ch->want.type != RANGE_NONE) {
        ch->mine = take_spare(ch, &ch->want);
        insert_before(ch->c, at, ch->mine);
        at = ch->mine;
    }
    if (ch->right) {
        if (ch->left == ch->right) {
            /* @want breaks it in two. */
            ch->left = take_spare(ch, &ch->right->lock);
            insert_before(ch->c, at, ch->left);
        }
        ch->right->lock.start = ch->want.end + 1;
    }
    if (ch->left)
        ch->left->lock.end = ch->want.start - 1;
}

static struct context *get_context(struct machine *m, const struct lock *want)
{
    struct lock_table *table = m->locks;
    struct context *c = find_context(table, want->dev, want->ino);

    if (c || want->type == RANGE_NONE)
        return c;
    c = kmem_zalloc(&m->kmem, sizeof(*c));
    if (!c)
        return NULL;
    c->dev = want->dev;
    c->ino = want->ino;
    DL_APPEND(table->head, c);
    return c;
}

/* That breaks no lock in two, and needs no memory. */
static bool gives_up_all(const struct lock *want)
{
    return want->type == RANGE_NONE && want->start == 0 &&
           want->end == UINT64_MAX;
}

int locks_set(struct machine *m, const struct lock *want)
{
    struct change ch = {.c = get_context(m, want), .want = *want};
    int err = -ENOLCK;

    if (!ch.c && want->type == RANGE_NONE)
        return 0;
    if (!gives_up_all(want)) {
        ch.spare[0] = kmem_zalloc(&m->kmem, sizeof(*ch.spare[0]));
        ch.spare[1] = kmem_zalloc(&m->kmem, sizeof(*ch.spare[1]));
    }
    if (ch.c && (gives_up_all(want) || (ch.spare[0] && ch.spare[1]))) {
        posix_lock_inode(&ch);
        err = 0;
    }
    kmem_free(ch.spare[0]);
    kmem_free(ch.spare[1]);
    if (ch.c && !ch.c->head)
        drop_context(m->locks, ch.c);
    sched_wake_all(m, WAIT_LOCK);
    return err;
}

/* posix_locks_deadlock(); nobody knows who else has an open file */
bool locks_deadlock(const struct task *t, const struct lock *want)
{
    struct lock at = *want, by;

    for (unsigned i = 0; i < MAX_WAIT_CHAIN; i++) {
        const struct task *holder;

        if (at.kind != KIND_POSIX || !locks_conflict(t->m->locks, &at, &by) ||
            by.kind != KIND_POSIX)
            return false;
        holder = task_find(t->m, by.pid);
        if (holder == t)
            return true;
        if (!holder || holder->wait.kind != WAIT_LOCK || !holder->wait.lock)
            return false;
        at = *holder->wait.lock;
    }
    return false;
}

/* --------------------------------------------------------------- release */

void locks_release(struct machine *m, const void *owner, int host)
{
    struct lock_table *table = m->locks;
    struct held *h, *next;
    struct context *c;
    struct stat st;

    if (!table || !table->head || fstat(host, &st) != 0)
        return;
    c = find_context(table, st.st_dev, st.st_ino);
    if (!c)
        return;
    DL_FOREACH_SAFE(c->head, h, next) {
        if (h->lock.owner == owner)
            drop(c, h);
    }
    if (!c->head)
        drop_context(table, c);
    sched_wake_all(m, WAIT_LOCK);
}
