// SPDX-License-Identifier: GPL-2.0-or-later
/* emu/linux/fs/filetime.c: dates of files, when there are many of them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "emu/linux/fs/filetime.h"
#include "emu/linux/time/clock.h"

#define START UINT64_C(1700000000000000000) /* ns: when the run began */
#define TIMES 80000                         /* some more than are kept */

static uint64_t guest_now;

uint64_t clock_date_ns(const struct machine *m)
{
    (void)m;
    return guest_now;
}

uint64_t clock_host_date_ns(void)
{
    return UINT64_MAX;
}

void *__real_realloc(void *p, size_t bytes);
void *__wrap_realloc(void *p, size_t bytes);

static size_t largest;

void *__wrap_realloc(void *p, size_t bytes)
{
    largest = bytes > largest ? bytes : largest;
    return __real_realloc(p, bytes);
}

static uint64_t date_of(struct machine *m, uint64_t host)
{
    struct timespec ts = {.tv_sec = (time_t)(host / NS_PER_S),
                          .tv_nsec = (long)(host % NS_PER_S)};

    ts = filetime_to_guest(m, ts);
    return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static void test_many_times_when_asked_take_bounded_room(void **state)
{
    struct machine *m = calloc(1, sizeof(*m));
    uint64_t before = 0, first = 0;

    (void)state;
    assert_non_null(m);
    m->host_start_ns = START;
    for (uint64_t i = 0; i < TIMES; i++) {
        guest_now = i + 1;
        assert_int_equal(date_of(m, START + 2 * i), i + 1);
    }
    assert_in_range(largest, 1, 2 << 20);
    /* In the host's order, never later than it was, and the same again. */
    for (uint64_t i = 0; i < TIMES; i++) {
        uint64_t date = date_of(m, START + 2 * i);

        assert_in_range(date, before, guest_now);
        before = date;
        first = first ? first : date;
    }
    assert_int_equal(date_of(m, START + 2 * (TIMES - 1)), TIMES);
    filetime_destroy(m->file_times);
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_times_when_asked_take_bounded_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
