// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Swap devices come and go: priorities, swapoff, and each way in which it
 * fails.
 */
#include <errno.h>

#include "judge/kernel_bug.h"
#include "judge/ledger.h"
#include "mm/mapping.h"
#include "mm/pin.h"
#include "mm/remote.h"
#include "print/report.h"
#include "swap/swapoff.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

static bool never(void *ctx)
{
    (void)ctx;
    return false;
}

static bool always(void *ctx)
{
    (void)ctx;
    return true;
}

static int off(struct world *w, unsigned type, uint64_t *stuck)
{
    return swap_off(w->swap, type, never, NULL, stuck);
}

/* @pages with tag 5 and a number, all in swap. */
static gva_t swapped(struct world *w, unsigned pages)
{
    gva_t a = world_map(w, BASE, pages, true);

    for (unsigned i = 0; i < pages; i++) {
        world_write(w, a + i * PAGE_SIZE, (uint8_t)(i + 1));
        world_set_tags(w, a + i * PAGE_SIZE, 5);
    }
    for (unsigned i = 0; i < pages; i++)
        assert_true(world_out(w, a + i * PAGE_SIZE));
    return a;
}

static void check_bytes(struct world *w, gva_t a, unsigned pages)
{
    for (unsigned i = 0; i < pages; i++)
        assert_int_equal(world_read(w, a + i * PAGE_SIZE), (uint8_t)(i + 1));
}

static void test_off_brings_pages_and_tags_back(void **state)
{
    static const char *const profiles[] = {"remap", "swap-keyed",
                                           "swap-keyed-5.18"};

    (void)state;
    for (size_t n = 0; n < 3; n++) {
        struct world *w = world_create(profiles[n], 256, 64);
        gva_t a = swapped(w, 20);
        uint64_t stuck;

        assert_int_equal(mm_rss(w->mm, MM_SWAPENTS), 20);
        assert_int_equal(off(w, 0, &stuck), 0);
        assert_int_equal(stuck, 0);
        assert_int_equal(mm_rss(w->mm, MM_SWAPENTS), 0);
        assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 20);
        assert_int_equal(swap_total_pages(w->swap), 0);
        assert_false(mm_is_on_mmlist(w->mm));
        for (unsigned i = 0; i < 20; i++) {
            assert_true(world_resident(w, a + i * PAGE_SIZE));
            assert_false(pte_write(*mm_pte(w->mm, a + i * PAGE_SIZE)));
            assert_int_equal(world_tag(w, a + i * PAGE_SIZE), 5);
        }
        check_bytes(w, a, 20);
        assert_int_equal(hub_counter(w->hub, COUNT_UNUSED), 20);
        assert_int_equal(w->calls[HOOK_SWAP_INVALIDATE_AREA], 1);
        assert_int_equal(adi_store_use(w->adi).pages, 0);
        world_write(w, a, 9);
        assert_false(judge_errors(w->judge));
        world_destroy(w);
    }
}

/* B4: no hook in unuse_pte(). */
static void test_off_when_linux_loses_tags_and_users(void **state)
{
    static const char *const profiles[] = {"linux-6.2", "linux-5.17"};

    (void)state;
    for (size_t n = 0; n < 2; n++) {
        struct world *w = world_create(profiles[n], 256, 64);
        gva_t a = swapped(w, 1);
        uint64_t stuck;

        /* Another owner of the frames that come next. */
        gva_t b = world_map(w, BASE + 64 * PAGE_SIZE, 200, true);

        for (unsigned i = 0; i < 200; i++)
            world_set_tags(w, b + i * PAGE_SIZE, 9);
        assert_int_equal(mm_munmap(w->mm, b, 200 * PAGE_SIZE), 0);
        assert_int_equal(off(w, 0, &stuck), 0);
        assert_int_equal(world_read(w, a), 1);
        assert_true(world_tag(w, a) != 5);
        assert_int_equal(adi_store_use(w->adi).pages, 1);
        assert_true(judge_errors(w->judge));
        world_destroy(w);
    }
}

static void test_off_when_type_is_unknown_gives_einval(void **state)
{
    struct world *w = world_create("remap", 64, 16);
    uint64_t stuck;

    (void)state;
    assert_int_equal(off(w, 1, &stuck), -EINVAL);
    assert_int_equal(off(w, 0, &stuck), 0);
    assert_int_equal(off(w, 0, &stuck), -EINVAL);
    world_destroy(w);
}

