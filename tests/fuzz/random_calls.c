// SPDX-License-Identifier: GPL-2.0-or-later
/* System calls, in the memory and in the plain model. */
#include <errno.h>
#include <string.h>

#include "adi/bis.h"
#include "adi/tags.h"
#include "mm/fork.h"
#include "mm/kcopy.h"
#include "mm/madvise.h"
#include "mm/mmap.h"
#include "mm/protect.h"
#include "mm/truncate.h"
#include "mm/vma.h"
#include "mm/writeback.h"
#include "random_run.h"

static void forget_pins(struct run *r, uint32_t pid, unsigned i, unsigned n)
{
    for (unsigned p = 0; p < r->nr_pins; p++)
        if (r->pin[p].pid == pid && r->pin[p].page >= i &&
            r->pin[p].page < i + n)
            r->pin[p].attached = false;
}

static void plain_unmap(struct run *r, const struct plain_proc *proc,
                        struct plain_page *page, unsigned n)
{
    forget_pins(r, proc->pid, (unsigned)(page - proc->page), n);
    memset(page, 0, n * sizeof(*page));
}

static void plain_map(struct plain_page *page, unsigned n, const struct op *op)
{
    for (unsigned k = 0; k < n; k++) {
        page[k] = (struct plain_page){.mapped = true,
                                      .shared = op->shared,
                                      .prot = op->prot,
                                      .object = op->object,
                                      .pgoff = op->pgoff + k};
        plain_fresh(&page[k]);
    }
}

static void do_mmap(struct run *r, const struct range *at, const struct op *op)
{
    const struct mmap_args args = {
        .addr = op->va,
        .len = op->pages * PAGE_SIZE,
        .prot = op->prot,
        .flags = (op->shared ? MAP_G_SHARED : MAP_G_PRIVATE) | MAP_G_FIXED |
                 (op->object ? 0 : MAP_G_ANONYMOUS),
        .mapping = op->object ? r->object[op->object] : NULL,
        .pgoff = op->pgoff,
        .may_write = true};
    bool colour =
        !op->shared || (op->va & (SHMLBA_G - 1)) ==
                           ((uint64_t)op->pgoff << PAGE_SHIFT & (SHMLBA_G - 1));
    gva_t out;

    if (op->object &&
        (op->object > NR_OBJECTS || op->pgoff + op->pages > OBJECT_PAGES))
        return;
    if (op->shared && !op->object)
        return;
    run_expect(r, op, mm_mmap(at->mm, &args, &out), colour ? 0 : -EINVAL);
    if (!colour)
        return;
    plain_unmap(r, at->proc, at->page, at->n);
    plain_map(at->page, at->n, op);
}

static void do_munmap(struct run *r, const struct range *at,
                      const struct op *op)
{
    run_expect(r, op, mm_munmap(at->mm, op->va, op->pages * PAGE_SIZE), 0);
    plain_unmap(r, at->proc, at->page, at->n);
}

/* Pages before the first hole. */
static unsigned until_hole(const struct range *at)
{
    unsigned k = 0;

    while (k < at->n && at->page[k].mapped)
        k++;
    return k;
}

static void do_mprotect(struct run *r, const struct range *at,
                        const struct op *op)
{
    unsigned nr = until_hole(at);
    int err;

    for (unsigned k = 0; k < nr; k++) {
        at->page[k].changing = true;
        at->page[k].next_prot = op->prot;
    }
    err = mm_mprotect(at->mm, op->va, op->pages * PAGE_SIZE, op->prot);
    run_expect(r, op, err, nr < at->n ? -ENOMEM : 0);
    for (unsigned k = 0; k < nr; k++) {
        at->page[k].changing = false;
        at->page[k].prot = op->prot;
    }
}

/* Can all of them be faulted in, as mlock() does? */
static bool can_populate(const struct run *r, const struct range *at)
{
    for (unsigned k = 0; k < at->n; k++) {
        const struct plain_page *page = &at->page[k];
        bool store = page->prot & PROT_G_WRITE && !page->shared;

        if (run_expected_fault(r, page, store ? ACCESS_WRITE : ACCESS_READ) !=
            FAULT_OK)
            return false;
    }
    return true;
}

