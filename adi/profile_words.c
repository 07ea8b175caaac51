// SPDX-License-Identifier: GPL-2.0-or-later
#include "adi/profile_words.h"

#include "adi/store_linux.h"
#include "adi/store_remap.h"
#include "adi/store_swap.h"

static const struct profile_choice choices[] = {
    {STORE_DESCS, HOOK_UNMAP_SWAP, "save", linux_unmap_swap},
    {STORE_DESCS, HOOK_UNMAP_SWAP_UNDO, "drop", linux_drop_unmap},
    {STORE_DESCS, HOOK_UNMAP_MIGRATE, "save", linux_unmap_migrate},
    {STORE_DESCS, HOOK_UNMAP_MIGRATE_UNDO, "drop", linux_drop_migrate},
    {STORE_DESCS, HOOK_REMAP_MIGRATE, "drop", linux_drop_moved},
    {STORE_DESCS, HOOK_SWAPIN_EARLY, "restore", linux_do_swap_page},
    {STORE_DESCS, HOOK_SWAPIN_LATE, "restore", linux_do_swap_page},
    {STORE_DESCS, HOOK_UNUSE, "restore", linux_restore_unuse},
    {STORE_DESCS, HOOK_UNUSE_LOST, "drop", linux_drop_unuse},
    {STORE_DESCS, HOOK_ZAP_SWAP, "drop", linux_drop_zap},
    {STORE_DESCS, HOOK_ZAP_MIGRATE, "drop", linux_drop_zap},
    {STORE_DESCS, HOOK_FREE_SWAP, "drop", linux_drop_free},
    {STORE_DESCS, HOOK_FORK_SWAP, "copy", linux_copy_fork},
    {STORE_DESCS, HOOK_MOVE_SWAP, "move", linux_move_mremap},

    {STORE_PAGES, HOOK_UNMAP_SWAP, "save", remap_unmap},
    {STORE_PAGES, HOOK_UNMAP_SWAP_UNDO, "drop", remap_unmap_undo},
    {STORE_PAGES, HOOK_SWAP_READ, "clear", remap_swap_read},
    {STORE_PAGES, HOOK_SWAPIN_EARLY, "restore", remap_swapin},
    {STORE_PAGES, HOOK_SWAPIN_LATE, "restore", remap_swapin},
    {STORE_PAGES, HOOK_UNUSE, "restore", remap_unuse},
    {STORE_PAGES, HOOK_UNUSE_LOST, "drop", remap_unuse_lost},
    {STORE_PAGES, HOOK_ZAP_SWAP, "drop", remap_zap},
    {STORE_PAGES, HOOK_FREE_SWAP, "drop", remap_free_swap},
    {STORE_PAGES, HOOK_FORK_SWAP, "copy", remap_fork},
    {STORE_PAGES, HOOK_MOVE_SWAP, "move", remap_move},
    {STORE_PAGES, HOOK_SHMEM_OUT, "save", remap_shmem_out},
    {STORE_PAGES, HOOK_SHMEM_IN, "restore", remap_shmem_in},
    {STORE_PAGES, HOOK_SHMEM_GONE, "drop", remap_shmem_gone},

    {STORE_SLOTS, HOOK_SWAP_WRITE, "save", swapkey_save},
    {STORE_SLOTS, HOOK_SWAP_READ, "clear", swapkey_swap_read},
    {STORE_SLOTS, HOOK_SWAP_RESTORE, "restore", swapkey_restore},
    {STORE_SLOTS, HOOK_SWAPIN_EARLY, "restore", swapkey_restore},
    {STORE_SLOTS, HOOK_SWAPIN_SET_PTE, "restore", swapkey_restore},
    {STORE_SLOTS, HOOK_SWAPIN_LATE, "restore", swapkey_restore},
    {STORE_SLOTS, HOOK_UNUSE, "restore", swapkey_unuse},
    {STORE_SLOTS, HOOK_SHMEM_IN, "restore", swapkey_restore},
    {STORE_SLOTS, HOOK_SWAP_INVALIDATE, "drop", swapkey_invalidate},
    {STORE_SLOTS, HOOK_SWAP_INVALIDATE_AREA, "drop", swapkey_invalidate_area},
};

