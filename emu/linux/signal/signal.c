// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/signal/signal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/core/coredump.h"
#include "emu/linux/fault.h"
#include "emu/linux/sched/jobctl.h"
#include "emu/linux/sched/exit.h"
#include "emu/linux/sched/rlimit.h"
#include "emu/linux/signal/sigpending.h"
#include "emu/linux/strace/strace.h"
#include "emu/linux/syscall.h"
#include "emu/linux/time/posix_timer.h"
#include "emu/linux/uaccess.h"

#define UNBLOCKABLE (SIGMASK(SIG_KILL) | SIGMASK(SIG_STOP))

/* Default actions other than to end the process. */
#define IGNORED_BY_DEFAULT                                                     \
    (SIGMASK(SIG_CONT) | SIGMASK(SIG_CHLD) | SIGMASK(SIG_WINCH) |              \
     SIGMASK(SIG_URG))
#define STOPS_BY_DEFAULT                                                       \
    (SIGMASK(SIG_STOP) | SIGMASK(SIG_TSTP) | SIGMASK(SIG_TTIN) |               \
     SIGMASK(SIG_TTOU))

struct sighand {
    int users;
    struct sigaction_g action[NSIG_GUEST + 1];
};

struct sighand *sighand_create(void)
{
    struct sighand *sh = calloc(1, sizeof(*sh));

    if (sh)
        sh->users = 1;
    return sh;
}

struct sighand *sighand_copy(const struct sighand *sh)
{
    struct sighand *copy = malloc(sizeof(*copy));

    if (!copy)
        return NULL;
    *copy = *sh;
    copy->users = 1;
    return copy;
}

struct sighand *sighand_get(struct sighand *sh)
{
    sh->users++;
    return sh;
}

int sighand_unshare(struct sighand **shp)
{
    struct sighand *copy;

    if ((*shp)->users == 1)
        return 0;
    copy = sighand_copy(*shp);
    if (!copy)
        return -ENOMEM;
    sighand_put(*shp);
    *shp = copy;
    return 0;
}

void sighand_flush(struct sighand *sh)
{
    for (int sig = 1; sig <= NSIG_GUEST; sig++) {
        bool ignore = sh->action[sig].handler == SIG_IGN_G;

        sh->action[sig] =
            (struct sigaction_g){.handler = ignore ? SIG_IGN_G : SIG_DFL_G};
    }
}

void sighand_put(struct sighand *sh)
{
    if (sh && --sh->users == 0)
        free(sh);
}

static bool valid(int sig)
{
    return sig >= 1 && sig <= NSIG_GUEST;
}

int signal_get_action(const struct task *t, int sig, struct sigaction_g *out)
{
    if (!valid(sig))
        return -EINVAL;
    *out = t->process->sighand->action[sig];
    return 0;
}

/* sig_handler_ignored() */
bool signal_ignored(const struct task *t, int sig)
{
    uint64_t handler = t->process->sighand->action[sig].handler;

    return handler == SIG_IGN_G ||
           (handler == SIG_DFL_G && SIGMASK(sig) & IGNORED_BY_DEFAULT);
}

/* flush_sigqueue_mask() of the process and of each of its threads */
static void drop(struct process *p, uint64_t set)
{
    struct task *t;

    sigpending_drop(&p->pending, set);
    DL_FOREACH2(p->threads, t, thread_next)
        sigpending_drop(&t->pending, set);
}

int signal_set_action(struct task *t, int sig, const struct sigaction_g *act)
{
    if (!valid(sig) || SIGMASK(sig) & UNBLOCKABLE)
        return -EINVAL;
    t->process->sighand->action[sig] = *act;
    t->process->sighand->action[sig].mask &= ~UNBLOCKABLE;
    if (signal_ignored(t, sig))
        drop(t->process, SIGMASK(sig));
    return 0;
}

uint64_t signal_pending(const struct task *t)
{
    return t->process->pending.set | t->pending.set;
}

