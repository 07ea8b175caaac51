// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tests/fuzz/fuzz_script.c - any bytes as an event script
 *
 * It is read or refused, with lines and columns inside the text; what was
 * read is written, read again, and must be the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_syscall(const char *name)
{
    return strlen(name) < 6;
}

static const struct script_rules rules = {
    .refused = {[VERB_COMPACT] = "refused"},
    .nr_nodes = 2,
    .insns = true,
    .is_syscall = is_syscall,
};

static void check(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "%s\n", what);
        abort();
    }
}

/* The length of line @nr, without its newline; -1: there is none. */
static long line_length(const char *text, size_t size, unsigned nr)
{
    const char *end = text + size, *eol;

    for (; text < end; text = eol + 1) {
        eol = memchr(text, '\n', (size_t)(end - text));
        if (!eol)
            eol = end;
        if (--nr == 0)
            return eol - text;
    }
    return -1;
}

static void check_errors(const struct script *s, const char *text, size_t size)
{
    unsigned last = 0;

    for (size_t i = 0; i < s->nr_errors && i < SCRIPT_MAX_ERRORS; i++) {
        const struct script_error *e = &s->errors[i];

        check(e->line > last, "errors out of order");
        check(e->col >= 1 &&
                  (long)e->col <= line_length(text, size, e->line) + 1,
              "error outside its line");
        check(strstr(e->text, ", expected ") != NULL, "error without advice");
        last = e->line;
    }
}

static void check_again(const struct script_event *ev)
{
    char first[SCRIPT_MAX_TEXT], second[SCRIPT_MAX_TEXT];
    struct script s;

    script_event_text(ev, first);
    check(script_parse(first, strlen(first), &rules, &s) == 0, "no memory");
    check(s.nr == 1 && s.nr_errors == 0, first);
    script_event_text(&s.events[0], second);
    check(strcmp(first, second) == 0, first);
    s.events[0].line = ev->line;
    check(memcmp(&s.events[0].action, &ev->action, sizeof(ev->action)) == 0,
          first);
    check(memcmp(&s.events[0].trigger, &ev->trigger, sizeof(ev->trigger)) == 0,
          first);
    script_free(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct script s;

    check(script_parse(text, size, &rules, &s) == 0, "no memory");
    check_errors(&s, text, size);
    for (size_t i = 0; i < s.nr; i++)
        check_again(&s.events[i]);
    script_free(&s);
    return 0;
}
