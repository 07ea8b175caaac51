// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/proc_process.c - /proc/PID/limits, io, timerslack_ns, fdinfo, the
 * priorities in stat; /proc/stat
 *
 * run: --ram=16M
 * stdout: ok
 * run: --ram=16M --swap=16M --stress=swap:3000:1
 * stdout: ok
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>

#include "adi/procfs.h"

static void check_limits(void)
{
    struct rlimit limit = {1000, 2000};
    char *p;

    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    p = proc_read("/proc/self/limits");
    CHECK(is_line(&p, "Limit                     Soft Limit           "
                      "Hard Limit           Units     "));
    CHECK(is_line(&p, "Max cpu time              unlimited            "
                      "unlimited            seconds   "));
    CHECK(is_line(&p, "Max file size             1000                 "
                      "2000                 bytes     "));
    CHECK(is_line(&p, "Max data size             unlimited            "
                      "unlimited            bytes     "));
    p = line_of("Max core");
    CHECK(p && is_line(&p, "Max core file size        0                    "
                           "unlimited            bytes     "));
    CHECK(strncmp(p, "Max resident set ", 17) == 0);
    p = line_of("Max open files");
    CHECK(p && is_line(&p, "Max open files            1024                 "
                           "1024                 files     "));
    CHECK(strncmp(p, "Max processes ", 14) == 0);
    p = line_of("Max nice");
    CHECK(p && is_line(&p, "Max nice priority         0                    "
                           "0                    "));
    CHECK(line_of("Max realtime timeout"));
}

static void check_io(void)
{
    const char *io = "/proc/self/io";
    long wrote = number_of(io, "wchar: "), calls = number_of(io, "syscw: ");
    int fds[2];
    char byte[7] = "";

    CHECK(pipe(fds) == 0);
    CHECK(write(fds[1], "seven b", 7) == 7 && write(fds[1], NULL, 0) == 0);
    CHECK(write(-1, "x", 1) == -1); /* no file, no count */
    CHECK(number_of(io, "wchar: ") == wrote + 7);
    CHECK(number_of(io, "syscw: ") == calls + 2);
    wrote = number_of(io, "rchar: ");
    calls = number_of(io, "rchar: ") - wrote; /* of reading it once */
    CHECK(read(fds[0], byte, 7) == 7);
    wrote = number_of(io, "rchar: ") - wrote;
    CHECK(wrote >= 2 * calls + 7 && wrote <= 2 * calls + 7 + 4);
    CHECK(number_of(io, "read_bytes: ") == 0);
    CHECK(close(fds[0]) == 0 && close(fds[1]) == 0);
}

static void check_slack(void)
{
    int fd = open("/proc/self/timerslack_ns", O_RDWR);

    CHECK(prctl(PR_SET_TIMERSLACK, 1234) == 0);
    CHECK(strcmp(proc_read("/proc/self/timerslack_ns"), "1234\n") == 0);
    CHECK(write(fd, "777\n", 4) == 4 && prctl(PR_GET_TIMERSLACK) == 777);
    CHECK(write(fd, "x", 1) == -1 && errno == EINVAL);
    CHECK(write(fd, "0", 1) == 1 && prctl(PR_GET_TIMERSLACK) == 50000);
    CHECK(close(fd) == 0);
}

/* fdinfo of @fd, from the line that begins with @start on. */
static char *info(int fd, const char *start)
{
    char name[60];

    snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", fd);
    proc_read(name);
    return line_of(start);
}

static void check_common_lines(void)
{
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), count = 0, info_fd;
    struct stat st;
    char text[100], *p;
    DIR *d;

    CHECK(fstat(fd, &st) == 0 && lseek(fd, 77, SEEK_SET) == 77);
    p = info(fd, "pos:");
    CHECK(p == proc_text && is_line(&p, "pos:\t77"));
    CHECK(strncmp(p, "flags:\t0", 8) == 0);
    CHECK((strtoul(p + 7, &p, 8) & ~0x40000ul) == O_CLOEXEC);
    CHECK(is_line(&p, "") && is_line(&p, "mnt_id:\t1"));
    snprintf(text, sizeof(text), "ino:\t%lu", (unsigned long)st.st_ino);
    CHECK(is_line(&p, text) && *p == '\0');
    d = opendir("/proc/self/fdinfo");
    for (struct dirent *e; (e = readdir(d));)
        count += e->d_type == DT_REG;
    CHECK(closedir(d) == 0 && count >= 5);
    CHECK(stat("/proc/self/fdinfo/0", &st) == 0 && st.st_mode == 0100444);
    CHECK(access("/proc/self/fdinfo/999", F_OK) == -1 && errno == ENOENT);
    snprintf(text, sizeof(text), "/proc/self/fdinfo/%d", fd);
    info_fd = open(text, O_RDONLY);
    CHECK(close(fd) == 0);
    CHECK(read(info_fd, text, sizeof(text)) == -1 && errno == ENOENT);
    CHECK(close(info_fd) == 0);
}

