// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "emu/linux/abi.h"
#include "emu/linux/fault.h"
#include "emu/linux/signal/signal.h"

static const struct {
    const char *name, *text;
} signals[NSIG_GUEST + 1] = {
    [SIG_HUP] = {"SIGHUP", "Hangup"},
    [SIG_INT] = {"SIGINT", "Interrupt"},
    [SIG_QUIT] = {"SIGQUIT", "Quit"},
    [SIG_ILL] = {"SIGILL", "Illegal instruction"},
    [SIG_TRAP] = {"SIGTRAP", "Trace/breakpoint trap"},
    [SIG_ABRT] = {"SIGABRT", "Aborted"},
    [SIG_EMT] = {"SIGEMT", "Emulator trap"},
    [SIG_FPE] = {"SIGFPE", "Floating point exception"},
    [SIG_KILL] = {"SIGKILL", "Killed"},
    [SIG_BUS] = {"SIGBUS", "Bus error"},
    [SIG_SEGV] = {"SIGSEGV", "Segmentation fault"},
    [SIG_SYS] = {"SIGSYS", "Bad system call"},
    [SIG_PIPE] = {"SIGPIPE", "Broken pipe"},
    [SIG_ALRM] = {"SIGALRM", "Alarm clock"},
    [SIG_TERM] = {"SIGTERM", "Terminated"},
    [SIG_URG] = {"SIGURG", "Urgent I/O condition"},
    [SIG_STOP] = {"SIGSTOP", "Stopped (signal)"},
    [SIG_TSTP] = {"SIGTSTP", "Stopped"},
    [SIG_CONT] = {"SIGCONT", "Continued"},
    [SIG_CHLD] = {"SIGCHLD", "Child exited"},
    [SIG_TTIN] = {"SIGTTIN", "Stopped (tty input)"},
    [SIG_TTOU] = {"SIGTTOU", "Stopped (tty output)"},
    [SIG_IO] = {"SIGIO", "I/O possible"},
    [SIG_XCPU] = {"SIGXCPU", "CPU time limit exceeded"},
    [SIG_XFSZ] = {"SIGXFSZ", "File size limit exceeded"},
    [SIG_VTALRM] = {"SIGVTALRM", "Virtual timer expired"},
    [SIG_PROF] = {"SIGPROF", "Profiling timer expired"},
    [SIG_WINCH] = {"SIGWINCH", "Window changed"},
    [SIG_LOST] = {"SIGLOST", "Resource lost"},
    [SIG_USR1] = {"SIGUSR1", "User defined signal 1"},
    [SIG_USR2] = {"SIGUSR2", "User defined signal 2"},
};

static const char *real_time(char prefix)
{
    return prefix ? "SIGRT" : "Real-time signal";
}

const char *signal_name(int sig)
{
    return signals[sig].name ? signals[sig].name : real_time(1);
}

const char *signal_text(int sig)
{
    return signals[sig].text ? signals[sig].text : real_time(0);
}

static const struct {
    int sig, code;
    const char *name;
} codes[] = {
    {SIG_SEGV, SEGV_G_MAPERR, "SEGV_MAPERR"},
    {SIG_SEGV, SEGV_G_ACCERR, "SEGV_ACCERR"},
    {SIG_SEGV, SEGV_G_ACCADI, "SEGV_ACCADI"},
    {SIG_SEGV, SEGV_G_ADIDERR, "SEGV_ADIDERR"},
    {SIG_SEGV, SEGV_G_ADIPERR, "SEGV_ADIPERR"},
    {SIG_BUS, BUS_G_ADRALN, "BUS_ADRALN"},
    {SIG_BUS, BUS_G_ADRERR, "BUS_ADRERR"},
    {SIG_ILL, ILL_G_ILLOPC, "ILL_ILLOPC"},
    {SIG_ILL, ILL_G_ILLADR, "ILL_ILLADR"},
    {SIG_ILL, ILL_G_ILLTRP, "ILL_ILLTRP"},
    {SIG_ILL, ILL_G_PRVOPC, "ILL_PRVOPC"},
    {SIG_FPE, 1, "FPE_INTDIV"},
    {SIG_FPE, 2, "FPE_INTOVF"},
    {SIG_FPE, 3, "FPE_FLTDIV"},
    {SIG_FPE, 4, "FPE_FLTOVF"},
    {SIG_FPE, 5, "FPE_FLTUND"},
    {SIG_FPE, 6, "FPE_FLTRES"},
    {SIG_FPE, 7, "FPE_FLTINV"},
    {SIG_TRAP, 1, "TRAP_BRKPT"},
    {SIG_EMT, 1, "EMT_TAGOVF"},
};

const char *signal_code_name(int sig, int code)
{
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (codes[i].sig == sig && codes[i].code == code)
            return codes[i].name;
    switch (code) {
    case SI_G_KERNEL: return "SI_KERNEL";
    case SI_G_QUEUE: return "SI_QUEUE";
    case SI_G_TKILL: return "SI_TKILL";
    default: return "SI_USER";
    }
}
