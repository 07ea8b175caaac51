// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/debug.h"
#include "emu/linux/syscall.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "emu/linux/ptrace/ptrace.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/signal/stop.h"
#include "emu/linux/strace/strace.h"
#include "emu/linux/time/cputime.h"
#include "emu/linux/warn.h"
#include "script/trigger.h"

#define NR_SYSCALLS 512
#define MAX_ERRNO   4095

static const struct {
    const char *name;
    const char *format;
    syscall_fn fn;
} table[NR_SYSCALLS] = {
#define SYSCALL(nr, id, args) [nr] = {#id, args, sys_##id},
#include "emu/linux/syscalls.def"
#undef SYSCALL
};

/* Of a call that is not there; NULL: Linux has none, either. */
static const char *missing_name(uint64_t nr)
{
    switch (nr) {
#define CALL_NAME(number, id)                                                  \
    case number:                                                               \
        return #id;
#include "emu/linux/callnames.def"
#undef CALL_NAME
    default: return NULL;
    }
}

bool syscall_is_name(const char *name)
{
    for (unsigned i = 0; i < NR_SYSCALLS; i++)
        if (table[i].name && strcmp(table[i].name, name) == 0)
            return true;
    return false;
}

unsigned errno_to_guest(int host)
{
    switch (host) {
#define ERRNO(name, guest)                                                     \
    case name:                                                                 \
        return guest;
#include "emu/linux/errno.def"
#undef ERRNO
    default: return (unsigned)host;
    }
}

static bool is_error(int64_t value)
{
    return value < 0 && value >= -MAX_ERRNO;
}

/* Put the result where the program finds it. */
static inline void put_result(struct task *t, int64_t value)
{
    struct engine *e = task_engine(t);
    bool error = is_error(value) && !t->noerror;

    cpu_set_reg(e, REG_O(0),
                error ? errno_to_guest((int)-value) : (uint64_t)value);
    cpu_set_carry(e, error);
    t->in_syscall = error && t->syscall_trap;
}

/* ... and step over the trap, once its tracer has seen it. */
static inline void finish(struct task *t, int64_t value)
{
    if (!t->no_return)
        put_result(t, value);
    if (__builtin_expect(t->ptrace.entry_seen, 0) && t->ptrace.syscalls &&
        ptrace_syscall_exit(t))
        return;
    if (!t->no_return)
        cpu_skip(task_engine(t));
}

int64_t syscall_success(struct task *t, int64_t value)
{
    t->noerror = true;
    return value;
}

static bool traced(const struct task *t)
{
    return t->m->strace != NULL;
}

static void unknown(struct task *t, uint64_t nr, const uint64_t a[6])
{
    const char *known = missing_name(nr);
    char name[32];

    snprintf(name, sizeof(name), "syscall_%" PRIu64, nr);
    warn_once(t, LOG_SYSCALL, "unsupported system call %" PRIu64 "%s%s%s", nr,
              known ? " (" : "", known ? known : "", known ? ")" : "");
    if (traced(t)) {
        strace_call(t, known ? known : name, "xxxxxx", a);
        strace_return(t, known ? known : name, "xxxxxx", a, -ENOSYS);
    }
    finish(t, -ENOSYS);
}

/* ENFILE is the host's limit, which the guest can do nothing about. */
static void tell_of_descriptors(struct machine *m)
{
    struct rlimit limit = {0};

    if (m->told_descriptors)
        return;
    m->told_descriptors = true;
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    log_print(&m->options.log, LOG_SYSCALL, LOG_WARN,
              "the host lets adiemu have %" PRIu64
              " descriptors, and all are in use: ENFILE",
              (uint64_t)limit.rlim_cur);
}

static uint64_t arguments(const struct task *t, uint64_t a[6])
{
    const struct engine *e = task_engine(t);
    uint64_t bits = t->call32 ? UINT32_MAX : UINT64_MAX;

    cpu_outs(e, a);
    for (unsigned i = 0; i < 6; i++)
        a[i] &= bits;
    return cpu_reg(e, REG_G(1));
}

/* The registers have its arguments until finish(). */
static void trace_return(struct task *t, uint64_t nr, int64_t value)
{
    uint64_t a[6];

    (void)arguments(t, a);
    a[0] = t->orig_o0;
    strace_return(t, table[nr].name, table[nr].format, a, value);
}

/* The last word of its handler, and all of it is where the program looks. */
static inline void end_call(struct task *t, uint64_t nr, int64_t value)
{
    t->restart_deadline =
        value == -ERESTART_RESTARTBLOCK_G ? t->wait.deadline : 0;
    wait_clear(&t->wait);
    if (traced(t))
        trace_return(t, nr, value);
    if (!task_is_leaving(t))
        finish(t, t->call32 ? (int32_t)value : value);
}

/* After a try of the call: is that its end? */
static inline bool is_over(const struct task *t, int64_t value)
{
    const struct wait *w = &t->wait;

    return (value != TASK_WAITS && !w->fault && !w->call.late) ||
           task_is_leaving(t);
}

