// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adi/adi.h"
#include "adi/profile.h"
#include "adi/tags.h"
#include "base/heap.h"
#include "check/check.h"
#include "explore/bytes.h"
#include "mm/memory.h"
#include "mm/phys.h"
#include "script/alone.h"

#define HEAP_BYTES (128u << 20) /* of address space */

/* What the heap and the frames were at some time. */
struct copy {
    uint8_t *heap, *frames, *tags; /* owned */
    size_t heap_bytes, heap_room, frames_room, tags_room;
};

struct world {
    struct world_config config;
    struct heap *heap;
    struct alone *alone; /* in the heap */
    struct bytes *bytes; /* there, too; NULL: nobody asks for them */
    bool others_changed; /* what pages have, in the middle of the step */
    bool has_data;       /* the last step showed a page that is wrong: */
    struct found_key data;
    struct copy start, mark;
    pfn_t untouched;         /* at the mark */
    const struct step *step; /* borrowed; of which the others are to come */
    unsigned depth;          /* paths in the middle of which others run */
    bool came;               /* the others, if there were any */
    bool counts;
    uint64_t moments[MOMENT_NR][FAULT_KIND_NR];
};

/* ------------------------------------------------------------------ copies */

static bool make_room(uint8_t **p, size_t *room, size_t bytes)
{
    uint8_t *grown;

    if (bytes <= *room)
        return true;
    bytes += bytes / 2;
    grown = realloc(*p, bytes);
    if (!grown)
        return false;
    *p = grown;
    *room = bytes;
    return true;
}

static struct phys *phys_of(const struct world *w)
{
    return memory_phys(alone_memory(w->alone));
}

static struct tagmem *tags_of(const struct world *w)
{
    return adi_tagmem(alone_adi(w->alone));
}

/* Of frames that were handed out; those of others are phys_left(). */
static size_t tags_bytes(const struct phys *ph)
{
    return (phys_nr_frames(ph) - phys_nr_untouched(ph)) * ADI_TAGS_PER_PAGE;
}

static void tags_save(const struct world *w, uint8_t *to)
{
    const struct phys *ph = phys_of(w);

    for (pfn_t pfn = 1; (pfn = phys_next_touched(ph, pfn)) != PFN_NONE; pfn++) {
        memcpy(to, tagmem_page(tags_of(w), pfn), ADI_TAGS_PER_PAGE);
        to += ADI_TAGS_PER_PAGE;
    }
}

/* Tags of frames that nobody was handed. */
static void renew_tags(const struct world *w, pfn_t first, pfn_t end)
{
    if (first < end)
        memset(tagmem_page(tags_of(w), first), phys_left(phys_of(w)),
               (size_t)(end - first) * ADI_TAGS_PER_PAGE);
}

/* What is known of frames that were never handed out. */
struct unused {
    struct phys_fresh fresh;
    uint8_t left;
};

static struct unused unused(const struct phys *ph)
{
    return (struct unused){.fresh = phys_fresh(ph), .left = phys_left(ph)};
}

/* @was: before the rest was put back */
static void tags_restore(const struct world *w, const uint8_t *from,
                         const struct unused *was)
{
    const struct phys *ph = phys_of(w);
    struct phys_fresh is = phys_fresh(ph);

    for (unsigned n = 0; n < w->config.nr_nodes; n++) {
        if (was->left != phys_left(ph)) {
            renew_tags(w, is.node[n].start, is.node[n].end);
            continue;
        }
        renew_tags(w, is.node[n].start, was->fresh.node[n].start);
        renew_tags(w, was->fresh.node[n].end, is.node[n].end);
    }
    for (pfn_t pfn = 1; (pfn = phys_next_touched(ph, pfn)) != PFN_NONE; pfn++) {
        memcpy(tagmem_page(tags_of(w), pfn), from, ADI_TAGS_PER_PAGE);
        from += ADI_TAGS_PER_PAGE;
    }
}

static int copy_take(const struct world *w, struct copy *c)
{
    const struct phys *ph = phys_of(w);

    c->heap_bytes = heap_used(w->heap);
    if (!make_room(&c->heap, &c->heap_room, c->heap_bytes) ||
        !make_room(&c->frames, &c->frames_room, phys_saved_bytes(ph)) ||
        !make_room(&c->tags, &c->tags_room, tags_bytes(ph)))
        return -ENOMEM;
    heap_save(w->heap, c->heap);
    phys_save(ph, c->frames);
    tags_save(w, c->tags);
    return 0;
}

static void copy_put(struct world *w, const struct copy *c)
{
    struct phys *ph = phys_of(w);
    struct unused was = unused(ph);

    heap_restore(w->heap, c->heap, c->heap_bytes);
    phys_restore(ph, c->frames, &was.fresh);
    tags_restore(w, c->tags, &was);
}

static void copy_free(struct copy *c)
{
    free(c->heap);
    free(c->frames);
    free(c->tags);
}

/* -------------------------------------------------------------------- life */

static int create_alone(struct world *w)
{
    struct alone_config config = {
        .profile = w->config.profile,
        .ram_bytes = world_frames(&w->config) * PAGE_SIZE,
        .nr_nodes = w->config.nr_nodes,
        .swaps = {{.bytes = world_slots(&w->config) * PAGE_SIZE,
                   .priority = SWAP_PRIORITY_AUTO,
                   .synchronous = w->config.synchronous,
                   .in_memory = true}},
        .nr_swaps = 1,
        .check = CHECK_FULL,
    };
    int err;

    heap_use(w->heap);
    err = alone_create(&config, &w->alone);
    if (w->config.scope)
        w->bytes = bytes_create(w->config.scope, &w->config.profile->policy);
    if (w->config.scope && !w->bytes)
        err = -ENOMEM;
    heap_use(NULL);
    return err ? err : copy_take(w, &w->start);
}

