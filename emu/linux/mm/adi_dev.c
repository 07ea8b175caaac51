// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/mm/adi_dev.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "adi/tags.h"
#include "emu/linux/abi_file.h"
#include "emu/linux/backtrace.h"
#include "emu/linux/call.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/fs/iovec.h"
#include "emu/linux/fs/rw.h"
#include "emu/linux/cpumodel.h"
#include "emu/linux/proc/node_file.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/uaccess.h"
#include "judge/judge.h"
#include "mm/mapping.h"
#include "mm/remote.h"
#include "mm/rmap.h"
#include "mm/vma.h"

#define MAX_BUF_SZ   PAGE_SIZE
#define ADI_TAG_BITS ((1u << ADI_NBITS) - 1) /* the hardware keeps these */

/* Tags of neighbouring blocks of one frame, a byte each. */
struct run {
    struct task *t;
    pfn_t pfn;      /* PFN_NONE: of the firmware's memory, */
    adi_tag_t *at;  /* where these are */
    unsigned first; /* block */
    size_t nr;
    const uint8_t *tags;
    uint32_t by; /* the stack of who sets them */
};

void adi_dev_ram(const struct machine *m, unsigned node, uint64_t *start,
                 uint64_t *end)
{
    pfn_t first, last;

    phys_node_range(memory_phys(m->mem), node, &first, &last);
    *start = (uint64_t)(first ? first : 1) << PAGE_SHIFT;
    *end = (uint64_t)last << PAGE_SHIFT;
}

/* The tags of block @block of the memory on, up to @want and the end of the
 * frame; 0: there is no memory, and ASI_MCD_REAL traps. */
static size_t find_run(struct run *run, uint64_t block, size_t want)
{
    struct machine *m = run->t->m;
    /* As the driver has it, a product that may overflow. */
    uint64_t ra = block * ADI_BLKSZ, pfn = ra >> PAGE_SHIFT;
    uint64_t end = phys_nr_frames(memory_phys(m->mem));

    if (pfn == 0 || pfn >= end + MACHINE_FIRMWARE_FRAMES)
        return 0;
    run->pfn = pfn < end ? (pfn_t)pfn : PFN_NONE;
    run->first = (unsigned)page_offset(ra) / ADI_BLKSZ;
    run->at = pfn < end ? tagmem_page(adi_tagmem(m->adi), run->pfn)
                        : m->firmware_tags[pfn - end];
    run->at += run->first;
    run->nr = ADI_TAGS_PER_PAGE - run->first;
    if (run->nr > want)
        run->nr = want;
    return run->nr;
}

/* ------------------------------------------------------- whose page it is */

/* An entry that stands for the page of a frame that is in memory. */
struct sharer {
    swp_entry_t entry;
    struct mm *mm; /* NULL: none was found */
    gva_t va;
};

static int find_sharer(void *ctx, struct mm *mm, gva_t va, const pte_t *ptep)
{
    struct sharer *s = ctx;

    if (pte_to_swp_entry(*ptep).v != s->entry.v)
        return 0;
    s->mm = mm;
    s->va = va;
    return 1;
}

static bool next_sharer(const struct machine *m, struct sharer *s)
{
    static const struct pgtable_ops ops = {.swap = find_sharer};

    s->mm = NULL;
    for (struct mm *mm = memory_first_mm(m->mem); mm && !s->mm;
         mm = memory_next_mm(mm))
        for (const struct vma *v = vma_first(mm); v && !s->mm; v = vma_next(v))
            (void)pgtable_walk(mm, v->start, v->end, &ops, s);
    return s->mm != NULL;
}

/*
 * Who has forked a page that is in the swap cache may find it there, or what is
 * saved of its tags.  So that there is one answer, he finds it now.
 */
static void give_to_sharers(struct task *t, struct folio *folio)
{
    struct sharer s = {.entry = folio->swap};
    bool no_wait = t->no_wait;

    if (folio->refcount == 0 || !folio_test(folio, PG_anon) ||
        !folio_test(folio, PG_swapcache))
        return;
    folio_get(folio);
    t->no_wait = true;
    while (folio_test(folio, PG_swapcache) && folio->swap.v == s.entry.v &&
           swap_entry_count(t->m->swap, s.entry) > 0 && next_sharer(t->m, &s)) {
        struct folio *got;

        if (mm_get_remote_page(s.mm, s.va, ACCESS_READ, &got) != FAULT_OK)
            break;
    }
    t->no_wait = no_wait;
    memory_folio_put(t->m->mem, folio);
}

/* --------------------------------------------------------------- setting */

/* Whoever shows the frame has these tags now. */
static bool tell_mapping(const struct rmap_pte *at, void *arg)
{
    const struct run *run = arg;

    for (size_t i = 0; i < run->nr; i++)
        judge_tag_store(run->t->m->judge, mm_id(at->mm),
                        at->addr + (run->first + i) * ADI_BLKSZ,
                        run->tags[i] & ADI_TAG_BITS, run->by);
    return true;
}

static void tell_judge(struct run *run)
{
    struct machine *m = run->t->m;
    struct folio *folio = phys_folio(memory_phys(m->mem), run->pfn);
    const struct mapping *mapping =
        folio->refcount > 0 && !folio_test(folio, PG_anon) ? folio->mapping
                                                           : NULL;

    for (size_t i = 0; mapping && i < run->nr; i++)
        judge_object_tag_store(m->judge, mapping_id(mapping),
                               (folio->index << PAGE_SHIFT) +
                                   (run->first + i) * ADI_BLKSZ,
                               run->tags[i] & ADI_TAG_BITS, run->by);
    /* A copy of the tags that goes with the page's bytes is not true. */
    if (folio->refcount > 0 && folio_test(folio, PG_anon))
        folio_set(folio, PG_dirty);
    if (folio_mapped(folio))
        (void)rmap_walk(m->mem, folio, run->pfn, RMAP_PRESENT, tell_mapping,
                        run);
}

