// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/ids_set.c - set*id, setgroups, capget and capset, and what follows
 *
 * Catches ids that cannot be set to what one has, rules of the kernel that
 * are not followed, capabilities that stay when the ids go, and files and
 * signals that do not go by the ids of the moment.  The same program on this
 * machine is the reference, for root and for others.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "process.h"
#include "try.h"

#define NOBODY 65534

static void show(void)
{
    uid_t r, e, s;
    gid_t gr, ge, gs;

    getresuid(&r, &e, &s);
    getresgid(&gr, &ge, &gs);
    printf("  uid %d %d %d %d gid %d %d %d %d groups %d\n", r, e, s,
           setfsuid(-1), gr, ge, gs, setfsgid(-1), getgroups(0, NULL));
}

static void show_caps(void)
{
    struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct d[2];

    if (syscall(SYS_capget, &head, d))
        puts("  capget fails");
    else
        printf("  effective %08x %08x permitted %08x %08x inheritable %08x\n",
               d[1].effective, d[0].effective, d[1].permitted, d[0].permitted,
               d[0].inheritable);
}

static int own_ids(long unused)
{
    gid_t groups[300];
    int n = getgroups(300, groups);
    volatile int minus = -1;

    (void)unused;
    TRY_DONE(setuid(getuid()));
    TRY_DONE(setgid(getgid()));
    TRY_DONE(seteuid(getuid()));
    TRY_DONE(setegid(getgid()));
    TRY_DONE(setreuid(getuid(), geteuid()));
    TRY_DONE(setregid(getgid(), getegid()));
    TRY_DONE(setresuid(-1, -1, -1));
    TRY_DONE(setresgid(getgid(), -1, getegid()));
    TRY_DONE(setuid(-1));
    TRY_DONE(setgid(-1));
    TRY_DONE(getgroups(minus, groups));
    TRY_DONE(n > 0 ? getgroups(n - 1 ? n - 1 : 0, groups) : 0);
    TRY_DONE(setgroups(70000, groups));
    TRY_DONE(setgroups(n, groups));
    show();
    show_caps();
    return 0;
}

/* Only root may; others see EPERM, and stay who they are. */
static int other_ids(long unused)
{
    static const gid_t two[] = { 1234, 99 };

    (void)unused;
    TRY_DONE(setgroups(2, two));
    show();
    TRY_DONE(setresgid(NOBODY, 7, 8));
    show();
    TRY_DONE(setresuid(1, 2, 3));
    show();
    show_caps();
    TRY_DONE(setresuid(3, 1, 2));
    show();
    TRY_DONE(setuid(2));
    show();
    TRY_DONE(setreuid(-1, 3));
    TRY_DONE(setreuid(2, -1));
    TRY_DONE(setuid(0));
    TRY_DONE(setfsuid(3));
    TRY_DONE(setgroups(0, NULL));
    show();
    return 0;
}

static int effective(long unused)
{
    char name[32];
    int fd;

    (void)unused;
    umask(022);
    enter_scratch(name);
    fd = creat("mine", 0600);
    close(fd);
    TRY_DONE(seteuid(NOBODY));
    show();
    show_caps();
    TRY_DONE(open("mine", O_RDONLY));
    TRY_DONE(access("mine", R_OK)); /* goes by the real id */
    TRY_DONE(eaccess("mine", R_OK));
    TRY_DONE(mkdir("not-mine", 0755));
    TRY_DONE(chmod("mine", 0644));
    TRY_DONE(seteuid(getuid()));
    show_caps();
    TRY_DONE(open("mine", O_RDONLY));
    TRY_DONE(setfsuid(NOBODY));
    show();
    show_caps();
    TRY_DONE(open("mine", O_RDWR));
    TRY_DONE(setfsuid(getuid()));
    TRY_DONE(open("mine", O_RDWR));
    rmdir("not-mine");
    unlink("mine");
    leave_scratch(name);
    return 0;
}

static int real_only(long unused)
{
    (void)unused;
    umask(022);
    close(creat("adiemu-test-real", 0600));
    TRY_DONE(setreuid(NOBODY, -1));
    show();
    TRY_DONE(access("adiemu-test-real", R_OK));
    TRY_DONE(eaccess("adiemu-test-real", R_OK));
    unlink("adiemu-test-real");
    return 0;
}

static int signals(long unused)
{
    pid_t parent = getppid();

    (void)unused;
    TRY_DONE(setresuid(NOBODY, NOBODY, NOBODY));
    TRY_DONE(kill(parent, 0));
    TRY_DONE(kill(parent, SIGCONT)); /* the same session */
    TRY_DONE(kill(getpid(), 0));
    return 0;
}

static int caps(long unused)
{
    struct __user_cap_header_struct head = { 1, 0 };
    struct __user_cap_data_struct d[2];

    (void)unused;
    TRY_DONE(syscall(SYS_capget, &head, NULL));
    printf("  version %x\n", head.version);
    head.version = 1;
    TRY_DONE(syscall(SYS_capget, &head, d));
    head.pid = -1;
    TRY_DONE(syscall(SYS_capget, &head, d));
    head.pid = 0;
    TRY_DONE(syscall(SYS_capget, &head, (void *)8));
    TRY_DONE(syscall(SYS_capget, &head, d));
    head.pid = getppid();
    TRY_DONE(syscall(SYS_capset, &head, d));
    head.pid = getpid();
    TRY_DONE(syscall(SYS_capset, &head, d));
    d[0].effective &= ~(1u << CAP_SETUID | 1u << CAP_DAC_OVERRIDE);
    d[0].permitted = d[0].effective;
    TRY_DONE(syscall(SYS_capset, &head, d));
    show_caps();
    TRY_DONE(setuid(77));
    d[0].permitted |= 1u << CAP_SETUID;
    TRY_DONE(syscall(SYS_capset, &head, d));
    d[0].permitted = 0;
    TRY_DONE(syscall(SYS_capset, &head, d));
    d[0].effective = d[1].effective = d[1].permitted = 0;
    TRY_DONE(syscall(SYS_capset, &head, d));
    TRY_DONE(setgroups(0, NULL));
    show_caps();
    return 0;
}

int main(void)
{
    static const struct {
        const char *name;
        int (*run)(long unused);
    } parts[] = {
        { "own ids", own_ids },     { "other ids", other_ids },
        { "effective", effective }, { "real", real_only },
        { "signals", signals },     { "capabilities", caps },
    };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        puts(parts[i].name);
        printf("  exit %d\n", reap(spawn(parts[i].run, 0)));
    }
    show();
    return 0;
}
