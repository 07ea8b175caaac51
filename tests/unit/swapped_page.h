/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tests/unit/swapped_page.h - one page with tags in swap, and its way back
 *
 * Owns:    struct look: what is seen in the middle of a fault
 * Used by: tests/unit/test_policy.c, test_bypass.c
 */
#pragma once

#include "fake_ops.h"

#include "swap/cache.h"
#include "swap/slot.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

/* One page with tag 5 and a byte of @byte, on a device that may be zram. */
static inline struct world *one_page(const char *kernel, bool synchronous,
                                     uint8_t byte)
{
    struct world *w = world_create(kernel, 256, 64);

    if (synchronous)
        swap_set_synchronous(w->swap, 0);
    assert_int_equal(world_map(w, BASE, 1, true), BASE);
    world_write(w, BASE, byte);
    world_set_tags(w, BASE, 5);
    return w;
}

/* The same, in swap. */
static inline struct world *page_out(const char *kernel, bool synchronous,
                                     uint8_t byte)
{
    struct world *w = one_page(kernel, synchronous, byte);

    assert_true(world_out(w, BASE));
    return w;
}

static inline uint64_t counted(const struct world *w, enum counter c)
{
    return hub_counter(w->hub, c);
}

static inline void end(struct world *w)
{
    memory_attach_moments(w->mem, NULL, NULL);
    audit(w);
    world_destroy(w);
}

/* What @what finds at one moment of a fault. */
struct look {
    struct world *w;
    enum moment_id moment;
    void (*what)(struct look *l);
    unsigned times;
    swp_entry_t entry;
    bool cached, has_cache;
    unsigned count; /* of the slot */
};

static inline void on_moment(void *ctx, const struct moment *m)
{
    struct look *l = ctx;

    if (m->id != l->moment || m->kind != FAULT_KIND_SWAPIN || l->times++ > 0)
        return;
    l->what(l);
}

static const struct moment_ops look_ops = {.reached = on_moment};

static inline void look_at_slot(struct look *l)
{
    l->cached = cache_find(l->w->swap, l->entry) != NULL;
    l->has_cache = slot_has_cache(l->w->swap, l->entry);
}

static inline void watch(struct look *l, struct world *w, enum moment_id moment,
                         void (*what)(struct look *l))
{
    *l = (struct look){
        .w = w, .moment = moment, .what = what, .entry = world_entry(w, BASE)};
    memory_attach_moments(w->mem, &look_ops, l);
}

/* Another thread of the process; munmap() would wait for the fault. */
static inline void zap(struct look *l)
{
    assert_int_equal(mm_madvise(l->w->mm, BASE, PAGE_SIZE, MADV_G_DONTNEED), 0);
}
