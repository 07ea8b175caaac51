// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/mm/remote_vm.h"
#include "emu/linux/path/place.h"
#include "emu/linux/proc/procfs.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/signal/stop.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/time/cputime.h"
#include "emu/linux/tty/tty.h"
#include "emu/linux/uaccess.h"
#include "mm/vma.h"

/*
 * Source: linux v6.2 fs/proc/array.c: proc_pid_status(), do_task_stat(),
 *         proc_pid_statm(); fs/proc/task_mmu.c task_mem(); fs/proc/base.c
 */

#define KIB_PER_PAGE   (PAGE_SIZE / 1024)
#define TICKS_PER_S    100
#define FDS_AT_FIRST   64
#define FDS_PER_STEP   128
#define MAX_NUMNODES_G 32

/* Pages of the areas of a process, by what they are for. */
struct vm_stat {
    uint64_t exec, stack, data;
};

/* vm_stat_account() */
static struct vm_stat vm_stat(struct mm *mm)
{
    struct vm_stat s = {0};

    for (const struct vma *v = vma_first(mm); v; v = vma_next(v)) {
        bool write = (v->flags & VM_WRITE) != 0;

        if (v->flags & VM_GROWSDOWN)
            s.stack += vma_pages(v);
        else if (v->flags & VM_EXEC && !write)
            s.exec += vma_pages(v);
        else if (write && !(v->flags & VM_SHARED))
            s.data += vma_pages(v);
    }
    return s;
}

/* Pages that the program's code takes. */
static uint64_t text_pages(const struct task *t, const struct vm_stat *s)
{
    uint64_t text = (page_align_up(t->process->layout.end_code) -
                     page_align_down(t->process->layout.start_code)) >>
                    PAGE_SHIFT;

    return text < s->exec ? text : s->exec;
}

static uint64_t rss(const struct mm *mm, enum mm_counter c)
{
    return (uint64_t)mm_rss(mm, c);
}

static uint64_t resident(const struct mm *mm)
{
    return rss(mm, MM_ANONPAGES) + rss(mm, MM_FILEPAGES) +
           rss(mm, MM_SHMEMPAGES);
}

static void show_pages(FILE *out, const char *name, uint64_t pages)
{
    fprintf(out, "%s:\t%8" PRIu64 " kB\n", name, pages * KIB_PER_PAGE);
}

/* task_mem() */
static void show_mem(const struct task *t, FILE *out)
{
    const struct mm *mm = t->process->mm;
    struct vm_stat s = vm_stat(t->process->mm);
    uint64_t text = text_pages(t, &s);

    show_pages(out, "VmPeak", mm_hiwater_vm(mm));
    show_pages(out, "VmSize", mm_total_vm(mm));
    show_pages(out, "VmLck", mm_locked_vm(mm));
    show_pages(out, "VmPin", 0); /* no device pins pages */
    show_pages(out, "VmHWM", mm_hiwater_rss(mm));
    show_pages(out, "VmRSS", resident(mm));
    show_pages(out, "RssAnon", rss(mm, MM_ANONPAGES));
    show_pages(out, "RssFile", rss(mm, MM_FILEPAGES));
    show_pages(out, "RssShmem", rss(mm, MM_SHMEMPAGES));
    show_pages(out, "VmData", s.data);
    show_pages(out, "VmStk", s.stack);
    show_pages(out, "VmExe", text);
    show_pages(out, "VmLib", s.exec - text);
    show_pages(out, "VmPTE", mm_pgtables_bytes(mm) >> PAGE_SHIFT);
    show_pages(out, "VmSwap", rss(mm, MM_SWAPENTS));
    fputs("CoreDumping:\t0\n"
          "THP_enabled:\t0\n",
          out);
}

struct signals {
    uint64_t ignored, caught;
};

/* collect_sigign_sigcatch() */
static struct signals signals_of(const struct task *t)
{
    struct signals s = {0};

    for (int sig = 1; sig <= NSIG_GUEST; sig++) {
        struct sigaction_g act;

        if (signal_get_action(t, sig, &act) != 0)
            continue;
        if (act.handler == SIG_IGN_G)
            s.ignored |= SIGMASK(sig);
        else if (act.handler != SIG_DFL_G)
            s.caught |= SIGMASK(sig);
    }
    return s;
}

/* get_nr_threads(): with the leader, ended or not */
static unsigned nr_threads(const struct process *p)
{
    const struct task *t;
    unsigned nr = 0;

    DL_COUNT2(p->threads, t, nr, thread_next);
    return nr;
}

static void show_signals(const struct task *t, FILE *out)
{
    struct signals s = signals_of(t);

    fprintf(out,
            "Threads:\t%u\n"
            "SigQ:\t%d/%" PRIu64 "\n"
            "SigPnd:\t%016" PRIx64 "\n"
            "ShdPnd:\t%016" PRIx64 "\n"
            "SigBlk:\t%016" PRIx64 "\n"
            "SigIgn:\t%016" PRIx64 "\n"
            "SigCgt:\t%016" PRIx64 "\n",
            nr_threads(t->process), __builtin_popcountll(signal_pending(t)),
            UINT64_MAX, t->pending.set, signal_pending_shared(t), t->blocked,
            s.ignored, s.caught);
}

