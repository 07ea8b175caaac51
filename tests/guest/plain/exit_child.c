// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/exit_child.c - atexit and stdio when a child ends
 *
 * exit() in a child runs the handlers it has inherited and writes its copy
 * of what stdio held back; _exit() does neither.
 */
#include <fcntl.h>
#include "process.h"

static char trace[200];
static int fd;

static void note(const char *text)
{
    EXPECT(write(fd, text, strlen(text)) == (long)strlen(text));
}

static void first(void)
{
    note("[first]");
}

static void second(void)
{
    note("[second]");
    atexit(first);
}

static void only_child(void)
{
    note("[child]");
}

static __attribute__((destructor)) void at_end(void)
{
    if (fd > 0)
        note("[end]");
}

/* What has been noted since the last time. */
static const char *noted(void)
{
    long n = pread(fd, trace, sizeof(trace) - 1, 0);

    trace[n] = 0;
    EXPECT(ftruncate(fd, 0) == 0);
    return trace;
}

static void child(int how)
{
    FILE *f = fopen("held", "w");
    char text[100];
    pid_t pid;
    long n;

    setvbuf(f, NULL, _IOFBF, 4096);
    fputs("held back ", f);
    pid = fork_child();
    if (pid == 0) {
        atexit(only_child);
        fprintf(f, "by child %d ", how);
        if (how == 0)
            _exit(3);
        if (how == 1)
            exit(4);
        if (how == 2)
            quick_exit(5);
        abort();
    }
    n = reap(pid);
    printf("how %d: code %ld, notes \"%s\"\n", how, n, noted());
    fprintf(f, "by parent ");
    fclose(f);
    f = fopen("held", "r");
    n = fread(text, 1, sizeof(text) - 1, f);
    text[n] = 0;
    fclose(f);
    unlink("held");
    printf("  file \"%s\"\n", text);
}

/* Handlers run in the process that exits, as many times as it is copied. */
static void nested(void)
{
    pid_t pid = fork_child();
    int code;

    if (pid == 0) {
        atexit(only_child);
        pid = fork_child();
        if (pid == 0)
            exit(1);
        exit(reap(pid) + 1);
    }
    code = reap(pid);
    printf("nested %d \"%s\"\n", code, noted());
}

int main(void)
{
    char dir[32];

    alarm(60);
    no_core();
    enter_scratch(dir);
    fd = open("notes", O_RDWR | O_CREAT | O_APPEND, 0600);
    atexit(first);
    atexit(second);
    for (int how = 0; how < 4; how++)
        child(how);
    nested();
    unlink("notes");
    leave_scratch(dir);
    printf("not flushed");
    return 6;
}
