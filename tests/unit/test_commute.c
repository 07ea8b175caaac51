// SPDX-License-Identifier: GPL-2.0-or-later
/* Steps that may change places: do they, and is nothing lost by it? */
#include "explore/commute.h"

#include "adi/profile.h"
#include "explore/search.h"
#include "script/alone.h"
#include "steps.h"

#define ALL_SETS                                                               \
    "swap,zero,fork,map,protect,move,advice,migrate,shmem,file,fail,fault,"    \
    "race,moving"

static struct alphabet sets(const char *names,
                            const struct alphabet_config *size)
{
    struct alphabet a = {.nr = 0};
    char *text = strdup(names);

    assert_non_null(text);
    for (char *at = strtok(text, ","); at; at = strtok(NULL, ","))
        steps_add_set(&a, at, size);
    free(text);
    return a;
}

/* ---------------------------------------------------------------- two steps */

static void test_only_other_pages_change_places(void **state)
{
    struct alphabet a = steps_of("tag " A "5;"                    /* 0 */
                                 "write " B "1;"                  /* 1 */
                                 "swapout " A ";"                 /* 2 */
                                 "munmap " B ";"                  /* 3 */
                                 "fork as 2;"                     /* 4 */
                                 "read pid 2 " B ";"              /* 5 */
                                 "swapoff /dev/adi0;"             /* 6 */
                                 "fail tagstore 1;"               /* 7 */
                                 "migrate 0x70000000+2;"          /* 8 */
                                 "when fault swapin: read " B ";" /* (9) */
                                 "read " A ";");
    struct commute *c = commute_create(&a, STORE_SLOTS);
    bool expected[10][10] = {{false}};

    (void)state;
    assert_non_null(c);
    assert_int_equal(a.nr, 10);
    expected[0][1] = expected[0][5] = expected[2][1] = expected[2][5] = true;
    for (unsigned i = 0; i < a.nr; i++)
        for (unsigned j = 0; j < a.nr; j++)
            if (commute_may(c, i, j) != (expected[i][j] || expected[j][i]))
                fail_msg("steps %u and %u", i, j);
    commute_destroy(c);
    alphabet_free(&a);
}

static void check_joined(const char *how)
{
    char lines[300];
    struct alphabet a;
    struct commute *c;

    snprintf(lines, sizeof(lines), "tag " A "5;tag " C "5;tag " B "5;%s", how);
    a = steps_of(lines);
    c = commute_create(&a, STORE_SLOTS);
    assert_non_null(c);
    assert_false(commute_may(c, 0, 1));
    assert_true(commute_may(c, 0, 2));
    commute_destroy(c);
    alphabet_free(&a);
}

/* Pages that are moved, or are of one object, can be one. */
static void test_pages_that_can_meet_do_not(void **state)
{
    (void)state;
    check_joined("mremap " A C ";");
    check_joined("mmap " A "rw adi shared shmem 1;"
                 "mmap " C "rw adi shared shmem 1;");
    check_joined("mmap 0x70000000+2 rw adi private file 1;"
                 "mmap " C "rw adi private file 1;");
}

/* Where a step is about some of many, there are more pages than objects have.
 */
static void test_pages_behind_many_have_columns(void **state)
{
    struct alphabet a =
        steps_of("tag 0x200000000+600 5 every 2;"
                 "mmap " A "rw adi shared shmem 1;tag " A "5;"
                 "mmap " B "rw adi shared shmem 1;tag " B "5;tag " C "5;");
    struct commute *c;

    (void)state;
    if (a.scope.nr_pages <= SCOPE_MAX + 256)
        fail_msg("%u pages", a.scope.nr_pages);
    c = commute_create(&a, STORE_SLOTS);
    assert_non_null(c);
    assert_false(commute_may(c, 2, 4));
    assert_true(commute_may(c, 2, 5));
    assert_true(commute_may(c, 4, 5));
    commute_destroy(c);
    alphabet_free(&a);
}