/* As docs/judge-a-patch.md has them. */
static const struct {
    const char *name, *where;
} hooks[HOOK_NR] = {
    [HOOK_UNMAP_SWAP] = {"unmap_swap", "try_to_unmap_one, the PTE is cleared"},
    [HOOK_UNMAP_SWAP_UNDO] = {"unmap_swap_undo",
                              "a later step failed, the PTE is put back"},
    [HOOK_UNMAP_MIGRATE] = {"unmap_migrate", "try_to_migrate_one"},
    [HOOK_UNMAP_MIGRATE_UNDO] = {"unmap_migrate_undo",
                                 "a later step failed, the PTE is put back"},
    [HOOK_SWAPIN_EARLY] = {"swapin_early",
                           "do_swap_page, before the PTE is visible"},
    [HOOK_SWAPIN_SET_PTE] = {"swapin_set_pte",
                             "do_swap_page, as part of set_pte_at"},
    [HOOK_SWAPIN_LATE] = {"swapin_late", "do_swap_page, after set_pte_at"},
    [HOOK_UNUSE] = {"unuse", "unuse_pte (swapoff), before the PTE is visible"},
    [HOOK_UNUSE_LOST] = {"unuse_lost", "unuse_pte, the page could not be read"},
    [HOOK_REMAP_MIGRATE] = {"remap_migrate", "remove_migration_pte"},
    [HOOK_ZAP_SWAP] = {"zap_swap", "zap_pte_range, a swap entry"},
    [HOOK_ZAP_MIGRATE] = {"zap_migrate", "zap_pte_range, a migration entry"},
    [HOOK_FREE_SWAP] = {"free_swap", "madvise_free_pte_range"},
    [HOOK_FORK_SWAP] = {"fork_swap", "copy_nonpresent_pte"},
    [HOOK_FORK_MIGRATE] = {"fork_migrate",
                           "copy_nonpresent_pte, a migration entry"},
    [HOOK_MOVE_SWAP] = {"move_swap", "move_ptes (mremap)"},
    [HOOK_MOVE_MIGRATE] = {"move_migrate", "move_ptes, a migration entry"},
    [HOOK_SWAP_WRITE] = {"swap_write", "swap_writepage"},
    [HOOK_SWAP_RESTORE] = {"swap_restore", "do_swap_page, before swap_free"},
    [HOOK_SWAP_INVALIDATE] = {"swap_invalidate", "swap_range_free"},
    [HOOK_SWAP_INVALIDATE_AREA] = {"swap_invalidate_area",
                                   "swapoff, the whole device"},
    [HOOK_SWAP_READ] = {"swap_read", "a frame was filled from the device"},
    [HOOK_SHMEM_OUT] = {"shmem_out", "shmem_writepage"},
    [HOOK_SHMEM_IN] = {"shmem_in", "shmem_swapin_folio"},
    [HOOK_SHMEM_GONE] = {"shmem_gone", "shmem_free_swap"},
};

static const struct {
    const char *name, *about;
} policies[] = {
#define X(name, about) {#name, about},
    MM_POLICY_WORDS(X)
#undef X
};

static const struct {
    enum adi_store_kind kind;
    const char *word, *about;
} stores[] = {
    {STORE_DESCS, "va", "descriptors of an address space, as Linux has them"},
    {STORE_PAGES, "page", "a copy for each page of an address space"},
    {STORE_SLOTS, "slot", "a copy for each swap slot"},
};

#define NR_CHOICES  (sizeof(choices) / sizeof(choices[0]))
#define NR_POLICIES (sizeof(policies) / sizeof(policies[0]))
#define NR_STORES   (sizeof(stores) / sizeof(stores[0]))

const struct profile_choice *profile_choice_at(enum adi_store_kind store,
                                               enum arch_hook hook)
{
    for (size_t i = 0; i < NR_CHOICES; i++)
        if (choices[i].store == store && choices[i].hook == hook)
            return &choices[i];
    return NULL;
}

const char *profile_hook_name(enum arch_hook hook)
{
    return hooks[hook].name;
}

/* ------------------------------------------------------------------ a list */

#define WIDTH 37 /* of what is written in a file */

/* What is done there is called the same in each store that does it. */
static const char *choice_word(enum arch_hook hook)
{
    for (size_t i = 0; i < NR_CHOICES; i++)
        if (choices[i].hook == hook)
            return choices[i].word;
    return NULL;
}

/* "hook zap_swap none|drop      zap_pte_range, a swap entry (va, page)" */
static void print_hook(enum arch_hook hook, FILE *out)
{
    const char *word = choice_word(hook), *lead = " (";
    int len = fprintf(out, "hook %s none%s%s", hooks[hook].name,
                      word ? "|" : "", word ? word : "");

    fprintf(out, "%*s%s", WIDTH - len, "", hooks[hook].where);
    for (size_t i = 0; i < NR_STORES; i++)
        if (profile_choice_at(stores[i].kind, hook)) {
            fprintf(out, "%s%s", lead, stores[i].word);
            lead = ", ";
        }
    fputs(word ? ")\n" : "\n", out);
}

void profile_words_print(FILE *out)
{
    fprintf(out, "%-*s%s\n%-*s%s\n", WIDTH, "name NAME", "in reports", WIDTH,
            "kernel PROFILE", "the built-in profile that it begins as");
    for (size_t i = 0; i < NR_STORES; i++)
        fprintf(out, "store %-*s%s\n", WIDTH - 6, stores[i].word,
                stores[i].about);
    for (int h = 0; h < HOOK_NR; h++)
        print_hook((enum arch_hook)h, out);
    for (size_t i = 0; i < NR_POLICIES; i++) {
        int len = fprintf(out, "policy %s on|off", policies[i].name);

        fprintf(out, "%*s%s\n", WIDTH - len, "", policies[i].about);
    }
}
