// SPDX-License-Identifier: GPL-2.0-or-later
/* Areas that become one, in the cases of vma_merge(), and free places. */
#include <errno.h>
#include <string.h>

#include "fake_ops.h"
#include "mm/fork.h"
#include "mm/mapping.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)
#define RW   (PROT_G_READ | PROT_G_WRITE)
#define MAX  8 /* pages of a picture */

static gva_t nth(unsigned i)
{
    return BASE + i * PAGE_SIZE;
}

/* Pages as a picture: 'r' and 'w' are areas of that protection, upper case
 * with a page that was written; '.' is a hole. */
static void draw(struct world *w, const char *picture)
{
    /* At first, so that it joins nothing. */
    struct mmap_args args = {.prot = RW | PROT_G_EXEC,
                             .flags =
                                 MAP_G_PRIVATE | MAP_G_ANONYMOUS | MAP_G_FIXED};
    gva_t at;

    for (unsigned i = 0, end; picture[i]; i = end) {
        char c = picture[i];

        for (end = i; picture[end] == c; end++)
            ;
        if (c == '.')
            continue;
        args.addr = nth(i);
        args.len = (end - i) * PAGE_SIZE;
        assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
        if (c == 'R' || c == 'W')
            world_write(w, at, 1);
        assert_int_equal(mm_mprotect(w->mm, at, args.len,
                                     c == 'r' || c == 'R' ? PROT_G_READ : RW),
                         0);
    }
}

/* What is there: the first area is A, the next B, ... */
static void assert_areas(struct world *w, const char *expected)
{
    char seen[MAX + 1] = "";
    size_t nr = strlen(expected);
    char name = 'A';

    for (const struct vma *v = vma_find(w->mm, BASE); v; v = vma_next(v)) {
        assert_int_equal(v->pgoff, v->start >> PAGE_SHIFT);
        for (gva_t va = v->start; va < v->end; va += PAGE_SIZE)
            seen[(va - BASE) >> PAGE_SHIFT] = name;
        name++;
    }
    for (size_t i = 0; i < nr; i++)
        if (!seen[i])
            seen[i] = '.';
    assert_string_equal(seen, expected);
    audit(w);
}

