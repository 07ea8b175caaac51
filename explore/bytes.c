// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/bytes.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/heap.h"
#include "explore/world.h"
#include "mm/madvise.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/phys.h"
#include "script/alone.h"

#define MAX_OBJECTS 4u
#define ANY_OBJECT  (MAX_OBJECTS + 1)
#define ALL_UNKNOWN UINT16_MAX

enum kind {
    KIND_NONE,    /* nothing is mapped */
    KIND_ANON,    /* private */
    KIND_PRIVATE, /* of an object */
    KIND_SHARED,
    KIND_OTHER,  /* of an object that is not followed */
    KIND_UNKNOWN /* something, maybe of any object */
};

enum maybe { NO, MAYBE, YES };

/* Of each byte that is followed, by bit: */
struct cell {
    uint16_t unknown;
    uint16_t freed; /* what it was, or 0 (MADV_FREE) */
    uint8_t byte[SCOPE_MAX];
};

/* Without padding, as all of it is hashed. */
struct page {
    uint8_t kind;
    uint8_t own; /* enum maybe: has a private page bytes of its own? */
    bool dontfork;
    uint8_t wipeonfork; /* enum maybe */
    bool cut;       /* its own went with the end of its file; then not seen */
    uint8_t object; /* of KIND_PRIVATE and KIND_SHARED, and */
    uint16_t index; /* page in it */
    struct cell cell;
};

static_assert(sizeof(struct page) == 8 + 4 + SCOPE_MAX, "it has padding");

struct object {
    uint32_t number; /* 0: there is none */
    bool file;
    bool any_size; /* @size is the least that it can be */
    uint64_t size;
    struct cell cell[SCOPE_MAX];
};

struct bytes {
    const struct scope *scope;      /* both borrowed */
    const struct mm_policy *policy; /* for the advice that there is */
    struct object *objects;         /* MAX_OBJECTS; NULL: no step names one */
    bool alive[WORLD_MAX_PROCESSES + 1];
    struct page pages[]; /* of process 1, then of 2, ... */
};

struct bytes *bytes_create(const struct scope *scope,
                           const struct mm_policy *policy)
{
    size_t nr = (size_t)WORLD_MAX_PROCESSES * scope->nr_pages;
    struct bytes *b = heap_calloc(1, sizeof(*b) + nr * sizeof(b->pages[0]));

    if (!b)
        return NULL;
    b->scope = scope;
    b->policy = policy;
    if (scope->object_pages) {
        b->objects = heap_calloc(MAX_OBJECTS, sizeof(*b->objects));
        if (!b->objects)
            return NULL; /* the whole heap goes */
    }
    b->alive[1] = true;
    return b;
}

static struct page *page_at(struct bytes *b, uint32_t pid, unsigned n)
{
    return &b->pages[(size_t)(pid - 1) * b->scope->nr_pages + n];
}

/* NULL: it is not followed. */
static struct page *find_page(struct bytes *b, uint32_t pid, gva_t va)
{
    for (unsigned n = 0; n < b->scope->nr_pages; n++)
        if (b->scope->pages[n] == page_align_down(va))
            return page_at(b, pid, n);
    return NULL;
}

/* What the page shows; NULL: nobody knows. */
static struct cell *shown(struct bytes *b, struct page *p)
{
    if (p->kind == KIND_NONE || p->kind >= KIND_OTHER)
        return NULL;
    if (p->kind == KIND_ANON || (p->kind == KIND_PRIVATE && p->own != NO))
        return &p->cell;
    return p->index < SCOPE_MAX ? &b->objects[p->object].cell[p->index] : NULL;
}

static void unmap(struct page *p)
{
    *p = (struct page){.kind = KIND_NONE};
}

static void lose(struct page *p)
{
    *p = (struct page){.kind = KIND_UNKNOWN};
}

static void forget_cell(struct cell *cell)
{
    *cell = (struct cell){.unknown = ALL_UNKNOWN};
}

/* --------------------------------------------------------------- own bytes */

/* Before a store, or what may be one. */
static void take_over(struct bytes *b, struct page *p, enum maybe own)
{
    const struct cell *cell = shown(b, p);

    if (p->kind != KIND_PRIVATE || p->own >= own)
        return;
    if (p->own == NO) {
        if (cell)
            p->cell = *cell;
        else
            forget_cell(&p->cell);
    }
    p->own = own;
}

