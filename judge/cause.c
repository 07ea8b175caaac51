// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/cause.h"

#include "adi/adi.h"
#include "adi/profile.h"
#include "judge/internal.h"

static const struct cause causes[] = {
#define CAUSE(cause, text, fn, no_hook, bad_hook)                              \
    [CAUSE_##cause] = {                                                        \
        .id = CAUSE_##cause, .name = text, .function = fn, .what = no_hook},
#include "judge/cause.def"
#undef CAUSE
};

static const char *const with_hook[] = {
#define CAUSE(cause, text, fn, no_hook, bad_hook) [CAUSE_##cause] = bad_hook,
#include "judge/cause.def"
#undef CAUSE
};

/* The hook at each place that the report may name; HOOK_NR: there is none. */
static const enum arch_hook cause_hook[CAUSE_NR] = {
    [CAUSE_UNMAP] = HOOK_UNMAP_SWAP,
    [CAUSE_UNMAP_UNDO] = HOOK_UNMAP_SWAP_UNDO,
    [CAUSE_MIGRATE_UNDO] = HOOK_UNMAP_MIGRATE_UNDO,
    [CAUSE_MIGRATE] = HOOK_REMAP_MIGRATE,
    [CAUSE_SWAP_IN] = HOOK_SWAPIN_LATE,
    [CAUSE_UNSAVED] = HOOK_SWAPIN_LATE,
    [CAUSE_SHARED] = HOOK_SWAPIN_LATE,
    [CAUSE_FREED] = HOOK_SWAPIN_LATE,
    [CAUSE_RACE] = HOOK_SWAPIN_LATE,
    [CAUSE_ORDER] = HOOK_SWAP_RESTORE,
    [CAUSE_UNUSE] = HOOK_UNUSE,
    [CAUSE_UNUSE_LOST] = HOOK_UNUSE_LOST,
    [CAUSE_ZAP] = HOOK_ZAP_SWAP,
    [CAUSE_TRUNCATE] = HOOK_ZAP_SWAP,
    [CAUSE_ZAP_MIGRATE] = HOOK_ZAP_MIGRATE,
    [CAUSE_MADV_FREE] = HOOK_FREE_SWAP,
    [CAUSE_FORK] = HOOK_FORK_SWAP,
    [CAUSE_MOVE] = HOOK_MOVE_SWAP,
    [CAUSE_SHMEM_OUT] = HOOK_SHMEM_OUT,
    [CAUSE_SHMEM_IN] = HOOK_SHMEM_IN,
    [CAUSE_SHMEM_GONE] = HOOK_SHMEM_GONE,
    [CAUSE_COPY_IN] = HOOK_NR,
    [CAUSE_NEW_PAGE] = HOOK_NR,
    [CAUSE_REMOTE_IN] = HOOK_NR,
    [CAUSE_ZERO_PART] = HOOK_NR,
    [CAUSE_SLOT] = HOOK_SWAP_INVALIDATE,
    [CAUSE_ORPHAN] = HOOK_UNMAP_SWAP,
};

static bool is_hooked(const struct judge *j, enum cause_id id)
{
    enum arch_hook hook = cause_hook[id];

    return j->adi && hook != HOOK_NR && adi_profile(j->adi)->hooks[hook];
}

static struct cause make(const struct judge *j, enum cause_id id,
                         const struct stamp *at)
{
    struct cause c = {.id = CAUSE_UNKNOWN};

    if (id == CAUSE_UNKNOWN)
        return c;
    c = causes[id];
    c.missing = !is_hooked(j, id);
    if (!c.missing)
        c.what = with_hook[id];
    c.at = *at;
    return c;
}

struct cause cause_of_leak(const struct judge *j, const struct leak *leak)
{
    enum cause_id id = leak->cut.nr
                           ? blame_of_cut(leak->cut.kind, leak->cut.path)
                           : CAUSE_UNKNOWN;

    if (leak->object && id == CAUSE_ZAP)
        id = CAUSE_SHMEM_GONE;
    return make(j, id, &leak->cut);
}

struct cause cause_of_misrelease(const struct judge *j,
                                 const struct misrelease *m)
{
    return make(j, m->cause, &m->at);
}

struct cause cause_of_refusal(const struct judge *j, const struct refusal *f)
{
    return make(j, f->cause, &f->at);
}

struct cause cause_of_record(const struct judge *j, const struct record *rec)
{
    return make(j, rec->cause, &rec->places[0].first);
}

struct cause cause_of_finding(const struct judge *j, const struct finding *f)
{
    return make(j, f->blame.id, &f->blame.at);
}

struct cause cause_of_id(const struct judge *j, enum cause_id id)
{
    return make(j, id, &(struct stamp){0});
}