static void do_mlock(struct run *r, const struct range *at, const struct op *op)
{
    bool lock = op->verb == OP_MLOCK;
    unsigned nr = until_hole(at);
    int err = lock ? mm_mlock(at->mm, op->va, op->pages * PAGE_SIZE, false)
                   : mm_munlock(at->mm, op->va, op->pages * PAGE_SIZE);
    bool refused = nr < at->n || (lock && !can_populate(r, at));

    /* No frame is left, or the device did not give the page. */
    if (!lock || (err != -EAGAIN && !(err == -ENOMEM && r->unreadable)))
        run_expect(r, op, err, refused ? -ENOMEM : 0);
    for (unsigned k = 0; k < nr; k++)
        at->page[k].locked = lock;
}

static void plain_dontneed(struct run *r, const struct range *at, unsigned k)
{
    forget_pins(r, at->proc->pid, at->i + k, 1);
    plain_fresh(&at->page[k]);
}

static void plain_free(const struct run *r, const struct range *at, unsigned k)
{
    const struct mm *mm = at->mm;
    struct plain_page *page = &at->page[k];
    const pte_t *ptep =
        mm_pte(at->mm, plain_va(&r->plain, at->i + k)); /* after the call */

    (void)mm;
    if (page->guard)
        return;
    /* What was in swap is gone; a present page may go, or stay. */
    if (!ptep || pte_none(*ptep))
        plain_fresh(page);
    else
        page->may_vanish = true;
}

/* Those that this kernel does not know. */
static bool is_unknown(const struct run *r, int advice)
{
    if (advice == MADV_G_DONTNEED_LOCKED)
        return !r->profile->policy.dontneed_locked;
    return (advice == MADV_G_GUARD_INSTALL || advice == MADV_G_GUARD_REMOVE) &&
           !r->profile->policy.guard_marker;
}

static int plain_madvise(struct run *r, const struct range *at,
                         const struct op *op)
{
    bool hole = false;

    if (is_unknown(r, op->advice))
        return -EINVAL;

    for (unsigned k = 0; k < at->n; k++) {
        struct plain_page *page = &at->page[k];

        if (!page->mapped) {
            hole = true;
            continue;
        }
        switch (op->advice) {
        case MADV_G_DONTNEED:
            if (page->locked)
                return -EINVAL;
            plain_dontneed(r, at, k);
            break;
        case MADV_G_DONTNEED_LOCKED: plain_dontneed(r, at, k); break;
        case MADV_G_FREE:
            if (page->locked || page->object)
                return -EINVAL;
            plain_free(r, at, k);
            break;
        case MADV_G_COLD:
        case MADV_G_PAGEOUT:
            if (page->locked)
                return -EINVAL;
            break;
        case MADV_G_DONTFORK: page->dontfork = true; break;
        case MADV_G_DOFORK: page->dontfork = false; break;
        case MADV_G_WIPEONFORK:
            if (page->object)
                return -EINVAL;
            page->wipe = true;
            break;
        case MADV_G_GUARD_INSTALL:
            if (page->locked)
                return -EINVAL;
            plain_dontneed(r, at, k);
            page->guard = true;
            break;
        case MADV_G_GUARD_REMOVE: page->guard = false; break;
        case MADV_G_KEEPONFORK: page->wipe = false; break;
        case MADV_G_POPULATE_READ:
            switch (run_expected_fault(r, page, ACCESS_READ)) {
            case FAULT_OK: break;
            case FAULT_GUARD:
            case FAULT_BUS: return -EFAULT;
            case FAULT_HWPOISON: return -EHWPOISON;
            default: return -EINVAL;
            }
            break;
        default: break;
        }
    }
    return hole ? -ENOMEM : 0;
}

/* There was no frame for a table: some have a guard, or are zapped. */
static void see_guards(struct run *r, const struct range *at)
{
    for (unsigned k = 0; k < at->n; k++) {
        const pte_t *ptep = mm_pte(at->mm, plain_va(&r->plain, at->i + k));

        if (ptep && !pte_none(*ptep) && !is_guard_pte(*ptep))
            continue;
        plain_dontneed(r, at, k);
        at->page[k].guard = ptep && is_guard_pte(*ptep);
    }
}