/* The folio was read in by a load and is clean: only the cache names it. */
static void test_off_when_cached_frees_the_slot(void **state)
{
    struct world *w = world_create("remap", 64, 16);
    gva_t a = swapped(w, 3);
    uint64_t stuck;

    (void)state;
    check_bytes(w, a, 2);
    assert_int_equal(off(w, 0, &stuck), 0);
    check_bytes(w, a, 3);
    assert_int_equal(world_tag(w, a), 5);
    assert_int_equal(world_tag(w, a + 2 * PAGE_SIZE), 5);
    world_destroy(w);
}

static void test_off_when_signal_comes_gives_eintr(void **state)
{
    struct world *w = world_create("remap", 64, 16);
    gva_t a = swapped(w, 3);
    uint64_t stuck;

    (void)state;
    assert_int_equal(swap_off(w->swap, 0, always, NULL, &stuck), -EINTR);
    assert_int_equal(stuck, 3);
    assert_int_equal(swap_total_pages(w->swap), 16);
    check_bytes(w, a, 3);
    /* It is in use again. */
    world_write(w, a, 1);
    assert_true(world_out(w, a));
    assert_int_equal(off(w, 0, &stuck), 0);
    check_bytes(w, a, 3);
    world_destroy(w);
}

/* A page that cannot be read: SIGBUS for whoever touches it, or worse. */
static void test_off_when_read_fails_leaves_a_marker(void **state)
{
    static const char *const profiles[] = {"remap", "mte-6.6", "linux-6.2",
                                           "linux-6.6"};

    (void)state;
    for (size_t n = 0; n < 4; n++) {
        struct world *w = world_create(profiles[n], 256, 64);
        bool poison = memory_policy(w->mem)->marker_hwpoison;
        enum fault dead = poison ? FAULT_HWPOISON : FAULT_BUS;
        gva_t a = swapped(w, 2), b;
        struct folio *folio;

        assert_int_equal(poison, n % 2);
        uint64_t stuck;

        world_fail_reads(w, 1);
        assert_int_equal(off(w, 0, &stuck), 0);
        assert_int_equal(hub_counter(w->hub, COUNT_UNUSE_LOST), 1);
        assert_int_equal(mm_rss(w->mm, MM_SWAPENTS), 0);
        assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 1);
        assert_int_equal(mm_get_page(w->mm, a, ACCESS_READ, &folio), dead);
        assert_int_equal(mm_get_page(w->mm, a, ACCESS_WRITE, &folio), dead);
        assert_int_equal(world_read(w, a + PAGE_SIZE), 2);
        assert_int_equal(adi_store_use(w->adi).pages, n >= 2 ? 2 : 0);
        /* The marker moves, and goes, like any entry. */
        assert_int_equal(mm_mremap(w->mm, a, PAGE_SIZE, PAGE_SIZE,
                                   MREMAP_G_MAYMOVE | MREMAP_G_FIXED,
                                   BASE + 64 * PAGE_SIZE, &b),
                         0);
        assert_int_equal(mm_get_page(w->mm, b, ACCESS_READ, &folio), dead);
        assert_int_equal(
            mm_madvise(w->mm, b, PAGE_SIZE, n ? MADV_G_FREE : MADV_G_DONTNEED),
            0);
        assert_int_equal(world_read(w, b), 0);
        world_exit(w); /* and its tags are not missed */
        if (n < 2)
            assert_false(judge_errors(w->judge));
        world_destroy(w);
    }
}

/*
 * Of [ok][lost][ok], get_user_pages() has an error at the second, and an access
 * ends the kernel; ok are those before it.
 */
