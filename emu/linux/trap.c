// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/trap.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/word.h"
#include "emu/linux/abi.h"
#include "emu/linux/fault.h"
#include "emu/linux/late.h"
#include "emu/linux/ptrace/ptrace.h"
#include "emu/linux/sched/exit.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/signal/stop.h"
#include "emu/linux/syscall.h"
#include "emu/linux/warn.h"
#include "judge/kernel_bug.h"

/* Trap types of SPARC V9 and of sun4v. */
#define TT_PRIVILEGED_OPCODE 0x11
#define TT_FP_DISABLED       0x20
#define TT_FP_IEEE           0x21
#define TT_FP_OTHER          0x22
#define TT_TAG_OVERFLOW      0x23
#define TT_DIVISION_BY_ZERO  0x28
#define TT_DATA_ACCESS       0x30
#define TT_NOT_ALIGNED       0x34
#define TT_PRIVILEGED_ACTION 0x37
#define TT_TRAP_INSN         0x100 /* plus the software trap number */
#define TT_BREAKPOINT        (TT_TRAP_INSN + 0x01)
#define TT_OLD_DIVISION      (TT_TRAP_INSN + 0x02)
#define TT_FLUSH_WINDOWS     (TT_TRAP_INSN + 0x03)
#define TT_LINUX32           (TT_TRAP_INSN + 0x10)
#define TT_OLD_LINUX64       (TT_TRAP_INSN + 0x11)
#define TT_GETCC             (TT_TRAP_INSN + 0x20)
#define TT_SETCC             (TT_TRAP_INSN + 0x21)
#define TT_GETPSR            (TT_TRAP_INSN + 0x22)
#define TT_LINUX64           (TT_TRAP_INSN + 0x6d)
#define TT_GETCONTEXT        (TT_TRAP_INSN + 0x6e)
#define TT_SETCONTEXT        (TT_TRAP_INSN + 0x6f)

static void fault_at_pc(struct task *t, int sig, int code)
{
    signal_force_fault(t, sig, code, cpu_pc(task_engine(t)));
}

/* get_user_insn(): the word at @pc when its page is present, else 0. */
static uint32_t user_insn(struct task *t, gva_t pc)
{
    const pte_t *ptep = mm_pte(t->process->mm, pc);
    uint32_t word;

    if (pc & 3 || !ptep || !pte_present(*ptep))
        return 0;
    memcpy(&word,
           phys_page(memory_phys(t->m->mem), pte_pfn(*ptep)) + page_offset(pc),
           sizeof(word));
    return be32toh(word);
}

/* compute_effective_address(): from the registers, tag bits and all. */
static uint64_t effective_address(const struct task *t, uint32_t insn)
{
    const struct engine *e = task_engine(t);
    uint64_t rs1 = cpu_reg(e, insn >> 14 & 31);

    if (insn & 0x2000)
        return rs1 + (uint64_t)((int64_t)((uint64_t)insn << 51) >> 51);
    return rs1 + cpu_reg(e, insn & 31);
}

/* do_fault_siginfo(): what si_addr says. */
static uint64_t fault_address(struct task *t, const struct fault_info *fault)
{
    gva_t pc = cpu_pc(task_engine(t));
    uint32_t insn;

    if (fault->exec)
        return pc;
    if (!fault->page)
        return fault->addr;
    insn = user_insn(t, pc);
    return insn ? effective_address(t, insn) : fault->addr;
}

static void say_out_of_memory(const struct task *t)
{
    log_end_line(&t->m->options.log);
    say_line(stderr,
             "adiemu: Out of memory: Killed process %" PRIu32 " (%s), anon "
             "rss %ld pages, swap %" PRIu64 " of %" PRIu64 " pages used",
             t->process->pid, t->comm, mm_rss(t->process->mm, MM_ANONPAGES),
             swap_used_pages(t->m->swap), swap_total_pages(t->m->swap));
}

