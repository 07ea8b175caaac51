// SPDX-License-Identifier: GPL-2.0-or-later
/* An action: a word, and what its row in verbs.def has after it. */
#include "script/parser.h"
#include "script/verb.h"

/* What the trigger holds, the action must not wait for. */
static bool check_locks(struct parser *p, const struct token *tok)
{
    const struct script_trigger *t = &p->ev.trigger;
    const struct script_action *a = &p->ev.action;
    unsigned kind = verb_of(a->verb)->kind, holds;
    char quoted[TOKEN_MAX_QUOTE];

    if (t->when != WHEN_MIGRATE && t->when != WHEN_FAULT)
        return true;
    holds = moment_holds(t->when == WHEN_MIGRATE ? MOMENT_MIGRATE : t->moment);
    token_quote(tok, quoted);
    if (holds & HOLDS_FOLIO && kind & LOCKS_PAGES)
        return parse_fail(p, tok->col,
                          "%s would wait for the end of the migration, "
                          "expected another action",
                          quoted);
    if (holds & HOLDS_AREAS && kind & LOCKS_AREAS && a->pid == 0)
        return parse_fail(p, tok->col,
                          "%s would wait for the end of the fault, expected "
                          "another action or another process",
                          quoted);
    if (holds & HOLDS_TABLE && !(kind & LOOKS))
        return parse_fail(p, tok->col,
                          "%s would wait for the lock of the page table, "
                          "expected \"read\", \"check\" or \"fail\"",
                          quoted);
    return true;
}

/* A process and a place, where an object could have been, too. */
static bool expect_place(struct parser *p, const enum item *items)
{
    if (p->lx.tok.kind == TOKEN_NUMBER || token_is(&p->lx.tok, "pid"))
        return true;
    return parse_expected(p, items[1] == I_ADDRESS
                                 ? "an address, \"pid\", \"shmem\" or "
                                   "\"file\""
                                 : "a range, \"pid\", \"shmem\" or \"file\"");
}

static bool parse_form(struct parser *p)
{
    const struct verb *v = verb_of(p->ev.action.verb);
    const enum item *items = v->form;
    bool ok;

    p->nr_may = 0;
    if (v->kind & OR_OBJECT) {
        if (item_accept_object(p, &ok))
            items = v->object;
        else
            ok = expect_place(p, items);
        if (!ok)
            return false;
    }
    for (; *items != I_END; items++)
        if (!item_read(p, *items))
            return false;
    return item_read_end(p);
}

bool parse_action(struct parser *p)
{
    struct script_action *a = &p->ev.action;
    struct token tok = p->lx.tok;
    char quoted[TOKEN_MAX_QUOTE];

    if (!verb_accept(p, &a->verb))
        return parse_expected(p, p->ev.trigger.when == WHEN_START
                                     ? "an action, or \"at\", \"before\", "
                                       "\"when\", \"restore\", \"set\" or "
                                       "\"after\""
                                     : "an action");
    token_quote(&tok, quoted);
    if (p->rules->refused[a->verb])
        return parse_fail(p, tok.col, "%s: %s, expected another action", quoted,
                          p->rules->refused[a->verb]);
    return parse_form(p) && check_locks(p, &tok);
}