static void test_lost_page_half_way(void **state)
{
    static const char *const profiles[] = {"linux-6.2", "linux-6.6",
                                           "mte-6.12"};

    (void)state;
    for (size_t n = 0; n < 3; n++) {
        struct world *w = world_create(profiles[n], 256, 64);
        bool poison = memory_policy(w->mem)->marker_hwpoison;
        gva_t a = swapped(w, 3), lost = a + PAGE_SIZE;
        const struct kernel_bug *bug;
        struct folio *folio;
        enum fault fault;
        uint64_t stuck;

        world_write(w, a, 1);
        world_fail_reads(w, 1);
        assert_int_equal(off(w, 0, &stuck), 0);
        assert_true(is_poison_pte(world_pte(w, lost)));
        assert_int_equal(
            mm_madvise(w->mm, a, 3 * PAGE_SIZE, MADV_G_POPULATE_READ),
            poison ? -EHWPOISON : -EFAULT);
        assert_int_equal(mm_mlock(w->mm, a, 3 * PAGE_SIZE, false), -ENOMEM);
        assert_int_equal(mm_munlock(w->mm, a, 3 * PAGE_SIZE), 0);
        fault = mm_pin_page(w->mm, lost, ACCESS_READ, &folio);
        assert_int_equal(fault, poison ? FAULT_HWPOISON : FAULT_BUS);
        assert_int_equal(mm_get_remote_page(w->mm, lost, ACCESS_WRITE, &folio),
                         fault);
        assert_null(judge_kernel_bug(w->judge));
        assert_int_equal(mm_fault_is_bug(w->mm, lost, ACCESS_WRITE, fault),
                         poison);
        bug = judge_kernel_bug(w->judge);
        assert_int_equal(bug != NULL, poison);
        if (bug) {
            assert_int_equal(bug->va, lost);
            assert_int_equal(bug->access, ACCESS_WRITE);
            assert_true(judge_errors(w->judge) > 0);
            /* There is no second one. */
            assert_true(mm_fault_is_bug(w->mm, a, ACCESS_READ, fault));
            assert_int_equal(judge_kernel_bug(w->judge)->va, lost);
        }
        assert_true(is_poison_pte(world_pte(w, lost)));
        assert_int_equal(world_read(w, a), 1);
        world_exit(w);
        world_destroy(w);
    }
}

/* Before v5.19 nobody asks whether the read worked. */
static void test_off_when_read_fails_in_v517_maps_the_frame(void **state)
{
    struct world *w = world_create("linux-5.17", 256, 64);
    gva_t a = swapped(w, 1);
    uint64_t stuck;

    (void)state;
    world_fail_reads(w, 1);
    assert_int_equal(off(w, 0, &stuck), 0);
    assert_int_equal(hub_counter(w->hub, COUNT_UNUSE_LOST), 0);
    assert_true(world_resident(w, a));
    world_destroy(w);
}

/* ------------------------------------------------- pages of shared memory */

/* An object of @pages with tag 5 and a number, in swap, at BASE. */
static struct mapping *shared(struct world *w, unsigned pages)
{
    struct mapping *m = mapping_create_shmem(w->mem, pages * PAGE_SIZE);
    struct mmap_args args = {.addr = BASE,
                             .len = pages * PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE | PROT_G_ADI,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .mapping = m,
                             .may_write = true};
    gva_t at;

    assert_non_null(m);
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    for (unsigned i = 0; i < pages; i++) {
        world_write(w, BASE + i * PAGE_SIZE, (uint8_t)(i + 1));
        world_set_tags(w, BASE + i * PAGE_SIZE, 5);
    }
    for (unsigned i = 0; i < pages; i++)
        assert_true(swap_out_folio(w->swap, mapping_find(m, i)));
    assert_int_equal(swap_used_pages(w->swap), pages);
    return m;
}

/* shmem_unuse() goes first: no page table names these slots. */
static void test_off_brings_shared_pages_in(void **state)
{
    static const char *const profiles[] = {"remap", "swap-keyed",
                                           "swap-keyed-5.18", "linux-6.2"};

    (void)state;
    for (size_t n = 0; n < 4; n++) {
        struct world *w = world_create(profiles[n], 256, 64);
        struct mapping *m = shared(w, 4);
        uint64_t stuck;

        audit(w);
        assert_int_equal(off(w, 0, &stuck), 0);
        assert_int_equal(stuck, 0);
        assert_int_equal(swap_total_pages(w->swap), 0);
        for (unsigned i = 0; i < 4; i++) {
            assert_non_null(mapping_find(m, i));
            assert_true(pte_none(*mm_pte(w->mm, BASE + i * PAGE_SIZE)));
            assert_int_equal(world_tag(w, BASE + i * PAGE_SIZE), n < 3 ? 5 : 0);
        }
        check_bytes(w, BASE, 4);
        assert_int_equal(adi_store_use(w->adi).pages, 0);
        assert_int_equal(judge_errors(w->judge) > 0, n == 3);
        mapping_put(m);
        world_destroy(w);
    }
}

