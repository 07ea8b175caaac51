// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/exit_handlers.c - order of atexit, on_exit, constructors, _exit
 *
 * Catches a wrong order at the end of the program, and output that is
 * flushed twice or not at all. The last destructor calls _exit(3), so what
 * is still in the buffer then must not be seen.
 */
#define _GNU_SOURCE
#include "plain.h"

static int order;
static char started[64];

static void __attribute__((constructor(201))) second(void)
{
    strcat(started, "second ");
}

static void __attribute__((constructor(200))) first(void)
{
    strcat(started, "first ");
}

static void __attribute__((constructor)) third(void)
{
    strcat(started, "third");
}

static void __attribute__((destructor(200))) last(void)
{
    printf("%d last destructor\n", ++order);
    fflush(stdout);
    printf("this is never flushed\n");
    _exit(3);
}

static void __attribute__((destructor(201))) before_last(void)
{
    printf("%d destructor\n", ++order);
}

static void plain_one(void)
{
    printf("%d plain handler\n", ++order);
}

static void late(void)
{
    printf("%d registered while ending\n", ++order);
}

static void plain_two(void)
{
    printf("%d handler registers one more\n", ++order);
    atexit(late);
}

static void with_status(int status, void *arg)
{
    printf("%d status %d, argument %s\n", ++order, status, (char *)arg);
}

static void change_status(int status, void *arg)
{
    (void)arg;
    printf("%d status %d becomes 77\n", ++order, status);
    exit(77);
}

static void counted(int status, void *arg)
{
    int *n = arg;

    (*n)++;
    if (*n % 10 == 0)
        printf("%d call %d with status %d\n", ++order, *n, status);
}

int main(void)
{
    static int calls;
    static char buf[4096];

    setvbuf(stdout, buf, _IOFBF, sizeof(buf));
    printf("constructors: %s\n", started);
    atexit(plain_one);
    on_exit(with_status, "A");
    for (int i = 0; i < 50; i++)    /* more than one block of handlers */
        on_exit(counted, &calls);
    on_exit(change_status, NULL);
    atexit(plain_two);
    on_exit(with_status, "B");
    atexit(plain_one);
    printf("main returns\n");
    return 55;
}
