// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/ledger.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* Books with a page missing prove nothing. */
#define HASH_NONFATAL_OOM        1
#define uthash_nonfatal_oom(elt) abort()
#include <uthash.h>

#include "judge/lives.h"

/* One save that was not released yet. */
struct copy {
    uint64_t index; /* page: va >> PAGE_SHIFT; slot: swap entry */
    uint64_t buf;   /* 0: a store without buffers */
    uint64_t bytes;
    size_t life; /* its number in the lives, 0: none */
    struct stamp saved;
    struct stamp cut;         /* its entry went away here; nr 0: entry exists */
    bool at_exit;             /* of a slot: was there when the last mm left */
    bool judged;              /* of a slot: is among the leaks */
    struct copy *prev, *next; /* of the page, oldest first */
};

struct page {
    uint64_t index;
    struct copy *copies;
    UT_hash_handle hh;
};

struct buffer {
    uint64_t nr;
    uint32_t mm;
    uint32_t slot;
    gva_t start, end;
    uint64_t bytes;
    bool idle;           /* no users, but kept by the store */
    struct leak verdict; /* users, leaked and cut, at exit */
    struct stamp alloc;
    UT_hash_handle hh;
};

/* An address space, or a shared object. */
struct space {
    uint64_t key; /* SLOTS, the mm's number, or the object's << 32 */
    uint32_t mm;  /* 0: slots, or a shared object */
    uint64_t nr_copies;
    struct page *pages;
    UT_hash_handle hh;
};

#define SLOTS 0 /* the key of copies that belong to swap slots */

struct ledger {
    const struct event *now; /* borrowed; that is being told */
    struct lives *lives;     /* borrowed; NULL: nobody wants them */
    unsigned live;           /* address spaces that have not exited */
    struct space *spaces;
    struct buffer *buffers;
    struct leak *leaks;
    size_t nr_leaks, cap_leaks;
    struct misreleases wrong;
};

struct ledger *ledger_create(void)
{
    struct ledger *l = calloc(1, sizeof(*l));

    if (l)
        l->wrong.records.all = true;
    return l;
}

void ledger_keep_lives(struct ledger *l, struct lives *lives)
{
    l->lives = lives;
}

static void *must(void *p)
{
    if (!p)
        abort(); /* books with a page missing prove nothing */
    return p;
}

static void copy_free(struct space *s, struct page *p, struct copy *c)
{
    DL_DELETE(p->copies, c);
    free(c);
    s->nr_copies--;
    if (!p->copies) {
        HASH_DEL(s->pages, p);
        free(p);
    }
}

static void space_clear(struct space *s)
{
    struct page *p, *next;

    HASH_ITER(hh, s->pages, p, next) {
        struct copy *c, *c_next;

        DL_FOREACH_SAFE(p->copies, c, c_next)
        {
            DL_DELETE(p->copies, c);
            free(c);
        }
        HASH_DEL(s->pages, p);
        free(p);
    }
    s->nr_copies = 0;
}

void ledger_destroy(struct ledger *l)
{
    struct space *s, *s_next;
    struct buffer *b, *b_next;

    if (!l)
        return;
    HASH_ITER(hh, l->spaces, s, s_next) {
        space_clear(s);
        HASH_DEL(l->spaces, s);
        free(s);
    }
    HASH_ITER(hh, l->buffers, b, b_next) {
        HASH_DEL(l->buffers, b);
        free(b);
    }
    free(l->leaks);
    misreleases_fini(&l->wrong);
    free(l);
}

static struct space *space_find(const struct ledger *l, uint64_t key)
{
    struct space *s;

    HASH_FIND(hh, l->spaces, &key, sizeof(key), s);
    return s;
}

static struct space *space_add(struct ledger *l, uint64_t key, uint32_t mm)
{
    struct space *s = space_find(l, key);

    if (s)
        return s;
    s = must(calloc(1, sizeof(*s)));
    s->key = key;
    s->mm = mm;
    HASH_ADD(hh, l->spaces, key, sizeof(s->key), s);
    return s;
}

static struct space *space_get(struct ledger *l, uint32_t mm)
{
    return space_add(l, mm, mm);
}

