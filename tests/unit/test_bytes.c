// SPDX-License-Identifier: GPL-2.0-or-later
/* What a program must find in its pages, and when that is not so. */
#include "explore/bytes.h"

#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/phys.h"
#include "script/alone.h"
#include "steps.h"

#define FILE_PAGE "mmap 0x70000000 rw adi private file 1;"
#define SHMEM     "mmap 0x70000000 rw shared shmem 1;"
#define ANON      "mmap 0x70000000 rw;"

/* Two places of one object. */
#define TWICE                                                                  \
    "mmap 0x70000000+2 rw shared shmem 1;mmap 0x70008000+2 rw shared shmem 1;"
#define TWICE_FILE                                                             \
    "mmap 0x70000000+2 rw shared file 1;mmap 0x70008000+2 rw shared file 1;"
/* Of what comes by it at 0x70012000 nobody knows what it is. */
#define GROW                                                                   \
    "mmap 0x70000000 rw shared shmem 1;mmap 0x70008000+2 rw shared shmem 1;"   \
    "truncate shmem 1 16384;mremap 0x70000000 0x70010000+2;"

/* What the last of the lines shows; the others show nothing. */
static bool shows(const char *profile, const char *lines, struct found_key *key)
{
    struct alphabet a = steps_of(lines);
    struct world *w = steps_world_of(profile, &a.scope);
    bool found = false;

    for (unsigned i = 0; i < a.nr; i++) {
        if (found)
            fail_msg("%s: \"%s\": step %u", profile, lines, i);
        (void)world_do(w, &a.steps[i]);
        found = world_data(w, key);
    }
    world_destroy(w);
    alphabet_free(&a);
    return found;
}

static void test_what_a_kernel_loses_is_found(void **state)
{
    static const struct {
        const char *profile, *lines;
        struct found_key key;
    } lost[] = {
        /* B17 */
        {"linux-5.17",
         FILE_PAGE "write 0x70000000 1;swapout 0x70000000;truncate file 1 0;"
                   "read 0x70000000;",
         {FOUND_DATA, DATA_PAST_END, CAUSE_TRUNCATE, PATH_FAULT}},
        {"linux-5.17",
         FILE_PAGE "write 0x70000000 1;swapout 0x70000000;truncate file 1 0;"
                   "truncate file 1 8192;swapoff /dev/adi0;",
         {FOUND_DATA, DATA_CHANGED, CAUSE_TRUNCATE, PATH_SWAPOFF}},
        {"linux-5.17",
         FILE_PAGE "write 0x70000000 1;swapout 0x70000000;truncate file 1 0;"
                   "truncate file 1 8192;tag 0x70000000 5;",
         {FOUND_DATA, DATA_CHANGED, CAUSE_TRUNCATE, PATH_FAULT}},
        /* Until v5.18, mm/swapfile.c */
        {"linux-5.17",
         ANON "write 0x70000000 1;swapout 0x70000000;fail swapread 1;"
              "swapoff /dev/adi0;",
         {FOUND_DATA, DATA_CHANGED, CAUSE_UNUSE_READ, PATH_SWAPOFF}},
    };
    struct found_key key;

    (void)state;
    for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
        assert_true(shows(lost[i].profile, lost[i].lines, &key));
        assert_true(found_same(&key, &lost[i].key));
        assert_false(shows("linux-6.2", lost[i].lines, &key));
        assert_false(shows("remap", lost[i].lines, &key));
    }
}

