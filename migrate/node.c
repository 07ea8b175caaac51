// SPDX-License-Identifier: GPL-2.0-or-later
#include "migrate/node.h"

#include <errno.h>
#include <utlist.h>

#include "migrate/migrate.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/phys.h"
#include "mm/rmap.h"
#include "mm/vma.h"

#define PMD_SIZE UINT64_C(0x800000) /* what one table of PTEs maps */

static bool node_isset(nodemask_t nodes, unsigned node)
{
    return (nodes >> node & 1) != 0;
}

/* May pages of the area be moved at all? */
static bool vma_migratable(const struct vma *vma)
{
    return !(vma->flags & VM_PFNMAP);
}

static struct folio *pte_page(const struct mm *mm, pte_t pte)
{
    return phys_folio(memory_phys(mm_memory(mm)), pte_pfn(pte));
}

/* __GFP_THISNODE: from this node or not at all. */
struct this_node {
    struct memory *mem;
    unsigned node;
};

static struct folio *alloc_on_node(void *ctx, const struct folio *from)
{
    const struct this_node *t = ctx;

    (void)from;
    return memory_alloc_nodes(t->mem, t->node, UINT32_C(1) << t->node);
}

/* do_move_pages_to_node(): what does not go is put back. */
static int move_to_node(struct memory *mem, struct folio **list, unsigned node,
                        struct mm *locked)
{
    struct this_node t = {.mem = mem, .node = node};
    struct migrate_target target = {
        .get = alloc_on_node, .ctx = &t, .locked = locked};
    int err = migrate_folios(mem, list, &target);

    migrate_putback(mem, list);
    return err;
}

/* ------------------------------------------- pages that are elsewhere */

/* A walk that isolates the pages of a range that lie on other nodes. */
struct queue {
    struct mm *mm;
    gva_t start, end;
    nodemask_t nodes;
    bool invert;    /* pages that are not on @nodes */
    unsigned flags; /* MPOL_MF_* */
    bool holes;     /* MPOL_MF_DISCONTIG_OK */
    bool seen;      /* there was an area */
    const struct vma *vma;
    bool unmovable; /* a page of this table has to stay */
    struct folio *list;
};

static bool queue_pages_required(const struct queue *q,
                                 const struct folio *folio)
{
    return node_isset(q->nodes, folio->node) != q->invert;
}

/* migrate_page_add(): false when a page has to stay, and must not. */
static bool add_page(struct queue *q, struct folio *folio)
{
    if (!(q->flags & MPOL_MF_MOVE_ALL) && folio->mapcount != 1)
        return true;
    if (migrate_isolate(mm_memory(q->mm), folio)) {
        DL_APPEND(q->list, folio);
        return true;
    }
    return !(q->flags & MPOL_MF_STRICT);
}

static int queue_page(void *ctx, struct mm *mm, gva_t addr, const pte_t *ptep)
{
    struct queue *q = ctx;
    struct folio *folio = pte_special(*ptep) ? NULL : pte_page(mm, *ptep);

    (void)addr;
    if (!folio || !queue_pages_required(q, folio))
        return 0;
    if (!(q->flags & (MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)))
        return -EIO;
    if (!vma_migratable(q->vma))
        return 1;
    if (!add_page(q, folio))
        q->unmovable = true;
    return 0;
}

/*
 * queue_pages_pte_range(), one table of PTEs.  0; 1: pages that cannot be
 * moved; -EIO: pages that are elsewhere and are not to be moved.
 */
static int queue_table(struct queue *q, const struct vma *vma, gva_t addr,
                       gva_t end)
{
    static const struct pgtable_ops ops = {.present = queue_page};
    int err;

    q->vma = vma;
    q->unmovable = false;
    err = pgtable_walk(q->mm, addr, end, &ops, q);
    return err ? err : q->unmovable;
}

/* queue_pages_test_walk(): -EFAULT for a hole; 1: pass the area over. */
static int test_area(struct queue *q, const struct vma *vma)
{
    const struct vma *next = vma_next(vma);

    if (!q->seen && !q->holes && q->start < vma->start)
        return -EFAULT;
    q->seen = true;
    if (!q->holes && vma->end < q->end && (!next || vma->end < next->start))
        return -EFAULT;
    if (!vma_migratable(vma) && !(q->flags & MPOL_MF_STRICT))
        return 1;
    return !(q->flags & MPOL_MF_VALID);
}

static int queue_area(struct queue *q, const struct vma *vma)
{
    gva_t addr = vma->start > q->start ? vma->start : q->start;
    gva_t end = vma->end < q->end ? vma->end : q->end;

    while (addr < end) {
        gva_t stop = (addr | (PMD_SIZE - 1)) + 1;
        int err;

        if (stop > end)
            stop = end;
        err = queue_table(q, vma, addr, stop);
        if (err)
            return err;
        addr = stop;
    }
    return 0;
}

