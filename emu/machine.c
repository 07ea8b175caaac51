// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/machine.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/word.h"
#include "check/check.h"
#include "emu/internal.h"
#include "emu/linux/abi.h"
#include "emu/linux/backtrace.h"
#include "emu/linux/cpumodel.h"
#include "emu/linux/exec/exec.h"
#include "emu/linux/fault.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/fs/filetime.h"
#include "emu/linux/fs/locks.h"
#include "emu/linux/fs/pipe.h"
#include "emu/linux/ipc/ipc.h"
#include "emu/linux/mm/mapfile.h"
#include "emu/linux/mm/swapfile.h"
#include "emu/linux/sched/personality.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/rlimit.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/hostsig.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/trap.h"
#include "emu/linux/tty/tty.h"
#include "emu/linux/warn.h"
#include "emu/script.h"
#include "event/hosterr.h"
#include "judge/mismatch.h"

/* ------------------------------------------------ an engine asks us */

/* A CPU does something that is ours. */
static struct cpu *enter(void *ctx)
{
    struct cpu *cpu = ctx;

    cpu->m->this_cpu = cpu;
    return cpu;
}

static enum access_end op_translate(void *ctx, uint64_t va, enum access access,
                                    struct engine_page *page)
{
    struct machine *m = enter(ctx)->m;
    struct task *t = current_task(m);
    uint64_t faults = m->pgfault;
    enum access_end end;

    /* Unicorn asks once more when the last one is gone. */
    if (!t)
        return ACCESS_FAULT;
    end = task_translate(t, va, access, page, &t->fault);
    if (m->pgfault != faults)
        machine_faulted(m, untagged_addr(va));
    return end;
}

static enum access_end op_translate_mcd(void *ctx, uint64_t va, bool store,
                                        struct engine_page *page)
{
    struct task *t = enter(ctx)->current;

    return task_translate_mcd(t, va, store, page, &t->fault);
}

void machine_mismatch(struct task *t, uint64_t va, unsigned bytes,
                      enum access access, bool precise, bool kernel)
{
    struct machine *m = t->m;
    struct mismatch_access a = {.mm = mm_id(t->process->mm),
                                .pid = t->process->pid,
                                .va = va,
                                .bytes = bytes,
                                .store = access == ACCESS_WRITE,
                                .precise = precise,
                                .kernel = kernel,
                                .call = kernel ? t->call : NULL,
                                .insn = machine_insns(m)};
    struct call_stack s = {.pid = t->process->pid,
                           .program = t->process->program};

    mismatch_look_around(m->adi, t->process->mm, &a);
    if (task_curr(t))
        backtrace_take(t, &s);
    judge_mismatch(m->judge, &a, &s);
}

static enum engine_mismatch op_mismatch(void *ctx, uint64_t va, unsigned bytes,
                                        enum access access)
{
    struct cpu *cpu = enter(ctx);
    struct task *t = cpu->current;
    bool precise = access != ACCESS_WRITE || engine_mcdper(cpu->engine);

    machine_mismatch(t, va, bytes, access, precise, false);
    machine_check_mismatch(cpu->m, va);
    if (!precise) {
        /* Disrupting: the first one is reported, after the fact. */
        if (t->disrupted.sig == 0) {
            t->disrupted = (struct fault_info){.sig = SIG_SEGV,
                                               .code = SEGV_G_ADIDERR,
                                               .addr = cpu_pc(cpu->engine)};
            engine_kick(cpu->engine);
        }
        return MISMATCH_IGNORE;
    }
    t->fault = (struct fault_info){
        .sig = SIG_SEGV, .code = SEGV_G_ADIPERR, .addr = va};
    return MISMATCH_TRAP;
}

static void op_bad_access(void *ctx, uint64_t va, enum engine_bad why)
{
    static const struct {
        int sig, code;
    } signals[] = {
        [BAD_ALIGNMENT] = {SIG_BUS, BUS_G_ADRALN},
        [BAD_ASI] = {SIG_ILL, ILL_G_ILLADR},
        [BAD_WORDS] = {SIG_SEGV, SEGV_G_MAPERR},
    };

    enter(ctx)->current->fault = (struct fault_info){
        .sig = signals[why].sig, .code = signals[why].code, .addr = va};
}

static void op_tag_stored(void *ctx, uint64_t va, adi_tag_t tag)
{
    struct task *t = enter(ctx)->current;

    judge_tag_store(t->m->judge, mm_id(t->process->mm), untagged_addr(va), tag,
                    backtrace_of_store(t));
}

static void op_forget_fault(void *ctx)
{
    struct task *t = enter(ctx)->current;

    if (!t->fault.oom)
        t->fault.sig = 0;
}

