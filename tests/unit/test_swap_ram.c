// SPDX-License-Identifier: GPL-2.0-or-later
/* A swap device in the host's memory, alone and under a memory. */
#include "swap/ram.h"

#include <errno.h>

#include "adi/profile.h"
#include "base/heap.h"
#include "judge/judge.h"
#include "script/alone.h"
#include "unit.h"

#define SLOTS 20u
#define NODES 1

static void test_read_when_never_written_is_zeros(void **state)
{
    uint8_t page[PAGE_SIZE], zeros[PAGE_SIZE] = {0};
    void *dev = swapdev_ram_make(SLOTS);

    (void)state;
    assert_non_null(dev);
    for (unsigned i = 0; i < SLOTS; i++) {
        memset(page, 0xff, sizeof(page));
        assert_int_equal(swapdev_ram_ops.read(dev, i, page), 0);
        assert_memory_equal(page, zeros, sizeof(page));
    }
    swapdev_ram_ops.close(dev);
}

static void fill(uint8_t page[static PAGE_SIZE], unsigned with)
{
    for (unsigned i = 0; i < PAGE_SIZE; i++)
        page[i] = (uint8_t)(with + i / 3);
}

static void test_read_when_written_is_the_last_page(void **state)
{
    uint8_t page[PAGE_SIZE], back[PAGE_SIZE];
    void *dev = swapdev_ram_make(SLOTS);

    (void)state;
    for (unsigned turn = 0; turn < 2; turn++)
        for (unsigned i = 0; i < SLOTS; i++) {
            fill(page, 7 * i + turn);
            assert_int_equal(swapdev_ram_ops.write(dev, i, page), 0);
        }
    memset(page, 0, sizeof(page)); /* what is written is a copy */
    for (unsigned i = 0; i < SLOTS; i++) {
        fill(page, 7 * i + 1);
        assert_int_equal(swapdev_ram_ops.read(dev, i, back), 0);
        assert_memory_equal(page, back, sizeof(page));
    }
    swapdev_ram_ops.close(dev);
}

/* A slot that was written once has its page. */
static void test_write_when_heap_is_full_fails(void **state)
{
    struct heap *h = heap_create(65536);
    uint8_t page[PAGE_SIZE], back[PAGE_SIZE];
    unsigned nr = 0;
    void *dev;
    int err;

    (void)state;
    heap_use(h);
    dev = swapdev_ram_make(SLOTS);
    fill(page, 3);
    while ((err = swapdev_ram_ops.write(dev, nr, page)) == 0)
        nr++;
    assert_int_equal(err, -ENOMEM);
    assert_in_range(nr, 4, SLOTS - 2);
    assert_int_equal(swapdev_ram_ops.write(dev, nr, page), -ENOMEM);
    assert_int_equal(swapdev_ram_ops.read(dev, nr, back), 0);
    assert_int_equal(back[5], 0);
    fill(page, 4);
    assert_int_equal(swapdev_ram_ops.write(dev, nr - 1, page), 0);
    assert_int_equal(swapdev_ram_ops.read(dev, nr - 1, back), 0);
    assert_memory_equal(page, back, sizeof(page));
    swapdev_ram_ops.close(dev);
    assert_null(swapdev_ram_make(UINT64_C(1) << 20));
    heap_destroy(h);
}

/* -------------------------------------------------------------- of a memory */

static struct alone *machine(const char *profile)
{
    struct alone_config config = {
        .profile = adi_profile_find(profile),
        .ram_bytes = 128 * PAGE_SIZE,
        .nr_nodes = NODES,
        .swaps = {{.bytes = 65 * PAGE_SIZE,
                   .priority = SWAP_PRIORITY_AUTO,
                   .in_memory = true}},
        .nr_swaps = 1,
        .check = CHECK_FULL,
    };
    struct alone *a;

    assert_int_equal(alone_create(&config, &a), 0);
    return a;
}

/* One line; the result of its action. */
static struct drive_result act(struct alone *a, const char *line)
{
    struct script_rules rules = alone_rules(NODES);
    struct script s;
    struct drive_result r;