/* The object's page is another now: who has, or may have, a copy? */
static void object_changed(struct bytes *b, unsigned object, uint32_t index)
{
    for (uint32_t i = 0; i < WORLD_MAX_PROCESSES * b->scope->nr_pages; i++) {
        struct page *p = &b->pages[i];

        if (p->kind == KIND_PRIVATE && p->object == object &&
            p->index == index && p->own == MAYBE)
            p->cell.unknown = ALL_UNKNOWN;
    }
}

/* Of what is mapped there nobody knows what it is. */
static bool may_be_any(const struct page *p)
{
    return !p || p->kind == KIND_NONE || p->kind == KIND_UNKNOWN;
}

static void any_copy_changed(struct page *p)
{
    if (p->kind == KIND_PRIVATE && p->own == MAYBE)
        forget_cell(&p->cell);
}

static void on_all(struct bytes *b, void (*one)(struct page *p))
{
    for (uint32_t i = 0; i < WORLD_MAX_PROCESSES * b->scope->nr_pages; i++)
        one(&b->pages[i]);
}

/* Something was stored to an object, and nobody knows which. */
static void any_object_changed(struct bytes *b)
{
    for (unsigned o = 0; b->objects && o < MAX_OBJECTS; o++)
        for (unsigned i = 0; i < SCOPE_MAX; i++)
            if (b->objects[o].number)
                forget_cell(&b->objects[o].cell[i]);
    on_all(b, any_copy_changed);
}

/* @cut: it may be less, too */
static void any_size_changed(struct bytes *b, bool cut)
{
    for (unsigned o = 0; b->objects && o < MAX_OBJECTS; o++) {
        if (!b->objects[o].number)
            continue;
        b->objects[o].any_size = true;
        if (cut)
            b->objects[o].size = 0;
    }
}

/* Bytes [start, end) of page @index of the object have this value. */
static void object_set(struct bytes *b, unsigned object, uint32_t index,
                       uint64_t start, uint64_t end, uint8_t value)
{
    struct cell *cell;

    if (index >= SCOPE_MAX)
        return;
    cell = &b->objects[object].cell[index];
    for (unsigned i = 0; i < b->scope->nr_offsets; i++) {
        uint64_t at = ((uint64_t)index << PAGE_SHIFT) + b->scope->offsets[i];

        if (at < start || at >= end)
            continue;
        cell->byte[i] = value;
        cell->unknown &= (uint16_t) ~(1u << i);
    }
    object_changed(b, object, index);
}

static void object_set_all(struct bytes *b, unsigned object, uint64_t start,
                           uint64_t end, uint8_t value)
{
    for (uint32_t i = 0; i < SCOPE_MAX; i++)
        if (((uint64_t)(i + 1) << PAGE_SHIFT) > start &&
            ((uint64_t)i << PAGE_SHIFT) < end)
            object_set(b, object, i, start, end, value);
}

/* ---------------------------------------------------------------- processes */

/* A range of pages of a process. */
struct range {
    uint32_t pid;
    gva_t start, end;
};

static struct range range_of(const struct script_action *a, uint32_t pid)
{
    return (struct range){.pid = pid,
                          .start = page_align_down(a->va),
                          .end = a->pages > (UINT64_MAX >> PAGE_SHIFT)
                                     ? UINT64_MAX
                                     : page_align_down(a->va) +
                                           (a->pages << PAGE_SHIFT)};
}

/* The next page of the range, from the @*n-th that is followed on. */
static struct page *next_page(struct bytes *b, const struct range *r,
                              unsigned *n)
{
    while (*n < b->scope->nr_pages) {
        gva_t va = b->scope->pages[*n];

        if (va >= r->start && va < r->end)
            return page_at(b, r->pid, (*n)++);
        (*n)++;
    }
    return NULL;
}

static void on_range(struct bytes *b, const struct range *r,
                     void (*one)(struct page *p))
{
    struct page *p;

    for (unsigned n = 0; (p = next_page(b, r, &n)) != NULL;)
        one(p);
}

static void wipe(struct page *p)
{
    if (p->kind == KIND_ANON)
        p->cell = (struct cell){0};
    if (p->kind == KIND_PRIVATE) {
        p->own = NO;
        p->cell = (struct cell){0};
    }
}

