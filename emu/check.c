// SPDX-License-Identifier: GPL-2.0-or-later
/* --check: invariants of the memory while a program runs. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "emu/internal.h"
#include "emu/linux/sched/process.h"
#include "script/script.h"

/* Runs are the same every time: one look at the same moment is enough. */
static void print_script(const struct machine *m)
{
    fprintf(stderr,
            "adiemu: to see it again without --check, %s:\n"
            "after insn %" PRIu64 ": check\n",
            m->options.script ? "add this line to the event script"
                              : "run the same with this event script",
            machine_insns(m));
}

static _Noreturn void broken(const struct machine *m)
{
    fflush(NULL);
    check_print(m->check, stderr);
    print_script(m);
    _exit(EXIT_INTERNAL);
}

int machine_check_init(struct machine *m)
{
    const struct check_config config = {.mem = m->mem,
                                        .adi = m->adi,
                                        .swap = m->swap,
                                        .judge = m->judge,
                                        .level = m->options.check};
    const struct script *script = m->options.script;

    if (m->options.check == CHECK_OFF &&
        !(script && script_has_verb(script, VERB_CHECK)))
        return 0;
    m->check = check_create(&config);
    return m->check ? 0 : -ENOMEM;
}

void machine_check(struct machine *m)
{
    uint64_t changes, events;

    if (!m->check || m->options.check == CHECK_OFF)
        return;
    changes = memory_changes(m->mem);
    events = hub_events(m->hub);
    if (changes == m->checked_changes && events == m->checked_events)
        return;
    m->checked_changes = changes;
    m->checked_events = events;
    if (!check_now(m->check))
        broken(m);
}

void machine_check_fill(struct machine *m, struct mm *mm, gva_t va, pte_t pte)
{
    if (m->check)
        check_tlb_fill(m->check, mm, va, pte);
}

void machine_check_flush(struct machine *m)
{
    if (m->check)
        check_tlb_flush_all(m->check);
}

void machine_check_end(struct machine *m)
{
    if (m->check && m->options.check != CHECK_OFF &&
        !check_everything(m->check))
        broken(m);
}

void machine_check_mismatch(struct machine *m, uint64_t va)
{
    if (m->check && !check_mismatch(m->check, current_task(m)->process->mm, va))
        broken(m);
}
