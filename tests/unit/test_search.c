// SPDX-License-Identifier: GPL-2.0-or-later
/* Every sequence of steps: what is found, by which ways. */
#include "explore/search.h"

#include "script/alone.h"
#include "steps.h"

static const struct alphabet_config one_page = {
    .nr_pages = 1, .nr_processes = 2, .nr_nodes = NODES};

/* Names of sets, separated by commas. */
static struct alphabet sets(const char *names)
{
    struct alphabet a = {.nr = 0};

    for (const char *at = names; at;) {
        const char *end = strchr(at, ',');
        size_t len = end ? (size_t)(end - at) : strlen(at);

        assert_int_equal(alphabet_add_set(&a, at, len, &one_page), 0);
        at = end ? end + 1 : NULL;
    }
    return a;
}

static struct search_config config_of(const char *profile,
                                      const struct alphabet *a, unsigned depth,
                                      unsigned jobs)
{
    return (struct search_config){
        .world = {.profile = adi_profile_find(profile),
                  .nr_nodes = NODES,
                  .nr_processes = 2},
        .alphabet = a,
        .depth = depth,
        .jobs = jobs,
    };
}

static struct search *run(const struct search_config *config)
{
    struct search *s = search_create(config);

    assert_non_null(s);
    assert_int_equal(search_run(s, NULL, NULL), 0);
    return s;
}

static bool key_equal(const struct found_key *a, const struct found_key *b)
{
    return a->class == b->class && a->detail == b->detail &&
           a->cause == b->cause && a->path == b->path;
}

static bool way_equal(const struct found_way *a, const struct found_way *b)
{
    return a->length == b->length && a->state == b->state && a->step == b->step;
}

/* Carried out again, the last step of each way shows what was found. */
static void check_ways(const struct search *s, const struct alphabet *a)
{
    struct world *w = world_create(search_world(s));
    struct search_result r = search_result(s);
    const struct step *steps[SEARCH_MAX_DEPTH];

    assert_non_null(w);
    for (unsigned i = 0; i < r.nr_found; i++) {
        const struct found *f = search_found(s, i);
        struct found_list *l = found_create();
        struct found_key data;
        struct judge *j = alone_judge(world_alone(w));
        struct found_seen seen = found_look(j);
        unsigned n = search_steps(s, &f->way, steps), k = 0;

        assert_int_equal(n, f->way.length);
        world_restart(w);
        for (unsigned nr = 0; nr < n; nr++) {
            assert_in_range(steps[nr] - a->steps, 0, a->nr - 1);
            seen = found_look(j);
            (void)world_do(w, steps[nr]);
        }
        if (world_data(w, &data))
            assert_true(found_add(l, &data, &f->way));
        if (f->way.step == FOUND_AT_END) {
            seen = found_look(j);
            world_end(w);
        }
        assert_true(found_collect(l, j, &seen, &f->way));
        for (k = found_sort(l); k > 0; k--)
            if (key_equal(&found_nth(l, k - 1)->key, &f->key))
                break;
        assert_int_not_equal(k, 0);
        found_destroy(l);
    }
    world_destroy(w);
}

static void test_jobs_find_the_same(void **state)
{
    struct alphabet a = sets("swap,fork,migrate,fault");
    struct search_config config = config_of("linux-6.2", &a, 5, 1);
    struct search *one = run(&config);
    struct search_result r = search_result(one);

    (void)state;
    assert_true(r.nr_found > 10);
    assert_int_equal(r.complete, 5);
    assert_false(r.all);
    assert_false(r.stopped);
    check_ways(one, &a);
    for (config.jobs = 2; config.jobs <= 3; config.jobs++) {
        struct search *s = run(&config);
        struct search_result other = search_result(s);

        assert_int_equal(other.nr_found, r.nr_found);
        assert_int_equal(other.states, r.states);
        assert_int_equal(other.tries, r.tries);
        assert_int_equal(other.complete, r.complete);
        assert_memory_equal(&other.coverage, &r.coverage, sizeof(r.coverage));
        for (unsigned i = 0; i < r.nr_found; i++) {
            const struct found *x = search_found(one, i);
            const struct found *y = search_found(s, i);

            assert_true(key_equal(&x->key, &y->key));
            assert_true(way_equal(&x->way, &y->way));
        }
        search_destroy(s);
    }
    search_destroy(one);
    alphabet_free(&a);
}

