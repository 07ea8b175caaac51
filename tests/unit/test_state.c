// SPDX-License-Identifier: GPL-2.0-or-later
/* When two memories are the same, and when they are not. */
#include "explore/state.h"

#include "adi/adi.h"
#include "adi/store_linux.h"
#include "adi/tags.h"
#include "judge/judge.h"
#include "judge/look.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/phys.h"
#include "script/alone.h"
#include "steps.h"

/* What all steps of these tests name. */
#define SCOPE                                                                  \
    "munmap 0x70000000+3;write 0x70000040 1;munmap 0x80000000+2;"              \
    "munmap 0x90000000+2;mmap 0x80000000+2 rw shared shmem 1;"

#define TWO   "mmap 0x70000000+2 rw adi;"
#define ONE   "mmap 0x70000000 rw adi;"
#define SHMEM "mmap 0x80000000+2 rw adi shared shmem 1;"

static struct state_key key_after(struct world *w, const char *before,
                                  const char *lines)
{
    struct alphabet a = steps_of(SCOPE);
    struct state_key key;

    world_restart(w);
    steps_do(w, before);
    steps_do(w, lines);
    key = state_key(w, &a.scope);
    assert_true(world_check(w));
    assert_true(state_same(state_key(w, &a.scope), key)); /* it only looks */
    alphabet_free(&a);
    return key;
}

/* Two ways to one state, or to two, after the same beginning. */
struct ways {
    const char *before, *one, *other;
};

static void check_ways(const char *profile, const struct ways *ways, size_t nr,
                       bool same)
{
    struct world *w = steps_world(profile);
    unsigned wrong = 0;

    for (size_t i = 0; i < nr; i++) {
        struct state_key one = key_after(w, ways[i].before, ways[i].one);
        struct state_key other = key_after(w, ways[i].before, ways[i].other);

        if (state_same(one, other) == same)
            continue;
        print_error("%s: \"%s\", then \"%s\" or \"%s\": %s\n", profile,
                    ways[i].before, ways[i].one, ways[i].other,
                    same ? "two states" : "one state");
        wrong++;
    }
    world_destroy(w);
    assert_int_equal(wrong, 0);
}

#define CHECK_WAYS(profile, ways, same)                                        \
    check_ways(profile, ways, sizeof(ways) / sizeof((ways)[0]), same)

/* ---------------------------------------------------------------- one state */

/* Frames, slots and buffers are others, and so are the numbers of events. */
static void test_key_when_names_differ_is_the_same(void **state)
{
    static const struct ways ways[] = {
        {TWO, "tag " A "5;tag " B "6;", "tag " B "6;tag " A "5;"},
        {TWO, "write " A "1;write " B "2;", "write " B "2;write " A "1;"},
        {TWO, "write " A "1;", "write " A "1;write " A "1;"},
        {TWO, "write " A "1;", "write " A "2;write " A "1;"},
        {TWO, "write " A "1;",
         "write " B "2;madvise " B "dontneed;write " A "1;"},
        {ONE "tag " A "5;", "check;", "check;check;"},
        {ONE "write " A "1;", "", "pin " A ";unpin " A ";"},
        {"", "", "swapoff /dev/adi0;swapon /dev/adi0;"},
        {"", "", "fork as 2;exit pid 2;"},
        {"", "fork as 2;", "fork as 2;exit pid 2;fork as 2;"},
        {"", "", "mmap 0x70000000 rw;munmap 0x70000000;"},
        {"", "fail swapread 2;", "fail swapread 1;fail swapread 2;"},
        {SHMEM, "write 0x80000000 1;write 0x80002000 2;",
         "write 0x80002000 2;write 0x80000000 1;"},
    };
    static const char *const profiles[] = {"linux-6.2", "linux-7.1", "remap",
                                           "mte-6.6"};

    (void)state;
    for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++)
        CHECK_WAYS(profiles[i], ways, true);
}

/* Of descriptors of linux-* the order counts: the first that fits is found. */
static void test_key_when_slots_differ_is_the_same(void **state)
{
    static const struct ways ways[] = {
        {TWO "tag " A "5;tag " B "6;", "swapout " A ";swapout " B ";",
         "swapout " B ";swapout " A ";"},
        {ONE "tag " A "5;write " A "1;", "swapout " A ";",
         "swapout " A ";write " A "1;swapout " A ";"},
        {ONE "tag " A "5;", "migrate " A ";", "migrate " A ";migrate " A ";"},
        {TWO "tag 0x70000000+2 5;swapout 0x70000000+2;",
         "read " A ";swapout " A ";read " B ";swapout " B ";",
         "read " B ";swapout " B ";read " A ";swapout " A ";"},
    };

    (void)state;
    CHECK_WAYS("remap", ways, true);
    CHECK_WAYS("mte-6.6", ways, true);
}

/* -------------------------------------------------------------- many states */

