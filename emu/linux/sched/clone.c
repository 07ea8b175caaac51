// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/sched/clone.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <utlist.h>

#include "emu/debug.h"
#include "emu/linux/abi.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/late.h"
#include "emu/linux/ptrace/ptrace.h"
#include "emu/linux/sched/pidfd.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/signal/stop.h"
#include "emu/linux/uaccess.h"
#include "emu/linux/warn.h"

/* Nobody has an I/O context: this asks for nothing. */
#define WITHOUT_EFFECT CLONE_G_IO

#define SUPPORTED                                                              \
    (CLONE_G_SIGNAL | CLONE_G_VM | CLONE_G_FS | CLONE_G_FILES |                \
     CLONE_G_SIGHAND | CLONE_G_PIDFD | CLONE_G_VFORK | CLONE_G_PARENT |        \
     CLONE_G_THREAD | CLONE_G_SETTLS | CLONE_G_PARENT_SETTID |                 \
     CLONE_G_CHILD_CLEAR | CLONE_G_DETACHED | CLONE_G_CHILD_SETTID |           \
     CLONE_G_PTRACE | CLONE_G_UNTRACED | CLONE_G_SYSVSEM | WITHOUT_EFFECT)

#define FRAME_FP 112 /* of a register window: its %i6 */

/* Copy [@from, @from + @len) of the user, bounded by the bounce buffer. */
static int copy_in_user(struct task *t, uint64_t to, uint64_t from,
                        uint64_t len)
{
    if (len > BOUNCE_BYTES)
        return -EFAULT;
    return copy_from_user(t, t->m->bounce, from, len) ||
                   copy_to_user(t, to, t->m->bounce, len)
               ? -EFAULT
               : 0;
}

/* clone_stackframe(): the caller's frame on top of the new stack. */
static int clone_stackframe(struct task *t, uint64_t stack, uint64_t *sp)
{
    uint64_t old = *sp + STACK_BIAS_G, fp, top, new;

    if (get_user64(t, old + FRAME_FP, &fp))
        return -EFAULT;
    top = (stack + STACK_BIAS_G) & ~UINT64_C(15);
    new = top - (fp + STACK_BIAS_G - old);
    if (copy_in_user(t, new, old, fp + STACK_BIAS_G - old) ||
        put_user64(t, new + FRAME_FP, top - STACK_BIAS_G))
        return -EFAULT;
    *sp = new - STACK_BIAS_G;
    return 0;
}

/* copy_thread(): the registers, but for what the two must tell apart. */
static int copy_cpu(struct task *t, struct task *child,
                    const struct clone_args *args)
{
    struct engine *e = task_engine(t);
    uint64_t sp = cpu_reg(e, REG_SP), fp = cpu_reg(e, REG_FP);
    uint64_t o0 = cpu_reg(e, REG_O(0)), g7 = cpu_reg(e, REG_G(7));
    uint64_t ccr = cpu_tstate(e), child_sp = sp, child_fp = fp;
    gva_t pc = cpu_pc(e), npc = cpu_npc(e);

    if (args->stack && args->stack != sp) {
        int err = clone_stackframe(t, args->stack, &child_sp);

        if (err)
            return err;
        child_fp = (args->stack + STACK_BIAS_G) & ~UINT64_C(15);
        child_fp -= STACK_BIAS_G;
    }
    cpu_set_reg(e, REG_SP, child_sp);
    cpu_set_reg(e, REG_FP, child_fp);
    cpu_set_reg(e, REG_O(0), t->pid);
    cpu_set_reg(e, REG_O(1), 1);
    if (args->flags & CLONE_G_SETTLS)
        cpu_set_reg(e, REG_G(7), args->tls);
    cpu_set_carry(e, false);
    cpu_skip(e);
    cpu_save_state(e, child->regs);

    cpu_set_reg(e, REG_SP, sp);
    cpu_set_reg(e, REG_FP, fp);
    cpu_set_reg(e, REG_O(0), o0);
    cpu_set_reg(e, REG_O(1), 0);
    cpu_set_reg(e, REG_G(7), g7);
    cpu_set_tstate(e, ccr);
    cpu_set_pc(e, pc, npc);
    return 0;
}

/* The first instructions of the child, as ret_from_fork() does them: its
 * own memory has the number, not the parent's. */
static void set_child_tid(struct task *child, const struct clone_args *args)
{
    if (args->flags & CLONE_G_CHILD_SETTID)
        (void)!put_user32(child, args->child_tid, child->pid);
    late_forgive(child);
    if (args->flags & CLONE_G_CHILD_CLEAR)
        child->clear_child_tid = args->child_tid;
}

/* CLONE_PIDFD: its descriptor goes where PARENT_SETTID puts the number. */
static int put_pidfd(struct task *t, struct task *child,
                     const struct clone_args *args)
{
    int fd = pidfd_open_process(t, child->process, false);

    if (fd < 0)
        return fd;
    if (put_user32(t, args->parent_tid, (uint32_t)fd) == 0)
        return 0;
    return files_close(t->files, fd) == 0 ? -EFAULT : -EBADF;
}

