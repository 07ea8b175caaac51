// SPDX-License-Identifier: GPL-2.0-or-later
#include "check/windows.h"

#include <stdlib.h>
#include <string.h>

/* A model that forgets would accuse the wrong one. */
#define HASH_NONFATAL_OOM        1
#define uthash_nonfatal_oom(elt) abort()
#include <uthash.h>

#define FULL_BYTES  (8 * PAGE_SIZE)     /* tags of 8 MiB, 4 bits for 64 bytes */
#define SMALL_BYTES PAGE_SIZE           /* tags of 1 MiB */
#define COVERED(b)  ((b)*2 * ADI_BLKSZ) /* memory that so many bytes cover */

/* A page in a buffer. */
struct saved {
    uint64_t index;
    unsigned window;
    adi_tag_t tags[ADI_TAGS_PER_PAGE];
    uint64_t copies, cut;
    UT_hash_handle hh;
};

struct windows {
    struct window nth[WINDOWS_MAX];
    struct saved *pages;
};

struct windows *windows_create(void)
{
    return calloc(1, sizeof(struct windows));
}

void windows_destroy(struct windows *w)
{
    struct saved *s, *next;

    if (!w)
        return;
    HASH_ITER(hh, w->pages, s, next) {
        HASH_DEL(w->pages, s);
        free(s);
    }
    free(w);
}

const struct window *windows_nth(const struct windows *w, unsigned n)
{
    return &w->nth[n];
}

static struct saved *find(const struct windows *w, gva_t va)
{
    uint64_t index = va >> PAGE_SHIFT;
    struct saved *s;

    HASH_FIND(hh, w->pages, &index, sizeof(index), s);
    return s;
}

static struct saved *get(struct windows *w, gva_t va, unsigned window)
{
    struct saved *s = find(w, va);

    if (s)
        return s;
    s = calloc(1, sizeof(*s));
    if (!s)
        abort();
    s->index = va >> PAGE_SHIFT;
    s->window = window;
    HASH_ADD(hh, w->pages, index, sizeof(s->index), s);
    return s;
}

/* The window in which the whole page lies, or WINDOWS_MAX. */
static unsigned covering(const struct windows *w, gva_t va)
{
    for (unsigned n = 0; n < WINDOWS_MAX; n++)
        if (w->nth[n].users > 0 && w->nth[n].start <= va &&
            va + PAGE_SIZE - 1 <= w->nth[n].end)
            return n;
    return WINDOWS_MAX;
}

/*
 * A new window begins at its first page and has 8 MiB.  Where another begins
 * sooner it ends there, and reaches as far down as its size, or the next
 * window below, allows.
 */
static void place(struct windows *w, struct window *new, gva_t va)
{
    gva_t above = UINT64_MAX, below = 0;
    uint64_t bytes = FULL_BYTES;

    for (unsigned n = 0; n < WINDOWS_MAX; n++) {
        const struct window *o = &w->nth[n];

        if (o == new || o->users == 0)
            continue;
        if (o->start > va && o->start < above)
            above = o->start;
        if (o->end < va && o->end > below)
            below = o->end;
    }
    if (va + COVERED(bytes) - 1 < va)
        bytes = SMALL_BYTES;
    new->start = va;
    new->end =
        va + COVERED(bytes) - 1 < va ? UINT64_MAX : va + COVERED(bytes) - 1;
    if (above < new->end) {
        new->end = above - 1;
        if (new->end >= COVERED(bytes) - 1)
            new->start = new->end - (COVERED(bytes) - 1);
        else if (new->end >= COVERED(SMALL_BYTES) + 1)
            new->start = new->end - (COVERED(SMALL_BYTES) + 1);
        else
            new->start = 0;
        if (new->start < below)
            new->start = below + 1;
        bytes = (new->end + 1 - new->start) / (2 * ADI_BLKSZ);
        bytes = (bytes + PAGE_SIZE - ADI_BLKSZ) / PAGE_SIZE * PAGE_SIZE;
    }
    new->bytes = bytes;
}

bool windows_save(struct windows *w, gva_t va,
                  const adi_tag_t tags[static ADI_TAGS_PER_PAGE], bool *orphan)
{
    unsigned n = covering(w, va);
    struct saved *s;

    *orphan = false;
    if (n == WINDOWS_MAX) {
        for (n = 0; n < WINDOWS_MAX && w->nth[n].users > 0;)
            n++;
        if (n == WINDOWS_MAX)
            return false;
        *orphan = w->nth[n].buffer;
        place(w, &w->nth[n], va);
        w->nth[n].buffer = true;
    }
    w->nth[n].users++;
    w->nth[n].copies++;
    s = get(w, va, n);
    memcpy(s->tags, tags, sizeof(s->tags));
    s->copies++;
    return true;
}

/* The last user is gone: the buffer with all that is in it. */
static void drop(struct windows *w, unsigned n, gva_t but,
                 void (*lost)(void *ctx, gva_t va), void *ctx)
{
    struct saved *s, *next;

    HASH_ITER(hh, w->pages, s, next) {
        if (s->window != n)
            continue;
        if (s->copies > s->cut && s->index != but >> PAGE_SHIFT)
            lost(ctx, s->index << PAGE_SHIFT);
        HASH_DEL(w->pages, s);
        free(s);
    }
    w->nth[n] = (struct window){.buffer = n == 0,
                                .bytes = n == 0 ? w->nth[n].bytes : 0};
}

void windows_restore(struct windows *w, gva_t va, struct windows_found *found,
                     void (*lost)(void *ctx, gva_t va), void *ctx)
{
    unsigned n = covering(w, va);
    struct saved *s;

    memset(found, 0, sizeof(*found));
    if (n == WINDOWS_MAX)
        return;
    found->covered = true;
    s = find(w, va);
    if (s) {
        memcpy(found->tags, s->tags, sizeof(found->tags));
        memset(s->tags, 0, sizeof(s->tags));
        found->copy = s->copies > 0;
        found->own = s->copies > s->cut;
    }
    if (found->copy) {
        s->copies--;
        w->nth[n].copies--;
        if (s->cut > s->copies) {
            s->cut--;
            w->nth[n].cut--;
        }
    }
    if (--w->nth[n].users == 0)
        drop(w, n, va, lost, ctx);
}

void windows_release_late(struct windows *w, unsigned n,
                          void (*lost)(void *ctx, gva_t va), void *ctx)
{
    w->nth[n].lost = w->nth[n].users == 0 || w->nth[n].lost;
    if (--w->nth[n].users == 0)
        drop(w, n, UINT64_MAX, lost, ctx);
}

bool windows_saved(const struct windows *w, gva_t va,
                   adi_tag_t tags[static ADI_TAGS_PER_PAGE])
{
    const struct saved *s = find(w, va);

    if (covering(w, va) == WINDOWS_MAX)
        return false;
    if (s)
        memcpy(tags, s->tags, sizeof(s->tags));
    else
        memset(tags, 0, ADI_TAGS_PER_PAGE);
    return true;
}

void windows_cut(struct windows *w, gva_t va, gva_t end)
{
    struct saved *s, *next;

    HASH_ITER(hh, w->pages, s, next) {
        gva_t at = s->index << PAGE_SHIFT;

        if (at < va || at >= end)
            continue;
        w->nth[s->window].cut += s->copies - s->cut;
        s->cut = s->copies;
    }
}
