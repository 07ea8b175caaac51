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

#define NOBODY 65534

static void say_call(const char *what, long r)
{
    printf("  %-28s %s\n", what, r == -1 ? strerrorname_np(errno) : "ok");
}

#define TRY(call) say_call(#call, call)

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
    TRY(setuid(getuid()));
    TRY(setgid(getgid()));
    TRY(seteuid(getuid()));
    TRY(setegid(getgid()));
    TRY(setreuid(getuid(), geteuid()));
    TRY(setregid(getgid(), getegid()));
    TRY(setresuid(-1, -1, -1));
    TRY(setresgid(getgid(), -1, getegid()));
    TRY(setuid(-1));
    TRY(setgid(-1));
    TRY(getgroups(minus, groups));
    TRY(n > 0 ? getgroups(n - 1 ? n - 1 : 0, groups) : 0);
    TRY(setgroups(70000, groups));
    TRY(setgroups(n, groups));
    show();
    show_caps();
    return 0;
}

/* Only root may; others see EPERM, and stay who they are. */
static int other_ids(long unused)
{
    static const gid_t two[] = { 1234, 99 };

    (void)unused;
    TRY(setgroups(2, two));
    show();
    TRY(setresgid(NOBODY, 7, 8));
    show();
    TRY(setresuid(1, 2, 3));
    show();
    show_caps();
    TRY(setresuid(3, 1, 2));
    show();
    TRY(setuid(2));
    show();
    TRY(setreuid(-1, 3));
    TRY(setreuid(2, -1));
    TRY(setuid(0));
    TRY(setfsuid(3));
    TRY(setgroups(0, NULL));
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
    TRY(seteuid(NOBODY));
    show();
    show_caps();
    TRY(open("mine", O_RDONLY));
    TRY(access("mine", R_OK)); /* goes by the real id */
    TRY(eaccess("mine", R_OK));
    TRY(mkdir("not-mine", 0755));
    TRY(chmod("mine", 0644));
    TRY(seteuid(getuid()));
    show_caps();
    TRY(open("mine", O_RDONLY));
    TRY(setfsuid(NOBODY));
    show();
    show_caps();
    TRY(open("mine", O_RDWR));
    TRY(setfsuid(getuid()));
    TRY(open("mine", O_RDWR));
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
    TRY(setreuid(NOBODY, -1));
    show();
    TRY(access("adiemu-test-real", R_OK));
    TRY(eaccess("adiemu-test-real", R_OK));
    unlink("adiemu-test-real");
    return 0;
}

static int signals(long unused)
{
    pid_t parent = getppid();

    (void)unused;
    TRY(setresuid(NOBODY, NOBODY, NOBODY));
    TRY(kill(parent, 0));
    TRY(kill(parent, SIGCONT)); /* the same session */
    TRY(kill(getpid(), 0));
    return 0;
}

static int caps(long unused)
{
    struct __user_cap_header_struct head = { 1, 0 };
    struct __user_cap_data_struct d[2];

    (void)unused;
    TRY(syscall(SYS_capget, &head, NULL));
    printf("  version %x\n", head.version);
    head.version = 1;
    TRY(syscall(SYS_capget, &head, d));
    head.pid = -1;
    TRY(syscall(SYS_capget, &head, d));
    head.pid = 0;
    TRY(syscall(SYS_capget, &head, (void *)8));
    TRY(syscall(SYS_capget, &head, d));
    head.pid = getppid();
    TRY(syscall(SYS_capset, &head, d));
    head.pid = getpid();
    TRY(syscall(SYS_capset, &head, d));
    d[0].effective &= ~(1u << CAP_SETUID | 1u << CAP_DAC_OVERRIDE);
    d[0].permitted = d[0].effective;
    TRY(syscall(SYS_capset, &head, d));
    show_caps();
    TRY(setuid(77));
    d[0].permitted |= 1u << CAP_SETUID;
    TRY(syscall(SYS_capset, &head, d));
    d[0].permitted = 0;
    TRY(syscall(SYS_capset, &head, d));
    d[0].effective = d[1].effective = d[1].permitted = 0;
    TRY(syscall(SYS_capset, &head, d));
    TRY(setgroups(0, NULL));
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
