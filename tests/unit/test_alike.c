// SPDX-License-Identifier: GPL-2.0-or-later
/* States with one key: does each step lead on to one key, and show the same? */
#include "explore/search.h"

#include "adi/profile.h"
#include "script/alone.h"
#include "steps.h"

#define LONGEST 12
#define PLACES  (1u << 15)

/* How a state was reached, once. */
struct way {
    struct state_key key;
    unsigned nr;
    uint16_t steps[LONGEST];
};

struct walk {
    const char *profile;
    struct alphabet a;
    struct world *w;
    struct way *ways; /* by key; a newer one may take the place */
    unsigned seed, pairs;
};

struct next {
    struct state_key key;
    struct found_seen shown; /* since the state */
    bool data;
};

static unsigned pick(struct walk *k, unsigned below)
{
    k->seed = k->seed * 1103515245 + 12345;
    return (k->seed >> 16) % below;
}

static struct found_seen shown_by(const struct world *w)
{
    return found_look(alone_judge(world_alone(w)));
}

/* What is told of is counted as the report does: leaks of one kind are one. */
static struct found_seen since(const struct found_seen *then,
                               const struct world *w)
{
    struct found_seen now = shown_by(w);

    return (struct found_seen){.findings = now.findings - then->findings,
                               .leaks = now.leaks > then->leaks,
                               .releases = now.releases - then->releases,
                               .refusals = now.refusals - then->refusals,
                               .stuck = now.stuck - then->stuck,
                               .bug = now.bug};
}

static bool same(const struct next *a, const struct next *b)
{
    const struct found_seen *x = &a->shown, *y = &b->shown;

    return state_same(a->key, b->key) && x->findings == y->findings &&
           x->leaks == y->leaks && x->releases == y->releases &&
           x->refusals == y->refusals && x->stuck == y->stuck &&
           x->bug == y->bug && a->data == b->data;
}

/* From the state at hand: each step, and the end of all processes. */
static void look_ahead(struct walk *k, struct next *next)
{
    struct found_seen then = shown_by(k->w);
    struct found_key key;

    assert_int_equal(world_mark(k->w), 0);
    for (unsigned i = 0; i < k->a.nr; i++) {
        (void)world_do(k->w, &k->a.steps[i]);
        next[i] = (struct next){.key = state_key(k->w, &k->a.scope),
                                .shown = since(&then, k->w),
                                .data = world_data(k->w, &key)};
        world_return(k->w);
    }
    world_end(k->w);
    next[k->a.nr] = (struct next){.shown = since(&then, k->w)};
    world_return(k->w);
}

static void go(struct walk *k, const struct way *way)
{
    world_restart(k->w);
    for (unsigned i = 0; i < way->nr; i++)
        (void)world_do(k->w, &k->a.steps[way->steps[i]]);
}

static void print(const struct walk *k, const struct way *way)
{
    for (unsigned i = 0; i < way->nr; i++) {
        const struct step *step = &k->a.steps[way->steps[i]];
        char text[SCRIPT_MAX_TEXT];

        print_error("   %s\n", script_action_text(&step->action, text));
        if (step->has_other)
            print_error("      %s\n", script_action_text(&step->other, text));
    }
}

static void compare(struct walk *k, const struct way *x, const struct way *y)
{
    static struct next of_x[ALPHABET_MAX + 1], of_y[ALPHABET_MAX + 1];
    char text[SCRIPT_MAX_TEXT] = "the end";

    k->pairs++;
    look_ahead(k, of_x);
    go(k, y);
    assert_true(state_same(state_key(k->w, &k->a.scope), y->key));
    look_ahead(k, of_y);
    for (unsigned i = 0; i <= k->a.nr; i++) {
        if (same(&of_x[i], &of_y[i]))
            continue;
        if (i < k->a.nr)
            (void)script_action_text(&k->a.steps[i].action, text);
        print_error("%s: one key, then \"%s\"\n", k->profile, text);
        print(k, x);
        print_error("   or\n");
        print(k, y);
        fail();
    }
    go(k, x);
}

static bool is_same_way(const struct way *x, const struct way *y)
{
    return x->nr == y->nr &&
           memcmp(x->steps, y->steps, x->nr * sizeof(x->steps[0])) == 0;
}