static void op_trap(void *ctx, unsigned tt)
{
    struct cpu *cpu = enter(ctx);

    if (tt == ENGINE_TT_CLOCK)
        machine_on_clock(cpu);
    else
        trap_take(cpu->current, tt);
    sched_settle(cpu);
}

static void op_poll(void *ctx)
{
    struct cpu *cpu = enter(ctx);
    struct machine *m = cpu->m;
    struct task *t = cpu->current;

    if (m->clock_wanted) {
        m->clock_wanted = false;
        clock_start(m);
    }
    if (t->disrupted.sig) {
        struct fault_info f = t->disrupted;

        t->disrupted.sig = 0;
        signal_force_fault(t, f.sig, f.code, f.addr);
    }
    sched_settle(cpu);
}

static uint64_t op_tick(void *ctx)
{
    return clock_ticks(enter(ctx)->m);
}

/* Everything that an engine asks. */
static const struct engine_ops machine_ops = {
    .translate = op_translate,
    .translate_mcd = op_translate_mcd,
    .mismatch = op_mismatch,
    .bad_access = op_bad_access,
    .tag_stored = op_tag_stored,
    .forget_fault = op_forget_fault,
    .trap = op_trap,
    .poll = op_poll,
    .tick = op_tick,
};

/* ---------------------------------------------- the memory manager asks */

static bool runs_in(const struct cpu *cpu, const struct mm *mm)
{
    return cpu->current && cpu->current->process->mm == mm;
}

static void op_flush_page(void *ctx, struct mm *mm, gva_t va)
{
    const struct machine *m = ctx;

    if (m->check)
        check_tlb_flush_page(m->check, mm, va);
    for (unsigned i = 0; i < MACHINE_NR_CPUS; i++)
        if (runs_in(&m->cpus[i], mm))
            engine_flush_page(m->cpus[i].engine, va);
}

static void op_flush_mm(void *ctx, struct mm *mm)
{
    const struct machine *m = ctx;

    if (m->check)
        check_tlb_flush_mm(m->check, mm);
    for (unsigned i = 0; i < MACHINE_NR_CPUS; i++)
        if (runs_in(&m->cpus[i], mm))
            engine_flush_all(m->cpus[i].engine);
}

static void op_flush_icache(void *ctx, pfn_t pfn)
{
    const struct machine *m = ctx;

    for (unsigned i = 0; i < MACHINE_NR_CPUS; i++)
        engine_code_changed(m->cpus[i].engine, pfn);
}

static void op_flush_tags(void *ctx, pfn_t pfn)
{
    const struct machine *m = ctx;

    for (unsigned i = 0; i < MACHINE_NR_CPUS; i++)
        engine_tags_changed(m->cpus[i].engine, pfn);
}

static const struct tlb_ops machine_tlb_ops = {
    .flush_page = op_flush_page,
    .flush_mm = op_flush_mm,
    .flush_icache = op_flush_icache,
    .flush_tags = op_flush_tags,
};

static void where(void *ctx, struct hub_where *out)
{
    const struct machine *m = ctx;
    const struct task *t = current_task(m);

    if (!t)
        return;
    out->insn = machine_insns(m);
    out->pc = cpu_pc(task_engine(t));
    out->program = t->process->program;
    out->pid = t->process->pid;
}

/* -------------------------------------------------------------- set-up */

static int add_swaps(struct machine *m, char why[static MACHINE_WHY_BYTES])
{
    static_assert(MACHINE_MAX_SWAPS == SWP_MAX_FILES, "a type for each");
    const struct machine_options *o = &m->options;

    for (unsigned i = 0; i < o->nr_swaps; i++) {
        const char *path = o->swaps[i].path, *text;
        int err = swap_files_add(m, &o->swaps[i], &text);

        if (!err)
            continue;
        snprintf(why, MACHINE_WHY_BYTES, "%s%s: %s",
                 path ? "swap file " : "temporary swap file", path ? path : "",
                 text ? text : strerror(-err));
        return EXIT_HOST_FILE;
    }
    return 0;
}

static struct mpol_task *current_mpol(void *ctx)
{
    const struct machine *m = ctx;

    return current_task(m) ? &current_task(m)->mpol : NULL;
}

static uint64_t current_limit(void *ctx, enum mm_limit which)
{
    const struct machine *m = ctx;
    const struct task *t = current_task(m);

    if (!t)
        return RLIM_G_INFINITY;
    if (which == MM_LIMIT_AS)
        return rlimit(t, RLIMIT_G_AS);
    return cred_capable(t, CAP_G_IPC_LOCK) ? RLIM_G_INFINITY
                                           : rlimit(t, RLIMIT_G_MEMLOCK);
}

static bool current_fatal_signal(void *ctx)
{
    struct machine *m = ctx;

    hostsig_take(m);
    return m->interrupted != 0;
}