/* files_fdtable()->max_fds, were the table no larger than it must be */
static unsigned fd_size(const struct task *t)
{
    unsigned size = FDS_AT_FIRST;

    if (!t->files)
        return 0;
    for (int fd = 0; fd < FILES_MAX; fd++)
        if (files_host(t->files, fd) >= 0 && (unsigned)fd >= size)
            size = size < FDS_PER_STEP ? FDS_PER_STEP : size * 2;
    return size;
}

static char state_of(const struct task *t)
{
    if (t->process->zombie || t->dead)
        return 'Z';
    if (t->jobctl & JOBCTL_TRACED)
        return 't';
    if (t->jobctl & JOBCTL_STOPPED)
        return 'T';
    if (sched_is_runnable(t))
        return 'R';
    return t->wait.kind == WAIT_VFORK ? 'D' : 'S';
}

static const char *state_name(char state)
{
    switch (state) {
    case 'R': return "R (running)";
    case 'D': return "D (disk sleep)";
    case 'T': return "T (stopped)";
    case 't': return "t (tracing stop)";
    case 'Z': return "Z (zombie)";
    default: return "S (sleeping)";
    }
}

static void show_ids(const struct task *t, FILE *out)
{
    const struct ids *u = &t->cred.uid, *g = &t->cred.gid;
    const struct group_list *groups = t->cred.groups;

    fprintf(out,
            "Tgid:\t%" PRIu32 "\n"
            "Ngid:\t0\n"
            "Pid:\t%" PRIu32 "\n"
            "PPid:\t%" PRIu32 "\n"
            "TracerPid:\t%" PRIu32 "\n"
            "Uid:\t%u\t%u\t%u\t%u\n"
            "Gid:\t%u\t%u\t%u\t%u\n"
            "FDSize:\t%u\n"
            "Groups:\t",
            t->process->pid, t->pid, process_ppid(t->process),
            t->ptrace.tracer ? t->ptrace.tracer->pid : 0, u->real, u->effective,
            u->saved, u->fs, g->real, g->effective, g->saved, g->fs,
            fd_size(t));
    for (unsigned i = 0; i < groups->nr; i++)
        fprintf(out, "%s%u", i ? " " : "", groups->gid[i]);
    fprintf(out,
            " \nNStgid:\t%" PRIu32 "\n"
            "NSpid:\t%" PRIu32 "\n"
            "NSpgid:\t%" PRIu32 "\n"
            "NSsid:\t%" PRIu32 "\n",
            t->process->pid, t->pid, t->process->pgid, t->process->sid);
}

/* proc_task_name() */
static void show_name(const struct task *t, FILE *out)
{
    for (const char *p = t->comm; *p && p < t->comm + sizeof(t->comm); p++)
        if (*p == '\n')
            fputs("\\n", out);
        else if (*p == '\\')
            fputs("\\\\", out);
        else
            fputc(*p, out);
}

PROC_SHOW(proc_show_status)
{
    unsigned nodes = phys_nr_nodes(memory_phys(m->mem));
    const struct cred *c = &t->cred;

    fputs("Name:\t", out);
    show_name(t, out);
    fputc('\n', out);
    if (t->fs)
        fprintf(out, "Umask:\t%#04o\n", t->fs->umask);
    fprintf(out, "State:\t%s\n", state_name(state_of(t)));
    show_ids(t, out);
    if (t->process->mm)
        show_mem(t, out);
    show_signals(t, out);
    fprintf(out,
            "CapInh:\t%016" PRIx64 "\n"
            "CapPrm:\t%016" PRIx64 "\n"
            "CapEff:\t%016" PRIx64 "\n"
            "CapBnd:\t%016" PRIx64 "\n"
            "CapAmb:\t%016" PRIx64 "\n"
            "NoNewPrivs:\t%d\n"
            "Seccomp:\t0\n"
            "Seccomp_filters:\t0\n"
            "Speculation_Store_Bypass:\tunknown\n"
            "SpeculationIndirectBranch:\tunknown\n"
            "Cpus_allowed:\t1\n"
            "Cpus_allowed_list:\t0\n"
            "Mems_allowed:\t%0*x\n"
            "Mems_allowed_list:\t0",
            c->inheritable, c->permitted, c->effective, c->bset, c->ambient,
            c->no_new_privs, MAX_NUMNODES_G / 4, (1u << nodes) - 1);
    if (nodes > 1)
        fprintf(out, "-%u", nodes - 1);
    fputs("\nvoluntary_ctxt_switches:\t0\n"
          "nonvoluntary_ctxt_switches:\t0\n",
          out);
    return 0;
}

/* nsec_to_clock_t() */
static uint64_t ticks(uint64_t ns)
{
    return ns / (NS_PER_S / TICKS_PER_S);
}

