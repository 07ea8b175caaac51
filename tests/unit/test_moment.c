// SPDX-License-Identifier: GPL-2.0-or-later
/* Others run in the middle of a fault: it must see what they changed. */
#include "adi/store_linux.h"
#include "judge/ledger.h"
#include "migrate/migrate.h"
#include "mm/fork.h"
#include "mm/mapping.h"
#include "mm/truncate.h"
#include "swap/swapoff.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

/* What runs, once, at which moment. */
struct other {
    struct world *w;
    enum moment_id moment;
    enum fault_kind kind;
    void (*what)(struct world *w);
    unsigned seen[FAULT_KIND_NR][MOMENT_FAULT_AFTER + 1];
};

static void on_moment(void *ctx, const struct moment *m)
{
    struct other *o = ctx;
    void (*what)(struct world * w) = o->what;

    if (m->id == MOMENT_MIGRATE)
        return;
    assert_ptr_equal(m->mm, o->w->mm);
    assert_int_equal(m->va, BASE);
    o->seen[m->kind][m->id]++;
    if (!what || m->id != o->moment || m->kind != o->kind)
        return;
    o->what = NULL;
    what(o->w);
}

static const struct moment_ops ops = {.reached = on_moment};

/* One page with a tag, and nobody else yet. */
static struct world *one_page_and(struct other *o, const char *profile,
                                  unsigned slots)
{
    struct world *w = world_create(profile, 256, slots);

    *o = (struct other){.w = w};
    assert_int_equal(world_map(w, BASE, 1, true), BASE);
    memory_attach_moments(w->mem, &ops, o);
    return w;
}

static struct world *one_page(struct other *o, const char *profile)
{
    return one_page_and(o, profile, 64);
}

static void set(struct other *o, enum moment_id moment, enum fault_kind kind,
                void (*what)(struct world *w))
{
    o->moment = moment;
    o->kind = kind;
    o->what = what;
}

static void assert_moments(const struct other *o, enum fault_kind kind,
                           unsigned before, unsigned during, unsigned after)
{
    assert_int_equal(o->seen[kind][MOMENT_FAULT_BEFORE], before);
    assert_int_equal(o->seen[kind][MOMENT_FAULT_DURING], during);
    assert_int_equal(o->seen[kind][MOMENT_FAULT_AFTER], after);
}

static void advise(struct world *w, int advice)
{
    assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, advice), 0);
}

static void drop(struct world *w)
{
    advise(w, MADV_G_DONTNEED);
}

static bool never(void *ctx)
{
    (void)ctx;
    return false;
}

static void turn_off(struct world *w)
{
    uint64_t stuck;

    assert_int_equal(swap_off(w->swap, 0, never, NULL, &stuck), 0);
}

/* Another thread stores first. */
static void store(struct world *w)
{
    struct folio *folio;

    assert_int_equal(mm_get_page(w->mm, BASE, ACCESS_WRITE, &folio), FAULT_OK);
    memory_folio_bytes(w->mem, folio)[0] = 42;
}

static void test_fault_has_its_moments(void **state)
{
    struct other o;
    struct world *w = one_page(&o, "remap");

    (void)state;
    (void)world_read(w, BASE);
    assert_moments(&o, FAULT_KIND_ZERO, 1, 0, 1);
    world_write(w, BASE, 1); /* over the zero page */
    assert_moments(&o, FAULT_KIND_COW, 1, 1, 1);
    drop(w);
    world_write(w, BASE, 1);
    assert_moments(&o, FAULT_KIND_ANON, 1, 1, 1);
    assert_true(world_out(w, BASE));
    (void)world_read(w, BASE);
    assert_moments(&o, FAULT_KIND_SWAPIN, 1, 1, 1);
    assert_moments(&o, FAULT_KIND_MIGRATION, 0, 0, 0);
    world_exit_clean(w);
    world_destroy(w);
}

