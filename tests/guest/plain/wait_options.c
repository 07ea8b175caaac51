// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/wait_options.c - waitid, WNOHANG, WNOWAIT, stopped and continued
 *
 * Catches a WNOHANG that blocks, a WNOWAIT that takes the child, wrong
 * siginfo fields, and stops that are not reported.
 */
#define _GNU_SOURCE
#include "process.h"

static struct channel go, ready;

/* Say hello, wait for a number, exit with it. */
static int obey(long unused)
{
    (void)unused;
    say(&ready, 1);
    return hear(&go);
}

static int leave(long code)
{
    return code;
}

static const char *how(int code)
{
    return code == CLD_EXITED ? "exited" : code == CLD_KILLED ? "killed"
           : code == CLD_DUMPED ? "dumped" : code == CLD_STOPPED ? "stopped"
           : code == CLD_CONTINUED ? "continued" : "?";
}

/* waitid, and the facts that hold for each result. */
static void show(const char *name, idtype_t type, id_t id, int options,
                 pid_t want)
{
    siginfo_t info;

    memset(&info, 0xff, sizeof(info));
    EXPECT(waitid(type, id, &info, options) == 0);
    if (want == 0) {
        EXPECT(info.si_pid == 0);
        printf("%-10s nothing\n", name);
        return;
    }
    EXPECT(info.si_pid == want && info.si_signo == SIGCHLD);
    EXPECT(info.si_uid == getuid());
    printf("%-10s %s %d\n", name, how(info.si_code), info.si_status);
}

int main(void)
{
    pid_t pid;
    int status;

    alarm(60);
    go = channel_open();
    ready = channel_open();

    pid = spawn(obey, 0);
    EXPECT(hear(&ready) == 1);
    EXPECT(waitpid(pid, &status, WNOHANG) == 0);
    EXPECT(waitpid(-1, &status, WNOHANG) == 0);
    show("nohang", P_PID, pid, WEXITED | WNOHANG, 0);
    show("not yet", P_ALL, 0, WEXITED | WNOHANG, 0);
    say(&go, 23);
    show("nowait", P_PID, pid, WEXITED | WNOWAIT, pid);
    show("nowait", P_ALL, 0, WEXITED | WNOWAIT, pid);
    EXPECT(kill(pid, 0) == 0);          /* a zombie is still there */
    show("taken", P_PID, pid, WEXITED, pid);
    EXPECT(waitid(P_PID, pid, NULL, WEXITED) == -1 && errno == ECHILD);
    EXPECT(kill(pid, 0) == -1 && errno == ESRCH);

    pid = spawn(obey, 0);
    EXPECT(hear(&ready) == 1);
    kill(pid, SIGKILL);
    show("killed", P_PID, pid, WEXITED, pid);

    pid = spawn(obey, 0);
    EXPECT(hear(&ready) == 1);
    kill(pid, SIGSTOP);
    EXPECT(waitpid(pid, &status, WUNTRACED) == pid);
    EXPECT(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    EXPECT(waitpid(pid, &status, WUNTRACED | WNOHANG) == 0);
    kill(pid, SIGCONT);
    EXPECT(waitpid(pid, &status, WCONTINUED) == pid && WIFCONTINUED(status));
    puts("stopped and continued");
    kill(pid, SIGSTOP);
    show("stop", P_PID, pid, WSTOPPED, pid);
    EXPECT(waitpid(pid, &status, WNOHANG) == 0);
    kill(pid, SIGCONT);
    show("cont", P_PID, pid, WCONTINUED, pid);
    say(&go, 9);
    show("end", P_PID, pid, WEXITED, pid);

    /* by group: the child is in ours */
    pid = spawn(leave, 31);
    show("group", P_PGID, getpgrp(), WEXITED, pid);
    pid = spawn(leave, 32);
    EXPECT(waitpid(0, &status, 0) == pid && WEXITSTATUS(status) == 32);

    errno = 0;
    EXPECT(waitid(P_ALL, 0, NULL, 0) == -1 && errno == EINVAL);
    EXPECT(waitid(P_ALL, 0, NULL, WEXITED) == -1 && errno == ECHILD);
    EXPECT(waitpid(-1, NULL, 0x40000) == -1 && errno == EINVAL);
    EXPECT(no_children());
    return 0;
}