static void current_stuck(void *ctx, gva_t va)
{
    machine_stuck(ctx, va);
}

static bool current_read_implies_exec(void *ctx)
{
    const struct machine *m = ctx;

    return current_task(m) &&
           current_task(m)->personality & READ_IMPLIES_EXEC_G;
}

static const struct current_ops machine_current_ops = {
    .stuck = current_stuck,
    .limit = current_limit,
    .mpol = current_mpol,
    .fatal_signal = current_fatal_signal,
    .read_implies_exec = current_read_implies_exec,
};

static int create_judge(struct machine *m)
{
    const struct machine_options *o = &m->options;

    m->judge = judge_create(m->hub, m->adi);
    if (!m->judge ||
        (o->history && judge_keep_timeline(m->judge, o->history) != 0))
        return -ENOMEM;
    judge_limit_mismatches(m->judge, o->max_mismatches);
    if (!o->all_pages)
        judge_keep_few(m->judge);
    return 0;
}

static int create_engines(struct machine *m, const char **why)
{
    const struct machine_options *o = &m->options;
    const struct phys *phys = memory_phys(m->mem);
    struct engine_config config = {.ops = &machine_ops,
                                   .ram = phys_ram(phys),
                                   .ram_bytes = (uint64_t)phys_nr_frames(phys)
                                                << PAGE_SHIFT,
                                   .tags = tagmem_page(adi_tagmem(m->adi), 0),
                                   .clock = machine_needs_clock(o),
                                   .classes = o->cpu->classes};

    for (unsigned i = 0; i < MACHINE_NR_CPUS; i++) {
        struct cpu *cpu = &m->cpus[i];

        config.ctx = cpu;
        cpu->engine = engine_create(&config, why);
        if (!cpu->engine)
            return -EIO;
    }
    return 0;
}

static int create_parts(struct machine *m, const char **why)
{
    const struct machine_options *o = &m->options;
    struct memory_config config = {.ram_bytes = o->ram_bytes,
                                   .nr_nodes = o->nr_nodes,
                                   .policy = o->profile->policy};

    *why = "the ids of the caller cannot be read";
    if (cred_of_host(&m->first_cred) != 0)
        return -EPERM;
    m->host_cred = cred_get(&m->first_cred);
    *why = "the host has no memory";
    m->hub = hub_create();
    if (!m->hub)
        return -ENOMEM;
    m->options.log.partial = &m->partial_line;
    hub_set_log(m->hub, &m->options.log);
    config.hub = m->hub;
    m->mem = memory_create(&config);
    *why = "the guest's RAM cannot be mapped";
    if (!m->mem)
        return -ENOMEM;
    m->adi = adi_create(m->mem, o->profile);
    m->swap = swap_create(m->mem);
    m->file_maps = file_maps_create(m->mem);
    m->ipc = ipc_create();
    m->locks = locks_create();
    m->swap_files = swap_files_create(o->fail_swapwrite, o->fail_swapread);
    /* Aligned, for files that the guest opens with O_DIRECT. */
    m->bounce = aligned_alloc(4096, BOUNCE_BYTES);
    if (!m->adi || !m->swap || !m->file_maps || !m->ipc || !m->locks ||
        !m->swap_files || !m->bounce)
        return -ENOMEM;
    if (create_judge(m) != 0 || machine_check_init(m) != 0)
        return -ENOMEM;
    if (!cpu_model_has_adi(o->cpu))
        adi_disable(m->adi);
    adi_fail_alloc(m->adi, o->fail_tagstore);
    if (o->time_hooks)
        adi_time_hooks(m->adi);
    if (create_engines(m, why) != 0)
        return -EIO;
    memory_attach_tlb(m->mem, &machine_tlb_ops, m);
    memory_attach_current(m->mem, &machine_current_ops, m);
    hub_set_source(m->hub, (struct hub_source){.where = where, .ctx = m});
    *why = "the host has no memory";
    return machine_script_create(m);
}

int machine_create(const struct machine_options *options, struct machine **out,
                   char why[static MACHINE_WHY_BYTES])
{
    struct machine *m = calloc(1, sizeof(*m));
    const char *text = "the host has no memory";
    int code = EXIT_INTERNAL;

    if (m) {
        m->options = *options;
        for (unsigned i = 0; i < MACHINE_NR_CPUS; i++)
            m->cpus[i].m = m;
        m->this_cpu = &m->cpus[0];
        m->next_pid = m->first_pid = FIRST_PID;
        m->pid_max = PID_MAX;
        m->ready_fd = -1;
        m->pipe_max_size = PIPE_MAX_SIZE;
        m->random.state = options->seed;
        clock_init(m);
    }
    if (!m || create_parts(m, &text) != 0)
        snprintf(why, MACHINE_WHY_BYTES, "%s", text);
    else
        code = add_swaps(m, why);
    if (code) {
        machine_destroy(m);
        return code;
    }
    *out = m;
    return 0;
}

