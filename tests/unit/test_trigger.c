// SPDX-License-Identifier: GPL-2.0-or-later
/* Events of scripts: when they are due, and what may be done then. */
#include <errno.h>
#include <string.h>

#include "check/check.h"
#include "event/hub.h"
#include "judge/judge.h"
#include "migrate/migrate.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/phys.h"
#include "mm/populate.h"
#include "play.h"

static void touch(const struct play *p, enum access access)
{
    struct folio *folio;

    assert_int_equal(mm_get_page(process(p, 1), BASE, access, &folio),
                     FAULT_OK);
}

static void test_faults_are_counted(void **state)
{
    struct play p = play("remap", "mmap 0x70000000+2 rw adi\n"
                                  "tag 0x70000000+2 5\n"
                                  "swapout all\n"
                                  "after fault swapin: swapout\n"
                                  "after fault swapin 2: check\n"
                                  "when fault swapin 1 pid 1: check\n"
                                  "before fault swapin pid 2: check\n"
                                  "before fault anon: check\n");

    (void)state;
    start(&p);
    assert_int_equal(p.fired[3], 1);
    assert_int_equal(p.fired[8], 0); /* not what the script does itself */
    for (int i = 0; i < 3; i++)
        assert_int_equal(mm_handle_fault(process(&p, 1), BASE, ACCESS_READ),
                         FAULT_OK);
    assert_int_equal(p.fired[4], 3);
    assert_int_equal(p.result[4].done, 1);
    assert_int_equal(p.fired[5], 1);
    assert_int_equal(p.fired[6], 1);
    assert_int_equal(p.fired[7], 0);
    finish(&p);
}

/* The device goes while the page is being read from it. */
static void test_swapoff_in_the_middle_of_a_swapin(void **state)
{
    static const char *const moments[] = {"before", "when", "after"};

    (void)state;
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
        char text[200];
        struct play p;

        snprintf(text, sizeof(text),
                 "mmap 0x70000000 rw adi\ntag 0x70000000 5\nswapout all\n"
                 "%s fault swapin 1: swapoff /dev/adi0\n"
                 "%s fault swapin 1: swapoff /dev/adi1\n",
                 moments[i], moments[i]);
        p = play("remap", text);
        start(&p);
        touch(&p, ACCESS_WRITE);
        assert_int_equal(p.fired[4], 1);
        assert_int_equal(p.result[4].err, 0);
        assert_int_equal(p.result[5].err, 0);
        assert_false(judge_errors(alone_judge(p.a)));
        finish(&p);
    }
}

/* The fault has a reference: Linux moves the page another time, too. */
static void test_migrate_in_the_middle_of_a_swapin_is_refused(void **state)
{
    struct play p = play("remap", "mmap 0x70000000 rw adi\n"
                                  "tag 0x70000000 5\n"
                                  "swapout all\n"
                                  "when fault swapin: migrate node 1\n"
                                  "after fault swapin: migrate node 1\n");

    (void)state;
    start(&p);
    touch(&p, ACCESS_READ);
    assert_int_equal(p.result[4].found, 1);
    assert_int_equal(p.result[4].done, 0);
    assert_int_equal(p.result[5].done, 1);
    assert_false(judge_errors(alone_judge(p.a)));
    finish(&p);
}

