// SPDX-License-Identifier: GPL-2.0-or-later
/* Processes: how they are made and end, limits, futexes. */
#include <endian.h>
#include <inttypes.h>
#include <string.h>

#include "emu/linux/abi_file.h"
#include "emu/linux/sched/clone.h"
#include "emu/linux/sched/exit.h"
#include "emu/linux/strace/print.h"
#include "emu/linux/syscall.h"

static const struct flag clone_flags[] = {
    {CLONE_G_VM, "CLONE_VM"},
    {CLONE_G_FS, "CLONE_FS"},
    {CLONE_G_FILES, "CLONE_FILES"},
    {CLONE_G_SIGHAND, "CLONE_SIGHAND"},
    {CLONE_G_PIDFD, "CLONE_PIDFD"},
    {CLONE_G_PTRACE, "CLONE_PTRACE"},
    {CLONE_G_VFORK, "CLONE_VFORK"},
    {CLONE_G_PARENT, "CLONE_PARENT"},
    {CLONE_G_THREAD, "CLONE_THREAD"},
    {CLONE_G_SYSVSEM, "CLONE_SYSVSEM"},
    {CLONE_G_SETTLS, "CLONE_SETTLS"},
    {CLONE_G_PARENT_SETTID, "CLONE_PARENT_SETTID"},
    {CLONE_G_CHILD_CLEAR, "CLONE_CHILD_CLEARTID"},
    {CLONE_G_DETACHED, "CLONE_DETACHED"},
    {CLONE_G_UNTRACED, "CLONE_UNTRACED"},
    {CLONE_G_CHILD_SETTID, "CLONE_CHILD_SETTID"},
    {CLONE_G_IO, "CLONE_IO"},
    {0, NULL}};

/* All five: flags, stack, parent_tid, tls, child_tid */
void print_clone(struct arg *p)
{
    uint64_t flags = (uint32_t)p->a[0], bits = flags & ~UINT64_C(0xff);

    fputs("child_stack=", p->f);
    print_addr(p->f, p->a[1]);
    fputs(", flags=", p->f);
    if (bits)
        print_flags(p->f, bits, clone_flags);
    if (flags & 0xff) {
        fputs(bits ? "|" : "", p->f);
        print_signal(p->f, flags & 0xff);
    } else if (!bits) {
        fputc('0', p->f);
    }
    if (flags & (CLONE_G_PARENT_SETTID | CLONE_G_PIDFD))
        fprintf(p->f, ", parent_tid=%#" PRIx64, p->a[2]);
    if (flags & CLONE_G_SETTLS)
        fprintf(p->f, ", tls=%#" PRIx64, p->a[3]);
    if (flags & (CLONE_G_CHILD_SETTID | CLONE_G_CHILD_CLEAR))
        fprintf(p->f, ", child_tidptr=%#" PRIx64, p->a[4]);
}

static void print_wait_status(FILE *f, int status)
{
    if ((status & 0xff) == 0x7f) {
        fputs("{WIFSTOPPED(s) && WSTOPSIG(s) == ", f);
        print_signal(f, (uint64_t)(status >> 8 & 0xff));
        fputc('}', f);
    } else if (status == 0xffff) {
        fputs("{WIFCONTINUED(s)}", f);
    } else if (status & 0x7f) {
        fputs("{WIFSIGNALED(s) && WTERMSIG(s) == ", f);
        print_signal(f, (uint64_t)(status & 0x7f));
        fputs(status & WCOREFLAG_G ? " && WCOREDUMP(s)}" : "}", f);
    } else {
        fprintf(f, "{WIFEXITED(s) && WEXITSTATUS(s) == %d}",
                status >> 8 & 0xff);
    }
}

/* Nobody has come: it was not written. */
void print_wstatus(struct arg *p)
{
    uint32_t raw;

    if (!arg_value(p) || p->value == 0 ||
        !print_read(p->t, &raw, arg_value(p), sizeof(raw))) {
        print_addr(p->f, arg_value(p));
        return;
    }
    fputc('[', p->f);
    print_wait_status(p->f, (int)be32toh(raw));
    fputc(']', p->f);
}

void print_rusage(struct arg *p)
{
    struct timeval_g raw[2];

    if (!arg_value(p) || !print_read(p->t, raw, arg_value(p), sizeof(raw))) {
        print_addr(p->f, arg_value(p));
        return;
    }
    fprintf(p->f,
            "{ru_utime={tv_sec=%" PRIu64 ", tv_usec=%" PRIu32
            "}, ru_stime={tv_sec=%" PRIu64 ", tv_usec=%" PRIu32 "}, ...}",
            be64toh(raw[0].sec), be32toh(raw[0].usec), be64toh(raw[1].sec),
            be32toh(raw[1].usec));
}

