// SPDX-License-Identifier: GPL-2.0-or-later
/* What a kernel's bugs must bring about, and what they must not. */
#include <string.h>

#include "adi/profile.h"
#include "adi/tags.h"
#include "check/internal.h"
#include "event/event.h"
#include "mm/mm.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

/* A memory under a profile, of which one hook may be another. */
struct scene {
    struct world *w;
    struct check *check;
};

static struct adi_profile changed;
static adi_hook_fn kernels_own;

static struct scene scene_with(const char *name, enum arch_hook hook,
                               adi_hook_fn fn)
{
    struct scene s;
    struct check_config config = {.level = CHECK_FULL};

    changed = *adi_profile_find(name);
    if (fn) {
        kernels_own = changed.hooks[hook];
        changed.hooks[hook] = fn;
    }
    s.w = world_create_with(&changed, 256, 64, 1);
    config.mem = s.w->mem;
    config.judge = s.w->judge;
    config.adi = s.w->adi;
    config.swap = s.w->swap;
    s.check = check_create(&config);
    assert_non_null(s.check);
    assert_int_equal(world_map(s.w, BASE, 2, true), BASE);
    world_set_tags(s.w, BASE, 5);
    return s;
}

static struct scene scene(const char *name)
{
    return scene_with(name, HOOK_NR, NULL);
}

/* Beyond repair: the host takes them back at our end. */
static struct scene kept[16];
static unsigned nr_kept;

static void expect_broken(const struct scene *s, const char *name, unsigned nr)
{
    const struct check_failure *failure;

    assert_false(check_now(s->check));
    failure = check_failure(s->check);
    assert_non_null(failure);
    assert_string_equal(failure->name, name);
    assert_int_equal(failure->nr, nr);
    assert_true(nr_kept < sizeof(kept) / sizeof(kept[0]));
    kept[nr_kept++] = *s;
}

static void expect_sound(const struct scene *s)
{
    const struct check_failure *failure;

    (void)check_now(s->check);
    failure = check_failure(s->check);
    if (failure)
        print_error("%s: %s\n", failure->name, failure->text);
    assert_null(failure);
    check_destroy(s->check);
    world_destroy(s->w);
}

static void tell(const struct scene *s, struct event ev)
{
    ev.mm = mm_id(s->w->mm);
    hub_event(s->w->hub, &ev);
}

/* ---------------------------------------------------- bugs that are there */

/* B28: an access meets a marker of a page that is lost. */
static void test_predicted_kernel_bug_is_sound(void **state)
{
    struct scene s = scene("linux-6.6");

    (void)state;
    *world_raw_pte(s.w, BASE + PAGE_SIZE) =
        swp_entry_to_pte(swp_entry(SWP_MARKER, MARKER_SWAPIN_ERROR));
    assert_true(
        mm_fault_is_bug(s.w->mm, BASE + PAGE_SIZE, ACCESS_READ,
                        world_fault(s.w, BASE + PAGE_SIZE, ACCESS_READ)));
    expect_sound(&s);
}

/* B1: the copy of a zapped page leaks, and its buffer. */
static void test_predicted_leak_is_sound(void **state)
{
    struct scene s = scene("linux-6.2");

    (void)state;
    assert_true(world_out(s.w, BASE));
    assert_int_equal(mm_madvise(s.w->mm, BASE, PAGE_SIZE, MADV_G_DONTNEED), 0);
    world_exit(s.w);
    assert_int_equal(judge_nr_leaks(s.w->judge), 1);
    expect_sound(&s);
}

/* B2: the child's page has lost its tags. */
static void test_predicted_loss_is_sound(void **state)
{
    struct scene s = scene("linux-6.2");
    struct mm *parent = s.w->mm;

    (void)state;
    assert_true(world_out(s.w, BASE));
    s.w->mm = world_share(s.w);
    assert_true(check_is_struck(s.check, s.w->mm, BASE));
    assert_false(check_is_struck(s.check, parent, BASE));
    (void)world_read(s.w, BASE);
    assert_true(check_now(s.check));
    assert_false(check_is_struck(s.check, s.w->mm, BASE));
    s.w->mm = parent;
    expect_sound(&s);
}

