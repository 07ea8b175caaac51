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

/* ---------------------------------------------------------------- leaks */

/* How a PTE, or a shared object's entry, stopped to stand for a copy. */
static const struct {
    enum event_kind kind;
    enum mm_path path; /* PATH_NR: any */
    enum cause_id id;
} cuts[] = {
    {EV_SWAP_GONE, PATH_SWAPOFF, CAUSE_UNUSE_LOST},
    {EV_SWAP_GONE, PATH_MADV_FREE, CAUSE_MADV_FREE},
    {EV_SWAP_GONE, PATH_SHMEM_IN, CAUSE_SHMEM_IN},
    {EV_SWAP_GONE, PATH_NR, CAUSE_ZAP},
    {EV_SWAP_IN, PATH_SWAPOFF, CAUSE_UNUSE},
    {EV_SWAP_IN, PATH_SHMEM_IN, CAUSE_SHMEM_IN},
    {EV_SWAP_IN, PATH_NR, CAUSE_SWAP_IN},
    {EV_UNMAP_UNDO, PATH_MIGRATE_OUT, CAUSE_MIGRATE_UNDO},
    {EV_UNMAP_UNDO, PATH_NR, CAUSE_UNMAP_UNDO},
    {EV_MIGRATE_IN, PATH_NR, CAUSE_MIGRATE},
    {EV_MIGRATE_GONE, PATH_NR, CAUSE_ZAP_MIGRATE},
    {EV_REMAP, PATH_NR, CAUSE_MOVE},
    {EV_SLOT_FREE, PATH_NR, CAUSE_SLOT},
    {EV_STORE_ORPHAN, PATH_NR, CAUSE_ORPHAN},
};

static enum cause_id cut_by(const struct stamp *s)
{
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++)
        if (cuts[i].kind == s->kind &&
            (cuts[i].path == PATH_NR || cuts[i].path == s->path))
            return cuts[i].id;
    return CAUSE_UNKNOWN;
}

struct cause cause_of_leak(const struct report *r, const struct leak *leak)
{
    enum cause_id id = leak->cut.nr ? cut_by(&leak->cut) : CAUSE_UNKNOWN;

    if (leak->object && id == CAUSE_ZAP)
        id = CAUSE_SHMEM_GONE;
    return make(r, id, &leak->cut);
}

struct cause cause_of_misrelease(const struct report *r,
                                 const struct misrelease *m)
{
    return make(r, m->kind == RELEASE_UNSAVED ? CAUSE_UNSAVED : CAUSE_FREED,
                &m->at);
}

/* --------------------------------------------------------------- losses */

/* The last event of a kind in the story, before @end; NULL: none. */
static const struct stamp *last_of(const struct finding *f,
                                   enum event_kind kind,
                                   const struct stamp *end)
{
    size_t n = end ? (size_t)(end - f->history) : f->nr_history;

    while (n-- > 0)
        if (f->history[n].kind == kind)
            return &f->history[n];
    return NULL;
}

static bool later(const struct stamp *a, const struct stamp *b)
{
    return a && (!b || a->nr > b->nr);
}

/*
 * A release that took what it never had: the copy of this page, which was
 * in the same buffer, or it wrote to the frame that this page shows.  What the
 * parent saved before the fork is in no buffer of this mm.
 */
static const struct misrelease *find_misrelease(const struct report *r,
                                                const struct finding *f,
                                                const struct stamp *save)
{
    if (save && save->nr < f->forked.nr)
        save = NULL;
    for (size_t i = ledger_nr_misreleases(r->ledger); i-- > 0;) {
        const struct misrelease *m = ledger_misrelease(r->ledger, i);

        if (m->at.nr > f->seen.nr || (save && m->at.nr < save->nr))
            continue;
        if (m->at.pfn == f->seen.pfn || (save && m->buf == save->buf))
            return m;
    }
    return NULL;
}

/*
 * Was the page away when its mm was made by fork, and @in the first time that
 * it came back?  A store that is keyed by slots has nothing to copy.
 */
static bool forked_away(const struct report *r, const struct finding *f,
                        const struct stamp *in)
{
    const struct stamp *out = last_of(f, EV_SWAP_OUT, in);

    return f->forked.nr && !r->hooked[CAUSE_SLOT] && !later(out, &f->forked) &&
           !later(last_of(f, EV_TAG_DUP, in), out) &&
           !later(last_of(f, EV_SWAP_IN, in), out);
}

/* A page that came out of a swap entry without its tags. */
static struct cause cause_of_swap_in(const struct report *r,
                                     const struct finding *f)
{
    const struct stamp *in = last_of(f, EV_SWAP_IN, NULL);
    const struct stamp *out = last_of(f, EV_SWAP_OUT, in);
    const struct stamp *save = last_of(f, EV_TAG_SAVE, in);
    const struct stamp *restore = last_of(f, EV_TAG_RESTORE, NULL);
    const struct stamp *gone = last_of(f, EV_SWAP_GONE, in);
    const struct stamp *moved = last_of(f, EV_REMAP, in);
    const struct misrelease *m = find_misrelease(r, f, save);

    /* On its way in, and seen already. */
    if (later(last_of(f, EV_SWAP_OUT, NULL), in) && f->seen.path == PATH_FAULT)
        return make(r, CAUSE_WINDOW, &f->seen);
    /* What was restored at the new address is of a page that was there. */
    if (later(moved, out) && later(restore, moved) && f->found && gone)
        return make(r, CAUSE_ZAP, gone);
    if (later(moved, out))
        return make(r, CAUSE_MOVE, moved);
    if (m)
        return cause_of_misrelease(r, m);
    /* Its entry is a copy of the parent's, and nobody copied the tags. */
    if (in && forked_away(r, f, in))
        return make(r, CAUSE_FORK, &f->forked);
    if (!in || !out)
        return make(r, CAUSE_UNKNOWN, NULL);
    /* What was restored is of a page that was here before. */
    if (later(restore, out) && later(gone, save))
        return make(r, CAUSE_ZAP, gone);
    if (!later(restore, out) && r->hooked[CAUSE_SLOT])
        return make(r, CAUSE_ORDER, in);
    if (!later(restore, out) && later(save, last_of(f, EV_SWAP_IN, out)))
        return make(r, CAUSE_SWAP_IN, in);
    return make(r, restore ? CAUSE_UNKNOWN : CAUSE_UNMAP, out);
}

/* The frame is another process's, too, where it went wrong before. */
static struct cause cause_elsewhere(const struct report *r,
                                    const struct finding *f)
{
    for (size_t i = oracle_nr_findings(r->oracle); i-- > 0;) {
        const struct finding *other = oracle_finding(r->oracle, i);

        if (other->mm != f->mm && other->seen.pfn == f->seen.pfn &&
            other->seen.nr <= f->seen.nr)
            return cause_of_swap_in(r, other);
    }
    return make(r, CAUSE_UNKNOWN, NULL);
}

struct cause cause_of_finding(const struct report *r, const struct finding *f)
{
    const struct stamp *s;
    struct cause c;

    switch (f->seen.path) {
    case PATH_SWAPOFF: return make(r, CAUSE_UNUSE, &f->seen);
    case PATH_SHMEM_IN:
        s = last_of(f, EV_SWAP_OUT, NULL);
        return s && !last_of(f, EV_TAG_SAVE, NULL)
                   ? make(r, CAUSE_SHMEM_OUT, s)
                   : make(r, CAUSE_SHMEM_IN, &f->seen);
    default:
        c = cause_of_swap_in(r, f);
        return c.id == CAUSE_UNKNOWN ? cause_elsewhere(r, f) : c;
    }
}