/* B5 and B6 by script: a user for each move, ten for a pinned page. */
static void test_pages_move_as_by_system_calls(void **state)
{
    static const char text[] = "mmap 0x70000000+2 rw adi\n"
                               "tag 0x70000000+2 5\n"
                               "move 0x70000000+2 node 1\n"
                               "pin 0x70000000\n"
                               "move 0x70000000+2 node 0\n"
                               "mbind 0x70000000 bind nodes 0x1 move strict\n"
                               "unpin 0x70000000\n"
                               "mbind 0x70000000+2 bind nodes 0x1 move\n"
                               "fork as 2\n"
                               "move 0x70000000+2 node 1\n"
                               "move 0x70000000+2 node 1 all\n"
                               "check\n";
    struct play p = play("linux-6.2", text);

    (void)state;
    start(&p);
    assert_int_equal(p.result[3].done, 2);
    assert_int_equal(p.result[5].done, 0); /* the first stays: no status */
    assert_int_equal(p.result[6].err, -EIO);
    assert_int_equal(p.result[8].err, 0);
    assert_int_equal(p.result[10].done, 0);
    assert_true(
        drive_result_is_empty(&p.script.events[9].action, &p.result[10]));
    assert_int_equal(p.result[11].done, 2);
    /* 2, then 10 and 1, then 10, then 1, then 2 mappings of 2. */
    assert_int_equal(
        hub_counter(memory_hub(alone_memory(p.a)), COUNT_TAGS_SAVED), 28);
    assert_int_equal(judge_nr_findings(alone_judge(p.a)), 0);
    alone_exit(p.a, p.triggers);
    triggers_destroy(p.triggers);
    alone_destroy(p.a);
    script_free(&p.script);
    run_clean("mmap 0x70000000+2 rw adi\n"
              "tag 0x70000000+2 5\n"
              "mbind 0x70000000+2 bind nodes 0x2 move strict\n"
              "move 0x70000000+2 node 0\n"
              "check\n");
}

/* As move_pages() of the first process does, in which events are due. */
static int migrate_page(struct play *p, unsigned node)
{
    struct memory *mem = alone_memory(p->a);
    pte_t pte = *mm_pte(process(p, 1), BASE);

    return migrate_folio(mem, phys_folio(memory_phys(mem), pte_pfn(pte)), node);
}

/* A page that is on its way, and what others do to it meanwhile. */
static void test_others_run_in_the_middle_of_a_migration(void **state)
{
    static const char *const meanwhile[] = {
        "madvise 0x70000000 dontneed",
        "munmap 0x70000000",
        "mprotect 0x70000000 r adi",
        "mprotect 0x70000000 rw",
        "mremap 0x70000000 0x78000000",
        "fork as 2",
        "fork as 2\nwhen migrate: exit pid 2",
        "fork as 2\nwhen migrate: exit",
        "swapoff /dev/adi0",
        "compact",
        "exit",
    };
    static const char *const profiles[] = {"remap", "swap-keyed", "linux-6.2",
                                           "linux-5.17"};

    (void)state;
    for (size_t i = 0; i < sizeof(meanwhile) / sizeof(meanwhile[0]); i++)
        for (size_t n = 0; n < 4; n++) {
            char text[512];
            struct play p;

            snprintf(text, sizeof(text),
                     "mmap 0x70000000+2 rw adi\n"
                     "tag 0x70000000+2 5\n"
                     "when migrate: %s\n"
                     "at exit: check\n",
                     meanwhile[i]);
            p = play(profiles[n], text);
            run(&p);
            assert_int_equal(migrate_page(&p, 1), 0);
            assert_int_equal(p.fired[3], 1);
            assert_int_equal(p.result[3].err, 0);
            for (size_t f = 0; f < judge_nr_findings(alone_judge(p.a)); f++)
                fail_msg("%s: tags are gone", meanwhile[i]);
            if (n < 2) /* 6.2 and 5.17 leak, whatever happens */
                assert_false(judge_errors(alone_judge(p.a)));
            alone_exit(p.a, p.triggers);
            triggers_destroy(p.triggers);
            alone_destroy(p.a);
            script_free(&p.script);
        }
}

/* migration_entry_wait(): a fault waits until the page is there again. */
static void test_fault_in_the_middle_of_a_migration_waits(void **state)
{
    struct play p = play("remap", "mmap 0x70000000+1 rw adi\n"
                                  "write 0x70000000 42\n"
                                  "when migrate 1: read 0x70000000\n"
                                  "when migrate 2: pin 0x70000000\n");
    struct folio *folio;

    (void)state;
    run(&p);
    assert_int_equal(migrate_page(&p, 1), 0);
    assert_int_equal(p.result[3].err, -EAGAIN);
    assert_int_equal(migrate_page(&p, 0), 0);
    assert_int_equal(p.result[4].err, -EAGAIN);
    assert_int_equal(mm_get_page(process(&p, 1), BASE, ACCESS_WRITE, &folio),
                     FAULT_OK);
    assert_int_equal(memory_folio_bytes(alone_memory(p.a), folio)[0], 42);
    assert_int_equal(folio->node, 0);
    assert_int_equal(folio->refcount, 1);
    assert_false(judge_errors(alone_judge(p.a)));
    finish(&p);
}

