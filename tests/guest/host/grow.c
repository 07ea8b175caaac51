// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host/grow.c - more and more of what a kernel keeps for a program
 *
 * tests/e2e/test_host.py runs it, once for each word, and looks at how much of
 * the host adiemu takes.  It says what made it stop.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 4000000 /* of a thing, if nothing is in the way */
#define SEMS 30000

union semun {
    int val;
    unsigned short *array;
};

static int new_queue(void)
{
    return msgget(IPC_PRIVATE, 0600);
}

static bool more_messages(void)
{
    static struct {
        long type;
        char text[8000];
    } msg = {.type = 1};
    static int id = -1;

    if (id < 0)
        id = new_queue();
    while (id >= 0 && msgsnd(id, &msg, sizeof(msg.text), IPC_NOWAIT) != 0) {
        if (errno != EAGAIN)
            return false;
        id = new_queue();
    }
    return id >= 0;
}

static bool more_semaphores(void)
{
    static unsigned short ones[SEMS];
    int id = semget(IPC_PRIVATE, SEMS, 0600);

    for (size_t i = 0; i < SEMS; i++)
        ones[i] = 1;
    return id >= 0 && semctl(id, 0, SETALL, (union semun){.array = ones}) == 0;
}

/* What is undone of one array, by many processes. */
static bool more_undo(void)
{
    static int id = -1;
    struct sembuf last = {
        .sem_num = SEMS - 1, .sem_op = 1, .sem_flg = SEM_UNDO};
    int status;
    pid_t pid;

    if (id < 0)
        id = semget(IPC_PRIVATE, SEMS, 0600);
    if (semop(id, &last, 1) != 0)
        return false;
    pid = fork();
    if (pid == 0)
        return true; /* and the parent keeps what it has */
    if (pid < 0)
        return false;
    if (waitpid(pid, &status, 0) != pid)
        return false;
    exit(WEXITSTATUS(status));
}

static bool more_segments(void)
{
    return shmget(IPC_PRIVATE, 1, 0600) >= 0;
}

static bool more_signals(void)
{
    static sigset_t set;

    sigaddset(&set, SIGRTMIN);
    return sigprocmask(SIG_BLOCK, &set, NULL) == 0 &&
           sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 0}) == 0;
}

static bool more_timers(void)
{
    timer_t timer;

    return timer_create(CLOCK_REALTIME, NULL, &timer) == 0;
}

/* One byte in two: no lock touches the next. */
static bool more_locks(void)
{
    static struct flock lock = {.l_type = F_WRLCK, .l_len = 1};
    static int fd = -1;

    if (fd < 0)
        fd = open("locks", O_RDWR | O_CREAT, 0600);
    lock.l_start += 2;
    if (fcntl(fd, F_SETLK, &lock) == 0)
        return true;
    /* To give them all up takes no memory. */
    lock = (struct flock){.l_type = F_UNLCK};
    if (fcntl(fd, F_SETLK, &lock) != 0)
        printf("not given up: ");
    errno = ENOLCK;
    return false;
}

static bool more_children(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() != 1)
            pause();
        _exit(0);
    }
    return pid > 0;
}

static bool more_zombies(void)
{
    siginfo_t info;
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    return pid > 0 && waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *word;
        bool (*more)(void);
    } things[] = {{"messages", more_messages}, {"semaphores", more_semaphores},
                  {"undo", more_undo},         {"segments", more_segments},
                  {"signals", more_signals},   {"timers", more_timers},
                  {"locks", more_locks},       {"children", more_children},
                  {"zombies", more_zombies}};

    for (size_t i = 0; i < sizeof(things) / sizeof(*things); i++) {
        long n = 0;

        if (argc != 2 || strcmp(argv[1], things[i].word) != 0)
            continue;
        while (n < MOST && things[i].more())
            n++;
        printf("%s\n", n < MOST ? strerrorname_np(errno) : "no end");
        return 0;
    }
    return 99;
}
