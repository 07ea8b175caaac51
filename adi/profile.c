#include "adi/profile.h"

#include <string.h>

#include "adi/store_linux.h"
#include "adi/store_remap.h"

/* Linux v6.2: saved in both unmaps, restored in do_swap_page and nowhere
 * else. */
static const struct adi_profile linux_6_2 = {
    .name = "linux-6.2",
    .summary = "hooks and tag store exactly as in Linux v6.2, bugs included",
    .policy = {.anon_exclusive = true,
               .unmap_undo_swap = true,
               .delay_rmap = true},
    .mm_init = linux_store_init,
    .mm_exit = linux_store_exit,
    .hooks =
        {
            [HOOK_UNMAP_SWAP] = linux_unmap_swap,
            [HOOK_UNMAP_MIGRATE] = linux_unmap_migrate,
            [HOOK_SWAPIN_LATE] = linux_do_swap_page,
        },
};

/* The fix by arch_remap_one: each save has its end.  Migration saves
 * nothing: copy_highpage() moves the tags with the frame. */
static const struct adi_profile remap = {
    .name = "remap",
    .summary = "per-page store of each mm, with arch_remap_one and friends",
    .policy = {.anon_exclusive = true,
               .unmap_undo_swap = true,
               .delay_rmap = true},
    .mm_init = remap_mm_init,
    .mm_exit = remap_mm_exit,
    .hooks =
        {
            [HOOK_UNMAP_SWAP] = remap_unmap,
            [HOOK_UNMAP_SWAP_UNDO] = remap_unmap_undo,
            [HOOK_SWAP_READ] = remap_swap_read,
            [HOOK_SWAPIN_EARLY] = remap_swapin,
            [HOOK_UNUSE] = remap_unuse,
            [HOOK_ZAP_SWAP] = remap_zap,
            [HOOK_FREE_SWAP] = remap_free_swap,
            [HOOK_FORK_SWAP] = remap_fork,
            [HOOK_MOVE_SWAP] = remap_move,
            [HOOK_SHMEM_OUT] = remap_shmem_out,
            [HOOK_SHMEM_IN] = remap_shmem_in,
            [HOOK_SHMEM_GONE] = remap_shmem_gone,
        },
};

static const struct adi_profile *const profiles[] = {&linux_6_2, &remap};

#define NR_PROFILES (sizeof(profiles) / sizeof(profiles[0]))

const struct adi_profile *adi_profile_nth(unsigned n)
{
    return n < NR_PROFILES ? profiles[n] : NULL;
}

const struct adi_profile *adi_profile_find(const char *name)
{
    for (unsigned n = 0; n < NR_PROFILES; n++)
        if (strcmp(profiles[n]->name, name) == 0)
            return profiles[n];
    return NULL;
}

const struct adi_profile *adi_profile_default(void)
{
    return &remap;
}