static void test_key_when_a_page_differs_is_another(void **state)
{
    static const struct ways ways[] = {
        {"", "", ONE},
        {"", ONE, "mmap 0x70000000 rw;"},
        {"", ONE, "mmap 0x70000000 r adi;"},
        {"", ONE, TWO},
        {"", ONE, "mmap " B "rw adi;"},
        {ONE, "tag " A "5;", "tag " A "6;"},
        {ONE, "tag " A "5;", "tag " A "5;tag " A "6 at 127;"},
        {ONE, "tag " A "5 at 3;", "tag " A "5 at 4;"},
        {ONE "tag " A "0;", "", "write " A "1;"},
        {ONE, "write " A "1;", "write " A "2;"},
        {ONE, "write " A "1;", "write 0x70000040 1;"},
        {ONE, "write " A "1;", "write 0x70001fff 1;"},
        {ONE, "", "read " A ";"},
        {ONE, "read " A ";", "write " A "0;"},
        {TWO, "write " A "1;", "write " B "1;"},
        {ONE "write " A "1;swapout " A ";", "read " A ";",
         "read " A ";write " A "1;"}, /* clean, dirty */
        {ONE "write " A "1;", "", "swapout " A ";"},
        {ONE "tag " A "5;", "", "mprotect " A "r adi;"},
        {ONE "tag " A "5;", "", "mprotect " A "rw;"},
        {ONE "tag " A "5;", "", "madvise " A "dontneed;"},
        {ONE "tag " A "5;", "", "madvise " A "free;"},
        {ONE "tag " A "5;", "migrate " A "node 1;", "migrate " A "node 0;"},
        {ONE "tag " A "5;swapout " A ";", "", "mremap " A "0x90000000;"},
        {ONE "tag " A "5;swapout " A ";", "", "read " A ";"},
        {ONE "tag " A "5;swapout " A ";", "read " A ";", "write " A "0;"},
    };

    (void)state;
    CHECK_WAYS("linux-6.2", ways, false);
    CHECK_WAYS("remap", ways, false);
}

/* Who had the copy is gone, and nobody saved one for the child: only the oracle
 * knows what its tags were. */
static void test_key_when_expected_tags_differ_is_another(void **state)
{
    static const struct ways lost[] = {
        {ONE, "tag " A "5;swapout " A ";fork as 2;exit;",
         "tag " A "6;swapout " A ";fork as 2;exit;"},
    };

    (void)state;
    CHECK_WAYS("linux-6.2", lost, false);
}

static void test_key_when_the_machine_differs_is_another(void **state)
{
    static const struct ways ways[] = {
        {"", "", "fail tagstore 1;"},
        {"", "fail tagstore 2;", "fail tagstore 1;"},
        {"", "", "fail swapread 1;"},
        {"", "", "fail swapwrite 1;"},
        {"", "fail swapread 1;", "fail swapwrite 1;"},
        {"", "fail swapread 2;", "fail swapread 1;"},
        {"", "", "swapoff /dev/adi0;"},
        {ONE "write " A "1;", "", "pin " A ";"},
        {ONE "write " A "1;", "pin " A ";", "pin " A ";pin " A ";"},
        {TWO "write " A "1;write " B "1;", "pin " A ";", "pin " B ";"},
        {"", "", "fork as 2;"},
        {"", "fork as 2;", "fork as 3;"},
        {"fork as 2;", ONE, "mmap pid 2 " A "rw adi;"},
        {"", "fork as 2;fork as 3;", "fork as 3;fork as 2;"},
        {ONE "tag " A "5;swapout " A ";", "fork as 2;fork as 3;",
         "fork as 3;fork as 2;"},
    };

    (void)state;
    CHECK_WAYS("linux-6.2", ways, false);
    CHECK_WAYS("mte-6.6", ways, false);
}

static void test_key_when_an_object_differs_is_another(void **state)
{
    static const struct ways ways[] = {
        {"", SHMEM, "mmap 0x80000000+2 rw adi shared shmem 2;"},
        {"", SHMEM, "mmap 0x80000000+2 rw adi shared file 1;"},
        {SHMEM, "", "truncate shmem 1 8192;"},
        {SHMEM, "truncate shmem 1 8192;", "truncate shmem 1 0;"},
        {SHMEM "write 0x80000000 1;", "", "punch shmem 1 0;"},
        {SHMEM "write 0x80000000 1;", "", "swapout 0x80000000;"},
        {SHMEM "write 0x80000000 1;munmap 0x80000000+2;", "",
         "pwrite shmem 1 0 1 2;"}, /* nobody maps it */
        {SHMEM, "write 0x80000000 1;", "write 0x80002000 1;"},
        {SHMEM, "", "mmap 0x90000000+2 rw adi shared shmem 1;"},
        /* In the file, and no page of it in memory */
        {"mmap 0x80000000+2 rw shared file 1;", "", "pwrite file 1 0 100 9;"},
    };

    (void)state;
    CHECK_WAYS("linux-6.2", ways, false);
    CHECK_WAYS("remap", ways, false);
}

/* ----------------------------------------------------- what judges remember */

