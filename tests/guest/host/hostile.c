// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host/hostile.c - a program that tries to get out of --sandbox
 *
 * tests/e2e/test_sandbox.py runs it with and without: a line for each try,
 * "done" or the errno.  Standard input is OUT/secret, read only.
 *
 * usage: hostile OUT RW RO PORT PID [TRY]
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char out[256], rw[256], ro[256];
static int port, host_pid;

/* "@name": in this folder */
static const char *in(const char *folder, const char *name)
{
    static char paths[8][600];
    static unsigned next;
    char *p = paths[next++ % 8];

    snprintf(p, sizeof(paths[0]), "%s/%s", folder, name);
    return p;
}

#define OUT(name) in(out, name)
#define RW(name)  in(rw, name)
#define RO(name)  in(ro, name)

static int get(const char *path)
{
    int fd = open(path, O_RDONLY);
    char c;

    return fd < 0 ? -1 : read(fd, &c, 1) < 0 && errno != EISDIR ? -1 : fd;
}

/* ----------------------------------------------------------------- files */

static int open_outside(void)
{
    return get(OUT("secret"));
}
static int open_missing(void)
{
    return get(OUT("no such file"));
}
static int write_outside(void)
{
    return open(OUT("secret"), O_WRONLY);
}
static int list_outside(void)
{
    return open(out, O_RDONLY | O_DIRECTORY);
}
static int path_outside(void)
{
    return open(OUT("secret"), O_PATH);
}
static int dotdot(void)
{
    return get(RW("../out/secret"));
}
static int openat_dotdot(void)
{
    return openat(open(rw, O_RDONLY), "../out/secret", O_RDONLY);
}
static int proc_root(void)
{
    char path[600];

    snprintf(path, sizeof(path), "/proc/self/root%s/secret", out);
    return get(path);
}
static int proc_cwd(void)
{
    return chdir(rw) ? -1 : get("/proc/self/cwd/../out/secret");
}
static int through_link(void)
{
    unlink(RW("link"));
    return symlink(OUT("secret"), RW("link")) ? -1 : get(RW("link"));
}
static int create_through_link(void)
{
    unlink(RW("link"));
    if (symlink(OUT("made"), RW("link")))
        return -1;
    return open(RW("link"), O_WRONLY | O_CREAT, 0666);
}
static int through_folder_link(void)
{
    unlink(RW("folder"));
    return symlink(out, RW("folder")) ? -1 : get(RW("folder/secret"));
}
static int hard_link(void)
{
    return link(OUT("secret"), RW("hard"));
}
static int link_of_stdin(void)
{
    return linkat(AT_FDCWD, "/proc/self/fd/0", AT_FDCWD, RW("hard2"),
                  AT_SYMLINK_FOLLOW);
}
static int reopen_stdin(void)
{
    return open("/proc/self/fd/0", O_RDWR);
}
static int chmod_stdin(void)
{
    return fchmod(0, 0666);
}
static int touch_stdin(void)
{
    return futimens(0, NULL);
}
static int rename_in(void)
{
    return rename(OUT("other"), RW("other"));
}
static int rename_out(void)
{
    close(open(RW("mine"), O_WRONLY | O_CREAT, 0666));
    return rename(RW("mine"), OUT("mine"));
}
static int create_outside(void)
{
    return open(OUT("new"), O_WRONLY | O_CREAT, 0666);
}
static int mkdir_outside(void)
{
    return mkdir(OUT("dir"), 0777);
}
static int fifo_outside(void)
{
    return mkfifo(OUT("fifo"), 0666);
}
static int unlink_outside(void)
{
    return unlink(OUT("gone"));
}
static int chmod_outside(void)
{
    return chmod(OUT("secret"), 0600);
}
static int chown_outside(void)
{
    return chown(OUT("secret"), getuid(), getgid());
}
static int touch_outside(void)
{
    return utimensat(AT_FDCWD, OUT("secret"), NULL, 0);
}
static int truncate_outside(void)
{
    return truncate(OUT("cut"), 1);
}
static int stat_outside(void)
{
    struct stat st;

    return stat(OUT("secret"), &st);
}
static int statfs_outside(void)
{
    struct statfs st;

    return statfs(out, &st);
}
static int access_outside(void)
{
    return access(OUT("secret"), R_OK);
}
static int readlink_outside(void)
{
    char text[100];

    return (int)readlink(OUT("symlink"), text, sizeof(text));
}
static int chdir_outside(void)
{
    return chdir(out);
}
static int watch_outside(void)
{
    return inotify_add_watch(inotify_init(), OUT("secret"), IN_OPEN);
}
static int watch_above(void)
{
    return inotify_add_watch(inotify_init(), RW(".."), IN_CREATE);
}
static int exec_outside(void)
{
    char *argv[] = {"hostile", "exit", NULL};
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        execv(OUT("program"), argv);
        _exit(errno);
    }
    waitpid(pid, &status, 0);
    errno = WEXITSTATUS(status);
    return errno ? -1 : 0;
}
static int map_outside(void)
{
    return open("/proc/self/map_files/0-0", O_RDONLY) >= 0 ? 0
                                                           : get(OUT("cut"));
}
static int host_password(void)
{
    return get("/etc/passwd");
}
static int host_null(void)
{
    return open("/dev/null", O_RDWR);
}
static int host_ptmx(void)
{
    return open("/dev/ptmx", O_RDWR);
}