/* The page's object goes with its last mapping. */
static void test_object_goes_in_the_middle_of_a_migration(void **state)
{
    struct play p = play("remap", "mmap 0x70000000+2 rw adi shared shmem\n"
                                  "tag 0x70000000+2 5\n"
                                  "when migrate: munmap 0x70000000+2\n");

    (void)state;
    run(&p);
    assert_int_equal(migrate_page(&p, 1), 0);
    assert_int_equal(p.fired[3], 1);
    assert_int_equal(p.result[3].err, 0);
    assert_false(judge_errors(alone_judge(p.a)));
    finish(&p);
}

/* The page is locked: who wants it out of its object would wait. */
static void test_a_migration_holds_its_page(void **state)
{
    struct play p = play("remap", "mmap 0x70000000+2 rw adi shared file 1\n"
                                  "write 0x70000000 5\n"
                                  "when migrate: check\n");
    static const enum script_verb verbs[] = {VERB_TRUNCATE, VERB_PUNCH,
                                             VERB_SYNC, VERB_PWRITE};

    (void)state;
    run(&p);
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        const struct script_action a = {
            .verb = verbs[i], .va = BASE, .pages = 1, .len = 1};
        const struct drive_at at = {.migrating = true};

        assert_int_equal(drive_do(alone_drive(p.a), &a, &at).err, -EDEADLK);
        assert_int_equal(drive_do(alone_drive(p.a), &a, NULL).err, 0);
    }
    finish(&p);
}

/* The migrations of actions are triggers, but not within a migration. */
static void test_a_migration_by_an_action_is_a_trigger(void **state)
{
    struct play p = play("swap-keyed", "mmap 0x70000000+3 rw adi\n"
                                       "tag 0x70000000+3 5\n"
                                       "fork as 2\n"
                                       "when migrate 1: migrate all\n"
                                       "when migrate 2: mremap 0x70002000 "
                                       "0x80000000\n"
                                       "when migrate 3: exit pid 2\n"
                                       "before fault cow: check\n"
                                       "migrate 0x70000000+3 node 1\n"
                                       "check\n");

    (void)state;
    run(&p);
    assert_int_equal(p.fired[4], 1);
    assert_int_equal(p.result[4].done, 2); /* not the one on its way */
    assert_true(p.busy[4]);
    assert_false(p.busy[8]);
    assert_int_equal(p.fired[5], 1);
    assert_int_equal(p.fired[6], 1);
    assert_int_equal(p.result[8].done, 3);
    assert_null(process(&p, 2));
    assert_false(judge_errors(alone_judge(p.a)));
    finish(&p);
}

/* Of an event in the course of another, what either holds counts. */
static void test_what_is_locked_stays_so_in_nested_events(void **state)
{
    struct play p = play("remap", "mmap 0x70000000+2 rw adi\n"
                                  "mmap 0x74000000+2 rw shared file 1\n"
                                  "tag 0x70000000+2 5\n"
                                  "fork as 2\n"
                                  "tag pid 2 0x70000000+2 6\n"
                                  "when fault cow: mbind pid 2 0x70000000+2 "
                                  "bind nodes 0x2 move\n"
                                  "when migrate 1: munmap pid 1 0x70000000\n"
                                  "when migrate 1: munmap pid 2 0x70000000\n"
                                  "when migrate 1: exit\n"
                                  "when migrate 2: read pid 1 0x70000000\n"
                                  "fork as 3\n");

    (void)state;
    start(&p);
    touch(&p, ACCESS_WRITE);
    assert_int_equal(p.fired[6], 1);
    assert_int_equal(p.result[6].err, 0);
    assert_int_equal(p.result[7].err, -EDEADLK);
    assert_int_equal(p.result[8].err, -EDEADLK);
    assert_int_equal(p.result[9].err, -EDEADLK);
    assert_int_equal(p.fired[10], 1);
    assert_int_equal(p.result[10].err, 0);
    assert_false(judge_errors(alone_judge(p.a)));
    finish(&p);
}