/* Where the page of an event belongs: an address space, or an object. */
static struct space *space_of_page(struct ledger *l, const struct event *ev)
{
    return space_add(l, ev->mm ? ev->mm : ev->object << 32, ev->mm);
}

/* Where the copy of an event belongs. */
static struct space *space_of(struct ledger *l, const struct event *ev)
{
    return ev->by_entry ? space_get(l, SLOTS) : space_of_page(l, ev);
}

static struct page *page_find(const struct space *s, uint64_t index)
{
    struct page *p;

    HASH_FIND(hh, s->pages, &index, sizeof(index), p);
    return p;
}

static struct page *page_get(struct space *s, uint64_t index)
{
    struct page *p = page_find(s, index);

    if (p)
        return p;
    p = must(calloc(1, sizeof(*p)));
    p->index = index;
    HASH_ADD(hh, s->pages, index, sizeof(p->index), p);
    return p;
}

static struct buffer *buffer_find(const struct ledger *l, uint64_t nr)
{
    struct buffer *b;

    HASH_FIND(hh, l->buffers, &nr, sizeof(nr), b);
    return b;
}

static struct leak *new_leak(struct ledger *l)
{
    if (l->nr_leaks == l->cap_leaks) {
        l->cap_leaks = l->cap_leaks ? l->cap_leaks * 2 : 16;
        l->leaks = must(realloc(l->leaks, l->cap_leaks * sizeof(*l->leaks)));
    }
    memset(&l->leaks[l->nr_leaks], 0, sizeof(*l->leaks));
    return &l->leaks[l->nr_leaks++];
}

/* -------------------------------------------------------------- verdicts */

/* Count a copy in its buffer's verdict. */
static void judge_user(struct leak *leak, const struct copy *c)
{
    leak->users++;
    if (c->cut.nr == 0)
        return;
    leak->leaked++;
    if (c->cut.nr > leak->cut.nr)
        leak->cut = c->cut;
}

static void judge_buffer(struct ledger *l, const struct buffer *b)
{
    struct leak leak = b->verdict;

    leak.judged = stamp_of(l->now);
    leak.kind = LEAK_REACHABLE;
    if (leak.leaked)
        leak.kind = leak.leaked == leak.users ? LEAK_DEFINITE : LEAK_PARTLY;
    leak.mm = b->mm;
    leak.count = 1;
    leak.start = b->start;
    leak.end = b->end;
    leak.bytes = b->bytes;
    leak.slot = b->slot;
    leak.buf = b->nr;
    leak.alloc = b->alloc;
    *new_leak(l) = leak;
}

/*
 * Saved and cut off by the same code, and next to what @leak covers; slots
 * are taken as they come, so those need not be neighbours.
 */
static bool same_story(const struct leak *leak, const struct leak *next)
{
    return leak->kind == next->kind && leak->mm == next->mm && leak->buf == 0 &&
           leak->object == next->object &&
           (leak->entry != 0) == (next->entry != 0) &&
           (leak->entry || leak->end == next->start) &&
           leak->alloc.path == next->alloc.path &&
           leak->alloc.pc == next->alloc.pc &&
           leak->alloc.line == next->alloc.line &&
           leak->cut.line == next->cut.line &&
           leak->cut.path == next->cut.path && leak->cut.pc == next->cut.pc;
}

static void judge_copy(struct ledger *l, const struct space *s,
                       const struct copy *c)
{
    struct leak leak = {
        .kind = c->cut.nr ? LEAK_DEFINITE : LEAK_REACHABLE,
        .mm = s->mm,
        .object = s->key >> 32,
        .count = 1,
        .bytes = c->bytes,
        .users = 1,
        .leaked = c->cut.nr != 0,
        .alloc = c->saved,
        .cut = c->cut,
        .judged = stamp_of(l->now),
    };
    struct leak *last = l->nr_leaks ? &l->leaks[l->nr_leaks - 1] : NULL;

    lives_judge(l->lives, c->life);
    if (s->key == SLOTS) {
        leak.entry = c->index;
    } else {
        leak.start = c->index << PAGE_SHIFT;
        leak.end = (c->index + 1) << PAGE_SHIFT;
    }
    if (!last || !same_story(last, &leak)) {
        *new_leak(l) = leak;
        return;
    }
    last->end = leak.end;
    last->count++;
    last->bytes += leak.bytes;
    last->users++;
    last->leaked += leak.leaked;
    if (leak.cut.nr > last->cut.nr)
        last->cut = leak.cut;
}

