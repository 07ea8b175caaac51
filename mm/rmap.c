// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/rmap.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "mm/internal.h"
#include "mm/mapping.h"

struct anon_vma {
    int refcount;            /* chains, and children as their parent */
    struct anon_vma *root;   /* not counted; outlives its children */
    struct anon_vma *parent; /* counted */
    struct itree chains;     /* areas that may hold its pages, by index */
};

struct anon_vma_chain {
    struct vma *vma;
    struct anon_vma *anon_vma;                  /* counted */
    struct itree_node node;                     /* of the anon_vma */
    struct anon_vma_chain *vma_prev, *vma_next; /* of the area */
};

static struct anon_vma_chain *chain_of(struct itree_node *node)
{
    return node ? avl_entry(node, struct anon_vma_chain, node) : NULL;
}

/* Where the pages of its area are to be found. */
static void chain_insert(struct anon_vma_chain *avc)
{
    const struct vma *vma = avc->vma;

    itree_insert(&avc->anon_vma->chains, &avc->node, vma->pgoff,
                 vma->pgoff + vma_pages(vma) - 1);
}

static struct anon_vma *anon_vma_create(struct anon_vma *parent)
{
    struct anon_vma *av = calloc(1, sizeof(*av));

    if (!av)
        return NULL;
    itree_init(&av->chains);
    av->root = parent ? parent->root : av;
    av->parent = parent;
    if (parent)
        parent->refcount++;
    return av;
}

struct anon_vma *folio_get_anon_vma(const struct folio *folio)
{
    if (!folio_test(folio, PG_anon) || !folio_mapped(folio))
        return NULL;
    folio->anon_vma->refcount++;
    return folio->anon_vma;
}

void anon_vma_put(struct anon_vma *av)
{
    while (av && --av->refcount == 0) {
        struct anon_vma *parent = av->parent;

        free(av);
        av = parent;
    }
}

static int chain_link(struct vma *vma, struct anon_vma *av)
{
    struct anon_vma_chain *avc = calloc(1, sizeof(*avc));

    if (!avc)
        return -ENOMEM;
    avc->vma = vma;
    avc->anon_vma = av;
    av->refcount++;
    chain_insert(avc);
    DL_APPEND2(vma->chain, avc, vma_prev, vma_next);
    return 0;
}

/* list_is_singular(): it has an anon_vma, and none from a fork */
static bool chain_is_singular(const struct vma *vma)
{
    return vma->chain && !vma->chain->vma_next;
}

/*
 * anon_vma_compatible(): @b follows @a, and differs from it in nothing that
 * mprotect() could not undo.
 */
static bool anon_vma_compatible(const struct vma *a, const struct vma *b)
{
    return a->end == b->start && mpol_equal(&a->policy, &b->policy) &&
           a->mapping == b->mapping &&
           !((a->flags ^ b->flags) & ~VM_ACCESS_FLAGS) &&
           b->pgoff == a->pgoff + vma_pages(a);
}

/* A neighbour's, so that the two areas may merge one day. */
static struct anon_vma *find_mergeable_anon_vma(const struct vma *vma)
{
    const struct vma *next = vma_next(vma), *prev = vma_prev(vma);

    if (next && anon_vma_compatible(vma, next) && chain_is_singular(next))
        return next->anon_vma;
    if (prev && anon_vma_compatible(prev, vma) && chain_is_singular(prev))
        return prev->anon_vma;
    return NULL;
}

int anon_vma_prepare(struct vma *vma)
{
    struct anon_vma *av, *made = NULL;

    if (vma->anon_vma)
        return 0;
    av = find_mergeable_anon_vma(vma);
    if (!av)
        av = made = anon_vma_create(NULL);
    if (!av)
        return -ENOMEM;
    if (chain_link(vma, av) != 0) {
        free(made);
        return -ENOMEM;
    }
    vma->anon_vma = av;
    return 0;
}

void unlink_anon_vmas(struct vma *vma)
{
    struct anon_vma_chain *avc;

    while ((avc = vma->chain) != NULL) {
        DL_DELETE2(vma->chain, avc, vma_prev, vma_next);
        itree_erase(&avc->anon_vma->chains, &avc->node);
        anon_vma_put(avc->anon_vma);
        free(avc);
    }
    vma->anon_vma = NULL;
}

int anon_vma_clone(struct vma *dst, struct vma *src)
{
    struct anon_vma_chain *avc;

    DL_FOREACH2(src->chain, avc, vma_next) {
        if (chain_link(dst, avc->anon_vma) != 0) {
            unlink_anon_vmas(dst);
            return -ENOMEM;
        }
    }
    dst->anon_vma = src->anon_vma;
    return 0;
}