uint64_t signal_pending_shared(const struct task *t)
{
    return t->process->pending.set;
}

/* complete_signal(), retarget_shared_pending(): who takes @sig of a process's;
 * NULL: all block it */
static const struct task *taker(const struct process *p, int sig)
{
    const struct task *t;

    DL_FOREACH2(p->threads, t, thread_next) {
        if (!t->dead && !(t->blocked & SIGMASK(sig)))
            return t;
    }
    return NULL;
}

/* Of those sent to its process, is one for @t? */
static bool has_shared(const struct task *t)
{
    uint64_t set = t->process->pending.set & ~t->blocked;

    if (t->process->live == 1)
        return set != 0;
    for (; set; set &= set - 1)
        if (taker(t->process, __builtin_ctzll(set) + 1) == t)
            return true;
    return false;
}

bool signal_deliverable(const struct task *t)
{
    /* Asked after each trap: mostly there are none. */
    if (!(signal_pending(t) & ~t->blocked))
        return false;
    return t->pending.set & ~t->blocked || has_shared(t);
}

void signal_set_blocked(struct task *t, uint64_t mask)
{
    t->blocked = mask & ~UNBLOCKABLE;
}

static void go_on(struct process *p)
{
    if (!p->stop_signal)
        return;
    p->stop_signal = 0;
    p->stop_unwaited = false;
    p->cont_unwaited = true;
    process_tell_parent(p, CLD_G_CONTINUED);
}

/* prepare_signal(): stopping and going on cancel each other. */
static void prepare(struct process *p, int sig)
{
    if (SIGMASK(sig) & STOPS_BY_DEFAULT) {
        drop(p, SIGMASK(SIG_CONT));
    } else if (sig == SIG_CONT) {
        drop(p, STOPS_BY_DEFAULT);
        go_on(p);
    } else if (sig == SIG_KILL) {
        p->stop_signal = 0;
    }
}

static void log_signal(const struct task *t, enum log_level l, const char *what,
                       const struct siginfo *info)
{
    log_print(&t->m->options.log, LOG_SIGNAL, l,
              "pid=%" PRIu32 " %s %s signo=%d code=%d addr=0x%" PRIx64, t->pid,
              what, signal_name(info->signo), info->signo, info->code,
              info->addr);
}

bool signal_has_room(const struct task *t)
{
    uint64_t limit = rlimit(t, RLIMIT_G_SIGPENDING), nr = 1;
    const struct process *p;
    const struct task *i;

    if (limit == RLIM_G_INFINITY)
        return true;
    DL_FOREACH(t->m->tasks, i) {
        if (i->cred.uid.real == t->cred.uid.real)
            nr += sigpending_count(&i->pending);
    }
    DL_FOREACH(t->m->processes, p) {
        if (process_leader(p)->cred.uid.real == t->cred.uid.real)
            nr += sigpending_count(&p->pending) + posix_timers_count(p);
    }
    return nr <= limit;
}

/* What must not be lost: the kernel says it, and it is no real-time signal. */
static bool overrides_limit(const struct siginfo *info)
{
    return info->signo < SIG_RTMIN && info->code >= 0;
}

static int send_to(struct task *t, struct sigpending *pending,
                   const struct siginfo *info)
{
    bool shared = pending == &t->process->pending;

    if (!valid(info->signo) || (shared ? process_dead(t->process) : t->dead))
        return 0;
    prepare(t->process, info->signo);
    if (signal_ignored(t, info->signo) &&
        !(t->blocked & SIGMASK(info->signo))) {
        log_signal(t, LOG_DEBUG, "ignores", info);
        return 0;
    }
    log_signal(t, LOG_DEBUG, "gets", info);
    if ((overrides_limit(info) || info->code == SI_G_TIMER ||
         signal_has_room(t)) &&
        sigpending_add(&t->m->kmem, pending, info))
        return 0;
    if (info->signo >= SIG_RTMIN && info->code != SI_G_USER)
        return -EAGAIN;
    sigpending_add_bare(pending, info->signo);
    return 0;
}

