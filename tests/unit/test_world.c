// SPDX-License-Identifier: GPL-2.0-or-later
/* A memory that is put back as it was. */
#include "explore/world.h"

#include <stdlib.h>
#include <string.h>

#include "adi/adi.h"
#include "adi/tags.h"
#include "check/check.h"
#include "explore/state.h"
#include "mm/memory.h"
#include "mm/phys.h"
#include "script/alone.h"
#include "steps.h"

#define STEPS  30u /* of a sequence */
#define MARK   12u /* after so many it is marked */
#define ROUNDS 200u

/* xorshift64: the same numbers everywhere. */
static uint64_t draw(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* The set "many" has a memory that is large, and slow. */
static struct alphabet every_set(bool many)
{
    struct alphabet a = {.nr = 0};
    const char *name, *about;

    for (unsigned n = 0; (name = alphabet_set(n, &about)) != NULL; n++)
        if (many || strcmp(name, "many") != 0)
            steps_add_set(&a, name, &steps_size);
    return a;
}

static void assert_sound(struct world *w, const char *profile, uint64_t seed)
{
    const struct check_failure *f;

    if (world_check(w))
        return;
    f = check_failure(alone_check(world_alone(w)));
    fail_msg("%s, seed %llx: invariant %u, %s: %s", profile,
             (unsigned long long)seed, f->nr, f->name, f->text);
}

/* Frames that nobody ever had are zeros all through, but for the tags that
 * "churn" left there. */
static void assert_fresh(struct world *w)
{
    static const uint8_t zeros[PAGE_SIZE];
    struct phys *ph = memory_phys(alone_memory(world_alone(w)));
    struct tagmem *tags = adi_tagmem(alone_adi(world_alone(w)));
    pfn_t touched = phys_next_touched(ph, 1), nr = 0;

    for (pfn_t pfn = 1; pfn < phys_nr_frames(ph); pfn++) {
        if (pfn == touched) {
            touched = phys_next_touched(ph, pfn + 1);
            continue;
        }
        assert_memory_equal(phys_page(ph, pfn), zeros, PAGE_SIZE);
        assert_int_equal(tags_uniform(tagmem_page(tags, pfn)), phys_left(ph));
        assert_int_equal(phys_folio(ph, pfn)->refcount, 0);
        assert_int_equal(phys_folio(ph, pfn)->flags, 0);
        assert_null(phys_folio(ph, pfn)->mapping);
        nr++;
    }
    assert_int_equal(nr, phys_nr_untouched(ph));
}

struct sequence {
    unsigned steps[STEPS];
    struct state_key keys[STEPS + 1]; /* before the first, after each */
};

/* The steps [first, STEPS), with the keys that are known already. */
static void repeat(struct world *w, const struct alphabet *a,
                   const struct sequence *q, unsigned first)
{
    assert_true(state_same(state_key(w, &a->scope), q->keys[first]));
    for (unsigned i = first; i < STEPS; i++) {
        (void)world_do(w, &a->steps[q->steps[i]]);
        assert_true(state_same(state_key(w, &a->scope), q->keys[i + 1]));
    }
}

static void check_sequence(struct world *w, const struct alphabet *a,
                           const char *profile, uint64_t *seed)
{
    struct sequence q;
    uint64_t was = *seed;

    world_restart(w);
    q.keys[0] = state_key(w, &a->scope);
    for (unsigned i = 0; i < STEPS; i++) {
        if (i == MARK)
            assert_int_equal(world_mark(w), 0);
        q.steps[i] = (unsigned)(draw(seed) % a->nr);
        (void)world_do(w, &a->steps[q.steps[i]]);
        q.keys[i + 1] = state_key(w, &a->scope);
        if (i % 5 == 0)
            assert_sound(w, profile, was);
    }
    assert_sound(w, profile, was);
    world_return(w);
    assert_fresh(w);
    assert_sound(w, profile, was);
    repeat(w, a, &q, MARK);
    world_end(w);
    assert_sound(w, profile, was);
    world_return(w);
    repeat(w, a, &q, MARK);
    world_restart(w);
    assert_fresh(w);
    repeat(w, a, &q, 0);
    assert_sound(w, profile, was);
}

static void return_everything(bool many, unsigned rounds)
{
    static const char *const profiles[] = {"linux-6.2", "linux-5.17",
                                           "linux-7.1", "remap", "mte-6.6"};
    struct alphabet a = every_set(many);
    uint64_t seed = UINT64_C(0x5eed2);

    for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
        struct world *w = steps_world_of(profiles[i], &a.scope);

        for (unsigned n = 0; n < rounds; n++)
            check_sequence(w, &a, profiles[i], &seed);
        world_destroy(w);
    }
    alphabet_free(&a);
}

