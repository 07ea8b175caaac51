// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/kernel_bug.h"

#include <stdlib.h>

#include "judge/internal.h"

void kernel_bug_event(struct judge *j, const struct event *ev)
{
    struct kernel_bug *bug = &j->kernel_bug;

    if (j->stopped)
        return;
    j->stopped = true;
    *bug = (struct kernel_bug){.id = ev->bug,
                               .mm = ev->mm,
                               .va = ev->va,
                               .access = ev->access,
                               .at = stamp_of(ev)};
    bug->nr_story =
        history_copy(j->history, ev->mm, ev->va, &bug->story, &bug->dropped);
}

void kernel_bug_fini(struct judge *j)
{
    free(j->kernel_bug.story);
}

const struct kernel_bug *judge_kernel_bug(const struct judge *j)
{
    return j->stopped ? &j->kernel_bug : NULL;
}

void judge_kernel_bug_stack(struct judge *j, const char *call,
                            const struct call_stack *s)
{
    j->kernel_bug.has_stack = true;
    j->kernel_bug.call = call;
    j->kernel_bug.stack = *s;
}
