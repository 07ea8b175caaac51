// SPDX-License-Identifier: GPL-2.0-or-later
/* Use counts of swap slots, and the devices behind them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_ops.h"
#include "swap/faulty.h"
#include "swap/slot.h"
#include "swap/slotcache.h"
#include "unit.h"

static void test_alloc_when_full_gives_none(void **state)
{
    struct world *w = world_create("remap", 64, 3);
    swp_entry_t e[3];

    (void)state;
    assert_false(slot_nearly_full(w->swap));
    for (unsigned i = 0; i < 3; i++) {
        e[i] = slotcache_alloc(w->swap);
        assert_true(swp_valid(e[i]));
        assert_int_equal(swp_offset(e[i]), i + 1); /* 0 is the header */
        assert_true(slot_has_cache(w->swap, e[i]));
        assert_int_equal(slot_count(w->swap, e[i]), 0);
    }
    assert_true(slot_nearly_full(w->swap));
    assert_false(swp_valid(slotcache_alloc(w->swap)));
    assert_int_equal(swap_used_pages(w->swap), 3);
    slot_put_cache(w->swap, e[1]);
    assert_int_equal(slotcache_alloc(w->swap).v, e[1].v);
    for (unsigned i = 0; i < 3; i++)
        slot_put_cache(w->swap, e[i]);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(w->calls[HOOK_SWAP_INVALIDATE], 4);
    world_destroy(w);
}

static void test_free_when_last_count_goes_frees_slot(void **state)
{
    struct world *w = world_create("remap", 64, 3);
    swp_entry_t e = slotcache_alloc(w->swap);

    (void)state;
    assert_int_equal(slot_duplicate(w->swap, e), 0);
    assert_int_equal(slot_duplicate(w->swap, e), 0);
    slot_put_cache(w->swap, e);
    assert_int_equal(slot_count(w->swap, e), 2);
    slot_free(w->swap, e);
    assert_int_equal(w->calls[HOOK_SWAP_INVALIDATE], 0);
    assert_int_equal(swap_used_pages(w->swap), 1);
    slot_free(w->swap, e);
    assert_int_equal(w->calls[HOOK_SWAP_INVALIDATE], 1);
    assert_int_equal(swap_used_pages(w->swap), 0);
    world_destroy(w);
}

static void test_duplicate_when_slot_is_free_refuses(void **state)
{
    struct world *w = world_create("remap", 64, 3);

    (void)state;
    assert_int_equal(slot_duplicate(w->swap, swp_entry(0, 1)), -ENOENT);
    assert_int_equal(slot_duplicate(w->swap, swp_entry(0, 0)), -ENOENT);
    assert_int_equal(slot_prepare_cache(w->swap, swp_entry(0, 1)), -ENOENT);
    assert_int_equal(swap_used_pages(w->swap), 0);
    world_destroy(w);
}

/* Counts above 62 go on in a second place, and come back out of it. */
static void test_duplicate_when_byte_is_full_continues(void **state)
{
    struct world *w = world_create("remap", 64, 3);
    swp_entry_t e = slotcache_alloc(w->swap);

    (void)state;
    for (unsigned i = 1; i <= 200; i++) {
        assert_int_equal(slot_duplicate(w->swap, e), 0);
        assert_int_equal(slot_count(w->swap, e), i);
        assert_true(slot_has_cache(w->swap, e));
    }
    slot_put_cache(w->swap, e);
    for (unsigned i = 200; i > 0; i--) {
        assert_int_equal(slot_count(w->swap, e), i);
        assert_int_equal(swap_used_pages(w->swap), 1);
        slot_free(w->swap, e);
    }
    assert_int_equal(swap_used_pages(w->swap), 0);
    world_destroy(w);
}

static void test_prepare_when_cached_refuses(void **state)
{
    struct world *w = world_create("remap", 64, 3);
    swp_entry_t e = slotcache_alloc(w->swap);

    (void)state;
    assert_int_equal(slot_duplicate(w->swap, e), 0);
    assert_int_equal(slot_prepare_cache(w->swap, e), -EEXIST);
    slot_put_cache(w->swap, e);
    assert_int_equal(slot_prepare_cache(w->swap, e), 0);
    assert_true(slot_has_cache(w->swap, e));
    slot_put_cache(w->swap, e);
    slot_free(w->swap, e);
    world_destroy(w);
}

/* ------------------------------------------------------------- devices */

static unsigned closed;

static int no_read(void *dev, uint64_t slot, uint8_t *page)
{
    (void)dev, (void)slot, (void)page;
    return -EIO;
}

static int no_write(void *dev, uint64_t slot, const uint8_t *page)
{
    (void)dev, (void)slot, (void)page;
    return -EIO;
}

static void count_close(void *dev)
{
    (void)dev;
    closed++;
}

static const struct swapdev_ops null_ops = {
    .read = no_read, .write = no_write, .close = count_close};