/* Has each page of an area got one?  Or else -ENOMEM is not of a hole alone. */
static bool all_guarded(struct run *r, const struct range *at)
{
    for (unsigned k = 0; k < at->n; k++) {
        const pte_t *ptep = mm_pte(at->mm, plain_va(&r->plain, at->i + k));

        if (at->page[k].mapped && !(ptep && is_guard_pte(*ptep)))
            return false;
    }
    return true;
}

static void do_madvise(struct run *r, const struct range *at,
                       const struct op *op)
{
    int err = mm_madvise(at->mm, op->va, op->pages * PAGE_SIZE, op->advice);
    int want;

    if (err == -ENOMEM && op->advice == MADV_G_GUARD_INSTALL &&
        !all_guarded(r, at)) {
        see_guards(r, at);
        return;
    }
    want = plain_madvise(r, at, op);

    /* No frame is left, or the device did not give the page. */
    if (op->advice == MADV_G_POPULATE_READ &&
        (err == -ENOMEM || (err == -EFAULT && r->unreadable)))
        return;
    run_expect(r, op, err, want);
}

/* DONTUNMAP unlocks all of the old area, not only what moved. */
static void unlock_area(struct run *r, const struct range *at,
                        const struct vma *vma)
{
    for (unsigned i = 0; i < NR_PAGES; i++) {
        gva_t va = plain_va(&r->plain, i);

        if (va >= vma->start && va < vma->end)
            at->proc->page[i].locked = false;
    }
}

static void move_pins(struct run *r, const struct range *from, unsigned to,
                      unsigned n)
{
    for (unsigned p = 0; p < r->nr_pins; p++)
        if (r->pin[p].attached && r->pin[p].pid == from->proc->pid &&
            r->pin[p].page >= from->i && r->pin[p].page < from->i + n)
            r->pin[p].page += to - from->i;
}

static void plain_move(struct run *r, const struct range *from,
                       const struct range *to, bool dontunmap)
{
    unsigned n = from->n < to->n ? from->n : to->n;
    struct plain_page last = from->page[from->n - 1];

    plain_unmap(r, to->proc, to->page, to->n);
    move_pins(r, from, to->i, n);
    for (unsigned k = 0; k < to->n; k++) {
        if (k < n) {
            to->page[k] = from->page[k];
            continue;
        }
        to->page[k] = last;
        to->page[k].pgoff = last.pgoff + (k - n) + 1;
        to->page[k].guard = false;
        plain_fresh(&to->page[k]);
    }
    if (!dontunmap) {
        plain_unmap(r, from->proc, from->page, from->n);
        return;
    }
    for (unsigned k = 0; k < from->n; k++) {
        plain_fresh(&from->page[k]);
        from->page[k].guard = false;
    }
}

/* Does the part that would be added leave its object? */
static bool leaves_object(const struct range *at, unsigned pages)
{
    const struct plain_page *last = &at->page[at->n - 1];

    return last->object && pages > at->n &&
           last->pgoff + (pages - at->n) >= OBJECT_PAGES;
}

static void set_moving(const struct range *from, const struct range *to,
                       bool moving)
{
    for (unsigned k = 0; k < from->n; k++)
        from->page[k].moving = moving;
    for (unsigned k = 0; k < to->n; k++)
        to->page[k].moving = moving;
}

