// SPDX-License-Identifier: GPL-2.0-or-later
#include "adi/profile.h"

#include <ctype.h>
#include <string.h>

#include "adi/store_linux.h"
#include "adi/store_remap.h"
#include "adi/store_swap.h"

/* Of the kernel's own stores to pages, whatever store of tags it has. */
#define BUGS_COPY (BUG(21) | BUG(22))

/* Of the save at each unmap and the restore in do_swap_page alone. */
#define BUGS_LINUX                                                             \
    (BUG(1) | BUG(2) | BUG(3) | BUG(4) | BUG(5) | BUG(6) | BUG(8) | BUG(9) |   \
     BUG(10) | BUG(11) | BUG(12) | BUG(14) | BUG(15) | BUG(16) | BUG(20))

/* Of the core alone: B7 takes a save that fails. */
#define BUGS_SAVES(v) (UNTIL(v, 5, 19) ? BUG(7) : 0)
#define BUGS_CORE(v)                                                           \
    ((UNTIL(v, 5, 18) ? BUG(17) : 0) | (SINCE(v, 6, 6) ? BUG(28) : 0))

/* https://www.kernel.org/category/releases.html */
#define LONGTERM(v)                                                            \
    ((v) == KERNEL(5, 15, 0) || (v) == KERNEL(6, 1, 0) ||                      \
     (v) == KERNEL(6, 6, 0) || (v) == KERNEL(6, 12, 0) ||                      \
     (v) == KERNEL(6, 18, 0))

/*
 * Linux: saved in both unmaps, restored in do_swap_page and nowhere else.
 * arch/sparc/kernel/adi_64.c is the same in all of these.
 */
#define LINUX(major, minor, patch)                                             \
    {                                                                          \
        .name = "linux-" #major "." #minor,                                    \
        .summary = "hooks and tag store exactly as in Linux v" #major          \
                   "." #minor ", bugs included",                               \
        .release = #major "." #minor "." #patch,                               \
        .version = KERNEL(major, minor, 0),                                    \
        .longterm = LONGTERM(KERNEL(major, minor, 0)), .store = &store_linux,  \
        .bugs = BUGS_COPY | BUGS_LINUX |                                       \
                BUGS_SAVES(KERNEL(major, minor, patch)) |                      \
                BUGS_CORE(KERNEL(major, minor, patch)),                        \
        .policy = MM_POLICY_OF(KERNEL(major, minor, patch)),                   \
        .hooks = {                                                             \
            [HOOK_UNMAP_SWAP] = linux_unmap_swap,                              \
            [HOOK_UNMAP_MIGRATE] = linux_unmap_migrate,                        \
            [HOOK_SWAPIN_LATE] = linux_do_swap_page,                           \
        },                                                                     \
    }

/*
 * As arm64 keeps MTE tags: with the slot, from the write of the page until
 * the slot is free.  Fork, mremap and zap need no hook of their own.
 */
#define MTE_HOOKS                                                              \
    [HOOK_SWAP_WRITE] = swapkey_save, [HOOK_SWAP_READ] = swapkey_swap_read,    \
    [HOOK_UNUSE] = swapkey_unuse, [HOOK_SWAP_INVALIDATE] = swapkey_invalidate, \
    [HOOK_SWAP_INVALIDATE_AREA] = swapkey_invalidate_area

/* arch_swap_restore() in do_swap_page, before swap_free(). */
#define MTE(major, minor, patch, older_name)                                   \
    {                                                                          \
        .name = "mte-" #major "." #minor, .also = older_name,                  \
        .summary =                                                             \
            "store keyed by swap entry, as arm64 has it for MTE in v" #major   \
            "." #minor,                                                        \
        .release = #major "." #minor "." #patch, .store = &store_swap,         \
        .bugs = BUGS_COPY | BUGS_CORE(KERNEL(major, minor, patch)),            \
        .policy = MM_POLICY_OF(KERNEL(major, minor, patch)),                   \
        .hooks = {MTE_HOOKS, [HOOK_SWAP_RESTORE] = swapkey_restore},           \
    }

