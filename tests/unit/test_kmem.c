// SPDX-License-Identifier: GPL-2.0-or-later
/* emu/linux/kmem.c: what a program may have of the kernel's memory */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "emu/linux/kmem.h"

#define RAM   (UINT64_C(1) << 20)
#define BYTES 1000

static void test_alloc_when_a_quarter_is_used_fails(void **state)
{
    static void *objects[RAM / 4 / BYTES];
    struct kmem k;
    size_t nr = 0;

    (void)state;
    kmem_init(&k, RAM);
    while ((objects[nr] = kmem_zalloc(&k, BYTES)) != NULL)
        nr++;
    /* What the host adds is counted. */
    assert_in_range(nr, RAM / 4 / (BYTES + 64), RAM / 4 / (BYTES + 16));
    assert_in_range(k.used, k.limit - BYTES - 64, k.limit);
    kmem_free(objects[--nr]);
    objects[nr] = kmem_zalloc(&k, BYTES);
    assert_non_null(objects[nr]);
    nr++;
    while (nr > 0)
        kmem_free(objects[--nr]);
    assert_int_equal(k.used, 0);
}

static void test_alloc_when_size_is_absurd_fails(void **state)
{
    struct kmem k;

    (void)state;
    kmem_init(&k, RAM);
    assert_null(kmem_zalloc(&k, SIZE_MAX));
    assert_null(kmem_zalloc(&k, SIZE_MAX - 40));
    assert_null(kmem_zalloc(&k, RAM));
    assert_int_equal(k.used, 0);
    kmem_free(NULL);
}

static void test_object_when_allocated_is_zeroed_and_aligned(void **state)
{
    struct kmem k;
    unsigned char *p;

    (void)state;
    kmem_init(&k, RAM);
    p = kmem_zalloc(&k, BYTES);
    assert_non_null(p);
    assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
    for (size_t i = 0; i < BYTES; i++)
        assert_int_equal(p[i], 0);
    kmem_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alloc_when_a_quarter_is_used_fails),
        cmocka_unit_test(test_alloc_when_size_is_absurd_fails),
        cmocka_unit_test(test_object_when_allocated_is_zeroed_and_aligned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
