// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/oracle.h"

#include <stdlib.h>
#include <string.h>

/* An oracle that forgets would lie. */
#define HASH_NONFATAL_OOM        1
#define uthash_nonfatal_oom(elt) abort()
#include <uthash.h>

#include "adi/notes.h"
#include "base/avl.h"
#include "judge/blame.h"
#include "judge/history.h"
#include "judge/record.h"

/* One page with tags of its own. */
struct page {
    uint64_t index;
    struct tag_notes notes;
    UT_hash_handle hh;
};

/* A shared area of an mm, and the object that it shows. */
struct region {
    gva_t start, end;
    uint64_t object;
    uint64_t pgoff;
    struct avl_node node;
};

/* An address space, or a shared object (mm 0). */
struct space {
    uint64_t id;
    struct page *pages;
    struct avl_root regions; /* by address, none over another */
    UT_hash_handle hh;
};

struct oracle {
    struct history *history;
    struct blames *blames;
    struct space *spaces;
    struct space *objects;
    struct records records;
    struct finding newest;    /* without history */
    struct finding *findings; /* owned; those that are kept */
    size_t nr_findings, cap_findings;
    /* The page of the last store: tags are set line after line. */
    uint32_t last_mm;
    uint64_t last_index;
    struct page *last;
    uint64_t epoch; /* changes with each event: a page may go, or another
                       be in its place */
};

struct oracle *oracle_create(struct history *history, struct blames *blames)
{
    struct oracle *o = calloc(1, sizeof(*o));

    if (o)
        *o = (struct oracle){
            .history = history, .blames = blames, .records = {.all = true}};
    return o;
}

static struct page *page_find(const struct space *s, uint64_t index)
{
    struct page *p;

    HASH_FIND(hh, s->pages, &index, sizeof(index), p);
    return p;
}

static void forget_page(struct space *s, struct page *p)
{
    HASH_DEL(s->pages, p);
    free(p);
}

static void forget_pages(struct space *s, uint64_t first, uint64_t end)
{
    struct page *p, *next;

    if (end - first < HASH_COUNT(s->pages)) {
        for (uint64_t i = first; i < end; i++) {
            p = page_find(s, i);
            if (p)
                forget_page(s, p);
        }
        return;
    }
    HASH_ITER(hh, s->pages, p, next) {
        if (p->index >= first && p->index < end)
            forget_page(s, p);
    }
}

static struct region *region_of(const struct avl_node *node)
{
    return node ? avl_entry(node, struct region, node) : NULL;
}

/* The shared area that contains @va, or NULL. */
static struct region *region_at(const struct space *s, gva_t va)
{
    const struct avl_node *node = s->regions.node;

    while (node) {
        struct region *r = region_of(node);

        if (va >= r->start && va < r->end)
            return r;
        node = va < r->start ? node->left : node->right;
    }
    return NULL;
}

static void space_free(struct space **head, struct space *s)
{
    struct region *r;

    forget_pages(s, 0, UINT64_MAX);
    while ((r = region_of(s->regions.node)) != NULL) {
        avl_erase(&s->regions, &r->node);
        free(r);
    }
    HASH_DEL(*head, s);
    free(s);
}

void oracle_destroy(struct oracle *o)
{
    struct space *s, *next;

    if (!o)
        return;
    HASH_ITER(hh, o->spaces, s, next) {
        space_free(&o->spaces, s);
    }
    HASH_ITER(hh, o->objects, s, next) {
        space_free(&o->objects, s);
    }
    for (size_t i = 0; i < o->nr_findings; i++)
        free(o->findings[i].history);
    free(o->findings);
    records_fini(&o->records);
    free(o);
}

static struct space *space_find(struct space *head, uint64_t id)
{
    struct space *s;

    HASH_FIND(hh, head, &id, sizeof(id), s);
    return s;
}

static struct space *space_get(struct space **head, uint64_t id)
{
    struct space *s = space_find(*head, id);

    if (s)
        return s;
    s = calloc(1, sizeof(*s));
    if (!s)
        abort();
    s->id = id;
    HASH_ADD(hh, *head, id, sizeof(s->id), s);
    return s;
}

static struct page *page_get(struct space *s, uint64_t index)
{
    struct page *p = page_find(s, index);