static void do_mremap(struct run *r, const struct range *from,
                      const struct op *op)
{
    struct op target = {.pid = op->pid, .va = op->to, .pages = op->to_pages};
    const struct vma *vma = vma_lookup(from->mm, op->va);
    uint64_t bytes = op->pages * PAGE_SIZE;
    gva_t out;
    struct range to;
    int err, want = 0;

    if (!vma || vma->end < op->va + bytes || !run_find_range(r, &target, &to) ||
        leaves_object(from, to.n) ||
        (op->va < op->to + op->to_pages * PAGE_SIZE &&
         op->to < op->va + bytes) ||
        (op->dontunmap && op->pages != op->to_pages))
        return;
    if (from->page->shared &&
        (op->to ^ (uint64_t)from->page->pgoff << PAGE_SHIFT) & (SHMLBA_G - 1))
        want = -EINVAL;
    set_moving(from, &to, true);
    err = mm_mremap(from->mm, op->va, bytes, op->to_pages * PAGE_SIZE,
                    MREMAP_G_MAYMOVE | MREMAP_G_FIXED |
                        (op->dontunmap ? MREMAP_G_DONTUNMAP : 0),
                    op->to, &out);
    set_moving(from, &to, false);
    if (err == 0 && want == 0) {
        plain_move(r, from, &to, op->dontunmap);
        /* A swapoff while it faulted locked pages in has seen them nowhere. */
        view_after_swapoff(r);
        if (op->dontunmap)
            unlock_area(r, from, vma_lookup(from->mm, op->va));
        return;
    }
    if (err != -ENOMEM)
        run_expect(r, op, err, want);
    /* Too late for the target, and for a tail that was cut off. */
    plain_unmap(r, to.proc, to.page, to.n);
    if (from->n > to.n)
        plain_unmap(r, from->proc, from->page + to.n, from->n - to.n);
}

static void plain_fork(struct plain_proc *child, const struct plain_proc *from)
{
    memcpy(child->page, from->page, sizeof(child->page));
    for (unsigned i = 0; i < NR_PAGES; i++) {
        struct plain_page *page = &child->page[i];

        page->locked = false;
        if (page->mapped && page->dontfork) {
            memset(page, 0, sizeof(*page));
        } else if (page->mapped && page->wipe) {
            plain_fresh(page);
            page->guard = false;
        }
    }
}

void call_fork(struct run *r, const struct op *op)
{
    struct plain_proc *parent = plain_find(&r->plain, op->pid), *child;
    struct mm *mm;
    int err;

    if (!parent || plain_find(&r->plain, op->child))
        return;
    child = plain_new(&r->plain, op->child);
    if (!child)
        return;
    err = mm_fork(r->mm[parent - r->plain.proc], &mm);
    if (err) {
        child->pid = 0;
        run_expect(r, op, err, -ENOMEM);
        return;
    }
    r->mm[child - r->plain.proc] = mm;
    plain_fork(child, parent);
}

void call_exit(struct run *r, struct plain_proc *proc)
{
    forget_pins(r, proc->pid, 0, NR_PAGES);
    mm_put(r->mm[proc - r->plain.proc]);
    r->mm[proc - r->plain.proc] = NULL;
    proc->pid = 0;
}

/* -------------------------------------------------------------- objects */

/* Private copies beyond the end go; those that v5.17 cannot see stay. */
static void truncate_copies(struct run *r, unsigned object, unsigned pages)
{
    for (unsigned n = 0; n < MAX_PROCS; n++) {
        struct plain_proc *proc = &r->plain.proc[n];

        for (unsigned i = 0; proc->pid && i < NR_PAGES; i++) {
            struct plain_page *page = &proc->page[i];
            const pte_t *ptep;

            if (!page->mapped || page->object != object || page->pgoff < pages)
                continue;
            ptep = mm_pte(r->mm[n], plain_va(&r->plain, i));
            if (r->profile->policy.zap_mapping && ptep && is_swap_pte(*ptep)) {
                memset(page->c.known, 0, sizeof(page->c.known));
                continue;
            }
            forget_pins(r, proc->pid, i, 1);
            plain_fresh(page);
        }
    }
}

/* A page of it that swap does not give, now or any more. */
static bool is_out_of_reach(const struct run *r, unsigned object, uint64_t i)
{
    return !mapping_find(r->object[object], i) &&
           swp_valid(mapping_entry(r->object[object], i));
}

