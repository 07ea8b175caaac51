// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/fork_pipes.c - a child that answers: pipes in both directions
 *
 * Catches lost or doubled bytes, an end of file that comes too early or
 * never, and descriptors that one process closes for the other.
 */
#include <ctype.h>
#include "process.h"

static struct channel ask, answer;

/* Add up what comes, until told to stop. */
static int adder(long start)
{
    long n, sum = start, rounds = 0;

    close(ask.w);
    close(answer.r);
    while ((n = hear(&ask)) != -1) {
        sum += n * n;
        say(&answer, sum);
        rounds++;
    }
    return rounds % 100;
}

static void add(long rounds)
{
    long sum = 1000, bad = 0;
    pid_t pid;

    ask = channel_open();
    answer = channel_open();
    pid = spawn(adder, sum);
    close(ask.r);
    close(answer.w);
    for (long i = 0; i < rounds; i++) {
        say(&ask, i);
        sum += i * i;
        bad += hear(&answer) != sum;
    }
    close(ask.w);
    EXPECT(hear(&answer) == -1);
    close(answer.r);
    printf("%ld rounds: sum %ld, %ld wrong, child %d\n", rounds, sum, bad,
           reap(pid));
}

/* Turn text to capitals, a stream in and a stream out. */
static int shouter(long unused)
{
    FILE *in = fdopen(ask.r, "r"), *out = fdopen(answer.w, "w");
    int c, n = 0;

    (void)unused;
    close(ask.w);
    close(answer.r);
    while ((c = getc(in)) != EOF) {
        putc(toupper(c), out);
        n += c == '\n';
    }
    fclose(out);
    return n;
}

static void shout(void)
{
    char line[100];
    FILE *f;
    pid_t pid;

    ask = channel_open();
    answer = channel_open();
    pid = spawn(shouter, 0);
    close(ask.r);
    close(answer.w);
    f = fdopen(ask.w, "w");
    for (int i = 0; i < 5; i++)
        fprintf(f, "line %d of the text\n", i);
    fclose(f);
    f = fdopen(answer.r, "r");
    while (fgets(line, sizeof(line), f))
        fputs(line, stdout);
    fclose(f);
    printf("lines %d\n", reap(pid));
}

/* The parent keeps the write end of its own: no end until it closes too. */
static void last_writer(void)
{
    struct channel c = channel_open();
    pid_t pid = fork_child();

    if (pid == 0) {
        say(&c, 7);
        _exit(5);
    }
    EXPECT(reap(pid) == 5 && hear(&c) == 7);
    say(&c, 8);
    close(c.w);
    EXPECT(hear(&c) == 8 && hear(&c) == -1);
    puts("own, then the end");
    close(c.r);
}

int main(void)
{
    alarm(60);
    add(1);
    add(500);
    shout();
    last_writer();
    EXPECT(no_children());
    return 0;
}
