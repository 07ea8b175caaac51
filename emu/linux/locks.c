#include "emu/linux/locks.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <utlist.h>

#include "emu/linux/sched.h"

#define MAX_WAIT_CHAIN 10 /* MAX_DEADLK_ITERATIONS */

struct held {
    struct lock lock;
    struct held *prev, *next;
};

struct lock_table {
    struct held *head; /* by process and start, oldest first */
};

struct lock_table *locks_create(void)
{
    return calloc(1, sizeof(struct lock_table));
}

static void drop(struct lock_table *table, struct held *h)
{
    DL_DELETE(table->head, h);
    free(h);
}

void locks_destroy(struct lock_table *table)
{
    while (table && table->head)
        drop(table, table->head);
    free(table);
}

static bool overlap(const struct lock *a, const struct lock *b)
{
    return a->dev == b->dev && a->ino == b->ino && a->start <= b->end &&
           b->start <= a->end;
}

static bool stands_against(const struct lock *held, const struct lock *want)
{
    return held->pid != want->pid && overlap(held, want) &&
           (held->type == RANGE_WRITE || want->type == RANGE_WRITE);
}

bool locks_conflict(const struct lock_table *table, const struct lock *want,
                    struct lock *out)
{
    const struct held *h;

    DL_FOREACH(table->head, h) {
        if (!stands_against(&h->lock, want))
            continue;
        *out = h->lock;
        return true;
    }
    return false;
}

static struct held *add(struct lock_table *table, const struct lock *lock)
{
    struct held *h = malloc(sizeof(*h));

    if (!h)
        return NULL;
    h->lock = *lock;
    DL_APPEND(table->head, h);
    return h;
}

static int set(struct lock_table *table, const struct lock *want)
{
    struct lock merged = *want;
    struct held *h, *next, *tail;

    /* Cut @want out of what is there; a lock around it becomes two. */
    DL_FOREACH_SAFE(table->head, h, next)
    {
        struct lock rest = h->lock;

        if (rest.pid != want->pid || !overlap(&rest, want))
            continue;
        if (rest.start < want->start && rest.end > want->end) {
            rest.start = want->end + 1;
            tail = add(table, &rest);
            if (!tail)
                return -ENOLCK;
            h->lock.end = want->start - 1;
        } else if (rest.start < want->start) {
            h->lock.end = want->start - 1;
        } else if (rest.end > want->end) {
            h->lock.start = want->end + 1;
        } else {
            drop(table, h);
        }
    }
    if (want->type == RANGE_NONE)
        return 0;
    /* Neighbours of one type are one lock. */
    DL_FOREACH_SAFE(table->head, h, next)
    {
        const struct lock *l = &h->lock;

        if (l->pid != want->pid || l->type != want->type ||
            l->dev != want->dev || l->ino != want->ino)
            continue;
        if (l->end != UINT64_MAX && l->end + 1 == merged.start)
            merged.start = l->start;
        else if (merged.end != UINT64_MAX && merged.end + 1 == l->start)
            merged.end = l->end;
        else
            continue;
        drop(table, h);
    }
    return add(table, &merged) ? 0 : -ENOLCK;
}

int locks_set(struct machine *m, const struct lock *want)
{
    int err = set(m->locks, want);

    sched_wake_all(m, WAIT_LOCK);
    return err;
}

bool locks_deadlock(const struct task *t, const struct lock *want)
{
    struct lock at = *want, by;

    for (unsigned i = 0; i < MAX_WAIT_CHAIN; i++) {
        const struct task *holder;

        if (!locks_conflict(t->m->locks, &at, &by))
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

void locks_release(struct machine *m, uint32_t pid, int host_fd)
{
    struct lock_table *table = m->locks;
    struct held *h, *next;
    struct stat st;

    if (!table->head || fstat(host_fd, &st) != 0)
        return;
    DL_FOREACH_SAFE(table->head, h, next)
    {
        if (h->lock.pid == pid && h->lock.dev == st.st_dev &&
            h->lock.ino == st.st_ino)
            drop(table, h);
    }
    sched_wake_all(m, WAIT_LOCK);
}

void locks_release_task(struct machine *m, uint32_t pid)
{
    struct lock_table *table = m->locks;
    struct held *h, *next;

    DL_FOREACH_SAFE(table->head, h, next)
    {
        if (h->lock.pid == pid)
            drop(table, h);
    }
    sched_wake_all(m, WAIT_LOCK);
}