/* copy_process(): what cannot be asked for together. */
static bool is_nonsense(uint64_t flags)
{
    if (flags & CLONE_G_THREAD && !(flags & CLONE_G_SIGHAND))
        return true;
    if (flags & CLONE_G_SIGHAND && !(flags & CLONE_G_VM))
        return true;
    if (flags & CLONE_G_PIDFD &&
        flags & (CLONE_G_DETACHED | CLONE_G_THREAD | CLONE_G_PARENT_SETTID))
        return true;
    return false;
}

static int make_task(struct task *t, uint64_t flags, struct task **out)
{
    struct process *p;
    int err;

    if (flags & CLONE_G_THREAD)
        return process_add_thread(t, flags, out);
    err = process_copy(t, flags, &p);
    if (!err)
        *out = process_leader(p);
    return err;
}

/* Nobody has seen it. */
static void unmake_task(struct task *t, struct task *child)
{
    if (user_waits(t)) {
        t->m->next_pid = child->pid;
        t->m->nr_forks--;
    }
    if (child->process != t->process) {
        process_destroy(child->process);
        return;
    }
    t->process->live--;
    process_remove_thread(child);
}

/* kernel_clone(): what the tracer of @t is told about the child; 0: nothing */
static int event_of(const struct task *t, uint64_t flags)
{
    int event = flags & CLONE_G_VFORK                  ? PTRACE_EVENT_G_VFORK
                : (flags & CLONE_G_SIGNAL) != SIG_CHLD ? PTRACE_EVENT_G_CLONE
                                                       : PTRACE_EVENT_G_FORK;

    return !(flags & CLONE_G_UNTRACED) && ptrace_event_enabled(t, event) ? event
                                                                         : 0;
}

/* Has the child of vfork() not left our address space yet? */
static bool is_vforking(const struct task *t)
{
    const struct task *i;

    DL_FOREACH(t->m->tasks, i) {
        if (i->vforker == t)
            return true;
    }
    return false;
}

/* The child runs: the rest of the call, from @t->clone_stage on. */
static int64_t go_on(struct task *t)
{
    static const struct wait_results killed = {.on_signal = -EINTR};

    if (t->clone_stage == CLONE_VFORKS && is_vforking(t)) {
        if (!signal_fatal_pending(t))
            return sched_wait(t, WAIT_VFORK, FOREVER, killed);
        t->clone_stage = CLONE_DONE;
    }
    if (t->clone_stage == CLONE_VFORKS) {
        t->clone_stage = CLONE_DONE;
        if (t->m->debug)
            t->m->debug->ops->vfork_done(t->m->debug->ctx, t);
        if (ptrace_event(t, PTRACE_EVENT_G_VFORK_DONE, t->vfork_child))
            return TASK_WAITS;
    }
    return t->vfork_child;
}

/* The child has its registers and number, and can run. */
static int64_t start(struct task *t, struct task *child,
                     const struct clone_args *args)
{
    int event = event_of(t, args->flags);

    ptrace_init_task(t, child, event || args->flags & CLONE_G_PTRACE);
    if (child->process == t->process)
        stop_join(t, child);
    set_child_tid(child, args);
    log_print(&t->m->options.log, LOG_MM, LOG_INFO,
              "pid=%" PRIu32 " clone child=%" PRIu32 " mm=%" PRIu32, t->pid,
              child->pid, mm_id(child->process->mm));
    if (args->flags & CLONE_G_PARENT_SETTID) {
        (void)!put_user32(t, args->parent_tid, child->pid);
        late_forgive(t);
    }
    if (t->m->debug)
        t->m->debug->ops->cloned(t->m->debug->ctx, t, child,
                                 args->flags & CLONE_G_VFORK ? DEBUG_VFORK
                                                             : DEBUG_FORK);
    machine_start_clock(t->m);
    schedule_start(t->m);
    t->vfork_child = child->pid;
    t->clone_stage = CLONE_DONE;
    if (args->flags & CLONE_G_VFORK) {
        child->vforker = t;
        t->clone_stage = CLONE_VFORKS;
    }
    if (event && ptrace_event(t, event, child->pid))
        return TASK_WAITS;
    return go_on(t);
}

int64_t clone_task(struct task *t, const struct clone_args *args)
{
    uint64_t missing = args->flags & ~(uint64_t)SUPPORTED;
    struct task *child;
    int err;

    if (t->wait.again)
        return go_on(t);
    if (is_nonsense(args->flags))
        return -EINVAL;
    if (missing) {
        warn_once(t, LOG_SYSCALL, "unsupported: clone with flags 0x%" PRIx64,
                  missing);
        return -EINVAL;
    }
    windows_flush(t);
    if (!user_settled(t)) /* the child's memory is a copy of it */
        return TASK_WAITS;
    err = make_task(t, args->flags, &child);
    if (err)
        return err;
    err = copy_cpu(t, child, args);
    if (!err && args->flags & CLONE_G_PIDFD)
        err = put_pidfd(t, child, args);
    if (err) {
        unmake_task(t, child);
        return err;
    }
    return start(t, child, args);
}
