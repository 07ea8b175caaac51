// SPDX-License-Identifier: GPL-2.0-or-later
#include "script/script.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/parser.h"
#include "script/words.h"

bool parse_fail(struct parser *p, unsigned col, const char *fmt, ...)
{
    struct script *s = p->out;
    struct script_error *e;
    va_list ap;

    if (s->nr_errors++ >= SCRIPT_MAX_ERRORS)
        return false;
    e = &s->errors[s->nr_errors - 1];
    e->line = p->ev.line;
    e->col = col;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof(e->text), fmt, ap);
    va_end(ap);
    return false;
}

bool parse_expected(struct parser *p, const char *what)
{
    const struct token *tok = &p->lx.tok;
    char quoted[TOKEN_MAX_QUOTE];

    if (tok->kind == TOKEN_END)
        return parse_fail(p, tok->col, "the line ends, expected %s", what);
    return parse_fail(p, tok->col, "%s, expected %s", token_quote(tok, quoted),
                      what);
}

bool parse_accept(struct parser *p, const char *word)
{
    if (!token_is(&p->lx.tok, word))
        return false;
    lexer_next(&p->lx);
    return true;
}

bool parse_number(struct parser *p, uint64_t min, uint64_t max,
                  const char *what, uint64_t *out)
{
    const struct token *tok = &p->lx.tok;

    if (tok->kind != TOKEN_NUMBER || tok->value < min || tok->value > max)
        return parse_expected(p, what);
    *out = tok->value;
    lexer_next(&p->lx);
    return true;
}

bool parse_process(struct parser *p, uint32_t *pid)
{
    uint64_t n = 0;

    *pid = 0;
    if (!parse_accept(p, "pid"))
        return true;
    if (!parse_number(p, 1, UINT32_MAX, "a process from 1", &n))
        return false;
    *pid = (uint32_t)n;
    return true;
}

/* ------------------------------------------------------------- triggers */

/* [ NUMBER ] */
static bool parse_count(struct parser *p)
{
    return p->lx.tok.kind != TOKEN_NUMBER ||
           parse_number(p, 1, UINT64_MAX, "a count from 1", &p->ev.trigger.nr);
}

/* [ NUMBER ] [ "pid" NUMBER ] */
static bool parse_which(struct parser *p)
{
    return parse_count(p) && parse_process(p, &p->ev.trigger.pid);
}

static bool parse_syscall(struct parser *p)
{
    struct script_trigger *t = &p->ev.trigger;
    const struct token *tok = &p->lx.tok;

    t->when = WHEN_SYSCALL;
    if (tok->kind != TOKEN_WORD || tok->len >= sizeof(t->syscall))
        return parse_expected(p, "the name of a system call, such as mmap");
    memcpy(t->syscall, tok->s, tok->len);
    if (!p->rules->is_syscall(t->syscall))
        return parse_expected(p, "the name of a system call, such as mmap");
    lexer_next(&p->lx);
    return parse_which(p);
}

static bool parse_fault_kind(struct parser *p, enum moment_id moment)
{
    struct script_trigger *t = &p->ev.trigger;

    t->when = WHEN_FAULT;
    t->moment = moment;
    for (const struct word *w = kind_words; w->word; w++) {
        if (!parse_accept(p, w->word))
            continue;
        t->kind = (enum fault_kind)w->value;
        return parse_which(p);
    }
    return parse_expected(
        p, "a kind of fault: zero, anon, file, cow, swapin or migration");
}

/* After "restore" or "set": faults that read a page from swap. */
static bool parse_locked_moment(struct parser *p, enum moment_id moment)
{
    struct script_trigger *t = &p->ev.trigger;

    if (!parse_accept(p, "fault"))
        return parse_expected(p, "\"fault\"");
    if (!parse_accept(p, "swapin"))
        return parse_expected(p, "\"swapin\"");
    t->when = WHEN_FAULT;
    t->moment = moment;
    t->kind = FAULT_KIND_SWAPIN;
    return parse_which(p);
}