/* A private mapping of an object whose page holds 7. */
static struct mapping *map_object(struct world *w)
{
    struct mapping *m = mapping_create_shmem(w->mem, PAGE_SIZE);
    struct mmap_args args = {.addr = BASE,
                             .len = PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE,
                             .flags = MAP_G_PRIVATE | MAP_G_FIXED,
                             .mapping = m,
                             .may_write = true};
    struct folio *folio;
    gva_t at;

    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    assert_int_equal(mapping_get_folio(m, 0, &folio), 0);
    memory_folio_bytes(w->mem, folio)[0] = 7;
    memory_folio_put(w->mem, folio);
    return m;
}

static void test_fault_of_an_object_has_its_moments(void **state)
{
    struct other o;
    struct world *w = one_page(&o, "remap");
    struct mapping *m = map_object(w);

    (void)state;
    (void)world_read(w, BASE);
    assert_moments(&o, FAULT_KIND_FILE, 1, 1, 1);
    drop(w);
    world_write(w, BASE, 1);
    assert_moments(&o, FAULT_KIND_COW, 1, 1, 1);
    mapping_put(m);
    world_exit_clean(w);
    world_destroy(w);
}

static void load(struct world *w)
{
    assert_int_equal(world_read(w, BASE), 7);
}

static void truncate_object(struct world *w)
{
    truncate_pagecache(vma_lookup(w->mm, BASE)->mapping, 0);
}

static void test_load_of_object_when_another_loads_maps_once(void **state)
{
    struct other o;
    struct world *w = one_page(&o, "remap");
    struct mapping *m = map_object(w);

    (void)state;
    set(&o, MOMENT_FAULT_DURING, FAULT_KIND_FILE, load);
    assert_int_equal(world_read(w, BASE), 7);
    assert_int_equal(mm_rss(w->mm, MM_SHMEMPAGES), 1);
    assert_int_equal(world_folio(w, BASE)->mapcount, 1);
    assert_int_equal(world_folio(w, BASE)->refcount, 2);
    mapping_put(m);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_load_of_object_when_truncated_gets_the_new_page(void **state)
{
    struct other o;
    struct world *w = one_page(&o, "remap");
    struct mapping *m = map_object(w);

    (void)state;
    set(&o, MOMENT_FAULT_DURING, FAULT_KIND_FILE, truncate_object);
    assert_int_equal(world_read(w, BASE), 0);
    assert_ptr_equal(world_folio(w, BASE), mapping_find(m, 0));
    mapping_put(m);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_store_to_private_when_another_stores_keeps_its(void **state)
{
    struct other o;
    struct world *w = one_page(&o, "remap");
    struct mapping *m = map_object(w);

    (void)state;
    set(&o, MOMENT_FAULT_DURING, FAULT_KIND_COW, store);
    assert_int_equal(world_fault(w, BASE, ACCESS_WRITE), FAULT_OK);
    assert_int_equal(world_read(w, BASE), 42);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 1);
    mapping_put(m);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_store_to_private_when_truncated_copies_the_new(void **state)
{
    struct other o;
    struct world *w = one_page(&o, "remap");
    struct mapping *m = map_object(w);

    (void)state;
    set(&o, MOMENT_FAULT_DURING, FAULT_KIND_COW, truncate_object);
    assert_int_equal(world_fault(w, BASE, ACCESS_WRITE), FAULT_OK);
    assert_int_equal(world_read(w, BASE), 0);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 1);
    mapping_put(m);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_anon_when_another_stores_first_keeps_its_page(void **state)
{
    struct other o;
    struct world *w = one_page(&o, "remap");

    (void)state;
    set(&o, MOMENT_FAULT_DURING, FAULT_KIND_ANON, store);
    world_set_tags(w, BASE, 5);
    assert_int_equal(world_read(w, BASE), 42);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 1);
    world_exit_clean(w);
    world_destroy(w);
}

/* The entry goes between the read of the page and the lock. */
static void test_swapin_when_dropped_meanwhile_faults_again(void **state)
{
    static const char *const profiles[] = {"remap", "swap-keyed"};

    (void)state;
    for (unsigned p = 0; p < 2; p++) {
        for (unsigned m = MOMENT_FAULT_BEFORE; m <= MOMENT_FAULT_DURING; m++) {
            struct other o;
            struct world *w = one_page(&o, profiles[p]);

            world_set_tags(w, BASE, 5);
            assert_true(world_out(w, BASE));
            set(&o, (enum moment_id)m, FAULT_KIND_SWAPIN, drop);
            assert_int_equal(world_read(w, BASE), 0);
            assert_moments(&o, FAULT_KIND_ZERO, 1, 0, 1);
            assert_int_equal(swap_used_pages(w->swap), 0);
            world_exit_clean(w);
            world_destroy(w);
        }
    }
}

/* The same, but another process needs the slot: the page stays cached. */
static void test_swapin_when_only_ours_is_dropped_maps_nothing(void **state)
{
    struct other o;
    struct world *w = one_page(&o, "remap");

    (void)state;
    world_set_tags(w, BASE, 5);
    assert_true(world_out(w, BASE));
    assert_non_null(world_share(w));
    set(&o, MOMENT_FAULT_DURING, FAULT_KIND_SWAPIN, drop);
    assert_int_equal(world_read(w, BASE), 0);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 0);
    world_exit_clean(w);
    world_destroy(w);
}

