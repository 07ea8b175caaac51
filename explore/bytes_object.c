// SPDX-License-Identifier: GPL-2.0-or-later
/* What objects have: shared memory and files, and copies of their pages. */
#include <errno.h>

#include "explore/bytes_internal.h"

/* By number; MAX_OBJECTS: it is not followed. */
unsigned bytes_object_of(const struct bytes *b, const struct script_action *a)
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
void bytes_make_object(struct bytes *b, const struct script_action *a)
{
    unsigned i = 0;

    if ((a->backing == BACKING_ANON && !a->shared) || a->object == 0 ||
        !b->objects || bytes_object_of(b, a) < MAX_OBJECTS)
        return;
    while (i < MAX_OBJECTS && b->objects[i].number)
        i++;
    if (i == MAX_OBJECTS)
        return;
    b->objects[i].number = a->object;
    b->objects[i].file = a->backing == BACKING_FILE;
    b->objects[i].size = (a->pgoff + a->pages) << PAGE_SHIFT;
}

/* ------------------------------------------------------------------ stores */

/* The object's page is another now: who has, or may have, a copy? */
void bytes_object_changed(struct bytes *b, unsigned object, uint32_t index)
{
    for (uint32_t i = 0; i < WORLD_MAX_PROCESSES * b->scope->nr_pages; i++) {
        struct page *p = &b->pages[i];

        if (p->kind == KIND_PRIVATE && p->object == object &&
            p->index == index && p->own == MAYBE)
            p->cell.unknown = ALL_UNKNOWN;
    }
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
void bytes_any_object_changed(struct bytes *b)
{
    for (unsigned o = 0; b->objects && o < MAX_OBJECTS; o++)
        for (unsigned i = 0; i < SCOPE_MAX; i++)
            if (b->objects[o].number)
                forget_cell(&b->objects[o].cell[i]);
    on_all(b, any_copy_changed);
}

/* @cut: it may be less, too */
void bytes_any_size_changed(struct bytes *b, bool cut)
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
    bytes_object_changed(b, object, index);
}

static void object_set_all(struct bytes *b, unsigned object, uint64_t start,
                           uint64_t end, uint8_t value)
{
    for (uint32_t i = 0; i < SCOPE_MAX; i++)
        if (((uint64_t)(i + 1) << PAGE_SHIFT) > start &&
            ((uint64_t)i << PAGE_SHIFT) < end)
            object_set(b, object, i, start, end, value);
}

/* ----------------------------------------------- truncate, punch, pwrite */

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
        return (struct target){bytes_object_of(b, a), a->pgoff << PAGE_SHIFT};
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
    bytes_any_object_changed(b);
    bytes_any_size_changed(b, true);
    on_all(b, may_be_cut);
}

/* Of a file that may have ended before, what was behind the end, or zeros. */
static void forget_end(struct bytes *b, unsigned object, uint64_t size)
{
    for (uint32_t i = 0; i < SCOPE_MAX; i++)
        if (((uint64_t)(i + 1) << PAGE_SHIFT) > size) {
            forget_cell(&b->objects[object].cell[i]);
            bytes_object_changed(b, object, i);
        }
}

void bytes_truncate(struct bytes *b, const struct script_action *a,
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

void bytes_punch(struct bytes *b, const struct script_action *a, uint32_t pid)
{
    struct target t = target_of(b, a, pid);

    if (t.object == ANY_OBJECT)
        bytes_any_object_changed(b);
    else if (t.object < MAX_OBJECTS)
        object_set_all(b, t.object, page_align_down(t.start),
                       page_align_down(t.start) + (a->pages << PAGE_SHIFT), 0);
}

void bytes_pwrite(struct bytes *b, const struct script_action *a, uint32_t pid,
                  int err)
{
    struct target t = target_of(b, a, pid);
    uint64_t start = a->object ? a->nr : t.start;

    if (err == -EINVAL || err == -ENOENT || err == -EFBIG)
        return; /* there is nothing to write to */
    if (err || t.object == ANY_OBJECT) {
        bytes_any_object_changed(b);
        bytes_any_size_changed(b, false);
        return;
    }
    if (t.object == MAX_OBJECTS)
        return;
    object_set_all(b, t.object, start, start + a->len, a->value);
    if (start + a->len > b->objects[t.object].size)
        b->objects[t.object].size = start + a->len;
}
