// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The second wall of --sandbox: what the host refuses a process that is in it,
 * with nothing of adiemu in between.  Each question is a child's.
 */
#include <arpa/inet.h>
#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/sandbox/sandbox.h"
#include "unit.h"

static char top[] = "/tmp/test_sandbox.XXXXXX";
static char rw[64], outside[64];
static pid_t parent;

static long result(long value)
{
    return value < 0 ? errno : 0;
}

static char *in(const char *folder, const char *name)
{
    static char path[200];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

/* ------------------------------------------------ what is in the list, or not
 */

static long read_outside(void)
{
    return result(open(in(outside, "f"), O_RDONLY));
}

static long make_outside(void)
{
    return result(mkdirat(AT_FDCWD, in(outside, "d"), 0777));
}

static long write_inside(void)
{
    int fd = open(in(rw, "f"), O_CREAT | O_RDWR, 0600);

    return result(fd < 0 ? -1 : write(fd, "x", 1));
}

static long program(void)
{
    char *argv[] = {NULL};

    return result(execv("/bin/true", argv));
}

static long kill_parent(void)
{
    return result(kill(parent, 0));
}

static long tgkill_parent(void)
{
    return result(syscall(SYS_tgkill, parent, parent, 0));
}

static long own_signal(void)
{
    return result(syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), 0));
}

static long trace(void)
{
    return result(ptrace(PTRACE_ATTACH, parent, NULL, NULL));
}

static long read_memory(void)
{
    char c;
    struct iovec v = {&c, 1};

    return result(process_vm_readv(parent, &v, 1, &v, 1, 0));
}

static long pidfd(void)
{
    return result(syscall(SYS_pidfd_open, parent, 0));
}

static long limits(void)
{
    struct rlimit r;

    return result(syscall(SYS_prlimit64, parent, RLIMIT_NOFILE, NULL, &r));
}

static long own_limits(void)
{
    struct rlimit r;

    return result(syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &r));
}

static long inet(void)
{
    return result(socket(AF_INET, SOCK_STREAM, 0));
}

static long netlink(void)
{
    return result(socket(AF_NETLINK, SOCK_RAW, 0));
}

static long unix_pair(void)
{
    int fd[2];

    return result(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
}

static long type_in(void)
{
    char c = 'x';

    return result(ioctl(0, TIOCSTI, &c));
}

/* The kernel looks at the low half only. */
static long type_in_64(void)
{
    char c = 'x';

    return result(syscall(SYS_ioctl, 0, (UINT64_C(1) << 32) | TIOCSTI, &c));
}

static long owner(void)
{
    int fd[2];

    return result(pipe2(fd, 0) ? -1 : fcntl(fd[0], F_SETOWN, parent));
}

static long new_namespace(void)
{
    return result(unshare(CLONE_NEWUSER));
}

static long clone_namespace(void)
{
    return result(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
}

static long mount_it(void)
{
    return result(mount("none", rw, "tmpfs", 0, NULL));
}

static long device(void)
{
    return result(mknodat(AT_FDCWD, in(rw, "sda"), S_IFBLK | 0600, 0x800));
}

static long fifo(void)
{
    return result(mknodat(AT_FDCWD, in(rw, "fifo"), S_IFIFO | 0600, 0));
}

static long by_handle(void)
{
    return result(syscall(SYS_open_by_handle_at, AT_FDCWD, NULL, 0));
}

static long root(void)
{
    return result(chroot(rw));
}

static long queue(void)
{
    return result(syscall(SYS_mq_open, "adiemu", O_RDONLY, 0, NULL));
}

static long code(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return p == MAP_FAILED ? errno : 0;
}

static long child(void)
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    return result(pid < 0 ? -1 : waitpid(pid, &status, 0));
}

static const struct {
    const char *name;
    long (*ask)(void);
    int want;
} questions[] = {
    {"write inside", write_inside, 0},
    {"own signal", own_signal, 0},
    {"own limits", own_limits, 0},
    {"socketpair", unix_pair, 0},
    {"fifo", fifo, 0},
    {"translated code", code, 0},
    {"the child that reads names", child, 0},
    {"read outside", read_outside, EACCES},
    {"make outside", make_outside, EACCES},
    {"execve", program, EPERM},
    {"kill", kill_parent, EPERM},
    {"tgkill", tgkill_parent, EPERM},
    {"ptrace", trace, EPERM},
    {"process_vm_readv", read_memory, EPERM},
    {"pidfd_open", pidfd, EPERM},
    {"prlimit", limits, EPERM},
    {"AF_INET", inet, EPERM},
    {"AF_NETLINK", netlink, EPERM},
    {"TIOCSTI", type_in, EPERM},
    {"TIOCSTI, high bits", type_in_64, EPERM},
    {"F_SETOWN", owner, EPERM},
    {"unshare", new_namespace, EPERM},
    {"clone", clone_namespace, EPERM},
    {"mount", mount_it, EPERM},
    {"mknod", device, EPERM},
    {"open_by_handle_at", by_handle, EPERM},
    {"chroot", root, EPERM},
    {"mq_open", queue, EPERM},
};

/* In a child: its exit code is the errno, or 255. */
static int ask_of(int abi, long (*question)(void))
{
    struct confine *c = confine_create();
    int status = -1;
    pid_t pid;

    assert_non_null(c);
    assert_int_equal(confine_add(c, rw, CONFINE_WRITE), 0);
    fflush(NULL);
    pid = fork();
    if (pid == 0)
        _exit(sandbox_enter(c, abi) ? 255 : (int)question());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    confine_destroy(c);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int ask(long (*question)(void))
{
    return ask_of(landlock_abi(), question);
}

static long move(void)
{
    char to[100];
    int fd = open(in(rw, "moved"), O_CREAT | O_RDWR, 0600);

    snprintf(to, sizeof(to), "%s/sub/moved", rw);
    return result(fd < 0 ? -1
                         : renameat(AT_FDCWD, in(rw, "moved"), AT_FDCWD, to));
}

static long cut_outside(void)
{
    return result(truncate(in(outside, "f"), 0));
}

/* What those before this one have, and what they lack: adiemu is the first
 * wall. */
static void test_older_hosts(void **state)
{
    (void)state;
    for (int abi = 1; abi <= landlock_abi(); abi++) {
        assert_int_equal(ask_of(abi, write_inside), 0);
        assert_int_equal(ask_of(abi, read_outside), EACCES);
        assert_int_equal(ask_of(abi, make_outside), EACCES);
        assert_int_equal(ask_of(abi, move), abi < 2 ? EXDEV : 0);
        assert_int_equal(ask_of(abi, cut_outside), abi < 3 ? 0 : EACCES);
        assert_int_equal(ask_of(abi, kill_parent), EPERM);
        assert_int_equal(ask_of(abi, inet), EPERM);
    }
}

static void test_host_refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        int got = ask(questions[i].ask);

        if (got != questions[i].want)
            fail_msg("%s: %d", questions[i].name, got);
    }
}

