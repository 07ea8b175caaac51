// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/mismatch.h"

#include <stdlib.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "judge/internal.h"

struct kept {
    uint64_t key; /* what makes two of them equal */
    struct mismatch mismatch;
    UT_hash_handle hh;
};

struct mismatches {
    struct kept *records; /* owned; by key */
    struct kept **by_nr;  /* owned array */
    size_t nr, cap;
    size_t max; /* 0: any number */
    uint64_t left_out;
};

struct mismatches *mismatches_create(void)
{
    struct mismatches *list = calloc(1, sizeof(*list));

    if (list)
        list->max = MISMATCH_LIMIT;
    return list;
}

void mismatches_destroy(struct mismatches *list)
{
    struct kept *m, *next;

    HASH_ITER(hh, list->records, m, next) {
        HASH_DEL(list->records, m);
        free(m);
    }
    free(list->by_nr);
    free(list);
}

static bool grow(struct mismatches *list)
{
    size_t cap = list->cap ? 2 * list->cap : 8;
    struct kept **grown;

    if (list->nr < list->cap)
        return true;
    grown = realloc(list->by_nr, cap * sizeof(struct kept *));
    if (!grown)
        return false;
    list->by_nr = grown;
    list->cap = cap;
    return true;
}

/* NULL: there are enough, or the host has no memory for one more. */
static struct kept *add(struct mismatches *list, uint64_t key)
{
    struct kept *m;

    if ((list->max && list->nr >= list->max) || !grow(list))
        return NULL;
    m = calloc(1, sizeof(*m));
    if (!m)
        return NULL;
    m->key = key;
    HASH_ADD(hh, list->records, key, sizeof(m->key), m);
    if (!m->hh.tbl) {
        free(m);
        return NULL;
    }
    list->by_nr[list->nr++] = m;
    return m;
}

static void again(struct mismatch *m, gva_t va)
{
    m->count++;
    m->low = va < m->low ? va : m->low;
    m->high = va > m->high ? va : m->high;
}

void judge_mismatch(struct judge *j, const struct mismatch_access *a,
                    const struct call_stack *s)
{
    struct mismatches *list = j->mismatches;
    struct call_stack anybody = *s;
    gva_t va = untagged_addr(a->va);
    struct kept *found;
    struct mismatch *m;
    uint32_t stack;
    uint64_t key;

    hub_count(j->hub, COUNT_MISMATCHES);
    anybody.pid = 0;
    if (!anybody.nr)
        anybody.line = hub_line(j->hub);
    stack = stack_depot_save(j->stacks, &anybody);
    /* The kernel copies as much as it is asked to: that makes none unequal. */
    key = (uint64_t)stack << 32 | (a->kernel ? 0 : a->bytes) << 2 |
          a->store << 1 | a->precise;
    HASH_FIND(hh, list->records, &key, sizeof(key), found);
    if (found) {
        again(&found->mismatch, va);
        return;
    }
    found = stack ? add(list, key) : NULL;
    if (!found) {
        list->left_out++;
        return;
    }
    m = &found->mismatch;
    *m = (struct mismatch){
        .first = *a, .stack = stack, .count = 1, .low = va, .high = va};
    m->set_by = oracle_setter(j->oracle, a->mm, va, &m->set_tag);
    if (hub_log(j->hub))
        log_mismatch(hub_log(j->hub), m, s);
}

void judge_limit_mismatches(struct judge *j, size_t max)
{
    j->mismatches->max = max;
}

size_t judge_nr_mismatches(const struct judge *j)
{
    return j->mismatches->nr;
}

const struct mismatch *judge_get_mismatch(const struct judge *j, size_t n)
{
    return &j->mismatches->by_nr[n]->mismatch;
}

uint64_t judge_mismatches_left_out(const struct judge *j)
{
    return j->mismatches->left_out;
}

uint32_t judge_save_stack(struct judge *j, const struct call_stack *s)
{
    struct call_stack of_line = {.line = hub_line(j->hub)};

    return stack_depot_save(j->stacks, s->nr ? s : &of_line);
}

const struct call_stack *judge_stack(const struct judge *j, uint32_t nr)
{
    return stack_depot_fetch(j->stacks, nr);
}
