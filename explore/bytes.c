// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/bytes.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/heap.h"
#include "explore/bytes_internal.h"
#include "mm/madvise.h"
#include "mm/policy.h"

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

/* ---------------------------------------------------------------- processes */

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

/* -------------------------------------------------------------------- areas */

static struct page new_page(const struct bytes *b,
                            const struct script_action *a, gva_t va)
{
    struct page p = {.kind = KIND_ANON};

    if (a->backing == BACKING_ANON && !a->shared)
        return p;
    p.kind = a->shared ? KIND_SHARED : KIND_PRIVATE;
    p.object = (uint8_t)bytes_object_of(b, a);
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

    bytes_make_object(b, a);
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
            bytes_any_object_changed(b);
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
        bytes_object_changed(b, p->object, p->index);
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
            bytes_truncate(b, a, pid);
        break;
    case VERB_PUNCH:
        if (!err)
            bytes_punch(b, a, pid);
        break;
    case VERB_PWRITE: bytes_pwrite(b, a, pid, err); break;
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
    bytes_any_object_changed(b);
    if (sets_size(one) && sets_size(other))
        bytes_any_size_changed(b, true);
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