int anon_vma_fork(struct vma *child, struct vma *parent)
{
    struct anon_vma *av;

    child->anon_vma = NULL;
    if (!parent->anon_vma)
        return 0;
    if (anon_vma_clone(child, parent) != 0)
        return -ENOMEM;
    av = anon_vma_create(parent->anon_vma);
    if (!av || chain_link(child, av) != 0) {
        if (av) {
            parent->anon_vma->refcount--;
            free(av);
        }
        unlink_anon_vmas(child);
        return -ENOMEM;
    }
    child->anon_vma = av;
    return 0;
}

const struct anon_vma *anon_vma_nth(const struct vma *vma, unsigned n,
                                    const struct anon_vma **root)
{
    const struct anon_vma_chain *avc = vma->chain;

    while (avc && n-- > 0)
        avc = avc->vma_next;
    if (!avc)
        return NULL;
    *root = avc->anon_vma->root;
    return avc->anon_vma;
}

void anon_vma_walk(const struct anon_vma *av,
                   void (*one)(void *ctx, const struct vma *vma), void *ctx)
{
    struct itree_node *node = itree_first(&av->chains, 0, UINT64_MAX);

    for (; node; node = itree_next(node, 0, UINT64_MAX))
        one(ctx, chain_of(node)->vma);
}

bool anon_vma_mergeable(const struct anon_vma *with, const struct anon_vma *av,
                        const struct vma *near)
{
    /* One that was cloned by fork: merging would mix families up. */
    if ((!with || !av) && (!near || chain_is_singular(near)))
        return true;
    return with == av;
}

void rmap_unlink_vma(struct vma *vma)
{
    struct anon_vma_chain *avc;

    DL_FOREACH2(vma->chain, avc, vma_next) {
        itree_erase(&avc->anon_vma->chains, &avc->node);
    }
    if (vma->mapping)
        mapping_unlink_vma(vma->mapping, vma);
}

void rmap_link_vma(struct vma *vma)
{
    struct anon_vma_chain *avc;

    DL_FOREACH2(vma->chain, avc, vma_next) {
        chain_insert(avc);
    }
    if (vma->mapping)
        mapping_link_vma(vma->mapping, vma);
}

/* -------------------------------------------------------------- walking */

struct walk {
    struct memory *mem;
    struct folio *folio;
    pfn_t target;
    enum rmap_kind kind;
    bool (*one)(const struct rmap_pte *at, void *arg);
    void *arg;
};

/* page_vma_mapped_walk(): does the entry at @addr map the folio? */
static bool entry_maps(const struct walk *w, pte_t pte)
{
    swp_entry_t entry;

    if (w->kind == RMAP_PRESENT)
        return pte_present(pte) && pte_pfn(pte) == w->target;
    if (!is_swap_pte(pte))
        return false;
    entry = pte_to_swp_entry(pte);
    return is_migration_entry(entry) && migration_entry_pfn(entry) == w->target;
}

/* vma_address(): false when the page is not in its range. */
static bool vma_address(const struct vma *vma, uint64_t index, gva_t *out)
{
    if (index < vma->pgoff || index >= vma->pgoff + vma_pages(vma))
        return false;
    *out = vma->start + ((index - vma->pgoff) << PAGE_SHIFT);
    return true;
}

bool rmap_address(const struct folio *folio, const struct vma *vma, gva_t *out)
{
    if (!folio_test(folio, PG_anon))
        return folio->mapping && vma->mapping == folio->mapping &&
               vma_address(vma, folio->index, out);
    return vma->anon_vma && folio->anon_vma &&
           vma->anon_vma->root == folio->anon_vma->root &&
           vma_address(vma, folio->index, out);
}

/* Returns false when the walk was stopped. */
static bool walk_vma(const struct walk *w, struct vma *vma)
{
    struct rmap_pte at = {.mm = vma->mm, .vma = vma};

    if (!vma_address(vma, w->folio->index, &at.addr))
        return true;
    at.ptep = mm_pte(vma->mm, at.addr);
    if (!at.ptep || !entry_maps(w, *at.ptep))
        return true;
    return w->one(&at, w->arg);
}

bool rmap_walk(struct memory *mem, struct folio *folio, pfn_t target,
               enum rmap_kind kind,
               bool (*one)(const struct rmap_pte *at, void *arg), void *arg)
{
    struct walk w = {mem, folio, target, kind, one, arg};
    uint64_t index = folio->index;

    if (!folio_test(folio, PG_anon)) {
        struct vma *vma = NULL;

        /* A page of shared memory in the swap cache is in no mapping. */
        if (folio->mapping)
            vma = mapping_first_vma(folio->mapping, index, index);
        for (; vma; vma = mapping_next_vma(vma, index, index))
            if (!walk_vma(&w, vma))
                return false;
        return true;
    }
    if (!folio->anon_vma)
        return true;
    for (struct itree_node *node =
             itree_first(&folio->anon_vma->chains, index, index);
         node; node = itree_next(node, index, index))
        if (!walk_vma(&w, chain_of(node)->vma))
            return false;
    return true;
}