/* Its address space is there until the action is done. */
static void test_a_process_ends_in_the_course_of_an_action(void **state)
{
    static const char *const actions[] = {"migrate pid 2 all", "compact",
                                          "move pid 2 0x70000000+3 node 1"};

    (void)state;
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        char text[200];
        struct play p;
        pfn_t free;

        snprintf(text, sizeof(text),
                 "fork as 2\n"
                 "mmap pid 2 0x70000000+3 rw adi\n"
                 "tag pid 2 0x70000000+3 5\n"
                 "when migrate: exit pid 2\n"
                 "%s\n",
                 actions[i]);
        p = play("remap", text);
        free = phys_nr_free(memory_phys(alone_memory(p.a)));
        start(&p);
        /* A system call goes on with the pages, compaction finds none. */
        assert_int_equal(p.result[4].err, i == 1 ? 0 : -ESRCH);
        assert_int_equal(p.result[5].err, 0);
        assert_null(process(&p, 2));
        assert_int_equal(phys_nr_free(memory_phys(alone_memory(p.a))), free);
        assert_false(judge_errors(alone_judge(p.a)));
        finish(&p);
    }
}

static void test_events_of_the_end(void **state)
{
    struct play p = play("remap", "mmap 0x70000000 rw adi\n"
                                  "fork as 2\n"
                                  "at exit: exit\n"
                                  "at exit: exit pid 2\n"
                                  "at exit: fork as 3\n"
                                  "at exit: fork pid 2 as 4\n");

    (void)state;
    run(&p);
    alone_exit(p.a, p.triggers);
    assert_int_equal(p.fired[3], 1); /* both are gone by then */
    assert_int_equal(p.result[3].err, 0);
    assert_int_equal(p.result[4].err, 0);
    assert_int_equal(p.result[5].err, -ESRCH);
    finish(&p);
    p = play("remap", "fork as 2\nat exit: fork as 3\n");
    run(&p);
    alone_exit(p.a, p.triggers);
    assert_int_equal(p.fired[2], 2);
    assert_int_equal(p.result[2].err, -EAGAIN);
    finish(&p);
}

/* B16: what is seen there is wrong, and the kernel puts it right. */
static void test_check_sees_a_page_half_way(void **state)
{
    static const char *const profiles[] = {"remap", "linux-6.2", "linux-5.17"};

    (void)state;
    for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
        struct play p = play(profiles[i], "mmap 0x70000000+2 rw adi\n"
                                          "tag 0x70000000+2 5\n"
                                          "swapout all\n"
                                          "set fault swapin 1: check\n"
                                          "restore fault swapin 2: check\n"
                                          "after fault swapin: check\n");

        start(&p);
        touch(&p, ACCESS_READ);
        assert_int_equal(
            mm_handle_fault(process(&p, 1), BASE + PAGE_SIZE, ACCESS_READ),
            FAULT_OK);
        assert_int_equal(p.fired[4], 1);
        assert_int_equal(p.result[4].found, 1);
        assert_int_equal(p.fired[5], 1);
        assert_int_equal(p.fired[6], 2);
        assert_int_equal(judge_nr_findings(alone_judge(p.a)), i > 0 ? 2 : 0);
        assert_true(check_everything(alone_check(p.a)));
        finish(&p);
    }
}

/* B18: it stays wrong: seen half way, and then by the program. */
static void test_check_sees_a_page_that_is_lost(void **state)
{
    struct play p = play("swap-keyed-5.18", "mmap 0x70000000 rw adi\n"
                                            "tag 0x70000000 5\n"
                                            "swapout all\n"
                                            "set fault swapin: check\n");

    (void)state;
    start(&p);
    touch(&p, ACCESS_WRITE);
    assert_int_equal(p.fired[4], 1);
    assert_int_equal(judge_nr_findings(alone_judge(p.a)), 2);
    assert_true(check_everything(alone_check(p.a)));
    finish(&p);
}

/* B18 twice: another page, of another page table, comes in while the first
 * one does. */
static void test_two_pages_are_lost_at_once(void **state)
{
    struct play p =
        play("swap-keyed-5.18", "mmap 0x70000000 rw adi\n"
                                "mmap 0x70800000 rw adi\n"
                                "tag 0x70000000 5\n"
                                "tag 0x70800000 5\n"
                                "swapout all\n"
                                "mlock 0x70800000 onfault\n"
                                "set fault swapin: read 0x70800000\n");

    (void)state;
    start(&p);
    touch(&p, ACCESS_WRITE);
    assert_int_equal(p.fired[7], 1);
    assert_int_equal(p.result[7].err, 0);
    assert_int_equal(judge_nr_findings(alone_judge(p.a)), 2);
    assert_true(check_everything(alone_check(p.a)));
    finish(&p);
}