static void test_sleep_is_of_lower_numbers(void **state)
{
    struct alphabet a =
        steps_of("tag " A "5;tag " B "5;read " A ";read " B ";munmap " A ";");
    struct commute *c = commute_create(&a, STORE_SLOTS);
    struct step_set asleep = {{0}};

    (void)state;
    assert_non_null(c);
    commute_pass(c, &asleep, 2, false);
    assert_int_equal(asleep.words[0], 1 << 1);
    /* They stay asleep as long as they could change places. */
    commute_pass(c, &asleep, 2, false);
    assert_int_equal(asleep.words[0], 1 << 1);
    commute_pass(c, &asleep, 3, false);
    assert_int_equal(asleep.words[0], 1 << 0 | 1 << 2);
    commute_pass(c, &asleep, 4, false);
    assert_int_equal(asleep.words[0], 0);
    commute_pass(c, &asleep, 3, true);
    assert_int_equal(asleep.words[0], 0);
    commute_destroy(c);
    alphabet_free(&a);
}

/* ------------------------------------------------------- what they come to */

struct outcome_of {
    struct state_key key;
    unsigned nr;
    struct found_key found[8];
};

static bool is_new(const struct found_seen *a, const struct found_seen *b)
{
    return a->findings != b->findings || a->leaks != b->leaks ||
           a->releases != b->releases || a->refusals != b->refusals ||
           a->stuck != b->stuck || a->bug != b->bug;
}

static void take(struct world *w, const struct step *step,
                 struct outcome_of *out)
{
    struct judge *j = alone_judge(world_alone(w));
    struct found_seen seen = found_look(j), after;
    struct found_list *l;

    (void)world_do(w, step);
    after = found_look(j);
    out->nr = 0;
    if (!is_new(&seen, &after))
        return;
    l = found_create();
    assert_non_null(l);
    assert_true(found_collect(l, j, &seen, &(struct found_way){.length = 1}));
    out->nr = found_sort(l);
    assert_in_range(out->nr, 0, 8);
    for (unsigned i = 0; i < out->nr; i++)
        out->found[i] = found_nth(l, i)->key;
    found_destroy(l);
}

static bool shows_same(const struct outcome_of *a, const struct outcome_of *b)
{
    if (a->nr != b->nr)
        return false;
    for (unsigned i = 0; i < a->nr; i++)
        if (!found_same(&a->found[i], &b->found[i]))
            return false;
    return true;
}

static void check_pair(struct world *w, const struct alphabet *a, unsigned i,
                       unsigned j, const char *profile)
{
    struct outcome_of first_i, then_j, first_j, then_i;
    char one[SCRIPT_MAX_TEXT], other[SCRIPT_MAX_TEXT];

    take(w, &a->steps[i], &first_i);
    take(w, &a->steps[j], &then_j);
    then_j.key = state_key(w, &a->scope);
    world_return(w);
    take(w, &a->steps[j], &first_j);
    take(w, &a->steps[i], &then_i);
    then_i.key = state_key(w, &a->scope);
    world_return(w);
    if (state_same(then_j.key, then_i.key) && shows_same(&first_i, &then_i) &&
        shows_same(&first_j, &then_j))
        return;
    fail_msg("%s: %s | %s", profile,
             script_action_text(&a->steps[i].action, one),
             script_action_text(&a->steps[j].action, other));
}

static unsigned next_random(unsigned *seed, unsigned below)
{
    *seed = *seed * 1103515245 + 12345;
    return (*seed >> 16) % below;
}