/* ------------------------------------------------------------- read only */

static int ro_read(void)
{
    return get(RO("file"));
}
static int ro_write(void)
{
    return open(RO("file"), O_RDWR);
}
static int ro_truncate(void)
{
    return open(RO("file"), O_TRUNC);
}
static int ro_create(void)
{
    return open(RO("new"), O_CREAT | O_RDWR, 0666);
}
static int ro_unlink(void)
{
    return unlink(RO("gone"));
}
static int ro_chmod(void)
{
    return chmod(RO("file"), 0666);
}
static int ro_link(void)
{
    return link(RO("file"), RW("file"));
}
static int ro_rename(void)
{
    return rename(RO("other"), RW("other2"));
}
static int ro_reopen(void)
{
    char by_fd[40];
    int fd = open(RO("file"), O_RDONLY);

    snprintf(by_fd, sizeof(by_fd), "/proc/self/fd/%d", fd);
    return open(by_fd, O_RDWR);
}
static int ro_fchmod(void)
{
    return fchmod(open(RO("file"), O_RDONLY), 0666);
}
static int ro_socket(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    strcpy(a.sun_path, RO("socket"));
    return bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&a, sizeof(a));
}

static int ro_connect(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    strcpy(a.sun_path, RO("server"));
    return connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&a, sizeof(a));
}

/* --------------------------------------------------------------- sockets */

static struct sockaddr_in loopback(void)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}
static int tcp_connect(void)
{
    struct sockaddr_in a = loopback();
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    return fd < 0 ? -1 : connect(fd, (void *)&a, sizeof(a));
}
static int tcp_listen(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    return fd < 0 ? -1 : listen(fd, 1);
}
static int udp_send(void)
{
    struct sockaddr_in a = loopback();
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    return fd < 0 ? -1 : (int)sendto(fd, "x", 1, 0, (void *)&a, sizeof(a));
}
static int tcp6(void)
{
    return socket(AF_INET6, SOCK_STREAM, 0);
}
static int unix_connect(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    strcpy(a.sun_path, OUT("server"));
    return connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&a, sizeof(a));
}
static int unix_bind(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    strcpy(a.sun_path, OUT("mine"));
    unlink(a.sun_path);
    return bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&a, sizeof(a));
}
static int unix_abstract(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int len = snprintf(a.sun_path + 1, 100, "adiemu-test-%d", port);

    return connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&a,
                   offsetof(struct sockaddr_un, sun_path) + 1 + len);
}
static int queue(void)
{
    mqd_t q = mq_open("/adiemu-hostile", O_CREAT | O_RDWR, 0600, NULL);

    mq_unlink("/adiemu-hostile");
    return q;
}

/* What is allowed: within, all of it works. */
static int pair(void)
{
    int fd[2];

    return socketpair(AF_UNIX, SOCK_STREAM, 0, fd) ? -1
                                                   : (int)write(fd[0], "x", 1);
}
static int unix_inside(void)
{
    int server = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    strcpy(a.sun_path, RW("sock"));
    unlink(a.sun_path);
    if (bind(server, (void *)&a, sizeof(a)) || listen(server, 1))
        return -1;
    return connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&a, sizeof(a));
}
static int rw_work(void)
{
    struct stat st;
    int fd;

    mkdir(RW("d"), 0777);
    fd = open(RW("d/a"), O_CREAT | O_RDWR, 0600);
    if (fd < 0 || write(fd, "text", 4) != 4 || fchmod(fd, 0644) ||
        futimens(fd, NULL) || ftruncate(fd, 2))
        return -1;
    if (link(RW("d/a"), RW("b")) || rename(RW("d/a"), RW("c")) ||
        chmod(RW("c"), 0600) || stat(RW("c"), &st) || st.st_size != 2 ||
        truncate(RW("c"), 1) || rmdir(RW("d")) || unlink(RW("b")))
        return -1;
    return unlink(RW("c"));
}
static int exec_self(void)
{
    char *argv[] = {"hostile", "exit", NULL};
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        execv("/proc/self/exe", argv);
        _exit(1);
    }
    waitpid(pid, &status, 0);
    errno = status;
    return status ? -1 : 0;
}
static int look_above(void)
{
    struct stat st;

    return stat(RW(".."), &st) || stat("/", &st) || mkdir("/", 0) != -1 ||
                   errno != EEXIST
               ? -1
               : 0;
}