static void may_be_freed(struct page *p)
{
    if (p->kind == KIND_ANON)
        p->cell.freed = ALL_UNKNOWN;
}

static void may_be_wiped(struct page *p)
{
    may_be_freed(p);
    if (p->kind == KIND_PRIVATE && p->own != NO) {
        p->own = MAYBE;
        forget_cell(&p->cell);
    }
}

static void set_dontfork(struct page *p)
{
    p->dontfork = true;
}

static void set_dofork(struct page *p)
{
    p->dontfork = false;
}

static void set_wipeonfork(struct page *p)
{
    p->wipeonfork = YES;
}

static void set_keeponfork(struct page *p)
{
    p->wipeonfork = NO;
}

/* A child has it, or has none: then there is nothing to look at. */
static void may_set_dontfork(struct page *p)
{
    p->dontfork = false;
}

static void may_set_wipeonfork(struct page *p)
{
    if (p->kind != KIND_NONE)
        p->wipeonfork = MAYBE;
}

static void may_populate(struct bytes *b, const struct range *r)
{
    struct page *p;

    for (unsigned n = 0; (p = next_page(b, r, &n)) != NULL;)
        take_over(b, p, MAYBE);
}

static void was_advised(struct bytes *b, int advice, const struct range *r)
{
    switch (advice) {
    case MADV_G_DONTNEED:
    case MADV_G_DONTNEED_LOCKED:
    case MADV_G_GUARD_INSTALL: on_range(b, r, wipe); break;
    case MADV_G_FREE: on_range(b, r, may_be_freed); break;
    case MADV_G_DONTFORK: on_range(b, r, set_dontfork); break;
    case MADV_G_DOFORK: on_range(b, r, set_dofork); break;
    case MADV_G_WIPEONFORK: on_range(b, r, set_wipeonfork); break;
    case MADV_G_KEEPONFORK: on_range(b, r, set_keeponfork); break;
    case MADV_G_POPULATE_WRITE: may_populate(b, r); break;
    default: break;
    }
}

/* Each page of the range was, or was not. */
static void may_be_advised(struct bytes *b, int advice, const struct range *r)
{
    switch (advice) {
    case MADV_G_DONTNEED:
    case MADV_G_DONTNEED_LOCKED:
    case MADV_G_GUARD_INSTALL: on_range(b, r, may_be_wiped); break;
    case MADV_G_FREE: on_range(b, r, may_be_freed); break;
    case MADV_G_DONTFORK:
    case MADV_G_DOFORK: on_range(b, r, may_set_dontfork); break;
    case MADV_G_WIPEONFORK:
    case MADV_G_KEEPONFORK: on_range(b, r, may_set_wipeonfork); break;
    case MADV_G_POPULATE_WRITE: may_populate(b, r); break;
    default: break;
    }
}

/* Does the kernel refuse it before it has done any of it? */
static bool refuses(struct bytes *b, const struct script_action *a,
                    const struct range *r)
{
    const struct page *first = find_page(b, r->pid, a->va);

    switch (a->advice) {
    case MADV_G_DONTNEED_LOCKED: return !b->policy->dontneed_locked;
    case MADV_G_GUARD_INSTALL: return !b->policy->guard_marker;
    case MADV_G_FREE:
    case MADV_G_WIPEONFORK:
        return first &&
               (first->kind == KIND_PRIVATE || first->kind == KIND_SHARED);
    default: return false;
    }
}

static void did_madvise(struct bytes *b, const struct script_action *a,
                        const struct range *r, int err)
{
    if (!err)
        was_advised(b, a->advice, r);
    /* Areas before a hole, or before one that refuses; of a page, nothing. */
    else if (a->pages > 1 && !(err == -EINVAL && refuses(b, a, r)))
        may_be_advised(b, a->advice, r);
}

static struct page child_of(const struct page *p)
{
    struct page c = *p;

    if (p->dontfork)
        unmap(&c);
    else if (p->wipeonfork == YES)
        wipe(&c);
    else if (p->wipeonfork == MAYBE)
        may_be_wiped(&c);
    return c;
}

static void did_fork(struct bytes *b, uint32_t pid, uint32_t child)
{
    b->alive[child] = true;
    for (unsigned n = 0; n < b->scope->nr_pages; n++)
        *page_at(b, child, n) = child_of(page_at(b, pid, n));
}