/* Each ends with a page that is there. */
static void test_what_calls_leave_is_right(void **state)
{
    static const char *const lines[] = {
        FILE_PAGE "write 0x70000000 1;punch file 1 0;read 0x70000000;",
        FILE_PAGE "read 0x70000000;pwrite file 1 0 8192 7;read 0x70000000;",
        FILE_PAGE "write 0x70000000 1;pwrite file 1 0 8192 7;read 0x70000000;",
        FILE_PAGE "pwrite file 1 0 8192 7;truncate file 1 1;read 0x70000000;",
        FILE_PAGE "write 0x70000000 1;madvise 0x70000000 dontneed;"
                  "read 0x70000000;",
        SHMEM "write 0x70000000 1;madvise 0x70000000 dontneed;"
              "swapout 0x70000000;read 0x70000000;",
        SHMEM "write 0x70000000 1;fork as 2;write pid 2 0x70000000 2;"
              "read 0x70000000;",
        SHMEM "write 0x70000000 1;punch 0x70000000;read 0x70000000;",
        SHMEM "write 0x70001fff 1;truncate 0x70001000;truncate shmem 1 8192;"
              "read 0x70001fff;",
        ANON "write 0x70000000 1;madvise 0x70000000 free;swapout 0x70000000;"
             "read 0x70000000;",
        ANON "write 0x70000000 1;madvise 0x70000000 free;write 0x70000000 2;"
             "swapout 0x70000000;read 0x70000000;",
        ANON "write 0x70000000 1;fork as 2;write pid 2 0x70000000 2;"
             "read 0x70000000;",
        ANON "write 0x70000000 1;madvise 0x70000000 wipeonfork;fork as 2;"
             "read pid 2 0x70000000;",
        ANON "write 0x70000000 1;mremap 0x70000000 0x80000000;"
             "read 0x80000000;",
        ANON "write 0x70000000 1;mremap 0x70000000 0x80000000 dontunmap;"
             "read 0x70000000;",
        ANON "mmap 0x80000000 rw;write 0x70000000 1;write 0x80000000 2;"
             "mremap 0x70000000 0x80000000;read 0x80000000;",
        ANON "write 0x70000000 1;mmap 0x70000000 rw;read 0x70000000;",
        /* In place, and where it is not known what is stored to. */
        TWICE "mremap 0x70000000+2 0x70000000+1;write 0x70000010 2;"
              "read 0x70008010;",
        TWICE "fork as 2;mremap 0x70000000+2 0x70000000+1;"
              "write pid 1 0x70000010 2;read pid 2 0x70000010;",
        TWICE "mremap 0x70000000 0x70000000;pwrite 0x70000000 100 9;"
              "read 0x70008010;",
        TWICE_FILE "mremap 0x70000000 0x70000000;punch 0x70000000;"
                   "pwrite 0x70000000 100 9;read 0x70008010;",
        GROW "write 0x70010010 2;read 0x70008010;",
        GROW "read 0x7000a010;write 0x70012010 2;read 0x7000a010;",
        GROW "write 0x7000a010 1;punch 0x70012000;read 0x7000a010;",
        GROW "read 0x7000a010;pwrite 0x70012000 100 9;read 0x7000a010;",
        GROW "truncate shmem 1 8192;pwrite 0x70012000 100 9;read 0x7000a010;",
        GROW "write 0x7000a010 1;truncate 0x70012000;truncate shmem 1 16384;"
             "read 0x7000a010;",
        GROW "mmap 0x70020000+2 rw private shmem 1;write 0x70022010 3;"
             "truncate 0x70012000;truncate shmem 1 16384;read 0x70022010;",
        GROW "mmap 0x70020000+2 rw private shmem 1;fork as 2;"
             "write 0x70012010 3;read 0x70022010;read pid 2 0x70022010;",
        /* Errors, in part */
        SHMEM "mmap 0x70008000 rw shared shmem 1;madvise 0x70000000+2 dontneed;"
              "write 0x70000010 2;read 0x70008010;",
        ANON "write 0x70000000 1;madvise 0x70000000+2 dontneed;"
             "read 0x70000000;",
        ANON "write 0x70000000 1;madvise 0x70000000+2 wipeonfork;fork as 2;"
             "read pid 2 0x70000000;",
        FILE_PAGE "write 0x70000000 1;madvise 0x70000000+2 dontneed;"
                  "read 0x70000000;",
        "mmap 0x70000000 rw private file 1;write 0x70000010 1;"
        "madvise 0x70000000+2 guard;read 0x70000010;",
        /* Others, in the middle */
        "mmap 0x70000000 rw shared shmem 1;mmap 0x70008000 rw shared shmem 1;"
        "when fault file: write 0x70008010 7;write 0x70000010 5;"
        "write 0x70000010 6;read 0x70008010;",
    };
    static const char *const profiles[] = {"linux-5.17", "linux-6.2",
                                           "linux-7.1", "remap", "mte-6.6"};
    struct found_key key;

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        for (size_t p = 0; p < sizeof(profiles) / sizeof(profiles[0]); p++)
            if (shows(profiles[p], lines[i], &key))
                fail_msg("%s: %s", profiles[p], lines[i]);
}