static void test_alloc_when_priorities_differ_takes_highest(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    swp_entry_t e[6];
    const unsigned want[6] = {1, 1, 0, 2, 0, 2};

    (void)state;
    closed = 0;
    assert_int_equal(swap_on(w->swap, &null_ops, NULL, 3, 1), 0);
    assert_int_equal(swap_on(w->swap, &null_ops, NULL, 3, 5), 1);
    assert_int_equal(swap_on(w->swap, &null_ops, NULL, 3, 1), 2);
    assert_int_equal(swap_total_pages(w->swap), 6);
    for (unsigned i = 0; i < 6; i++) {
        e[i] = slotcache_alloc(w->swap);
        assert_int_equal(swp_type(e[i]), want[i]);
    }
    assert_false(swp_valid(slotcache_alloc(w->swap)));
    for (unsigned i = 0; i < 6; i++)
        slot_put_cache(w->swap, e[i]);
    assert_int_equal(swap_used_pages(w->swap), 0);
    world_exit(w);
    world_destroy(w);
    assert_int_equal(closed, 3);
}

static void test_on_when_types_run_out_closes_device(void **state)
{
    struct world *w = world_create("remap", 64, 0);

    (void)state;
    closed = 0;
    for (int t = 0; t < SWP_MAX_FILES; t++)
        assert_int_equal(swap_on(w->swap, &null_ops, NULL, 3, -1), t);
    assert_int_equal(swap_on(w->swap, &null_ops, NULL, 3, -1), -EPERM);
    assert_int_equal(closed, 1);
    assert_int_equal(swap_total_pages(w->swap), 2 * SWP_MAX_FILES);
    world_destroy(w);
    assert_int_equal(closed, 1 + SWP_MAX_FILES);
}

static void test_file_when_opened_keeps_pages_and_header(void **state)
{
    char path[] = "/tmp/adiemu-test-XXXXXX";
    uint8_t page[PAGE_SIZE], back[PAGE_SIZE];
    uint64_t slots;
    void *dev;
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(swapdev_file_open(path, 12 * PAGE_SIZE, &slots, &dev), 0);
    assert_int_equal(slots, 12);
    memset(page, 0xa5, sizeof(page));
    assert_int_equal(swapdev_file_ops.write(dev, 11, page), 0);
    assert_int_equal(swapdev_file_ops.read(dev, 11, back), 0);
    assert_memory_equal(page, back, sizeof(page));
    /* Past the end there is nothing to read. */
    assert_int_equal(swapdev_file_ops.read(dev, 12, back), -EIO);
    assert_int_equal(swapdev_file_ops.read(dev, 0, back), 0);
    assert_memory_equal(back + PAGE_SIZE - 10, "SWAPSPACE2", 10);
    assert_int_equal(back[1031], 11); /* last page, big-endian */
    swapdev_file_ops.close(dev);
    assert_int_equal(close(fd), 0);
    assert_int_equal(unlink(path), 0);
}

static void test_file_when_it_cannot_be_says_why(void **state)
{
    uint64_t slots = 77;
    void *dev = &slots;

    (void)state;
    assert_int_equal(swapdev_file_open(NULL, 9 * PAGE_SIZE, &slots, &dev),
                     -EINVAL);
    assert_int_equal(swapdev_file_open("/tmp", 12 * PAGE_SIZE, &slots, &dev),
                     -EISDIR);
    assert_int_equal(
        swapdev_file_open("/dev/null", 12 * PAGE_SIZE, &slots, &dev), -EINVAL);
    assert_int_equal(
        swapdev_file_open("/no/such/dir", 12 * PAGE_SIZE, &slots, &dev),
        -ENOENT);
    assert_int_equal(slots, 77);
    assert_ptr_equal(dev, &slots);
    assert_int_equal(swapdev_file_open(NULL, 10 * PAGE_SIZE, &slots, &dev), 0);
    assert_int_equal(slots, 10);
    swapdev_file_ops.close(dev);
}

static void test_faulty_when_nth_comes_fails_once(void **state)
{
    const struct swapdev_ops *ops = &swapdev_file_ops;
    uint8_t page[PAGE_SIZE] = {1};
    uint64_t slots;
    void *dev;

    (void)state;
    assert_int_equal(swapdev_file_open(NULL, 10 * PAGE_SIZE, &slots, &dev), 0);
    assert_int_equal(swapdev_faulty_wrap(&ops, &dev, 2, 1), 0);
    assert_int_equal(ops->write(dev, 1, page), 0);
    assert_int_equal(ops->write(dev, 1, page), -EIO);
    assert_int_equal(ops->write(dev, 1, page), 0);
    assert_int_equal(ops->read(dev, 1, page), -EIO);
    assert_int_equal(ops->read(dev, 1, page), 0);
    assert_int_equal(page[0], 1);
    ops->close(dev);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alloc_when_full_gives_none),
        cmocka_unit_test(test_free_when_last_count_goes_frees_slot),
        cmocka_unit_test(test_duplicate_when_slot_is_free_refuses),
        cmocka_unit_test(test_duplicate_when_byte_is_full_continues),
        cmocka_unit_test(test_prepare_when_cached_refuses),
        cmocka_unit_test(test_alloc_when_priorities_differ_takes_highest),
        cmocka_unit_test(test_on_when_types_run_out_closes_device),
        cmocka_unit_test(test_file_when_opened_keeps_pages_and_header),
        cmocka_unit_test(test_file_when_it_cannot_be_says_why),
        cmocka_unit_test(test_faulty_when_nth_comes_fails_once),
    };

    return RUN(tests);
}