/* ---------------------------------------------------------------- books */

/* The page, or the slot, that the copy of @ev belongs to. */
static uint64_t index_of(const struct event *ev)
{
    return ev->by_entry ? ev->entry : ev->va >> PAGE_SHIFT;
}

static void save(struct ledger *l, struct space *s, const struct event *ev,
                 size_t life)
{
    struct page *p = page_get(s, index_of(ev));
    struct copy *c = must(calloc(1, sizeof(*c)));

    /* A store without buffers has one copy a page: it is replaced. */
    if (ev->buf == 0 && p->copies) {
        *c = *p->copies;
        lives_end(l->lives, c->life, LIFE_REPLACED, ev);
        copy_free(s, p, p->copies);
        p = page_get(s, index_of(ev));
    }
    *c = (struct copy){.index = p->index,
                       .buf = ev->buf,
                       .bytes = ev->bytes,
                       .life = life,
                       .saved = stamp_of(ev)};
    DL_APPEND(p->copies, c);
    s->nr_copies++;
}

static void saved(struct ledger *l, const struct event *ev)
{
    save(l, space_of(l, ev), ev, lives_begin(l->lives, LIFE_SAVED, 0, ev));
}

/* fork: the child has a copy of its own. */
static void duplicated(struct ledger *l, const struct event *ev)
{
    const struct page *from =
        page_find(space_get(l, ev->mm), ev->va >> PAGE_SHIFT);
    size_t parent = from ? from->copies->prev->life : 0;

    save(l, space_get(l, ev->mm2), ev,
         lives_begin(l->lives, LIFE_SHARED, parent, ev));
}

/* The page's newest copy is released, if it has one. */
static void release(struct ledger *l, const struct event *ev)
{
    struct space *s = space_of(l, ev);
    struct page *p = page_find(s, index_of(ev));
    struct copy *c = p ? p->copies->prev : NULL; /* the list's tail */

    if (!c || (ev->buf && c->buf != ev->buf)) {
        misreleases_add(&l->wrong, ev,
                        ev->late ? RELEASE_REUSED : RELEASE_UNSAVED);
        return;
    }
    if (c->at_exit)
        judge_copy(l, s, c);
    lives_end(l->lives, c->life,
              ev->kind == EV_TAG_RESTORE ? LIFE_RESTORED : LIFE_FREED, ev);
    copy_free(s, p, c);
}

/* The copy of a slot stays when a page got it; that of a page does not. */
static void restored(struct ledger *l, const struct event *ev)
{
    const struct page *p = page_find(space_of(l, ev), index_of(ev));

    if (ev->late)
        return; /* the copy went with its descriptor */
    if (!ev->by_entry)
        release(l, ev);
    else if (p)
        lives_restored(l->lives, p->copies->life);
}

static void cut_page(struct ledger *l, struct page *p, const struct event *ev)
{
    struct copy *c;

    DL_FOREACH(p->copies, c) {
        lives_cut(l->lives, c->life, ev);
        if (c->cut.nr == 0)
            c->cut = stamp_of(ev);
    }
}

/* An object has no exit: what leaked is known when the entry goes. */
static void judge_shared(struct ledger *l, struct space *s, struct page *p)
{
    struct copy *c, *next;

    for (c = p->copies; c; c = next) {
        next = c->next;
        judge_copy(l, s, c);
        copy_free(s, p, c);
    }
}

/* The entry of a page is gone: what it has not released, nobody will. */
static void entry_gone(struct ledger *l, const struct event *ev)
{
    struct space *s = space_of_page(l, ev);
    struct page *p = page_find(s, ev->va >> PAGE_SHIFT);

    if (!p)
        return;
    cut_page(l, p, ev);
    if (!ev->mm)
        judge_shared(l, s, p);
}

/* Nothing names the slot any more. */
static void slot_gone(struct ledger *l, const struct event *ev)
{
    struct page *p = page_find(space_get(l, SLOTS), ev->entry);

    if (p)
        cut_page(l, p, ev);
}