/* More states than there is room for at first: some are gone through again. */
static void test_jobs_when_room_ends_find_the_same(void **state)
{
    struct alphabet a = sets("swap,fork");
    struct search_config config = config_of("linux-6.2", &a, 5, 1);
    unsigned nr_found = 0;
    uint64_t states = 0;

    (void)state;
    config.no_merge = true;
    for (; config.jobs <= 3; config.jobs++) {
        struct search *s = run(&config);
        struct search_result r = search_result(s);

        assert_true(r.states > 65536);
        /* Each is another state, but the first. */
        assert_int_equal(r.tries, r.states - 1);
        assert_int_equal(r.complete, 5);
        assert_true(states == 0 || r.states == states);
        assert_true(nr_found == 0 || r.nr_found == nr_found);
        states = r.states;
        nr_found = r.nr_found;
        search_destroy(s);
    }
    assert_true(nr_found > 0);
    alphabet_free(&a);
}

/* ------------------------------------------------------------------ merging */

static const struct found *find(const struct search *s,
                                const struct found_key *key)
{
    struct search_result r = search_result(s);

    for (unsigned i = 0; i < r.nr_found; i++)
        if (key_equal(&search_found(s, i)->key, key))
            return search_found(s, i);
    return NULL;
}

static unsigned missing(const struct search *of, const struct search *in,
                        const char *profile, const char *names)
{
    struct search_result r = search_result(of);
    unsigned nr = 0;

    for (unsigned i = 0; i < r.nr_found; i++) {
        const struct found *f = search_found(of, i), *g = find(in, &f->key);

        if (g && g->way.length == f->way.length)
            continue;
        print_error("%s, %s: %s by %u, %u steps here and %u there\n", profile,
                    names, found_class_name(f->key.class), f->key.cause,
                    f->way.length, g ? g->way.length : 0);
        nr++;
    }
    return nr;
}

static void check_merging(const char *profile, const char *names,
                          unsigned depth)
{
    struct alphabet a = sets(names);
    struct search_config config = config_of(profile, &a, depth, 2);
    struct search *merged, *each;

    merged = run(&config);
    config.no_merge = true;
    each = run(&config);
    assert_true(search_result(each).nr_found > 0);
    assert_int_equal(missing(merged, each, profile, names), 0);
    assert_int_equal(missing(each, merged, profile, names), 0);
    assert_true(search_result(merged).states < search_result(each).states);
    assert_true(search_result(merged).tries < search_result(each).tries);
    search_destroy(merged);
    search_destroy(each);
    alphabet_free(&a);
}

static void test_merging_loses_nothing(void **state)
{
    static const char *const four[] = {"swap,migrate", "swap,map", "swap,shmem",
                                       "swap,file", "swap,fail"};

    (void)state;
    check_merging("linux-6.2", "swap,fork", 5);
    check_merging("mte-5.18", "swap,fork", 5);
    check_merging("linux-6.2", "swap,fault", 4);
    for (size_t i = 0; i < sizeof(four) / sizeof(four[0]); i++) {
        check_merging("linux-6.2", four[i], 4);
        check_merging("mte-5.18", four[i], 4);
    }
}

/* ------------------------------------------------------------------ slices */

/* What each finds is there, by no shorter way; and somebody finds each. */
static void check_slices(const char *profile, const char *names, unsigned depth,
                         unsigned slices)
{
    struct alphabet a = sets(names);
    struct search_config config = config_of(profile, &a, depth, 1);
    struct search *one = run(&config);
    bool found[FOUND_MAX] = {false};
    uint64_t own = 0, states = 0;

    config.slices = slices;
    for (config.slice = 1; config.slice <= slices; config.slice++) {
        struct search *s = run(&config);
        struct search_result r = search_result(s);

        assert_int_equal(r.complete, depth);
        for (unsigned i = 0; i < search_result(one).nr_found; i++) {
            const struct found *f = search_found(one, i);
            const struct found *g = find(s, &f->key);

            assert_true(!g || g->way.length >= f->way.length);
            found[i] |= g && g->way.length == f->way.length;
        }
        for (unsigned i = 0; i < r.nr_found; i++)
            assert_non_null(find(one, &search_found(s, i)->key));
        check_ways(s, &a);
        own += r.share.own;
        states = r.share.states;
        search_destroy(s);
    }
    for (unsigned i = 0; i < search_result(one).nr_found; i++)
        assert_true(found[i]);
    assert_true(states >= (uint64_t)slices * SEARCH_STATES_PER_SLICE);
    assert_int_equal(own, states);
    search_destroy(one);
    alphabet_free(&a);
}

