// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The host has no memory, at each allocation of what is made once: a machine,
 * a process, a device, a copy of tags.  Whoever asks is told, and nothing that
 * was taken before stays taken.
 *
 * The linker sends every allocation of the library here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "adi/tagmap.h"
#include "mm/mapping.h"
#include "swap/device.h"
#include "swap/faulty.h"
#include "swap/swap.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

static unsigned fail_in; /* allocations until one fails; 0: never */
static int live;         /* what was taken and not given back */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t nr, size_t size);
void *__wrap_calloc(size_t nr, size_t size);
void __real_free(void *p);
void __wrap_free(void *p);
void *__real_mmap(void *at, size_t len, int prot, int flags, int fd, off_t off);
void *__wrap_mmap(void *at, size_t len, int prot, int flags, int fd, off_t off);
int __real_munmap(void *at, size_t len);
int __wrap_munmap(void *at, size_t len);

static bool due(void)
{
    if (fail_in > 0 && --fail_in == 0)
        return true;
    live++;
    return false;
}

void *__wrap_malloc(size_t size)
{
    return due() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t nr, size_t size)
{
    return due() ? NULL : __real_calloc(nr, size);
}

void __wrap_free(void *p)
{
    live -= p != NULL;
    __real_free(p);
}

void *__wrap_mmap(void *at, size_t len, int prot, int flags, int fd, off_t off)
{
    return due() ? MAP_FAILED : __real_mmap(at, len, prot, flags, fd, off);
}

int __wrap_munmap(void *at, size_t len)
{
    live--;
    return __real_munmap(at, len);
}

/* What @make needs fails, one after the other; returns how many. */
static unsigned failures(void *(*make)(void *arg), void *arg, void **made)
{
    int before = live;

    for (unsigned nr = 1;; nr++) {
        fail_in = nr;
        *made = make(arg);
        if (*made) {
            fail_in = 0;
            return nr - 1;
        }
        assert_int_equal(fail_in, 0);
        assert_int_equal(live, before);
    }
}

static void *make_memory(void *config)
{
    return memory_create(config);
}

static void *make_adi(void *mem)
{
    return adi_create(mem, adi_profile_find("remap"));
}

static void *make_swap(void *mem)
{
    return swap_create(mem);
}

static void test_machine_when_host_is_full_is_not_made(void **state)
{
    struct memory_config config = {.ram_bytes = 64 * PAGE_SIZE, .nr_nodes = 1};
    int before = live;
    void *mem, *adi, *swap;

    (void)state;
    config.hub = hub_create();
    /* Itself, struct phys, the RAM and its folios. */
    assert_int_equal(failures(make_memory, &config, &mem), 4);
    assert_int_equal(failures(make_adi, mem, &adi), 3);
    assert_int_equal(failures(make_swap, mem, &swap), 1);
    swap_destroy(swap);
    memory_destroy(mem);
    adi_destroy(adi);
    hub_destroy(config.hub);
    assert_int_equal(live, before);
}

static void test_machine_when_not_made_is_destroyed(void **state)
{
    int before = live;

    (void)state;
    swap_destroy(NULL);
    memory_destroy(NULL);
    phys_destroy(NULL);
    adi_destroy(NULL);
    tagmem_destroy(NULL);
    assert_int_equal(live, before);
}

static void test_machine_when_size_is_bad_is_not_made(void **state)
{
    static const struct memory_config bad[] = {
        {.ram_bytes = 63 * PAGE_SIZE, .nr_nodes = 1},
        {.ram_bytes = (uint64_t)PFN_NONE * PAGE_SIZE, .nr_nodes = 1},
        {.ram_bytes = 64 * PAGE_SIZE, .nr_nodes = 0},
        {.ram_bytes = 64 * PAGE_SIZE, .nr_nodes = PHYS_MAX_NODES + 1},
    };
    int before = live;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_null(memory_create(&bad[i]));
    assert_int_equal(live, before);
}

static void *make_process(void *mem)
{
    return mm_create(mem);
}

/* An mm and its context; under Linux's own store also the store. */
static void test_process_when_host_is_full_is_not_made(void **state)
{
    static const char *const profiles[] = {"remap", "swap-keyed", "linux-6.2"};
    static const unsigned nr[] = {2, 2, 3};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct world *w = world_create(profiles[i], 64, 0);
        void *mm;

        assert_int_equal(failures(make_process, w->mem, &mm), nr[i]);
        assert_ptr_equal(mm_memory(mm), w->mem);
        world_destroy(w);
    }
}

static void *make_object(void *mem)
{
    return mapping_create_shmem(mem, PAGE_SIZE);
}

static void *make_file(void *mem)
{
    return mapping_create_file(mem, NULL, NULL);
}

static void *make_tmpfs(void *mem)
{
    return mapping_create_tmpfs(mem, NULL, NULL);
}

static void test_object_when_host_is_full_is_not_made(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    void *m;

    (void)state;
    assert_int_equal(failures(make_object, w->mem, &m), 1);
    assert_ptr_equal(memory_first_shmem(w->mem), m);
    mapping_put(m);
    assert_null(memory_first_shmem(w->mem));
    assert_int_equal(failures(make_tmpfs, w->mem, &m), 1);
    mapping_put(m);
    assert_int_equal(failures(make_file, w->mem, &m), 1);
    mapping_put(m);
    world_destroy(w);
}