    if (p)
        return p;
    p = calloc(1, sizeof(*p));
    if (!p)
        abort();
    p->index = index;
    HASH_ADD(hh, s->pages, index, sizeof(p->index), p);
    return p;
}

/* Where the tags of @va belong: the mm's own page, or an object's. */
static struct space *resolve(struct oracle *o, uint32_t mm, gva_t va,
                             uint64_t *index)
{
    struct space *s = space_get(&o->spaces, mm);

    const struct region *r = region_at(s, va);

    *index = va >> PAGE_SHIFT;
    if (!r)
        return s;
    *index = r->pgoff + ((va - r->start) >> PAGE_SHIFT);
    return space_get(&o->objects, r->object);
}

/* The same as blames have it. */
static uint64_t key_of(const struct oracle *o, uint32_t mm, gva_t va,
                       uint64_t *index)
{
    const struct space *s = space_find(o->spaces, mm);
    const struct region *r = s ? region_at(s, va) : NULL;

    *index = va >> PAGE_SHIFT;
    if (!r)
        return blame_key(mm, 0);
    *index = r->pgoff + ((va - r->start) >> PAGE_SHIFT);
    return blame_key(0, r->object);
}

/* The same without making anything; NULL: nothing is known. */
static const struct page *look(const struct oracle *o, uint32_t mm, gva_t va)
{
    const struct space *s = space_find(o->spaces, mm);
    const struct region *r = s ? region_at(s, va) : NULL;
    uint64_t index = va >> PAGE_SHIFT;

    if (r) {
        index = r->pgoff + ((va - r->start) >> PAGE_SHIFT);
        s = space_find(o->objects, r->object);
    }
    return s ? page_find(s, index) : NULL;
}

const adi_tag_t *oracle_page(const struct oracle *o, uint32_t mm, gva_t va,
                             const uint8_t **known)
{
    const struct page *p = look(o, mm, va);

    if (known)
        *known = p ? p->notes.known : NULL;
    return p ? p->notes.tags : NULL;
}

const adi_tag_t *oracle_object_page(const struct oracle *o, uint64_t object,
                                    uint64_t index, const uint8_t **known)
{
    const struct space *s = space_find(o->objects, object);
    const struct page *p = s ? page_find(s, index) : NULL;

    *known = p ? p->notes.known : NULL;
    return p ? p->notes.tags : NULL;
}

static void set_tag(struct page *p, uint64_t at, adi_tag_t tag, uint32_t by)
{
    tag_note(&p->notes, (unsigned)page_offset(at) / ADI_BLKSZ, tag, by);
}

void oracle_object_tag_store(struct oracle *o, uint64_t object, uint64_t offset,
                             adi_tag_t tag, uint32_t by)
{
    struct space *s = space_get(&o->objects, object);

    set_tag(page_get(s, offset >> PAGE_SHIFT), offset, tag, by);
}

/* The page of a store. */
static struct page *page_to_set(struct oracle *o, uint32_t mm, gva_t va)
{
    if (!o->last || o->last_mm != mm || o->last_index != va >> PAGE_SHIFT) {
        uint64_t index;
        struct space *s = resolve(o, mm, va, &index);

        o->last = page_get(s, index);
        o->last_mm = mm;
        o->last_index = va >> PAGE_SHIFT;
        history_watch(o->history, mm);
    }
    return o->last;
}

void oracle_tag_store(struct oracle *o, uint32_t mm, gva_t va, adi_tag_t tag,
                      uint32_t by)
{
    set_tag(page_to_set(o, mm, va), va, tag, by);
}

struct tag_notes *oracle_notes(struct oracle *o, uint32_t mm, gva_t va,
                               const uint64_t **epoch)
{
    *epoch = &o->epoch;
    return &page_to_set(o, mm, va)->notes;
}

uint32_t oracle_setter(const struct oracle *o, uint32_t mm, gva_t va,
                       adi_tag_t *tag)
{
    const struct page *p = look(o, mm, va);
    uint32_t set = p ? p->notes.set[page_offset(va) / ADI_BLKSZ] : 0;

    if (set >> ADI_NBITS)
        *tag = set & ((1 << ADI_NBITS) - 1);
    return set >> ADI_NBITS;
}

