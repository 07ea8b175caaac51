// SPDX-License-Identifier: GPL-2.0-or-later
#include "print/internal.h"
#include "print/json.h"

json_t *json_stack(const struct call_stack *s)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < s->nr; i++)
        json_array_append_new(list, json_pack("{s:o}", "pc", hex(s->pc[i])));
    return list;
}

static json_t *json_setter(const struct report *r, const struct mismatch *m)
{
    const struct call_stack *s = judge_stack(r->judge, m->set_by);

    if (!s)
        return json_null();
    return json_pack("{s:i, s:o, s:o, s:o, s:o}", "tag", (int)m->set_tag, "pid",
                     num(s->pid), "program", num(s->program), "script_line",
                     s->line ? num(s->line) : json_null(), "stack",
                     json_stack(s));
}

static json_t *json_around(const struct mismatch_access *a)
{
    json_t *tags = json_array();

    for (unsigned i = 0; i < MISMATCH_AROUND; i++)
        json_array_append_new(tags, a->around[i] == MISMATCH_NO_TAG
                                        ? json_null()
                                        : num(a->around[i]));
    return json_pack("{s:o, s:o}", "start", hex(a->around_start), "tags", tags);
}

static json_t *json_mismatch(const struct report *r, const struct mismatch *m)
{
    const struct mismatch_access *a = &m->first;
    const struct call_stack *s = judge_stack(r->judge, m->stack);

    return json_pack(
        "{s:s, s:o, s:o, s:i, s:i, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, "
        "s:o, s:o, "
        "s:o, s:o, s:o}",
        "access", a->store ? "store" : "load", "bytes", num(a->bytes),
        "address", hex(a->va), "pointer_tag", (int)(a->va >> 60), "memory_tag",
        (int)a->memory_tag, "precise", a->precise, "kernel", a->kernel, "call",
        a->call ? json_string(a->call) : json_null(), "mm", num(a->mm), "pid",
        num(a->pid), "program", num(s->program), "insn", num(a->insn),
        "script_line", s->line ? num(s->line) : json_null(), "stack",
        json_stack(s), "set", json_setter(r, m), "around", json_around(a),
        "count", num(m->count), "range",
        json_pack("[o, o]", hex(m->low), hex(m->high)));
}

json_t *json_mismatches(const struct report *r)
{
    json_t *list = json_array();

    for (size_t i = 0; i < judge_nr_mismatches(r->judge); i++)
        json_array_append_new(
            list, json_mismatch(r, judge_get_mismatch(r->judge, i)));
    return list;
}
