// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/args_environment.c - arguments, own variables and getopt
 *
 * Catches a wrong start-up stack (argc, argv, environ, auxiliary vector) and
 * errors in the environment functions. The exit code is 0x1234 & 255.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <sys/auxv.h>
#include "plain.h"

extern char **environ;

static void start(int argc, char **argv)
{
    char **e = argv + argc + 1;
    int same = 1, n = 0;

    printf("argc %d, name %d, end %d\n", argc, argv[0] && argv[0][0],
           argv[argc] == NULL);
    for (; e[n]; n++)
        same &= e[n] == environ[n] && strchr(e[n], '=') != NULL;
    printf("environ behind argv %d\n", same && environ[n] == NULL);
    printf("page size %lu\n", getauxval(AT_PAGESZ));
    printf("entry %d headers %d random %d\n", getauxval(AT_ENTRY) != 0,
           getauxval(AT_PHDR) != 0 && getauxval(AT_PHENT) == 56,
           getauxval(AT_RANDOM) != 0);
    printf("absent %lu", getauxval(9999));
    printf(" %s\n", strerror(errno));
}

static const char *get(const char *name)
{
    const char *v = getenv(name);

    return v ? v : "(none)";
}

static void variables(void)
{
    static char put[] = "PLAIN_PUT=first";
    char name[32], value[64];
    uint64_t h = FOLD_START;
    int found = 0;

    clearenv();
    printf("cleared %s %d\n", get("PATH"), environ == NULL || !environ[0]);
    printf("set %d %s\n", setenv("PLAIN_A", "one", 1), "one");
    printf("keep %d", setenv("PLAIN_A", "two", 0));
    printf(" %s\n", get("PLAIN_A"));
    printf("change %d", setenv("PLAIN_A", "a longer value", 1));
    printf(" %s\n", get("PLAIN_A"));
    printf("put %d", putenv(put));
    printf(" %s", get("PLAIN_PUT"));
    put[10] = 'F';
    printf(" %s\n", get("PLAIN_PUT"));
    printf("unset %d", unsetenv("PLAIN_A"));
    printf(" %s %s\n", get("PLAIN_A"), get("PLAIN_"));
    printf("bad %d", setenv("A=B", "x", 1));
    printf(" %s", strerror(errno));
    printf(" %d\n", setenv("", "x", 1));
    for (int i = 0; i < 300; i++) {
        sprintf(name, "PLAIN_%d", i);
        sprintf(value, "%d squared is %d", i, i * i);
        setenv(name, value, 1);
    }
    for (int i = 0; i < 300; i += 3) {
        sprintf(name, "PLAIN_%d", i);
        unsetenv(name);
    }
    for (int i = 0; i < 300; i++) {
        sprintf(name, "PLAIN_%d", i);
        h = fold_bytes(h, get(name), strlen(get(name)));
        found += getenv(name) != NULL;
    }
    printf("found %d %016llx\n", found, (unsigned long long)h);
}

static void options(int argc, char **argv, const char *plan)
{
    static const struct option longs[] = {
        { "verbose", no_argument, NULL, 'v' },
        { "output", required_argument, NULL, 'o' },
        { "level", optional_argument, NULL, 'l' },
        { "very-long", no_argument, NULL, 1000 },
        { NULL, 0, NULL, 0 }
    };
    int c;

    optind = 0;
    opterr = 0;
    while ((c = getopt_long(argc, argv, plan, longs, NULL)) != -1) {
        if (c == '?' || c == ':')
            printf(" [%c%c]", c, optopt > 32 && optopt < 127 ? optopt : '-');
        else if (c < 256)
            printf(" %c=%s", c, optarg ? optarg : "");
        else
            printf(" %d", c);
    }
    printf(" |");
    while (optind < argc)
        printf(" %s", argv[optind++]);
    putchar('\n');
}

static void parse(const char *line, const char *plan)
{
    char text[200], *argv[20] = { NULL };
    int argc = 0;

    strcpy(text, line);
    for (char *t = strtok(text, " "); t; t = strtok(NULL, " "))
        argv[argc++] = t;
    options(argc, argv, plan);
}

int main(int argc, char **argv)
{
    start(argc, argv);
    variables();
    parse("prog -a -b value rest", "ab:");
    parse("prog one -abvalue two -- -a three", "ab:");
    parse("prog one -a two", "+ab:");
    parse("prog one -a two", "-ab:");
    parse("prog -x -b", "ab:");
    parse("prog -x -b", ":ab:");
    parse("prog -l5 -l 5 --level=7 --level 8", "l::");
    parse("prog --verb --output=file --out other x --ver", "vo:");
    parse("prog --nothing --verbose=yes --very --output", "vo:");
    exit(0x1234);
}
