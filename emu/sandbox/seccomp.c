// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The system calls that adiemu makes with --sandbox, and no others.
 *
 * Any other fails with EPERM.  It does not kill: a C library or a kernel that
 * is newer than this list would end programs that do no harm, and who has got
 * hold of adiemu gains nothing by one more try.
 */
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/sandbox/sandbox.h"

/* Whatever their arguments are.  A call that this architecture or this
 * libseccomp does not have is left out. */
static const char *const calls[] = {
#define CALL(name) #name,
#include "emu/sandbox/seccomp.def"
#undef CALL
};

/* glibc tries another when the kernel does not have these. */
static const char *const unknown[] = {"clone3", "rseq", "futex_waitv",
                                      "cachestat", "fchmodat2"};

/* With these first arguments. */
static const struct {
    const char *name;
    uint64_t arg;
} first[] = {
    {"socket", AF_UNIX},
    {"socketpair", AF_UNIX},
    {"prctl", PR_SET_PDEATHSIG}, /* the child that reads names */
    {"prctl", PR_SET_NAME},
    {"prctl", PR_GET_NAME},
    {"prctl", PR_SET_VMA}, /* glibc names its memory */
    {"prlimit64", 0},      /* of itself */
    {"sched_getaffinity", 0},
    /* fork() of glibc; no namespace, no memory in common */
    {"clone", CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | SIGCHLD},
};

/* With these second arguments, of which the kernel looks at 32 bits. */
static const unsigned ioctls[] = {
    /* what a terminal does that was handed to the program: not TIOCSTI and
     * TIOCLINUX, which type, TIOCSCTTY, TIOCSETD, TIOCSIG */
    TCGETS,      TCGETS2,      TCSETS2,    TCSETSW2,   TCSETSF2,   TCSBRK,
    TCXONC,      TCFLSH,       TCSBRKP,    TIOCCBRK,   TIOCSBRK,   TIOCEXCL,
    TIOCNXCL,    TIOCGWINSZ,   TIOCSWINSZ, TIOCOUTQ,   TIOCGETD,   TIOCGSOFTCAR,
    TIOCMGET,    TIOCGPTN,     TIOCGDEV,   TIOCGPKT,   TIOCGPTLCK, TIOCGEXCL,
    TIOCGPTPEER, TIOCGPGRP,    TIOCPKT,    TIOCSPTLCK, FIONREAD,   FIONBIO,
    SIOCATMARK,  RNDGETENTCNT,
};

/* Not F_SETOWN_EX and F_SETLEASE, which send signals; F_SETOWN and F_SETSIG
 * are below. */
static const unsigned fcntls[] = {
    F_DUPFD,
    F_DUPFD_CLOEXEC,
    F_GETFD,
    F_SETFD,
    F_GETFL,
    F_SETFL,
    F_GETLK,
    F_SETLK,
    F_OFD_GETLK,
    F_OFD_SETLK,
    F_SETPIPE_SZ,
    F_GETPIPE_SZ,
    F_ADD_SEALS,
    F_GET_SEALS,
    F_NOTIFY,
    1035 /* F_GET_RW_HINT */,
    1036 /* F_SET_RW_HINT */,
};

#define NR(array) (sizeof(array) / sizeof((array)[0]))

/* 0 where there is no such call. */
static int number(const char *name)
{
    int nr = seccomp_syscall_resolve_name(name);

    return nr == __NR_SCMP_ERROR ? 0 : nr;
}

static int allow_if(scmp_filter_ctx f, const char *name, unsigned arg,
                    uint64_t mask, uint64_t value)
{
    int nr = number(name);

    if (nr <= 0 && nr != number("read"))
        return 0;
    return seccomp_rule_add(f, SCMP_ACT_ALLOW, nr, 1,
                            SCMP_CMP64(arg, SCMP_CMP_MASKED_EQ, mask, value));
}

static int add_calls(scmp_filter_ctx f)
{
    int err = 0;

    for (size_t i = 0; !err && i < NR(calls); i++) {
        int nr = number(calls[i]);

        if (nr > 0 || nr == number("read"))
            err = seccomp_rule_add(f, SCMP_ACT_ALLOW, nr, 0);
    }
    for (size_t i = 0; !err && i < NR(unknown); i++)
        if (number(unknown[i]) > 0)
            err = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS),
                                   number(unknown[i]), 0);
    return err;
}

/* No device nodes. */
static int add_mknod(scmp_filter_ctx f)
{
    static const unsigned kinds[] = {0, S_IFREG, S_IFIFO, S_IFSOCK};
    int err = 0;

    for (size_t i = 0; !err && i < NR(kinds); i++)
        err = allow_if(f, "mknodat", 2, S_IFMT, kinds[i]);
    return err;
}

/* The signal that says that a file is ready, and to nobody but us. */
static int add_fasync(scmp_filter_ctx f)
{
    const uint64_t both[][2] = {{F_SETOWN, 0},
                                {F_SETOWN, (uint64_t)getpid()},
                                {F_SETSIG, 0},
                                {F_SETSIG, (uint64_t)SIGRTMAX}};
    int err = 0;

    for (size_t i = 0; !err && i < NR(both); i++)
        err = seccomp_rule_add(
            f, SCMP_ACT_ALLOW, number("fcntl"), 2,
            SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, UINT32_MAX, both[i][0]),
            SCMP_CMP64(2, SCMP_CMP_MASKED_EQ, UINT32_MAX, both[i][1]));
    return err;
}

/* Its own; and below version 6 of Landlock, nobody else's. */
static int add_signals(scmp_filter_ctx f, int abi)
{
    int err = allow_if(f, "tgkill", 0, UINT32_MAX, (uint64_t)getpid());

    if (!err && abi >= 6)
        return seccomp_rule_add(f, SCMP_ACT_ALLOW, number("kill"), 0);
    return err;
}

static int add_rules(scmp_filter_ctx f, int abi)
{
    int err = add_calls(f);

    for (size_t i = 0; !err && i < NR(first); i++)
        err = allow_if(f, first[i].name, 0, UINT64_MAX, first[i].arg);
    for (size_t i = 0; !err && i < NR(ioctls); i++)
        err = allow_if(f, "ioctl", 1, UINT32_MAX, ioctls[i]);
    for (size_t i = 0; !err && i < NR(fcntls); i++)
        err = allow_if(f, "fcntl", 1, UINT32_MAX, fcntls[i]);
    if (!err)
        err = add_fasync(f);
    if (!err)
        err = add_mknod(f);
    return err ? err : add_signals(f, abi);
}

int seccomp_enter(int abi)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int err = f ? 0 : -ENOMEM;

    if (!err)
        err = add_rules(f, abi);
    /* Calls of each instruction's helpers come first. */
    if (!err)
        (void)seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (!err)
        err = seccomp_load(f);
    seccomp_release(f);
    return err;
}
