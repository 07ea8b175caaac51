// SPDX-License-Identifier: GPL-2.0-or-later
/* Which function of the kernel the report blames for a leak, or a loss. */
#include <string.h>

#include "adi/adi.h"
#include "adi/profile.h"
#include "event/hub.h"
#include "judge/blame.h"
#include "judge/cause.h"
#include "judge/judge.h"
#include "judge/ledger.h"
#include "unit.h"

#define A     UINT64_C(0x70000000)
#define B     UINT64_C(0x71000000)
#define CHILD 2

static const adi_tag_t none[ADI_TAGS_PER_PAGE];

static struct judge *start(struct hub *h, struct adi *adi)
{
    struct judge *j = judge_create(h, adi);

    assert_non_null(j);
    hub_event(h, &(struct event){.kind = EV_MM_START, .mm = 1});
    judge_tag_store(j, 1, A, 5, 0);
    return j;
}

static int hub(void **state)
{
    *state = start(hub_create(), NULL);
    return 0;
}

static int hub_gone(void **state)
{
    struct judge *j = *state;
    struct hub *h = judge_hub(j);

    judge_destroy(j);
    hub_destroy(h);
    return 0;
}

static void at(struct judge *j, enum event_kind kind, enum mm_path path)
{
    hub_event(judge_hub(j), &(struct event){.kind = kind,
                                            .path = path,
                                            .mm = 1,
                                            .va = A,
                                            .end = A + PAGE_SIZE,
                                            .pfn = 7,
                                            .bytes = 8});
}

static void swap_out(struct judge *j)
{
    at(j, EV_TAG_SAVE, PATH_SWAP_OUT);
    at(j, EV_SWAP_OUT, PATH_SWAP_OUT);
}

static void seen_in(struct judge *j, uint32_t mm, gva_t va, enum mm_path path,
                    pfn_t pfn, const adi_tag_t *tags)
{
    hub_event(judge_hub(j), &(struct event){.kind = EV_VISIBLE,
                                            .path = path,
                                            .mm = mm,
                                            .va = va,
                                            .pfn = pfn,
                                            .tags = tags});
}

static void seen(struct judge *j, uint32_t mm, gva_t va, enum mm_path path)
{
    seen_in(j, mm, va, path, 7, none);
}

static void assert_cause(struct cause c, const char *function,
                         enum event_kind kind)
{
    assert_int_not_equal(c.id, CAUSE_UNKNOWN);
    assert_string_equal(c.function, function);
    assert_int_equal(c.at.kind, kind);
    assert_true(c.at.nr > 0);
}

static struct cause only_loss(const struct judge *j)
{
    assert_int_equal(judge_nr_findings(j), 1);
    return cause_of_finding(j, judge_finding(j, 0));
}

/* ---------------------------------------------------------------- leaks */

static void assert_leak(struct judge *j, enum event_kind kind,
                        enum mm_path path, const char *function)
{
    struct cause c;

    swap_out(j);
    at(j, kind, path);
    hub_event(judge_hub(j), &(struct event){.kind = EV_MM_EXIT, .mm = 1});
    assert_int_equal(judge_nr_leaks(j), 1);
    c = cause_of_leak(j, judge_leak(j, 0));
    assert_cause(c, function, kind);
    assert_true(c.missing);
}

static void test_leak_when_zapped_blames_zap(void **state)
{
    assert_leak(*state, EV_SWAP_GONE, PATH_ZAP, "zap_pte_range");
}

static void test_leak_when_advised_away_blames_madvise(void **state)
{
    assert_leak(*state, EV_SWAP_GONE, PATH_MADV_FREE, "madvise_free_pte_range");
}

static void test_leak_when_unused_blames_unuse_pte(void **state)
{
    assert_leak(*state, EV_SWAP_IN, PATH_SWAPOFF, "unuse_pte");
}

static void test_leak_when_unreadable_blames_unuse_pte(void **state)
{
    assert_leak(*state, EV_SWAP_GONE, PATH_SWAPOFF, "unuse_pte");
}

static void test_leak_when_migrated_blames_remove_migration_pte(void **state)
{
    assert_leak(*state, EV_MIGRATE_IN, PATH_MIGRATE_IN, "remove_migration_pte");
}

static void test_leak_when_not_migrated_blames_try_to_migrate(void **state)
{
    assert_leak(*state, EV_UNMAP_UNDO, PATH_MIGRATE_OUT, "try_to_migrate_one");
}

