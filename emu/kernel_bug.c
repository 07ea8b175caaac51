// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/kernel_bug.h"

#include <inttypes.h>
#include <stdio.h>

#include "emu/internal.h"
#include "emu/linux/abi.h"
#include "emu/linux/backtrace.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/strace/strace.h"

void machine_stop_at_bug(struct machine *m)
{
    const struct kernel_bug *bug = judge_kernel_bug(m->judge);
    const struct kernel_bug_place *place;

    if (!bug || m->told_bug)
        return;
    m->told_bug = true;
    place = kernel_bug_place(bug->id);
    fflush(stdout);
    strace_break(m);
    log_end_line(&m->options.log);
    fprintf(stderr, "adiemu: KERNEL BUG at %s, %s(): page 0x%" PRIx64,
            place->file, place->function, bug->va);
    if (bug->at.pid)
        fprintf(stderr, ", pid %" PRIu32, bug->at.pid);
    fputs(": the run ends here\n", stderr);
    m->interrupted = SIG_KILL;
    machine_kick(m);
}

void machine_kernel_bug(struct task *t)
{
    struct machine *m = t->m;
    struct call_stack s = {.pid = t->process->pid,
                           .program = t->process->program};

    if (m->told_bug)
        return;
    if (task_curr(t))
        backtrace_take(t, &s);
    judge_kernel_bug_stack(m->judge, t->call, &s);
    machine_stop_at_bug(m);
}