static void test_off_when_shared_read_fails_leaves_a_marker(void **state)
{
    static const char *const profiles[] = {"remap", "swap-keyed"};

    (void)state;
    for (size_t n = 0; n < 2; n++) {
        struct world *w = world_create(profiles[n], 256, 64);
        struct mapping *m = shared(w, 2);
        struct folio *folio;
        uint64_t stuck;

        world_fail_reads(w, 1);
        assert_int_equal(off(w, 0, &stuck), 0);
        assert_int_equal(mm_get_page(w->mm, BASE, ACCESS_READ, &folio),
                         FAULT_BUS);
        assert_int_equal(world_read(w, BASE + PAGE_SIZE), 2);
        assert_int_equal(world_tag(w, BASE + PAGE_SIZE), 5);
        assert_int_equal(adi_store_use(w->adi).pages, 0);
        mapping_put(m);
        world_destroy(w);
    }
}

static void test_off_when_no_frame_for_shared_gives_enomem(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    struct mapping *m = shared(w, 2);
    struct folio *taken[64];
    unsigned nr = 0;
    uint64_t stuck;

    (void)state;
    while ((taken[nr] = phys_alloc(memory_phys(w->mem), 0)) != NULL)
        nr++;
    assert_int_equal(off(w, 0, &stuck), -ENOMEM);
    assert_int_equal(stuck, 2);
    assert_int_equal(swap_total_pages(w->swap), 64);
    while (nr > 0)
        memory_folio_put(w->mem, taken[--nr]);
    check_bytes(w, BASE, 2);
    assert_int_equal(world_tag(w, BASE), 5);
    mapping_put(m);
    world_destroy(w);
}

/* B7: a count without an entry. */
static void test_off_when_a_count_never_drops_ends(void **state)
{
    struct world *w = world_create("linux-5.17", 256, 64);
    gva_t a = world_map(w, BASE, 2, true), b = a + PAGE_SIZE;
    uint64_t stuck;

    (void)state;
    world_set_tags(w, a, 5);
    world_write(w, b, 2);
    world_set_tags(w, b, 6);
    adi_fail_alloc(w->adi, 1);
    assert_false(world_out(w, a));
    w->lost_slots = 1;
    assert_true(world_out(w, b));
    assert_int_equal(off(w, 0, &stuck), -EINTR);
    assert_int_equal(stuck, 1);
    /* What could come back is back, and the device still there. */
    assert_int_equal(mm_rss(w->mm, MM_SWAPENTS), 0);
    assert_int_equal(world_read(w, b), 2);
    assert_int_equal(swap_total_pages(w->swap), 64);
    assert_int_equal(swap_used_pages(w->swap), 1);
    world_destroy(w);
}

/* More in swap than there are frames, and nowhere else to go. */
static void test_off_when_memory_is_short_gives_enomem(void **state)
{
    struct world *w = world_create("remap", 64, 256);
    gva_t a = swapped(w, 100);
    uint64_t stuck;

    (void)state;
    assert_int_equal(off(w, 0, &stuck), -ENOMEM);
    assert_true(stuck > 0);
    check_bytes(w, a, 100);
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(world_tag(w, a + i * PAGE_SIZE), 5);
    assert_false(judge_errors(w->judge));
    world_destroy(w);
}

/* ------------------------------------------------------- several devices */

/* Two of 16 slots: the second is used when the first is full. */
static void test_devices_without_priority_fill_in_turn(void **state)
{
    struct world *w = world_create("remap", 64, 16);
    unsigned second = world_add_swap(w, 16, SWAP_PRIORITY_AUTO);
    gva_t a = swapped(w, 20);
    swp_entry_t entry;
    uint64_t stuck;

    (void)state;
    assert_int_equal(second, 1);
    for (unsigned i = 0; i < 20; i++) {
        entry = pte_to_swp_entry(*mm_pte(w->mm, a + i * PAGE_SIZE));
        assert_int_equal(swp_type(entry), i < 16 ? 0 : 1);
    }
    assert_int_equal(off(w, 0, &stuck), 0);
    check_bytes(w, a, 20);
    /* The free type number is given again, and comes after the other. */
    assert_int_equal(world_add_swap(w, 16, SWAP_PRIORITY_AUTO), 0);
    world_write(w, a, 1);
    assert_true(world_out(w, a));
    entry = pte_to_swp_entry(*mm_pte(w->mm, a));
    assert_int_equal(swp_type(entry), 1);
    world_destroy(w);
}

