// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/engine/steps.h"

#include <string.h>

static const struct {
    const char *name, *what;
} steps_known[] = {
#define STEP(name, constant, what) {#name, what},
#include "emu/engine/steps.def"
#undef STEP
};

_Static_assert(NR_ENGINE_STEPS < 32, "a bit for each");

/* @text begins with @word: what is behind it, or NULL. */
static const char *behind(const char *text, const char *word)
{
    size_t len = strlen(word);

    return strncmp(text, word, len) == 0 ? text + len : NULL;
}

/* The steps that @text begins with, up to its '='; 0: none of that name. */
static unsigned named(const char *text, const char **rest)
{
    *rest = behind(text, "all=");
    if (*rest)
        return ENGINE_STEPS_ALL;
    for (unsigned i = 0; i < NR_ENGINE_STEPS; i++) {
        const char *end = behind(text, steps_known[i].name);

        if (end && *end == '=') {
            *rest = end + 1;
            return 1u << i;
        }
    }
    return 0;
}

const char *engine_steps_parse(const char *text, unsigned *steps)
{
    for (;;) {
        const char *value, *end;
        unsigned which = named(text, &value);
        bool on;

        if (!which)
            return text;
        end = behind(value, "on");
        on = end != NULL;
        if (!end)
            end = behind(value, "off");
        if (!end || (*end != ',' && *end != '\0'))
            return text;
        *steps = on ? *steps | which : *steps & ~which;
        if (*end == '\0')
            return NULL;
        text = end + 1;
    }
}

void engine_steps_list(FILE *out)
{
    for (unsigned i = 0; i < NR_ENGINE_STEPS; i++)
        (void)fprintf(out, "%-10s %s\n", steps_known[i].name,
                      steps_known[i].what);
}
