// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The host has no memory for one more copy of tags: each path refuses as it
 * does when the store of the kernel is full, and works the next time.
 *
 * The linker sends what puts a copy into the map here.
 */
#include <errno.h>
#include <stdlib.h>

#include "adi/store_linux.h"
#include "adi/tagmap.h"
#include "mm/fork.h"
#include "mm/mapping.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)
#define FAR  UINT64_C(0x71000000)

static bool full;

int __real_tagmap_save(struct tagmap *map, uint64_t key, const adi_tag_t *tags);
int __wrap_tagmap_save(struct tagmap *map, uint64_t key, const adi_tag_t *tags);
int __real_tagmap_copy(struct tagmap *to, struct tagmap *from, uint64_t key);
int __wrap_tagmap_copy(struct tagmap *to, struct tagmap *from, uint64_t key);
int __real_tagmap_move(struct tagmap *map, uint64_t from, uint64_t to);
int __wrap_tagmap_move(struct tagmap *map, uint64_t from, uint64_t to);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

int __wrap_tagmap_save(struct tagmap *map, uint64_t key, const adi_tag_t *tags)
{
    return full ? -ENOMEM : __real_tagmap_save(map, key, tags);
}

int __wrap_tagmap_copy(struct tagmap *to, struct tagmap *from, uint64_t key)
{
    return full ? -ENOMEM : __real_tagmap_copy(to, from, key);
}

int __wrap_tagmap_move(struct tagmap *map, uint64_t from, uint64_t to)
{
    return full ? -ENOMEM : __real_tagmap_move(map, from, to);
}

/* Of the library, only the orphans of Linux's store are of this size. */
void *__wrap_malloc(size_t size)
{
    return full && size == 2 * sizeof(void *) ? NULL : __real_malloc(size);
}

static struct world *one_page(const char *profile)
{
    struct world *w = world_create(profile, 256, 64);

    assert_int_equal(world_map(w, BASE, 1, true), BASE);
    world_set_tags(w, BASE, 5);
    return w;
}

static void test_out_when_host_is_full_keeps_page(void **state)
{
    struct world *w = one_page("remap");
    struct page_state before = page_state(w, BASE);

    (void)state;
    full = true;
    assert_false(world_push(w, BASE));
    full = false;
    assert_page_state(w, BASE, &before);
    assert_int_equal(hub_counter(w->hub, COUNT_SAVE_FAIL), 1);
    assert_int_equal(judge_refused(w->judge), 1);
    assert_true(judge_errors(w->judge));
    assert_true(world_out(w, BASE));
    assert_int_equal(world_tag(w, BASE), 5);
    world_exit_clean(w);
    world_destroy(w);
}

/* By slot: the save is part of the write, so the page is unmapped by then. */
static void test_write_when_host_is_full_keeps_folio(void **state)
{
    struct world *w = one_page("swap-keyed");
    unsigned frames = world_free_frames(w);

    (void)state;
    full = true;
    assert_true(world_out(w, BASE));
    full = false;
    assert_int_equal(world_free_frames(w), frames);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    assert_int_equal(hub_counter(w->hub, COUNT_SAVE_FAIL), 1);
    assert_int_equal(world_tag(w, BASE), 5);
    assert_true(world_out(w, BASE));
    assert_int_equal(world_tag(w, BASE), 5);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_fork_when_host_is_full_makes_no_child(void **state)
{
    struct world *w = one_page("remap");
    struct mm *child = NULL;

    (void)state;
    assert_true(world_out(w, BASE));
    full = true;
    assert_int_equal(mm_fork(w->mm, &child), -ENOMEM);
    full = false;
    assert_null(child);
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    assert_int_equal(world_slot_count(w, BASE), 1);
    audit(w);
    assert_int_equal(mm_fork(w->mm, &child), 0);
    assert_int_equal(adi_store_use(w->adi).pages, 2);
    assert_int_equal(world_tag(w, BASE), 5);
    w->mm = child;
    assert_int_equal(world_tag(w, BASE), 5);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_move_when_host_is_full_goes_back(void **state)
{
    struct world *w = one_page("remap");
    unsigned flags = MREMAP_G_MAYMOVE | MREMAP_G_FIXED;
    gva_t at = 0;

    (void)state;
    assert_true(world_out(w, BASE));
    full = true;
    assert_int_equal(
        mm_mremap(w->mm, BASE, PAGE_SIZE, PAGE_SIZE, flags, FAR, &at), -ENOMEM);
    full = false;
    assert_int_equal(at, 0);
    assert_null(vma_lookup(w->mm, FAR));
    assert_int_equal(world_slot_count(w, BASE), 1);
    assert_int_equal(
        mm_mremap(w->mm, BASE, PAGE_SIZE, PAGE_SIZE, flags, FAR, &at), 0);
    assert_int_equal(world_tag(w, FAR), 5);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_shmem_out_when_host_is_full_keeps_page(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    struct mapping *m = mapping_create_shmem(w->mem, PAGE_SIZE);
    struct mmap_args args = {.addr = BASE,
                             .len = PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE | PROT_G_ADI,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .mapping = m,
                             .may_write = true};
    gva_t at;

    (void)state;
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    world_set_tags(w, BASE, 5);
    full = true;
    assert_false(world_push(w, BASE));
    full = false;
    assert_non_null(mapping_find(m, 0));
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    assert_int_equal(hub_counter(w->hub, COUNT_SAVE_FAIL), 1);
    assert_int_equal(world_tag(w, BASE), 5);
    assert_true(world_push(w, BASE));
    assert_null(mapping_find(m, 0));
    assert_int_equal(world_tag(w, BASE), 5);
    mapping_put(m);
    world_exit_clean(w);
    world_destroy(w);
}

/* B15: what Linux forgets is in the books, whether or not we can keep it. */
static void test_orphan_when_host_is_full_is_leaked_all_the_same(void **state)
{
    struct world *w = one_page("linux-6.2");

    (void)state;
    for (unsigned round = 1; round <= 3; round++) {
        full = round == 2;
        assert_true(world_out(w, BASE));
        full = false;
        assert_int_equal(adi_store_use(w->adi).bytes,
                         PAGE_SIZE + round * 65536);
        assert_int_equal(world_tag(w, BASE), 5);
        world_write(w, BASE, 1); /* so that it must be written again */
    }
    world_exit(w);
    assert_int_equal(adi_store_use(w->adi).bytes, 2 * 65536);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_out_when_host_is_full_keeps_page),
        cmocka_unit_test(test_write_when_host_is_full_keeps_folio),
        cmocka_unit_test(test_fork_when_host_is_full_makes_no_child),
        cmocka_unit_test(test_move_when_host_is_full_goes_back),
        cmocka_unit_test(test_shmem_out_when_host_is_full_keeps_page),
        cmocka_unit_test(test_orphan_when_host_is_full_is_leaked_all_the_same),
    };

    return RUN(tests);
}