/* B10: a child restores what it never saved into the frame of its parent. */
static void lose_by_sharing(gva_t va)
{
    struct scene s = scene("linux-6.18");
    struct mm *parent = s.w->mm, *child;
    gva_t shared = va + PAGE_SIZE;

    assert_int_equal(world_map(s.w, va, 2, true), va);
    world_set_tags(s.w, shared, 5);
    assert_true(world_out(s.w, shared));
    child = world_share(s.w);
    (void)world_read(s.w, shared);
    s.w->mm = child;
    world_set_tags(s.w, va, 7);
    assert_true(world_out(s.w, va));
    assert_false(check_is_struck(s.check, parent, shared));
    (void)world_read(s.w, shared);
    assert_true(check_is_struck(s.check, parent, shared));
    s.w->mm = parent;
    expect_sound(&s);
}

static void test_predicted_loss_of_a_sharer_is_sound(void **state)
{
    (void)state;
    lose_by_sharing(UINT64_C(0x80000000));
    lose_by_sharing(UINT64_C(0xfff8000200000000)); /* above the hole */
}

/* ------------------------------------------------ and what does not come */

/* The ledger believes that the copy was used: no record at exit. */
static void test_leak_that_does_not_come(void **state)
{
    struct scene s = scene("linux-6.2");

    (void)state;
    assert_true(world_out(s.w, BASE));
    tell(&s, (struct event){.kind = EV_TAG_RESTORE, .va = BASE});
    mm_put(s.w->mm);
    expect_broken(&s, "check_leaks_are_predicted", 1);
}

/* A store by page that leaks all the same. */
static void test_leak_without_descriptors(void **state)
{
    struct scene s = scene("remap");

    (void)state;
    tell(&s, (struct event){.kind = EV_TAG_SAVE, .va = BASE, .users = 2});
    tell(&s, (struct event){.kind = EV_SWAP_GONE, .va = BASE});
    mm_put(s.w->mm);
    expect_broken(&s, "check_nothing_leaks", 1);
}

static void test_wrong_release_without_reason(void **state)
{
    struct scene s = scene("linux-6.2");

    (void)state;
    assert_true(world_out(s.w, BASE));
    tell(&s, (struct event){.kind = EV_TAG_RESTORE, .va = BASE + PAGE_SIZE});
    (void)world_read(s.w, BASE);
    expect_broken(&s, "check_releases_are_predicted", 1);
}

static void test_buffer_forgotten_without_reason(void **state)
{
    struct scene s = scene("linux-6.2");

    (void)state;
    tell(&s, (struct event){.kind = EV_STORE_ALLOC, .buf = 77, .bytes = 64});
    tell(&s, (struct event){.kind = EV_STORE_ORPHAN, .buf = 77});
    assert_true(world_out(s.w, BASE));
    expect_broken(&s, "check_orphans_are_predicted", 9);
}

/* 257 descriptors, and nobody has refused. */
static void test_more_descriptors_than_there_are(void **state)
{
    struct scene s = scene("linux-6.2");
    gva_t far = UINT64_C(0x100000000);

    (void)state;
    assert_true(check_now(s.check));
    for (unsigned i = 0; i < 257; i++) {
        gva_t va = far + i * UINT64_C(0x1000000);

        assert_int_equal(world_map(s.w, va, 1, true), va);
        tell(&s, (struct event){.kind = EV_SWAP_OUT,
                                .path = PATH_SWAP_OUT,
                                .va = va,
                                .pfn = 1});
    }
    expect_broken(&s, "check_store_has_room", 5);
}

/* The finding is there, and what the page shows says that it should not. */
static void flip(void *ctx, const struct event *ev)
{
    struct check *c = ctx;

    verdict_before(c, ev);
    c->verdict.differs = !c->verdict.differs;
}

static void hear(void *ctx, const struct event *ev)
{
    verdict_after(ctx, ev);
}

static void test_finding_that_does_not_come(void **state)
{
    static const struct listener_ops ops = {.before = flip, .event = hear};
    struct scene s = scene("linux-6.2");
    struct listener l = {.ops = &ops, .ctx = s.check};

    (void)state;
    hub_unlisten(s.w->hub, &s.check->listener);
    hub_listen(s.w->hub, &l);
    mm_event_visible(vma_lookup(s.w->mm, BASE), BASE, *mm_pte(s.w->mm, BASE),
                     PATH_FAULT);
    expect_broken(&s, "check_findings_are_complete", 7);
}

