// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/number.h"
#include "emu/linux/strace/strace.h"
#include "emu/linux/time/clock.h"

static uint64_t faults(const struct machine *m)
{
    return hub_counter(m->hub, COUNT_FAULT_ANON) +
           hub_counter(m->hub, COUNT_FAULT_ZERO) +
           hub_counter(m->hub, COUNT_FAULT_FILE) +
           hub_counter(m->hub, COUNT_FAULT_COW) +
           hub_counter(m->hub, COUNT_SWAP_IN);
}

void progress_print(struct machine *m)
{
    char number[4][COMMAS_BYTES], insns[64] = "";
    bool terminal = isatty(STDERR_FILENO);

    strace_break(m);
    log_end_line(&m->options.log);
    /* Without --progress nobody has counted. */
    if (machine_insns(m))
        snprintf(insns, sizeof(insns), "%s instructions, %" PRIu64 ".%03u s, ",
                 commas(machine_insns(m), number[0]), clock_now(m) / NS_PER_S,
                 (unsigned)(clock_now(m) % NS_PER_S / NS_PER_MS));
    fprintf(stderr, "adiemu: %s%s faults, %s pages out, %s in%s", insns,
            commas(faults(m), number[1]),
            commas(hub_counter(m->hub, COUNT_SWAP_OUT), number[2]),
            commas(hub_counter(m->hub, COUNT_SWAP_IN), number[3]),
            terminal ? "\033[K\r" : "\n");
    m->progress_shown = terminal;
}

void progress_poll(struct machine *m)
{
    if (atomic_exchange_explicit(&m->progress_due, false, memory_order_relaxed))
        progress_print(m);
}

void progress_end(struct machine *m)
{
    if (m->progress_shown)
        fputs("\033[K", stderr);
    m->progress_shown = false;
}

bool progress_takes_usr1(const struct machine *m)
{
    return m->options.progress || isatty(STDERR_FILENO);
}

void machine_progress(struct machine *m)
{
    atomic_store_explicit(&m->progress_due, true, memory_order_relaxed);
    machine_kick(m);
}
