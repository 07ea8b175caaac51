// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/exec_self.c - a program that executes itself
 *
 * By /proc/self/exe and by argv[0]. Catches arguments and environments that
 * are cut or mixed, memory that outlives exec, and wrong errors.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include "process.h"

extern char **environ;

static int data_word = 5, bss_word;

/* What came through exec, folded, and shown when short. */
static int callee(int argc, char **argv)
{
    uint64_t h = FOLD_START;
    long bytes = 0, vars = 0;

    EXPECT(data_word == 5 && bss_word == 0 && argv[argc] == NULL);
    for (int i = 1; i < argc; i++) {
        h = fold_bytes(h, argv[i], strlen(argv[i]) + 1);
        bytes += strlen(argv[i]) + 1;
    }
    for (char **e = environ; *e; e++, vars++)
        h = fold_bytes(h, *e, strlen(*e) + 1);
    printf("%d arguments of %ld bytes, %ld variables, %016llx", argc - 2,
           bytes, vars, (unsigned long long)h);
    if (bytes < 60)
        for (int i = 2; i < argc; i++)
            printf(" <%s>", argv[i]);
    printf("%s%s\n", getenv("NAME") ? " NAME=" : "",
           getenv("NAME") ? getenv("NAME") : "");
    fflush(stdout);
    return argc % 100;
}

static void start(const char *path, char **argv, char **env)
{
    pid_t pid = fork_child();

    if (pid == 0) {
        data_word = bss_word = 77;
        execve(path, argv, env);
        _exit(99);
    }
    printf("  -> %d\n", reap(pid));
}

/* Counts down by exec in the same process, with descriptor and pid kept. */
static int again(char **argv)
{
    int left = atoi(argv[2]);
    char text[20], *args[] = { argv[0], "again", text, argv[3], argv[4], NULL };

    EXPECT(atol(argv[3]) == getpid());
    EXPECT(write(atoi(argv[4]), "x", 1) == 1);
    if (left == 0)
        return 45;
    sprintf(text, "%d", left - 1);
    execv("/proc/self/exe", args);
    return 98;
}

static void errors(char *self)
{
    char dir[32], *args[] = { self, NULL };
    char **volatile nowhere = (char **)8;

    enter_scratch(dir);
    close(open("text", O_CREAT | O_WRONLY, 0600));
    EXPECT(execv("missing", args) == -1 && errno == ENOENT);
    EXPECT(execv("text/x", args) == -1 && errno == ENOTDIR);
    EXPECT(execv("text", args) == -1 && errno == EACCES);
    EXPECT(execv("..", args) == -1 && errno == EACCES);
    EXPECT(execv(self, nowhere) == -1 && errno == EFAULT);
    chmod("text", 0700);
    EXPECT(execv("text", args) == -1 && errno == ENOEXEC);
    unlink("text");
    leave_scratch(dir);
    puts("errors ok");
}

int main(int argc, char **argv)
{
    static char *many[3000], *env[1000], big[100001], pid_text[20], fd_text[20];
    char *self = argv[0];
    char *none[] = { NULL }, *one[] = { "NAME=value", NULL };
    char *few[] = { self, "callee", "a", "", "two words", "\xc3\xa9", NULL };
    char *large[] = { self, "callee", big, big + 50000, NULL };
    char *count[] = { self, "again", "30", pid_text, fd_text, NULL };
    struct channel c;
    pid_t pid;

    alarm(60);
    if (argc > 1)
        return strcmp(argv[1], "again") ? callee(argc, argv) : again(argv);
    start("/proc/self/exe", few, none);
    start(self, few, one);
    for (int i = 0; i < 2999; i++)
        many[i] = i == 0 ? self : i == 1 ? "callee" : big + 100000 - i % 50;
    memset(big, 'b', 100000);
    for (int i = 0; i < 999; i++)
        env[i] = i == 500 ? "NAME=five hundred" : big + 99000 - i;
    start("/proc/self/exe", many, env);
    start(self, large, env);

    c = channel_open();
    pid = fork_child();
    if (pid == 0) {
        sprintf(pid_text, "%d", getpid());
        sprintf(fd_text, "%d", c.w);
        execv(self, count);
        _exit(97);
    }
    printf("again %d", reap(pid));
    close(c.w);
    printf(", %ld times\n", (long)read(c.r, big, 1000));
    errors(self);
    return 0;
}