static void put_limit(FILE *f, const char *key, uint64_t value)
{
    /* setrlimit(2) and getrlimit(2) of SPARC have another for "none". */
    if (value == UINT64_MAX || value == INT64_MAX)
        fprintf(f, "%sRLIM64_INFINITY", key);
    else if (value >= 1024 && value % 1024 == 0)
        fprintf(f, "%s%" PRIu64 "*1024", key, value / 1024);
    else
        fprintf(f, "%s%" PRIu64, key, value);
}

void print_rlim(struct arg *p)
{
    uint64_t raw[2];

    if (!arg_value(p) || !print_read(p->t, raw, arg_value(p), sizeof(raw))) {
        print_addr(p->f, arg_value(p));
        return;
    }
    put_limit(p->f, "{rlim_cur=", be64toh(raw[0]));
    put_limit(p->f, ", rlim_max=", be64toh(raw[1]));
    fputc('}', p->f);
}

/* struct new_utsname: fields of 65 bytes */
void print_utsname(struct arg *p)
{
    uint64_t va = arg_value(p);

    fputs("{sysname=", p->f);
    print_string(p->t, p->f, va, 65);
    fputs(", nodename=", p->f);
    print_string(p->t, p->f, va + 65, 65);
    fputs(", ...}", p->f);
}

/* ------------------------------------------------------------------- futex */

#define FUTEX_PRIVATE  0x80u
#define FUTEX_REALTIME 0x100u

enum {
    OP_WAIT,
    OP_WAKE,
    OP_REQUEUE = 3,
    OP_CMP_REQUEUE,
    OP_WAKE_OP,
    OP_LOCK_PI,
    OP_UNLOCK_PI,
    OP_TRYLOCK_PI,
    OP_WAIT_BITSET,
    OP_WAKE_BITSET,
    OP_WAIT_REQUEUE_PI,
    OP_CMP_REQUEUE_PI,
    OP_LOCK_PI2,
};

static void put_futex_op(FILE *f, unsigned op, unsigned cmd)
{
    static const char *const names[] = {
        "FUTEX_WAIT",           "FUTEX_WAKE",        "FUTEX_FD",
        "FUTEX_REQUEUE",        "FUTEX_CMP_REQUEUE", "FUTEX_WAKE_OP",
        "FUTEX_LOCK_PI",        "FUTEX_UNLOCK_PI",   "FUTEX_TRYLOCK_PI",
        "FUTEX_WAIT_BITSET",    "FUTEX_WAKE_BITSET", "FUTEX_WAIT_REQUEUE_PI",
        "FUTEX_CMP_REQUEUE_PI", "FUTEX_LOCK_PI2"};

    if (cmd < sizeof(names) / sizeof(names[0]))
        fputs(names[cmd], f);
    else
        fprintf(f, "%#x", cmd);
    if (op & FUTEX_PRIVATE)
        fputs("_PRIVATE", f);
    if (op & FUTEX_REALTIME)
        fputs("|FUTEX_CLOCK_REALTIME", f);
}

static void put_bitset(FILE *f, uint32_t bits)
{
    if (bits == UINT32_MAX)
        fputs(", FUTEX_BITSET_MATCH_ANY", f);
    else
        fprintf(f, ", %#x", bits);
}

static void put_time(struct arg *p)
{
    fputs(", ", p->f);
    p->i = 3;
    print_timespec(p);
}

/* The operation, and what of the other arguments is one of its. */
void print_futex(struct arg *p)
{
    unsigned op = (unsigned)arg_value(p);
    unsigned cmd = op & ~(FUTEX_PRIVATE | FUTEX_REALTIME), at = p->i;
    const uint64_t *a = p->a;

    put_futex_op(p->f, op, cmd);
    if (cmd != OP_LOCK_PI && cmd != OP_LOCK_PI2 && cmd != OP_UNLOCK_PI &&
        cmd != OP_TRYLOCK_PI)
        fprintf(p->f, ", %u", (unsigned)a[2]);
    switch (cmd) {
    case OP_WAKE:
    case OP_UNLOCK_PI:
    case OP_TRYLOCK_PI: break;
    case OP_WAIT:
    case OP_LOCK_PI:
    case OP_LOCK_PI2: put_time(p); break;
    case OP_WAKE_BITSET: put_bitset(p->f, (uint32_t)a[5]); break;
    case OP_WAIT_BITSET:
        put_time(p);
        put_bitset(p->f, (uint32_t)a[5]);
        break;
    case OP_WAIT_REQUEUE_PI:
        put_time(p);
        fputs(", ", p->f);
        print_addr(p->f, a[4]);
        break;
    default:
        fprintf(p->f, ", %u, ", (unsigned)a[3]);
        print_addr(p->f, a[4]);
        if (cmd != OP_REQUEUE)
            fprintf(p->f, ", %#x", (unsigned)a[5]);
    }
    p->i = at;
}
