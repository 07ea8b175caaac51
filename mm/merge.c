// SPDX-License-Identifier: GPL-2.0-or-later
/* Areas that become one: vma_merge() and its callers, in the kernel's cases. */
#include <errno.h>

#include "mm/internal.h"
#include "mm/rmap.h"
#include "mm/vma.h"

static bool is_mergeable(const struct vma *near, const struct vma_range *r)
{
    return near && near->flags == r->flags && near->mapping == r->mapping &&
           mpol_equal(&near->policy, r->policy) &&
           anon_vma_mergeable(r->anon_vma, near->anon_vma, near);
}

/* can_vma_merge_after() */
static bool can_merge_after(const struct vma *prev, const struct vma_range *r)
{
    return is_mergeable(prev, r) && prev->end == r->start &&
           prev->pgoff + vma_pages(prev) == r->pgoff;
}

/* can_vma_merge_before() */
static bool can_merge_before(const struct vma *next, const struct vma_range *r)
{
    return is_mergeable(next, r) && next->start == r->end &&
           next->pgoff == r->pgoff + ((r->end - r->start) >> PAGE_SHIFT);
}

static void absorb(struct vma *vma)
{
    vma_remove(vma);
    vma_destroy(vma);
}

/* Of @mid goes what is below @end. */
static void give_up(struct vma *mid, gva_t end)
{
    if (mid->end > end)
        vma_resize(mid, end, mid->end, vma_index(mid, end));
    else
        absorb(mid);
}

/*
 *     AAAA           AAAA           AAAA           AAAA
 * PPPP    NNNN   PPPP           PPPPMMMM       PPPPMMMMNNNN
 * 1              2              5 and 7        6
 *
 * @mid: the area that the range is the beginning of, or NULL
 * @next: to be joined as well, or NULL
 *
 * Between an area that has pages and one that never had, only a third, new or
 * without pages, makes a bridge (is_mergeable_anon_vma()): so @prev takes over
 * the anon_vma of @next, but never that of @mid.
 */
static struct vma *grow_prev(struct vma *prev, struct vma *mid,
                             struct vma *next, const struct vma_range *r)
{
    gva_t end = next ? next->end : r->end;

    if (next && next->anon_vma && !prev->anon_vma &&
        anon_vma_clone(prev, next) != 0)
        return NULL;
    if (mid)
        give_up(mid, r->end);
    if (next)
        absorb(next);
    vma_resize(prev, prev->start, end, prev->pgoff);
    return prev;
}

/*
 *     AAAA           AAAA       AAAA
 *         NNNN   PPPPPPPPNNNN   MMMMNNNN
 * 3              4              8
 *
 * @over: the area that the range is the end of, or NULL
 */
static struct vma *grow_next(struct vma *over, struct vma *next,
                             const struct vma_range *r)
{
    if (over && over->start < r->start)
        vma_resize(over, over->start, r->start, over->pgoff);
    else if (over)
        absorb(over);
    vma_resize(next, r->start, next->end, r->pgoff);
    return next;
}

struct vma *vma_merge(struct mm *mm, struct vma *prev,
                      const struct vma_range *r)
{
    struct vma *next = prev ? prev->next : vma_first(mm);
    struct vma *mid = next && next->start < r->end ? next : NULL;
    bool merge_prev, merge_next;

    if (mid && mid->end == r->end)
        next = mid->next;
    merge_prev = can_merge_after(prev, r);
    merge_next = can_merge_before(next, r);
    if (merge_prev && merge_next &&
        anon_vma_mergeable(prev->anon_vma, next->anon_vma, NULL))
        return grow_prev(prev, mid, next, r);
    if (merge_prev)
        return grow_prev(prev, mid, NULL, r);
    if (merge_next)
        return grow_next(prev && prev->end > r->start ? prev : mid, next, r);
    return NULL;
}

struct vma *vma_merge_new(struct mm *mm, const struct vma_range *r)
{
    struct vma *next = vma_find(mm, r->end);
    struct vma *prev = next ? next->prev : vma_last(mm);
    struct vma_range with = *r;

    if (!mm->mem->policy.merge_next)
        return vma_merge(mm, prev, r);
    if (!can_merge_before(next, r))
        return can_merge_after(prev, r) ? grow_prev(prev, NULL, NULL, r) : NULL;
    with.anon_vma = next->anon_vma;
    return can_merge_after(prev, &with) ? grow_prev(prev, NULL, next, r)
                                        : grow_next(NULL, next, r);
}

int vma_modify(struct vma *vma, gva_t start, gva_t end, vm_flags_t flags,
               const struct mempolicy *policy, struct vma **out)
{
    const struct vma_range r = {.start = start,
                                .end = end,
                                .flags = flags,
                                .mapping = vma->mapping,
                                .pgoff = vma_index(vma, start),
                                .anon_vma = vma->anon_vma,
                                .policy = policy};
    struct vma *prev = vma->start < start ? vma : vma->prev;
    int err = 0;

    *out = vma_merge(vma->mm, prev, &r);
    if (*out)
        return 0;
    if (vma->start < start)
        err = vma_split(vma, start, true);
    if (!err && vma->end > end)
        err = vma_split(vma, end, false);
    if (!err)
        *out = vma;
    return err;
}
