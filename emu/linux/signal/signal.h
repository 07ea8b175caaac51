/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/signal/signal.h - signals of a process: sending, handlers, delivery
 *
 * Owns:    struct sighand: the handlers of a process
 * Used by: emu/
 * Source:  linux v6.2 kernel/signal.c, arch/sparc/kernel/signal_64.c
 */
#pragma once

#include "emu/linux/abi.h"
#include "emu/linux/sched/process.h"

#define SIG_DFL_G 0
#define SIG_IGN_G 1

#define SA_G_ONSTACK   0x1u
#define SA_G_NOCLDSTOP 0x8u
#define SA_G_NOCLDWAIT 0x100u
#define SA_G_RESTART   0x2u
#define SA_G_RESETHAND 0x4u
#define SA_G_NODEFER   0x20u
#define SA_G_SIGINFO   0x200u

/* si_code values of signals that are not faults. */
#define SI_G_USER   0
#define SI_G_KERNEL 0x80
#define SI_G_QUEUE  (-1)
#define SI_G_TIMER  (-2)
#define SI_G_SIGIO  (-5)
#define SI_G_TKILL  (-6)
#define SI_G_NOINFO 32767

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

struct sighand *sighand_create(void);

/* sighand_copy - NULL: no memory */
struct sighand *sighand_copy(const struct sighand *sh);

/* sighand_flush - flush_signal_handlers(): exec leaves only SIG_IGN */
void sighand_flush(struct sighand *sh);

struct sighand *sighand_get(struct sighand *sh);

/* sighand_put - NULL is fine */
void sighand_put(struct sighand *sh);

/* sighand_unshare - unshare_sighand(): *@shp becomes a copy for one user; 0 or
 * -ENOMEM */
MUST_CHECK int sighand_unshare(struct sighand **shp);

/* rt_sigaction(2); 0 or -EINVAL */
MUST_CHECK int signal_get_action(const struct task *t, int sig,
                                 struct sigaction_g *out);
MUST_CHECK int signal_set_action(struct task *t, int sig,
                                 const struct sigaction_g *act);

/* signal_send - for the process of @t: any of its tasks may take it.  What is
 * ignored vanishes. */
void signal_send(struct task *t, const struct siginfo *info);

/* signal_send_task - for @t and no other task of its process */
void signal_send_task(struct task *t, const struct siginfo *info);

/* The same, for who is told when RLIMIT_SIGPENDING is in the way: 0 or -EAGAIN
 * for a real-time signal that says more than its number. */
MUST_CHECK int signal_queue(struct task *t, const struct siginfo *info);
MUST_CHECK int signal_queue_task(struct task *t, const struct siginfo *info);

/* force_sig_fault: cannot be blocked or ignored */
void signal_force_fault(struct task *t, int sig, int code, uint64_t addr);
void signal_force(struct task *t, const struct siginfo *info);

/* signal_force_debugged - the next signal that acts on @t, whatever waits: a
 * debugger has sent it on */
void signal_force_debugged(struct task *t, const struct siginfo *info);

/* Sets of signals: all that @t may take; those sent to its process. */
uint64_t signal_pending(const struct task *t);

/* signal_has_room - __sigqueue_alloc(): may one more signal wait, of all that
 * wait for this user, or will, as a timer has made sure? */
bool signal_has_room(const struct task *t);
uint64_t signal_pending_shared(const struct task *t);

/* sig_task_ignored: SIG_IGN, or nothing to do by default */
bool signal_ignored(const struct task *t, int sig);

/* Is there anything to deliver? */
bool signal_deliverable(const struct task *t);

/* signal_fatal_pending - fatal_signal_pending() */
static inline bool signal_fatal_pending(const struct task *t)
{
    return (t->process->pending.set | t->pending.set) & SIGMASK(SIG_KILL);
}

/* signal_add_bare - sigaddset(): it waits for @t, without more than its number
 */
void signal_add_bare(struct task *t, int sig);

void signal_set_blocked(struct task *t, uint64_t mask);

/* signal_log - a line about it, if category and level are wanted */
void signal_log(const struct task *t, enum log_level l, const char *what,
                const struct siginfo *info);

/* dequeue_signal: the next of @set, those for @t itself first; or false */
bool signal_dequeue(struct task *t, uint64_t set, struct siginfo *out);

/*
 * signal_deliver - do_signal(): before the program goes on
 *
 * One handler's frame, or the default action, which may end the task.
 * Restarts an interrupted system call as asked.  trap_return() comes back
 * until nothing is left: the frames are then a stack, of which the handler
 * of the last signal runs first.
 */
void signal_deliver(struct task *t);

/* signal_is_handled - is a handler to run whose frame has no page yet? */
static inline bool signal_is_handled(const struct task *t)
{
    return t->handled.signo != 0;
}

/* signal_name - "SIGSEGV"; signal_text - "Segmentation fault" */
const char *signal_name(int sig);
const char *signal_text(int sig);

/* signal_code_name - "SEGV_MAPERR" */
const char *signal_code_name(int sig, int code);

/* ---- sigframe.c */

#define SIGFRAME_REGS 320 /* bytes: where struct pt_regs is in a frame */

/* setup_rt_frame: 0, or -EFAULT with nothing changed but memory; after
 * windows_flush() */
MUST_CHECK int sigframe_setup(struct task *t, const struct siginfo *info,
                              const struct sigaction_g *act);
void sigframe_return(struct task *t);

/* ---- context.c: traps 0x6e and 0x6f */
void context_get(struct task *t);
void context_set(struct task *t);

/* ---- windows.c */

/*
 * windows_flush - every window into its save area: synchronize_user_stack()
 *
 * The current one too.  Those without a place in memory are kept in
 * t->wsaved, newest last.
 */
void windows_flush(struct task *t);

/* windows_read, windows_set - locals and ins, as they are in the save area of
 * the window at @sp, biased; 0 or -EFAULT */
MUST_CHECK int windows_read(struct task *t, uint64_t sp,
                            uint64_t raw[static WINDOW_REGS]);
void windows_set(struct task *t, const uint64_t raw[static WINDOW_REGS]);

/* windows_reload - the same from %sp; 0 or -EFAULT */
MUST_CHECK int windows_reload(struct task *t);