/* The tags of BASE are others, after what the paths say of it. */
static void see_changed_tags(const struct scene *s)
{
    pte_t pte = *mm_pte(s->w->mm, BASE);

    memset(tagmem_page(adi_tagmem(s->w->adi), pte_pfn(pte)), 0,
           ADI_TAGS_PER_PAGE);
    mm_event_visible(vma_lookup(s->w->mm, BASE), BASE, pte, PATH_CHECK);
}

/* B4 has struck, but nothing had gone out before. */
static void test_finding_without_a_cause(void **state)
{
    struct scene s = scene("linux-6.2");

    (void)state;
    tell(&s, (struct event){.kind = EV_SWAP_IN,
                            .path = PATH_SWAPOFF,
                            .va = BASE,
                            .pfn = pte_pfn(*mm_pte(s.w->mm, BASE))});
    see_changed_tags(&s);
    expect_broken(&s, "check_finding_has_cause", 34);
}

/* B4 has struck, and the report takes it for B11: it was not saved. */
static void test_finding_with_another_cause(void **state)
{
    struct scene s = scene("linux-6.2");
    pfn_t pfn = pte_pfn(*mm_pte(s.w->mm, BASE));

    (void)state;
    tell(&s, (struct event){.kind = EV_SWAP_OUT,
                            .path = PATH_SWAP_OUT,
                            .va = BASE,
                            .pfn = pfn});
    tell(&s,
         (struct event){
             .kind = EV_SWAP_IN, .path = PATH_SWAPOFF, .va = BASE, .pfn = pfn});
    see_changed_tags(&s);
    expect_broken(&s, "check_finding_has_cause", 34);
}

/* -------------------------------------------------- stores that go wrong */

static int changed_after_save(struct adi *adi, const struct hook_args *args)
{
    int err = kernels_own(adi, args);

    tagmem_page(adi_tagmem(adi), args->pfn)[3] ^= 1;
    return err;
}

static void test_buffer_that_holds_something_else(void **state)
{
    struct scene s =
        scene_with("linux-6.2", HOOK_UNMAP_SWAP, changed_after_save);

    (void)state;
    assert_true(world_out(s.w, BASE));
    expect_broken(&s, "check_buffer_holds_saved", 6);
}

static void test_restore_of_something_else(void **state)
{
    struct scene s =
        scene_with("linux-6.2", HOOK_SWAPIN_LATE, changed_after_save);

    (void)state;
    assert_true(world_out(s.w, BASE));
    (void)world_read(s.w, BASE);
    expect_broken(&s, "check_restored_as_saved", 7);
}

/* Nowhere but at such a page, and not by a kernel that has SIGBUS there. */
static void test_kernel_bug_elsewhere_is_broken(void **state)
{
    struct scene s = scene("linux-6.6");

    (void)state;
    assert_true(mm_fault_is_bug(s.w->mm, BASE, ACCESS_READ, FAULT_HWPOISON));
    expect_broken(&s, "check_kernel_bug_is_predicted", 35);
    s = scene("linux-6.2");
    *world_raw_pte(s.w, BASE + PAGE_SIZE) =
        swp_entry_to_pte(swp_entry(SWP_MARKER, MARKER_SWAPIN_ERROR));
    assert_true(mm_fault_is_bug(s.w->mm, BASE + PAGE_SIZE, ACCESS_READ,
                                FAULT_HWPOISON));
    expect_broken(&s, "check_kernel_bug_is_predicted", 35);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_predicted_leak_is_sound),
        cmocka_unit_test(test_predicted_kernel_bug_is_sound),
        cmocka_unit_test(test_kernel_bug_elsewhere_is_broken),
        cmocka_unit_test(test_predicted_loss_is_sound),
        cmocka_unit_test(test_predicted_loss_of_a_sharer_is_sound),
        cmocka_unit_test(test_leak_that_does_not_come),
        cmocka_unit_test(test_leak_without_descriptors),
        cmocka_unit_test(test_wrong_release_without_reason),
        cmocka_unit_test(test_buffer_forgotten_without_reason),
        cmocka_unit_test(test_more_descriptors_than_there_are),
        cmocka_unit_test(test_finding_that_does_not_come),
        cmocka_unit_test(test_finding_without_a_cause),
        cmocka_unit_test(test_finding_with_another_cause),
        cmocka_unit_test(test_buffer_that_holds_something_else),
        cmocka_unit_test(test_restore_of_something_else),
    };

    return RUN(tests);
}
