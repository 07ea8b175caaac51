// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tag store of Linux v6.2, driven through real swap-outs and swap-ins:
 * the numbers of section 3.3 of the design (B1, B9, B14, B15).
 */
#include "adi/store_linux.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE  UINT64_C(0x70000000)
#define RANGE (UINT64_C(8) << 20) /* bytes of a descriptor */

static struct linux_desc desc(const struct world *w, unsigned n)
{
    struct linux_desc d;

    assert_true(linux_store_desc(w->mm, n, &d));
    return d;
}

static void test_save_takes_range_from_the_page_up(void **state)
{
    struct world *w = world_create("linux-6.2", 256, 256);
    gva_t a = world_map(w, BASE, 4, true);

    (void)state;
    world_set_tags(w, a, 5);
    assert_true(world_out(w, a));
    assert_int_equal(desc(w, 0).start, a);
    assert_int_equal(desc(w, 0).end, a + RANGE - 1);
    assert_int_equal(desc(w, 0).users, 1);
    assert_int_equal(desc(w, 0).bytes, 65536);
    assert_int_equal(world_tag(w, a), 5);
    assert_int_equal(desc(w, 0).users, 0);
    assert_int_equal(desc(w, 0).end, 0);
    world_destroy(w);
}

/* B1: the zap does not know of the copy. */
static void test_zap_when_swapped_leaves_user(void **state)
{
    struct world *w = world_create("linux-6.2", 256, 256);
    gva_t a = world_map(w, BASE, 1, true);

    (void)state;
    world_set_tags(w, a, 5);
    assert_true(world_out(w, a));
    assert_int_equal(mm_madvise(w->mm, a, PAGE_SIZE, MADV_G_DONTNEED), 0);
    assert_int_equal(desc(w, 0).users, 1);
    world_destroy(w);
}

/* B9: restoring a page that was never saved takes its neighbour's user. */
static void test_restore_when_never_saved_drops_neighbour(void **state)
{
    struct world *w = world_create("linux-6.2", 256, 256);
    gva_t a = world_map(w, BASE, 1, true);
    gva_t b = world_map(w, BASE + 16 * PAGE_SIZE, 1, false);

    (void)state;
    world_set_tags(w, a, 5);
    assert_true(world_out(w, a));
    world_write(w, b, 1);
    assert_true(world_out(w, b));
    assert_int_equal(desc(w, 0).users, 1);
    assert_int_equal(mm_mprotect(w->mm, b, PAGE_SIZE,
                                 PROT_G_READ | PROT_G_WRITE | PROT_G_ADI),
                     0);
    assert_int_equal(world_tag(w, b), 0);
    assert_int_equal(desc(w, 0).users, 0);
    /* Nothing is found for A any more: the tags of its frame are chance. */
    assert_int_equal(world_tag(w, a), 0);
    world_destroy(w);
}

/* A page that is restored twice finds zeros the second time. */
static void test_restore_when_done_before_finds_zeros(void **state)
{
    struct world *w = world_create("linux-6.2", 256, 256);
    gva_t a = world_map(w, BASE, 2, true);
    unsigned rw = PROT_G_READ | PROT_G_WRITE;

    (void)state;
    world_set_tags(w, a, 5);
    world_set_tags(w, a + PAGE_SIZE, 6);
    assert_true(world_out(w, a));
    assert_true(world_out(w, a + PAGE_SIZE)); /* keeps the range */
    assert_int_equal(world_tag(w, a), 5);
    assert_int_equal(mm_mprotect(w->mm, a, PAGE_SIZE, rw), 0);
    world_write(w, a, 1);
    assert_true(world_out(w, a)); /* not saved */
    assert_int_equal(mm_mprotect(w->mm, a, PAGE_SIZE, rw | PROT_G_ADI), 0);
    assert_int_equal(world_tag(w, a), 0);
    assert_int_equal(desc(w, 0).users, 0);
    world_destroy(w);
}

/* B14: 256 isolated pages leave, the 257th stays. */
static void test_save_when_256_descriptors_taken_refuses(void **state)
{
    struct world *w = world_create("linux-6.2", 2048, 2048);
    gva_t last = 0;

    (void)state;
    for (unsigned i = 0; i < 257; i++) {
        last = world_map(w, BASE + i * RANGE, 1, true);
        world_set_tags(w, last, 1 + i % 14);
        assert_int_equal(world_out(w, last), i < 256);
    }
    assert_true(world_resident(w, last));
    assert_int_equal(hub_counter(w->hub, COUNT_SAVE_FAIL), 1);
    assert_int_equal(adi_store_use(w->adi).bytes, PAGE_SIZE + 256 * 65536);
    /* The slot that the failed attempt took is the page's still: 257 are
     * taken, in batches of 64. */
    assert_int_equal(swap_used_pages(w->swap), 5 * 64);
    world_destroy(w);
}

