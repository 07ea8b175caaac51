// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists of folios, each of which is tried ten times. */
#include <errno.h>
#include <utlist.h>

#include "adi/store_linux.h"
#include "mm/lru.h"
#include "page_to_move.h"

/* Isolates one folio for migrate_folios(). */
static struct folio *list_of(struct world *w, struct folio *folio)
{
    assert_true(migrate_isolate(w->mem, folio));
    folio->prev = folio;
    folio->next = NULL;
    return folio;
}

static struct folio *any_frame(void *ctx, const struct folio *from)
{
    (void)from;
    return memory_alloc_folio(((struct world *)ctx)->mem, 1);
}

/* Tries a page that cannot go; how often were its tags saved? */
static unsigned users_after_tries(struct world *w, bool pinned)
{
    struct folio *folio = world_folio(w, BASE), *list = list_of(w, folio);
    struct migrate_target target = {.get = any_frame, .ctx = w};
    struct linux_desc d;

    if (pinned)
        world_pin(w, folio);
    else
        world_hold(w, folio);
    assert_int_equal(migrate_folios(w->mem, &list, &target), 1);
    assert_ptr_equal(list, folio);
    assert_ptr_equal(world_folio(w, BASE), folio);
    assert_int_equal(hub_counter(w->hub, COUNT_MIGRATE_FAIL), 1);
    migrate_putback(w->mem, &list);
    if (pinned)
        world_unpin(w, folio);
    else
        world_release(w, folio);
    assert_contents(w, BASE);
    assert_true(linux_store_desc(w->mm, 0, &d));
    return d.users;
}

/* B6: a pinned page fails in the unmap, which is tried ten times by all. */
static void test_list_when_pinned_unmaps_ten_times(void **state)
{
    static const char *const kernels[] = {"linux-5.17", "linux-6.2",
                                          "linux-6.6", "linux-7.1"};

    (void)state;
    for (unsigned k = 0; k < 4; k++) {
        struct world *w = one_page(kernels[k]);

        assert_int_equal(users_after_tries(w, true), 10);
        world_destroy(w);
    }
}

/* Somebody's reference stops the move alone, which v6.3 repeats alone: once
 * for all together, and once by itself. */
static void test_list_when_held_unmaps_as_often_as_the_kernel(void **state)
{
    static const struct {
        const char *kernel;
        unsigned users;
    } kernels[] = {{"linux-5.17", 10},
                   {"linux-6.2", 10},
                   {"linux-6.6", 2},
                   {"linux-7.1", 2}};

    (void)state;
    for (unsigned k = 0; k < 4; k++) {
        struct world *w = one_page(kernels[k].kernel);

        assert_int_equal(users_after_tries(w, false), kernels[k].users);
        world_destroy(w);
    }
}

struct scarce {
    struct world *w;
    unsigned left;
};

/* A frame for the first page only. */
static struct folio *one_frame(void *ctx, const struct folio *from)
{
    struct scarce *s = ctx;

    (void)from;
    return s->left > 0 ? s->left--, memory_alloc_folio(s->w->mem, 1) : NULL;
}

static void test_list_when_frames_end_moves_those_that_have_one(void **state)
{
    static const char *const kernels[] = {"linux-6.2", "linux-6.6"};

    (void)state;
    for (unsigned k = 0; k < 2; k++) {
        struct world *w = one_page(kernels[k]);
        struct scarce scarce = {w, 1};
        struct migrate_target target = {.get = one_frame, .ctx = &scarce};
        gva_t more = world_map(w, BASE + 16 * PAGE_SIZE, 1, true);
        struct folio *list, *other;

        world_write(w, more, 43);
        other = world_folio(w, more);
        list = list_of(w, world_folio(w, BASE));
        assert_true(migrate_isolate(w->mem, other));
        DL_APPEND(list, other);
        assert_int_equal(migrate_folios(w->mem, &list, &target), -ENOMEM);
        assert_ptr_equal(list, other);
        assert_ptr_equal(world_folio(w, more), other);
        assert_int_equal(world_folio(w, BASE)->node, 1);
        assert_int_equal(hub_counter(w->hub, COUNT_MIGRATED), 1);
        assert_int_equal(hub_counter(w->hub, COUNT_MIGRATE_FAIL), 1);
        migrate_putback(w->mem, &list);
        assert_contents(w, BASE);
        audit(w);
        world_destroy(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list_when_pinned_unmaps_ten_times),
        cmocka_unit_test(test_list_when_held_unmaps_as_often_as_the_kernel),
        cmocka_unit_test(test_list_when_frames_end_moves_those_that_have_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
