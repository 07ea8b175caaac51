// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/paths.h"

#include "judge/internal.h"

void paths_event(struct path_sums sums[static PATH_NR], const struct event *ev)
{
    struct path_sums *s = &sums[ev->path];

    switch (ev->kind) {
    case EV_TAG_SAVE: s->saved++; break;
    case EV_TAG_SAVE_FAIL: s->refused++; break;
    case EV_TAG_RESTORE: s->restored++; break;
    case EV_TAG_MOVE: s->moved++; break;
    case EV_TAG_DUP: s->shared++; break;
    case EV_TAG_DROP: s->freed++; break;
    default: break;
    }
}

void paths_finding(struct path_sums sums[static PATH_NR],
                   const struct finding *f)
{
    struct path_sums *s = &sums[f->seen.path];

    if (f->kind == FINDING_LOST)
        s->lost++;
    else
        s->stale++;
}

/* The event that cut a copy off, or, when none did, the one that made it. */
static enum mm_path leak_path(const struct leak *leak)
{
    return leak->cut.nr ? leak->cut.path : leak->alloc.path;
}

static void add_leaks(const struct ledger *l, enum mm_path path,
                      struct path_sums *s)
{
    for (size_t i = 0; i < ledger_nr_leaks(l); i++) {
        const struct leak *leak = ledger_leak(l, i);

        if (leak->kind == LEAK_REACHABLE || leak_path(leak) != path)
            continue;
        s->leaked += leak->leaked;
        s->leaked_bytes += leak->bytes;
    }
}

struct path_sums judge_path_sums(const struct judge *j, enum mm_path path)
{
    struct path_sums s = j->paths[path];

    add_leaks(j->ledger, path, &s);
    return s;
}

bool path_sums_any(const struct path_sums *s)
{
    return s->saved || s->refused || s->restored || s->moved || s->shared ||
           s->freed || s->lost || s->stale || s->leaked || s->leaked_bytes;
}