/* The fault that an access left for us. */
static void take_fault(struct task *t)
{
    struct fault_info fault = t->fault;

    /* All of it: with a tracer that waits for its end, this task comes here
     * again. */
    t->fault = (struct fault_info){0};
    INVARIANT(fault.sig != 0);
    if (!fault.fatal) {
        signal_force_fault(t, fault.sig, fault.code, fault_address(t, &fault));
        return;
    }
    if (!judge_kernel_bug(t->m->judge) &&
        log_wants(&t->m->options.log, LOG_MM, LOG_WARN))
        say_out_of_memory(t);
    process_exit(t->process, SIG_KILL);
}

/* PC and NPC are those of the instruction, which is executed again. */
static void wait_for_page(struct task *t)
{
    /* A load that may not fault has left one, and then could not be read. */
    if (!t->fault.fatal)
        t->fault.sig = 0;
    sched_wait_fault(t);
}

/* do_fpe_common(): the code from FSR.cexc. */
static void fp_exception(struct task *t)
{
    static const struct {
        unsigned cexc;
        int code;
    } codes[] = {{0x10, 7}, {0x08, 4}, {0x04, 5}, {0x02, 3}, {0x01, 6}};
    uint64_t fsr = cpu_fsr(task_engine(t));
    int code = 14; /* FPE_FLTUNK */

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (fsr & codes[i].cexc) {
            code = codes[i].code;
            break;
        }
    }
    fault_at_pc(t, SIG_FPE, code);
}

/* bad_trap() */
static void bad_trap(struct task *t, unsigned tt)
{
    struct siginfo info = {.signo = SIG_ILL,
                           .code = ILL_G_ILLTRP,
                           .addr = cpu_pc(task_engine(t)),
                           .trapno = (int)tt - TT_TRAP_INSN};

    signal_force(t, &info);
}

#define TSTATE_CCR_SHIFT 32
#define TSTATE_CWP       UINT64_C(0x1f)

/* Of a V8 CPU; the topmost byte means that it is none. */
#define PSR_S         0x80u
#define PSR_V8PLUS    0xff000000u
#define PSR_ICC_SHIFT 12 /* down from where TSTATE has them */
#define PSR_XCC_SHIFT 20

/*
 * getcc() and setcc(): %icc in %g1.  The kernel's own leave TPC at the trap
 * instruction, which a program then executes for ever; we go on behind it.
 */
static void get_cc(struct engine *e)
{
    uint64_t icc = cpu_tstate(e) & TSTATE_ICC;

    cpu_set_reg(e, REG_G(1), icc >> TSTATE_CCR_SHIFT);
    cpu_skip(e);
}

static void set_cc(struct engine *e)
{
    uint64_t icc = cpu_reg(e, REG_G(1)) << TSTATE_CCR_SHIFT & TSTATE_ICC;

    cpu_set_tstate(e, (cpu_tstate(e) & ~TSTATE_ICC) | icc);
    cpu_skip(e);
}

/* do_getpsr(), tstate_to_psr() */
static void get_psr(struct engine *e)
{
    uint64_t tstate = cpu_tstate(e);

    cpu_set_reg(e, REG_O(0),
                PSR_V8PLUS | PSR_S | (tstate & TSTATE_CWP) |
                    (tstate & TSTATE_ICC) >> PSR_ICC_SHIFT |
                    (tstate & TSTATE_XCC) >> PSR_XCC_SHIFT);
    cpu_skip(e);
}

/* A service of the kernel, not an exception of the program. */
static bool is_service(unsigned tt)
{
    switch (tt) {
    case TT_LINUX64:
    case TT_OLD_LINUX64:
    case TT_LINUX32:
    case TT_GETCONTEXT:
    case TT_SETCONTEXT:
    case TT_GETCC:
    case TT_SETCC:
    case TT_GETPSR:
    case TT_FLUSH_WINDOWS:
    case TT_FP_DISABLED: return true;
    default: return false;
    }
}

static void log_trap(const struct task *t, unsigned tt)
{
    const struct log *log = &t->m->options.log;
    enum log_level l = is_service(tt) ? LOG_DEBUG : LOG_INFO;

    if (!log_wants(log, LOG_CPU, l))
        return;
    if (tt == ENGINE_TT_FAULT)
        log_print(log, LOG_CPU, l,
                  "pid=%" PRIu32 " fault addr=0x%" PRIx64 " pc=0x%" PRIx64,
                  t->pid, t->fault.addr, cpu_pc(task_engine(t)));
    else
        log_print(log, LOG_CPU, l, "pid=%" PRIu32 " trap=0x%x pc=0x%" PRIx64,
                  t->pid, tt, cpu_pc(task_engine(t)));
}