static void test_leak_when_not_unmapped_blames_try_to_unmap(void **state)
{
    assert_leak(*state, EV_UNMAP_UNDO, PATH_SWAP_OUT, "try_to_unmap_one");
}

static void test_leak_when_moved_blames_move_ptes(void **state)
{
    assert_leak(*state, EV_REMAP, PATH_MREMAP, "move_ptes");
}

static void test_leak_when_reachable_has_no_cause(void **state)
{
    struct judge *j = *state;

    swap_out(j);
    hub_event(judge_hub(j), &(struct event){.kind = EV_MM_EXIT, .mm = 1});
    assert_int_equal(judge_nr_leaks(j), 1);
    assert_int_equal(cause_of_leak(j, judge_leak(j, 0)).id, CAUSE_UNKNOWN);
}

/* Whatever can cut a copy off, on whatever path: the report says what. */
static void test_cut_when_any_has_a_cause(void **state)
{
    static const enum event_kind kinds[] = {
        EV_SWAP_GONE,    EV_SWAP_IN, EV_UNMAP_UNDO, EV_MIGRATE_IN,
        EV_MIGRATE_GONE, EV_REMAP,   EV_SLOT_FREE,  EV_STORE_ORPHAN};

    (void)state;
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        for (int path = 0; path < PATH_NR; path++)
            assert_int_not_equal(blame_of_cut(kinds[i], (enum mm_path)path),
                                 CAUSE_UNKNOWN);
    assert_int_equal(blame_of_cut(EV_VISIBLE, PATH_FAULT), CAUSE_UNKNOWN);
}

/* --------------------------------------------------------------- losses */

/* No path of the model does that: an error of ours, for --check to find. */
static void test_loss_without_a_story_has_no_cause(void **state)
{
    struct judge *j = *state;

    seen(j, 1, A, PATH_CHECK);
    assert_int_equal(judge_finding(j, 0)->nr_history, 0);
    assert_int_equal(only_loss(j).id, CAUSE_UNKNOWN);
}

static void test_loss_when_moved_blames_move_ptes(void **state)
{
    struct judge *j = *state;

    swap_out(j);
    hub_event(judge_hub(j), &(struct event){.kind = EV_REMAP,
                                            .path = PATH_MREMAP,
                                            .mm = 1,
                                            .va = A,
                                            .end = A + PAGE_SIZE,
                                            .to = B});
    hub_event(judge_hub(j), &(struct event){.kind = EV_SWAP_IN,
                                            .path = PATH_SWAP_IN,
                                            .mm = 1,
                                            .va = B,
                                            .pfn = 7});
    seen(j, 1, B, PATH_SWAP_IN);
    assert_cause(only_loss(j), "move_ptes", EV_REMAP);
}

static void test_loss_when_forked_blames_copy_nonpresent_pte(void **state)
{
    struct judge *j = *state;

    swap_out(j);
    hub_event(judge_hub(j), &(struct event){.kind = EV_MM_START, .mm = CHILD});
    hub_event(judge_hub(j), &(struct event){.kind = EV_FORK,
                                            .path = PATH_FORK,
                                            .mm = 1,
                                            .mm2 = CHILD,
                                            .va = A,
                                            .end = A + PAGE_SIZE});
    hub_event(judge_hub(j), &(struct event){.kind = EV_SWAP_IN,
                                            .path = PATH_SWAP_IN,
                                            .mm = CHILD,
                                            .va = A,
                                            .pfn = 7});
    seen(j, CHILD, A, PATH_SWAP_IN);
    assert_cause(only_loss(j), "copy_nonpresent_pte", EV_FORK);
}

/* Swapped out by the child, after the fork: not the fork's fault. */
static void test_loss_when_out_since_fork_is_not_the_forks(void **state)
{
    struct judge *j = *state;
    struct event ev = {.kind = EV_FORK,
                       .path = PATH_FORK,
                       .mm = 1,
                       .mm2 = CHILD,
                       .va = A,
                       .end = A + PAGE_SIZE};

    at(j, EV_SWAP_OUT, PATH_SWAP_OUT);
    at(j, EV_SWAP_IN, PATH_SWAP_IN);
    hub_event(judge_hub(j), &(struct event){.kind = EV_MM_START, .mm = CHILD});
    hub_event(judge_hub(j), &ev);
    ev = (struct event){
        .kind = EV_SWAP_OUT, .path = PATH_SWAP_OUT, .mm = CHILD, .va = A};
    hub_event(judge_hub(j), &ev);
    ev.kind = EV_SWAP_IN;
    ev.path = PATH_SWAP_IN;
    hub_event(judge_hub(j), &ev);
    seen(j, CHILD, A, PATH_SWAP_IN);
    assert_cause(only_loss(j), "try_to_unmap_one", EV_SWAP_OUT);
}

