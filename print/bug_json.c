// SPDX-License-Identifier: GPL-2.0-or-later
#include "print/internal.h"
#include "print/json.h"

static const char *const access_names[] = {
    [ACCESS_READ] = "load", [ACCESS_WRITE] = "store", [ACCESS_EXEC] = "fetch"};

json_t *json_kernel_bug(const struct report *r)
{
    const struct kernel_bug *bug = judge_kernel_bug(r->judge);
    const struct kernel_bug_place *place;

    if (!bug)
        return json_null();
    place = kernel_bug_place(bug->id);
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
        "id", place->name, "file", place->file, "function", place->function,
        "why", place->why, "access", access_names[bug->access], "call",
        bug->call ? json_string(bug->call) : json_null(), "mm", num(bug->mm),
        "va", hex(bug->va), "at", json_stamp(&bug->at), "program",
        num(bug->stack.program), "stack", json_stack(&bug->stack),
        "older_events", num(bug->dropped), "history",
        json_stamps(bug->story, bug->nr_story));
}