/* Somebody who is no process stores to the page: the next look sees it. */
static void poke(struct world *w, gva_t va, uint8_t byte)
{
    struct alone *a = world_alone(w);
    pte_t pte = *mm_pte(drive_find_mm(alone_drive(a), 1), va);

    assert_true(pte_present(pte));
    phys_page(memory_phys(alone_memory(a)), pte_pfn(pte))[0] = byte;
}

static bool sees(const char *lines, uint8_t byte)
{
    struct alphabet a = steps_of(lines), check = steps_of("check;");
    struct world *w = steps_world_of("linux-6.2", &a.scope);
    struct found_key key;
    bool found;

    for (unsigned i = 0; i < a.nr; i++)
        (void)world_do(w, &a.steps[i]);
    assert_false(world_data(w, &key));
    poke(w, 0x70000000, byte);
    (void)world_do(w, &check.steps[0]);
    found = world_data(w, &key);
    (void)world_do(w, &check.steps[0]);
    assert_false(world_data(w, &key)); /* it is told once */
    world_destroy(w);
    alphabet_free(&check);
    alphabet_free(&a);
    return found;
}

static void test_a_byte_that_nobody_stored_is_seen(void **state)
{
    static const char *const known[] = {
        ANON "read 0x70000000;",
        ANON "write 0x70000000 1;",
        ANON "write 0x70000000 1;madvise 0x70000000 free;",
        FILE_PAGE "tag 0x70000000 5;",
        FILE_PAGE "read 0x70000000;",
        SHMEM "pwrite shmem 1 0 8192 4;read 0x70000000;",
        ANON "write 0x70000000 1;swapout 0x70000000;read 0x70000000;",
        ANON "mmap 0x80000000 rw;write 0x70000000 1;"
             "mremap 0x70000000 0x70000000+2;",
        /* Refused, and so nothing has changed. */
        ANON "write 0x70000000 1;madvise 0x70000000+2 guard;",
        ANON "write 0x70000000 1;mremap 0x70000000+2 0x70002000+2;",
        "mmap 0x70000000+2 rw;write 0x70000000 1;"
        "mremap 0x70000000+2 0x70002000+2;",
        SHMEM "write 0x70000000 1;madvise 0x70000000+2 dontneed;"
              "read 0x70000000;",
        SHMEM "write 0x70000000 1;madvise 0x70000000+2 free;",
        /* The object of this store is known to be another. */
        SHMEM "write 0x70000000 1;mmap 0x80000000 rw shared;"
              "write 0x80000000 2;",
    };
    static const char *const unknown[] = {
        "mmap 0x70000000 rw shared;write 0x70000000 1;",
        SHMEM
        "mmap 0x80000000 rw shared shmem 1;truncate shmem 1 16384;"
        "write 0x70000000 1;mremap 0x80000000 0x80000000+2;write 0x80002000 1;",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (!sees(known[i], 99))
            fail_msg("%s", known[i]);
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        assert_false(sees(unknown[i], 99));
    assert_false(sees(ANON "write 0x70000000 1;madvise 0x70000000 free;", 0));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_kernel_loses_is_found),
        cmocka_unit_test(test_what_calls_leave_is_right),
        cmocka_unit_test(test_a_byte_that_nobody_stored_is_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
