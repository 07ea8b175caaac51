// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines without a trigger that are what the processes do. */
#include <errno.h>

#include "judge/judge.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "play.h"

/* As start(), of a memory without a CPU. */
static void start_acting(struct play *p)
{
    p->triggers = triggers_create(&p->script, alone_drive(p->a),
                                  alone_memory(p->a), fired, p);
    assert_non_null(p->triggers);
    triggers_lines_act(p->triggers);
    assert_false(triggers_busy(p->triggers));
    triggers_start(p->triggers);
    assert_false(triggers_busy(p->triggers));
}

#define TWO_IN_SWAP                                                            \
    "mmap 0x70000000+3 rw adi\n"                                               \
    "tag 0x70000000+3 5\n"                                                     \
    "swapout 0x70000000+2\n"

static void test_fault_of_a_line_is_due(void **state)
{
    static const char text[] =
        TWO_IN_SWAP "before fault swapin 1: pin 0x70004000\n"
                    "when fault swapin 1: write 0x70004000 7\n"
                    "restore fault swapin 2: check\n"
                    "set fault swapin 2: check\n"
                    "after fault swapin: check\n"
                    "read 0x70004000 expect 0\n"
                    "read 0x70000000 expect 0\n"
                    "read 0x70004000 expect 7\n"
                    "write 0x70002000 1\n"
                    "read 0x70002000 expect 1\n";
    static const unsigned want[14] = {0, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1};
    struct play p = play("remap", text);

    (void)state;
    start_acting(&p);
    for (unsigned line = 1; line < 14; line++) {
        assert_int_equal(p.fired[line], want[line]);
        assert_int_equal(p.result[line].err, 0);
    }
    assert_false(judge_errors(alone_judge(p.a)));
    finish(&p);
}

/*
 * Who has a fault waits for the lock of the page table; where the hardware
 * finds an entry, where one may not load, and in another 8 MiB, nobody does.
 */
static void test_fault_waits_for_the_lock_of_the_table(void **state)
{
    static const char text[] = "mmap 0x70000000+3 rw adi\n"
                               "mmap 0x70800000 rw adi\n"
                               "mmap 0x70006000 none\n"
                               "tag 0x70000000+3 5\n"
                               "tag 0x70800000 5\n"
                               "swapout 0x70000000+2\n"
                               "swapout 0x70800000\n"
                               "restore fault swapin 1: read 0x70002000\n"
                               "restore fault swapin 1: read 0x70004000\n"
                               "restore fault swapin 1: read 0x70800000\n"
                               "set fault swapin 1: read 0x70002000\n"
                               "set fault swapin 1: read 0x70000000 tag 5\n"
                               "set fault swapin 1: read 0x70006000\n"
                               "read 0x70000000\n";
    struct play p = play("remap", text);

    (void)state;
    start_acting(&p);
    for (unsigned line = 1; line < 15; line++) {
        assert_int_equal(p.fired[line], 1);
        assert_int_equal(p.result[line].err, line == 8 || line == 11 ? -EAGAIN
                                             : line == 13            ? -EFAULT
                                                                     : 0);
    }
    finish(&p);
}

/* Nor is anything counted: a script of a program is none of its faults. */
static void test_without_lines_act_nothing_is_due(void **state)
{
    struct play p =
        play("remap", TWO_IN_SWAP "when fault swapin 1: write 0x70004000 7\n"
                                  "after fault swapin: check\n"
                                  "tag 0x70000000+2 6\n"
                                  "read 0x70004000 expect 0\n");
    uint64_t came = 77;

    (void)state;
    start(&p);
    assert_int_equal(p.fired[4], 0);
    assert_int_equal(p.fired[5], 0);
    assert_int_equal(p.result[7].err, 0);
    assert_int_equal(triggers_idle(p.triggers, 0, &came), 3);
    assert_int_equal(came, 0);
    assert_int_equal(triggers_idle(p.triggers, 4, &came), 4);
    assert_int_equal(came, 0);
    finish(&p);
}