/* After "before", "when" or "after". */
static bool parse_moment(struct parser *p, enum moment_id moment)
{
    struct script_trigger *t = &p->ev.trigger;

    if (parse_accept(p, "fault"))
        return parse_fault_kind(p, moment);
    if (moment == MOMENT_FAULT_DURING) {
        t->when = WHEN_MIGRATE;
        return parse_accept(p, "migrate")
                   ? parse_count(p)
                   : parse_expected(p, "\"fault\" or \"migrate\"");
    }
    if (moment != MOMENT_FAULT_AFTER || !p->rules->insns)
        return parse_expected(p, "\"fault\"");
    if (!parse_accept(p, "insn"))
        return parse_expected(p, "\"insn\" or \"fault\"");
    t->when = WHEN_INSN;
    return parse_number(p, 1, UINT64_MAX, "a number of instructions from 1",
                        &t->nr);
}

/* After "at". */
static bool parse_at(struct parser *p)
{
    struct script_trigger *t = &p->ev.trigger;

    if (parse_accept(p, "start")) {
        t->when = WHEN_START;
        return true;
    }
    if (p->rules->insns && parse_accept(p, "syscall"))
        return parse_syscall(p);
    if (parse_accept(p, "exit")) {
        t->when = WHEN_EXIT;
        return parse_which(p);
    }
    return parse_expected(p, p->rules->insns
                                 ? "\"start\", \"syscall\" or \"exit\""
                                 : "\"start\" or \"exit\"");
}

static bool parse_trigger(struct parser *p)
{
    bool ok;

    if (parse_accept(p, "at"))
        ok = parse_at(p);
    else if (parse_accept(p, "before"))
        ok = parse_moment(p, MOMENT_FAULT_BEFORE);
    else if (parse_accept(p, "when"))
        ok = parse_moment(p, MOMENT_FAULT_DURING);
    else if (parse_accept(p, "restore"))
        ok = parse_locked_moment(p, MOMENT_FAULT_RESTORE);
    else if (parse_accept(p, "set"))
        ok = parse_locked_moment(p, MOMENT_FAULT_SET);
    else if (parse_accept(p, "after"))
        ok = parse_moment(p, MOMENT_FAULT_AFTER);
    else
        return true;
    if (!ok)
        return false;
    return parse_accept(p, ":") || parse_expected(p, "\":\" and an action");
}

/* ---------------------------------------------------------------- lines */

static int add_event(struct script *s, const struct script_event *ev)
{
    if ((s->nr & (s->nr - 1)) == 0) {
        size_t cap = s->nr ? s->nr * 2 : 1;
        struct script_event *grown =
            realloc(s->events, cap * sizeof(*s->events));

        if (!grown)
            return -ENOMEM;
        s->events = grown;
    }
    s->events[s->nr++] = *ev;
    return 0;
}

/* 0, or -ENOMEM; errors of the line are noted. */
static int parse_line(struct parser *p, const char *line, const char *end)
{
    lexer_init(&p->lx, line, end);
    if (p->lx.tok.kind == TOKEN_END)
        return 0;
    if (!parse_trigger(p) || !parse_action(p))
        return 0;
    return add_event(p->out, &p->ev);
}

int script_parse(const char *text, size_t len, const struct script_rules *rules,
                 struct script *out)
{
    const char *end = text + len;
    unsigned line = 1;

    memset(out, 0, sizeof(*out));
    while (text < end) {
        const char *eol = memchr(text, '\n', (size_t)(end - text));
        struct parser p = {.rules = rules, .out = out, .ev = {.line = line}};

        if (!eol)
            eol = end;
        if (parse_line(&p, text, eol) != 0) {
            script_free(out);
            return -ENOMEM;
        }
        text = eol < end ? eol + 1 : end;
        line++;
    }
    return 0;
}

void script_free(struct script *s)
{
    free(s->events);
    s->events = NULL;
    s->nr = 0;
}

bool script_needs_clock(const struct script *s)
{
    for (size_t i = 0; i < s->nr; i++) {
        const struct script_trigger *t = &s->events[i].trigger;

        if (t->when == WHEN_INSN)
            return true;
        /* Each time: the program may never get on, and who knows if not by
         * its instructions? */
        if ((t->when == WHEN_FAULT || t->when == WHEN_MIGRATE) && t->nr == 0)
            return true;
    }
    return false;
}

bool script_has_verb(const struct script *s, enum script_verb verb)
{
    for (size_t i = 0; i < s->nr; i++)
        if (s->events[i].action.verb == verb)
            return true;
    return false;
}