/* It is not: what it waits for. */
static void wait_on(struct task *t, int64_t value)
{
    struct wait *w = &t->wait;

    w->in_call = true;
    if (t->jobctl & JOBCTL_TRACED) { /* its tracer makes it go on */
        w->again = true;
        w->fault = false;
    } else if (w->fault) { /* whatever it says */
        sched_wait_fault(t);
    } else if (value == TASK_WAITS) {
        w->again = true;
    } else {
        w->call.over = true;
        w->call.value = value;
        sched_wait_fault(t);
    }
}

/* A debugger may have it from before. */
static int64_t call_debugged(struct task *t, uint64_t nr, const uint64_t a[6])
{
    const struct debug *d = t->m->debug;
    int64_t value;

    if (d->ops->call(d->ctx, t, table[nr].name, a, &value))
        return value;
    value = table[nr].fn(t, a);
    if (is_over(t, value))
        d->ops->called(d->ctx, t, table[nr].name, a, value);
    return value;
}

static void make_call(struct task *t, uint64_t nr, const uint64_t a[6])
{
    int64_t value;

    t->no_return = t->noerror = false;
    t->call = table[nr].name;
    value = __builtin_expect(t->m->debug != NULL, 0) ? call_debugged(t, nr, a)
                                                     : table[nr].fn(t, a);
    t->call = NULL;
    if (value == -ENFILE)
        tell_of_descriptors(t->m);
    machine_check(t->m);
    if (is_over(t, value))
        end_call(t, nr, value);
    else
        wait_on(t, value);
}

/*
 * Numbers of sys_call_table32 that are the same function as of ours: common
 * lines of syscall.tbl without a compat entry, and what ends a process.
 */
static bool is_same32(uint64_t nr)
{
    static const struct {
        uint16_t first, last;
    } same[] = {
        {1, 4},     {6, 6},     {8, 10},    {12, 12},   {14, 15},   {17, 17},
        {20, 22},   {27, 27},   {33, 33},   {36, 37},   {41, 42},   {57, 58},
        {60, 61},   {64, 66},   {71, 71},   {74, 75},   {78, 78},   {81, 81},
        {85, 85},   {90, 90},   {95, 96},   {100, 100}, {119, 119}, {124, 124},
        {128, 128}, {131, 131}, {136, 137}, {140, 140}, {143, 143}, {147, 147},
        {151, 154}, {156, 156}, {166, 166}, {169, 173}, {175, 182}, {185, 189},
        {193, 197}, {211, 211}, {213, 213}, {217, 218}, {224, 224}, {232, 232},
        {236, 247}, {252, 253}, {264, 265}, {280, 280}, {285, 287}, {290, 296},
        {308, 308}, {312, 313}, {318, 322}, {331, 331}, {341, 341}, {343, 345},
        {347, 348}, {351, 351}, {356, 357}, {360, 360}, {393, 393}, {395, 395},
        {398, 399}, {424, 440}, {448, 450}};

    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        if (nr >= same[i].first && nr <= same[i].last)
            return true;
    return false;
}

/* The call, which its tracer has seen. */
static void begin_call(struct task *t, uint64_t nr, const uint64_t a[6])
{
    t->no_return = t->noerror = false;
    if (t->call32 && nr < NR_SYSCALLS && table[nr].fn && !is_same32(nr)) {
        warn_once(t, LOG_CPU, "unsupported 32-bit system call %" PRIu64, nr);
        finish(t, -ENOSYS);
        return;
    }
    if (nr >= NR_SYSCALLS || !table[nr].fn) {
        unknown(t, nr, a);
        return;
    }
    t->call_nr = (unsigned)nr;
    triggers_syscall(t->m->triggers, table[nr].name, t->process->mm);
    if (traced(t))
        strace_call(t, table[nr].name, table[nr].format, a);
    make_call(t, nr, a);
}

static void dispatch(struct task *t)
{
    uint64_t a[6], nr = arguments(t, a);

    t->orig_o0 = a[0];
    t->syscall_trap = true;
    cputime_enter(t);
    t->ptrace.entry_seen = t->ptrace.syscalls;
    if (__builtin_expect(t->ptrace.syscalls, 0) && ptrace_syscall_entry(t))
        return;
    begin_call(t, nr, a);
}

void syscall_traced(struct task *t, bool killed)
{
    uint64_t a[6], nr = arguments(t, a);

    t->no_return = t->noerror = false;
    if (killed)
        finish(t, -ENOSYS);
    else
        begin_call(t, nr, a);
}

void syscall_dispatch(struct task *t)
{
    t->call32 = false;
    dispatch(t);
}

void syscall_dispatch32(struct task *t)
{
    t->call32 = true;
    dispatch(t);
}

void syscall_again(struct task *t)
{
    uint64_t a[6], nr = t->call_nr;

    (void)arguments(t, a);
    t->wait.kind = WAIT_NONE;
    if (t->wait.call.late_failed)
        end_call(t, nr, -EFAULT);
    else if (t->wait.call.over)
        end_call(t, nr, t->wait.call.value);
    else
        make_call(t, nr, a);
}