/* ------------------------------------ processes of the host: never, anyway */

static int kill_host(void)
{
    return kill(host_pid, 0);
}
static int queue_signal(void)
{
    return sigqueue(host_pid, SIGUSR1, (union sigval){.sival_int = 0});
}
static int tkill_host(void)
{
    return (int)syscall(SYS_tkill, host_pid, SIGUSR1);
}
static int owner_host(void)
{
    int fd[2];

    return pipe(fd) ? -1 : fcntl(fd[0], F_SETOWN, host_pid);
}
static int pidfd_host(void)
{
    return (int)syscall(SYS_pidfd_open, host_pid, 0);
}
static int read_host(void)
{
    static char c;
    struct iovec v = {&c, 1};

    return (int)process_vm_readv(host_pid, &v, 1, &v, 1, 0);
}
static int proc_host(void)
{
    char path[40];

    snprintf(path, sizeof(path), "/proc/%d/status", host_pid);
    return get(path);
}
static int nice_host(void)
{
    return setpriority(PRIO_PROCESS, host_pid, 19);
}
static int limit_host(void)
{
    struct rlimit r;

    return prlimit(host_pid, RLIMIT_NOFILE, NULL, &r);
}
static int type_terminal(void)
{
    char c = 'x';

    return ioctl(0, _IOW('t', 114, char), &c); /* TIOCSTI of sparc64 */
}
static int memory(void)
{
    return open("/dev/mem", O_RDONLY);
}
static int mount_proc(void)
{
    return (int)syscall(SYS_mount, "none", rw, "proc", 0, NULL);
}

static const struct {
    const char *name;
    int (*fn)(void);
} tries[] = {
#define TRY(name)                                                              \
    {                                                                          \
#name, name                                                            \
    }
    TRY(open_outside),
    TRY(open_missing),
    TRY(write_outside),
    TRY(list_outside),
    TRY(path_outside),
    TRY(dotdot),
    TRY(openat_dotdot),
    TRY(proc_root),
    TRY(proc_cwd),
    TRY(through_link),
    TRY(create_through_link),
    TRY(through_folder_link),
    TRY(hard_link),
    TRY(link_of_stdin),
    TRY(reopen_stdin),
    TRY(chmod_stdin),
    TRY(touch_stdin),
    TRY(rename_in),
    TRY(rename_out),
    TRY(create_outside),
    TRY(mkdir_outside),
    TRY(fifo_outside),
    TRY(unlink_outside),
    TRY(chmod_outside),
    TRY(chown_outside),
    TRY(touch_outside),
    TRY(truncate_outside),
    TRY(stat_outside),
    TRY(statfs_outside),
    TRY(access_outside),
    TRY(readlink_outside),
    TRY(chdir_outside),
    TRY(watch_outside),
    TRY(watch_above),
    TRY(exec_outside),
    TRY(map_outside),
    TRY(host_password),
    TRY(host_null),
    TRY(host_ptmx),
    TRY(ro_read),
    TRY(ro_write),
    TRY(ro_truncate),
    TRY(ro_create),
    TRY(ro_unlink),
    TRY(ro_chmod),
    TRY(ro_link),
    TRY(ro_rename),
    TRY(ro_reopen),
    TRY(ro_fchmod),
    TRY(ro_socket),
    TRY(ro_connect),
    TRY(tcp_connect),
    TRY(tcp_listen),
    TRY(udp_send),
    TRY(tcp6),
    TRY(unix_connect),
    TRY(unix_bind),
    TRY(unix_abstract),
    TRY(queue),
    TRY(pair),
    TRY(unix_inside),
    TRY(rw_work),
    TRY(exec_self),
    TRY(look_above),
    TRY(kill_host),
    TRY(queue_signal),
    TRY(tkill_host),
    TRY(owner_host),
    TRY(pidfd_host),
    TRY(read_host),
    TRY(proc_host),
    TRY(nice_host),
    TRY(limit_host),
    TRY(type_terminal),
    TRY(memory),
    TRY(mount_proc)};

int main(int argc, char **argv)
{
    if (argc == 2)
        return 0;
    strcpy(out, argv[1]);
    strcpy(rw, argv[2]);
    strcpy(ro, argv[3]);
    port = atoi(argv[4]);
    host_pid = atoi(argv[5]);
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        if (argc > 6 && strcmp(argv[6], tries[i].name) != 0)
            continue;
        errno = 0;
        if (tries[i].fn() < 0)
            printf("%s: %s\n", tries[i].name, strerrorname_np(errno));
        else
            printf("%s: done\n", tries[i].name);
        fflush(stdout);
    }
    return 0;
}