int signal_queue(struct task *t, const struct siginfo *info)
{
    return send_to(t, &t->process->pending, info);
}

int signal_queue_task(struct task *t, const struct siginfo *info)
{
    return send_to(t, &t->pending, info);
}

void signal_send(struct task *t, const struct siginfo *info)
{
    (void)send_to(t, &t->process->pending, info);
}

void signal_send_task(struct task *t, const struct siginfo *info)
{
    (void)send_to(t, &t->pending, info);
}

void signal_force(struct task *t, const struct siginfo *info)
{
    struct sigaction_g *act = &t->process->sighand->action[info->signo];

    /* A blocked or ignored fault would come again for ever. */
    if (t->blocked & SIGMASK(info->signo) || act->handler == SIG_IGN_G) {
        act->handler = SIG_DFL_G;
        t->blocked &= ~SIGMASK(info->signo);
    }
    log_signal(t, LOG_DEBUG, "must take", info);
    if (!sigpending_add(&t->m->kmem, &t->pending, info))
        sigpending_add_bare(&t->pending, info->signo);
}

void signal_force_fault(struct task *t, int sig, int code, uint64_t addr)
{
    signal_force(t,
                 &(struct siginfo){.signo = sig, .code = code, .addr = addr});
}

/* force_sigsegv: the frame for @sig could not be made */
static void force_segv(struct task *t, int sig)
{
    if (sig == SIG_SEGV)
        t->process->sighand->action[SIG_SEGV].handler = SIG_DFL_G;
    signal_force_fault(t, SIG_SEGV, SI_G_KERNEL, 0);
}

bool signal_dequeue(struct task *t, uint64_t set, struct siginfo *out)
{
    if (!sigpending_take(&t->pending, set, out) &&
        !sigpending_take(&t->process->pending, set, out))
        return false;
    if (out->code == SI_G_TIMER)
        posix_timer_taken(t, out);
    return true;
}

/* get_signal() looks first for what this instruction did: its frame, and so
 * its handler's PC, is then that of the instruction. */
static bool next_signal(struct task *t, struct siginfo *out)
{
    return sigpending_take_fault(&t->pending, ~t->blocked, out) ||
           signal_dequeue(t, ~t->blocked, out);
}

static void say_death(const struct task *t, const struct siginfo *info,
                      bool dumped)
{
    log_end_line(&t->m->options.log);
    fprintf(stderr, "adiemu: uncaught target signal %d (%s)", info->signo,
            signal_text(info->signo));
    fprintf(stderr, " - %s", signal_name(info->signo));
    if (info->code != SI_G_USER && info->code != SI_G_TKILL)
        fprintf(stderr, ", code %s", signal_code_name(info->signo, info->code));
    if (info->code > 0 && info->code < SI_G_KERNEL)
        fprintf(stderr, ", address 0x%" PRIx64, info->addr);
    fprintf(stderr, ", pc 0x%" PRIx64 "%s\n", cpu_pc(task_engine(t)),
            dumped ? ", core dumped" : "");
}

/*
 * Ends that belong to ordinary life, and that no shell would speak of; that of
 * a child is its parent's business when the user wants quiet.
 */
static bool dies_quietly(const struct task *t, int sig)
{
    return sig == SIG_PIPE || sig == SIG_INT ||
           (t->m->options.quiet && t->process->pid != t->m->first_pid);
}

/*
 * What the wait status says of a core file.  Without --core none is written; a
 * program sees what it would where the directory lets one be made.
 */
static bool dumps_core(struct task *t, const struct siginfo *info)
{
    if (!core_dump_signal(info->signo))
        return false;
    if (t->m->options.core_pattern)
        return core_dump(t, info);
    return t->process->dumpable && rlimit(t, RLIMIT_G_CORE) >= PAGE_SIZE;
}