/* Another page, in the same slot: the entry looks as if nothing happened. */
static void swap_another(struct world *w)
{
    drop(w);
    world_write(w, BASE, 9);
    assert_true(world_out(w, BASE));
}

static void test_swapin_when_the_slot_is_used_anew_reads_again(void **state)
{
    struct other o;
    struct world *w = one_page_and(&o, "remap", 1);

    (void)state;
    world_write(w, BASE, 1);
    assert_true(world_out(w, BASE));
    set(&o, MOMENT_FAULT_DURING, FAULT_KIND_SWAPIN, swap_another);
    assert_int_equal(world_read(w, BASE), 9);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_swapin_when_the_device_goes_meanwhile_finds_its_page(void **s)
{
    static const char *const profiles[] = {"remap", "swap-keyed"};

    (void)s;
    for (unsigned p = 0; p < 2; p++) {
        for (unsigned m = MOMENT_FAULT_BEFORE; m <= MOMENT_FAULT_DURING; m++) {
            struct other o;
            struct world *w = one_page(&o, profiles[p]);

            world_write(w, BASE, 9);
            world_set_tags(w, BASE, 5);
            assert_true(world_out(w, BASE));
            set(&o, (enum moment_id)m, FAULT_KIND_SWAPIN, turn_off);
            assert_int_equal(world_read(w, BASE), 9);
            assert_int_equal(world_tag(w, BASE), 5);
            world_exit_clean(w);
            world_destroy(w);
        }
    }
}

static void test_cow_when_the_page_goes_meanwhile_copies_nothing(void **state)
{
    struct other o;
    struct world *w = one_page(&o, "remap");
    struct mm *child;

    (void)state;
    world_write(w, BASE, 9);
    world_set_tags(w, BASE, 5);
    assert_int_equal(mm_fork(w->mm, &child), 0);
    set(&o, MOMENT_FAULT_DURING, FAULT_KIND_COW, drop);
    world_write(w, BASE, 1);
    assert_int_equal(world_tag(w, BASE), 0);
    assert_moments(&o, FAULT_KIND_ANON, 2, 2, 2);
    mm_put(child);
    world_exit_clean(w);
    world_destroy(w);
}

/* Its range covers this page too, which was never saved: B9. */
static void restore_neighbour(struct world *w)
{
    memory_attach_moments(w->mem, NULL, NULL);
    (void)world_read(w, BASE + PAGE_SIZE);
}

/*
 * BASE with tags 5 in swap; the page above it, too, but not saved; a third
 * page.  @first: a page that is saved before, and has descriptor 0.
 */
static struct world *saved_and_not(struct other *o, bool first)
{
    unsigned rw = PROT_G_READ | PROT_G_WRITE;
    struct world *w = one_page(o, "linux-6.2");
    gva_t b = BASE + PAGE_SIZE;

    memory_attach_moments(w->mem, NULL, NULL);
    if (first) {
        world_map(w, BASE - 0x10000000, 1, true);
        world_set_tags(w, BASE - 0x10000000, 3);
        assert_true(world_out(w, BASE - 0x10000000));
    }
    world_map(w, b, 1, false);
    world_map(w, b + PAGE_SIZE, 1, true);
    world_write(w, b, 1);
    assert_true(world_out(w, b));
    assert_int_equal(mm_mprotect(w->mm, b, PAGE_SIZE, rw | PROT_G_ADI), 0);
    world_set_tags(w, BASE, 5);
    assert_true(world_out(w, BASE));
    memory_attach_moments(w->mem, &ops, o);
    return w;
}

static struct linux_desc desc_of(const struct world *w, unsigned n)
{
    struct linux_desc desc;

    assert_true(linux_store_desc(w->mm, n, &desc));
    return desc;
}

static enum misrelease_kind kind_of(const struct world *w, size_t n)
{
    assert_true(n < judge_nr_misreleases(w->judge));
    return judge_misrelease(w->judge, n)->kind;
}

static void fault_waits(struct world *w)
{
    assert_int_equal(world_fault(w, BASE, ACCESS_READ), FAULT_RETRY);
}

/* Past the swap cache no lock of the page holds up a second fault. */
static void test_restore_when_device_is_fast_holds_up_faults(void **state)
{
    static const char *const profiles[] = {"remap", "mte-6.6"};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct other o;
        struct world *w = one_page(&o, profiles[i]);

        swap_set_synchronous(w->swap, 0);
        world_set_tags(w, BASE, 5);
        assert_true(world_out(w, BASE));
        set(&o, MOMENT_FAULT_RESTORE, FAULT_KIND_SWAPIN, fault_waits);
        assert_int_equal(world_tag(w, BASE), 5);
        assert_null(o.what);
        assert_int_equal(swap_used_pages(w->swap), 0);
        audit(w);
        world_exit_clean(w);
        world_destroy(w);
    }
}