/* ------------------------------------------------------------- the first wall
 */

static enum confine_rights rights(const struct confine *c, const char *path)
{
    int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    enum confine_rights r;

    assert_true(fd >= 0);
    r = confine_rights(c, fd);
    close(fd);
    return r;
}

static void test_rights_of_paths(void **state)
{
    struct confine *c = confine_create();
    int fd[2], mem;

    (void)state;
    assert_int_equal(confine_add(c, "/no/such", CONFINE_READ), -ENOENT);
    assert_int_equal(confine_add(c, rw, CONFINE_READ), 0);
    assert_int_equal(rights(c, rw), CONFINE_READ);
    assert_int_equal(rights(c, in(rw, "sub")), CONFINE_READ);
    assert_int_equal(rights(c, top), CONFINE_ABOVE);
    assert_int_equal(rights(c, "/"), CONFINE_ABOVE);
    assert_int_equal(rights(c, outside), CONFINE_OUTSIDE);
    /* "rw2" is not below "rw" */
    assert_int_equal(rights(c, in(top, "rw2")), CONFINE_OUTSIDE);
    assert_int_equal(confine_add(c, top, CONFINE_WRITE), -EROFS);
    assert_int_equal(confine_add(c, outside, CONFINE_WRITE), 0);
    assert_int_equal(rights(c, in(outside, "f")), CONFINE_WRITE);
    assert_int_equal(confine_add(c, in(outside, "f"), CONFINE_READ), -EROFS);
    assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
    assert_int_equal(confine_rights(c, fd[0]), CONFINE_WRITE);
    mem = memfd_create("m", MFD_CLOEXEC);
    assert_int_equal(confine_rights(c, mem), CONFINE_WRITE);
    close(mem);
    close(fd[0]);
    close(fd[1]);
    confine_destroy(c);
    confine_destroy(NULL);
}

static void test_link_as_bind(void **state)
{
    struct confine *c = confine_create();

    (void)state;
    assert_int_equal(confine_add(c, in(top, "link"), CONFINE_WRITE), 0);
    assert_int_equal(rights(c, in(top, "link")), CONFINE_ABOVE);
    assert_int_equal(rights(c, rw), CONFINE_WRITE);
    confine_destroy(c);
}

static int set_up(void **state)
{
    bool abstract;
    int fd;

    (void)state;
    parent = getpid();
    if (!mkdtemp(top))
        return -1;
    snprintf(rw, sizeof(rw), "%s/rw", top);
    snprintf(outside, sizeof(outside), "%s/outside", top);
    if (mkdir(rw, 0700) || mkdir(outside, 0700) ||
        mkdir(in(top, "rw2"), 0700) || mkdir(in(rw, "sub"), 0700) ||
        symlink("rw", in(top, "link")))
        return -1;
    fd = open(in(outside, "f"), O_CREAT | O_WRONLY, 0600);
    if (fd < 0 || close(fd))
        return -1;
    if (sandbox_available(&abstract)) {
        print_message("skipped: the host has no sandbox\n");
        exit(77);
    }
    return 0;
}

static int tear_down(void **state)
{
    char command[100];

    (void)state;
    snprintf(command, sizeof(command), "rm -r %s", top);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_host_refuses),
        cmocka_unit_test(test_older_hosts),
        cmocka_unit_test(test_rights_of_paths),
        cmocka_unit_test(test_link_as_bind),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