static void range_gone(struct ledger *l, const struct event *ev)
{
    uint64_t first = ev->va >> PAGE_SHIFT, end = ev->end >> PAGE_SHIFT;
    const struct space *s = space_get(l, ev->mm);
    struct page *p, *next;

    if (end - first < HASH_COUNT(s->pages)) {
        for (uint64_t i = first; i < end; i++) {
            p = page_find(s, i);
            if (p)
                cut_page(l, p, ev);
        }
        return;
    }
    HASH_ITER(hh, s->pages, p, next) {
        if (p->index >= first && p->index < end)
            cut_page(l, p, ev);
    }
}

static void moved(struct ledger *l, const struct event *ev)
{
    struct space *s = space_get(l, ev->mm);
    struct page *from = page_find(s, ev->va >> PAGE_SHIFT);
    struct page *to;
    struct copy *c;

    if (!from)
        return;
    to = page_get(s, ev->to >> PAGE_SHIFT);
    c = from->copies->prev;
    DL_DELETE(from->copies, c);
    if (!from->copies) {
        HASH_DEL(s->pages, from);
        free(from);
    }
    c->index = to->index;
    lives_end(l->lives, c->life, LIFE_GONE, ev);
    c->life = lives_begin(l->lives, LIFE_MOVED, c->life, ev);
    DL_APPEND(to->copies, c);
}

static void buffer_alloc(struct ledger *l, const struct event *ev)
{
    struct buffer *b = must(calloc(1, sizeof(*b)));

    b->nr = ev->buf;
    b->mm = ev->mm;
    b->slot = ev->slot;
    b->start = ev->va;
    b->end = ev->end;
    b->bytes = ev->bytes;
    b->alloc = stamp_of(ev);
    HASH_ADD(hh, l->buffers, nr, sizeof(b->nr), b);
}

/* Copies of a buffer that goes away early are gone with it. */
static void drop_copies(struct ledger *l, uint32_t mm, const struct event *ev)
{
    struct space *s = space_get(l, mm);
    struct page *p, *next;

    HASH_ITER(hh, s->pages, p, next) {
        struct copy *c, *c_next;

        /* The page goes with its last copy, which is the last we visit. */
        for (c = p->copies; c; c = c_next) {
            c_next = c->next;
            if (c->buf != ev->buf)
                continue;
            lives_end(l->lives, c->life, LIFE_DISCARDED, ev);
            copy_free(s, p, c);
        }
    }
}

static void buffer_free(struct ledger *l, const struct event *ev)
{
    struct buffer *b = buffer_find(l, ev->buf);

    if (!b)
        return;
    if (!b->idle)
        drop_copies(l, b->mm, ev);
    HASH_DEL(l->buffers, b);
    free(b);
}

static void buffer_idle(struct ledger *l, const struct event *ev)
{
    struct buffer *b = buffer_find(l, ev->buf);

    if (!b)
        return;
    drop_copies(l, b->mm, ev);
    b->idle = true;
}

/* Nobody finds the copies of a lost buffer again. */
static void orphan_lives(struct ledger *l, const struct event *ev)
{
    const struct space *s = space_get(l, ev->mm);
    const struct page *p;

    for (p = s->pages; p; p = p->hh.next) {
        const struct copy *c;

        DL_FOREACH(p->copies, c) {
            if (c->buf != ev->buf)
                continue;
            lives_cut(l->lives, c->life, ev);
            lives_judge(l->lives, c->life);
        }
    }
}

static void buffer_orphan(struct ledger *l, const struct event *ev)
{
    struct buffer *b = buffer_find(l, ev->buf);
    struct leak *leak;

    if (!b)
        return;
    orphan_lives(l, ev);
    leak = new_leak(l);
    leak->kind = LEAK_REBOOT;
    leak->mm = b->mm;
    leak->count = 1;
    leak->start = b->start;
    leak->end = b->end;
    leak->bytes = b->bytes;
    leak->slot = b->slot;
    leak->buf = b->nr;
    leak->alloc = b->alloc;
    leak->cut = leak->judged = stamp_of(ev);
    HASH_DEL(l->buffers, b);
    free(b);
}

