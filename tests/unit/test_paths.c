// SPDX-License-Identifier: GPL-2.0-or-later
/* Sums by path, of a small world and of hand-made events. */
#include "judge/paths.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

static struct path_sums sums(const struct world *w, enum mm_path path)
{
    return judge_path_sums(w->judge, path);
}

static void test_sums_when_a_page_swaps_and_goes(void **state)
{
    struct world *w = world_create("remap", 64, 16);
    gva_t a = world_map(w, BASE, 2, true);

    (void)state;
    world_set_tags(w, a, 5);
    world_set_tags(w, a + PAGE_SIZE, 6);
    assert_true(world_out(w, a));
    assert_true(world_out(w, a + PAGE_SIZE));
    assert_int_equal(world_tag(w, a), 5);
    assert_int_equal(mm_munmap(w->mm, a, 2 * PAGE_SIZE), 0);
    assert_int_equal(sums(w, PATH_SWAP_OUT).saved, 2);
    assert_int_equal(sums(w, PATH_SWAP_IN).restored, 1);
    assert_int_equal(sums(w, PATH_ZAP).freed, 1);
    world_exit_clean(w);
    for (int path = 0; path < PATH_NR; path++) {
        assert_int_equal(sums(w, path).lost, 0);
        assert_int_equal(sums(w, path).leaked, 0);
    }
    world_destroy(w);
}

/* B1: the path that cut the copy off is named, not the one that made it. */
static void test_sums_when_zap_has_no_hook_show_the_leak_there(void **state)
{
    struct world *w = world_create("linux-6.2", 64, 16);
    gva_t a = world_map(w, BASE, 1, true);

    (void)state;
    world_set_tags(w, a, 5);
    assert_true(world_out(w, a));
    assert_int_equal(mm_munmap(w->mm, a, PAGE_SIZE), 0);
    world_exit(w);
    assert_int_equal(sums(w, PATH_ZAP).leaked, 1);
    assert_true(sums(w, PATH_ZAP).leaked_bytes > 0);
    assert_int_equal(sums(w, PATH_SWAP_OUT).leaked, 0);
    assert_int_equal(sums(w, PATH_ZAP).freed, 0);
    world_destroy(w);
}

/* B4 */
static void test_sums_when_tags_are_lost_show_the_page_there(void **state)
{
    struct world *w = world_create("linux-6.2", 64, 16);
    gva_t a = world_map(w, BASE, 1, true), b;

    (void)state;
    world_set_tags(w, a, 5);
    assert_true(world_out(w, a));
    assert_int_equal(mm_mremap(w->mm, a, PAGE_SIZE, PAGE_SIZE,
                               MREMAP_G_MAYMOVE | MREMAP_G_FIXED,
                               BASE + 4 * PAGE_SIZE, &b),
                     0);
    (void)world_tag(w, b);
    assert_int_equal(sums(w, PATH_SWAP_IN).lost, 1);
    assert_true(path_sums_any(&(struct path_sums){.lost = 1}));
    assert_false(path_sums_any(&(struct path_sums){0}));
    world_destroy(w);
}

static void test_times_when_asked_count_each_hook(void **state)
{
    struct world *w = world_create("remap", 64, 16);
    gva_t a = world_map(w, BASE, 1, true);
    const struct hook_time *times;

    (void)state;
    assert_null(adi_hook_times(w->adi));
    adi_time_hooks(w->adi);
    world_set_tags(w, a, 5);
    assert_true(world_out(w, a));
    assert_int_equal(world_tag(w, a), 5);
    times = adi_hook_times(w->adi);
    assert_non_null(times);
    assert_true(times[PATH_SWAP_OUT].calls >= 1);
    assert_true(times[PATH_SWAP_OUT].ns > 0);
    assert_true(times[PATH_SWAP_IN].calls >= 1);
    assert_int_equal(times[PATH_MREMAP].calls, 0);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_when_a_page_swaps_and_goes),
        cmocka_unit_test(test_sums_when_zap_has_no_hook_show_the_leak_there),
        cmocka_unit_test(test_sums_when_tags_are_lost_show_the_page_there),
        cmocka_unit_test(test_times_when_asked_count_each_hook),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