void trap_take(struct task *t, unsigned tt)
{
    struct engine *e = task_engine(t);

    log_trap(t, tt);
    t->in_syscall = false;
    t->syscall_trap = false;
    switch (tt) {
    case TT_LINUX64:
    case TT_OLD_LINUX64: syscall_dispatch(t); break;
    case TT_LINUX32: syscall_dispatch32(t); break;
    case ENGINE_TT_FAULT: take_fault(t); break;
    case ENGINE_TT_WAIT: wait_for_page(t); break;
    case TT_GETCONTEXT: context_get(t); break;
    case TT_SETCONTEXT: context_set(t); break;
    case TT_GETCC: get_cc(e); break;
    case TT_SETCC: set_cc(e); break;
    case TT_GETPSR: get_psr(e); break;
    case TT_FLUSH_WINDOWS:
        windows_flush(t);
        cpu_skip(e);
        break;
    case TT_BREAKPOINT: fault_at_pc(t, SIG_TRAP, 1); break;
    case TT_ILLEGAL: fault_at_pc(t, SIG_ILL, ILL_G_ILLOPC); break;
    case TT_PRIVILEGED_OPCODE:
    case TT_PRIVILEGED_ACTION: fault_at_pc(t, SIG_ILL, ILL_G_PRVOPC); break;
    case TT_FP_DISABLED:
        cpu_set_fprs(e, cpu_fprs(e)); /* do_fpdis(): enable, try again */
        break;
    case TT_FP_IEEE:
    case TT_FP_OTHER: fp_exception(t); break;
    case TT_TAG_OVERFLOW: fault_at_pc(t, SIG_EMT, 1); break;
    case TT_DIVISION_BY_ZERO:
    case TT_OLD_DIVISION: fault_at_pc(t, SIG_FPE, FPE_G_INTDIV); break;
    case TT_NOT_ALIGNED: fault_at_pc(t, SIG_BUS, BUS_G_ADRALN); break;
    case TT_DATA_ACCESS: fault_at_pc(t, SIG_SEGV, SEGV_G_MAPERR); break;
    default: bad_trap(t, tt); break;
    }
}

/* It does not go back to its program now, or never. */
#define OFF_THE_CPU (JOBCTL_STOPPED | JOBCTL_TRACED | JOBCTL_EXITING)

void trap_return(struct task *t)
{
    /* A copy from or to user may have found no memory at all. */
    if (t->fault.fatal && !t->dead)
        take_fault(t);
    while (!t->dead && !t->held && !t->wait.fault &&
           (t->in_syscall || signal_is_handled(t) || signal_deliverable(t)) &&
           !(t->jobctl & OFF_THE_CPU))
        signal_deliver(t);
    if (t->jobctl & OFF_THE_CPU && !t->dead) {
        if (t->jobctl & JOBCTL_EXITING && !(t->jobctl & JOBCTL_TRACED) &&
            !ptrace_exit_event(t))
            task_die(t);
        return;
    }
    t->syscall_trap = false;
    /* A trap that is taken again, or a frame that is not there yet. */
    if (!t->dead && !t->held && (t->wait.fault || t->wait.call.late))
        sched_wait_fault(t);
}

void trap_resume(struct task *t)
{
    switch (late_make(t)) {
    case ACCESS_DONE: break;
    case ACCESS_WAIT: t->wait.woken = true; return;
    case ACCESS_FAULT:
        /* Outside of calls it was a signal's frame. */
        if (!t->wait.in_call)
            signal_force_fault(t, SIG_SEGV, SI_G_KERNEL, 0);
        break;
    }
    if (t->ptrace.at != STOP_NOWHERE)
        ptrace_resumed(t);
    else if (t->wait.in_call)
        syscall_again(t);
    else
        wait_clear(&t->wait);
}
