// SPDX-License-Identifier: GPL-2.0-or-later
#include "adi/profile_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "adi/store_linux.h"
#include "adi/store_remap.h"
#include "adi/store_swap.h"

#define MAX_WORDS 3
#define MAX_LINE  256

/* A name is that of a file, too, and a word of lists. */
#define NAME_CHARS                                                             \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

/* What a store can do at a hook. */
struct choice {
    enum adi_store_kind store;
    enum arch_hook hook;
    const char *word;
    adi_hook_fn function;
};

static const struct choice choices[] = {
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

#define NR_CHOICES (sizeof(choices) / sizeof(choices[0]))

static const char *const hook_names[HOOK_NR] = {
    [HOOK_UNMAP_SWAP] = "unmap_swap",
    [HOOK_UNMAP_SWAP_UNDO] = "unmap_swap_undo",
    [HOOK_UNMAP_MIGRATE] = "unmap_migrate",
    [HOOK_UNMAP_MIGRATE_UNDO] = "unmap_migrate_undo",
    [HOOK_SWAPIN_EARLY] = "swapin_early",
    [HOOK_SWAPIN_SET_PTE] = "swapin_set_pte",
    [HOOK_SWAPIN_LATE] = "swapin_late",
    [HOOK_UNUSE] = "unuse",
    [HOOK_UNUSE_LOST] = "unuse_lost",
    [HOOK_REMAP_MIGRATE] = "remap_migrate",
    [HOOK_ZAP_SWAP] = "zap_swap",
    [HOOK_ZAP_MIGRATE] = "zap_migrate",
    [HOOK_FREE_SWAP] = "free_swap",
    [HOOK_FORK_SWAP] = "fork_swap",
    [HOOK_FORK_MIGRATE] = "fork_migrate",
    [HOOK_MOVE_SWAP] = "move_swap",
    [HOOK_MOVE_MIGRATE] = "move_migrate",
    [HOOK_SWAP_WRITE] = "swap_write",
    [HOOK_SWAP_RESTORE] = "swap_restore",
    [HOOK_SWAP_INVALIDATE] = "swap_invalidate",
    [HOOK_SWAP_INVALIDATE_AREA] = "swap_invalidate_area",
    [HOOK_SWAP_READ] = "swap_read",
    [HOOK_SHMEM_OUT] = "shmem_out",
    [HOOK_SHMEM_IN] = "shmem_in",
    [HOOK_SHMEM_GONE] = "shmem_gone",
};

struct reader {
    struct profile_file *out;
    struct profile_error *err;
    bool has_kernel;
    unsigned nr_words;
    char *words[MAX_WORDS];
};

static int wrong(struct reader *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int wrong(struct reader *r, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(r->err->text, sizeof(r->err->text), fmt, ap);
    va_end(ap);
    return -EBADMSG;
}

/* ------------------------------------------------------------------- words */

static int read_name(struct reader *r)
{
    if (strlen(r->words[1]) >= sizeof(r->out->name))
        return wrong(r, "\"%.20s...\", expected at most %zu characters",
                     r->words[1], sizeof(r->out->name) - 1);
    if (r->words[1][strspn(r->words[1], NAME_CHARS)] != '\0' ||
        r->words[1][0] == '.')
        return wrong(r, "a name, expected letters, digits, \"-\", \"_\" and "
                        "\".\"");
    if (adi_profile_find(r->words[1]))
        return wrong(r, "\"%s\", expected a name that no profile has",
                     r->words[1]);
    strcpy(r->out->name, r->words[1]);
    return 0;
}

static int read_kernel(struct reader *r)
{
    const struct adi_profile *from = adi_profile_find(r->words[1]);

    if (!from)
        return wrong(r, "\"%.60s\", expected the name of a profile",
                     r->words[1]);
    if (r->has_kernel)
        return wrong(r, "\"kernel\", expected it once, before hooks, store "
                        "and policies");
    r->has_kernel = true;
    r->out->profile = *from;
    return 0;
}

/* It begins without any hook. */
static int read_store(struct reader *r)
{
    static const struct {
        const char *word;
        const struct adi_store *store;
    } stores[] = {
        {"va", &store_linux}, {"page", &store_remap}, {"slot", &store_swap}};

    for (size_t i = 0; i < sizeof(stores) / sizeof(stores[0]); i++) {
        if (strcmp(r->words[1], stores[i].word) != 0)
            continue;
        r->out->profile.store = stores[i].store;
        memset(r->out->profile.hooks, 0, sizeof(r->out->profile.hooks));
        return 0;
    }
    return wrong(r, "\"%.60s\", expected va, page or slot", r->words[1]);
}

static int read_policy(struct reader *r)
{
    struct mm_policy *policy = &r->out->profile.policy;
    bool on = strcmp(r->words[2], "on") == 0;

    if (!on && strcmp(r->words[2], "off") != 0)
        return wrong(r, "\"%.60s\", expected on or off", r->words[2]);
#define X(word, has)                                                           \
    if (strcmp(r->words[1], #word) == 0) {                                     \
        policy->word = on;                                                     \
        return 0;                                                              \
    }
    MM_POLICIES(X, 0)
#undef X
    return wrong(r, "\"%.60s\", expected a word of mm/policy.h", r->words[1]);
}

/* What the store can do there, for who asked for something else. */
static int no_choice(struct reader *r, enum arch_hook hook)
{
    const char *can = NULL;

    for (size_t i = 0; i < NR_CHOICES; i++)
        if (choices[i].store == r->out->profile.store->kind &&
            choices[i].hook == hook)
            can = choices[i].word;
    if (!can)
        return wrong(r, "\"%s\", which this store has no function for",
                     hook_names[hook]);
    return wrong(r, "\"%.60s\", expected none or %s", r->words[2], can);
}

static int read_hook(struct reader *r)
{
    struct adi_profile *p = &r->out->profile;
    enum arch_hook hook = 0;

    while (hook < HOOK_NR && strcmp(r->words[1], hook_names[hook]) != 0)
        hook++;
    if (hook == HOOK_NR)
        return wrong(r, "\"%.60s\", expected the name of a hook", r->words[1]);
    if (strcmp(r->words[2], "none") == 0) {
        p->hooks[hook] = NULL;
        return 0;
    }
    for (size_t i = 0; i < NR_CHOICES; i++)
        if (choices[i].store == p->store->kind && choices[i].hook == hook &&
            strcmp(choices[i].word, r->words[2]) == 0) {
            p->hooks[hook] = choices[i].function;
            return 0;
        }
    return no_choice(r, hook);
}

static const struct keyword {
    const char *word;
    unsigned nr_words; /* with it */
    bool needs_kernel;
    int (*read)(struct reader *r);
} keywords[] = {
    {"name", 2, false, read_name},  {"kernel", 2, false, read_kernel},
    {"store", 2, true, read_store}, {"policy", 3, true, read_policy},
    {"hook", 3, true, read_hook},
};

/* ------------------------------------------------------------------- lines */

static int read_words(struct reader *r)
{
    const struct keyword *k = keywords;

    while (k < keywords + sizeof(keywords) / sizeof(keywords[0]) &&
           strcmp(k->word, r->words[0]) != 0)
        k++;
    if (k == keywords + sizeof(keywords) / sizeof(keywords[0]))
        return wrong(r,
                     "\"%.60s\", expected name, kernel, store, hook or "
                     "policy",
                     r->words[0]);
    if (r->nr_words != k->nr_words)
        return wrong(r, "\"%s\", expected %u word%s behind it", k->word,
                     k->nr_words - 1, k->nr_words == 2 ? "" : "s");
    if (k->needs_kernel && !r->has_kernel)
        return wrong(r, "\"%s\", expected \"kernel\" before it", k->word);
    return k->read(r);
}

static int read_line(struct reader *r, char *line)
{
    char *save = NULL;

    line[strcspn(line, "#")] = '\0';
    r->nr_words = 0;
    for (char *word = strtok_r(line, " \t\r", &save); word;
         word = strtok_r(NULL, " \t\r", &save)) {
        if (r->nr_words == MAX_WORDS)
            return wrong(r, "\"%.60s\", expected the end of the line", word);
        r->words[r->nr_words++] = word;
    }
    return r->nr_words ? read_words(r) : 0;
}

int profile_file_parse(const char *text, size_t len, struct profile_file *out,
                       struct profile_error *err)
{
    struct reader r = {.out = out, .err = err};
    const char *end = text + len;
    char line[MAX_LINE];

    *out = (struct profile_file){.name = "patched"};
    err->line = 0;
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t n = (size_t)((newline ? newline : end) - text);

        err->line++;
        if (n >= sizeof(line) || memchr(text, '\0', n))
            return wrong(&r, "a line of %zu bytes, expected one of text", n);
        memcpy(line, text, n);
        line[n] = '\0';
        if (read_line(&r, line) != 0)
            return -EBADMSG;
        text += n + (newline != NULL);
    }
    if (!r.has_kernel)
        return wrong(&r, "the end, expected \"kernel\" and a profile");
    snprintf(out->summary, sizeof(out->summary), "%s, changed by a file",
             out->profile.name);
    out->profile.name = out->name;
    out->profile.also = NULL;
    out->profile.summary = out->summary;
    return 0;
}
