// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shmget(2), shmat(2), shmdt(2), shmctl(2).
 *
 * Source: linux v6.2 ipc/shm.c, arch/sparc/include/uapi/asm/shmbuf.h
 */
#include <endian.h>
#include <errno.h>

#include "emu/linux/ipc/shm.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/rlimit.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"
#include "mm/mapping.h"
#include "mm/mmap.h"
#include "mm/vma.h"

#define SHM_G_RDONLY   010000u
#define SHM_G_RND      020000u
#define SHM_G_REMAP    040000u
#define SHM_G_EXEC     0100000u
#define SHM_G_LOCK     11
#define SHM_G_UNLOCK   12
#define SHM_G_STAT     13
#define SHM_G_INFO     14
#define SHM_G_STAT_ANY 15

/* struct shmid64_ds; all fields of all of these are big-endian. */
struct shmid_ds_g {
    struct ipc_perm_g perm;
    uint64_t atime, dtime, ctime, segsz;
    uint32_t cpid, lpid;
    uint64_t nattch, unused[2];
};

struct shminfo_g {
    uint64_t shmmax, shmmin, shmmni, shmseg, shmall, unused[4];
};

struct shm_info_g {
    uint32_t used_ids, pad;
    uint64_t shm_tot, shm_rss, shm_swp, swap_attempts, swap_successes;
};

_Static_assert(sizeof(struct shmid_ds_g) == 112, "struct shmid64_ds");
_Static_assert(sizeof(struct shminfo_g) == 72, "struct shminfo64");
_Static_assert(sizeof(struct shm_info_g) == 48, "struct shm_info");

int64_t sys_shmget(struct task *t, const uint64_t a[6])
{
    const struct ipc_params params = {
        .key = (uint32_t)a[0], .size = a[1], .flags = (unsigned)a[2]};

    return ipc_get(t, &t->m->ipc->shm, &shm_ops, &params);
}

/* Where to; 0: anywhere. */
static int shmat_address(struct mmap_args *args, unsigned flags)
{
    if (!args->addr)
        return flags & SHM_G_REMAP ? -EINVAL : 0;
    if (args->addr & (SHMLBA_G - 1)) {
        if (!(flags & SHM_G_RND))
            return -EINVAL;
        args->addr &= ~(SHMLBA_G - 1);
        if (!args->addr && flags & SHM_G_REMAP)
            return -EINVAL;
    }
    args->flags |= flags & SHM_G_REMAP ? MAP_G_FIXED : MAP_G_FIXED_NOREPLACE;
    return 0;
}

int64_t sys_shmat(struct task *t, const uint64_t a[6])
{
    unsigned flags = (unsigned)a[2];
    bool write = !(flags & SHM_G_RDONLY), exec = flags & SHM_G_EXEC;
    struct mmap_args args = {.addr = a[1],
                             .prot = PROT_G_READ | (write ? PROT_G_WRITE : 0) |
                                     (exec ? PROT_G_EXEC : 0),
                             .flags = MAP_G_SHARED,
                             .may_write = write};
    int err = arg_int(a[0]) < 0 ? -EINVAL : shmat_address(&args, flags);
    const struct shm_segment *seg;
    gva_t at;

    if (err)
        return err;
    seg = shm_by_id(t->m->ipc, arg_int(a[0]));
    if (!seg)
        return -EINVAL;
    err = ipc_may(t, &seg->perm,
                  IPC_READ | (write ? IPC_WRITE : 0) | (exec ? IPC_EXEC : 0));
    if (err)
        return err;
    args.len = seg->bytes;
    args.mapping = seg->mapping;
    err = mm_mmap(t->process->mm, &args, &at);
    if (err)
        return err == -EEXIST ? -EINVAL : err;
    return (int64_t)at;
}

