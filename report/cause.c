// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/cause.h"

#include "report/internal.h"

static const struct cause causes[] = {
#define CAUSE(cause, text, fn, no_hook, bad_hook)                              \
    [CAUSE_##cause] = {                                                        \
        .id = CAUSE_##cause, .name = text, .function = fn, .what = no_hook},
#include "report/cause.def"
#undef CAUSE
};

static const char *const with_hook[] = {
#define CAUSE(cause, text, fn, no_hook, bad_hook) [CAUSE_##cause] = bad_hook,
#include "report/cause.def"
#undef CAUSE
};

void report_set_hooked(struct report *r, enum cause_id id)
{
    r->hooked[id] = true;
}

static struct cause make(const struct report *r, enum cause_id id,
                         const struct stamp *at)
{
    struct cause c = {.id = CAUSE_UNKNOWN};

    if (id == CAUSE_UNKNOWN)
        return c;
    c = causes[id];
    c.missing = !r->hooked[id];
    if (!c.missing)
        c.what = with_hook[id];
    c.at = *at;
    return c;
}

struct cause cause_of_leak(const struct report *r, const struct leak *leak)
{
    enum cause_id id = leak->cut.nr
                           ? blame_of_cut(leak->cut.kind, leak->cut.path)
                           : CAUSE_UNKNOWN;

    if (leak->object && id == CAUSE_ZAP)
        id = CAUSE_SHMEM_GONE;
    return make(r, id, &leak->cut);
}

struct cause cause_of_misrelease(const struct report *r,
                                 const struct misrelease *m)
{
    return make(r, m->cause, &m->at);
}

struct cause cause_of_refusal(const struct report *r, const struct refusal *f)
{
    return make(r, f->cause, &f->at);
}

struct cause cause_of_record(const struct report *r, const struct record *rec)
{
    return make(r, rec->cause, &rec->places[0].first);
}

struct cause cause_of_finding(const struct report *r, const struct finding *f)
{
    return make(r, f->blame.id, &f->blame.at);
}
