// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/machine.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adi/profile.h"
#include "base/word.h"
#include "check/check.h"
#include "emu/disas.h"
#include "emu/debug.h"
#include "emu/internal.h"
#include "emu/linux/abi.h"
#include "emu/linux/cpumodel.h"
#include "emu/linux/exec/exec.h"
#include "emu/linux/exec/personality.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/fs/filetime.h"
#include "emu/linux/fs/locks.h"
#include "emu/linux/fs/pipe.h"
#include "emu/linux/ipc/ipc.h"
#include "emu/linux/mm/mapfile.h"
#include "emu/linux/mm/swapfile.h"
#include "emu/linux/net/flight.h"
#include "emu/linux/path/confine.h"
#include "emu/linux/path/sysroot.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/rlimit.h"
#include "emu/linux/signal/hostsig.h"
#include "emu/linux/strace/strace.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/tty/tty.h"
#include "emu/linux/warn.h"
#include "emu/sandbox/sandbox.h"
#include "emu/progress.h"
#include "emu/record.h"
#include "emu/script.h"
#include "event/hosterr.h"
#include "judge/kernel_bug.h"
#include "judge/mismatch.h"

/* ---------------------------------------- what the layers below ask */

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
    if (which == MM_LIMIT_DATA) /* may_expand_vm(), for valgrind's sake */
        return rlimit(t, RLIMIT_G_DATA) ? rlimit(t, RLIMIT_G_DATA)
                                        : t->process->rlim[RLIMIT_G_DATA].hard;
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

static int create_parts(struct machine *m, const char **why)
{
    const struct machine_options *o = &m->options;
    struct memory_config config = {.ram_bytes = o->ram_bytes,
                                   .nr_nodes = o->nr_nodes,
                                   .policy = o->profile->policy};

    *why = "the ids of the caller cannot be read";
    kmem_init(&m->kmem, o->ram_bytes);
    if (cred_of_host(&m->kmem, &m->first_cred) != 0)
        return -EPERM;
    m->host_cred = cred_get(&m->first_cred);
    *why = MACHINE_NO_MEMORY;
    m->hub = hub_create();
    if (!m->hub)
        return -ENOMEM;
    m->options.log.partial = &m->partial_line;
    hub_set_log(m->hub, &m->options.log);
    config.hub = m->hub;
    m->mem = memory_create(&config);
    *why = MACHINE_NO_MEMORY " for the guest's RAM";
    if (!m->mem)
        return -ENOMEM;
    process_set_max(m, UINT64_MAX);
    m->adi = adi_create(m->mem, o->profile);
    m->swap = swap_create(m->mem);
    m->file_maps = file_maps_create(m->mem);
    m->ipc = ipc_create();
    m->locks = locks_create();
    m->hostsigs = hostsigs_create();
    m->swap_files = swap_files_create(o->fail_swapwrite, o->fail_swapread);
    /* Aligned, for files that the guest opens with O_DIRECT. */
    m->bounce = aligned_alloc(4096, BOUNCE_BYTES);
    if (!m->adi || !m->swap || !m->file_maps || !m->ipc || !m->locks ||
        !m->hostsigs || !m->swap_files || !m->bounce)
        return -ENOMEM;
    if (create_judge(m) != 0 || machine_check_init(m) != 0)
        return -ENOMEM;
    if (!cpu_model_has_adi(o->cpu))
        adi_disable(m->adi);
    adi_fail_alloc(m->adi, o->fail_tagstore);
    if (o->time_hooks)
        adi_time_hooks(m->adi);
    if (machine_cpus_create(m, &cpu_engine_ops, why) != 0)
        return -EIO;
    memory_attach_current(m->mem, &machine_current_ops, m);
    hub_set_source(m->hub, (struct hub_source){.where = where, .ctx = m});
    *why = MACHINE_NO_MEMORY;
    return machine_script_create(m);
}