static void do_truncate(struct run *r, const struct op *op)
{
    struct plain_object *object = &r->plain.object[op->object];
    struct file *file = &r->file[op->object];
    uint64_t old = file->size, size = op->size & ~(uint64_t)(ADI_BLKSZ - 1);

    if (op->object < TMPFS || op->object > NR_OBJECTS ||
        size > OBJECT_PAGES * PAGE_SIZE)
        return;
    truncate_copies(r, op->object,
                    (unsigned)(page_align_up(size) >> PAGE_SHIFT));
    object->size = size;
    if (size < old) {
        memset(file->bytes + size, 0, old - size);
        plain_zero(&r->plain, op->object, (unsigned)(size / ADI_BLKSZ),
                   OBJECT_PAGES * NR_BLOCKS);
        /* The tags of the last page's rest stay: it is the same page. */
        for (unsigned i = plain_object_pages(&r->plain, op->object);
             i < OBJECT_PAGES; i++) {
            memset(object->page[i].tag, 0, sizeof(object->page[i].tag));
            object->dead[i] = false;
        }
    }
    file->size = size;
    truncate_pagecache(r->object[op->object], size);
    /* shmem_get_partial_folio(): a page that cannot be read is not cleared. */
    if (size < old && page_offset(size) &&
        is_out_of_reach(r, op->object, size >> PAGE_SHIFT))
        memset(object->page[size >> PAGE_SHIFT].any +
                   page_offset(size) / ADI_BLKSZ,
               1, NR_BLOCKS - page_offset(size) / ADI_BLKSZ);
}

static void do_punch(struct run *r, const struct op *op)
{
    struct plain_object *object = &r->plain.object[op->object];
    uint64_t start = (uint64_t)op->pgoff << PAGE_SHIFT;
    uint64_t end = start + op->pages * PAGE_SIZE;

    if (op->object < TMPFS || op->object > NR_OBJECTS ||
        end > page_align_up(object->size))
        return;
    memset(r->file[op->object].bytes + start, 0, end - start);
    plain_zero(&r->plain, op->object, op->pgoff * NR_BLOCKS,
               (op->pgoff + op->pages) * NR_BLOCKS);
    for (unsigned i = op->pgoff; i < op->pgoff + op->pages; i++) {
        memset(object->page[i].tag, 0, sizeof(object->page[i].tag));
        object->dead[i] = false;
    }
    truncate_pagecache_range(r->object[op->object], start, end);
}

/* What read(2) gives is what the program has stored. */
static void do_sync(struct run *r, const struct op *op)
{
    const struct plain_object *object = &r->plain.object[op->object];
    const uint8_t *bytes = r->file[op->object].bytes;

    if (op->object < TMPFS || op->object > NR_OBJECTS)
        return;
    mapping_writeback(r->object[op->object], 0, UINT64_MAX);
    for (unsigned i = 0; i < object->size / ADI_BLKSZ; i++) {
        const struct content *c = &object->page[i / NR_BLOCKS];

        if (c->any[i % NR_BLOCKS] || object->dead[i / NR_BLOCKS] ||
            is_out_of_reach(r, op->object, i / NR_BLOCKS))
            continue;
        if (bytes[i * ADI_BLKSZ] != c->byte[i % NR_BLOCKS])
            run_fail(r, "file",
                     "object %u page %u block %u: 0x%02x, not 0x%02x",
                     op->object, i / NR_BLOCKS, i % NR_BLOCKS,
                     bytes[i * ADI_BLKSZ], c->byte[i % NR_BLOCKS]);
    }
}

/* One copy of a write(2): blocks [from, to) of page @i of the object. */
struct piece {
    unsigned i, from, to;
    uint64_t src;
    bool cached, made;         /* the page was there; this copy has made it */
    adi_tag_t tags[NR_BLOCKS]; /* what it had */
};

static const adi_tag_t *object_tags(const struct run *r, unsigned object,
                                    unsigned i)
{
    const struct folio *folio = mapping_find(r->object[object], i);

    return folio ? tagmem_page(adi_tagmem(r->adi),
                               memory_folio_pfn(r->mem, folio))
                 : NULL;
}

static void look_before(const struct run *r, unsigned object, struct piece *p)
{
    const adi_tag_t *tags = object_tags(r, object, p->i);

    p->cached = tags != NULL;
    p->made = object == TMPFS && !tags &&
              !swp_valid(mapping_entry(r->object[object], p->i));
    if (tags)
        memcpy(p->tags, tags, sizeof(p->tags));
}

