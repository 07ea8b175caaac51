// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/mini_shell.c - pipelines as a shell makes them: fork, pipe, dup2
 *
 * The commands are functions on standard input and output. Catches
 * descriptors that are lost or kept open across dup2, and a wrong status.
 */
#include <ctype.h>
#include <fcntl.h>
#include "process.h"

static int seq(const char *arg)
{
    for (int i = 1; i <= atoi(arg); i++)
        printf("%d\n", i * 37 % 101);
    return 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int sort(const char *arg)
{
    static char *lines[2000];
    char line[100];
    size_t n = 0;

    while (fgets(line, sizeof(line), stdin))
        lines[n++] = strdup(line);
    qsort(lines, n, sizeof(lines[0]), compare);
    for (size_t i = 0; i < n; i++)
        fputs(lines[*arg == 'r' ? n - 1 - i : i], stdout);
    return 0;
}

static int grep(const char *arg)
{
    char line[100];
    int found = 1;

    while (fgets(line, sizeof(line), stdin))
        if (strstr(line, arg)) {
            fputs(line, stdout);
            found = 0;
        }
    return found;
}

static int head(const char *arg)
{
    char line[100];

    for (int i = atoi(arg); i > 0 && fgets(line, sizeof(line), stdin); i--)
        fputs(line, stdout);
    return 0;
}

static int wc(const char *arg)
{
    int c, lines = 0, chars = 0;

    (void)arg;
    while ((c = getchar()) != EOF) {
        chars++;
        lines += c == '\n';
    }
    printf("%d %d\n", lines, chars);
    return 0;
}

static const struct {
    const char *name;
    int (*run)(const char *);
} commands[] = { { "seq", seq }, { "sort", sort }, { "grep", grep },
                 { "head", head }, { "wc", wc } };

/* Run one command, which is "name" or "name arg"; < and > by the caller. */
static void run(char *text)
{
    char *name = strtok(text, " "), *arg = strtok(NULL, " ");

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (name && strcmp(name, commands[i].name) == 0)
            exit(commands[i].run(arg ? arg : ""));
    exit(127);
}

/* cmd | cmd | cmd; output to the file out unless NULL. */
static void shell(const char *line, const char *out)
{
    char text[200], *next = text, *command;
    int in = -1, codes[8], n = 0;
    pid_t pids[8];

    fprintf(stdout, "$ %s%s%s\n", line, out ? " > " : "", out ? out : "");
    strcpy(text, line);
    while ((command = strsep(&next, "|"))) {
        struct channel c = { -1, -1 };

        if (next)
            c = channel_open();
        pids[n] = fork_child();
        if (pids[n] == 0) {
            if (in >= 0)
                dup2(in, 0);
            if (next)
                dup2(c.w, 1);
            else if (out)
                dup2(open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600), 1);
            for (int fd = 3; fd < 20; fd++)
                close(fd);
            run(command);
        }
        close(in);
        close(c.w);
        in = c.r;
        n++;
    }
    for (int i = 0; i < n; i++)
        codes[i] = reap(pids[i]);
    for (int i = 0; i < n; i++)
        printf("%s%d", i ? " " : "[", codes[i]);
    printf("]\n");
}

int main(void)
{
    char dir[32];

    alarm(60);
    enter_scratch(dir);
    shell("seq 5", NULL);
    shell("seq 100|sort|head 4", NULL);
    shell("seq 100|grep 9|sort r|wc", NULL);
    shell("seq 10|grep none|wc", NULL);
    shell("seq 200|grep 3|sort", "out");
    EXPECT(freopen("out", "r", stdin));
    shell("grep 33|wc", NULL);
    shell("nothing|wc", NULL);
    shell("seq 1000|sort|sort r|sort|grep 1|grep 0|sort|wc", NULL);
    unlink("out");
    leave_scratch(dir);
    EXPECT(no_children());
    return 0;
}