static void did_exit(struct bytes *b, uint32_t pid)
{
    b->alive[pid] = false;
    memset(page_at(b, pid, 0), 0, b->scope->nr_pages * sizeof(struct page));
}

/* ------------------------------------------------------------------ objects */

/* By number; MAX_OBJECTS: it is not followed. */
static unsigned object_of(const struct bytes *b, const struct script_action *a)
{
    bool file = a->backing == BACKING_FILE;
    unsigned i = 0;

    if (a->object == 0 || !b->objects)
        return MAX_OBJECTS;
    while (i < MAX_OBJECTS &&
           (b->objects[i].number != a->object || b->objects[i].file != file))
        i++;
    return i;
}

/* As large as the first area that shows it needs. */
static void make_object(struct bytes *b, const struct script_action *a)
{
    unsigned i = 0;

    if ((a->backing == BACKING_ANON && !a->shared) || a->object == 0 ||
        !b->objects || object_of(b, a) < MAX_OBJECTS)
        return;
    while (i < MAX_OBJECTS && b->objects[i].number)
        i++;
    if (i == MAX_OBJECTS)
        return;
    b->objects[i].number = a->object;
    b->objects[i].file = a->backing == BACKING_FILE;
    b->objects[i].size = (a->pgoff + a->pages) << PAGE_SHIFT;
}

static struct page new_page(const struct bytes *b,
                            const struct script_action *a, gva_t va)
{
    struct page p = {.kind = KIND_ANON};

    if (a->backing == BACKING_ANON && !a->shared)
        return p;
    p.kind = a->shared ? KIND_SHARED : KIND_PRIVATE;
    p.object = (uint8_t)object_of(b, a);
    p.index = (uint16_t)(a->pgoff + ((va - a->va) >> PAGE_SHIFT));
    if (p.object == MAX_OBJECTS)
        return (struct page){.kind = KIND_OTHER};
    if (a->pgoff + a->pages > UINT16_MAX)
        lose(&p);
    return p;
}

/* After an error a page is as it was, or there is none: nothing to look at. */
static void did_mmap(struct bytes *b, const struct script_action *a,
                     uint32_t pid, int err)
{
    struct range r = range_of(a, pid);

    make_object(b, a);
    for (unsigned n = 0; n < b->scope->nr_pages; n++) {
        gva_t va = b->scope->pages[n];

        if (va < r.start || va >= r.end ||
            (a->every && ((va - r.start) >> PAGE_SHIFT) % a->every))
            continue;
        if (!err)
            *page_at(b, pid, n) = new_page(b, a, va);
        else if (a->every) /* the new one, or none, or what was there */
            lose(page_at(b, pid, n));
    }
}

static void move_page(struct bytes *b, const struct script_action *a,
                      uint32_t pid, unsigned n)
{
    gva_t va = b->scope->pages[n];
    struct page *from = page_at(b, pid, n);
    struct page *to = find_page(b, pid, a->to + (va - a->va));

    if (to)
        *to = *from;
    if (a->flag)
        wipe(from);
    else
        unmap(from);
}

/* What it is made longer by nobody knows.  After an error as did_mmap(). */
static void did_mremap(struct bytes *b, const struct script_action *a,
                       uint32_t pid, int err)
{
    struct range from = range_of(a, pid), cut = from;
    struct range to = {
        .pid = pid, .start = a->to, .end = a->to + (a->to_pages << PAGE_SHIFT)};

    if (err)
        return;
    if (a->to_pages < a->pages)
        from.end = cut.start = from.start + (a->to_pages << PAGE_SHIFT);
    else
        cut.start = cut.end;
    on_range(b, &cut, unmap);
    if (a->to == a->va)
        to.start = from.end;
    on_range(b, &to, lose);
    for (unsigned n = 0; a->to != a->va && n < b->scope->nr_pages; n++)
        if (b->scope->pages[n] >= from.start && b->scope->pages[n] < from.end)
            move_page(b, a, pid, n);
}

/* What an action on an object is done to. */
struct target {
    unsigned object; /* MAX_OBJECTS: not followed; ANY_OBJECT */
    uint64_t start;  /* bytes */
};