/* One action runs in the middle of another; the line itself is then done. */
static void test_busy_while_a_nested_action_runs(void **state)
{
    struct play p = play("remap", TWO_IN_SWAP "when fault swapin: check\n"
                                              "when migrate: check\n"
                                              "read 0x70000000\n"
                                              "migrate 0x70004000\n");

    (void)state;
    start_acting(&p);
    assert_int_equal(p.fired[4], 1);
    assert_int_equal(p.fired[5], 1);
    assert_true(p.busy[4]);
    assert_true(p.busy[5]);
    for (unsigned line = 1; line <= 7; line++)
        assert_int_equal(p.busy[line], line == 4 || line == 5);
    finish(&p);
}

/* What the others do has faults of its own: of these nobody is told. */
static void test_faults_of_others_are_not_due(void **state)
{
    struct play p =
        play("remap", TWO_IN_SWAP "when fault swapin: read 0x70002000\n"
                                  "when fault swapin 3: check\n"
                                  "read 0x70000000\n"
                                  "swapout 0x70000000+2\n"
                                  "read 0x70002000\n");
    uint64_t came;

    (void)state;
    start_acting(&p);
    assert_int_equal(p.fired[4], 2);
    assert_int_equal(p.fired[5], 0);
    assert_int_equal(triggers_idle(p.triggers, 0, &came), 4);
    assert_int_equal(came, 2);
    finish(&p);
}

/* The line is what a process does: it holds its areas, and not others'. */
static void test_a_line_holds_its_areas(void **state)
{
    struct play p =
        play("remap", "fork as 2\n"
                      "mmap pid 2 0x70000000+2 rw adi\n"
                      "tag pid 2 0x70000000+2 5\n"
                      "swapout pid 2 0x70000000+2\n"
                      "when fault swapin 1: munmap pid 2 0x70000000\n"
                      "when fault swapin 1: mmap pid 1 0x70000000 rw adi\n"
                      "when fault swapin 1 pid 1: check\n"
                      "when fault swapin 1 pid 2: check\n"
                      "when fault swapin 2: swapout\n"
                      "read pid 2 0x70000000 tag 5\n"
                      "write pid 2 0x70002000 1\n");

    (void)state;
    start_acting(&p);
    assert_int_equal(p.result[5].err, -EDEADLK);
    assert_int_equal(p.result[6].err, 0);
    assert_int_equal(p.fired[7], 0);
    assert_int_equal(p.fired[8], 1);
    assert_int_equal(p.fired[9], 1);
    assert_int_equal(p.result[9].err, 0);
    assert_int_equal(p.result[10].err, 0);
    assert_int_equal(p.result[11].err, 0);
    assert_false(judge_errors(alone_judge(p.a)));
    finish(&p);
}

/* The same with the library between: what a caller does himself is no line. */
static void test_a_fault_of_nobodys_line_is_due_as_well(void **state)
{
    struct play p = play("remap", TWO_IN_SWAP "when fault swapin 2: check\n"
                                              "read 0x70000000\n");

    (void)state;
    start_acting(&p);
    assert_int_equal(p.fired[4], 0);
    assert_int_equal(
        mm_handle_fault(process(&p, 1), BASE + PAGE_SIZE, ACCESS_READ),
        FAULT_OK);
    assert_int_equal(p.fired[4], 1);
    assert_false(p.busy[4]); /* in the middle of no action */
    finish(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fault_of_a_line_is_due),
        cmocka_unit_test(test_fault_waits_for_the_lock_of_the_table),
        cmocka_unit_test(test_without_lines_act_nothing_is_due),
        cmocka_unit_test(test_busy_while_a_nested_action_runs),
        cmocka_unit_test(test_faults_of_others_are_not_due),
        cmocka_unit_test(test_a_line_holds_its_areas),
        cmocka_unit_test(test_a_fault_of_nobodys_line_is_due_as_well),
    };

    return RUN(tests);
}