/* The kernel takes the tags of the lines that it initialises, and no others:
 * what the program has to see of that, the report says. */
static void check_lines(const struct run *r, unsigned object,
                        const struct piece *p)
{
    const adi_tag_t *tags = object_tags(r, object, p->i);
    struct bis_lines lines = bis_memcpy(p->from * ADI_BLKSZ, p->src,
                                        (size_t)(p->to - p->from) * ADI_BLKSZ);

    for (unsigned b = 0; tags && (p->cached || p->made) && b < NR_BLOCKS; b++) {
        bool cleared =
            b * ADI_BLKSZ >= lines.start && b * ADI_BLKSZ < lines.end;
        adi_tag_t want = cleared ? 0 : p->tags[b];

        if (tags[b] != want && (cleared || p->cached))
            run_fail(r, "lines", "object %u page %u block %u: tag %u, not %u",
                     object, p->i, b, tags[b], want);
    }
}

static void plain_written(struct run *r, const struct op *op,
                          const struct piece *p)
{
    struct content *c = &r->plain.object[op->object].page[p->i];

    for (unsigned b = p->from; b < p->to; b++) {
        c->byte[b] = op->value;
        c->any[b] = false;
    }
    if (is_out_of_reach(r, op->object, p->i)) {
        memset(c->any, 1, sizeof(c->any));
        memset(c->known, 0, sizeof(c->known));
    }
}

/* write(2): a copy of the kernel for each page. */
static void do_pwrite(struct run *r, const struct op *op)
{
    uint64_t start = op->pgoff * PAGE_SIZE + op->block * ADI_BLKSZ;
    uint64_t end = start + (op->size & ~(uint64_t)(ADI_BLKSZ - 1));
    struct piece piece[OBJECT_PAGES];
    uint64_t out = hub_counter(r->hub, COUNT_SWAP_OUT);
    unsigned nr = 0;

    if (op->object < TMPFS || op->object > NR_OBJECTS || end == start ||
        end > r->plain.object[op->object].size)
        return;
    for (uint64_t at = start; at < end; nr++) {
        uint64_t next = page_align_down(at) + PAGE_SIZE;
        uint64_t to = next < end ? next : end;
        unsigned from = page_offset(at) / ADI_BLKSZ;

        piece[nr] = (struct piece){.i = (unsigned)(at >> PAGE_SHIFT),
                                   .from = from,
                                   .to = from + (unsigned)(to - at) / ADI_BLKSZ,
                                   .src = op->from + (at - start)};
        at = to;
    }
    mapping_writeback(r->object[op->object], 0, UINT64_MAX);
    for (unsigned n = 0; n < nr; n++)
        look_before(r, op->object, &piece[n]);
    memset(r->file[op->object].bytes + start, op->value, end - start);
    mapping_written(r->object[op->object], start, end, op->from);
    for (unsigned n = 0; n < nr; n++) {
        /* Where reclaim had to make room, pages may have come back. */
        if (hub_counter(r->hub, COUNT_SWAP_OUT) == out)
            check_lines(r, op->object, &piece[n]);
        plain_written(r, op, &piece[n]);
    }
}

void call_on_object(struct run *r, const struct op *op)
{
    switch (op->verb) {
    case OP_TRUNCATE: do_truncate(r, op); break;
    case OP_PUNCH: do_punch(r, op); break;
    case OP_SYNC: do_sync(r, op); break;
    case OP_PWRITE: do_pwrite(r, op); break;
    default: break;
    }
}

void call_on_range(struct run *r, const struct range *at, const struct op *op)
{
    switch (op->verb) {
    case OP_MMAP: do_mmap(r, at, op); break;
    case OP_MUNMAP: do_munmap(r, at, op); break;
    case OP_MPROTECT: do_mprotect(r, at, op); break;
    case OP_MREMAP: do_mremap(r, at, op); break;
    case OP_MADVISE: do_madvise(r, at, op); break;
    case OP_MLOCK:
    case OP_MUNLOCK: do_mlock(r, at, op); break;
    default: break;
    }
}
