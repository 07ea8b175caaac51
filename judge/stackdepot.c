// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/stackdepot.h"

#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define MAX_STACKS 65535

struct entry {
    uint32_t nr;
    UT_hash_handle hh;
    struct call_stack stack; /* without room for frames that it lacks */
};

struct stack_depot {
    struct entry *entries;           /* by their bytes */
    const struct call_stack **by_nr; /* owned */
    uint32_t nr, cap;
};

static unsigned bytes_of(const struct call_stack *s)
{
    return (unsigned)(offsetof(struct call_stack, pc) +
                      s->nr * sizeof(s->pc[0]));
}

struct stack_depot *stack_depot_create(void)
{
    return calloc(1, sizeof(struct stack_depot));
}

void stack_depot_destroy(struct stack_depot *d)
{
    struct entry *e, *next;

    if (!d)
        return;
    HASH_ITER(hh, d->entries, e, next) {
        HASH_DEL(d->entries, e);
        free(e);
    }
    free(d->by_nr);
    free(d);
}

static bool grow(struct stack_depot *d)
{
    uint32_t cap = d->cap ? 2 * d->cap : 64;
    const struct call_stack **grown;

    if (d->nr < d->cap)
        return true;
    grown = realloc(d->by_nr, cap * sizeof(*grown));
    if (!grown)
        return false;
    d->by_nr = grown;
    d->cap = cap;
    return true;
}

uint32_t stack_depot_save(struct stack_depot *d, const struct call_stack *s)
{
    unsigned bytes = bytes_of(s);
    struct entry *e;

    HASH_FIND(hh, d->entries, s, bytes, e);
    if (e)
        return e->nr;
    if (d->nr == MAX_STACKS || !grow(d))
        return 0;
    e = calloc(1, offsetof(struct entry, stack) + bytes);
    if (!e)
        return 0;
    memcpy(&e->stack, s, bytes);
    HASH_ADD_KEYPTR(hh, d->entries, &e->stack, bytes, e);
    if (!e->hh.tbl) {
        free(e);
        return 0;
    }
    e->nr = d->nr + 1;
    d->by_nr[d->nr++] = &e->stack;
    return e->nr;
}

const struct call_stack *stack_depot_fetch(const struct stack_depot *d,
                                           uint32_t nr)
{
    return nr ? d->by_nr[nr - 1] : NULL;
}