static void check_kinds(void)
{
    int event = eventfd(0x15, 0), set = epoll_create1(0), watch = inotify_init();
    int timer = timerfd_create(CLOCK_MONOTONIC, 0), signals, process;
    struct epoll_event ev = {.events = EPOLLIN, .data.u64 = 0xabcdef};
    struct itimerspec its = {{7, 5}, {1000, 0}};
    sigset_t mask;
    pid_t child;
    char text[60], *p;

    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    signals = signalfd(-1, &mask, 0);
    p = info(event, "eventfd-count:");
    CHECK(p && is_line(&p, "eventfd-count:               15"));
    CHECK(epoll_ctl(set, EPOLL_CTL_ADD, event, &ev) == 0);
    snprintf(text, sizeof(text),
             "tfd: %8d events:       19 data:           abcdef ", event);
    CHECK(info(set, text));
    CHECK(inotify_add_watch(watch, "/", IN_CREATE) == 1);
    CHECK((p = info(watch, "inotify wd:1 ino:")) && strstr(p, " mask:100 "));
    CHECK(timerfd_settime(timer, TFD_TIMER_ABSTIME, &its, NULL) == 0);
    p = info(timer, "clockid:");
    CHECK(p && is_line(&p, "clockid: 1") && is_line(&p, "ticks: 0"));
    CHECK(is_line(&p, "settime flags: 01"));
    CHECK(strncmp(p, "it_value: (999, 9", 17) == 0);
    CHECK((p = strchr(p, '\n') + 1) && is_line(&p, "it_interval: (7, 5)"));
    CHECK(info(signals, "sigmask:\t0000000020000000\n"));
    child = fork();
    if (child == 0)
        _exit(0);
    process = (int)syscall(SYS_pidfd_open, child, 0);
    p = info(process, "Pid:");
    snprintf(text, sizeof(text), "Pid:\t%d", child);
    CHECK(p && is_line(&p, text) && strncmp(p, "NSpid:\t", 7) == 0);
    CHECK(waitpid(child, NULL, 0) == child);
    CHECK((p = info(process, "Pid:")) && is_line(&p, "Pid:\t-1"));
}

/* The field of that number of /proc/self/stat, as proc(5) counts. */
static long stat_field(int n)
{
    char *p = strrchr(proc_read("/proc/self/stat"), ')');

    for (int i = 2; i < n; i++)
        p = strchr(p, ' ') + 1;
    return strtol(p, NULL, 10);
}

static void check_priorities(void)
{
    struct sched_param param = {0};
    int before = getpriority(PRIO_PROCESS, 0); /* the caller's */

    CHECK(stat_field(18) == 20 + before && stat_field(19) == before);
    CHECK(nice(5) == before + 5);
    CHECK(stat_field(18) == 25 + before && stat_field(19) == before + 5);
    CHECK(sched_setscheduler(0, SCHED_BATCH, &param) == 0);
    CHECK(stat_field(40) == 0 && stat_field(41) == SCHED_BATCH);
}

/* A process has one thread, of its own number. */
static void check_thread(void)
{
    char name[60];
    struct dirent *e;
    DIR *d = opendir("/proc/self/task");
    int threads = 0;

    while ((e = readdir(d)))
        threads += atoi(e->d_name) == getpid();
    CHECK(closedir(d) == 0 && threads == 1);
    CHECK(prctl(PR_SET_NAME, "a thread") == 0);
    snprintf(name, sizeof(name), "/proc/self/task/%d/comm", getpid());
    CHECK(strcmp(proc_read(name), "a thread\n") == 0);
    snprintf(name, sizeof(name), "/proc/%d/task/%d", getpid(), getppid());
    CHECK(access(name, F_OK) == -1 && errno == ENOENT);
}

static void check_machine(void)
{
    const char *name = "/proc/stat";
    long forks = number_of(name, "processes ");
    struct timespec now;

    CHECK(number_of(name, "cpu  ") >= 0 && line_of("cpu0 "));
    CHECK(number_of(name, "procs_running ") == 1);
    CHECK(clock_gettime(CLOCK_REALTIME, &now) == 0);
    CHECK(number_of(name, "btime ") <= now.tv_sec &&
          number_of(name, "btime ") > now.tv_sec - 100);
    if (fork() == 0)
        _exit(0);
    CHECK(wait(NULL) > 0);
    CHECK(number_of(name, "processes ") == forks + 1);
}

int main(void)
{
    check_io(); /* first: stdio has read nothing */
    check_limits();
    check_slack();
    check_common_lines();
    check_kinds();
    check_priorities();
    check_thread();
    check_machine();
    puts("ok");
    return 0;
}
