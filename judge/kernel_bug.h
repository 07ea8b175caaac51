/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge/kernel_bug.h - the BUG() at which the modelled kernel stopped
 *
 * Owns:    the one record of a run, with the story of its page
 * Used by: emu/ and script/ stop there; print/, api/, cli/; explore/
 */
#pragma once

#include "event/kernel_bug.h"
#include "judge/finding.h"
#include "judge/stackdepot.h"

struct judge;

struct kernel_bug {
    enum kernel_bug_id id;
    uint32_t mm;
    gva_t va; /* of the page */
    enum access access;
    struct stamp at;
    bool has_stack;
    struct call_stack stack; /* of the program, then */
    const char *call;        /* static; the system call it was in, or NULL */
    struct stamp *story;     /* owned; of the page, oldest first */
    size_t nr_story, dropped;
};

/* judge_kernel_bug - NULL: the kernel runs.  There is no second one. */
const struct kernel_bug *judge_kernel_bug(const struct judge *j);

/*
 * judge_kernel_bug_stack - where the program was when it came about
 *
 * @call: static; the system call that it was in; NULL: none
 */
void judge_kernel_bug_stack(struct judge *j, const char *call,
                            const struct call_stack *s);
