// SPDX-License-Identifier: GPL-2.0-or-later
#include "check/descs.h"

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
    unsigned desc;
    adi_tag_t tags[ADI_TAGS_PER_PAGE];
    uint64_t copies, cut;
    UT_hash_handle hh;
};

struct descs {
    struct desc nth[DESCS_MAX];
    struct saved *pages;
};

struct descs *descs_create(void)
{
    return calloc(1, sizeof(struct descs));
}

void descs_destroy(struct descs *d)
{
    struct saved *s, *next;

    if (!d)
        return;
    HASH_ITER(hh, d->pages, s, next) {
        HASH_DEL(d->pages, s);
        free(s);
    }
    free(d);
}

const struct desc *descs_nth(const struct descs *d, unsigned n)
{
    return &d->nth[n];
}

static struct saved *find(const struct descs *d, gva_t va)
{
    uint64_t index = va >> PAGE_SHIFT;
    struct saved *s;

    HASH_FIND(hh, d->pages, &index, sizeof(index), s);
    return s;
}

static struct saved *get(struct descs *d, gva_t va, unsigned desc)
{
    struct saved *s = find(d, va);

    if (s)
        return s;
    s = calloc(1, sizeof(*s));
    if (!s)
        abort();
    s->index = va >> PAGE_SHIFT;
    s->desc = desc;
    HASH_ADD(hh, d->pages, index, sizeof(s->index), s);
    return s;
}

/* The descriptor in whose range the whole page lies, or DESCS_MAX. */
static unsigned covering(const struct descs *d, gva_t va)
{
    for (unsigned n = 0; n < DESCS_MAX; n++)
        if (d->nth[n].users > 0 && d->nth[n].start <= va &&
            va + PAGE_SIZE - 1 <= d->nth[n].end)
            return n;
    return DESCS_MAX;
}

/*
 * A new descriptor begins at its first page and has 8 MiB.  Where another
 * begins sooner it ends there, and reaches as far down as its size, or the
 * next one below, allows.
 */
static void place(struct descs *d, struct desc *new, gva_t va)
{
    gva_t above = UINT64_MAX, below = 0;
    uint64_t bytes = FULL_BYTES;

    for (unsigned n = 0; n < DESCS_MAX; n++) {
        const struct desc *o = &d->nth[n];

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

bool descs_save(struct descs *d, gva_t va,
                const adi_tag_t tags[static ADI_TAGS_PER_PAGE], bool *orphan)
{
    unsigned n = covering(d, va);
    struct saved *s;

    *orphan = false;
    if (n == DESCS_MAX) {
        for (n = 0; n < DESCS_MAX && d->nth[n].users > 0;)
            n++;
        if (n == DESCS_MAX)
            return false;
        *orphan = d->nth[n].buffer;
        place(d, &d->nth[n], va);
        d->nth[n].buffer = true;
    }
    d->nth[n].users++;
    d->nth[n].copies++;
    s = get(d, va, n);
    memcpy(s->tags, tags, sizeof(s->tags));
    s->copies++;
    return true;
}

/* The last user is gone: the buffer with all that is in it. */
static void drop(struct descs *d, unsigned n, gva_t but,
                 void (*lost)(void *ctx, gva_t va), void *ctx)
{
    struct saved *s, *next;

    HASH_ITER(hh, d->pages, s, next) {
        if (s->desc != n)
            continue;
        if (s->copies > s->cut && s->index != but >> PAGE_SHIFT)
            lost(ctx, s->index << PAGE_SHIFT);
        HASH_DEL(d->pages, s);
        free(s);
    }
    d->nth[n] =
        (struct desc){.buffer = n == 0, .bytes = n == 0 ? d->nth[n].bytes : 0};
}

void descs_restore(struct descs *d, gva_t va, struct descs_found *found,
                   void (*lost)(void *ctx, gva_t va), void *ctx)
{
    unsigned n = covering(d, va);
    struct saved *s;

    memset(found, 0, sizeof(*found));
    if (n == DESCS_MAX)
        return;
    found->covered = true;
    s = find(d, va);
    if (s) {
        memcpy(found->tags, s->tags, sizeof(found->tags));
        memset(s->tags, 0, sizeof(s->tags));
        found->copy = s->copies > 0;
        found->own = s->copies > s->cut;
    }
    if (found->copy) {
        s->copies--;
        d->nth[n].copies--;
        if (s->cut > s->copies) {
            s->cut--;
            d->nth[n].cut--;
        }
    }
    if (--d->nth[n].users == 0)
        drop(d, n, va, lost, ctx);
}

void descs_release_late(struct descs *d, unsigned n,
                        void (*lost)(void *ctx, gva_t va), void *ctx)
{
    d->nth[n].lost = d->nth[n].users == 0 || d->nth[n].lost;
    if (--d->nth[n].users == 0)
        drop(d, n, UINT64_MAX, lost, ctx);
}

bool descs_saved(const struct descs *d, gva_t va,
                 adi_tag_t tags[static ADI_TAGS_PER_PAGE])
{
    const struct saved *s = find(d, va);

    if (covering(d, va) == DESCS_MAX)
        return false;
    if (s)
        memcpy(tags, s->tags, sizeof(s->tags));
    else
        memset(tags, 0, ADI_TAGS_PER_PAGE);
    return true;
}

void descs_cut(struct descs *d, gva_t va, gva_t end)
{
    struct saved *s, *next;

    HASH_ITER(hh, d->pages, s, next) {
        gva_t at = s->index << PAGE_SHIFT;

        if (at < va || at >= end)
            continue;
        d->nth[s->desc].cut += s->copies - s->cut;
        s->cut = s->copies;
    }
}
