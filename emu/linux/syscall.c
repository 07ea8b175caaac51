#include "emu/linux/syscall.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "drive/trigger.h"
#include "emu/linux/cputime.h"
#include "emu/linux/sched.h"
#include "emu/linux/signal.h"
#include "emu/linux/warn.h"

#define NR_SYSCALLS 512
#define MAX_ERRNO   4095

#define NR_SOCKET_G     97
#define SOCK_G_NONBLOCK 0x4000
#define SOCK_G_CLOEXEC  0x400000

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

/* Put the result where the program finds it and step over the trap. */
static void put_result(struct task *t, int64_t value, bool error)
{
    struct engine *e = t->m->engine;

    cpu_set_reg(e, REG_O(0),
                error ? errno_to_guest((int)-value) : (uint64_t)value);
    cpu_set_carry(e, error);
    cpu_skip(e);
    t->in_syscall = error;
}

static void finish(struct task *t, int64_t value)
{
    put_result(t, value, is_error(value));
}

int64_t syscall_success(struct task *t, int64_t value)
{
    put_result(t, value, false);
    t->no_return = true;
    return 0;
}

/*
 * nscd's socket: libc asks for it in each look-up of a user, and does without.
 * Not a call of the program.
 */
static bool is_habit(uint64_t nr, const uint64_t a[6])
{
    return nr == NR_SOCKET_G && a[0] == AF_UNIX &&
           a[1] == (SOCK_STREAM | SOCK_G_NONBLOCK | SOCK_G_CLOEXEC);
}

static bool traced(const struct task *t)
{
    return t->m->options.strace ||
           log_wants(&t->m->options.log, LOG_SYSCALL, LOG_DEBUG);
}

static void unknown(struct task *t, uint64_t nr, const uint64_t a[6])
{
    const char *known = missing_name(nr);
    char name[32];

    snprintf(name, sizeof(name), "syscall_%" PRIu64, nr);
    if (is_habit(nr, a))
        log_print(&t->m->options.log, LOG_SYSCALL, LOG_INFO,
                  "no socket of nscd");
    else
        warn_once(t, LOG_SYSCALL, "unsupported system call %" PRIu64 "%s%s%s",
                  nr, known ? " (" : "", known ? known : "", known ? ")" : "");
    if (traced(t)) {
        strace_call(t, known ? known : name, "xxxxxx", a);
        strace_return(t, known ? known : name, -ENOSYS);
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

static void make_call(struct task *t, uint64_t nr, const uint64_t a[6])
{
    struct machine *m = t->m;
    int64_t value;

    t->no_return = false;
    value = table[nr].fn(t, a);
    if (value == -ENFILE)
        tell_of_descriptors(m);
    machine_check(m);
    if (value == TASK_WAITS) {
        log_end_line(&m->options.log);
        t->wait.again = true;
        return;
    }
    t->restart_deadline =
        value == -ERESTART_RESTARTBLOCK_G ? t->wait.deadline : 0;
    wait_clear(&t->wait);
    if (traced(t))
        strace_return(t, table[nr].name, value);
    if (!t->dead && !t->no_return)
        finish(t, value);
}

static uint64_t arguments(const struct task *t, uint64_t a[6])
{
    const struct engine *e = t->m->engine;

    for (unsigned i = 0; i < 6; i++)
        a[i] = cpu_reg(e, REG_O(i));
    return cpu_reg(e, REG_G(1));
}

void syscall_dispatch(struct task *t)
{
    uint64_t a[6], nr = arguments(t, a);

    t->orig_o0 = a[0];
    cputime_enter(t);
    if (nr >= NR_SYSCALLS || !table[nr].fn) {
        unknown(t, nr, a);
        return;
    }
    triggers_syscall(t->m->triggers, table[nr].name, t->mm);
    if (traced(t))
        strace_call(t, table[nr].name, table[nr].format, a);
    make_call(t, nr, a);
}

void syscall_again(struct task *t)
{
    uint64_t a[6], nr = arguments(t, a);

    t->wait.kind = WAIT_NONE;
    make_call(t, nr, a);
}
