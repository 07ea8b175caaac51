/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script/trigger.h - when the events of a script are due
 *
 * Owns:    struct triggers: how often each was due so far
 * Used by: emu/ and script/alone.c say what happens; actions follow; cli/,
 *          api/
 *
 * While an action runs nothing is due: what it causes itself, a fault for
 * example, is not counted.  But see triggers_lines_act().
 */
#pragma once

#include "script/drive.h"

struct triggers;

/* Told after each action.  @ev and @r are borrowed. */
typedef void (*triggers_fired_fn)(void *ctx, const struct script_event *ev,
                                  const struct drive_result *r);

/*
 * triggers_create - make the events of @script due on @d
 *
 * @script, @d: borrowed
 * @fired:      NULL: nobody wants to hear
 * Faults and migrations are heard through @mem's moment_ops if the script names
 * any. Returns NULL when the host has no memory.
 */
struct triggers *triggers_create(const struct script *script, struct drive *d,
                                 struct memory *mem, triggers_fired_fn fired,
                                 void *ctx);
void triggers_destroy(struct triggers *t);

/*
 * triggers_lines_act - lines without a trigger are what the processes do
 *
 * For a memory without a CPU: their faults are due, then, as a program's are.
 */
void triggers_lines_act(struct triggers *t);

/* Does an action run?  Not any more when its triggers_fired_fn is called. */
bool triggers_busy(const struct triggers *t);

/* The machine is ready, its program loaded. */
void triggers_start(struct triggers *t);

/* A process enters a system call. */
void triggers_syscall(struct triggers *t, const char *name, struct mm *mm);

/* A process ends; its address space is still there. */
void triggers_exit(struct triggers *t, struct mm *mm);

/* So many instructions are done. */
void triggers_insns(struct triggers *t, uint64_t now);

/*
 * triggers_idle - the first event from the @n-th on that was never due
 *
 * @came: gets how often what it waits for came: two calls, where it waits
 *        for the third; 0 when it waits for an instruction
 * Returns its number, or SIZE_MAX: there is none.
 */
size_t triggers_idle(const struct triggers *t, size_t n, uint64_t *came);

/* The instruction count at which the next event is due; UINT64_MAX: none */
uint64_t triggers_next_insn(const struct triggers *t);