static void test_slices_find_all(void **state)
{
    (void)state;
    check_slices("linux-6.2", "swap,fork,migrate", 5, 1);
    check_slices("linux-6.2", "swap,fork,migrate", 5, 2);
    check_slices("linux-6.2", "swap,fork,migrate", 5, 17);
    check_slices("mte-5.18", "swap,map,fail", 4, 5);
}

/* -------------------------------------------------------------------- depth */

static struct search_result result_of(const char *profile, const char *lines,
                                      unsigned depth)
{
    struct alphabet a = steps_of(lines);
    struct search_config config = config_of(profile, &a, depth, 1);
    struct search *s = run(&config);
    struct search_result r = search_result(s);

    search_destroy(s);
    alphabet_free(&a);
    return r;
}

#define LEAK                                                                   \
    "mmap 0x70000000 rw adi;tag 0x70000000 5;swapout 0x70000000;"              \
    "munmap 0x70000000;"

static void test_depth_is_what_was_asked_for(void **state)
{
    struct search_result r = result_of("linux-6.2", LEAK, 0);

    (void)state;
    assert_int_equal(r.complete, 0);
    assert_int_equal(r.states, 1);
    assert_int_equal(r.tries, 0);
    assert_int_equal(r.nr_found, 0);
    assert_false(r.all);
    assert_false(r.stopped);
    r = result_of("linux-6.2", LEAK, 1);
    assert_int_equal(r.complete, 1);
    assert_int_equal(r.states, 2);
    assert_int_equal(r.tries, 4);
    assert_int_equal(r.nr_found, 0);
    assert_false(r.all);
    r = result_of("linux-6.2", LEAK, 2);
    assert_int_equal(r.nr_found, 0);
    r = result_of("linux-6.2", LEAK, 3);
    assert_int_equal(r.nr_found, 0);
    r = result_of("linux-6.2", LEAK, 4);
    assert_int_equal(r.nr_found, 1); /* when the process ends */
}

/* When nothing is new any more, that was all. */
static void test_all_is_said_when_states_end(void **state)
{
    static const char lines[] = "mmap 0x70000000 rw adi;munmap 0x70000000;";
    struct search_result r = result_of("linux-6.2", lines, 1);

    (void)state;
    assert_false(r.all);
    r = result_of("linux-6.2", lines, 20);
    assert_true(r.all);
    assert_false(r.stopped);
    assert_int_equal(r.states, 3); /* none, mapped, and not any more */
    assert_true(r.complete < 20);
    assert_int_equal(r.nr_found, 0);
    r = result_of("linux-6.2", lines, r.complete);
    assert_int_equal(r.states, 3);
    r = result_of("linux-6.2", LEAK, 4);
    assert_false(r.all);
}

static void test_a_sound_kernel_has_no_findings(void **state)
{
    struct alphabet a = sets("swap,fork,migrate");
    struct search_config config = config_of("remap", &a, 5, 2);
    struct search *s;
    struct search_result r;

    (void)state;
    config.check = true;
    s = run(&config);
    r = search_result(s);
    assert_int_equal(r.nr_found, 0);
    assert_int_equal(r.complete, 5);
    search_destroy(s);
    alphabet_free(&a);
}

/* ----------------------------------------------------------------- coverage */

static uint64_t bit(unsigned n)
{
    return UINT64_C(1) << n;
}

