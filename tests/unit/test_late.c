// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copies to the user that wait for a page: in what order they are made, and
 * what is left of them half-way.  The user's memory is a few short pages here.
 */
#include <errno.h>
#include <string.h>

#include "emu/linux/late.h"
#include "emu/linux/uaccess.h"
#include "unit.h"

#define SHORT_PAGE  4u
#define SHORT_PAGES 4u
#define NO_LINES    ((struct bis_lines){0, 0})

static char memory[SHORT_PAGE * SHORT_PAGES + 1];
static enum access_end pages[SHORT_PAGES]; /* what becomes of an access */
static struct bis_lines last_lines;

enum access_end copy_late_to_user(struct task *t, uint64_t va, const void *src,
                                  size_t *left, struct bis_lines lines)
{
    const char *from = src;

    (void)t;
    last_lines = lines;
    for (; *left > 0; va++, from++, --*left) {
        enum access_end end = pages[va / SHORT_PAGE];

        if (end != ACCESS_DONE)
            return end;
        memory[va] = *from;
    }
    return ACCESS_DONE;
}

static int begin(void **state)
{
    (void)state;
    memset(memory, '.', sizeof(memory) - 1);
    for (unsigned i = 0; i < SHORT_PAGES; i++)
        pages[i] = ACCESS_DONE;
    return 0;
}

static void add(struct task *t, uint64_t va, const char *text)
{
    assert_int_equal(late_add(t, va, text, strlen(text), NO_LINES), 0);
}

static void test_copies_are_made_in_their_order(void **state)
{
    struct task t = {0};
    struct bis_lines lines = {64, 128};

    (void)state;
    add(&t, 2, "abcdef");
    assert_int_equal(late_add(&t, 4, "XY", 2, lines), 0);
    assert_string_equal(memory, "................");
    assert_int_equal(late_make(&t), ACCESS_DONE);
    assert_string_equal(memory, "..abXYef........");
    assert_int_equal(last_lines.start, 64);
    assert_int_equal(last_lines.end, 128);
    assert_null(t.wait.call.late);
}

/* Nothing is written twice: what is there may be somebody's by now. */
static void test_half_of_a_copy_goes_on_where_it_stopped(void **state)
{
    struct task t = {0};

    (void)state;
    add(&t, 2, "abcdefgh");
    add(&t, 12, "last");
    pages[1] = ACCESS_WAIT;
    assert_int_equal(late_make(&t), ACCESS_WAIT);
    assert_string_equal(memory, "..ab............");
    memory[2] = memory[3] = '!';
    assert_int_equal(late_make(&t), ACCESS_WAIT);
    pages[1] = ACCESS_DONE;
    pages[2] = ACCESS_WAIT;
    assert_int_equal(late_make(&t), ACCESS_WAIT);
    assert_string_equal(memory, "..!!cdef........");
    pages[2] = ACCESS_DONE;
    assert_int_equal(late_make(&t), ACCESS_DONE);
    assert_string_equal(memory, "..!!cdefgh..last");
    assert_null(t.wait.call.late);
}

/* The program hears of it when all is written, also when the next waits. */
static void test_a_copy_without_a_place_fails_the_call(void **state)
{
    struct task t = {0};

    (void)state;
    add(&t, 2, "abcd");
    add(&t, 8, "wxyz");
    pages[1] = ACCESS_FAULT;
    pages[2] = ACCESS_WAIT;
    assert_int_equal(late_make(&t), ACCESS_WAIT);
    assert_true(t.wait.call.late_failed);
    pages[2] = ACCESS_DONE;
    assert_int_equal(late_make(&t), ACCESS_FAULT);
    assert_string_equal(memory, "..ab....wxyz....");
    assert_null(t.wait.call.late);
}

static void test_a_forgiven_copy_may_fail(void **state)
{
    struct task t = {0};

    (void)state;
    pages[0] = ACCESS_FAULT;
    add(&t, 0, "ab");
    late_forgive(&t);
    assert_int_equal(late_make(&t), ACCESS_DONE);
    add(&t, 0, "ab");
    late_forgive(&t);
    add(&t, 1, "c");
    assert_int_equal(late_make(&t), ACCESS_FAULT);
}

/* A call that would have more than any has begins anew, with nothing kept of
 * what was too much. */
static void test_too_much_is_not_kept(void **state)
{
    static const char big[BOUNCE_BYTES];
    struct task t = {0};

    (void)state;
    assert_int_equal(late_add(&t, 0, big, sizeof(big), NO_LINES), 0);
    assert_int_equal(late_add(&t, 0, big, sizeof(big) - 1, NO_LINES), 0);
    assert_int_equal(late_add(&t, 0, big, 2, NO_LINES), -EAGAIN);
    assert_int_equal(late_add(&t, 0, big, 1, NO_LINES), 0);
    late_free(t.wait.call.late);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_copies_are_made_in_their_order, begin),
        cmocka_unit_test_setup(test_half_of_a_copy_goes_on_where_it_stopped,
                               begin),
        cmocka_unit_test_setup(test_a_copy_without_a_place_fails_the_call,
                               begin),
        cmocka_unit_test_setup(test_a_forgiven_copy_may_fail, begin),
        cmocka_unit_test_setup(test_too_much_is_not_kept, begin),
    };

    return RUN(tests);
}
