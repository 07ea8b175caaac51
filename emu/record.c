// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "emu/internal.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/task.h"
#include "event/log.h"
#include "mm/phys.h"
#include "mm/rmap.h"

int record_open(struct machine *m, char why[static MACHINE_WHY_BYTES])
{
    const char *path = m->options.stress_script;

    if (!path)
        return 0;
    m->stress_file = fopen(path, "we");
    if (m->stress_file)
        return 0;
    snprintf(why, MACHINE_WHY_BYTES, "--stress-script=%s: %s", path,
             strerror(errno));
    return EXIT_HOST_FILE;
}

int record_close(struct machine *m)
{
    FILE *f = m->stress_file;

    m->stress_file = NULL;
    return f ? log_close(f) : 0;
}

/* Who maps it: the first that has a process, which scripts go by. */
struct place {
    const struct machine *m;
    uint32_t pid; /* 0: none yet */
    gva_t va;
};

static bool note_place(const struct rmap_pte *at, void *arg)
{
    struct place *p = arg;

    for (const struct task *t = p->m->tasks; t; t = t->next)
        if (!t->dead && t->process->mm == at->mm) {
            p->pid = t->pid;
            p->va = at->addr;
            return false;
        }
    return true;
}

void record_stress(struct machine *m, enum script_verb verb,
                   struct folio *folio)
{
    struct script_event ev = {
        .trigger = {.when = WHEN_INSN, .nr = machine_insns(m)},
        .action = {.verb = verb, .pages = 1}};
    struct place place = {.m = m};
    char text[SCRIPT_MAX_TEXT];

    if (!m->stress_file)
        return;
    (void)rmap_walk(m->mem, folio, phys_pfn(memory_phys(m->mem), folio),
                    RMAP_PRESENT, note_place, &place);
    ev.action.pid = place.pid;
    ev.action.va = place.va;
    if (place.pid)
        fprintf(m->stress_file, "%s\n", script_event_text(&ev, text));
    else
        fprintf(m->stress_file,
                "# insn %" PRIu64 ": a page that no process has\n",
                machine_insns(m));
}
