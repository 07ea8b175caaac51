#include <endian.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "emu/linux/clock.h"
#include "emu/linux/shm.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"
#include "mm/mapping.h"
#include "mm/mmap.h"
#include "mm/vma.h"

#define IPC_G_PRIVATE 0
#define IPC_G_CREAT   01000u
#define IPC_G_EXCL    02000u
#define IPC_G_RMID    0
#define IPC_G_SET     1
#define IPC_G_STAT    2
#define SHM_G_RDONLY  010000u
#define SHM_G_RND     020000u
#define SHM_G_REMAP   040000u
#define SHM_G_EXEC    0100000u
#define SHM_G_DEST    01000u
#define SHM_G_LOCK    11
#define SHM_G_UNLOCK  12

/* Old ipc(2) numbers. */
#define IPC_CALL_SHMAT  21
#define IPC_CALL_SHMDT  22
#define IPC_CALL_SHMGET 23
#define IPC_CALL_SHMCTL 24

/* struct shmid64_ds of the guest; all fields big-endian. */
struct shmid_ds_g {
    uint32_t key, uid, gid, cuid, cgid, mode;
    uint16_t pad1, seq;
    uint64_t unused[2];
    uint64_t atime, dtime, ctime, segsz;
    uint32_t cpid, lpid;
    uint64_t nattch, unused2[2];
};

_Static_assert(sizeof(struct shmid_ds_g) == 112, "struct shmid64_ds");

static uint64_t now_s(struct task *t)
{
    uint64_t ns = 0;

    (void)clock_ns(t->m, CLOCK_G_REALTIME, &ns);
    return ns / NS_PER_S;
}

int64_t sys_shmget(struct task *t, const uint64_t a[6])
{
    uint32_t key = (uint32_t)a[0], flags = (uint32_t)a[2];
    struct shm_segment *seg = shm_by_key(t->m->shm, key);
    int err;

    if (key != IPC_G_PRIVATE && seg) {
        if (flags & IPC_G_CREAT && flags & IPC_G_EXCL)
            return -EEXIST;
        return a[1] > seg->bytes ? -EINVAL : seg->id;
    }
    if (key != IPC_G_PRIVATE && !(flags & IPC_G_CREAT))
        return -ENOENT;
    err = shm_new(t->m->shm, key, a[1], flags & 0777, &seg);
    if (err)
        return err;
    seg->cpid = t->pid;
    seg->ctime = now_s(t);
    return seg->id;
}

int64_t sys_shmat(struct task *t, const uint64_t a[6])
{
    struct shm_segment *seg = shm_by_id(t->m->shm, arg_int(a[0]));
    uint32_t flags = (uint32_t)a[2];
    struct mmap_args args = {.addr = a[1],
                             .prot = PROT_G_READ |
                                     (flags & SHM_G_RDONLY ? 0 : PROT_G_WRITE) |
                                     (flags & SHM_G_EXEC ? PROT_G_EXEC : 0),
                             .flags = MAP_G_SHARED,
                             .may_write = !(flags & SHM_G_RDONLY)};
    gva_t at;
    int err;

    if (!seg)
        return -EINVAL;
    if (args.addr) {
        if (args.addr & (SHMLBA_G - 1)) {
            if (!(flags & SHM_G_RND))
                return -EINVAL;
            args.addr &= ~(SHMLBA_G - 1);
        }
        args.flags |= flags & SHM_G_REMAP ? MAP_G_FIXED : MAP_G_FIXED_NOREPLACE;
    } else if (flags & SHM_G_REMAP) {
        return -EINVAL;
    }
    args.len = seg->bytes;
    args.mapping = seg->mapping;
    err = mm_mmap(t->mm, &args, &at);
    if (err)
        return err == -EEXIST ? -EINVAL : err;
    seg->atime = now_s(t);
    seg->lpid = t->pid;
    return (int64_t)at;
}

int64_t sys_shmdt(struct task *t, const uint64_t a[6])
{
    struct vma *vma = vma_lookup(t->mm, a[0]);
    struct shm_segment *seg;
    gva_t start = a[0], end;
    int err;

    if (start & ~PAGE_MASK || !vma || vma->start != start || !vma->mapping)
        return -EINVAL;
    seg = shm_by_mapping(t->m->shm, vma->mapping);
    if (!seg || vma->pgoff != 0)
        return -EINVAL;
    /* Every area that mprotect() has cut from this attachment. */
    end = start + page_align_up(seg->bytes);
    for (; vma && vma->start < end; vma = vma_find(t->mm, start)) {
        gva_t next = vma->end;

        if (vma->mapping == seg->mapping &&
            vma->pgoff == (vma->start - a[0]) >> PAGE_SHIFT) {
            err = mm_munmap(t->mm, vma->start, vma->end - vma->start);
            if (err)
                return err;
        }
        start = next;
    }
    seg->dtime = now_s(t);
    seg->lpid = t->pid;
    shm_detached(t->m->shm, seg);
    return 0;
}

static int64_t shm_stat(struct task *t, const struct shm_segment *seg,
                        uint64_t va)
{
    struct shmid_ds_g ds = {0};

    ds.key = htobe32(seg->key);
    ds.uid = ds.cuid = htobe32(getuid());
    ds.gid = ds.cgid = htobe32(getgid());
    ds.mode = htobe32(seg->mode | (seg->removed ? SHM_G_DEST : 0));
    ds.atime = htobe64(seg->atime);
    ds.dtime = htobe64(seg->dtime);
    ds.ctime = htobe64(seg->ctime);
    ds.segsz = htobe64(seg->bytes);
    ds.cpid = htobe32(seg->cpid);
    ds.lpid = htobe32(seg->lpid);
    ds.nattch = htobe64(shm_attachments(seg));
    return copy_to_user(t, va, &ds, sizeof(ds)) ? -EFAULT : 0;
}

int64_t sys_shmctl(struct task *t, const uint64_t a[6])
{
    struct shm_segment *seg = shm_by_id(t->m->shm, arg_int(a[0]));
    struct shmid_ds_g ds;

    if (!seg)
        return -EINVAL;
    switch (arg_int(a[1]) & 0xff) {
    case IPC_G_RMID: shm_remove(t->m->shm, seg); return 0;
    case IPC_G_STAT: return shm_stat(t, seg, a[2]);
    case IPC_G_SET:
        if (copy_from_user(t, &ds, a[2], sizeof(ds)))
            return -EFAULT;
        seg->mode = be32toh(ds.mode) & 0777;
        seg->ctime = now_s(t);
        return 0;
    case SHM_G_LOCK:
    case SHM_G_UNLOCK:
        mapping_set_unevictable(seg->mapping,
                                (arg_int(a[1]) & 0xff) == SHM_G_LOCK);
        return 0;
    default: return -EINVAL;
    }
}

int64_t sys_ipc(struct task *t, const uint64_t a[6])
{
    uint64_t b[6] = {a[1], a[2], a[3], 0, 0, 0};
    int64_t at;

    switch (a[0] & 0xffff) {
    case IPC_CALL_SHMGET: return sys_shmget(t, b);
    case IPC_CALL_SHMCTL:
        b[1] = a[2];
        b[2] = a[4];
        return sys_shmctl(t, b);
    case IPC_CALL_SHMDT: b[0] = a[4]; return sys_shmdt(t, b);
    case IPC_CALL_SHMAT:
        b[1] = a[4];
        b[2] = a[2];
        at = sys_shmat(t, b);
        if (at < 0 && at >= -4095)
            return at;
        return put_user64(t, a[3], (uint64_t)at);
    default: return -ENOSYS;
    }
}
