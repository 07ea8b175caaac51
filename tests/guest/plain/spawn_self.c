// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/spawn_self.c - posix_spawn of oneself, with actions and attributes
 *
 * Catches file actions in a wrong order, attributes that are not applied or
 * that change the parent, and errors that do not come back.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include "process.h"

static char *self;
static char *const env[] = { "NAME=spawned", NULL };

/* Lines to standard output, which the caller has redirected. */
static int callee(char **argv)
{
    char line[100] = "";
    sigset_t mask;
    struct sigaction usr1, usr2;

    if (strcmp(argv[1], "state") == 0) {
        sigprocmask(SIG_BLOCK, NULL, &mask);
        sigaction(SIGUSR1, NULL, &usr1);
        sigaction(SIGUSR2, NULL, &usr2);
        printf("blocked %d%d, usr1 %s, usr2 %s, group %s, %s\n",
               sigismember(&mask, SIGHUP), sigismember(&mask, SIGTERM),
               usr1.sa_handler == SIG_IGN ? "ignored" : "default",
               usr2.sa_handler == SIG_IGN ? "ignored" : "default",
               getpgrp() == getpid() ? "own" : "inherited", getenv("NAME"));
        return 5;
    }
    if (fgets(line, sizeof(line), stdin))
        printf("got %s", line);
    printf("fds %d%d\n", fcntl(30, F_GETFD) != -1, fcntl(31, F_GETFD) != -1);
    fprintf(stderr, "to the other\n");
    return 6;
}

static int run(const char *what, const posix_spawn_file_actions_t *actions,
               const posix_spawnattr_t *attr)
{
    char *args[] = { self, (char *)what, NULL };
    pid_t pid = -1;

    fflush(stdout);
    EXPECT(posix_spawn(&pid, self, actions, attr, args, env) == 0);
    return reap(pid);
}

static void file_actions(void)
{
    posix_spawn_file_actions_t a;
    char text[200];
    FILE *f = fopen("in", "w");
    size_t n;

    fputs("a line of input\n", f);
    fclose(f);
    EXPECT(dup2(0, 30) == 30 && dup2(0, 31) == 31);
    posix_spawn_file_actions_init(&a);
    posix_spawn_file_actions_addopen(&a, 0, "in", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&a, 1, "out", O_WRONLY | O_CREAT |
                                     O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&a, 1, 2);
    posix_spawn_file_actions_addclose(&a, 31);
    printf("actions %d\n", run("files", &a, NULL));
    posix_spawn_file_actions_destroy(&a);
    EXPECT(fcntl(31, F_GETFD) == 0);
    f = fopen("out", "r");
    n = fread(text, 1, sizeof(text) - 1, f);
    text[n] = 0;
    fclose(f);
    fputs(text, stdout);
    unlink("in");
    unlink("out");

    posix_spawn_file_actions_init(&a);
    posix_spawn_file_actions_addopen(&a, 0, "missing", O_RDONLY, 0);
    printf("missing: %s\n",
           strerror(posix_spawn(&(pid_t){ 0 }, self, &a, NULL,
                                (char *[]){ self, NULL }, env)));
    posix_spawn_file_actions_destroy(&a);
}

static void attributes(void)
{
    posix_spawnattr_t attr;
    sigset_t set;

    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    printf("inherited %d\n", run("state", NULL, NULL));
    posix_spawnattr_init(&attr);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    posix_spawnattr_setsigmask(&attr, &set);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    posix_spawnattr_setsigdefault(&attr, &set);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
                             POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    printf("set %d\n", run("state", NULL, &attr));
    posix_spawnattr_destroy(&attr);
    printf("inherited %d\n", run("state", NULL, NULL));
}

int main(int argc, char **argv)
{
    char dir[32];
    pid_t pid;

    alarm(60);
    self = argv[0];
    if (argc > 1)
        return callee(argv);
    enter_scratch(dir);
    file_actions();
    attributes();
    printf("no program: %s\n", strerror(posix_spawn(&pid, "/nowhere", NULL,
                                                    NULL, argv, env)));
    EXPECT(no_children());
    leave_scratch(dir);
    return 0;
}
