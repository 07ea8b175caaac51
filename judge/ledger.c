// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/ledger.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "judge/blame.h"
#include "judge/books.h"
#include "judge/lives.h"
#include "judge/look.h"

struct ledger {
    const struct event *now; /* borrowed; that is being told */
    struct lives *lives;     /* borrowed; NULL: nobody wants them */
    unsigned live;           /* address spaces that have not exited */
    struct books books;
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

void ledger_destroy(struct ledger *l)
{
    if (!l)
        return;
    books_fini(&l->books);
    free(l->leaks);
    misreleases_fini(&l->wrong);
    free(l);
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
    struct page *p = books_get_page(s, index_of(ev));
    struct copy *c = must(calloc(1, sizeof(*c)));

    /* A store without buffers has one copy a page: it is replaced. */
    if (ev->buf == 0 && p->copies) {
        *c = *p->copies;
        lives_end(l->lives, c->life, LIFE_REPLACED, ev);
        books_drop_copy(s, p, p->copies);
        p = books_get_page(s, index_of(ev));
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
    save(l, books_space_of(&l->books, ev), ev,
         lives_begin(l->lives, LIFE_SAVED, 0, ev));
}

/* fork: the child has a copy of its own. */
static void duplicated(struct ledger *l, const struct event *ev)
{
    const struct page *from =
        books_find_page(books_space(&l->books, ev->mm), ev->va >> PAGE_SHIFT);
    size_t parent = from ? from->copies->prev->life : 0;

    save(l, books_space(&l->books, ev->mm2), ev,
         lives_begin(l->lives, LIFE_SHARED, parent, ev));
}

/* The page's newest copy is released, if it has one. */
static void release(struct ledger *l, const struct event *ev)
{
    struct space *s = books_space_of(&l->books, ev);
    struct page *p = books_find_page(s, index_of(ev));
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
    books_drop_copy(s, p, c);
}

/* The copy of a slot stays when a page got it; that of a page does not. */
static void restored(struct ledger *l, const struct event *ev)
{
    const struct page *p =
        books_find_page(books_space_of(&l->books, ev), index_of(ev));

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
        books_drop_copy(s, p, c);
    }
}

/* The entry of a page is gone: what it has not released, nobody will. */
static void entry_gone(struct ledger *l, const struct event *ev)
{
    struct space *s = books_space_of_page(&l->books, ev);
    struct page *p = books_find_page(s, ev->va >> PAGE_SHIFT);

    if (!p)
        return;
    cut_page(l, p, ev);
    if (!ev->mm)
        judge_shared(l, s, p);
}

/* Nothing names the slot any more. */
static void slot_gone(struct ledger *l, const struct event *ev)
{
    struct page *p = books_find_page(books_space(&l->books, SLOTS), ev->entry);

    if (p)
        cut_page(l, p, ev);
}

static void range_gone(struct ledger *l, const struct event *ev)
{
    uint64_t first = ev->va >> PAGE_SHIFT, end = ev->end >> PAGE_SHIFT;
    const struct space *s = books_space(&l->books, ev->mm);
    struct page *p, *next;

    if (end - first < books_nr_pages(s)) {
        for (uint64_t i = first; i < end; i++) {
            p = books_find_page(s, i);
            if (p)
                cut_page(l, p, ev);
        }
        return;
    }
    for (p = books_first_page(s); p; p = next) {
        next = books_next_page(p);
        if (p->index >= first && p->index < end)
            cut_page(l, p, ev);
    }
}

static void moved(struct ledger *l, const struct event *ev)
{
    struct space *s = books_space(&l->books, ev->mm);
    struct page *from = books_find_page(s, ev->va >> PAGE_SHIFT);
    struct page *to;
    struct copy *c;

    if (!from)
        return;
    to = books_get_page(s, ev->to >> PAGE_SHIFT);
    c = books_take_copy(s, from);
    c->index = to->index;
    if (ev->buf)
        c->buf = ev->buf;
    lives_end(l->lives, c->life, LIFE_GONE, ev);
    c->life = lives_begin(l->lives, LIFE_MOVED, c->life, ev);
    DL_APPEND(to->copies, c);
}

static void buffer_alloc(struct ledger *l, const struct event *ev)
{
    struct buffer *b = books_add_buffer(&l->books, ev->buf);

    b->mm = ev->mm;
    b->slot = ev->slot;
    b->start = ev->va;
    b->end = ev->end;
    b->bytes = ev->bytes;
    b->alloc = stamp_of(ev);
}

/* Copies of a buffer that goes away early are gone with it. */
static void drop_copies(struct ledger *l, uint32_t mm, const struct event *ev)
{
    struct space *s = books_space(&l->books, mm);
    struct page *p, *next;

    for (p = books_first_page(s); p; p = next) {
        struct copy *c, *c_next;

        next = books_next_page(p);
        /* The page goes with its last copy, which is the last we visit. */
        for (c = p->copies; c; c = c_next) {
            c_next = c->next;
            if (c->buf != ev->buf)
                continue;
            lives_end(l->lives, c->life, LIFE_DISCARDED, ev);
            books_drop_copy(s, p, c);
        }
    }
}

static void buffer_free(struct ledger *l, const struct event *ev)
{
    struct buffer *b = books_find_buffer(&l->books, ev->buf);

    if (!b)
        return;
    if (!b->idle)
        drop_copies(l, b->mm, ev);
    books_drop_buffer(&l->books, b);
}

static void buffer_idle(struct ledger *l, const struct event *ev)
{
    struct buffer *b = books_find_buffer(&l->books, ev->buf);

    if (!b)
        return;
    drop_copies(l, b->mm, ev);
    b->idle = true;
}

/* Nobody finds the copies of a lost buffer again. */
static void orphan_lives(struct ledger *l, const struct event *ev)
{
    const struct space *s = books_space(&l->books, ev->mm);
    const struct page *p;

    for (p = books_first_page(s); p; p = books_next_page(p)) {
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
    struct buffer *b = books_find_buffer(&l->books, ev->buf);
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
    books_drop_buffer(&l->books, b);
}

static void check_at_exit(struct ledger *l, uint32_t mm)
{
    struct space *s = books_space(&l->books, mm);
    const struct page *p;
    struct buffer *b;

    for (p = books_first_page(s); p; p = books_next_page(p)) {
        const struct copy *c;

        DL_FOREACH(p->copies, c) {
            b = c->buf ? books_find_buffer(&l->books, c->buf) : NULL;
            lives_judge(l->lives, c->life);
            if (b)
                judge_user(&b->verdict, c);
            else
                judge_copy(l, s, c);
        }
    }
    /* An idle buffer holds no copy; the store frees it with the mm. */
    for (b = books_first_buffer(&l->books); b; b = books_next_buffer(b))
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

    for (p = books_first_page(books_space(&l->books, SLOTS)); p;
         p = books_next_page(p))
        p->copies->at_exit = p->copies->cut.nr == 0;
}

static void check_slots(struct ledger *l)
{
    const struct space *s = books_space(&l->books, SLOTS);
    const struct page *p;

    for (p = books_first_page(s); p; p = books_next_page(p)) {
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
    books_forget_mm(&l->books, mm);
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

static void walk_page(const struct space *s, const struct page *p,
                      void (*one)(void *ctx, const struct judge_copy *copy),
                      void *ctx)
{
    const struct copy *c;

    DL_FOREACH(p->copies, c) {
        struct judge_copy copy = {
            .page = {.mm = s->mm,
                     .object = s->mm ? 0 : s->key >> 32,
                     .index = p->index},
            .buf = c->buf,
            .cut = c->cut.nr != 0,
            .by = c->cut.nr ? blame_of_cut(c->cut.kind, c->cut.path)
                            : CAUSE_UNKNOWN,
            .at_exit = c->at_exit,
            .judged = c->judged};

        one(ctx, &copy);
    }
}

void ledger_walk(const struct ledger *l,
                 void (*one)(void *ctx, const struct judge_copy *copy),
                 void *ctx)
{
    const struct space *s = books_first_space(&l->books);

    for (; s; s = books_next_space(s))
        for (const struct page *p = books_first_page(s); p;
             p = books_next_page(p))
            walk_page(s, p, one, ctx);
}

uint64_t ledger_copies(const struct ledger *l, uint32_t mm)
{
    const struct space *s = books_find_space(&l->books, mm);

    return s ? s->nr_copies : 0;
}