/* Was the area attached at @addr, whatever was cut from it since? */
static bool is_attached_at(const struct vma *vma, gva_t addr)
{
    return vma->mapping &&
           vma->pgoff == (uint64_t)(vma->start - addr) >> PAGE_SHIFT;
}

/* The first area at or above @addr that is of a segment attached there. */
static struct vma *find_attached(struct task *t, gva_t addr,
                                 const struct shm_segment **seg)
{
    struct vma *vma = vma_find(t->process->mm, addr);

    for (; vma; vma = vma_find(t->process->mm, vma->end)) {
        if (!is_attached_at(vma, addr))
            continue;
        *seg = shm_by_mapping(t->m->ipc, vma->mapping);
        if (*seg)
            return vma;
    }
    return NULL;
}

int64_t sys_shmdt(struct task *t, const uint64_t a[6])
{
    gva_t addr = a[0], end, start;
    const struct shm_segment *seg = NULL;
    const struct mapping *mapping;
    struct vma *vma;

    if (addr & ~PAGE_MASK)
        return -EINVAL;
    vma = find_attached(t, addr, &seg);
    if (!vma)
        return -EINVAL;
    mapping = seg->mapping; /* to compare: it may go with its last area */
    end = addr + page_align_up(seg->bytes);
    for (start = vma->start; vma && vma->end <= end;
         vma = vma_find(t->process->mm, start)) {
        gva_t from = vma->start;

        start = vma->end;
        if (vma->mapping == mapping && is_attached_at(vma, addr))
            (void)!mm_munmap(t->process->mm, from, start - from);
    }
    return 0;
}

static int64_t shm_stat(struct task *t, const struct shm_segment *seg,
                        uint64_t va, int64_t value)
{
    struct shmid_ds_g ds = {.atime = htobe64(seg->atime),
                            .dtime = htobe64(seg->dtime),
                            .ctime = htobe64(seg->ctime),
                            .segsz = htobe64(seg->bytes),
                            .cpid = htobe32(seg->cpid),
                            .lpid = htobe32(seg->lpid),
                            .nattch = htobe64(shm_attachments(seg))};

    ipc_perm_to_guest(&seg->perm, &ds.perm);
    return copy_to_user(t, va, &ds, sizeof(ds)) ? -EFAULT : value;
}

/* The limits.  The highest index in use is the answer of both. */
static int64_t ipc_info(struct task *t, uint64_t va)
{
    const struct ipc_namespace *ns = t->m->ipc;
    const struct shminfo_g info = {
        .shmmax = htobe64(ns->shm_ctlmax),
        .shmmin = htobe64(1),
        .shmmni = htobe64((uint64_t)ns->shm.mni),
        .shmseg = htobe64((uint64_t)ns->shm.mni),
        .shmall = htobe64(ns->shm_ctlall),
    };

    if (copy_to_user(t, va, &info, sizeof(info)))
        return -EFAULT;
    return ns->shm.max_idx < 0 ? 0 : ns->shm.max_idx;
}

static int64_t shm_info(struct task *t, uint64_t va)
{
    const struct ipc_namespace *ns = t->m->ipc;
    uint64_t rss = 0, swp = 0;
    struct shm_info_g info;
    struct ipc_perm *perm;
    int idx = 0;

    for (; (perm = ipc_next(&ns->shm, &idx)) != NULL; idx++)
        shm_add_rss_swap((struct shm_segment *)perm, &rss, &swp);
    info = (struct shm_info_g){.used_ids = htobe32((uint32_t)ns->shm.in_use),
                               .shm_tot = htobe64(ns->shm_tot),
                               .shm_rss = htobe64(rss),
                               .shm_swp = htobe64(swp)};
    if (copy_to_user(t, va, &info, sizeof(info)))
        return -EFAULT;
    return ns->shm.max_idx < 0 ? 0 : ns->shm.max_idx;
}

