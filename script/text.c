// SPDX-License-Identifier: GPL-2.0-or-later
/* A script as text again: what is printed parses to the same. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/invariant.h"
#include "script/verb.h"
#include "script/words.h"

void text_put(struct text *t, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(t->buf + t->len, SCRIPT_MAX_TEXT - t->len, fmt, ap);
    va_end(ap);
    INVARIANT(n >= 0 && (size_t)n < SCRIPT_MAX_TEXT - t->len);
    t->len += (size_t)n;
}

static void put_action(struct text *t, const struct script_action *a)
{
    const struct verb *v = verb_of(a->verb);
    const enum item *items = verb_items(a);

    text_put(t, "%s", v->word);
    if (items == v->object)
        text_put(t, " %s %" PRIu32, word_of(backing_words, (int)a->backing),
                 a->object);
    for (; *items != I_END; items++)
        item_write(t, *items, a);
}

static void put_which(struct text *t, const struct script_trigger *tr)
{
    if (tr->nr)
        text_put(t, " %" PRIu64, tr->nr);
    if (tr->pid)
        text_put(t, " pid %" PRIu32, tr->pid);
}

static void put_trigger(struct text *t, const struct script_trigger *tr)
{
    switch (tr->when) {
    case WHEN_START: return;
    case WHEN_INSN: text_put(t, "after insn %" PRIu64, tr->nr); break;
    case WHEN_SYSCALL:
        text_put(t, "at syscall %s", tr->syscall);
        put_which(t, tr);
        break;
    case WHEN_FAULT:
        text_put(t, "%s fault %s", word_of(moment_words, (int)tr->moment),
                 word_of(kind_words, (int)tr->kind));
        put_which(t, tr);
        break;
    case WHEN_MIGRATE:
        text_put(t, "when migrate");
        put_which(t, tr);
        break;
    case WHEN_EXIT:
        text_put(t, "at exit");
        put_which(t, tr);
        break;
    }
    text_put(t, ": ");
}

const char *script_event_text(const struct script_event *ev,
                              char buf[static SCRIPT_MAX_TEXT])
{
    struct text t = {.buf = buf};

    put_trigger(&t, &ev->trigger);
    put_action(&t, &ev->action);
    return buf;
}

const char *script_action_text(const struct script_action *action,
                               char buf[static SCRIPT_MAX_TEXT])
{
    struct text t = {.buf = buf};

    put_action(&t, action);
    return buf;
}