static void test_loss_when_unused_blames_unuse_pte(void **state)
{
    struct judge *j = *state;

    swap_out(j);
    at(j, EV_SWAP_IN, PATH_SWAPOFF);
    seen(j, 1, A, PATH_SWAPOFF);
    assert_cause(only_loss(j), "unuse_pte", EV_SWAP_IN);
}

static void test_loss_when_not_restored_blames_do_swap_page(void **state)
{
    struct judge *j = *state;

    swap_out(j);
    at(j, EV_SWAP_IN, PATH_SWAP_IN);
    seen(j, 1, A, PATH_MPROTECT);
    assert_cause(only_loss(j), "do_swap_page", EV_SWAP_IN);
}

static void test_loss_when_not_saved_blames_try_to_unmap(void **state)
{
    struct judge *j = *state;

    at(j, EV_SWAP_OUT, PATH_SWAP_OUT);
    at(j, EV_SWAP_IN, PATH_SWAP_IN);
    seen(j, 1, A, PATH_SWAP_IN);
    assert_cause(only_loss(j), "try_to_unmap_one", EV_SWAP_OUT);
}

static void buffer(struct judge *j, enum event_kind kind)
{
    hub_event(judge_hub(j), &(struct event){.kind = kind,
                                            .path = PATH_SWAP_IN,
                                            .mm = 1,
                                            .va = A,
                                            .end = A + (UINT64_C(8) << 20),
                                            .buf = 1});
}

/* A page that has no copy in the buffer takes the last user of it. */
static uint64_t take(struct judge *j, enum event_kind after)
{
    struct event taken = {.kind = EV_TAG_RESTORE,
                          .path = PATH_SWAP_IN,
                          .mm = 1,
                          .va = A + PAGE_SIZE,
                          .pfn = 9,
                          .buf = 1,
                          .users = 1};

    hub_event(judge_hub(j), &taken);
    buffer(j, after);
    return taken.nr;
}

static void save_in_buffer(struct judge *j)
{
    buffer(j, EV_STORE_ALLOC);
    hub_event(judge_hub(j), &(struct event){.kind = EV_TAG_SAVE,
                                            .path = PATH_SWAP_OUT,
                                            .mm = 1,
                                            .va = A,
                                            .pfn = 7,
                                            .buf = 1,
                                            .users = 2});
    at(j, EV_SWAP_OUT, PATH_SWAP_OUT);
}

static void test_loss_when_taken_by_another_blames_its_restore(void **state)
{
    struct judge *j = *state;
    struct cause c;
    uint64_t nr;

    save_in_buffer(j);
    nr = take(j, EV_STORE_FREE);
    at(j, EV_SWAP_IN, PATH_SWAP_IN);
    seen(j, 1, A, PATH_SWAP_IN);
    c = only_loss(j);
    assert_cause(c, "do_swap_page", EV_TAG_RESTORE);
    assert_int_equal(c.at.nr, nr);
    assert_int_equal(c.id, CAUSE_UNSAVED);
}

/* B20: what was lost with the descriptor is in its buffer all the same. */
static void test_loss_when_restored_late_is_forgiven(void **state)
{
    struct judge *j = *state;

    save_in_buffer(j);
    (void)take(j, EV_STORE_IDLE);
    hub_event(judge_hub(j), &(struct event){.kind = EV_TAG_RESTORE,
                                            .path = PATH_SWAP_IN,
                                            .mm = 1,
                                            .va = A,
                                            .pfn = 7,
                                            .buf = 1,
                                            .late = true});
    at(j, EV_SWAP_IN, PATH_SWAP_IN);
    seen(j, 1, A, PATH_SWAP_IN); /* with other tags: that cannot be */
    assert_int_equal(only_loss(j).id, CAUSE_UNKNOWN);
}

/* And of a buffer that is freed the kernel reads anything. */
static void test_loss_when_buffer_is_freed_blames_adi_restore_tags(void **state)
{
    struct judge *j = *state;

    save_in_buffer(j);
    (void)take(j, EV_STORE_FREE);
    at(j, EV_STORE_UAF, PATH_SWAP_IN);
    at(j, EV_SWAP_IN, PATH_SWAP_IN);
    seen(j, 1, A, PATH_SWAP_IN);
    assert_cause(only_loss(j), "adi_restore_tags", EV_STORE_UAF);
}