/* B20: another CPU takes the last user away, and the buffer is free. */
static void test_linux_restore_when_others_free_the_buffer_is_told(void **state)
{
    struct other o;
    struct world *w = saved_and_not(&o, true);

    (void)state;
    set(&o, MOMENT_FAULT_RESTORE, FAULT_KIND_SWAPIN, restore_neighbour);
    (void)world_read(w, BASE);
    assert_int_equal(judge_nr_misreleases(w->judge), 2);
    assert_int_equal(kind_of(w, 0), RELEASE_UNSAVED);
    assert_int_equal(kind_of(w, 1), RELEASE_FREED);
    assert_true(desc_of(w, 1).users == UINT64_MAX);
    assert_int_equal(hub_counter(w->hub, COUNT_DESC_LOST), 1);
    world_exit(w);
    world_destroy(w);
}

/* Descriptor 0 keeps its buffer: the tags are right, its users are not. */
static void test_linux_restore_when_descriptor_0_is_released_loses_it(void **s)
{
    struct other o;
    struct world *w = saved_and_not(&o, false);
    gva_t third = BASE + 2 * PAGE_SIZE;

    (void)s;
    set(&o, MOMENT_FAULT_RESTORE, FAULT_KIND_SWAPIN, restore_neighbour);
    assert_int_equal(world_tag(w, BASE), 5);
    assert_int_equal(judge_nr_findings(w->judge), 0);
    assert_int_equal(judge_nr_misreleases(w->judge), 1);
    assert_int_equal(kind_of(w, 0), RELEASE_UNSAVED);
    assert_true(desc_of(w, 0).users == UINT64_MAX);
    assert_int_equal(desc_of(w, 0).end, 0);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    assert_int_equal(hub_counter(w->hub, COUNT_DESC_LOST), 1);
    /* It is in use for ever: the next page gets another one. */
    world_set_tags(w, third, 7);
    assert_true(world_out(w, third));
    assert_int_equal(desc_of(w, 1).start, third);
    assert_int_equal(world_tag(w, third), 7);
    assert_int_equal(desc_of(w, 0).bytes, 65536);
    mm_put(w->mm);
    w->mm = NULL;
    assert_int_equal(adi_store_use(w->adi).bytes, 0);
    world_destroy(w);
}