/* By steps, hooks and paths. */
static void test_coverage_is_what_was_come_by(void **state)
{
    static const char lines[] =
        "mmap 0x70000000 rw adi;tag 0x70000000 5;swapout 0x70000000;"
        "tag 0x70002000 5;unpin 0x70000000;read 0x70000000;"
        "when fault file: migrate;write 0x70000000 1;";
    struct search_result r = result_of("linux-6.2", lines, 2);

    (void)state;
    assert_int_equal(r.coverage.steps.words[0],
                     0x23); /* nothing to push out yet */
    assert_int_equal(r.coverage.hooks, 0);
    r = result_of("linux-6.2", lines, 4);
    assert_int_equal(r.coverage.steps.words[0],
                     0x27); /* not the last: no others */
    assert_int_equal(r.coverage.hooks,
                     bit(HOOK_UNMAP_SWAP) | bit(HOOK_SWAPIN_LATE));
    assert_int_equal(r.coverage.hooks &
                         ~coverage_all_hooks(adi_profile_find("linux-6.2")),
                     0);
    assert_true(r.coverage.paths & bit(PATH_SWAP_OUT));
    assert_true(r.coverage.paths & bit(PATH_ZAP) ||
                r.coverage.paths & bit(PATH_EXIT));
    assert_false(r.coverage.paths & bit(PATH_MIGRATE_OUT));
    r = result_of("linux-6.2", "migrate 0x70000000;", 9);
    assert_true(r.all);
    assert_int_equal(r.coverage.steps.words[0], 0);
    assert_int_equal(r.coverage.hooks, 0);
}

/* ------------------------------------------------------------- an early end */

static void stop_at_two(void *ctx, const struct search_level *level)
{
    struct search **s = ctx;

    assert_true(level->states > 0);
    assert_true(level->tries > level->states);
    if (level->depth == 2)
        search_stop(*s);
    assert_in_range(level->depth, 0, 2);
}

static void test_stop_ends_it_early(void **state)
{
    struct alphabet a = sets("swap,fork,map");
    struct search_config config = config_of("linux-6.2", &a, 100, 2);
    struct search *s = search_create(&config);
    struct search_result r;

    (void)state;
    assert_int_equal(search_run(s, stop_at_two, &s), 0);
    r = search_result(s);
    assert_true(r.stopped);
    assert_false(r.all);
    assert_int_equal(r.complete, 1);
    search_destroy(s);
    s = search_create(&config);
    search_stop(s); /* before it began */
    assert_int_equal(search_run(s, NULL, NULL), 0);
    r = search_result(s);
    assert_true(r.stopped);
    assert_int_equal(r.complete, 0);
    assert_int_equal(r.tries, 0);
    search_destroy(s);
    alphabet_free(&a);
}

/* It comes as far as there is room; what was found until then is told. */
static void test_room_ends_it_early(void **state)
{
    struct alphabet a = sets("swap,fork");
    struct search_config config = config_of("linux-6.2", &a, 100, 2);

    (void)state;
    for (config.max_states = 10; config.max_states <= 100000;
         config.max_states *= 10) {
        struct search *s = run(&config);
        struct search_result r = search_result(s);

        assert_int_equal(r.stopped, SEARCH_ROOM);
        assert_false(r.all);
        assert_in_range(r.states, config.max_states - 1, config.max_states);
        assert_true(r.nr_found > 0 || config.max_states < 1000);
        check_ways(s, &a);
        search_destroy(s);
    }
    alphabet_free(&a);
}

static void test_time_ends_it_early(void **state)
{
    struct alphabet a = sets("swap,fork,map,migrate");
    struct search_config config = config_of("linux-6.2", &a, 100, 2);
    struct search *s;
    struct search_result r;

    (void)state;
    config.max_ms = 200;
    s = run(&config);
    r = search_result(s);
    assert_true(r.stopped);
    assert_false(r.all);
    assert_true(r.complete < 100);
    assert_true(r.ms >= 200);
    assert_true(r.ms < 5000);
    search_destroy(s);
    alphabet_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jobs_find_the_same),
        cmocka_unit_test(test_jobs_when_room_ends_find_the_same),
        cmocka_unit_test(test_merging_loses_nothing),
        cmocka_unit_test(test_slices_find_all),
        cmocka_unit_test(test_depth_is_what_was_asked_for),
        cmocka_unit_test(test_all_is_said_when_states_end),
        cmocka_unit_test(test_a_sound_kernel_has_no_findings),
        cmocka_unit_test(test_coverage_is_what_was_come_by),
        cmocka_unit_test(test_stop_ends_it_early),
        cmocka_unit_test(test_room_ends_it_early),
        cmocka_unit_test(test_time_ends_it_early),
    };

    return RUN(tests);
}