/* -D, and what -d prints there */
static int open_log_file(struct machine *m, char why[static MACHINE_WHY_BYTES])
{
    const struct machine_options *o = &m->options;

    m->log_file = o->log_path ? fopen(o->log_path, "we") : stderr;
    if (!m->log_file) {
        snprintf(why, MACHINE_WHY_BYTES, "-D %s: %s", o->log_path,
                 strerror(errno));
        return EXIT_HOST_FILE;
    }
    if (!o->in_asm)
        return 0;
    m->disas = disas_create();
    if (m->disas)
        return 0;
    snprintf(why, MACHINE_WHY_BYTES, MACHINE_NO_MEMORY);
    return EXIT_INTERNAL;
}

/* 0, or -errno when not all could be written */
static int close_log_file(struct machine *m)
{
    FILE *f = m->log_file;

    m->log_file = stderr;
    return f && f != stderr ? log_close(f) : 0;
}

/* --strace, or --log=syscall:debug */
static int open_strace(struct machine *m, char why[static MACHINE_WHY_BYTES])
{
    const struct machine_options *o = &m->options;
    int err;

    if (!o->strace && !log_wants(&o->log, LOG_SYSCALL, LOG_DEBUG))
        return 0;
    err = strace_create(m, o->strace_path);
    if (!err)
        return 0;
    snprintf(why, MACHINE_WHY_BYTES, "--strace=%s: %s",
             o->strace_path ? o->strace_path : "", strerror(-err));
    return err == -ENOMEM ? EXIT_INTERNAL : EXIT_HOST_FILE;
}

static int open_sysroot(struct machine *m, char why[static MACHINE_WHY_BYTES])
{
    const char *path = m->options.sysroot;

    if (!path)
        return 0;
    m->sysroot = sysroot_create(path);
    if (m->sysroot)
        return 0;
    snprintf(why, MACHINE_WHY_BYTES, "%s: %s", path, strerror(errno));
    return EXIT_HOST_FILE;
}

/* ------------------------------------------------------------- --sandbox */

static int add_bind(struct machine *m, const struct bind_option *b,
                    char why[static MACHINE_WHY_BYTES])
{
    char *path = strndup(b->path, b->len);
    int err = path ? confine_add(m->bounds, path,
                                 b->read_only ? CONFINE_READ : CONFINE_WRITE)
                   : -ENOMEM;

    free(path);
    if (!err)
        return 0;
    snprintf(why, MACHINE_WHY_BYTES, "--bind %s: %s", b->path,
             err == -EROFS ? "one that is read only (:ro) cannot be below one "
                             "that is not"
                           : strerror(-err));
    return EXIT_HOST_FILE;
}

/* What there is of --bind and -L; the walls come with the program. */
static int prepare_sandbox(struct machine *m,
                           char why[static MACHINE_WHY_BYTES])
{
    const struct machine_options *o = &m->options;
    const char *text;
    bool abstract;
    int code = 0;

    if (!o->sandbox)
        return 0;
    text = sandbox_available(&abstract);
    m->bounds = text ? NULL : confine_create();
    if (!m->bounds) {
        snprintf(why, MACHINE_WHY_BYTES, "%s", text ? text : MACHINE_NO_MEMORY);
        return text ? EXIT_NO_SANDBOX : EXIT_INTERNAL;
    }
    confine_set_abstract(m->bounds, abstract);
    for (unsigned i = 0; !code && i < o->nr_binds; i++)
        code = add_bind(m, &o->binds[i], why);
    /* Below one of them it has more, and not less. */
    if (!code && o->sysroot)
        (void)!confine_add(m->bounds, o->sysroot, CONFINE_READ);
    return code;
}

/* Its files are open, and it has not done anything yet; 0 or an exit code */
static int close_sandbox(struct machine *m, const char *program)
{
    const char *why;

    if (!m->bounds)
        return 0;
    (void)!confine_add(m->bounds, program, CONFINE_READ);
    why = sandbox_enter(m->bounds, landlock_abi());
    m->confine = m->bounds;
    if (why)
        say_line(stderr, "adiemu: %s", why);
    return why ? EXIT_NO_SANDBOX : 0;
}