/* The same, and the descriptor is in use again, for a third page. */
static void restore_neighbour_and_save(struct world *w)
{
    restore_neighbour(w);
    world_set_tags(w, BASE + 2 * PAGE_SIZE, 7);
    assert_true(world_out(w, BASE + 2 * PAGE_SIZE));
}

/* What was found is in the buffer that descriptor 0 forgot meanwhile. */
static void test_linux_restore_when_descriptor_0_is_anothers_takes_it(void **s)
{
    struct other o;
    struct world *w = saved_and_not(&o, false);

    (void)s;
    set(&o, MOMENT_FAULT_RESTORE, FAULT_KIND_SWAPIN,
        restore_neighbour_and_save);
    assert_int_equal(world_tag(w, BASE), 5);
    assert_int_equal(desc_of(w, 0).users, 0); /* the third page's */
    assert_int_equal(desc_of(w, 0).end, 0);
    assert_int_equal(judge_nr_misreleases(w->judge), 2);
    assert_int_equal(kind_of(w, 1), RELEASE_REUSED);
    assert_int_equal(judge_misrelease(w->judge, 1)->buf, 2);
    world_exit(w);
    world_destroy(w);
}

/* Any other descriptor: freed memory is read, and the new buffer freed. */
static void test_linux_restore_when_descriptor_is_anothers_frees_it(void **s)
{
    struct other o;
    struct world *w = saved_and_not(&o, true);
    gva_t third = BASE + 2 * PAGE_SIZE;

    (void)s;
    set(&o, MOMENT_FAULT_RESTORE, FAULT_KIND_SWAPIN,
        restore_neighbour_and_save);
    (void)world_read(w, BASE);
    assert_int_equal(desc_of(w, 1).users, 0); /* the third page's */
    assert_int_equal(desc_of(w, 1).buf, 0);
    assert_int_equal(adi_store_use(w->adi).pages, 1); /* the first page's */
    assert_int_equal(adi_store_use(w->adi).bytes, PAGE_SIZE + 65536);
    assert_int_equal(judge_nr_misreleases(w->judge), 3);
    assert_int_equal(kind_of(w, 1), RELEASE_FREED);
    assert_int_equal(kind_of(w, 2), RELEASE_REUSED);
    /* So the third page finds nothing. */
    assert_int_not_equal(world_tag(w, third), 7);
    world_exit(w);
    world_destroy(w);
}

/* A migration is a moment, too, of no page and here of nobody's areas. */
static void on_migrate(void *ctx, const struct moment *m)
{
    unsigned *nr = ctx;

    if (m->id != MOMENT_MIGRATE)
        return;
    assert_null(m->mm);
    assert_int_equal(moment_holds(m->id), HOLDS_FOLIO);
    ++*nr;
}

static void test_moments_when_migrating_are_told_once(void **state)
{
    static const struct moment_ops migrate_ops = {.reached = on_migrate};
    struct other o;
    struct world *w = one_page(&o, "remap");
    unsigned nr = 0;

    (void)state;
    world_set_tags(w, BASE, 5);
    assert_int_equal(migrate_folio(w->mem, world_folio(w, BASE), 0), 0);
    memory_attach_moments(w->mem, &migrate_ops, &nr);
    drop(w);
    world_set_tags(w, BASE, 6);
    assert_int_equal(nr, 0);
    assert_int_equal(migrate_folio(w->mem, world_folio(w, BASE), 0), 0);
    assert_int_equal(nr, 1);
    assert_int_equal(world_tag(w, BASE), 6);
    world_exit_clean(w);
    world_destroy(w);
}