/* It releases the user of a third page, with the last of which that goes. */
static void test_loss_when_released_late_blames_adi_restore_tags(void **state)
{
    struct judge *j = *state;

    save_in_buffer(j);
    hub_event(judge_hub(j), &(struct event){.kind = EV_TAG_DROP,
                                            .path = PATH_SWAP_IN,
                                            .mm = 1,
                                            .va = B,
                                            .pfn = PFN_NONE,
                                            .buf = 1,
                                            .late = true});
    buffer(j, EV_STORE_FREE);
    at(j, EV_SWAP_IN, PATH_SWAP_IN);
    seen(j, 1, A, PATH_SWAP_IN);
    assert_cause(only_loss(j), "adi_restore_tags", EV_TAG_DROP);
}

/* B10: the child's own copy is put into the frame that both show. */
static void test_loss_when_another_restores_into_the_frame_blames_it(void **st)
{
    struct judge *j = *st;
    struct event other = {.kind = EV_TAG_RESTORE,
                          .path = PATH_SWAP_IN,
                          .mm = CHILD,
                          .va = B,
                          .pfn = 7};
    struct event migrated = {.kind = EV_MIGRATE_IN,
                             .path = PATH_MIGRATE_IN,
                             .mm = 1,
                             .va = A,
                             .pfn = 8};
    struct cause c;

    hub_event(judge_hub(j), &(struct event){.kind = EV_MM_START, .mm = CHILD});
    swap_out(j);
    at(j, EV_TAG_RESTORE, PATH_SWAP_IN);
    at(j, EV_SWAP_IN, PATH_SWAP_IN);
    hub_event(judge_hub(j), &(struct event){.kind = EV_TAG_SAVE,
                                            .path = PATH_SWAP_OUT,
                                            .mm = CHILD,
                                            .va = B,
                                            .pfn = 7});
    hub_event(judge_hub(j), &other);
    /* Its tags go along to another frame. */
    at(j, EV_MIGRATE_OUT, PATH_MIGRATE_OUT);
    hub_event(judge_hub(j), &migrated);
    seen(j, 1, A, PATH_CHECK);
    c = only_loss(j);
    assert_cause(c, "do_swap_page", EV_TAG_RESTORE);
    assert_int_equal(c.id, CAUSE_SHARED);
    assert_int_equal(c.at.nr, other.nr);
}

static void restore_into_frame_7(struct judge *j)
{
    struct event other = {.kind = EV_TAG_SAVE,
                          .path = PATH_SWAP_OUT,
                          .mm = CHILD,
                          .va = B,
                          .pfn = 7};

    hub_event(judge_hub(j), &(struct event){.kind = EV_MM_START, .mm = CHILD});
    hub_event(judge_hub(j), &other);
    other.kind = EV_TAG_RESTORE;
    hub_event(judge_hub(j), &other);
}

/* A page that was never away itself. */
static void test_loss_when_page_stayed_blames_who_restored_there(void **state)
{
    struct judge *j = *state;

    restore_into_frame_7(j);
    seen(j, 1, A, PATH_EXIT);
    assert_int_equal(only_loss(j).id, CAUSE_SHARED);
}

/* The same, and its copy is in another frame when somebody looks. */
static void test_loss_when_save_failed_and_copied_blames_the_same(void **state)
{
    struct judge *j = *state;

    hub_event(judge_hub(j), &(struct event){.kind = EV_TAG_SAVE_FAIL,
                                            .path = PATH_SWAP_OUT,
                                            .mm = 1,
                                            .va = A,
                                            .pfn = 7});
    restore_into_frame_7(j);
    seen_in(j, 1, A, PATH_COW, 8, none);
    assert_int_equal(only_loss(j).id, CAUSE_SHARED);
}

static void test_loss_when_frame_was_anothers_before_is_not_its(void **state)
{
    struct judge *j = *state;

    hub_event(judge_hub(j), &(struct event){.kind = EV_MM_START, .mm = CHILD});
    hub_event(judge_hub(j), &(struct event){.kind = EV_TAG_RESTORE,
                                            .path = PATH_SWAP_IN,
                                            .mm = CHILD,
                                            .va = B,
                                            .pfn = 7});
    swap_out(j);
    at(j, EV_TAG_RESTORE, PATH_SWAP_IN);
    at(j, EV_SWAP_IN, PATH_SWAP_IN);
    seen(j, 1, A, PATH_CHECK);
    assert_int_equal(only_loss(j).id, CAUSE_UNKNOWN);
}