static int queue_pages_range(struct queue *q)
{
    const struct vma *vma = vma_find(q->mm, q->start);
    int err = 0;

    for (; vma && vma->start < q->end && !err; vma = vma_next(vma)) {
        err = test_area(q, vma);
        if (err > 0)
            err = 0;
        else if (!err)
            err = queue_area(q, vma);
    }
    return q->seen || err ? err : -EFAULT;
}

/* ---------------------------------------------------------------- mbind */

struct by_policy {
    struct mm *mm;
    gva_t start;
};

/* new_page(): by the policy of the first area that shows the page. */
static struct folio *alloc_by_policy(void *ctx, const struct folio *from)
{
    const struct by_policy *t = ctx;
    struct alloc_for who = {0};
    const struct vma *vma = vma_find(t->mm, t->start);

    while (vma && !rmap_address(from, vma, &who.addr))
        vma = vma_next(vma);
    who.vma = vma;
    return mpol_alloc_folio(mm_memory(t->mm), &who);
}

/* Set the policy and move what was queued. */
static int bind_and_move(struct queue *q, const struct mempolicy *pol,
                         bool unmovable)
{
    struct mm *mm = q->mm;
    struct by_policy t = {.mm = mm, .start = q->start};
    struct migrate_target target = {
        .get = alloc_by_policy, .ctx = &t, .locked = mm};
    int err = mm_set_policy(mm, q->start, q->end, pol), failed = 0;

    if (err)
        return err;
    if (q->list)
        failed = migrate_folios(mm_memory(mm), &q->list, &target);
    return unmovable || (failed && q->flags & MPOL_MF_STRICT) ? -EIO : 0;
}

int mm_mbind(struct mm *mm, const struct mbind_args *args)
{
    nodemask_t memory = phys_nodes(memory_phys(mm_memory(mm)));
    struct queue q = {.mm = mm,
                      .start = args->start,
                      .end = args->start + page_align_up(args->len),
                      .nodes = args->nodes,
                      .invert = true,
                      .flags = args->flags};
    struct mempolicy pol;
    int err;

    if (args->flags & ~MPOL_MF_VALID || args->start & ~PAGE_MASK)
        return -EINVAL;
    if (args->mode == MPOL_DEFAULT)
        q.flags &= ~MPOL_MF_STRICT;
    if (q.end < q.start)
        return -EINVAL;
    if (q.end == q.start)
        return 0;
    err = mpol_new(args->mode, args->mode_flags, args->nodes, memory, &pol);
    if (err)
        return err;
    q.holes = args->mode == MPOL_DEFAULT;
    err = queue_pages_range(&q);
    if (err >= 0)
        err = bind_and_move(&q, &pol, err > 0);
    migrate_putback(mm_memory(mm), &q.list);
    return err;
}

/* -------------------------------------------------------- migrate_pages */

/* migrate_to_node() */
static int migrate_to_node(struct mm *mm, unsigned from, unsigned to, bool all)
{
    struct queue q = {.mm = mm,
                      .end = UINT64_MAX & PAGE_MASK,
                      .nodes = UINT32_C(1) << from,
                      .flags = all ? MPOL_MF_MOVE_ALL : MPOL_MF_MOVE,
                      .holes = true};

    /* Without STRICT, and with holes allowed, nothing can fail. */
    (void)queue_pages_range(&q);
    return q.list ? move_to_node(mm_memory(mm), &q.list, to, mm) : 0;
}

/* node_remap(): the node of @to in the place that @node, one of @from, has. */
static unsigned node_remap(unsigned node, nodemask_t from, nodemask_t to)
{
    unsigned weight = (unsigned)__builtin_popcount(to), nth;

    if (weight == 0)
        return node;
    nth = (unsigned)__builtin_popcount(from & ((UINT32_C(1) << node) - 1));
    for (nth %= weight; nth > 0; nth--)
        to &= to - 1;
    return (unsigned)__builtin_ctz(to);
}

/*
 * The next move: one whose target no page will leave any more, so that no
 * page moves twice, if there is such a one.  False when all is done.
 */
static bool next_move(nodemask_t left, nodemask_t from, nodemask_t to,
                      unsigned *source, unsigned *dest)
{
    bool found = false;

    for (unsigned s = 0; s < MAX_NUMNODES; s++) {
        unsigned d;

        if (!node_isset(left, s))
            continue;
        if (__builtin_popcount(from) != __builtin_popcount(to) &&
            node_isset(to, s))
            continue;
        d = node_remap(s, from, to);
        if (s == d)
            continue;
        found = true;
        *source = s;
        *dest = d;
        if (!node_isset(left, d))
            break;
    }
    return found;
}