static const struct adi_profile profiles[] = {
    /* The fix by arch_remap_one: each save has its end.  Migration saves
     * nothing: copy_highpage() moves the tags with the frame. */
    {
        .name = "remap",
        .summary = "per-page store of each mm, with arch_remap_one and friends",
        .release = "6.2.0",
        .store = &store_remap,
        .bugs = BUGS_COPY,
        .policy = MM_POLICY_OF(KERNEL(6, 2, 0)),
        .hooks =
            {
                [HOOK_UNMAP_SWAP] = remap_unmap,
                [HOOK_UNMAP_SWAP_UNDO] = remap_unmap_undo,
                [HOOK_SWAP_READ] = remap_swap_read,
                [HOOK_SWAPIN_EARLY] = remap_swapin,
                [HOOK_UNUSE] = remap_unuse,
                [HOOK_UNUSE_LOST] = remap_unuse_lost,
                [HOOK_ZAP_SWAP] = remap_zap,
                [HOOK_FREE_SWAP] = remap_free_swap,
                [HOOK_FORK_SWAP] = remap_fork,
                [HOOK_MOVE_SWAP] = remap_move,
                [HOOK_SHMEM_OUT] = remap_shmem_out,
                [HOOK_SHMEM_IN] = remap_shmem_in,
                [HOOK_SHMEM_GONE] = remap_shmem_gone,
            },
    },
    LINUX(5, 14, 0),
    LINUX(5, 15, 0),
    LINUX(5, 17, 0),
    LINUX(6, 1, 192),
    LINUX(6, 2, 0),
    LINUX(6, 6, 0),
    LINUX(6, 12, 117),
    LINUX(6, 18, 15),
    LINUX(7, 1, 8),
    /* Before arch_swap_restore() came to do_swap_page: set_pte_at() looks for
     * the copy after swap_free() may have dropped it. */
    {
        .name = "mte-5.18",
        .also = "swap-keyed-5.18",
        .summary = "as mte-6.6, with the order of v5.18..v6.4: swap_free first",
        .release = "5.18.0",
        .store = &store_swap,
        .bugs = BUGS_COPY | BUG(18),
        .policy = MM_POLICY_OF(KERNEL(5, 18, 0)),
        .hooks =
            {
                MTE_HOOKS,
                [HOOK_SWAPIN_SET_PTE] = swapkey_restore,
                [HOOK_SHMEM_IN] = swapkey_restore,
            },
    },
    /* set_pte_at() looks once more here, and finds it done. */
    MTE(6, 1, 192, NULL),
    MTE(6, 6, 0, "swap-keyed"),
    MTE(6, 12, 117, NULL),
};

#define NR_PROFILES (sizeof(profiles) / sizeof(profiles[0]))

const struct adi_profile *adi_profile_nth(unsigned n)
{
    return n < NR_PROFILES ? &profiles[n] : NULL;
}

const struct adi_profile *adi_profile_find(const char *name)
{
    for (unsigned n = 0; n < NR_PROFILES; n++)
        if (strcmp(profiles[n].name, name) == 0 ||
            (profiles[n].also && strcmp(profiles[n].also, name) == 0))
            return &profiles[n];
    return NULL;
}

/* The number at *@at, behind which it leaves *@at; false: there is none. */
static bool read_part(const char **at, uint32_t *n)
{
    if (!isdigit((unsigned char)**at))
        return false;
    for (*n = 0; isdigit((unsigned char)**at); ++*at)
        *n = *n < 0xff ? *n * 10 + (uint32_t)(**at - '0') : 0xff;
    if (*n > 0xff)
        *n = 0xff; /* as much as KERNEL() has room for */
    return true;
}

const struct adi_profile *adi_profile_nearest(const char *release)
{
    const struct adi_profile *oldest = NULL, *best = NULL;
    uint32_t major, minor, version;

    if (!read_part(&release, &major) || *release++ != '.' ||
        !read_part(&release, &minor))
        return NULL;
    version = KERNEL(major, minor, 0);
    for (unsigned n = 0; n < NR_PROFILES; n++) {
        const struct adi_profile *p = &profiles[n];

        if (!p->version)
            continue;
        if (!oldest || p->version < oldest->version)
            oldest = p;
        if (p->version <= version && (!best || p->version > best->version))
            best = p;
    }
    return best ? best : oldest;
}

const struct adi_profile *adi_profile_default(void)
{
    return &profiles[0];
}