/* B11, twice; in between another has restored into the frame of the time. */
static void test_stale_when_out_again_does_not_blame_the_old_frame(void **state)
{
    static const adi_tag_t old[ADI_TAGS_PER_PAGE] = {3};
    struct judge *j = *state;

    judge_tag_store(j, 1, A, 0, 0);
    at(j, EV_SWAP_OUT, PATH_SWAP_OUT);
    at(j, EV_SWAP_IN, PATH_SWAP_IN);
    seen_in(j, 1, A, PATH_SWAP_IN, 7, NULL);
    restore_into_frame_7(j);
    at(j, EV_SWAP_OUT, PATH_SWAP_OUT);
    at(j, EV_SWAP_IN, PATH_SWAP_IN);
    seen_in(j, 1, A, PATH_MPROTECT, 7, old);
    assert_int_equal(only_loss(j).id, CAUSE_UNMAP);
}

/* B17: v5.17 leaves the entry, and with it the tags. */
static void test_stale_when_truncated_blames_zap(void **state)
{
    static adi_tag_t old[ADI_TAGS_PER_PAGE] = {5};
    struct judge *j = *state;

    swap_out(j);
    at(j, EV_ZAP, PATH_TRUNCATE);
    at(j, EV_TAG_RESTORE, PATH_SWAP_IN);
    at(j, EV_SWAP_IN, PATH_SWAP_IN);
    seen_in(j, 1, A, PATH_SWAP_IN, 7, old);
    assert_cause(only_loss(j), "zap_pte_range", EV_ZAP);
    assert_int_equal(only_loss(j).id, CAUSE_TRUNCATE);
}

/* Object 4 is mapped at B; what is asked of is its second page. */
static void share(struct judge *j)
{
    hub_event(judge_hub(j), &(struct event){.kind = EV_SHARE,
                                            .mm = 1,
                                            .va = B,
                                            .end = B + 2 * PAGE_SIZE,
                                            .object = 4});
}

static void object_page(struct judge *j, enum event_kind kind,
                        enum mm_path path, pfn_t pfn, bool bare)
{
    hub_event(judge_hub(j), &(struct event){.kind = kind,
                                            .path = path,
                                            .object = 4,
                                            .va = PAGE_SIZE,
                                            .pfn = pfn,
                                            .bare = bare});
}

/* Shared memory: the object's page, wherever it is mapped. */
static void test_loss_when_shared_blames_shmem_writepage(void **state)
{
    struct judge *j = *state;

    share(j);
    judge_tag_store(j, 1, B + PAGE_SIZE, 5, 0);
    object_page(j, EV_SWAP_OUT, PATH_SHMEM_OUT, 7, false);
    object_page(j, EV_SWAP_IN, PATH_SHMEM_IN, 7, false);
    seen(j, 1, B + PAGE_SIZE, PATH_FAULT);
    assert_cause(only_loss(j), "shmem_writepage", EV_SWAP_OUT);
}

/* B22: the kernel's copy into a page in swap has left nothing to be saved. */
static void test_loss_when_page_went_out_bare_blames_who_wrote(void **state)
{
    struct judge *j = *state;

    share(j);
    judge_tag_store(j, 1, B + PAGE_SIZE, 5, 0);
    object_page(j, EV_TAGS_CLEARED, PATH_COPY_IN, 7, false);
    object_page(j, EV_SWAP_OUT, PATH_SHMEM_OUT, 7, true);
    object_page(j, EV_SWAP_IN, PATH_SHMEM_IN, 7, false);
    seen(j, 1, B + PAGE_SIZE, PATH_FAULT);
    assert_int_equal(only_loss(j).id, CAUSE_COPY_IN);
}

/* Nobody shows it while it migrates; its old frame is another's by then. */
static void test_stale_when_shared_moved_unmapped_does_not_blame_old_frame(
    void **state)
{
    static const adi_tag_t old[ADI_TAGS_PER_PAGE] = {3};
    struct judge *j = *state;

    share(j);
    judge_tag_store(j, 1, B + PAGE_SIZE, 0, 0);
    object_page(j, EV_SWAP_OUT, PATH_SHMEM_OUT, 7, false);
    object_page(j, EV_SWAP_IN, PATH_SHMEM_IN, 7, false);
    object_page(j, EV_CACHE_MOVED, PATH_NONE, 8, false);
    restore_into_frame_7(j);
    seen_in(j, 1, B + PAGE_SIZE, PATH_FAULT, 8, old);
    assert_int_equal(only_loss(j).id, CAUSE_SHMEM_OUT);
}