static void set_tags(struct run *run)
{
    struct machine *m = run->t->m;

    if (run->pfn != PFN_NONE)
        give_to_sharers(run->t, phys_folio(memory_phys(m->mem), run->pfn));
    for (size_t i = 0; i < run->nr; i++)
        run->at[i] = run->tags[i] & ADI_TAG_BITS;
    if (run->pfn == PFN_NONE)
        return;
    phys_touch(memory_phys(m->mem), run->pfn);
    memory_tags_written(m->mem, run->pfn);
    tell_judge(run);
}

/* ---------------------------------------------------------- one transfer */

/* Tags of blocks from @block on, to or from @buf; 0, or -EFAULT on the way. */
static int move_tags(struct task *t, uint64_t block, uint8_t *buf, size_t len,
                     bool write)
{
    struct run run = {.t = t, .by = write ? backtrace_of_store(t, NULL) : 0};

    while (len > 0) {
        size_t n = find_run(&run, block, len);

        if (n == 0)
            return -EFAULT;
        run.tags = buf;
        if (write)
            set_tags(&run);
        else
            memcpy(buf, run.at, n);
        block += n;
        buf += n;
        len -= n;
    }
    return 0;
}

/* adi_read(), adi_write() of one buffer: @len bytes, or -EFAULT */
static int64_t move_buffer(struct task *t, struct user_iter *it, uint64_t block,
                           size_t len, bool write)
{
    const uint64_t from = 0; /* the kernel's buffer begins a page */
    uint8_t *buf = t->m->bounce;
    int64_t done = 0;

    while ((size_t)done < len) {
        size_t n = len - (size_t)done, got;

        if (n > MAX_BUF_SZ)
            n = MAX_BUF_SZ;
        if (write && iter_copy(t, it, n, NULL) < n)
            return -EFAULT;
        if (move_tags(t, block + (uint64_t)done, buf, n, write))
            return -EFAULT;
        got = write ? n : iter_copy(t, it, n, &from);
        if (got < n)
            return -EFAULT;
        done += (int64_t)n;
    }
    return done;
}

/* vfs_read(), vfs_write(), and do_loop_readv_writev() of many buffers */
static int64_t transfer(struct task *t, const struct user_file *file,
                        struct user_iter *it, int64_t offset, bool write)
{
    struct node_file *nf = open_file_data(file->file);
    uint64_t pos = offset < 0 ? nf->pos : (uint64_t)offset;
    int64_t done = 0, n = node_file_area(pos, it->left);

    if (!n && file->vector && it->left == 0)
        return 0;
    if (!n && file->flags & ~RWF_G_HIPRI)
        n = -EOPNOTSUPP;
    /* A first buffer of no bytes is a call of the driver, too. */
    if (!n && write && it->seg < it->end && it->seg->len == 0)
        n = -EINVAL;
    for (struct iovec_g *seg = it->seg; !n && seg < it->end; seg++) {
        if (seg->len == 0)
            continue;
        n = move_buffer(t, it, pos + (uint64_t)done, seg->len, write);
        if (n > 0) {
            done += n;
            n = 0;
        }
    }
    if (!user_settled(t)) { /* all of it again, then */
        int err = call_hold(t, file->guest);

        return err ? err : TASK_WAITS;
    }
    if (offset == AT_POSITION)
        node_file_moved(file->file, pos + (uint64_t)done);
    return done ? done : n;
}

static int64_t adi_read(struct task *t, const struct user_file *file,
                        struct user_iter *to, int64_t offset)
{
    int err = node_file_check(file, false);

    return err ? err : transfer(t, file, to, offset, false);
}

static int64_t adi_write(struct task *t, const struct user_file *file,
                         struct user_iter *from, int64_t offset)
{
    int err = node_file_check(file, true);

    return err ? err : transfer(t, file, from, offset, true);
}

/* generic_permission(): root's, mode 0600, as misc_register() has it made */
bool adi_dev_may(const struct cred *c, int mask)
{
    uint64_t ignores = UINT64_C(1) << CAP_G_DAC_OVERRIDE;

    if (mask & X_OK)
        return false;
    if (!(mask & W_OK))
        ignores |= UINT64_C(1) << CAP_G_DAC_READ_SEARCH;
    return c->uid.fs == 0 || c->effective & ignores || !mask;
}

int adi_dev_open(struct task *t, struct node_file *nf, unsigned guest)
{
    unsigned mode = guest & O_ACCMODE;
    int mask = (mode != O_WRONLY ? R_OK : 0) | (mode != O_RDONLY ? W_OK : 0);

    (void)nf;
    return adi_dev_may(&t->cred, mask) ? 0 : -EACCES;
}

/* adi_llseek(): to where it is already is an error */
static int64_t adi_seek(const struct open_file *file, int64_t offset,
                        int whence)
{
    const struct node_file *nf = open_file_data(file);
    uint64_t to = (uint64_t)offset;

    if (whence != SEEK_SET && whence != SEEK_CUR)
        return -EINVAL;
    if (whence == SEEK_CUR && offset == 0)
        return (int64_t)nf->pos;
    if (whence == SEEK_CUR)
        to += nf->pos;
    if (to == nf->pos)
        return -EINVAL;
    node_file_moved(file, to);
    return (int64_t)to;
}

const struct file_ops *adi_dev_ops(void)
{
    static const struct file_ops ops = {
        .read = adi_read,
        .write = adi_write,
        .seek = adi_seek,
        .node = node_file_node,
        .release = node_file_release,
    };

    return &ops;
}