/* One line that names signal, code and address; then 128 + n. */
static void die(struct task *t, const struct siginfo *info)
{
    enum log_level l = dies_quietly(t, info->signo) ? LOG_INFO : LOG_WARN;
    bool dumped = dumps_core(t, info);

    if (log_wants(&t->m->options.log, LOG_SIGNAL, l))
        say_death(t, info, dumped && t->m->options.core_pattern);
    process_exit(t->process, info->signo | (dumped ? WCOREFLAG_G : 0));
}

/* syscall_restart() of arch/sparc/kernel/signal_64.c; @act NULL: no
 * handler runs. */
static void restart_syscall(struct task *t, const struct sigaction_g *act)
{
    struct engine *e = task_engine(t);
    uint64_t err = cpu_reg(e, REG_O(0));

    if (!t->in_syscall)
        return;
    t->in_syscall = false;
    if (err != ERESTART_RESTARTBLOCK_G &&
        (err < ERESTARTSYS_G || err > ERESTARTNOHAND_G))
        return;
    if (act && (err == ERESTARTNOHAND_G || err == ERESTART_RESTARTBLOCK_G ||
                (err == ERESTARTSYS_G && !(act->flags & SA_G_RESTART)))) {
        cpu_set_reg(e, REG_O(0), EINTR);
        return;
    }
    cpu_set_reg(e, REG_O(0), t->orig_o0);
    cpu_set_pc(e, cpu_pc(e) - 4, cpu_npc(e) - 4);
}

/*
 * handle_signal(), in two parts: between them a page of the frame may have to
 * be waited for.  The signal is no longer pending then.
 */
static void begin_handling(struct task *t, const struct siginfo *info)
{
    struct sigaction_g *slot = &t->process->sighand->action[info->signo];

    log_signal(t, LOG_INFO, "handles", info);
    t->handled = *info;
    t->handled_by = *slot;
    if (slot->flags & SA_G_RESETHAND)
        slot->handler = SIG_DFL_G;
    restart_syscall(t, &t->handled_by);
    t->restart_deadline = 0; /* not for the calls of the handler */
    windows_flush(t);
}

static void handle(struct task *t)
{
    const struct sigaction_g act = t->handled_by;
    const struct siginfo handled = t->handled, *info = &handled;
    int err = sigframe_setup(t, info, &act);

    if (user_waits(t))
        return;
    t->handled.signo = 0;
    if (err) {
        force_segv(t, info->signo);
        return;
    }
    t->restore_mask = false;
    signal_set_blocked(
        t, t->blocked | act.mask |
               (act.flags & SA_G_NODEFER ? 0 : SIGMASK(info->signo)));
}

void signal_deliver(struct task *t)
{
    struct siginfo info;

    if (signal_is_handled(t)) {
        handle(t);
        return;
    }
    while (!t->dead && next_signal(t, &info)) {
        uint64_t handler = t->process->sighand->action[info.signo].handler;

        strace_signal(t, &info);

        if (handler == SIG_IGN_G)
            continue;
        if (handler != SIG_DFL_G) {
            begin_handling(t, &info);
            handle(t);
            return;
        }
        if (SIGMASK(info.signo) & IGNORED_BY_DEFAULT)
            continue;
        if (SIGMASK(info.signo) & STOPS_BY_DEFAULT) {
            if (info.signo != SIG_STOP &&
                jobctl_is_orphaned(t->m, t->process->pgid, NULL))
                continue;
            log_signal(t, LOG_INFO, "stops by", &info);
            t->process->stop_signal = info.signo;
            t->process->stop_unwaited = true;
            strace_stopped(t, info.signo);
            process_tell_parent(t->process, CLD_G_STOPPED);
            return;
        }
        die(t, &info);
        return;
    }
    restart_syscall(t, NULL);
    if (t->restore_mask) {
        t->restore_mask = false;
        signal_set_blocked(t, t->saved_mask);
    }
}
