// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "mm/xarray.h"
#include "unit.h"

static void test_load_when_never_stored_gives_zero(void **state)
{
    struct xarray xa;

    (void)state;
    xa_init(&xa);
    assert_int_equal(xa_load(&xa, 0), 0);
    assert_int_equal(xa_load(&xa, UINT64_MAX), 0);
    assert_null(xa_slot(&xa, 5));
    xa_destroy(&xa);
}

static void test_store_when_index_too_large_gives_erange(void **state)
{
    struct xarray xa;

    (void)state;
    xa_init(&xa);
    assert_int_not_equal(xa_store(&xa, UINT64_C(1) << 40, 1), 0);
    assert_int_equal(xa_store(&xa, (UINT64_C(1) << 40) - 1, 7), 0);
    assert_int_equal(xa_load(&xa, (UINT64_C(1) << 40) - 1), 7);
    xa_destroy(&xa);
}

static void test_store_when_growing_keeps_older_words(void **state)
{
    static const uint64_t at[] = {0,       1,        1023,       1024,
                                  1048575, 1048576,  1073741823, 1073741824,
                                  1 << 30, 99999999, 12345678901};
    struct xarray xa;

    (void)state;
    xa_init(&xa);
    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
        assert_int_equal(xa_store(&xa, at[i], at[i] + 1), 0);
    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
        assert_int_equal(xa_load(&xa, at[i]), at[i] + 1);
    xa_destroy(&xa);
    assert_int_equal(xa.nr_nodes, 0);
}

/* The model: a plain array.  Indices crowd together and lie far apart. */
static void test_next_when_sparse_visits_all_in_order(void **state)
{
    enum { SPAN = 4000, NR = 300 };
    static uint64_t model[SPAN];
    struct xarray xa;
    uint64_t index = 0, *slot;
    size_t seen = 0, want = 0;

    (void)state;
    srand(1);
    xa_init(&xa);
    for (int i = 0; i < NR; i++) {
        uint64_t at = (uint64_t)rand() % SPAN;

        want += model[at] == 0;
        model[at] = 1;
        assert_int_equal(xa_store(&xa, at * 977, at + 1), 0);
    }
    for (; (slot = xa_next(&xa, &index, UINT64_MAX)) != NULL; index++) {
        assert_int_equal(index % 977, 0);
        assert_int_equal(*slot, index / 977 + 1);
        assert_int_equal(model[index / 977], 1);
        seen++;
    }
    assert_int_equal(seen, want);
    index = 0;
    assert_null(xa_next(&(struct xarray){0}, &index, UINT64_MAX));
    xa_destroy(&xa);
}

static void test_next_when_last_is_before_word_gives_null(void **state)
{
    struct xarray xa;
    uint64_t index = 0;

    (void)state;
    xa_init(&xa);
    assert_int_equal(xa_store(&xa, 5000, 1), 0);
    assert_null(xa_next(&xa, &index, 4999));
    assert_non_null(xa_next(&xa, &index, 5000));
    assert_int_equal(index, 5000);
    xa_destroy(&xa);
}

static void test_free_range_when_leaf_partly_inside_keeps_it(void **state)
{
    struct xarray xa;

    (void)state;
    xa_init(&xa);
    for (uint64_t i = 0; i < 4; i++)
        assert_int_equal(xa_store(&xa, i * 1024, i + 1), 0);
    xa_free_range(&xa, 1, 3 * 1024 - 1);
    assert_int_equal(xa_load(&xa, 0), 1);
    assert_int_equal(xa_load(&xa, 1024), 0);
    assert_null(xa_slot(&xa, 2048));
    assert_int_equal(xa_load(&xa, 3072), 4);
    xa_free_range(&xa, 0, UINT64_MAX);
    assert_int_equal(xa.nr_nodes, 0);
    assert_int_equal(xa_store(&xa, 7, 8), 0);
    assert_int_equal(xa_load(&xa, 7), 8);
    xa_destroy(&xa);
}

static void test_erase_when_never_stored_does_nothing(void **state)
{
    struct xarray xa;

    (void)state;
    xa_init(&xa);
    xa_erase(&xa, 5);
    assert_int_equal(xa_store(&xa, 7, 1), 0);
    xa_erase(&xa, UINT64_C(1) << 30);
    assert_int_equal(xa_load(&xa, 7), 1);
    xa_erase(&xa, 7);
    assert_int_equal(xa_load(&xa, 7), 0);
    xa_destroy(&xa);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_load_when_never_stored_gives_zero),
        cmocka_unit_test(test_store_when_index_too_large_gives_erange),
        cmocka_unit_test(test_store_when_growing_keeps_older_words),
        cmocka_unit_test(test_next_when_sparse_visits_all_in_order),
        cmocka_unit_test(test_next_when_last_is_before_word_gives_null),
        cmocka_unit_test(test_free_range_when_leaf_partly_inside_keeps_it),
        cmocka_unit_test(test_erase_when_never_stored_does_nothing),
    };

    return RUN(tests);
}