/* B15: slot 0 keeps its buffer, then forgets it. */
static void test_rounds_when_slot_zero_lose_a_buffer_each(void **state)
{
    struct world *w = world_create("linux-6.2", 256, 256);
    gva_t a = world_map(w, BASE, 1, true);

    (void)state;
    world_set_tags(w, a, 5);
    for (unsigned round = 1; round <= 10; round++) {
        assert_true(world_out(w, a));
        assert_int_equal(world_tag(w, a), 5);
        world_write(w, a, 1); /* so that it must be written again */
        assert_int_equal(adi_store_use(w->adi).bytes,
                         PAGE_SIZE + round * 65536);
    }
    mm_put(w->mm);
    w->mm = NULL;
    /* The last buffer is freed with the mm; nine are gone until reboot. */
    assert_int_equal(adi_store_use(w->adi).bytes, 9 * 65536);
    world_destroy(w);
}

/* Ranges clip to their neighbours and grow downwards. */
static void test_save_when_room_above_is_short_extends_down(void **state)
{
    struct world *w = world_create("linux-6.2", 256, 256);
    gva_t high = world_map(w, BASE + RANGE, 1, true);
    gva_t low = world_map(w, BASE + RANGE - 2 * PAGE_SIZE, 1, true);

    (void)state;
    world_set_tags(w, high, 3);
    assert_true(world_out(w, high));
    world_set_tags(w, low, 4);
    assert_true(world_out(w, low));
    assert_int_equal(desc(w, 1).start, high - RANGE);
    assert_int_equal(desc(w, 1).end, high - 1);
    assert_int_equal(world_tag(w, low), 4);
    /* Slot 0 keeps its buffer, all others do not. */
    assert_int_equal(desc(w, 1).buf, 0);
    assert_int_equal(adi_store_use(w->adi).bytes, PAGE_SIZE + 65536);
    assert_int_equal(world_tag(w, high), 3);
    world_destroy(w);
}

/*
 * Near address 0 there is no room below: a range of 1 MiB, which starts two
 * bytes low, or one from 0 on.
 */
static void test_save_when_address_is_low_takes_what_is_there(void **state)
{
    static const struct {
        gva_t high, low, start;
        uint64_t bytes;
    } c[] = {
        {0x200000, 0x180000, 0x0ffffe, PAGE_SIZE},
        {0x200000, 0x010000, 0, 2 * PAGE_SIZE},
        {0x010000, 0x004000, 0, PAGE_SIZE},
    };

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct world *w = world_create("linux-6.2", 256, 256);

        world_map(w, c[i].high, 1, true);
        world_map(w, c[i].low, 1, true);
        world_set_tags(w, c[i].high, 3);
        assert_true(world_out(w, c[i].high));
        world_set_tags(w, c[i].low, 4);
        assert_true(world_out(w, c[i].low));
        assert_int_equal(desc(w, 1).start, c[i].start);
        assert_int_equal(desc(w, 1).end, c[i].high - 1);
        assert_int_equal(desc(w, 1).bytes, c[i].bytes);
        assert_int_equal(world_tag(w, c[i].low), 4);
        assert_int_equal(world_tag(w, c[i].high), 3);
        world_destroy(w);
    }
}

/* --fail tagstore: the first allocation is the array, the second a buffer. */
static void test_save_when_kzalloc_fails_leaves_page_mapped(void **state)
{
    (void)state;
    for (unsigned nr = 1; nr <= 2; nr++) {
        struct world *w = world_create("linux-6.2", 256, 256);
        gva_t a = world_map(w, BASE, 1, true);

        world_set_tags(w, a, 5);
        adi_fail_alloc(w->adi, nr);
        assert_false(world_out(w, a));
        assert_int_equal(world_tag(w, a), 5);
        assert_true(world_out(w, a));
        assert_int_equal(desc(w, 0).users, 1);
        assert_int_equal(desc(w, 0).start, a);
        assert_int_equal(world_tag(w, a), 5);
        world_destroy(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_save_takes_range_from_the_page_up),
        cmocka_unit_test(test_zap_when_swapped_leaves_user),
        cmocka_unit_test(test_restore_when_never_saved_drops_neighbour),
        cmocka_unit_test(test_restore_when_done_before_finds_zeros),
        cmocka_unit_test(test_save_when_256_descriptors_taken_refuses),
        cmocka_unit_test(test_rounds_when_slot_zero_lose_a_buffer_each),
        cmocka_unit_test(test_save_when_room_above_is_short_extends_down),
        cmocka_unit_test(test_save_when_address_is_low_takes_what_is_there),
        cmocka_unit_test(test_save_when_kzalloc_fails_leaves_page_mapped),
    };

    return RUN(tests);
}