/* ------------------------------------------------------------- counting */

static void set_anon(struct folio *folio, struct vma *vma, gva_t addr,
                     bool exclusive)
{
    struct anon_vma *av = vma->anon_vma;

    INVARIANT(av);
    /* Not exclusive: any process of the fork family may map it. */
    folio->anon_vma = exclusive ? av : av->root;
    folio->index = vma_index(vma, addr);
    folio_set(folio, PG_anon);
}

void rmap_add_new_anon(struct memory *mem, struct folio *folio, struct vma *vma,
                       gva_t addr)
{
    folio_set(folio, PG_swapbacked);
    folio->mapcount = 1;
    set_anon(folio, vma, addr, true);
    if (mem->policy.anon_exclusive)
        folio_set(folio, PG_anon_exclusive);
}

void rmap_add_anon(struct memory *mem, struct folio *folio, struct vma *vma,
                   gva_t addr, bool exclusive)
{
    if (folio->mapcount++ == 0 && !folio_test(folio, PG_anon))
        set_anon(folio, vma, addr, exclusive);
    if (exclusive && mem->policy.anon_exclusive)
        folio_set(folio, PG_anon_exclusive);
}

void rmap_add_file(struct folio *folio)
{
    folio->mapcount++;
}

void rmap_remove(struct memory *mem, struct folio *folio)
{
    (void)mem;
    INVARIANT(folio->mapcount > 0);
    folio->mapcount--;
}

void rmap_move_anon(struct folio *folio, const struct vma *vma)
{
    folio->anon_vma = vma->anon_vma;
    folio_set(folio, PG_anon_exclusive);
}

bool folio_maybe_pinned(const struct folio *folio)
{
    return folio->pins > 0;
}

int rmap_try_dup_anon(struct memory *mem, struct folio *folio)
{
    /* Nobody knows whose it is: page_needs_cow_for_dma(). */
    if (!mem->policy.anon_exclusive && folio_maybe_pinned(folio))
        return -EBUSY;
    if (folio_test(folio, PG_anon_exclusive)) {
        if (folio_maybe_pinned(folio))
            return -EBUSY;
        folio_clear(folio, PG_anon_exclusive);
    }
    folio->mapcount++;
    return 0;
}

int rmap_try_share_anon(struct folio *folio)
{
    if (folio_maybe_pinned(folio))
        return -EBUSY;
    folio_clear(folio, PG_anon_exclusive);
    return 0;
}

struct referenced {
    unsigned count;
    vm_flags_t flags;
};

static bool referenced_one(const struct rmap_pte *at, void *arg)
{
    struct referenced *ref = arg;

    if (at->vma->flags & VM_LOCKED) {
        ref->flags |= VM_LOCKED;
        return false;
    }
    if (pte_young(*at->ptep)) {
        mm_set_pte(at->mm, at->addr, at->ptep, pte_mkold(*at->ptep));
        ref->count++;
    }
    ref->flags |= at->vma->flags;
    return true;
}

unsigned folio_referenced(struct memory *mem, struct folio *folio,
                          vm_flags_t *vm_flags)
{
    struct referenced ref = {0};

    if (folio_mapped(folio))
        (void)rmap_walk(mem, folio, phys_pfn(mem->phys, folio), RMAP_PRESENT,
                        referenced_one, &ref);
    *vm_flags = ref.flags;
    return ref.count;
}

/* page_mkclean_one() */
static bool mkclean_one(const struct rmap_pte *at, void *arg)
{
    bool *cleaned = arg;
    pte_t pte = *at->ptep;

    if (!(at->vma->flags & VM_SHARED) || !(pte_dirty(pte) || pte_write(pte)))
        return true;
    pte = mm_clear_pte(at->mm, at->addr, at->ptep);
    mm_set_pte(at->mm, at->addr, at->ptep, pte_wrprotect(pte_mkclean(pte)));
    *cleaned = true;
    return true;
}

bool folio_mkclean(struct memory *mem, struct folio *folio)
{
    bool cleaned = false;

    if (folio_mapped(folio))
        (void)rmap_walk(mem, folio, phys_pfn(mem->phys, folio), RMAP_PRESENT,
                        mkclean_one, &cleaned);
    return cleaned;
}
