/*
 * adi/profile.h - which hook a kernel runs where, as a table
 *
 * Owns:    the list of profiles
 * Used by: adi/adi.c dispatches through it; cli/ lists them
 *
 * Nothing else in the code asks which profile is on.
 */
#pragma once

#include "mm/memory.h"
#include "mm/ops.h"

struct adi;

typedef int (*adi_hook_fn)(struct adi *adi, const struct hook_args *args);

struct adi_profile {
    const char *name;
    const char *summary; /* one line */
    struct mm_policy policy;
    adi_hook_fn hooks[HOOK_NR]; /* NULL: the kernel does nothing there */
    /* What the store has for a page that is in swap; see adi_saved_tags(). */
    bool (*saved)(struct adi *adi, const struct mm *mm, gva_t va,
                  swp_entry_t entry, adi_tag_t tags[static ADI_TAGS_PER_PAGE]);
    /* Life of the per-mm part of the store. */
    int (*mm_init)(struct adi *adi, struct mm *mm);
    void (*mm_exit)(struct adi *adi, struct mm *mm);
};

/* adi_profile_find - by name, or NULL */
const struct adi_profile *adi_profile_find(const char *name);

/* adi_profile_nth - all of them, in order; NULL at the end */
const struct adi_profile *adi_profile_nth(unsigned n);

const struct adi_profile *adi_profile_default(void);
