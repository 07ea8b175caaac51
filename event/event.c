// SPDX-License-Identifier: GPL-2.0-or-later
#include "event/event.h"

static const char *const path_names[] = {
#define X(id, text, fn) [PATH_##id] = text,
    MM_PATHS(X)
#undef X
};

static const char *const path_functions[] = {
#define X(id, text, fn) [PATH_##id] = fn,
    MM_PATHS(X)
#undef X
};

static const char *const kind_names[] = {
#define X(id, text) [EV_##id] = text,
    EVENT_KINDS(X)
#undef X
};

static const struct kernel_bug_place bug_places[] = {
#define KERNEL_BUG(id, name, file, fn, why)                                    \
    [KERNEL_BUG_##id] = {name, file, fn, why},
#include "event/kernel_bug.def"
#undef KERNEL_BUG
};

const struct event event_blank;

const char *mm_path_name(enum mm_path path)
{
    return path_names[path];
}

const char *mm_path_function(enum mm_path path)
{
    return path_functions[path];
}

const char *event_kind_name(enum event_kind kind)
{
    return kind_names[kind];
}

const struct kernel_bug_place *kernel_bug_place(enum kernel_bug_id id)
{
    return &bug_places[id];
}

pfn_t event_frame(const struct event *ev)
{
    switch (ev->kind) {
    case EV_TAG_SAVE:
    case EV_TAG_RESTORE:
    case EV_STORE_UAF:
    case EV_SWAP_OUT:
    case EV_UNMAP_UNDO:
    case EV_SWAP_IN:
    case EV_MIGRATE_OUT:
    case EV_MIGRATE_IN:
    case EV_TAGS_CLEARED:
    case EV_TAGS_LEFT:
    case EV_CACHE_MOVED:
    case EV_VISIBLE:
    case EV_GLIMPSE: return ev->pfn;
    default: return PFN_NONE;
    }
}
