// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/scope.h"

#include "explore/world.h"

#define TOO_MANY      "the steps are about more than 16 pages"
#define MORE_THAN_512 "the steps are about more than 512 pages"

/* False: there is no room. */
static bool add_page(struct scope *s, gva_t va)
{
    unsigned i = 0;

    va = page_align_down(va);
    while (i < s->nr_pages && s->pages[i] != va)
        i++;
    if (i == (s->many ? SCOPE_MANY : SCOPE_MAX))
        return false;
    if (i == s->nr_pages)
        s->pages[s->nr_pages++] = va;
    return true;
}

static bool add_offset(struct scope *s, unsigned offset)
{
    unsigned i = 0;

    while (i < s->nr_offsets && s->offsets[i] != offset)
        i++;
    if (i == SCOPE_MAX)
        return false;
    if (i == s->nr_offsets)
        s->offsets[s->nr_offsets++] = offset;
    return true;
}

/* @pages UINT64_MAX: all that other steps have mapped. */
static bool add_range(struct scope *s, gva_t va, uint64_t pages)
{
    if (pages == UINT64_MAX || va == 0)
        return true;
    if (pages > SCOPE_MAX)
        return false;
    for (uint64_t i = 1; i < pages; i++)
        if (!add_page(s, va + i * PAGE_SIZE))
            return false;
    return add_page(s, va);
}

/* The first page of each @every. */
static bool add_some(struct scope *s, const struct script_action *a)
{
    if ((a->pages - 1) / a->every >= SCOPE_MANY)
        return false;
    s->many = true;
    for (uint64_t i = 0; i < a->pages; i += a->every)
        if (!add_page(s, a->va + i * PAGE_SIZE))
            return false;
    return true;
}

/* Does it leave the pages of its range that nobody has touched alone?  Then
 * those that are of other steps are enough. */
static bool makes_no_page(const struct script_action *a)
{
    switch (a->verb) {
    case VERB_MMAP:
    case VERB_MUNMAP:
    case VERB_MPROTECT:
    case VERB_SWAPOUT: return true;
    default: return false;
    }
}

static const char *add_pages(struct scope *s, const struct script_action *a)
{
    if (a->every > 1)
        return add_some(s, a) ? NULL : MORE_THAN_512;
    if (a->pages > SCOPE_MAX && makes_no_page(a))
        return NULL;
    return add_range(s, a->va, a->pages) && add_range(s, a->to, a->to_pages)
               ? NULL
               : TOO_MANY;
}

/* Of which pages of an object an action speaks. */
static uint64_t object_end(const struct script_action *a)
{
    uint64_t pages = a->pages == UINT64_MAX ? 0 : a->pages;
    uint64_t bytes =
        a->verb == VERB_TRUNCATE || a->verb == VERB_PWRITE ? a->nr + a->len : 0;
    uint64_t by_bytes = (bytes >> PAGE_SHIFT) + (page_offset(bytes) != 0);

    if (a->pgoff + pages < pages || bytes < a->nr)
        return UINT64_MAX;
    return a->pgoff + pages > by_bytes ? a->pgoff + pages : by_bytes;
}

static bool add_object(struct scope *s, const struct script_action *a)
{
    uint64_t end = object_end(a);

    if (a->object == 0 && a->backing == BACKING_ANON)
        return true;
    if (end > SCOPE_MAX)
        return false;
    if (end > s->object_pages)
        s->object_pages = (unsigned)end;
    return true;
}

/* What depends on more than is written down. */
static const char *refusal(enum script_verb verb)
{
    switch (verb) {
    case VERB_RECLAIM:
    case VERB_COMPACT:
        return "what it does depends on lists of frames, which no state has";
    case VERB_MBIND: return "no state has memory policies";
    default: return NULL;
    }
}

const char *scope_add(struct scope *s, const struct script_action *a)
{
    const char *why = refusal(a->verb);

    if (why)
        return why;
    if (a->pid > WORLD_MAX_PROCESSES || a->child > WORLD_MAX_PROCESSES)
        return "a process above 4";
    why = add_pages(s, a);
    if (why)
        return why;
    if (!add_object(s, a))
        return TOO_MANY;
    if (!add_offset(s, (unsigned)page_offset(a->va)) ||
        !add_offset(s, PAGE_SIZE - 1))
        return "the steps are about more than 16 bytes of a page";
    return NULL;
}
