// SPDX-License-Identifier: GPL-2.0-or-later
#include "script/verb.h"

#include "base/invariant.h"

#define FORM(...)                                                              \
    {                                                                          \
        __VA_ARGS__                                                            \
    }
#define NO_OBJECT                                                              \
    {                                                                          \
        I_END                                                                  \
    }
#define VERB(id, word, kind, form, object, function)                           \
    [VERB_##id] = {word, kind, form, object},

static const struct verb verbs[VERB_NR] = {
#include "script/verbs.def"
};

#undef VERB

const struct verb *verb_of(enum script_verb verb)
{
    INVARIANT(verb < VERB_NR);
    return &verbs[verb];
}

bool verb_accept(struct parser *p, enum script_verb *verb)
{
    for (unsigned i = 0; i < VERB_NR; i++) {
        if (!parse_accept(p, verbs[i].word))
            continue;
        *verb = (enum script_verb)i;
        return true;
    }
    return false;
}

static bool on_object(const struct script_action *a)
{
    return a->object && verb_of(a->verb)->kind & OR_OBJECT;
}

const enum item *verb_items(const struct script_action *a)
{
    return on_object(a) ? verb_of(a->verb)->object : verb_of(a->verb)->form;
}

bool verb_on_process(const struct script_action *a)
{
    return !(verb_of(a->verb)->kind & ON_MACHINE) && !on_object(a);
}
