/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adi/profile.h - a kernel, as a table: its hooks, its tag store, its bugs
 *
 * Owns:    the list of profiles
 * Used by: adi/adi.c dispatches through it; check/ asks for store and bugs,
 *          judge/ for hooks, emu/machine.c for uname; cli/ lists them;
 *          script/alone.c, emu/internal.h, api/; explore/
 *
 * Nothing else in the code asks which profile is on, or knows one by name.
 */
#pragma once

#include "mm/memory.h"
#include "mm/ops.h"

struct adi;

typedef int (*adi_hook_fn)(struct adi *adi, const struct hook_args *args);

/* What finds the copy of a page that is away. */
enum adi_store_kind {
    STORE_DESCS, /* descriptors of an address space, with users */
    STORE_PAGES, /* the page of an address space */
    STORE_SLOTS, /* the swap slot */
};

/* A tag store; what is kept when, and for how long, the hooks decide. */
struct adi_store {
    enum adi_store_kind kind;
    /* What the store has for a page that is in swap; see adi_saved_tags(). */
    bool (*saved)(struct adi *adi, const struct mm *mm, gva_t va,
                  swp_entry_t entry, adi_tag_t tags[static ADI_TAGS_PER_PAGE]);
    /* Life of the per-mm part; NULL: there is none. */
    int (*mm_init)(struct adi *adi, struct mm *mm);
    void (*mm_exit)(struct adi *adi, struct mm *mm);
};

/* A set of bugs: bit n stands for Bn of docs/profiles.md. */
#define BUG(n) (UINT32_C(1) << (n))

struct adi_profile {
    const char *name;
    const char *also;    /* an older name of it; NULL: none */
    const char *summary; /* one line */
    const char *release; /* uname -r: the version that was read */
    uint32_t version; /* of a Linux as it is: KERNEL(major, minor, 0); or 0 */
    bool longterm;    /* one that kernel.org keeps up for years */
    const struct adi_store *store;
    uint32_t bugs; /* that it has, and the model can show */
    struct mm_policy policy;
    adi_hook_fn hooks[HOOK_NR]; /* NULL: the kernel does nothing there */
};

/* adi_profile_find - by name, this or the older one; or NULL */
const struct adi_profile *adi_profile_find(const char *name);

/*
 * adi_profile_nearest - the Linux to stand for a host
 *
 * @release: what its uname -r says
 * Returns the newest that is not newer than @release, else the oldest; NULL
 * when that begins with no "MAJOR.MINOR".
 */
const struct adi_profile *adi_profile_nearest(const char *release);

/* adi_profile_nth - all of them, in order; NULL at the end */
const struct adi_profile *adi_profile_nth(unsigned n);

const struct adi_profile *adi_profile_default(void);