adi_tag_t oracle_expects(struct oracle *o, uint32_t mm, gva_t va)
{
    uint64_t index;
    const struct space *s = resolve(o, mm, va, &index);
    const struct page *p = page_find(s, index);
    unsigned block = (unsigned)(va & (PAGE_SIZE - 1)) / ADI_BLKSZ;

    return p ? p->notes.tags[block] : 0;
}

/* ------------------------------------------------------------- verdicts */

static struct finding *new_finding(struct oracle *o)
{
    if (o->nr_findings == o->cap_findings) {
        size_t cap = o->cap_findings ? o->cap_findings * 2 : 16;
        struct finding *grown =
            realloc(o->findings, cap * sizeof(*o->findings));

        if (!grown)
            abort();
        o->findings = grown;
        o->cap_findings = cap;
    }
    memset(&o->findings[o->nr_findings], 0, sizeof(*o->findings));
    return &o->findings[o->nr_findings++];
}

/* Count a finding, and keep it with its page's story if it is to be kept. */
static void found(struct oracle *o, struct finding f)
{
    const struct stamp *where =
        f.blame.id == CAUSE_UNKNOWN ? &f.seen : &f.blame.at;
    const struct page_range page = {
        .mm = f.mm, .start = f.va, .end = f.va + PAGE_SIZE};

    f.record = records_add(&o->records, f.kind, f.blame.id, where, &page);
    o->newest = f;
    if (!records_keep(&o->records, f.record))
        return;
    f.nr_history = history_copy(o->history, f.mm, f.va, &f.history, &f.dropped);
    *new_finding(o) = f;
}

/* What the guest set, or 0 where a page starts with tags of 0. */
static bool expectation(const struct page *p, unsigned block, bool undefined,
                        adi_tag_t *tag)
{
    *tag = p ? p->notes.tags[block] : 0;
    return !undefined || (p && p->notes.known[block]);
}

/* Compare a page that has just become visible. */
static void compare(struct oracle *o, const struct event *ev)
{
    uint64_t index;
    struct space *s = resolve(o, ev->mm, ev->va, &index);
    struct page *p = page_find(s, index);
    struct finding f = {.kind = FINDING_STALE};

    for (unsigned i = 0; i < ADI_TAGS_PER_PAGE; i++) {
        adi_tag_t expected;

        if (!expectation(p, i, ev->undefined, &expected) ||
            expected == ev->tags[i])
            continue;
        if (f.blocks++ == 0) {
            f.first = i;
            f.expected = expected;
            f.found = ev->tags[i];
        }
        if (expected != 0)
            f.kind = FINDING_LOST;
    }
    if (f.blocks == 0)
        return;
    f.mm = ev->mm;
    f.va = ev->va;
    f.seen = stamp_of(ev);
    f.blame = blames_find(o->blames, key_of(o, ev->mm, ev->va, &index), index,
                          ev, f.kind == FINDING_LOST);
    found(o, f);

    if (ev->kind == EV_GLIMPSE)
        return; /* the path goes on, and may put it right */
    /* From here on the program lives with what it got: report it once. */
    p = page_get(s, index);
    memcpy(p->notes.tags, ev->tags, sizeof(p->notes.tags));
    memset(p->notes.known, 1, sizeof(p->notes.known));
}

static bool starts_below(const struct avl_node *node, const struct avl_node *at)
{
    return region_of(node)->start < region_of(at)->start;
}

/* A new start: what was wrong with the page's tags has been told. */
static void seen(struct oracle *o, const struct event *ev)
{
    uint64_t index;
    uint64_t key = key_of(o, ev->mm, ev->va, &index);

    blames_seen(o->blames, key, index, ev);
}

static void add_region(struct oracle *o, const struct event *ev)
{
    struct space *s = space_get(&o->spaces, ev->mm);
    struct region *r = calloc(1, sizeof(*r));

    if (!r)
        abort();
    r->start = ev->va;
    r->end = ev->end;
    r->object = ev->object;
    r->pgoff = ev->to;
    avl_insert(&s->regions, &r->node, starts_below);
}

static void del_region(struct oracle *o, const struct event *ev)
{
    struct space *s = space_get(&o->spaces, ev->mm);

    struct region *r = region_at(s, ev->va);

    if (!r || r->start != ev->va || r->end != ev->end)
        return;
    avl_erase(&s->regions, &r->node);
    free(r);
}