static void test_key_when_a_copy_is_leaked_is_another(void **state)
{
    static const struct ways ways[] = {
        {ONE "tag " A "5;", "munmap " A ";", "swapout " A ";munmap " A ";"},
        {ONE "tag " A "5;swapout " A ";", "munmap " A ";",
         "munmap " A ";" ONE "tag " A "5;swapout " A ";munmap " A ";"},
        {ONE "tag " A "5;swapout " A ";", "munmap " A ";",
         "mremap " A "0x90000000;munmap 0x90000000;"},
        /* Nothing but the cause: the page moved, or it could not. */
        {ONE "tag " A "5;", "migrate " A ";pin " A ";migrate " A ";",
         "pin " A ";migrate " A ";migrate " A ";"},
    };

    (void)state;
    CHECK_WAYS("linux-6.2", ways, false);
}

static unsigned nr_copies;
static enum cause_id cut_by;

static void count_copy(void *ctx, const struct judge_copy *copy)
{
    (void)ctx;
    nr_copies++;
    cut_by = copy->cut ? copy->by : CAUSE_UNKNOWN;
}

/* The tests above are about what they say. */
static void test_copies_are_shown_with_their_cause(void **state)
{
    struct world *w = steps_world("linux-6.2");
    struct judge *j = alone_judge(world_alone(w));

    (void)state;
    nr_copies = 0;
    steps_do(w, ONE "tag " A "5;swapout " A ";");
    judge_walk_copies(j, count_copy, NULL);
    assert_int_equal(nr_copies, 1);
    assert_int_equal(cut_by, CAUSE_UNKNOWN);
    steps_do(w, "munmap " A ";");
    judge_walk_copies(j, count_copy, NULL);
    assert_int_equal(nr_copies, 2);
    assert_int_equal(cut_by, CAUSE_ZAP);
    world_restart(w);
    steps_do(w, ONE "tag " A "5;swapout " A ";mremap " A "0x90000000;"
                    "munmap 0x90000000;");
    judge_walk_copies(j, count_copy, NULL);
    assert_int_equal(nr_copies, 3);
    assert_int_equal(cut_by, CAUSE_MOVE);
    world_destroy(w);
}

/* Each of two pages has its copy in one buffer, or in two. */
static void test_key_when_users_differ_is_another(void **state)
{
    static const struct ways ways[] = {
        {TWO "tag 0x70000000+2 5;swapout 0x70000000+2;", "", "read " B ";"},
        {TWO "tag 0x70000000+2 5;", "swapout 0x70000000+2;", "swapout " A ";"},
    };
    struct world *w = steps_world("linux-6.2");
    struct linux_desc desc;
    struct mm *mm;

    (void)state;
    steps_do(w, ways[0].before);
    mm = drive_find_mm(alone_drive(world_alone(w)), 1);
    assert_true(linux_store_desc(mm, 0, &desc));
    assert_int_equal(desc.users, 2);
    steps_do(w, ways[0].other);
    assert_true(linux_store_desc(mm, 0, &desc));
    assert_int_equal(desc.users, 1);
    world_destroy(w);
    CHECK_WAYS("linux-6.2", ways, false);
}

/* What is in a frame counts, though nobody is told of it. */
static void test_key_when_memory_alone_differs_is_another(void **state)
{
    struct world *w = steps_world("remap");
    struct alphabet a = steps_of(SCOPE);
    struct alone *alone = world_alone(w);
    struct mm *mm = drive_find_mm(alone_drive(alone), 1);
    struct state_key key;
    uint8_t *byte;
    adi_tag_t *tags;
    pfn_t pfn;

    (void)state;
    steps_do(w, ONE "tag " A "5;write " A "1;");
    key = state_key(w, &a.scope);
    pfn = pte_pfn(*mm_pte(mm, UINT64_C(0x70000000)));
    byte = phys_page(memory_phys(alone_memory(alone)), pfn);
    for (unsigned i = 0; i < PAGE_SIZE; i++) {
        bool named = i == 0 || i == 0x40 || i == PAGE_SIZE - 1;

        byte[i]++; /* only bytes that a step may write are looked at */
        assert_int_equal(state_same(state_key(w, &a.scope), key), !named);
        byte[i]--;
    }
    tags = tagmem_page(adi_tagmem(alone_adi(alone)), pfn);
    for (unsigned i = 0; i < ADI_TAGS_PER_PAGE; i++) {
        tags[i]++;
        assert_false(state_same(state_key(w, &a.scope), key));
        tags[i]--;
    }
    assert_true(state_same(state_key(w, &a.scope), key));
    alphabet_free(&a);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key_when_names_differ_is_the_same),
        cmocka_unit_test(test_key_when_slots_differ_is_the_same),
        cmocka_unit_test(test_key_when_a_page_differs_is_another),
        cmocka_unit_test(test_key_when_expected_tags_differ_is_another),
        cmocka_unit_test(test_key_when_the_machine_differs_is_another),
        cmocka_unit_test(test_key_when_an_object_differs_is_another),
        cmocka_unit_test(test_key_when_a_copy_is_leaked_is_another),
        cmocka_unit_test(test_copies_are_shown_with_their_cause),
        cmocka_unit_test(test_key_when_users_differ_is_another),
        cmocka_unit_test(test_key_when_memory_alone_differs_is_another),
    };

    return RUN(tests);
}