static struct target target_of(struct bytes *b, const struct script_action *a,
                               uint32_t pid)
{
    const struct page *p;

    if (a->object)
        return (struct target){object_of(b, a), a->pgoff << PAGE_SHIFT};
    p = find_page(b, pid, a->va);
    if (may_be_any(p))
        return (struct target){ANY_OBJECT, 0};
    if (p->kind != KIND_PRIVATE && p->kind != KIND_SHARED)
        return (struct target){MAX_OBJECTS, 0};
    return (struct target){p->object, ((uint64_t)p->index << PAGE_SHIFT) +
                                          page_offset(a->va)};
}

/* Private pages that are past the end now: their own bytes go, too. */
static void cut_copies(struct bytes *b, unsigned object, uint64_t size)
{
    for (uint32_t i = 0; i < WORLD_MAX_PROCESSES * b->scope->nr_pages; i++) {
        struct page *p = &b->pages[i];

        if (p->kind != KIND_PRIVATE || p->object != object ||
            ((uint64_t)p->index << PAGE_SHIFT) < size || p->own == NO)
            continue;
        wipe(p);
        p->cut = true;
    }
}

static void may_be_cut(struct page *p)
{
    if (p->kind == KIND_PRIVATE)
        may_be_wiped(p);
}

static void any_was_cut(struct bytes *b)
{
    any_object_changed(b);
    any_size_changed(b, true);
    on_all(b, may_be_cut);
}

/* Of a file that may have ended before, what was behind the end, or zeros. */
static void forget_end(struct bytes *b, unsigned object, uint64_t size)
{
    for (uint32_t i = 0; i < SCOPE_MAX; i++)
        if (((uint64_t)(i + 1) << PAGE_SHIFT) > size) {
            forget_cell(&b->objects[object].cell[i]);
            object_changed(b, object, i);
        }
}

static void did_truncate(struct bytes *b, const struct script_action *a,
                         uint32_t pid)
{
    struct target t = target_of(b, a, pid);
    uint64_t size = a->object ? a->nr : t.start;
    struct object *o;

    if (t.object == ANY_OBJECT)
        any_was_cut(b);
    if (t.object >= MAX_OBJECTS)
        return;
    o = &b->objects[t.object];
    if (size < o->size)
        object_set_all(b, t.object, size, UINT64_MAX, 0);
    else if (o->any_size)
        forget_end(b, t.object, size);
    if (size < o->size || o->any_size)
        cut_copies(b, t.object, size);
    o->size = size;
    o->any_size = false;
}

static void did_punch(struct bytes *b, const struct script_action *a,
                      uint32_t pid)
{
    struct target t = target_of(b, a, pid);

    if (t.object == ANY_OBJECT)
        any_object_changed(b);
    else if (t.object < MAX_OBJECTS)
        object_set_all(b, t.object, page_align_down(t.start),
                       page_align_down(t.start) + (a->pages << PAGE_SHIFT), 0);
}

static void did_pwrite(struct bytes *b, const struct script_action *a,
                       uint32_t pid, int err)
{
    struct target t = target_of(b, a, pid);
    uint64_t start = a->object ? a->nr : t.start;

    if (err == -EINVAL || err == -ENOENT || err == -EFBIG)
        return; /* there is nothing to write to */
    if (err || t.object == ANY_OBJECT) {
        any_object_changed(b);
        any_size_changed(b, false);
        return;
    }
    if (t.object == MAX_OBJECTS)
        return;
    object_set_all(b, t.object, start, start + a->len, a->value);
    if (start + a->len > b->objects[t.object].size)
        b->objects[t.object].size = start + a->len;
}

/* ------------------------------------------------------------------- stores */

/* Past the end of the file nobody promises anything. */
static bool is_kept(const struct bytes *b, const struct page *p, gva_t va)
{
    return p->kind != KIND_SHARED ||
           ((uint64_t)p->index << PAGE_SHIFT) + page_offset(va) <
               b->objects[p->object].size;
}