static void zap(struct oracle *o, const struct event *ev)
{
    struct space *s = space_find(o->spaces, ev->mm);

    if (s)
        forget_pages(s, ev->va >> PAGE_SHIFT, ev->end >> PAGE_SHIFT);
}

/*
 * The copy of a page in an area without PROT_ADI has tags of 0, not any.
 * What nobody knew of the page before, nobody need know now.
 */
static void untag(struct oracle *o, const struct event *ev)
{
    const struct space *s = space_find(o->spaces, ev->mm);
    struct page *p = s ? page_find(s, ev->va >> PAGE_SHIFT) : NULL;

    if (!p)
        return;
    memset(p->notes.tags, 0, sizeof(p->notes.tags));
    memset(p->notes.known, 1, sizeof(p->notes.known));
    memset(p->notes.set, 0, sizeof(p->notes.set));
}

static void move_page(struct space *s, struct page *p, uint64_t index,
                      struct page **moved)
{
    HASH_DEL(s->pages, p);
    p->index = index;
    HASH_ADD(hh, *moved, index, sizeof(p->index), p);
}

static void move(struct oracle *o, const struct event *ev)
{
    struct space *s = space_find(o->spaces, ev->mm);
    uint64_t first = ev->va >> PAGE_SHIFT, end = ev->end >> PAGE_SHIFT;
    uint64_t to = ev->to >> PAGE_SHIFT;
    struct page *p, *next, *moved = NULL;

    if (!s)
        return;
    if (end - first < HASH_COUNT(s->pages)) {
        for (uint64_t i = first; i < end; i++) {
            p = page_find(s, i);
            if (p)
                move_page(s, p, to + (i - first), &moved);
        }
    } else {
        HASH_ITER(hh, s->pages, p, next) {
            if (p->index >= first && p->index < end)
                move_page(s, p, to + (p->index - first), &moved);
        }
    }
    HASH_ITER(hh, moved, p, next) {
        HASH_DEL(moved, p);
        HASH_ADD(hh, s->pages, index, sizeof(p->index), p);
    }
}

static void forked(struct oracle *o, const struct event *ev)
{
    struct space *parent = space_get(&o->spaces, ev->mm);
    struct space *child = space_get(&o->spaces, ev->mm2);
    struct page *p, *next;

    HASH_ITER(hh, parent->pages, p, next) {
        struct page *copy;

        if (p->index < ev->va >> PAGE_SHIFT ||
            p->index >= ev->end >> PAGE_SHIFT)
            continue;
        copy = page_get(child, p->index);
        memcpy(copy->notes.tags, p->notes.tags, sizeof(copy->notes.tags));
        memcpy(copy->notes.known, p->notes.known, sizeof(copy->notes.known));
        memcpy(copy->notes.set, p->notes.set, sizeof(copy->notes.set));
    }
}

void oracle_event(struct oracle *o, const struct event *ev)
{
    struct space *s;

    o->last = NULL;
    o->epoch++;
    switch (ev->kind) {
    case EV_VISIBLE:
    case EV_GLIMPSE:
        if (ev->tags)
            compare(o, ev);
        if (ev->kind == EV_VISIBLE)
            seen(o, ev);
        break;
    case EV_ZAP: zap(o, ev); break;
    case EV_UNTAG: untag(o, ev); break;
    case EV_REMAP: move(o, ev); break;
    case EV_FORK: forked(o, ev); break;
    case EV_SHARE: add_region(o, ev); break;
    case EV_UNSHARE: del_region(o, ev); break;
    case EV_TRUNCATE:
        s = space_find(o->objects, ev->object);
        if (s)
            forget_pages(s, ev->va >> PAGE_SHIFT, ev->end >> PAGE_SHIFT);
        break;
    case EV_MM_DEAD:
        s = space_find(o->spaces, ev->mm);
        if (s)
            space_free(&o->spaces, s);
        break;
    default: break;
    }
}

struct records *oracle_records(struct oracle *o)
{
    return &o->records;
}

const struct finding *oracle_last(const struct oracle *o)
{
    return &o->newest;
}

size_t oracle_nr_findings(const struct oracle *o)
{
    return o->nr_findings;
}

const struct finding *oracle_finding(const struct oracle *o, size_t n)
{
    return &o->findings[n];
}