    assert_int_equal(script_parse(line, strlen(line), &rules, &s), 0);
    assert_int_equal(s.nr_errors, 0);
    r = drive_do(alone_drive(a), &s.events[0].action, NULL);
    assert_true(check_now(alone_check(a)));
    script_free(&s);
    return r;
}

static void write_pages(struct alone *a)
{
    assert_int_equal(act(a, "mmap 0x70000000+4 rw adi").err, 0);
    assert_int_equal(act(a, "tag 0x70000000+4 5").err, 0);
    assert_int_equal(act(a, "write 0x70000001 42").err, 0);
    assert_int_equal(act(a, "write 0x70006fff 43").err, 0);
    assert_int_equal(act(a, "swapout all").done, 4);
}

static void test_pages_of_a_memory_go_and_come_back(void **state)
{
    struct alone *a = machine("remap");
    struct swap_device dev;

    (void)state;
    write_pages(a);
    assert_true(swap_device(alone_swap(a), 0, &dev));
    assert_int_equal(dev.pages, 64);
    assert_int_equal(dev.used, 4);
    assert_int_equal(act(a, "read 0x70000001 tag 5 expect 42").err, 0);
    assert_int_equal(act(a, "read 0x70006fff tag 5 expect 43").err, 0);
    assert_int_equal(act(a, "read 0x70002000 tag 5 expect 0").err, 0);
    assert_false(judge_errors(alone_judge(a)));
    alone_destroy(a);
}

/* Off, it has given all back; on again, it is empty. */
static void test_device_goes_off_and_on(void **state)
{
    struct alone *a = machine("remap");
    struct swap_device dev;

    (void)state;
    assert_int_equal(act(a, "swapon /dev/adi0").err, -EBUSY);
    for (unsigned turn = 0; turn < 3; turn++) {
        write_pages(a);
        assert_int_equal(act(a, "swapoff /dev/adi0").err, 0);
        assert_false(swap_device(alone_swap(a), 0, &dev));
        assert_int_equal(act(a, "swapoff /dev/adi0").err, -EINVAL);
        assert_int_equal(act(a, "swapout all").done, 0);
        assert_int_equal(act(a, "read 0x70000001 tag 5 expect 42").err, 0);
        assert_int_equal(act(a, "swapon /dev/adi0").err, 0);
        assert_true(swap_device(alone_swap(a), 0, &dev));
        assert_int_equal(dev.pages, 64);
        assert_int_equal(dev.used, 0);
    }
    assert_int_equal(act(a, "swapon /dev/adi1").err, -ENOENT);
    assert_false(judge_errors(alone_judge(a)));
    alone_destroy(a);
}

static void test_failures_are_put_in(void **state)
{
    struct alone *a = machine("linux-6.2");

    (void)state;
    write_pages(a);
    assert_int_equal(act(a, "fail swapread 1").err, 0);
    assert_int_equal(alone_failing(a).read_in, 1);
    assert_int_equal(act(a, "read 0x70000001").err, -EIO);
    assert_int_equal(alone_failing(a).read_in, 0);
    assert_int_equal(act(a, "read 0x70006fff expect 43").err, 0);
    assert_int_equal(act(a, "fail swapwrite 1").err, 0);
    assert_int_equal(act(a, "write 0x70006fff 44").err, 0);
    assert_int_equal(act(a, "swapout 0x70006000").done, 0);
    assert_int_equal(act(a, "swapout 0x70006000").done, 1);
    assert_int_equal(act(a, "read 0x70006fff expect 44").err, 0);
    alone_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_when_never_written_is_zeros),
        cmocka_unit_test(test_read_when_written_is_the_last_page),
        cmocka_unit_test(test_write_when_heap_is_full_fails),
        cmocka_unit_test(test_pages_of_a_memory_go_and_come_back),
        cmocka_unit_test(test_device_goes_off_and_on),
        cmocka_unit_test(test_failures_are_put_in),
    };

    return RUN(tests);
}
