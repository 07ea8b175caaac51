// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/warn.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define MAX_TEXTS 256 /* a bound for programs that try everything */

struct warnings {
    struct warnings *next;
    char *text; /* owned */
};

/* Is it new?  Remembers it. */
static bool is_new(struct machine *m, const char *text)
{
    struct warnings *w;
    unsigned nr = 0;

    LL_FOREACH(m->warnings, w) {
        if (strcmp(w->text, text) == 0)
            return false;
        nr++;
    }
    w = nr < MAX_TEXTS ? calloc(1, sizeof(*w)) : NULL;
    if (!w)
        return nr < MAX_TEXTS;
    w->text = strdup(text);
    if (w->text)
        LL_PREPEND(m->warnings, w);
    else
        free(w);
    return true;
}

void warn_once(const struct task *t, enum log_category c, const char *fmt, ...)
{
    const struct log *log = &t->m->options.log;
    char text[512];
    va_list ap;

    if (!log_wants(log, c, LOG_WARN))
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (is_new(t->m, text))
        log_print(log, c, LOG_WARN, "%s at pc 0x%" PRIx64, text,
                  cpu_pc(task_engine(t)));
}

void warnings_destroy(struct warnings *w)
{
    struct warnings *next;

    for (; w; w = next) {
        next = w->next;
        free(w->text);
        free(w);
    }
}