static void check_at_exit(struct ledger *l, uint32_t mm)
{
    struct space *s = space_get(l, mm);
    const struct page *p;
    struct buffer *b;

    for (p = s->pages; p; p = p->hh.next) {
        const struct copy *c;

        DL_FOREACH(p->copies, c) {
            b = c->buf ? buffer_find(l, c->buf) : NULL;
            lives_judge(l->lives, c->life);
            if (b)
                judge_user(&b->verdict, c);
            else
                judge_copy(l, s, c);
        }
    }
    /* An idle buffer holds no copy; the store frees it with the mm. */
    for (b = l->buffers; b; b = b->hh.next)
        if (b->mm == mm && !b->idle)
            judge_buffer(l, b);
}

/*
 * The last address space leaves: copies of slots that are in use now were
 * reachable, if exit_mmap() releases them; else they are judged later.
 */
static void mark_slots(struct ledger *l)
{
    const struct page *p;

    for (p = space_get(l, SLOTS)->pages; p; p = p->hh.next)
        p->copies->at_exit = p->copies->cut.nr == 0;
}

static void check_slots(struct ledger *l)
{
    const struct space *s = space_get(l, SLOTS);
    const struct page *p;

    for (p = s->pages; p; p = p->hh.next) {
        p->copies->at_exit = false;
        if (!p->copies->judged)
            judge_copy(l, s, p->copies);
        p->copies->judged = true;
    }
}

static void mm_exit(struct ledger *l, uint32_t mm)
{
    check_at_exit(l, mm);
    if (--l->live == 0)
        mark_slots(l);
}

static void forget_mm(struct ledger *l, uint32_t mm)
{
    struct space *s = space_get(l, mm);
    struct buffer *b, *next;

    space_clear(s);
    HASH_DEL(l->spaces, s);
    free(s);
    HASH_ITER(hh, l->buffers, b, next) {
        if (b->mm == mm) {
            HASH_DEL(l->buffers, b);
            free(b);
        }
    }
    if (l->live == 0)
        check_slots(l);
}

void ledger_event(struct ledger *l, const struct event *ev)
{
    l->now = ev;
    switch (ev->kind) {
    case EV_TAG_SAVE: saved(l, ev); break;
    case EV_TAG_DUP: duplicated(l, ev); break;
    case EV_TAG_RESTORE: restored(l, ev); break;
    case EV_TAG_DROP: release(l, ev); break;
    case EV_TAG_MOVE: moved(l, ev); break;
    case EV_STORE_ALLOC: buffer_alloc(l, ev); break;
    case EV_STORE_FREE: buffer_free(l, ev); break;
    case EV_STORE_IDLE: buffer_idle(l, ev); break;
    case EV_STORE_ORPHAN: buffer_orphan(l, ev); break;
    case EV_STORE_UAF: misreleases_add(&l->wrong, ev, RELEASE_FREED); break;
    case EV_SWAP_IN:
    case EV_SWAP_GONE:
    case EV_UNMAP_UNDO:
    case EV_MIGRATE_IN:
    case EV_MIGRATE_GONE: entry_gone(l, ev); break;
    case EV_SLOT_FREE: slot_gone(l, ev); break;
    case EV_REMAP: range_gone(l, ev); break;
    case EV_MM_START: l->live++; break;
    case EV_MM_EXIT: mm_exit(l, ev->mm); break;
    case EV_MM_DEAD: forget_mm(l, ev->mm); break;
    default: break;
    }
}

size_t ledger_nr_leaks(const struct ledger *l)
{
    return l->nr_leaks;
}

const struct leak *ledger_leak(const struct ledger *l, size_t n)
{
    return &l->leaks[n];
}

struct records *ledger_releases(struct ledger *l)
{
    return &l->wrong.records;
}

const struct misrelease *ledger_last_misrelease(const struct ledger *l)
{
    return &l->wrong.newest;
}

size_t ledger_nr_misreleases(const struct ledger *l)
{
    return l->wrong.nr;
}

const struct misrelease *ledger_misrelease(const struct ledger *l, size_t n)
{
    return &l->wrong.kept[n];
}

uint64_t ledger_copies(const struct ledger *l, uint32_t mm)
{
    const struct space *s = space_find(l, mm);

    return s ? s->nr_copies : 0;
}