static int64_t shm_set(struct task *t, struct shm_segment *seg, uint64_t va)
{
    struct shmid_ds_g ds;
    int err;

    if (copy_from_user(t, &ds, va, sizeof(ds)))
        return -EFAULT;
    err = !seg ? -EINVAL : ipc_may_change(t, &seg->perm);
    if (!err)
        err = ipc_update_perm(&ds.perm, &seg->perm);
    if (!err)
        seg->ctime = ipc_now(t->m);
    return err;
}

/* shmctl_do_lock() */
/* user_shm_lock(): pages of all segments that the user has locked */
static bool may_lock(const struct task *t, const struct shm_segment *seg)
{
    const struct ipc_namespace *ns = t->m->ipc;
    uint64_t limit = rlimit(t, RLIMIT_G_MEMLOCK), sum = 0;
    struct ipc_perm *perm;
    int idx = 0;

    if (limit == RLIM_G_INFINITY || cred_capable(t, CAP_G_IPC_LOCK))
        return true;
    for (; (perm = ipc_next(&ns->shm, &idx)) != NULL; idx++) {
        const struct shm_segment *of = (const struct shm_segment *)perm;

        if (perm->mode & SHM_G_LOCKED && of->locker == t->cred.uid.real)
            sum += page_align_up(of->bytes) >> PAGE_SHIFT;
    }
    sum += page_align_up(seg->bytes) >> PAGE_SHIFT;
    return sum <= limit >> PAGE_SHIFT;
}

static int64_t shm_lock(struct task *t, struct shm_segment *seg, bool on)
{
    uint32_t euid = t->cred.uid.effective;

    if (!cred_capable(t, CAP_G_IPC_LOCK) &&
        ((euid != seg->perm.uid && euid != seg->perm.cuid) ||
         (on && rlimit(t, RLIMIT_G_MEMLOCK) == 0)))
        return -EPERM;
    if (on && !(seg->perm.mode & SHM_G_LOCKED)) {
        if (!may_lock(t, seg))
            return -ENOMEM;
        seg->locker = t->cred.uid.real;
    }
    mapping_set_unevictable(seg->mapping, on);
    if (on)
        seg->perm.mode |= SHM_G_LOCKED;
    else
        seg->perm.mode &= ~SHM_G_LOCKED;
    return 0;
}

/* Of the segment at an index. */
static int64_t stat_index(struct task *t, int idx, bool any, uint64_t va)
{
    struct ipc_perm *perm = ipc_by_index(&t->m->ipc->shm, idx);
    int err = !perm ? -EINVAL : any ? 0 : ipc_may(t, perm, IPC_READ);

    return err ? err
               : shm_stat(t, (const struct shm_segment *)perm, va, perm->id);
}

int64_t sys_shmctl(struct task *t, const uint64_t a[6])
{
    int id = arg_int(a[0]), cmd = arg_int(a[1]), err;
    struct shm_segment *seg = shm_by_id(t->m->ipc, id);

    if (cmd < 0 || id < 0)
        return -EINVAL;
    switch (cmd) {
    case IPC_G_INFO: return ipc_info(t, a[2]);
    case SHM_G_INFO: return shm_info(t, a[2]);
    case SHM_G_STAT:
    case SHM_G_STAT_ANY: return stat_index(t, id, cmd == SHM_G_STAT_ANY, a[2]);
    case IPC_G_SET: return shm_set(t, seg, a[2]);
    default: break;
    }
    if (!seg)
        return -EINVAL;
    switch (cmd) {
    case IPC_G_STAT:
        err = ipc_may(t, &seg->perm, IPC_READ);
        return err ? err : shm_stat(t, seg, a[2], 0);
    case IPC_G_RMID:
        err = ipc_may_change(t, &seg->perm);
        if (!err)
            shm_remove(seg);
        return err;
    case SHM_G_LOCK:
    case SHM_G_UNLOCK: return shm_lock(t, seg, cmd == SHM_G_LOCK);
    default: return -EINVAL;
    }
}