/* ---------------------------------------------------------------- devices */

static unsigned closed;

static int no_page(void *dev, uint64_t slot, uint8_t *page)
{
    (void)dev;
    (void)slot;
    (void)page;
    return -EIO;
}

static int no_room(void *dev, uint64_t slot, const uint8_t *page)
{
    (void)dev;
    (void)slot;
    (void)page;
    return -EIO;
}

static void count_close(void *dev)
{
    (void)dev;
    closed++;
}

static const struct swapdev_ops no_dev = {
    .read = no_page, .write = no_room, .close = count_close};

static void test_swap_on_when_host_is_full_closes_the_device(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    struct swap_device d;
    int before = live;

    (void)state;
    for (unsigned nr = 1; nr <= 2; nr++) {
        fail_in = nr;
        closed = 0;
        assert_int_equal(swap_on(w->swap, &no_dev, NULL, 16, 0), -ENOMEM);
        fail_in = 0;
        assert_int_equal(closed, 1);
        assert_int_equal(live, before);
        assert_false(swap_device(w->swap, 0, &d));
        assert_int_equal(swap_total_pages(w->swap), 0);
    }
    assert_int_equal(swap_on(w->swap, &no_dev, NULL, 16, 0), 0);
    assert_int_equal(swap_total_pages(w->swap), 15);
    world_destroy(w);
}

static void test_faulty_when_host_is_full_leaves_the_device(void **state)
{
    const struct swapdev_ops *ops = &no_dev;
    void *dev = &closed;

    (void)state;
    fail_in = 1;
    assert_int_equal(swapdev_faulty_wrap(&ops, &dev, 1, 1), -ENOMEM);
    assert_ptr_equal(ops, &no_dev);
    assert_ptr_equal(dev, &closed);
}

/* ------------------------------------------------------------ the tag map */

/* Tags of @runs runs: of so many only the heap has room for them. */
static void make_tags(adi_tag_t *tags, unsigned runs)
{
    memset(tags, 0, ADI_TAGS_PER_PAGE);
    for (unsigned i = 0; i < runs; i++)
        tags[i] = (adi_tag_t)(1 + i % 14);
}

static void test_tags_when_host_is_full_are_not_saved(void **state)
{
    adi_tag_t tags[ADI_TAGS_PER_PAGE], back[ADI_TAGS_PER_PAGE];
    struct tagmap map;
    unsigned nr;

    (void)state;
    for (unsigned runs = 8; runs <= 128; runs *= 4) {
        int err = -ENOMEM;

        tagmap_init(&map);
        make_tags(tags, runs);
        for (nr = 1; err; nr++) {
            assert_false(tagmap_has(&map, 7));
            assert_int_equal(map.nr, 0);
            assert_int_equal(map.heap_bytes, 0);
            fail_in = nr;
            err = tagmap_save(&map, 7, tags);
            fail_in = 0;
        }
        assert_true(nr > 2);
        assert_true(tagmap_load(&map, 7, back));
        assert_memory_equal(tags, back, sizeof(tags));
        tagmap_fini(&map);
    }
}

static void test_tags_when_host_is_full_are_not_copied(void **state)
{
    adi_tag_t tags[ADI_TAGS_PER_PAGE], back[ADI_TAGS_PER_PAGE];
    struct tagmap from, to;
    int err = -ENOMEM;
    unsigned nr;

    (void)state;
    tagmap_init(&from);
    tagmap_init(&to);
    make_tags(tags, 100);
    assert_int_equal(tagmap_save(&from, 7, tags), 0);
    for (nr = 1; err; nr++) {
        assert_false(tagmap_has(&to, 7));
        assert_int_equal(to.nr, 0);
        fail_in = nr;
        err = tagmap_copy(&to, &from, 7);
        fail_in = 0;
    }
    assert_true(nr > 2);
    assert_true(tagmap_load(&to, 7, back));
    assert_memory_equal(tags, back, sizeof(tags));
    tagmap_fini(&from);
    tagmap_fini(&to);
}

static void test_swap_file_when_host_is_full_is_not_open(void **state)
{
    uint64_t slots;
    void *dev = NULL;

    (void)state;
    fail_in = 1;
    assert_int_equal(swapdev_file_open(NULL, 16 * PAGE_SIZE, &slots, &dev),
                     -ENOMEM);
    fail_in = 0;
    assert_null(dev);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_machine_when_host_is_full_is_not_made),
        cmocka_unit_test(test_machine_when_not_made_is_destroyed),
        cmocka_unit_test(test_machine_when_size_is_bad_is_not_made),
        cmocka_unit_test(test_process_when_host_is_full_is_not_made),
        cmocka_unit_test(test_object_when_host_is_full_is_not_made),
        cmocka_unit_test(test_swap_on_when_host_is_full_closes_the_device),
        cmocka_unit_test(test_faulty_when_host_is_full_leaves_the_device),
        cmocka_unit_test(test_tags_when_host_is_full_are_not_saved),
        cmocka_unit_test(test_tags_when_host_is_full_are_not_copied),
        cmocka_unit_test(test_swap_file_when_host_is_full_is_not_open),
    };

    return RUN(tests);
}