static void test_devices_with_priority_go_first(void **state)
{
    struct world *w = world_create("remap", 64, 16);
    unsigned low = world_add_swap(w, 16, 3), high = world_add_swap(w, 4, 7);
    gva_t a = swapped(w, 24);
    swp_entry_t entry;

    (void)state;
    for (unsigned i = 0; i < 24; i++) {
        entry = pte_to_swp_entry(*mm_pte(w->mm, a + i * PAGE_SIZE));
        assert_int_equal(swp_type(entry), i < 4 ? high : i < 20 ? low : 0);
    }
    check_bytes(w, a, 24);
    world_destroy(w);
}

/* swapoff of one device while the other takes what does not fit. */
static void test_off_when_another_device_has_room_moves_pages(void **state)
{
    static const char *const profiles[] = {"remap", "swap-keyed"};

    (void)state;
    for (size_t n = 0; n < 2; n++) {
        struct world *w = world_create(profiles[n], 64, 256);
        unsigned other = world_add_swap(w, 256, SWAP_PRIORITY_AUTO);
        gva_t a = swapped(w, 100);
        uint64_t stuck;

        assert_int_equal(off(w, 0, &stuck), 0);
        assert_true(mm_rss(w->mm, MM_SWAPENTS) > 0);
        for (unsigned i = 0; i < 100; i++) {
            pte_t pte = *mm_pte(w->mm, a + i * PAGE_SIZE);

            assert_true(pte_present(pte) ||
                        swp_type(pte_to_swp_entry(pte)) == other);
        }
        check_bytes(w, a, 100);
        for (unsigned i = 0; i < 100; i++)
            assert_int_equal(world_tag(w, a + i * PAGE_SIZE), 5);
        assert_false(judge_errors(w->judge));
        world_destroy(w);
    }
}

static void drop_first(struct world *w)
{
    assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, MADV_G_DONTNEED), 0);
}

/* Only the child still has it in swap when the page has been read. */
static void test_off_when_dropped_in_the_read_leaves_it(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    gva_t a = swapped(w, 1);
    struct mm *parent = w->mm, *child = world_share(w);
    uint64_t stuck;

    (void)state;
    world_on_read(w, drop_first);
    assert_int_equal(off(w, 0, &stuck), 0);
    assert_true(pte_none(world_pte(w, a)));
    assert_int_equal(mm_rss(parent, MM_ANONPAGES), 0);
    w->mm = child;
    check_bytes(w, a, 1);
    assert_int_equal(world_tag(w, a), 5);
    w->mm = parent;
    world_exit_clean(w);
    world_destroy(w);
}

static void push_second(struct world *w)
{
    assert_false(world_out(w, BASE + PAGE_SIZE));
}

static void test_off_takes_no_pages_meanwhile(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    gva_t a = swapped(w, 2);
    uint64_t stuck;

    (void)state;
    check_bytes(w, a, 1);
    assert_true(world_out(w, a));
    world_write(w, a + PAGE_SIZE, 2); /* in no slot any more */
    world_on_read(w, push_second);
    assert_int_equal(off(w, 0, &stuck), 0);
    check_bytes(w, a, 2);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_on_when_every_type_is_used_gives_eperm(void **state)
{
    struct world *w = world_create("remap", 64, 10);
    const struct swapdev_ops *ops = &swapdev_file_ops;
    uint64_t slots;
    void *dev;

    (void)state;
    for (unsigned i = 1; i < SWP_MAX_FILES; i++)
        assert_int_equal(world_add_swap(w, 10, 1), i);
    assert_int_equal(swapdev_file_open(NULL, 10 * PAGE_SIZE, &slots, &dev), 0);
    assert_int_equal(swap_on(w->swap, ops, dev, slots, 1), -EPERM);
    world_destroy(w);
}

/* Nobody needs it any more when it has been read. */
static void test_off_when_last_is_dropped_in_the_read_frees_it(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    gva_t a = swapped(w, 1);
    uint64_t stuck;

    (void)state;
    world_on_read(w, drop_first);
    assert_int_equal(off(w, 0, &stuck), 0);
    assert_true(pte_none(world_pte(w, a)));
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 0);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    world_exit_clean(w);
    world_destroy(w);
}