int mm_migrate_nodes(struct mm *mm, nodemask_t from, nodemask_t to, bool all)
{
    unsigned source, dest;
    nodemask_t left = from;
    int busy = 0;

    while (next_move(left, from, to, &source, &dest)) {
        int err;

        left &= ~(UINT32_C(1) << source);
        err = migrate_to_node(mm, source, dest, all);
        if (err < 0)
            return err;
        busy += err;
    }
    return busy;
}

/* ----------------------------------------------------------- move_pages */

/*
 * follow_page(FOLL_DUMP).  0 with the page; -EFAULT: no area, the zero page,
 * or anonymous memory never used; -ENOENT: not in memory.
 */
static int follow_page(struct mm *mm, gva_t addr, struct folio **out)
{
    const struct vma *vma = vma_lookup(mm, addr);
    const pte_t *ptep;

    if (!vma)
        return -EFAULT;
    ptep = mm_pte(mm, addr);
    if (!ptep || pte_none(*ptep))
        return vma_is_anonymous(vma) ? -EFAULT : -ENOENT;
    if (!pte_present(*ptep))
        return -ENOENT;
    if (pte_special(*ptep))
        return -EFAULT;
    *out = pte_page(mm, *ptep);
    return 0;
}

/* Pages on their way to one node. */
struct move {
    struct mm *mm;
    const struct move_pages_io *io;
    uint64_t nr;
    bool all;
    int node;       /* -1: none chosen */
    uint64_t start; /* number of the first page that goes there */
    struct folio *list;
};

/* add_page_for_migration(): 1 queued, 0 there already, or why not. */
static int add_page_to_move(struct move *m, gva_t addr)
{
    const struct vma *vma = vma_lookup(m->mm, addr);
    struct folio *folio;
    int err;

    if (!vma || !vma_migratable(vma))
        return -EFAULT;
    err = follow_page(m->mm, addr, &folio);
    if (err)
        return err;
    if (folio->node == m->node)
        return 0;
    if (folio->mapcount > 1 && !m->all)
        return -EACCES;
    if (!migrate_isolate(mm_memory(m->mm), folio))
        return -EBUSY;
    DL_APPEND(m->list, folio);
    return 1;
}

/* move_pages_and_store_status() of the pages [m->start, i). */
static int64_t flush_pages(struct move *m, uint64_t i)
{
    int err;

    if (!m->list)
        return 0;
    err = move_to_node(mm_memory(m->mm), &m->list, (unsigned)m->node, NULL);
    if (err)
        return err < 0 ? err : err + (int64_t)(m->nr - i);
    for (; m->start < i; m->start++)
        if (m->io->put(m->io->ctx, m->start, m->node) != 0)
            return -EFAULT;
    return 0;
}

static int check_node(const struct mm *mm, int node)
{
    nodemask_t memory = phys_nodes(memory_phys(mm_memory(mm)));

    if (node < 0 || node >= MAX_NUMNODES || !node_isset(memory, (unsigned)node))
        return -ENODEV;
    return 0;
}

/*
 * One turn of the loop.  0; an error with @flush set when what is queued is
 * to be moved all the same.
 */
static int64_t move_one(struct move *m, uint64_t i, bool *flush)
{
    int64_t err;
    gva_t addr;
    int node;

    *flush = true;
    err = m->io->get(m->io->ctx, i, &addr, &node);
    if (!err)
        err = check_node(m->mm, node);
    if (err)
        return err;
    *flush = false;
    if (m->node >= 0 && node != m->node) {
        err = flush_pages(m, i);
        if (err)
            return err;
        m->start = i;
    } else if (m->node < 0) {
        m->start = i;
    }
    m->node = node;
    err = add_page_to_move(m, untagged_addr(addr));
    if (err > 0)
        return 0;
    if (m->io->put(m->io->ctx, i, err ? (int)err : node) != 0) {
        *flush = true;
        return -EFAULT;
    }
    err = flush_pages(m, i);
    m->node = -1;
    return err > 0 ? err - 1 : err; /* page i has its status */
}

int64_t mm_move_pages(struct mm *mm, uint64_t nr,
                      const struct move_pages_io *io, bool all)
{
    struct move m = {.mm = mm, .io = io, .nr = nr, .all = all, .node = -1};
    bool flush = true;
    int64_t err = 0, last;
    uint64_t i;

    for (i = 0; i < nr; i++) {
        err = move_one(&m, i, &flush);
        if (err)
            break;
    }
    if (err && !flush)
        return err;
    last = flush_pages(&m, i);
    return err ? err : last;
}

int mm_stat_pages(struct mm *mm, uint64_t nr, const struct move_pages_io *io)
{
    for (uint64_t i = 0; i < nr; i++) {
        struct folio *folio;
        gva_t addr;
        int err = io->get(io->ctx, i, &addr, NULL);

        if (err)
            return err;
        /* The tag bits are not stripped here. */
        err = follow_page(mm, addr, &folio);
        if (io->put(io->ctx, i, err ? err : folio->node) != 0)
            return -EFAULT;
    }
    return 0;
}