static void test_protect_when_neighbours_are_equal_merges(void **state)
{
    static const struct {
        const char *before;
        unsigned from, to;
        unsigned prot;
        const char *after;
    } cases[] = {
        {"rrrrrr", 2, 4, RW, "AABBCC"},
        {"rrrwww", 2, 3, RW, "AABBBB"},          /* 4 */
        {"rrrwww", 3, 4, PROT_G_READ, "AAAABB"}, /* 5 */
        {"wwrrww", 2, 4, RW, "AAAAAA"},          /* 6 */
        {"wwrr..", 2, 4, RW, "AAAA.."},          /* 7 */
        {"wwrr.w", 2, 4, RW, "AAAA.B"},          /* 7 */
        {"..rrww", 2, 4, RW, "..AAAA"},          /* 8 */
        {"w.rrww", 2, 4, RW, "A.BBBB"},          /* 8 */
        {"wwrrrw", 2, 4, RW, "AAAABC"},          /* 5, and not the next */
        {"wrrrww", 2, 4, RW, "ABCCCC"},          /* 4, and not the one before */
        /* Pages that were written tell areas apart that have none. */
        {"wwRRww", 2, 4, RW, "AABBCC"},
        {"WWrrww", 2, 4, RW, "AAAAAA"},
        {"wwrrWW", 2, 4, RW, "AAAAAA"},
        {"..rrWW", 2, 4, RW, "..AAAA"},
        {"..RRww", 2, 4, RW, "..AABB"},
        {"WWrrWW", 2, 4, RW, "AAAABB"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct world *w = world_create("remap", 256, 64);

        draw(w, cases[i].before);
        assert_int_equal(mm_mprotect(w->mm, nth(cases[i].from),
                                     (cases[i].to - cases[i].from) * PAGE_SIZE,
                                     cases[i].prot),
                         0);
        assert_areas(w, cases[i].after);
        world_exit_clean(w);
        world_destroy(w);
    }
}

/* v5.17 looks at the area before first, v6.1 at the one after. */
static void test_map_when_between_equals_merges(void **state)
{
    static const struct {
        const char *before, *old, *new;
    } cases[] = {
        {"ww..ww", "AAAAAA", "AAAAAA"}, /* 1 */
        {"ww...w", "AAAA.B", "AAAA.B"}, /* 2 */
        {"w...ww", "A.BBBB", "A.BBBB"}, /* 3 */
        {"rr..rr", "AABBCC", "AABBCC"}, {"WW..ww", "AAAAAA", "AAAAAA"},
        {"ww..WW", "AAAAAA", "AABBBB"}, {"WW..WW", "AAAABB", "AABBBB"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (unsigned new = 0; new < 2; new ++) {
            struct world *w =
                world_create(new ? "linux-6.2" : "linux-5.17", 256, 64);

            draw(w, cases[i].before);
            world_map(w, nth(2), 2, false);
            assert_areas(w, new ? cases[i].new : cases[i].old);
            world_exit_clean(w);
            world_destroy(w);
        }
    }
}

/* What mlock(), madvise() and mbind() change is joined the same way. */
static void test_lock_when_neighbour_is_locked_counts_once(void **state)
{
    struct world *w = world_create("remap", 256, 64);

    (void)state;
    draw(w, "wwwwww");
    for (unsigned i = 0; i < 6; i++)
        world_write(w, nth(i), 1);
    assert_int_equal(mm_mlock(w->mm, nth(2), PAGE_SIZE, false), 0);
    assert_areas(w, "AABCCC");
    assert_int_equal(mm_locked_vm(w->mm), 1);
    assert_int_equal(mm_mlock(w->mm, nth(1), PAGE_SIZE, false), 0);
    assert_areas(w, "ABBCCC");
    assert_int_equal(mm_locked_vm(w->mm), 2);
    assert_int_equal(mm_mlock(w->mm, nth(3), PAGE_SIZE, true), 0);
    assert_areas(w, "ABBCDD");
    assert_int_equal(mm_locked_vm(w->mm), 3);
    assert_int_equal(mm_mlockall(w->mm, MCL_G_CURRENT), 0);
    assert_areas(w, "AAAAAA");
    assert_int_equal(mm_locked_vm(w->mm), 6);
    assert_int_equal(mm_munlock(w->mm, nth(5), PAGE_SIZE), 0);
    assert_areas(w, "AAAAAB");
    mm_munlockall(w->mm);
    assert_areas(w, "AAAAAA");
    assert_int_equal(mm_locked_vm(w->mm), 0);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_advice_when_areas_agree_again_joins_them(void **state)
{
    struct world *w = world_create("remap", 256, 64);

    (void)state;
    draw(w, "wwww");
    assert_int_equal(mm_madvise(w->mm, nth(1), 2 * PAGE_SIZE, MADV_G_DONTFORK),
                     0);
    assert_areas(w, "ABBC");
    assert_int_equal(mm_madvise(w->mm, nth(0), PAGE_SIZE, MADV_G_DONTFORK), 0);
    assert_areas(w, "AAAB");
    assert_int_equal(mm_madvise(w->mm, nth(0), 4 * PAGE_SIZE, MADV_G_DOFORK),
                     0);
    assert_areas(w, "AAAA");
    world_destroy(w);
}

/* At the limit a border still moves, and nothing is cut. */
static void test_protect_when_areas_are_many_moves_borders(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    unsigned i = 0;

    (void)state;
    for (; vma_count(w->mm) < MAX_MAP_COUNT - 1; i++)
        world_map(w, nth(16 + 2 * i), 1, false);
    world_map(w, nth(0), 6, false);
    assert_int_equal(vma_count(w->mm), MAX_MAP_COUNT);
    assert_int_equal(mm_mprotect(w->mm, nth(2), PAGE_SIZE, PROT_G_READ),
                     -ENOMEM);
    assert_int_equal(vma_count(w->mm), MAX_MAP_COUNT);
    assert_int_equal(mm_munmap(w->mm, nth(16), PAGE_SIZE), 0);
    assert_int_equal(mm_mprotect(w->mm, nth(0), 3 * PAGE_SIZE, PROT_G_READ), 0);
    assert_int_equal(vma_count(w->mm), MAX_MAP_COUNT);
    assert_int_equal(mm_mprotect(w->mm, nth(2), PAGE_SIZE, RW), 0);
    assert_int_equal(vma_count(w->mm), MAX_MAP_COUNT);
    assert_int_equal(vma_lookup(w->mm, nth(2))->end, nth(6));
    /* One more than the limit may come from mmap(), none after it. */
    world_map(w, nth(8), 1, false);
    assert_int_equal(vma_count(w->mm), MAX_MAP_COUNT + 1);
    {
        struct mmap_args args = {.addr = nth(10),
                                 .len = PAGE_SIZE,
                                 .prot = RW,
                                 .flags = MAP_G_PRIVATE | MAP_G_ANONYMOUS |
                                          MAP_G_FIXED};
        gva_t at;

        assert_int_equal(mm_mmap(w->mm, &args, &at), -ENOMEM);
    }
    world_destroy(w);
}

/* --------------------------------------------------------- DONTUNMAP */

#define MOVE (MREMAP_G_MAYMOVE | MREMAP_G_FIXED)

static void test_dontunmap_when_locked_leaves_the_count(void **state)
{
    struct world *w = world_create("linux-6.2", 256, 64);
    gva_t at;

    (void)state;
    world_map(w, BASE, 4, false);
    assert_int_equal(mm_mlock(w->mm, BASE, 4 * PAGE_SIZE, false), 0);
    assert_int_equal(mm_mremap(w->mm, nth(1), PAGE_SIZE, PAGE_SIZE,
                               MOVE | MREMAP_G_DONTUNMAP, nth(64), &at),
                     0);
    /* The copy is locked, all of the old area is not. */
    assert_int_equal(mm_locked_vm(w->mm), 4);
    assert_true(vma_lookup(w->mm, at)->flags & VM_LOCKED);
    assert_false(vma_lookup(w->mm, BASE)->flags & VM_LOCKED);
    assert_int_equal(mm_munmap(w->mm, at, PAGE_SIZE), 0);
    assert_int_equal(mm_locked_vm(w->mm), 3);
    assert_int_equal(mm_munmap(w->mm, BASE, 4 * PAGE_SIZE), 0);
    assert_int_equal(mm_locked_vm(w->mm), 3);
    world_destroy(w);
}

static void test_dontunmap_when_whole_area_forgets_its_pages(void **state)
{
    (void)state;
    for (unsigned whole = 0; whole < 2; whole++) {
        struct world *w = world_create("linux-6.2", 256, 64);
        uint64_t len = (whole ? 2 : 1) * PAGE_SIZE;
        gva_t at;

        world_map(w, BASE, 2, false);
        world_write(w, nth(0), 1);
        world_write(w, nth(1), 2);
        assert_int_equal(mm_mremap(w->mm, BASE, len, len,
                                   MOVE | MREMAP_G_DONTUNMAP, nth(64), &at),
                         0);
        assert_int_equal(world_read(w, nth(64)), 1);
        /* Without an anon_vma it counts from where it is moved to. */
        world_map(w, nth(34), 2, false);
        assert_int_equal(
            mm_mremap(w->mm, BASE, len, len, MOVE, nth(whole ? 32 : 33), &at),
            0);
        assert_int_equal(vma_lookup(w->mm, at)->end, nth(whole ? 36 : 34));
        if (!whole)
            assert_int_equal(world_read(w, nth(1)), 2);
        world_exit_clean(w);
        world_destroy(w);
    }
}

/* --------------------------------------------- moves that merge */

static void test_move_when_it_fits_merges(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    gva_t at;

    (void)state;
    /* The last two go away and come back. */
    world_map(w, BASE, 4, false);
    for (unsigned i = 0; i < 4; i++)
        world_write(w, nth(i), (uint8_t)(1 + i));
    assert_int_equal(mm_mremap(w->mm, nth(2), 2 * PAGE_SIZE, 2 * PAGE_SIZE,
                               MOVE, nth(64), &at),
                     0);
    assert_int_equal(vma_count(w->mm), 2);
    assert_int_equal(
        mm_mremap(w->mm, at, 2 * PAGE_SIZE, 2 * PAGE_SIZE, MOVE, nth(2), &at),
        0);
    assert_areas(w, "AAAA");
    for (unsigned i = 0; i < 4; i++) {
        assert_true(world_push(w, nth(i)));
        assert_int_equal(world_read(w, nth(i)), 1 + i);
    }
    world_exit_clean(w);
    world_destroy(w);
}

/* Without pages an area may be joined with its own copy. */
static void test_move_when_next_to_itself_goes_on(void **state)
{
    (void)state;
    for (unsigned below = 0; below < 2; below++) {
        struct world *w = world_create("remap", 256, 64);
        unsigned from = below ? 2 : 0, to = below ? 0 : 2;
        gva_t at;

        world_map(w, nth(from), 2, false);
        assert_int_equal(mm_mremap(w->mm, nth(from), 2 * PAGE_SIZE,
                                   2 * PAGE_SIZE, MOVE, nth(to), &at),
                         0);
        assert_areas(w, below ? "AA.." : "..AA");
        assert_int_equal(mm_total_vm(w->mm), 2);
        world_destroy(w);
    }
}

/* A copy between two areas makes them one, and the old one is gone with it:
 * what is to be changed of it is changed of all. */
static void test_move_when_between_equals_is_all_one(void **state)
{
    (void)state;
    for (unsigned keep = 0; keep < 2; keep++) {
        struct world *w = world_create("remap", 256, 64);
        gva_t at;

        draw(w, "w..ww");
        assert_int_equal(mm_mlock(w->mm, nth(0), PAGE_SIZE, true), 0);
        assert_int_equal(mm_mlock(w->mm, nth(3), 2 * PAGE_SIZE, true), 0);
        assert_int_equal(mm_mremap(w->mm, nth(3), 2 * PAGE_SIZE, 2 * PAGE_SIZE,
                                   MOVE | (keep ? MREMAP_G_DONTUNMAP : 0),
                                   nth(1), &at),
                         0);
        assert_areas(w, keep ? "AAAAA" : "AAA..");
        assert_int_equal(vma_first(w->mm)->flags & VM_LOCKED,
                         keep ? 0 : VM_LOCKED);
        assert_int_equal(mm_locked_vm(w->mm), 3);
        world_destroy(w);
    }
}

/* v6.0: an area that grows joins the next. */
static void test_grow_when_it_meets_the_next_merges(void **state)
{
    (void)state;
    for (unsigned new = 0; new < 2; new ++) {
        struct world *w =
            world_create(new ? "linux-6.2" : "linux-5.17", 256, 64);
        gva_t at;

        draw(w, "ww..ww");
        assert_int_equal(
            mm_mremap(w->mm, nth(0), 2 * PAGE_SIZE, 4 * PAGE_SIZE, 0, 0, &at),
            0);
        assert_areas(w, new ? "AAAAAA" : "AAAABB");
        world_destroy(w);
    }
}

static void test_grow_when_locked_faults_the_rest_in(void **state)
{
    (void)state;
    for (unsigned move = 0; move < 2; move++) {
        struct world *w = world_create("remap", 256, 64);
        gva_t at;

        draw(w, move ? "ww.w" : "ww..");
        assert_int_equal(mm_mlock(w->mm, nth(0), 2 * PAGE_SIZE, false), 0);
        assert_int_equal(mm_mremap(w->mm, nth(0), 2 * PAGE_SIZE, 4 * PAGE_SIZE,
                                   MREMAP_G_MAYMOVE, 0, &at),
                         0);
        assert_int_equal(at == nth(0), !move);
        assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 4);
        assert_int_equal(mm_locked_vm(w->mm), 4);
        world_exit_clean(w);
        world_destroy(w);
    }
}

/* ------------------------------------------------------------- places */

#define LOW  (UINT64_C(1) << 32) /* where mmap() begins to look */
#define HIGH (UINT64_C(0x0008000000000000) - (UINT64_C(1) << 32))

/* vm_unmapped_area(), by looking at every gap. */
static gva_t plain_place(struct world *w, uint64_t len, int64_t colour)
{
    uint64_t mask = colour < 0 ? 0 : SHMLBA_G - PAGE_SIZE;
    gva_t low = LOW;
    const struct vma *v;

    for (v = vma_find(w->mm, LOW); v; v = vma_next(v)) {
        gva_t to = vm_start_gap(v);

        if (to >= low && to - low >= len + mask)
            break;
        if (v->end > low)
            low = v->end;
    }
    return colour < 0 ? low : low + (((gva_t)colour - low) & mask);
}

static unsigned next_random(unsigned *state)
{
    *state = *state * 1103515245u + 12345u;
    return *state >> 16;
}

static void test_place_when_asked_is_the_first_that_fits(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    unsigned r = 5;

    (void)state;
    mm_set_mmap_base(w->mm, LOW);
    for (unsigned i = 0; i < 3000; i++) {
        uint64_t pages = 1 + next_random(&r) % 6;
        int64_t colour = next_random(&r) % 3 ? -1 : (int64_t)(i % 2) * 0x2000;
        gva_t at = LOW + next_random(&r) % 1024 * PAGE_SIZE, found;
        struct mmap_args args = {
            .addr = at,
            .len = pages * PAGE_SIZE,
            .prot = i % 2 ? RW : PROT_G_READ,
            .flags = MAP_G_PRIVATE | MAP_G_ANONYMOUS | MAP_G_FIXED |
                     (next_random(&r) % 64 ? 0 : MAP_G_GROWSDOWN)};

        if (next_random(&r) % 5 < 2)
            assert_int_equal(mm_munmap(w->mm, at, pages * PAGE_SIZE), 0);
        else
            assert_int_equal(mm_mmap(w->mm, &args, &found), 0);
        pages = 1 + next_random(&r) % 12;
        assert_int_equal(
            mm_find_area(w->mm, 0, pages * PAGE_SIZE, colour, &found), 0);
        assert_int_equal(found, plain_place(w, pages * PAGE_SIZE, colour));
    }
    world_destroy(w);
}

/* Where a stack keeps its distance, nothing is put. */
static void test_place_when_below_a_stack_keeps_the_gap(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    struct mmap_args args = {.addr = LOW + 300 * PAGE_SIZE,
                             .len = PAGE_SIZE,
                             .prot = RW,
                             .flags = MAP_G_PRIVATE | MAP_G_ANONYMOUS |
                                      MAP_G_FIXED | MAP_G_GROWSDOWN};
    gva_t at;

    (void)state;
    mm_set_mmap_base(w->mm, LOW);
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    assert_int_equal(mm_find_area(w->mm, 0, 44 * PAGE_SIZE, -1, &at), 0);
    assert_int_equal(at, LOW);
    assert_int_equal(mm_find_area(w->mm, 0, 45 * PAGE_SIZE, -1, &at), 0);
    assert_int_equal(at, LOW + 301 * PAGE_SIZE);
    world_destroy(w);
}

static void test_place_when_the_low_half_is_full_is_above(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    struct mmap_args args = {.addr = LOW,
                             .len = HIGH - LOW - 2 * PAGE_SIZE,
                             .flags = MAP_G_PRIVATE | MAP_G_ANONYMOUS |
                                      MAP_G_FIXED | MAP_G_NORESERVE};
    gva_t at, above = UINT64_C(0xfff8000100000000);

    (void)state;
    mm_set_mmap_base(w->mm, LOW);
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    assert_int_equal(mm_find_area(w->mm, 0, 2 * PAGE_SIZE, -1, &at), 0);
    assert_int_equal(at, HIGH - 2 * PAGE_SIZE);
    assert_int_equal(mm_find_area(w->mm, 0, 3 * PAGE_SIZE, -1, &at), 0);
    assert_int_equal(at, above);
    /* Also with something up there: the gap below it has the hole in it. */
    world_map(w, above + PAGE_SIZE, 1, false);
    assert_int_equal(mm_find_area(w->mm, 0, 2 * PAGE_SIZE, -1, &at), 0);
    assert_int_equal(at, HIGH - 2 * PAGE_SIZE);
    assert_int_equal(mm_find_area(w->mm, 0, 3 * PAGE_SIZE, -1, &at), 0);
    assert_int_equal(at, above + 2 * PAGE_SIZE);
    world_destroy(w);
}

/* ---------------------------------------------------------------- rmap */

static struct vma *shared(struct mm *mm, struct mapping *m, gva_t at,
                          uint64_t first)
{
    struct mmap_args args = {.addr = at,
                             .len = 2 * PAGE_SIZE,
                             .prot = RW,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .mapping = m,
                             .pgoff = first,
                             .may_write = true};

    assert_int_equal(mm_mmap(mm, &args, &at), 0);
    return vma_lookup(mm, at);
}

/* Neighbours are one if the one goes on in the object where the other ends. */
static void test_object_when_it_does_not_go_on_is_another_area(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    struct mapping *m = mapping_create_shmem(w->mem, 16 * PAGE_SIZE);
    struct mapping *other = mapping_create_shmem(w->mem, 16 * PAGE_SIZE);

    (void)state;
    assert_int_equal(shared(w->mm, m, nth(4), 6)->start, nth(4));
    /* Before it, and behind: other pages, and those of another object. */
    assert_int_equal(shared(w->mm, m, nth(2), 0)->end, nth(4));
    assert_int_equal(shared(w->mm, other, nth(2), 4)->end, nth(4));
    assert_int_equal(shared(w->mm, m, nth(6), 0)->start, nth(6));
    assert_int_equal(shared(w->mm, other, nth(6), 8)->start, nth(6));
    /* The pages that follow, on both sides. */
    assert_int_equal(shared(w->mm, m, nth(2), 4)->end, nth(6));
    assert_int_equal(shared(w->mm, m, nth(6), 8)->start, nth(2));
    audit(w);
    mapping_put(m);
    mapping_put(other);
    world_exit_clean(w);
    world_destroy(w);
}

/* vma_interval_tree: by first page, a child right after its parent. */
static void test_object_when_mapped_is_walked_in_order(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    struct mapping *m = mapping_create_shmem(w->mem, 16 * PAGE_SIZE);
    struct vma *late = shared(w->mm, m, nth(0), 4);
    struct vma *early = shared(w->mm, m, nth(16), 0);
    struct vma *twin = shared(w->mm, m, nth(32), 0);
    struct mm *children[2];
    const struct vma *v = mapping_first_vma(m, 0, 3);

    (void)state;
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(mm_fork(w->mm, &children[i]), 0);
    /* Early, its children, the younger first; the twin and its own. */
    assert_ptr_equal(v, early);
    v = mapping_next_vma(v, 0, 3);
    assert_ptr_equal(v, vma_lookup(children[1], nth(16)));
    v = mapping_next_vma(v, 0, 3);
    assert_ptr_equal(v, vma_lookup(children[0], nth(16)));
    v = mapping_next_vma(v, 0, 3);
    assert_ptr_equal(v, twin);
    v = mapping_next_vma(v, 0, 3);
    v = mapping_next_vma(v, 0, 3);
    assert_ptr_equal(v, vma_lookup(children[0], nth(32)));
    assert_null(mapping_next_vma(v, 0, 3));
    assert_ptr_equal(mapping_next_vma(v, 0, 4), late);
    assert_ptr_equal(mapping_first_vma(m, 5, 5), late);
    assert_null(mapping_first_vma(m, 6, 9));
    for (unsigned i = 0; i < 2; i++)
        mm_put(children[i]);
    mapping_put(m);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_protect_when_neighbours_are_equal_merges),
        cmocka_unit_test(test_map_when_between_equals_merges),
        cmocka_unit_test(test_lock_when_neighbour_is_locked_counts_once),
        cmocka_unit_test(test_advice_when_areas_agree_again_joins_them),
        cmocka_unit_test(test_protect_when_areas_are_many_moves_borders),
        cmocka_unit_test(test_dontunmap_when_locked_leaves_the_count),
        cmocka_unit_test(test_dontunmap_when_whole_area_forgets_its_pages),
        cmocka_unit_test(test_move_when_it_fits_merges),
        cmocka_unit_test(test_move_when_next_to_itself_goes_on),
        cmocka_unit_test(test_move_when_between_equals_is_all_one),
        cmocka_unit_test(test_grow_when_it_meets_the_next_merges),
        cmocka_unit_test(test_grow_when_locked_faults_the_rest_in),
        cmocka_unit_test(test_place_when_asked_is_the_first_that_fits),
        cmocka_unit_test(test_place_when_below_a_stack_keeps_the_gap),
        cmocka_unit_test(test_place_when_the_low_half_is_full_is_above),
        cmocka_unit_test(test_object_when_it_does_not_go_on_is_another_area),
        cmocka_unit_test(test_object_when_mapped_is_walked_in_order),
    };

    return RUN(tests);
}