/* A new page, and it is in swap again before the old one has been read. */
static void swap_anew(struct world *w)
{
    drop_first(w);
    world_write(w, BASE, 77);
    world_set_tags(w, BASE, 9);
    assert_true(world_push(w, BASE));
}

static void test_off_when_swapped_anew_in_the_read_leaves_it(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    gva_t a = swapped(w, 1);
    struct mm *parent = w->mm, *child = world_share(w);
    uint64_t stuck;

    (void)state;
    world_on_read(w, swap_anew); /* of the first device */
    assert_int_equal(world_add_swap(w, 16, SWAP_PRIORITY_AUTO), 1);
    assert_int_equal(off(w, 0, &stuck), 0);
    assert_int_equal(swp_type(world_entry(w, a)), 1);
    assert_int_equal(world_read(w, a), 77);
    assert_int_equal(world_tag(w, a), 9);
    w->mm = child;
    check_bytes(w, a, 1);
    assert_int_equal(world_tag(w, a), 5);
    w->mm = parent;
    world_exit_clean(w);
    world_destroy(w);
}

/* Whoever has locked a page keeps it: then the device has to stay. */
static void test_off_when_page_is_locked_stays_on(void **state)
{
    (void)state;
    for (unsigned mapped = 0; mapped < 2; mapped++) {
        struct world *w = world_create("remap", 256, 64);
        gva_t a = swapped(w, 1);
        struct mm *parent = w->mm, *child = world_share(w);
        struct folio *folio;
        uint64_t stuck;

        check_bytes(w, a, 1); /* cached, and the child's entry is left */
        folio = world_folio(w, a);
        if (mapped) {
            w->mm = child;
            check_bytes(w, a, 1); /* only cached */
        }
        world_lock(w, folio);
        assert_int_equal(off(w, 0, &stuck), -EINTR);
        assert_int_equal(stuck, 1);
        assert_int_equal(swap_total_pages(w->swap), 64);
        world_unlock(w, folio);
        assert_int_equal(off(w, 0, &stuck), 0);
        w->mm = child;
        check_bytes(w, a, 1);
        assert_int_equal(world_tag(w, a), 5);
        w->mm = parent;
        assert_int_equal(world_tag(w, a), 5);
        world_exit_clean(w);
        world_destroy(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_off_brings_pages_and_tags_back),
        cmocka_unit_test(test_off_when_linux_loses_tags_and_users),
        cmocka_unit_test(test_off_when_type_is_unknown_gives_einval),
        cmocka_unit_test(test_off_when_cached_frees_the_slot),
        cmocka_unit_test(test_off_when_signal_comes_gives_eintr),
        cmocka_unit_test(test_off_when_read_fails_leaves_a_marker),
        cmocka_unit_test(test_lost_page_half_way),
        cmocka_unit_test(test_off_when_read_fails_in_v517_maps_the_frame),
        cmocka_unit_test(test_off_brings_shared_pages_in),
        cmocka_unit_test(test_off_when_shared_read_fails_leaves_a_marker),
        cmocka_unit_test(test_off_when_no_frame_for_shared_gives_enomem),
        cmocka_unit_test(test_off_when_a_count_never_drops_ends),
        cmocka_unit_test(test_off_when_memory_is_short_gives_enomem),
        cmocka_unit_test(test_devices_without_priority_fill_in_turn),
        cmocka_unit_test(test_devices_with_priority_go_first),
        cmocka_unit_test(test_off_when_another_device_has_room_moves_pages),
        cmocka_unit_test(test_off_when_dropped_in_the_read_leaves_it),
        cmocka_unit_test(test_off_takes_no_pages_meanwhile),
        cmocka_unit_test(test_on_when_every_type_is_used_gives_eperm),
        cmocka_unit_test(test_off_when_last_is_dropped_in_the_read_frees_it),
        cmocka_unit_test(test_off_when_swapped_anew_in_the_read_leaves_it),
        cmocka_unit_test(test_off_when_page_is_locked_stays_on),
    };

    return RUN(tests);
}
