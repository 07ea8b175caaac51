// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/script.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "check/check.h"
#include "emu/linux/mm/mapfile.h"
#include "emu/linux/mm/swapfile.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/task.h"
#include "emu/linux/syscall.h"
#include "mm/truncate.h"

/* Scripts count processes from 1; their ids begin above that. */
static uint32_t real_pid(uint32_t pid)
{
    return pid < FIRST_PID ? FIRST_PID + pid - 1 : pid;
}

static struct mm *op_find_mm(void *ctx, uint32_t pid)
{
    const struct machine *m = ctx;
    const struct task *t;

    if (pid == 0)
        return current_task(m) ? current_task(m)->process->mm : NULL;
    t = task_find(m, real_pid(pid));
    return t && !t->dead ? t->process->mm : NULL;
}

static void device_name(unsigned device, char name[static 16])
{
    snprintf(name, 16, "/dev/adi%u", device);
}

static int op_swap_on(void *ctx, unsigned device, int priority)
{
    char name[16];

    device_name(device, name);
    return swap_files_on(ctx, -1, name, priority);
}

static bool stop(void *ctx)
{
    const struct machine *m = ctx;

    return memory_fatal_signal(m->mem);
}

static int op_swap_off(void *ctx, unsigned device)
{
    char name[16];

    device_name(device, name);
    return swap_files_off(ctx, -1, name, stop, ctx);
}

static int op_truncate(void *ctx, struct mapping *m, uint64_t bytes)
{
    const struct machine *machine = ctx;

    return file_maps_truncate(machine->file_maps, m, bytes);
}

/* Shared memory without a file: as MADV_REMOVE. */
static int op_punch(void *ctx, struct mapping *m, uint64_t start, uint64_t end)
{
    const struct machine *machine = ctx;
    int err = file_maps_punch(machine->file_maps, m, start, end);

    if (err != -EINVAL || !mapping_is_shmem(m))
        return err;
    truncate_pagecache_range(m, start, end);
    return 0;
}

static void op_fail_swap(void *ctx, bool write, uint64_t nr)
{
    const struct machine *m = ctx;

    swap_files_fail(m->swap_files, write, nr);
}

static const struct drive_ops ops = {
    .find_mm = op_find_mm,
    .real_pid = real_pid,
    .swap_on = op_swap_on,
    .swap_off = op_swap_off,
    .truncate = op_truncate,
    .punch = op_punch,
    .fail_swap = op_fail_swap,
};

struct script_rules machine_script_rules(const struct machine_options *o)
{
    return (struct script_rules){
        .refused =
            {
                [VERB_FORK] = "only the program itself forks",
                [VERB_EXIT] = "only the program itself ends",
            },
        .nr_nodes = o->nr_nodes,
        .insns = true,
        .is_syscall = syscall_is_name,
    };
}

int machine_drive(struct machine *m)
{
    const struct drive_config config = {.mem = m->mem,
                                        .adi = m->adi,
                                        .swap = m->swap,
                                        .judge = m->judge,
                                        .check = m->check,
                                        .ops = &ops,
                                        .ctx = m};

    if (!m->drive)
        m->drive = drive_create(&config);
    return m->drive ? 0 : -ENOMEM;
}

int machine_script_create(struct machine *m)
{
    return m->options.script ? machine_drive(m) : 0;
}

void machine_script_destroy(struct machine *m)
{
    triggers_destroy(m->triggers);
    m->triggers = NULL;
    drive_destroy(m->drive);
    m->drive = NULL;
}

/* PROT_ADI switches PSTATE.mcde on in every thread. */
static void follow_mcde(struct machine *m)
{
    const struct task *t = current_task(m);

    if (t && t->process->mm && adi_mm_enabled(t->process->mm))
        machine_set_mcde(m, t->process->mm);
}

struct drive_result machine_do(struct machine *m,
                               const struct script_action *action)
{
    struct drive_result r = {.err = machine_drive(m)};

    if (r.err)
        return r;
    r = drive_do(m->drive, action, NULL);
    machine_stop_at_bug(m);
    follow_mcde(m);
    return r;
}

/* A line of the log for each; one that did nothing is a warning. */
static void fired(void *ctx, const struct script_event *ev,
                  const struct drive_result *r)
{
    struct machine *m = ctx;
    bool empty = drive_result_is_empty(&ev->action, r);
    char text[DRIVE_MAX_TEXT];

    m->progress.line = ev->line;
    machine_stop_at_bug(m);
    log_print(&m->options.log, LOG_EVENT, empty ? LOG_WARN : LOG_INFO,
              "line=%u insn=%" PRIu64 " %s", ev->line, machine_insns(m),
              drive_result_text(&ev->action, r, text));
    if (r->err == -ENOTRECOVERABLE) {
        fflush(stdout);
        check_print(m->check, stderr);
    }
    follow_mcde(m);
}

bool machine_script_found_fault(const struct machine *m)
{
    return m->check && check_failure(m->check);
}

int machine_script_start(struct machine *m)
{
    if (!m->options.script)
        return 0;
    m->triggers =
        triggers_create(m->options.script, m->drive, m->mem, fired, m);
    if (!m->triggers)
        return -ENOMEM;
    triggers_start(m->triggers);
    return 0;
}