/* From states that are reached at random. */
static void check_pairs(const char *profile, const char *names, unsigned ways,
                        unsigned pages)
{
    const struct alphabet_config size = {
        .nr_pages = pages, .nr_processes = 2, .nr_nodes = NODES};
    struct alphabet a = sets(names, &size);
    struct commute *c =
        commute_create(&a, adi_profile_find(profile)->store->kind);
    struct world *w = steps_world(profile);
    unsigned seed = 1;

    assert_non_null(c);
    for (unsigned way = 0; way < ways; way++) {
        world_restart(w);
        for (unsigned n = next_random(&seed, 30); n > 0; n--)
            (void)world_do(w, &a.steps[next_random(&seed, a.nr)]);
        if (world_is_armed(w) || found_look(alone_judge(world_alone(w))).bug)
            continue;
        assert_int_equal(world_mark(w), 0);
        for (unsigned n = 0; n < 200; n++) {
            unsigned i = next_random(&seed, a.nr), j = next_random(&seed, a.nr);

            if (commute_may(c, i, j))
                check_pair(w, &a, i, j, profile);
        }
    }
    world_destroy(w);
    commute_destroy(c);
    alphabet_free(&a);
}

static void test_either_order_comes_to_the_same(void **state)
{
    const struct adi_profile *p;

    (void)state;
    for (unsigned n = 0; (p = adi_profile_nth(n)) != NULL; n++) {
        check_pairs(p->name, "swap,fork", 1000, 2);
        check_pairs(p->name, ALL_SETS, 1000, 3);
    }
}

/* ---------------------------------------------------------- what is missed */

static struct search *run(const struct search_config *config)
{
    struct search *s = search_create(config);

    assert_non_null(s);
    assert_int_equal(search_run(s, NULL, NULL), 0);
    return s;
}

static void check_same_states(const struct search *x, const struct search *y)
{
    struct seen *of_x = search_seen((struct search *)(uintptr_t)x);
    struct seen *of_y = search_seen((struct search *)(uintptr_t)y);

    assert_int_equal(seen_nr(of_x), seen_nr(of_y));
    for (uint32_t i = 1; i <= seen_nr(of_x); i++) {
        struct seen_from from_x = seen_from(of_x, i);
        struct seen_from from_y = seen_from(of_y, i);

        assert_true(state_same(seen_key(of_x, i), seen_key(of_y, i)));
        assert_int_equal(from_x.state, from_y.state);
        assert_int_equal(from_x.step, from_y.step);
    }
}

/* One order is enough: each state by the same way, and each finding. */
static void check_orders(const char *profile, const char *names, unsigned depth)
{
    const struct alphabet_config size = {
        .nr_pages = 2, .nr_processes = 2, .nr_nodes = NODES};
    struct alphabet a = sets(names, &size);
    struct search_config config = {
        .world = {.profile = adi_profile_find(profile),
                  .nr_nodes = NODES,
                  .nr_processes = 2},
        .alphabet = &a,
        .depth = depth,
        .jobs = 2,
    };
    struct search *one = run(&config), *both;
    struct search_result r = search_result(one);

    config.both_orders = true;
    both = run(&config);
    check_same_states(one, both);
    assert_true(r.tries < search_result(both).tries);
    assert_int_equal(r.nr_found, search_result(both).nr_found);
    for (unsigned i = 0; i < r.nr_found; i++) {
        const struct found *x = search_found(one, i);
        const struct found *y = search_found(both, i);

        assert_true(found_same(&x->key, &y->key));
        assert_int_equal(x->way.length, y->way.length);
        assert_int_equal(x->way.state, y->way.state);
        assert_int_equal(x->way.step, y->way.step);
    }
    search_destroy(one);
    search_destroy(both);
    alphabet_free(&a);
}

static void test_one_order_misses_nothing(void **state)
{
    (void)state;
    check_orders("remap", "swap,fork", 7);
    check_orders("linux-6.2", "swap,fork", 6);
    check_orders("mte-5.18", "swap,fork,fault", 5);
    check_orders("remap", ALL_SETS, 3);
    check_orders("linux-5.17", ALL_SETS, 3);
    check_orders("linux-6.12", "swap,fail,migrate,shmem", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_other_pages_change_places),
        cmocka_unit_test(test_pages_that_can_meet_do_not),
        cmocka_unit_test(test_pages_behind_many_have_columns),
        cmocka_unit_test(test_sleep_is_of_lower_numbers),
        cmocka_unit_test(test_either_order_comes_to_the_same),
        cmocka_unit_test(test_one_order_misses_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