static void test_stale_when_zapped_before_blames_zap(void **state)
{
    static adi_tag_t old[ADI_TAGS_PER_PAGE] = {5};
    struct judge *j = *state;

    swap_out(j);
    at(j, EV_SWAP_GONE, PATH_ZAP);
    at(j, EV_ZAP, PATH_ZAP);
    at(j, EV_SWAP_OUT, PATH_SWAP_OUT);
    at(j, EV_SWAP_IN, PATH_SWAP_IN);
    at(j, EV_TAG_RESTORE, PATH_SWAP_IN);
    seen_in(j, 1, A, PATH_SWAP_IN, 7, old);
    assert_cause(only_loss(j), "zap_pte_range", EV_SWAP_GONE);
}

/* A hook that the profile has, and that leaves the copy all the same. */
static void test_leak_when_hooked_says_wrong(void **state)
{
    struct memory_config config = {
        .ram_bytes = 64 * PAGE_SIZE, .nr_nodes = 1, .hub = hub_create()};
    struct memory *mem = memory_create(&config);
    struct adi *adi = adi_create(mem, adi_profile_find("remap"));
    struct judge *j = start(config.hub, adi);
    struct cause c;

    (void)state;
    swap_out(j);
    at(j, EV_SWAP_GONE, PATH_ZAP);
    hub_event(config.hub, &(struct event){.kind = EV_MM_EXIT, .mm = 1});
    c = cause_of_leak(j, judge_leak(j, 0));
    assert_cause(c, "zap_pte_range", EV_SWAP_GONE);
    assert_false(c.missing);
    assert_non_null(strstr(c.what, "calls a hook"));
    memory_destroy(mem);
    judge_destroy(j);
    adi_destroy(adi);
    hub_destroy(config.hub);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, hub, hub_gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_leak_when_zapped_blames_zap),
        TEST(test_leak_when_advised_away_blames_madvise),
        TEST(test_leak_when_unused_blames_unuse_pte),
        TEST(test_leak_when_unreadable_blames_unuse_pte),
        TEST(test_leak_when_migrated_blames_remove_migration_pte),
        TEST(test_leak_when_not_migrated_blames_try_to_migrate),
        TEST(test_leak_when_not_unmapped_blames_try_to_unmap),
        TEST(test_leak_when_moved_blames_move_ptes),
        TEST(test_leak_when_reachable_has_no_cause),
        cmocka_unit_test(test_cut_when_any_has_a_cause),
        TEST(test_leak_when_hooked_says_wrong),
        TEST(test_loss_without_a_story_has_no_cause),
        TEST(test_loss_when_moved_blames_move_ptes),
        TEST(test_loss_when_forked_blames_copy_nonpresent_pte),
        TEST(test_loss_when_out_since_fork_is_not_the_forks),
        TEST(test_loss_when_unused_blames_unuse_pte),
        TEST(test_loss_when_not_restored_blames_do_swap_page),
        TEST(test_loss_when_not_saved_blames_try_to_unmap),
        TEST(test_loss_when_taken_by_another_blames_its_restore),
        TEST(test_loss_when_restored_late_is_forgiven),
        TEST(test_loss_when_buffer_is_freed_blames_adi_restore_tags),
        TEST(test_loss_when_released_late_blames_adi_restore_tags),
        TEST(test_loss_when_another_restores_into_the_frame_blames_it),
        TEST(test_loss_when_page_stayed_blames_who_restored_there),
        TEST(test_loss_when_save_failed_and_copied_blames_the_same),
        TEST(test_loss_when_frame_was_anothers_before_is_not_its),
        TEST(test_stale_when_out_again_does_not_blame_the_old_frame),
        TEST(test_stale_when_truncated_blames_zap),
        TEST(test_loss_when_shared_blames_shmem_writepage),
        TEST(test_loss_when_page_went_out_bare_blames_who_wrote),
        TEST(test_stale_when_shared_moved_unmapped_does_not_blame_old_frame),
        TEST(test_stale_when_zapped_before_blames_zap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
