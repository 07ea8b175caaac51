// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs that go nowhere: events that undo, each time, what a fault has done. */
#include <inttypes.h>
#include <stdio.h>

#include "emu/internal.h"
#include "emu/linux/abi.h"
#include "emu/linux/sched/task.h"
#include "script/trigger.h"

/* So often no instruction and no entry needs a fault to get on. */
#define STUCK_FAULTS 1000

void machine_stuck(struct machine *m, gva_t va)
{
    /* In the course of an event its own faults may have to wait. */
    if (m->progress.stuck || triggers_busy(m->triggers))
        return;
    va = page_align_down(va);
    m->progress.stuck = true;
    fflush(stdout);
    if (m->progress.line)
        fprintf(stderr,
                "adiemu: line %u of the events undoes what each fault does: "
                "the page at 0x%" PRIx64 " is never there for pc 0x%" PRIx64
                "\n",
                m->progress.line, va, cpu_pc(m->this_cpu->engine));
    else
        fprintf(stderr,
                "adiemu: internal error: no fault makes the page at "
                "0x%" PRIx64 " be there for pc 0x%" PRIx64 "\n",
                va, cpu_pc(m->this_cpu->engine));
    m->interrupted = SIG_KILL;
    machine_kick(m);
}

void machine_faulted(struct machine *m, gva_t va)
{
    uint64_t now = machine_insns(m);

    if (!engine_has_clock(m->this_cpu->engine))
        return;
    if (now != m->progress.insns || current_task(m)->pid != m->progress.pid) {
        m->progress.insns = now;
        m->progress.pid = current_task(m)->pid;
        m->progress.faults = 0;
    }
    if (++m->progress.faults >= STUCK_FAULTS)
        machine_stuck(m, va);
}