static void did_write(struct bytes *b, const struct script_action *a,
                      uint32_t pid, int err)
{
    struct page *p = find_page(b, pid, a->va);
    struct cell *cell;

    if (may_be_any(p)) {
        if (!err)
            any_object_changed(b);
        return;
    }
    take_over(b, p, err ? MAYBE : YES);
    cell = err ? NULL : shown(b, p);
    for (unsigned i = 0; cell && i < b->scope->nr_offsets; i++) {
        if (b->scope->offsets[i] != page_offset(a->va))
            continue;
        cell->byte[i] = a->value;
        cell->freed &= (uint16_t) ~(1u << i);
        cell->unknown &= (uint16_t) ~(1u << i);
        if (!is_kept(b, p, a->va))
            cell->unknown |= (uint16_t)(1u << i);
    }
    if (p->kind == KIND_SHARED && cell)
        object_changed(b, p->object, p->index);
}

/* A store of a tag is one to the page; one that fails may have been half. */
static void did_tag(struct bytes *b, const struct script_action *a,
                    const struct range *r, int err)
{
    enum maybe own = err || a->every > 1 ? MAYBE : YES;
    struct page *p;

    for (unsigned n = 0; (p = next_page(b, r, &n)) != NULL;)
        take_over(b, p, own);
}

static void may_take_over(struct bytes *b, const struct script_action *a,
                          uint32_t pid)
{
    struct page *p = find_page(b, pid, a->va);

    if (p)
        take_over(b, p, MAYBE);
}

/* ------------------------------------------------------------------ actions */

static void did(struct bytes *b, const struct script_action *a, uint32_t pid,
                int err)
{
    struct range r = range_of(a, pid);

    switch (a->verb) {
    case VERB_MMAP: did_mmap(b, a, pid, err); break;
    case VERB_MUNMAP:
        if (!err)
            on_range(b, &r, unmap);
        break;
    case VERB_MREMAP: did_mremap(b, a, pid, err); break;
    case VERB_MADVISE: did_madvise(b, a, &r, err); break;
    case VERB_FORK:
        if (!err)
            did_fork(b, pid, a->child);
        break;
    case VERB_EXIT:
        if (!err)
            did_exit(b, pid);
        break;
    case VERB_TRUNCATE:
        if (!err)
            did_truncate(b, a, pid);
        break;
    case VERB_PUNCH:
        if (!err)
            did_punch(b, a, pid);
        break;
    case VERB_PWRITE: did_pwrite(b, a, pid, err); break;
    case VERB_WRITE: did_write(b, a, pid, err); break;
    case VERB_TAG: did_tag(b, a, &r, err); break;
    case VERB_PIN: may_take_over(b, a, pid); break;
    default: break;
    }
}

void bytes_did(struct bytes *b, const struct script_action *a, uint32_t pid,
               const struct drive_result *r)
{
    if (a->pid)
        pid = a->pid;
    /* These say that nothing was done. */
    if (b->alive[pid] && r->err != -EDEADLK && r->err != -EHOSTDOWN)
        did(b, a, pid, r->err);
}

bool bytes_changes(const struct script_action *a)
{
    switch (a->verb) {
    case VERB_MMAP:
    case VERB_MUNMAP:
    case VERB_MREMAP:
    case VERB_MADVISE:
    case VERB_FORK:
    case VERB_EXIT:
    case VERB_TRUNCATE:
    case VERB_PUNCH:
    case VERB_PWRITE:
    case VERB_WRITE:
    case VERB_TAG:
    case VERB_PIN: return true;
    default: return false;
    }
}

static void forget_page(struct page *p)
{
    if (p->kind != KIND_NONE)
        lose(p);
}

static void forget_pages(struct bytes *b, const struct script_action *a)
{
    struct range r = range_of(a, 1);
    struct range to = {
        .pid = 1, .start = a->to, .end = a->to + (a->to_pages << PAGE_SHIFT)};

    if (r.end == r.start)
        r.end += PAGE_SIZE;
    for (; r.pid <= WORLD_MAX_PROCESSES; to.pid = ++r.pid) {
        on_range(b, &r, forget_page);
        on_range(b, &to, forget_page);
    }
}

static bool sets_size(const struct script_action *a)
{
    return a->verb == VERB_TRUNCATE || a->verb == VERB_PWRITE;
}

void bytes_forget(struct bytes *b, const struct script_action *one,
                  const struct script_action *other)
{
    forget_pages(b, one);
    forget_pages(b, other);
    any_object_changed(b);
    if (sets_size(one) && sets_size(other))
        any_size_changed(b, true);
}

/* --------------------------------------------------------------- comparison */