int machine_create(const struct machine_options *options, struct machine **out,
                   char why[static MACHINE_WHY_BYTES])
{
    struct machine *m = calloc(1, sizeof(*m));
    const char *text = MACHINE_NO_MEMORY;
    int code = EXIT_INTERNAL;

    if (m) {
        m->options = *options;
        if (!m->options.uname_release)
            m->options.uname_release = options->profile->release;
        m->nr_cpus = 1;
        m->this_cpu = &m->cpus[0];
        m->next_pid = m->first_pid = FIRST_PID;
        m->pid_max = PID_MAX;
        m->ready_fd = -1;
        m->pipe_max_size = PIPE_MAX_SIZE;
        m->random.state = options->seed;
        schedule_init(&m->schedule, &options->schedule);
        clock_init(m);
    }
    if (!m || create_parts(m, &text) != 0)
        snprintf(why, MACHINE_WHY_BYTES, "%s", text);
    else
        code = open_sysroot(m, why);
    if (!code)
        code = open_log_file(m, why);
    if (!code)
        code = record_open(m, why);
    if (!code)
        code = open_strace(m, why);
    if (!code)
        code = prepare_sandbox(m, why);
    if (!code)
        code = add_swaps(m, why);
    if (code) {
        machine_destroy(m);
        return code;
    }
    *out = m;
    return 0;
}

void machine_set_debug(struct machine *m, const struct debug *d)
{
    INVARIANT(m->options.debug);
    m->debug = d;
}

void machine_destroy(struct machine *m)
{
    if (!m)
        return;
    while (m->processes)
        process_destroy(m->processes);
    flights_destroy(m);
    (void)strace_destroy(m);
    (void)close_log_file(m);
    disas_destroy(m->disas);
    m->this_cpu->current = NULL;
    machine_script_destroy(m);
    check_destroy(m->check);
    m->check = NULL;
    locks_destroy(m->locks);
    hostsigs_destroy(m->hostsigs);
    ipc_destroy(m->ipc);
    warnings_destroy(m->warnings);
    filetime_destroy(m->file_times);
    sysroot_destroy(m->sysroot);
    confine_destroy(m->bounds);
    file_maps_destroy(m->file_maps);
    swap_destroy(m->swap);
    swap_files_destroy(m->swap_files);
    if (m->mem)
        memory_destroy(m->mem);
    judge_destroy(m->judge);
    adi_destroy(m->adi);
    machine_cpus_destroy(m);
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

static void end_log(struct machine *m, int err, const char *option,
                    const char *path)
{
    if (!err)
        return;
    say_line(stderr, "adiemu: %s%s: %s", option, path, strerror(-err));
    m->exit_code = EXIT_HOST_FILE;
}

static void end_logs(struct machine *m)
{
    end_log(m, strace_destroy(m), "--strace=", m->options.strace_path);
    end_log(m, close_log_file(m), "-D ", m->options.log_path);
    end_log(m, record_close(m), "--stress-script=", m->options.stress_script);
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
    err = close_sandbox(m, program->path);
    if (err) {
        cpu->current = NULL;
        process_destroy(p);
        return err;
    }
    machine_events_init(m);
    if (m->debug)
        m->debug->ops->start(m->debug->ctx);
    err = engine_run(cpu->engine);
    if (err && m->processes) {
        fprintf(stderr, "adiemu: internal error: the CPU stopped: %s\n",
                engine_error(cpu->engine));
        m->exit_code = EXIT_INTERNAL;
    }
    cred_host_restore(m);
    machine_count_accesses(m);
    /* The last words of the program are those of its exit. */
    while (m->processes)
        process_destroy(m->processes);
    progress_end(m);
    end_logs(m);
    (void)umask(m->host_umask);
    machine_check_end(m);
    if (judge_kernel_bug(m->judge) && m->exit_code != EXIT_INTERNAL)
        m->exit_code = EXIT_KERNEL_BUG;
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

uint64_t machine_ram_peak(const struct machine *m)
{
    return (uint64_t)phys_peak(memory_phys(m->mem)) * PAGE_SIZE;
}

bool machine_knows_signal(int sig)
{
    return hostsig_is_known(sig);
}

void machine_signal(struct machine *m, const siginfo_t *info, sigset_t *mask)
{
    hostsig_came(m, info, mask);
}
