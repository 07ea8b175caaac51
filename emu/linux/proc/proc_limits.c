// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc/PID/limits, io, personality, timerslack_ns: what a process may use,
 * and has used.
 *
 * Source:  linux v6.2 fs/proc/base.c
 * Differs: no disk is read or written that the machine knows of, so
 *          read_bytes and write_bytes are 0
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "emu/linux/core/coredump.h"
#include "emu/linux/cred/cred.h"
#include "emu/linux/proc/procfs.h"
#include "emu/linux/sched/rlimit.h"

static void show_limit(FILE *out, uint64_t value)
{
    if (value == RLIM_G_INFINITY)
        fprintf(out, "%-20s ", "unlimited");
    else
        fprintf(out, "%-20" PRIu64 " ", value);
}

PROC_SHOW(proc_show_limits)
{
    static const struct {
        const char *name, *unit;
    } limits[NR_RLIMITS] = {
        {"Max cpu time", "seconds"},
        {"Max file size", "bytes"},
        {"Max data size", "bytes"},
        {"Max stack size", "bytes"},
        {"Max core file size", "bytes"},
        {"Max resident set", "bytes"},
        [RLIMIT_G_NOFILE] = {"Max open files", "files"},
        [RLIMIT_G_NPROC] = {"Max processes", "processes"},
        [RLIMIT_G_MEMLOCK] = {"Max locked memory", "bytes"},
        [RLIMIT_G_AS] = {"Max address space", "bytes"},
        {"Max file locks", "locks"},
        [RLIMIT_G_SIGPENDING] = {"Max pending signals", "signals"},
        {"Max msgqueue size", "bytes"},
        [RLIMIT_G_NICE] = {"Max nice priority", NULL},
        [RLIMIT_G_RTPRIO] = {"Max realtime priority", NULL},
        {"Max realtime timeout", "us"},
    };

    (void)m;
    fprintf(out, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit",
            "Hard Limit", "Units");
    for (unsigned i = 0; i < NR_RLIMITS; i++) {
        fprintf(out, "%-25s ", limits[i].name);
        show_limit(out, t->process->rlim[i].soft);
        show_limit(out, t->process->rlim[i].hard);
        if (limits[i].unit)
            fprintf(out, "%-10s", limits[i].unit);
        fputc('\n', out);
    }
    return 0;
}

PROC_SHOW(proc_show_io)
{
    (void)m;
    fprintf(out,
            "rchar: %" PRIu64 "\n"
            "wchar: %" PRIu64 "\n"
            "syscr: %" PRIu64 "\n"
            "syscw: %" PRIu64 "\n"
            "read_bytes: 0\n"
            "write_bytes: 0\n"
            "cancelled_write_bytes: 0\n",
            t->io.rchar, t->io.wchar, t->io.syscr, t->io.syscw);
    return 0;
}

PROC_SHOW(proc_show_personality)
{
    (void)m;
    fprintf(out, "%08" PRIx32 "\n", t->personality);
    return 0;
}

PROC_SHOW(proc_show_timerslack)
{
    (void)m;
    fprintf(out, "%" PRIu64 "\n", t->timer_slack);
    return 0;
}

int proc_store_timerslack(struct task *by, struct task *of, const char *text)
{
    unsigned long long ns;
    char *end;

    errno = 0;
    ns = strtoull(text, &end, 10);
    if (end == text || errno || (*end && *end != '\n'))
        return -EINVAL;
    if (by != of && !cred_capable(by, CAP_G_SYS_NICE))
        return -EPERM;
    of->timer_slack = ns ? ns : of->default_timer_slack;
    return 0;
}

PROC_SHOW(proc_show_coredump_filter)
{
    (void)m;
    if (t->process->mm)
        fprintf(out, "%08x\n", t->process->coredump_filter);
    return 0;
}

/* kstrtouint_from_user(); bits that there are none for are ignored */
int proc_store_coredump_filter(struct task *by, struct task *of,
                               const char *text)
{
    unsigned long value;
    char *end;

    (void)by;
    if (*text == '-' || *text == '+' || isspace((unsigned char)*text))
        return -EINVAL;
    errno = 0;
    value = strtoul(text, &end, 0);
    if (end == text || (*end == '\n' ? end[1] : *end))
        return -EINVAL;
    if (errno || value > UINT32_MAX)
        return -ERANGE;
    if (!of->process->mm)
        return -ESRCH;
    of->process->coredump_filter = (unsigned)value & CORE_FILTER_ALL;
    return 0;
}