static void test_return_when_anything_was_done_is_as_it_was(void **state)
{
    (void)state;
    return_everything(false, ROUNDS);
    return_everything(true, ROUNDS / 50);
}

/* -------------------------------------------------- one thing after another */

struct shown {
    unsigned nr_pins, nr_objects;
    bool processes[WORLD_MAX_PROCESSES + 1], swap;
    struct swapdev_faults faults;
    pfn_t untouched;
};

static struct shown look(struct world *w)
{
    struct alone *a = world_alone(w);
    struct shown s;
    struct drive_pinned pin;
    struct drive_numbered object;
    struct swap_device dev;

    memset(&s, 0, sizeof(s));
    while (drive_nth_pin(alone_drive(a), s.nr_pins, &pin))
        s.nr_pins++;
    while (drive_nth_object(alone_drive(a), s.nr_objects, &object))
        s.nr_objects++;
    for (uint32_t p = 1; p <= WORLD_MAX_PROCESSES; p++)
        s.processes[p] = drive_find_mm(alone_drive(a), p) != NULL;
    s.swap = swap_device(alone_swap(a), 0, &dev);
    s.faults = alone_failing(a);
    s.untouched = phys_nr_untouched(memory_phys(alone_memory(a)));
    return s;
}

static void test_return_brings_back_each_thing(void **state)
{
    static const char *const changes[] = {
        "fork as 3",
        "exit pid 2",
        "pin " B,
        "unpin " A,
        "mmap 0x90000000+2 rw shared shmem 2;write 0x90000000 3",
        "truncate shmem 1 0",
        "write 0x80000000 9",
        "pwrite shmem 1 0 8192 7",
        "swapoff /dev/adi0",
        "fail swapread 3;fail tagstore 2",
        "munmap 0x70000000+2",
        "swapout all;write " A "4",
        "migrate 0x70000000+2 node 1",
        "exit",
    };
    static const struct step compact = {.action = {.verb = VERB_COMPACT}};
    struct world *w = steps_world("remap");
    struct alphabet a =
        steps_of("munmap 0x70000000+2;mmap 0x80000000+2 rw shared shmem 1");
    struct shown was, is;
    struct state_key key;

    (void)state;
    steps_do(w, "mmap 0x70000000+2 rw adi;tag 0x70000000+2 5;fork as 2;"
                "mmap 0x80000000+2 rw adi shared shmem 1;write 0x80000000 1;"
                "pin " A ";swapout " B);
    was = look(w);
    key = state_key(w, &a.scope);
    assert_int_equal(world_mark(w), 0);
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        steps_do(w, changes[i]);
        assert_false(state_same(state_key(w, &a.scope), key));
        world_return(w);
        is = look(w);
        assert_memory_equal(&is, &was, sizeof(is));
        assert_true(state_same(state_key(w, &a.scope), key));
        assert_sound(w, changes[i], 0);
        assert_fresh(w);
    }
    /* Takes frames from the end of the nodes; no step of a search. */
    assert_int_equal(world_do(w, &compact).err, 0);
    steps_do(w, "write " A "4");
    world_return(w);
    is = look(w);
    assert_memory_equal(&is, &was, sizeof(is));
    steps_do(w, "read 0x80000000 expect 1;read " B "tag 5;unpin " A);
    alphabet_free(&a);
    world_destroy(w);
}