/* False: the state is no new one, or the last one. */
static bool take(struct walk *k, struct way *way)
{
    uint16_t step = (uint16_t)pick(k, k->a.nr);
    struct state_key key;

    (void)world_do(k->w, &k->a.steps[step]);
    key = state_key(k->w, &k->a.scope);
    if (way->nr > 0 && state_same(way->key, key))
        return false;
    way->key = key;
    way->steps[way->nr++] = step;
    return !shown_by(k->w).bug;
}

static void wander(struct walk *k)
{
    struct way way = {.nr = 0};

    world_restart(k->w);
    for (unsigned tries = 0; way.nr < LONGEST && tries < 10 * LONGEST;
         tries++) {
        struct way *known;

        if (!take(k, &way)) {
            if (shown_by(k->w).bug)
                return;
            continue;
        }
        known = &k->ways[way.key.low % PLACES];
        if (known->nr == 0 || !state_same(known->key, way.key))
            *known = way;
        else if (!is_same_way(known, &way) && pick(k, 4) == 0)
            compare(k, &way, known);
    }
}

/* Of steps @a, which go with it; are pages followed, as in a search?  The key
 * must do without, too: what is followed may be unknown. */
static void check(const char *profile, struct alphabet a, bool follows)
{
    struct walk k = {.profile = profile,
                     .a = a,
                     .w = steps_world_of(profile, follows ? &a.scope : NULL),
                     .ways = calloc(PLACES, sizeof(*k.ways)),
                     .seed = 1};
    unsigned nr = 300;

    assert_non_null(k.ways);
    while (nr-- > 0)
        wander(&k);
    assert_true(k.pairs > 20);
    free(k.ways);
    world_destroy(k.w);
    alphabet_free(&k.a);
}

static struct alphabet steps_of_sets(const char *names)
{
    struct alphabet a = {.nr = 0};
    char *text = strdup(names);

    assert_non_null(text);
    for (char *at = strtok(text, ","); at; at = strtok(NULL, ","))
        steps_add_set(&a, at, &steps_size);
    free(text);
    return a;
}

static const char *const profiles[] = {"remap", "linux-5.17", "linux-6.2",
                                       "linux-6.12", "mte-5.18"};

static void test_states_with_one_key_go_on_alike(void **state)
{
    static const char *const names[] = {
        "swap,fork",        "swap,fork,map,protect,zero",
        "swap,move,advice", "swap,fork,migrate,moving",
        "swap,fork,shmem",  "swap,fork,file,fail",
        "swap,fork,fault",  "swap,race,protect"};

    (void)state;
    for (size_t p = 0; p < sizeof(profiles) / sizeof(profiles[0]); p++)
        for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
            check(profiles[p], steps_of_sets(names[n]), true);
}

/* What is in the file need not be in memory. */
static void test_so_do_those_of_files_that_are_written_to(void **state)
{
    static const char *const lines[] = {
        "mmap 0x70000000+2 rw shared file 1;"
        "mmap 0x70008000 rw private file 1;read 0x70000010;read 0x70008010;"
        "write 0x70000010 1;write 0x70008010 2;pwrite 0x70000000 100 9;"
        "pwrite file 1 0 16384 8;pwrite file 1 8192 100 7;punch file 1 0;"
        "truncate file 1 0;truncate file 1 16384;sync file 1;"
        "munmap 0x70000000+2;mremap 0x70000000 0x70000000;",
        "mmap 0x70000000+2 rw shared shmem 1;"
        "mmap 0x70008000 rw private shmem 1;read 0x70000010;read 0x70008010;"
        "write 0x70000010 1;pwrite shmem 1 0 100 9;pwrite shmem 1 8192 100 7;"
        "swapout 0x70000000;punch shmem 1 0;truncate shmem 1 8192;"
        "truncate 0x70000000;truncate shmem 1 16384;munmap 0x70000000+2;",
    };

    (void)state;
    for (size_t p = 0; p < sizeof(profiles) / sizeof(profiles[0]); p++)
        for (size_t n = 0; n < sizeof(lines) / sizeof(lines[0]); n++)
            for (unsigned follows = 0; follows < 2; follows++)
                check(profiles[p], steps_of(lines[n]), follows != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_states_with_one_key_go_on_alike),
        cmocka_unit_test(test_so_do_those_of_files_that_are_written_to),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
