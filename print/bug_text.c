// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>

#include "print/internal.h"
#include "print/text.h"

static const char *access_name(enum access access)
{
    switch (access) {
    case ACCESS_WRITE: return "store";
    case ACCESS_EXEC: return "fetch";
    case ACCESS_READ: break;
    }
    return "load";
}

void print_kernel_bug(FILE *out, const struct report *r)
{
    const struct kernel_bug *bug = judge_kernel_bug(r->judge);
    const struct kernel_bug_place *place;

    if (!bug)
        return;
    place = kernel_bug_place(bug->id);
    fprintf(out, P "\n" P "KERNEL BUG at %s, %s():\n" P "   %s\n", place->file,
            place->function, place->why);
    fprintf(out, P "   %s%s%s at mm %" PRIu32 ", VA 0x%" PRIx64,
            access_name(bug->access), bug->call ? " by the kernel in " : "",
            bug->call ? bug->call : "", bug->mm, bug->va);
    print_when(out, r, &bug->at);
    if (bug->has_stack)
        print_call_stack(out, r, &bug->stack);
    if (bug->nr_story) {
        fprintf(out, P "   history of the page:\n");
        print_events(out, r, bug->story, bug->nr_story, bug->dropped);
    }
    fprintf(out, P "   the kernel stops there, and with it the run\n");
}
