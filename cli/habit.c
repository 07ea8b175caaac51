// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/habit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/word.h"
#include "emu/machine.h"

/* Source: qemu 9.0 linux-user/main.c */
static const char *const unsupported[] = {
    "B",     "R",      "p",       "singlestep", "one-insn-per-tb", "dfilter",
    "trace", "plugin", "perfmap", "jitdump",    "tb-size",         NULL};

/* Those of argp itself. */
static const char *const of_argp[] = {"help", "usage", "version", NULL};

static bool is_word(const char *word, size_t len, const char *name)
{
    return strlen(name) == len && strncmp(word, name, len) == 0;
}

static bool is_one_of(const char *word, size_t len, const char *const *names)
{
    while (*names && !is_word(word, len, *names))
        names++;
    return *names != NULL;
}

static bool is_end(const struct argp_option *o)
{
    return !o->name && !o->key && !o->doc;
}

/* @word: without dashes; NULL: it is none */
static const struct argp_option *find_long(const struct argp_option *o,
                                           const char *word, size_t len)
{
    for (; !is_end(o); o++)
        if (o->name && is_word(word, len, o->name))
            return o;
    return NULL;
}

static const struct argp_option *find_letter(const struct argp_option *o,
                                             int letter)
{
    for (; !is_end(o); o++)
        if (o->key == letter)
            return o;
    return NULL;
}

static bool takes_next(const struct argp_option *o)
{
    return o && o->arg && !(o->flags & OPTION_ARG_OPTIONAL);
}

/* Letters, of which the last one's argument may be the next word. */
static bool letters_take_next(const struct argp_option *options,
                              const char *letters)
{
    for (; *letters; letters++) {
        const struct argp_option *o = find_letter(options, *letters);

        if (takes_next(o))
            return letters[1] == '\0';
    }
    return false;
}

static void refuse(const char *title, const char *word)
{
    say_line(stderr, "%s: %s is an option of qemu that is not supported", title,
             word);
    exit(argp_err_exit_status);
}

static char *with_two_dashes(const char *word)
{
    char *longer;

    if (asprintf(&longer, "-%s", word) < 0)
        exit(EXIT_INTERNAL);
    return longer;
}

void habit_spell(const struct argp_option *options, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i], *name = word + 1 + (word[1] == '-');
        size_t len = strcspn(name, "=");
        const struct argp_option *o;

        if (word[0] != '-' || len == 0)
            return; /* the program, "-" or "--" */
        o = find_long(options, name, len);
        if (word[1] != '-' && is_one_of(name, len, unsupported))
            refuse(argv[0], word);
        if (word[1] != '-' && (o || is_one_of(name, len, of_argp)))
            argv[i] = with_two_dashes(word); /* it stays to the end */
        if (o || word[1] == '-')
            i += takes_next(o) && !name[len];
        else
            i += letters_take_next(options, name);
    }
}