static void test_a_fault_holds_the_areas(void **state)
{
    struct play p =
        play("remap", "mmap 0x70000000 rw adi\n"
                      "fork as 2\n"
                      "when fault anon: munmap pid 1 0x70000000\n"
                      "when fault anon: munmap pid 2 0x70000000\n"
                      "when fault anon: madvise 0x70000000 dontneed\n"
                      "when fault anon 1: write 0x70000000 4\n");

    (void)state;
    start(&p);
    touch(&p, ACCESS_WRITE);
    assert_int_equal(p.result[3].err, -EDEADLK);
    assert_int_equal(p.result[4].err, 0);
    assert_int_equal(p.result[5].err, 0);
    assert_int_equal(p.result[6].err, 0);
    finish(&p);
}

static bool is_syscall(const char *name)
{
    (void)name;
    return true;
}

static void test_instructions_calls_and_exits(void **state)
{
    static const char text[] = "after insn 30: check\n"
                               "after insn 10: check\n"
                               "at syscall mmap 2: check\n"
                               "at syscall mmap: check\n"
                               "at exit pid 1: check\n"
                               "at exit pid 2: check\n";
    struct play p = {.a = machine("remap")};
    struct script_rules rules = alone_rules(NODES);

    (void)state;
    rules.insns = true;
    rules.is_syscall = is_syscall;
    assert_int_equal(script_parse(text, strlen(text), &rules, &p.script), 0);
    start(&p);
    assert_int_equal(triggers_next_insn(p.triggers), 10);
    triggers_insns(p.triggers, 9);
    assert_int_equal(p.fired[2], 0);
    triggers_insns(p.triggers, 11);
    assert_int_equal(p.fired[2], 1);
    assert_int_equal(triggers_next_insn(p.triggers), 30);
    triggers_insns(p.triggers, 40);
    triggers_insns(p.triggers, 50);
    assert_int_equal(p.fired[1], 1);
    assert_int_equal(p.fired[2], 1);
    assert_int_equal(triggers_next_insn(p.triggers), UINT64_MAX);

    triggers_syscall(p.triggers, "mmap", process(&p, 1));
    assert_int_equal(p.fired[3], 0);
    triggers_syscall(p.triggers, "munmap", process(&p, 1));
    triggers_syscall(p.triggers, "mmap", process(&p, 1));
    triggers_syscall(p.triggers, "mmap", process(&p, 1));
    assert_int_equal(p.fired[3], 1);
    assert_int_equal(p.fired[4], 3);
    triggers_exit(p.triggers, process(&p, 1));
    assert_int_equal(p.fired[5], 1);
    assert_int_equal(p.fired[6], 0);
    finish(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults_are_counted),
        cmocka_unit_test(test_swapoff_in_the_middle_of_a_swapin),
        cmocka_unit_test(test_migrate_in_the_middle_of_a_swapin_is_refused),
        cmocka_unit_test(test_pages_move_as_by_system_calls),
        cmocka_unit_test(test_others_run_in_the_middle_of_a_migration),
        cmocka_unit_test(test_fault_in_the_middle_of_a_migration_waits),
        cmocka_unit_test(test_object_goes_in_the_middle_of_a_migration),
        cmocka_unit_test(test_a_migration_holds_its_page),
        cmocka_unit_test(test_a_migration_by_an_action_is_a_trigger),
        cmocka_unit_test(test_what_is_locked_stays_so_in_nested_events),
        cmocka_unit_test(test_a_process_ends_in_the_course_of_an_action),
        cmocka_unit_test(test_events_of_the_end),
        cmocka_unit_test(test_check_sees_a_page_half_way),
        cmocka_unit_test(test_check_sees_a_page_that_is_lost),
        cmocka_unit_test(test_two_pages_are_lost_at_once),
        cmocka_unit_test(test_a_fault_holds_the_areas),
        cmocka_unit_test(test_instructions_calls_and_exits),
    };

    return RUN(tests);
}
