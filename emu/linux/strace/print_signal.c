// SPDX-License-Identifier: GPL-2.0-or-later
/* Signals, their sets, handlers and siginfo. */
#include <endian.h>
#include <inttypes.h>

#include "emu/linux/abi.h"
#include "emu/linux/signal/siginfo.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/sched/exit.h"
#include "emu/linux/strace/print.h"
#include "emu/linux/syscall.h"

void print_signal(FILE *f, uint64_t sig)
{
    if (sig >= SIG_RTMIN && sig <= NSIG_GUEST)
        fprintf(f, "SIGRT_%" PRIu64, sig - SIG_RTMIN);
    else if (sig >= 1 && sig < SIG_RTMIN)
        fputs(signal_name((int)sig), f);
    else
        fprintf(f, "%d", (int)sig);
}

void print_sig(struct arg *p)
{
    print_signal(p->f, (uint64_t)(int64_t)arg_int(arg_value(p)));
}

/* Without "SIG"; of more than half the others, with ~ */
static void print_sigset(FILE *f, uint64_t set)
{
    bool invert = __builtin_popcountll(set) > NSIG_GUEST / 2;
    const char *sep = "";

    fputs(invert ? "~[" : "[", f);
    for (int sig = 1; sig <= NSIG_GUEST; sig++) {
        if (((set & SIGMASK(sig)) != 0) == invert)
            continue;
        if (sig >= SIG_RTMIN)
            fprintf(f, "%sRT_%d", sep, sig - SIG_RTMIN);
        else
            fprintf(f, "%s%s", sep, signal_name(sig) + 3);
        sep = " ";
    }
    fputc(']', f);
}

void print_sigset_arg(struct arg *p)
{
    uint64_t raw;

    if (arg_value(p) && print_read(p->t, &raw, arg_value(p), sizeof(raw)))
        print_sigset(p->f, be64toh(raw));
    else
        print_addr(p->f, arg_value(p));
}

/* sigreturn(2) has no argument: that of the frame that it leaves */
void print_mask(struct arg *p)
{
    fputs("{mask=", p->f);
    print_sigset(p->f, p->t->blocked);
    fputc('}', p->f);
}

void print_sigaction(struct arg *p)
{
    uint64_t raw[4], handler;

    if (!arg_value(p) || !print_read(p->t, raw, arg_value(p), sizeof(raw))) {
        print_addr(p->f, arg_value(p));
        return;
    }
    handler = be64toh(raw[0]);
    if (handler == SIG_DFL_G)
        fputs("{sa_handler=SIG_DFL", p->f);
    else if (handler == SIG_IGN_G)
        fputs("{sa_handler=SIG_IGN", p->f);
    else
        fprintf(p->f, "{%s=%#" PRIx64,
                be64toh(raw[1]) & SA_G_SIGINFO ? "sa_sigaction" : "sa_handler",
                handler);
    fputs(", sa_mask=", p->f);
    print_sigset(p->f, be64toh(raw[3]));
    fputs(", sa_flags=", p->f);
    print_flags(p->f, be64toh(raw[1]), flags_sa);
    fputc('}', p->f);
}

static void put_child(FILE *f, const struct siginfo *info)
{
    fprintf(f,
            ", si_pid=%" PRIu32 ", si_uid=%" PRIu32 ", si_status=", info->pid,
            info->uid);
    if (info->code == CLD_G_EXITED)
        fprintf(f, "%d", info->status);
    else
        print_signal(f, (uint64_t)info->status);
}

static const char *code_of_child(int code)
{
    static const char *const names[] = {
        NULL,          "CLD_EXITED",  "CLD_KILLED",   "CLD_DUMPED",
        "CLD_TRAPPED", "CLD_STOPPED", "CLD_CONTINUED"};

    return code >= 1 && code <= 6 ? names[code] : NULL;
}

static bool is_fault(int sig)
{
    return sig == SIG_SEGV || sig == SIG_BUS || sig == SIG_ILL ||
           sig == SIG_FPE || sig == SIG_TRAP || sig == SIG_EMT;
}

static void put_address(FILE *f, const char *key, uint64_t va)
{
    fputs(key, f);
    print_addr(f, va);
}

void print_siginfo(FILE *f, const struct siginfo *info)
{
    const char *child =
        info->signo == SIG_CHLD ? code_of_child(info->code) : NULL;

    fputs("{si_signo=", f);
    print_signal(f, (uint64_t)info->signo);
    fprintf(f, ", si_code=%s",
            child ? child
            : info->code == SI_G_TIMER
                ? "SI_TIMER"
                : signal_code_name(info->signo, info->code));
    if (info->errno_)
        fprintf(f, ", si_errno=%d", info->errno_);
    if (child)
        put_child(f, info);
    else if (is_fault(info->signo) && info->code > 0 &&
             info->code < SI_G_KERNEL)
        put_address(f, ", si_addr=", info->addr);
    else if (info->code <= 0)
        fprintf(f, ", si_pid=%" PRIu32 ", si_uid=%" PRIu32, info->pid,
                info->uid);
    if (info->code == SI_G_QUEUE || info->code == SI_G_TIMER)
        fprintf(f, ", si_value={sival_int=%d, sival_ptr=%#" PRIx64 "}",
                (int)(info->value >> 32), info->value);
    fputc('}', f);
}

void print_siginfo_arg(struct arg *p)
{
    uint8_t raw[SIGINFO_BYTES];
    struct siginfo info = {0};

    if (!arg_value(p) || !print_read(p->t, raw, arg_value(p), sizeof(raw))) {
        print_addr(p->f, arg_value(p));
        return;
    }
    siginfo_from_guest(&info, raw);
    if (info.signo)
        print_siginfo(p->f, &info);
    else
        fputs("{}", p->f);
}

/* stack_t */
void print_stack(struct arg *p)
{
    uint64_t raw[3];
    uint32_t flags;

    if (!arg_value(p) || !print_read(p->t, raw, arg_value(p), sizeof(raw))) {
        print_addr(p->f, arg_value(p));
        return;
    }
    flags = (uint32_t)(be64toh(raw[1]) >> 32);
    put_address(p->f, "{ss_sp=", be64toh(raw[0]));
    fprintf(p->f, ", ss_flags=%s, ss_size=%" PRIu64 "}",
            flags == 2   ? "SS_DISABLE"
            : flags == 1 ? "SS_ONSTACK"
                         : "0",
            be64toh(raw[2]));
}
