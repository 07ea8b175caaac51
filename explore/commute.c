// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/commute.h"

#include <stdlib.h>
#include <string.h>

struct commute {
    struct step_set with[ALPHABET_MAX];
};

/*
 * Pages that can come to be one, by fork, mremap, or an object that is mapped
 * at both, are of one column; so are the pages of objects, by number.
 */
#define OBJECTS 16u /* more are taken for one; so are their pages */
#define NODES   (SCOPE_MANY + OBJECTS * SCOPE_MAX)

struct columns {
    const struct scope *scope;
    enum adi_store_kind store;
    uint16_t of[NODES];
};

#define NOT_THERE NODES

static unsigned node_of_page(const struct columns *c, gva_t va)
{
    unsigned i = 0;

    va = page_align_down(va);
    while (i < c->scope->nr_pages && c->scope->pages[i] != va)
        i++;
    return i < c->scope->nr_pages ? i : NOT_THERE;
}

static unsigned node_of_object(uint32_t object, uint64_t page)
{
    return SCOPE_MANY + object % OBJECTS * SCOPE_MAX + page % SCOPE_MAX;
}

static void join(struct columns *c, unsigned a, unsigned b)
{
    unsigned from, to;

    if (a == NOT_THERE || b == NOT_THERE)
        return;
    from = c->of[a];
    to = c->of[b];
    for (unsigned i = 0; i < NODES; i++)
        if (c->of[i] == from)
            c->of[i] = (uint16_t)to;
}

static void join_by(struct columns *c, const struct script_action *a)
{
    for (unsigned page = 0; page < c->scope->nr_pages; page++) {
        uint64_t i = (c->scope->pages[page] - a->va) >> PAGE_SHIFT;

        if (c->scope->pages[page] < a->va || i >= a->pages)
            continue;
        if (a->verb == VERB_MREMAP)
            join(c, page, node_of_page(c, a->to + i * PAGE_SIZE));
        if (a->verb == VERB_MMAP && a->backing != BACKING_ANON)
            join(c, page, node_of_object(a->object, a->pgoff + i));
    }
}

static void find_columns(struct columns *c, const struct alphabet *a)
{
    for (unsigned i = 0; i < NODES; i++)
        c->of[i] = (uint16_t)i;
    for (unsigned i = 0; i < a->nr; i++) {
        join_by(c, &a->steps[i].action);
        if (a->steps[i].has_other)
            join_by(c, &a->steps[i].other);
    }
}

/* ------------------------------------------------------------------- steps */

/* What an action is about; everything, if it is not a few pages alone. */
struct reach {
    bool everything;
    uint32_t columns;
};

/* Others change areas, processes, objects or devices. */
static bool is_of_pages(const struct script_action *a,
                        enum adi_store_kind store)
{
    switch (a->verb) {
    case VERB_SWAPOUT:
    case VERB_MIGRATE:
    case VERB_MOVE: return store != STORE_DESCS;
    case VERB_TAG:
    case VERB_WRITE:
    case VERB_READ:
    case VERB_PIN:
    case VERB_UNPIN: return true;
    default: return false;
    }
}

static void add_reach(struct reach *r, const struct columns *c,
                      const struct script_action *a)
{
    uint64_t pages = a->pages ? a->pages : 1;

    if (!is_of_pages(a, c->store) || a->va == 0 || a->every ||
        pages > SCOPE_MAX) {
        r->everything = true;
        return;
    }
    for (uint64_t i = 0; i < pages; i++) {
        unsigned page = node_of_page(c, a->va + i * PAGE_SIZE);

        if (page == NOT_THERE)
            r->everything = true;
        else
            r->columns |= UINT32_C(1) << c->of[page] % 32;
    }
}

static struct reach reach_of(const struct columns *c, const struct step *step)
{
    struct reach r = {.everything = false};

    add_reach(&r, c, &step->action);
    if (step->has_other)
        add_reach(&r, c, &step->other);
    return r;
}

struct commute *commute_create(const struct alphabet *a,
                               enum adi_store_kind store)
{
    struct commute *c = calloc(1, sizeof(*c));
    struct columns columns = {.scope = &a->scope, .store = store};
    struct reach reach[ALPHABET_MAX];

    if (!c)
        return NULL;
    find_columns(&columns, a);
    for (unsigned i = 0; i < a->nr; i++)
        reach[i] = reach_of(&columns, &a->steps[i]);
    for (unsigned i = 0; i < a->nr; i++)
        for (unsigned j = 0; j < a->nr; j++)
            if (!reach[i].everything && !reach[j].everything &&
                !(reach[i].columns & reach[j].columns))
                step_set_add(&c->with[i], j);
    return c;
}

void commute_destroy(struct commute *c)
{
    free(c);
}

bool commute_may(const struct commute *c, unsigned step, unsigned other)
{
    return step_set_has(&c->with[step], other);
}

void commute_pass(const struct commute *c, struct step_set *asleep,
                  unsigned step, bool armed)
{
    if (armed) {
        memset(asleep, 0, sizeof(*asleep));
        return;
    }
    /* Those with lower numbers were tried from where @step was. */
    for (unsigned w = 0; w < step / 64; w++)
        asleep->words[w] = UINT64_MAX;
    asleep->words[step / 64] |= (UINT64_C(1) << step % 64) - 1;
    for (unsigned w = 0; w < sizeof(asleep->words) / sizeof(uint64_t); w++)
        asleep->words[w] &= c->with[step].words[w];
}