static void test_restart_is_as_it_was_made(void **state)
{
    struct world *w = steps_world("linux-6.2");
    struct alphabet a = steps_of("read " A ";read " B);
    struct state_key key = state_key(w, &a.scope);
    struct shown was = look(w), is;

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        steps_do(w, "mmap 0x70000000+2 rw adi;tag 0x70000000+2 5;fork as 2;"
                    "pin " A ";swapoff /dev/adi0");
        assert_int_equal(world_mark(w), 0); /* it is another copy */
        world_restart(w);
        is = look(w);
        assert_memory_equal(&is, &was, sizeof(is));
        assert_true(state_same(state_key(w, &a.scope), key));
        assert_fresh(w);
    }
    world_return(w);
    assert_int_equal(look(w).nr_pins, 1);
    alphabet_free(&a);
    world_destroy(w);
}

/* ------------------------------------------------------------------- others */

#define TWO_IN_SWAP                                                            \
    "mmap 0x70000000+3 rw adi;tag 0x70000000+3 5;swapout 0x70000000+2"

/* Two pages come in, and only in the middle of the first do others act. */
static void test_others_act_once(void **state)
{
    struct world *w = steps_world("remap");

    (void)state;
    steps_do(w, TWO_IN_SWAP);
    steps_do(w, "when fault swapin: pin pid 1 " C ";tag 0x70000000+2 6");
    assert_int_equal(look(w).nr_pins, 1);
    steps_do(w, "swapout 0x70000000+2;tag 0x70000000+2 7");
    assert_int_equal(look(w).nr_pins, 1);
    /* It waits for another moment, or for another kind. */
    steps_do(w, "swapout 0x70000000+2;"
                "when fault cow: pin pid 1 " C ";tag 0x70000000+2 6;"
                "when migrate: pin pid 1 " C ";read " A);
    assert_int_equal(look(w).nr_pins, 1);
    steps_do(w, "when migrate: pin pid 1 " C ";migrate 0x70000000+2");
    assert_int_equal(look(w).nr_pins, 2);
    /* What others do has no others: one fault in the middle of another.  The
     * steps above had two faults twice. */
    steps_do(w, "swapout 0x70000000+2;when fault swapin: read " B ";read " A);
    assert_int_equal(world_moments(w, MOMENT_FAULT_DURING, FAULT_KIND_SWAPIN),
                     5);
    world_destroy(w);
}

static void test_moments_are_counted(void **state)
{
    struct world *w = steps_world("remap");

    (void)state;
    steps_do(w, TWO_IN_SWAP);
    assert_int_equal(world_moments(w, MOMENT_FAULT_DURING, FAULT_KIND_ANON),
                     0); /* nobody asked */
    world_restart(w);
    world_count(w);
    steps_do(w, TWO_IN_SWAP ";tag 0x70000000+2 6;migrate 0x70000000+3");
    assert_int_equal(world_moments(w, MOMENT_FAULT_DURING, FAULT_KIND_ANON), 3);
    for (unsigned id = MOMENT_FAULT_BEFORE; id <= MOMENT_FAULT_AFTER; id++)
        assert_int_equal(world_moments(w, id, FAULT_KIND_SWAPIN), 2);
    assert_int_equal(world_moments(w, MOMENT_MIGRATE, FAULT_KIND_NONE), 3);
    assert_int_equal(world_moments(w, MOMENT_MIGRATE, FAULT_KIND_COW), 3);
    assert_int_equal(world_moments(w, MOMENT_FAULT_DURING, FAULT_KIND_COW), 0);
    /* What others do in the middle is not. */
    steps_do(w, "swapout 0x70000000+2;when fault swapin: read " B ";read " A);
    assert_int_equal(world_moments(w, MOMENT_FAULT_BEFORE, FAULT_KIND_SWAPIN),
                     3);
    steps_do(w, "fork as 2;write " A "1");
    assert_int_equal(world_moments(w, MOMENT_FAULT_DURING, FAULT_KIND_COW), 1);
    world_restart(w);
    for (unsigned id = 0; id < MOMENT_NR; id++)
        for (unsigned kind = 0; kind < FAULT_KIND_NR; kind++)
            assert_int_equal(world_moments(w, id, kind), 0);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_return_when_anything_was_done_is_as_it_was),
        cmocka_unit_test(test_return_brings_back_each_thing),
        cmocka_unit_test(test_restart_is_as_it_was_made),
        cmocka_unit_test(test_others_act_once),
        cmocka_unit_test(test_moments_are_counted),
    };

    return RUN(tests);
}