struct world *world_create(const struct world_config *config)
{
    struct world *w = calloc(1, sizeof(*w));

    if (!w)
        return NULL;
    w->config = *config;
    w->heap = heap_create(HEAP_BYTES);
    if (!w->heap || create_alone(w) != 0) {
        world_destroy(w);
        return NULL;
    }
    return w;
}

void world_destroy(struct world *w)
{
    if (!w)
        return;
    copy_free(&w->start);
    copy_free(&w->mark);
    heap_destroy(w->heap);
    free(w);
}

void world_restart(struct world *w)
{
    copy_put(w, &w->start);
    memset(w->moments, 0, sizeof(w->moments));
}

int world_mark(struct world *w)
{
    w->untouched = phys_nr_untouched(phys_of(w));
    return copy_take(w, &w->mark);
}

bool world_is_used_up(const struct world *w)
{
    struct phys_fresh fresh = phys_fresh(phys_of(w));

    for (unsigned n = 0; n < w->config.nr_nodes; n++)
        if (fresh.node[n].start == fresh.node[n].end ||
            phys_node_free(phys_of(w), n) == 0)
            return true;
    return false;
}

bool world_is_armed(const struct world *w)
{
    struct swapdev_faults faults = alone_failing(w->alone);

    return faults.read_in || faults.write_in ||
           adi_failing(alone_adi(w->alone));
}

bool world_took_frames(const struct world *w)
{
    return phys_nr_untouched(phys_of(w)) != w->untouched;
}

void world_return(struct world *w)
{
    copy_put(w, &w->mark);
}

/* ------------------------------------------------------------------- steps */

static bool is_meant(const struct step *step, const struct moment *m)
{
    return step && step->moment == m->id &&
           (m->id == MOMENT_MIGRATE || step->kind == m->kind);
}

static uint32_t pid_of(const struct step *step)
{
    return step->action.pid ? step->action.pid : 1;
}

/* In the middle of it, and so before what the step itself leaves. */
static void others_did(struct world *w, const struct step *step,
                       const struct drive_result *r)
{
    bytes_did(w->bytes, &step->other, pid_of(step), r);
    w->others_changed = bytes_changes(&step->other);
}

/* Then each page is looked at, also if the step only moved it. */
static void follow_bytes(struct world *w, const struct step *step,
                         const struct drive_result *r)
{
    bool both = w->others_changed && bytes_changes(&step->action);

    w->has_data = false;
    if (drive_stopped(alone_drive(w->alone)))
        return;
    bytes_did(w->bytes, &step->action, pid_of(step), r);
    if (both)
        bytes_forget(w->bytes, &step->action, &step->other);
    w->has_data = bytes_look(w->bytes, w->alone, &step->action, &w->data);
}

/* Once: what the others do is not interrupted itself. */
static void reached(void *ctx, const struct moment *m)
{
    struct world *w = ctx;
    const struct step *step = w->step;
    bool migrates = m->id == MOMENT_MIGRATE;
    struct drive_result r;
    struct drive_at at = {.mm = m->mm,
                          .va = m->va,
                          .half =
                              !migrates && moment_holds(m->id) & HOLDS_TABLE,
                          .migrating = migrates};

    if (w->depth == 0)
        w->moments[m->id][migrates ? FAULT_KIND_NONE : m->kind]++;
    if (!is_meant(step, m))
        return;
    w->step = NULL;
    w->came = true;
    w->depth++;
    r = drive_do(alone_drive(w->alone), &step->other, &at);
    w->depth--;
    if (w->bytes)
        others_did(w, step, &r);
}

static const struct moment_ops moments = {.reached = reached};

struct drive_result world_do(struct world *w, const struct step *step)
{
    bool listens = w->counts || step->has_other;
    struct drive_result r;

    heap_use(w->heap);
    if (listens)
        memory_attach_moments(alone_memory(w->alone), &moments, w);
    w->step = step->has_other ? step : NULL;
    w->came = !step->has_other;
    w->others_changed = false;
    r = drive_do(alone_drive(w->alone), &step->action, NULL);
    if (w->bytes)
        follow_bytes(w, step, &r);
    w->step = NULL;
    if (listens)
        memory_attach_moments(alone_memory(w->alone), NULL, NULL);
    heap_use(NULL);
    return r;
}

bool world_others_came(const struct world *w)
{
    return w->came;
}

bool world_data(const struct world *w, struct found_key *key)
{
    if (w->has_data)
        *key = w->data;
    return w->has_data;
}

const struct bytes *world_bytes(const struct world *w)
{
    return w->bytes;
}

void world_count(struct world *w)
{
    w->counts = true;
}

uint64_t world_moments(const struct world *w, enum moment_id id,
                       enum fault_kind kind)
{
    return w->moments[id][id == MOMENT_MIGRATE ? FAULT_KIND_NONE : kind];
}

bool world_check(struct world *w)
{
    bool sound;

    heap_use(w->heap);
    sound = check_everything(alone_check(w->alone));
    heap_use(NULL);
    return sound;
}

void world_end(struct world *w)
{
    heap_use(w->heap);
    alone_exit(w->alone, NULL);
    heap_use(NULL);
}

struct alone *world_alone(const struct world *w)
{
    return w->alone;
}