static bool is_past_end(const struct bytes *b, const struct page *p)
{
    return (p->kind == KIND_SHARED || p->kind == KIND_PRIVATE) &&
           !b->objects[p->object].any_size &&
           ((uint64_t)p->index << PAGE_SHIFT) >= b->objects[p->object].size;
}

static bool is_wrong(const struct bytes *b, const struct cell *cell,
                     const uint8_t *page)
{
    for (unsigned i = 0; i < b->scope->nr_offsets; i++) {
        uint8_t is = page[b->scope->offsets[i]];

        if (is != cell->byte[i] && !(cell->unknown >> i & 1) &&
            !(cell->freed >> i & 1 && is == 0))
            return true;
    }
    return false;
}

/* On which the action shows a page, or leaves it in another frame. */
static enum mm_path path_of(const struct script_action *a)
{
    switch (a->verb) {
    case VERB_READ:
    case VERB_WRITE:
    case VERB_TAG:
    case VERB_PIN: return PATH_FAULT;
    case VERB_SWAPOFF: return PATH_SWAPOFF;
    case VERB_SWAPOUT: return PATH_SWAP_OUT;
    case VERB_MIGRATE:
    case VERB_MOVE: return PATH_MIGRATE_IN;
    case VERB_MREMAP: return PATH_MREMAP;
    case VERB_FORK: return PATH_FORK;
    case VERB_TRUNCATE:
    case VERB_PUNCH: return PATH_TRUNCATE;
    case VERB_PWRITE: return PATH_COPY_IN;
    default: return PATH_NONE;
    }
}

static enum cause_id cause_of(const struct page *p, const struct folio *folio)
{
    if (p->cut)
        return CAUSE_TRUNCATE;
    return folio_test(folio, PG_uptodate) ? CAUSE_UNKNOWN : CAUSE_UNUSE_READ;
}

/* What a page must have, and what is mapped at its address. */
static bool compare(struct bytes *b, struct page *p, const struct phys *ph,
                    pfn_t pfn, struct found_key *key)
{
    struct cell *cell = shown(b, p);
    bool past_end = cell && is_past_end(b, p);

    if (!past_end && (!cell || !is_wrong(b, cell, phys_page(ph, pfn)))) {
        p->cut = false;
        return false;
    }
    key->class = FOUND_DATA;
    key->detail = past_end ? DATA_PAST_END : DATA_CHANGED;
    key->cause = cause_of(p, phys_folio(ph, pfn));
    cell->unknown = ALL_UNKNOWN;
    if (past_end)
        lose(p);
    return true;
}

static bool look_at(struct bytes *b, const struct alone *a, uint32_t pid,
                    struct found_key *key)
{
    struct mm *mm = drive_find_mm(alone_drive(a), pid);
    bool found = false;

    for (unsigned n = 0; mm && n < b->scope->nr_pages; n++) {
        struct page *p = page_at(b, pid, n);
        const pte_t *ptep =
            p->kind == KIND_NONE ? NULL : mm_pte(mm, b->scope->pages[n]);

        if (ptep && pte_present(*ptep) &&
            compare(b, p, memory_phys(alone_memory(a)), pte_pfn(*ptep), key))
            found = true;
    }
    return found;
}

bool bytes_look(struct bytes *b, const struct alone *a,
                const struct script_action *action, struct found_key *key)
{
    bool found = false;

    *key = (struct found_key){.path = path_of(action)};
    for (uint32_t pid = 1; pid <= WORLD_MAX_PROCESSES; pid++)
        if (b->alive[pid] && look_at(b, a, pid, key))
            found = true;
    return found;
}

void bytes_hash(const struct bytes *b, uint64_t out[static 2])
{
    size_t nr = (size_t)WORLD_MAX_PROCESSES * b->scope->nr_pages;
    XXH128_hash_t hash =
        b->objects
            ? XXH3_128bits(b->objects, MAX_OBJECTS * sizeof(b->objects[0]))
            : (XXH128_hash_t){0, 0};

    out[0] = hash.low64;
    out[1] = hash.high64;
    hash = XXH3_128bits(b->alive, offsetof(struct bytes, pages) -
                                      offsetof(struct bytes, alive) +
                                      nr * sizeof(b->pages[0]));
    out[0] += hash.low64 * UINT64_C(0x9e3779b97f4a7c15);
    out[1] += hash.high64 * UINT64_C(0x9e3779b97f4a7c15);
}