PROC_SHOW(proc_show_stat)
{
    bool whole = t == process_leader(t->process);
    uint64_t user = whole ? cputime_all_user(t->process) : cputime_user(t);
    uint64_t system =
        whole ? cputime_all(t->process) - user : cputime_system(t);
    struct signals s = signals_of(t);
    uint64_t low = 0x7fffffff;
    gva_t start_brk = 0, brk;

    (void)m;
    if (t->process->mm)
        mm_get_brk(t->process->mm, &start_brk, &brk);
    fprintf(out, "%" PRIu32 " (", t->pid);
    show_name(t, out);
    /* No flags, no children's counts. */
    fprintf(out,
            ") %c %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRId64
            " 0 %" PRIu64 " 0 %" PRIu64 " 0 %" PRIu64 " %" PRIu64 " %" PRIu64
            " %" PRIu64 " %d %d %u 0 0",
            state_of(t), process_ppid(t->process), t->process->pgid,
            t->process->sid, tty_number(t->process->tty),
            t->process->tty ? (int64_t)t->process->tty->pgrp : -1, t->min_flt,
            t->maj_flt, ticks(user), ticks(system),
            ticks(t->process->child_usage.cpu_ns -
                  t->process->child_usage.system_ns),
            ticks(t->process->child_usage.system_ns), priority_number(&t->prio),
            t->prio.nice, nr_threads(t->process));
    fprintf(out,
            " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
            " %" PRIu64 " 0 0",
            t->process->mm ? mm_total_vm(t->process->mm) << PAGE_SHIFT : 0,
            t->process->mm ? resident(t->process->mm) : 0, UINT64_MAX,
            t->process->layout.start_code, t->process->layout.end_code,
            t->process->layout.start_stack);
    fprintf(out,
            " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
            " 0 0 0 %d 0 %u %d 0 0 0",
            signal_pending(t) & low, t->blocked & low, s.ignored & low,
            s.caught & low, t->process->exit_signal, t->prio.rt_priority,
            t->prio.policy);
    fprintf(out,
            " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
            " %" PRIu64 " %" PRIu64 " %d\n",
            t->process->layout.start_data, t->process->layout.end_data,
            start_brk, t->process->layout.arg_start, t->process->layout.arg_end,
            t->process->layout.env_start, t->process->layout.env_end,
            t->process->exit_code);
    return 0;
}

PROC_SHOW(proc_show_statm)
{
    struct vm_stat s = {0};
    uint64_t shared = 0;

    (void)m;
    if (!t->process->mm) {
        fputs("0 0 0 0 0 0 0\n", out);
        return 0;
    }
    s = vm_stat(t->process->mm);
    shared =
        rss(t->process->mm, MM_FILEPAGES) + rss(t->process->mm, MM_SHMEMPAGES);
    fprintf(out,
            "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " 0 %" PRIu64 " 0\n",
            mm_total_vm(t->process->mm), resident(t->process->mm), shared,
            (page_align_up(t->process->layout.end_code) -
             page_align_down(t->process->layout.start_code)) >>
                PAGE_SHIFT,
            s.data + s.stack);
    return 0;
}

PROC_SHOW(proc_show_comm)
{
    (void)m;
    show_name(t, out);
    fputc('\n', out);
    return 0;
}

/* comm_write(): of a thread of one's own process */
int proc_store_comm(struct task *by, struct task *of, const char *text)
{
    if (by->process != of->process)
        return -EINVAL;
    memset(of->comm, 0, sizeof(of->comm));
    strncpy(of->comm, text, sizeof(of->comm) - 1);
    return 0;
}

/* What is at [start, end) of the process. */
static int show_memory(struct task *t, uint64_t start, uint64_t end, FILE *out)
{
    uint64_t len = end - start;
    char *text;

    if (!t->process->mm || len == 0)
        return 0;
    text = malloc(len);
    if (!text)
        return -ENOMEM;
    len = access_remote_vm(t->process->mm, start, (uint8_t *)text, len, false);
    fwrite(text, 1, len, out);
    free(text);
    return 0;
}

/* get_mm_cmdline(), without what setproctitle() may have moved. */
PROC_SHOW(proc_show_cmdline)
{
    (void)m;
    return show_memory(t, t->process->layout.arg_start,
                       t->process->layout.arg_end, out);
}

PROC_SHOW(proc_show_environ)
{
    (void)m;
    return show_memory(t, t->process->layout.env_start,
                       t->process->layout.env_end, out);
}

/* Pairs up to and with AT_NULL. */
PROC_SHOW(proc_show_auxv)
{
    (void)m;
    for (unsigned i = 0; t->process->mm && i + 1 < AT_VECTOR_WORDS; i += 2) {
        uint64_t pair[2] = {htobe64(t->process->layout.auxv[i]),
                            htobe64(t->process->layout.auxv[i + 1])};

        fwrite(pair, sizeof(pair), 1, out);
        if (t->process->layout.auxv[i] == 0)
            break;
    }
    return 0;
}