/* A page that never stays until somebody looks: the caller tries no more. */
static void on_moment_drop(void *ctx, const struct moment *m)
{
    if (m->id == MOMENT_FAULT_AFTER) {
        ++*(unsigned *)ctx;
        assert_int_equal(mm_madvise(m->mm, m->va, PAGE_SIZE, MADV_G_DONTNEED),
                         0);
    }
}

static void test_get_page_when_it_never_stays_gives_up(void **state)
{
    static const struct moment_ops drop_ops = {.reached = on_moment_drop};
    struct other o;
    struct world *w = one_page(&o, "remap");
    struct folio *folio = NULL;
    unsigned nr = 0;

    (void)state;
    memory_attach_moments(w->mem, &drop_ops, &nr);
    assert_int_equal(mm_get_page(w->mm, BASE, ACCESS_WRITE, &folio),
                     FAULT_RETRY);
    assert_null(folio);
    assert_int_equal(nr, MM_FAULT_ROUNDS);
    memory_attach_moments(w->mem, NULL, NULL);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 0);
    world_exit_clean(w);
    world_destroy(w);
}

/* The same frame, in another slot: the page of before is nowhere. */
static void turn_off_and_push(struct world *w)
{
    turn_off(w);
    assert_true(world_resident(w, BASE));
    assert_false(world_push(w, BASE)); /* who reads it has a reference */
    assert_int_equal(swp_type(world_entry(w, BASE)), 1);
}

static void test_swapin_when_swapped_out_again_reads_again(void **state)
{
    struct other o;
    struct world *w = one_page(&o, "remap");

    (void)state;
    world_write(w, BASE, 1);
    world_set_tags(w, BASE, 5);
    assert_true(world_out(w, BASE));
    world_add_swap(w, 16, SWAP_PRIORITY_AUTO);
    set(&o, MOMENT_FAULT_DURING, FAULT_KIND_SWAPIN, turn_off_and_push);
    assert_int_equal(world_fault(w, BASE, ACCESS_READ), FAULT_OK);
    assert_int_equal(world_read(w, BASE), 1);
    assert_int_equal(world_tag(w, BASE), 5);
    world_exit_clean(w);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fault_has_its_moments),
        cmocka_unit_test(test_fault_of_an_object_has_its_moments),
        cmocka_unit_test(test_load_of_object_when_another_loads_maps_once),
        cmocka_unit_test(test_load_of_object_when_truncated_gets_the_new_page),
        cmocka_unit_test(test_store_to_private_when_another_stores_keeps_its),
        cmocka_unit_test(test_store_to_private_when_truncated_copies_the_new),
        cmocka_unit_test(test_anon_when_another_stores_first_keeps_its_page),
        cmocka_unit_test(test_swapin_when_dropped_meanwhile_faults_again),
        cmocka_unit_test(test_swapin_when_only_ours_is_dropped_maps_nothing),
        cmocka_unit_test(test_swapin_when_the_slot_is_used_anew_reads_again),
        cmocka_unit_test(
            test_swapin_when_the_device_goes_meanwhile_finds_its_page),
        cmocka_unit_test(test_restore_when_device_is_fast_holds_up_faults),
        cmocka_unit_test(
            test_linux_restore_when_others_free_the_buffer_is_told),
        cmocka_unit_test(
            test_linux_restore_when_descriptor_0_is_released_loses_it),
        cmocka_unit_test(
            test_linux_restore_when_descriptor_0_is_anothers_takes_it),
        cmocka_unit_test(
            test_linux_restore_when_descriptor_is_anothers_frees_it),
        cmocka_unit_test(test_moments_when_migrating_are_told_once),
        cmocka_unit_test(test_get_page_when_it_never_stays_gives_up),
        cmocka_unit_test(test_cow_when_the_page_goes_meanwhile_copies_nothing),
        cmocka_unit_test(test_swapin_when_swapped_out_again_reads_again),
    };

    return RUN(tests);
}