void machine_destroy(struct machine *m)
{
    if (!m)
        return;
    while (m->processes)
        process_destroy(m->processes);
    m->this_cpu->current = NULL;
    machine_script_destroy(m);
    check_destroy(m->check);
    m->check = NULL;
    locks_destroy(m->locks);
    ipc_destroy(m->ipc);
    warnings_destroy(m->warnings);
    filetime_destroy(m->file_times);
    file_maps_destroy(m->file_maps);
    swap_destroy(m->swap);
    swap_files_destroy(m->swap_files);
    if (m->mem)
        memory_destroy(m->mem);
    judge_destroy(m->judge);
    adi_destroy(m->adi);
    for (unsigned i = 0; i < MACHINE_NR_CPUS; i++)
        engine_destroy(m->cpus[i].engine);
    hub_destroy(m->hub);
    ttys_destroy(m);
    if (m->ready_fd >= 0)
        close(m->ready_fd);
    cred_host_restore(m);
    cred_put(&m->host_cred);
    cred_put(&m->first_cred);
    programs_free(m);
    free(m->bounce);
    free(m);
}

static int cannot_run(const char *path, int err, const char *why)
{
    say_line(stderr, "adiemu: %s: %s", path, why ? why : strerror(-err));
    return err == -ENOENT || err == -ENOTDIR ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

static void count_accesses(const struct machine *m)
{
    for (unsigned i = 0; i < MACHINE_NR_CPUS; i++) {
        const struct engine *e = m->cpus[i].engine;

        hub_count_add(m->hub, COUNT_CHECKS, engine_checked(e));
        hub_count_add(m->hub, COUNT_TAG_LOADS, engine_tag_loads(e));
    }
}

int machine_run(struct machine *m, const struct machine_program *program)
{
    struct cpu *cpu = m->this_cpu; /* that boots */
    struct process *p = process_create(m);
    struct task *t;
    const char *why = NULL;
    int err;

    if (!p) {
        fprintf(stderr, "adiemu: the host has no memory\n");
        return EXIT_INTERNAL;
    }
    cpu->current = t = process_leader(p);
    err = tty_start(t);
    if (!err)
        err = exec_program(t, program, &why);
    if (err) {
        cpu->current = NULL;
        process_destroy(p);
        return cannot_run(program->path, err, why);
    }
    if (machine_script_start(m) != 0) {
        cpu->current = NULL;
        process_destroy(p);
        return cannot_run(program->path, -ENOMEM, NULL);
    }
    machine_events_init(m);
    err = engine_run(cpu->engine);
    if (err && m->processes) {
        fprintf(stderr, "adiemu: internal error: the CPU stopped: %s\n",
                engine_error(cpu->engine));
        m->exit_code = EXIT_INTERNAL;
    }
    cred_host_restore(m);
    count_accesses(m);
    /* The last words of the program are those of its exit. */
    while (m->processes)
        process_destroy(m->processes);
    (void)umask(m->host_umask);
    machine_check_end(m);
    if (hub_nr_host_errors(m->hub) && m->exit_code != EXIT_INTERNAL)
        m->exit_code = EXIT_HOST_FILE;
    if (machine_script_found_fault(m) || m->progress.stuck)
        m->exit_code = EXIT_INTERNAL;
    return m->exit_code;
}

const struct triggers *machine_triggers(const struct machine *m)
{
    return m->triggers;
}

struct judge *machine_judge(const struct machine *m)
{
    return m->judge;
}

const struct hook_time *machine_hook_times(const struct machine *m)
{
    return adi_hook_times(m->adi);
}

struct adi_store_use machine_store_peak(const struct machine *m)
{
    return adi_store_peak(m->adi);
}

uint64_t machine_insns(const struct machine *m)
{
    uint64_t insns = 0;

    for (unsigned i = 0; i < MACHINE_NR_CPUS; i++)
        insns += engine_insns(m->cpus[i].engine);
    return insns;
}

void machine_kick(struct machine *m)
{
    for (unsigned i = 0; i < MACHINE_NR_CPUS; i++)
        engine_kick(m->cpus[i].engine);
}

void machine_set_mcde(struct machine *m, const struct mm *mm)
{
    for (unsigned i = 0; i < MACHINE_NR_CPUS; i++)
        if (runs_in(&m->cpus[i], mm))
            engine_set_mcde(m->cpus[i].engine, true);
}

bool machine_knows_signal(int sig)
{
    return hostsig_is_known(sig);
}

void machine_signal(struct machine *m, int sig, bool terminal)
{
    hostsig_came(m, sig, terminal);
}
