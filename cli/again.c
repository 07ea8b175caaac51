// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/again.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/machine.h"

/* Takes over @word. */
static void append(struct again *a, char *word)
{
    char **grown = realloc(a->words, (a->nr + 2) * sizeof(*grown));

    if (!grown || !word)
        exit(EXIT_INTERNAL);
    a->words = grown;
    grown[a->nr++] = word;
    grown[a->nr] = NULL;
}

void again_word(struct again *a, const char *word)
{
    append(a, strdup(word));
}

void again_option(struct again *a, const struct argp_option *all, int key,
                  const char *arg)
{
    char *word = NULL;

    while (all->key != key)
        all++;
    if (all->name) {
        if (asprintf(&word, "--%s%s%s", all->name, arg ? "=" : "",
                     arg ? arg : "") < 0)
            word = NULL;
        append(a, word);
        return;
    }
    if (asprintf(&word, "-%c", key) < 0)
        word = NULL;
    append(a, word);
    if (arg)
        again_word(a, arg);
}

void again_free(struct again *a)
{
    for (size_t i = 0; i < a->nr; i++)
        free(a->words[i]);
    free(a->words);
}
