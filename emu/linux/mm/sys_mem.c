// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>

#include "emu/linux/fs/file_ops.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/mm/mapfile.h"
#include "emu/linux/path/path.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/rlimit.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"
#include "mm/madvise.h"
#include "mm/mapping.h"
#include "mm/mmap.h"
#include "mm/protect.h"
#include "mm/vma.h"
#include "mm/writeback.h"

#define MS_G_ASYNC      1u
#define MS_G_INVALIDATE 2u
#define MS_G_SYNC       4u
#define MLOCK_G_ONFAULT 1u

/* PROT_ADI switches PSTATE.mcde on, also when the call itself failed. */
static void after_prot(struct task *t, int err, gva_t start, uint64_t len,
                       unsigned prot)
{
    if (!err && prot & PROT_G_EXEC)
        programs_note(t, start, start + len);
    if (adi_mm_enabled(t->process->mm))
        machine_set_mcde(t->m, t->process->mm);
}

int64_t sys_brk(struct task *t, const uint64_t a[6])
{
    uint64_t limit = rlimit(t, RLIMIT_G_DATA), data;
    gva_t start, brk;

    mm_get_brk(t->process->mm, &start, &brk);
    data = a[0] - start +
           (t->process->layout.end_data - t->process->layout.start_data);
    /* check_data_rlimit() */
    if (limit != RLIM_G_INFINITY && a[0] > start && data > limit)
        return (int64_t)brk;
    return (int64_t)mm_brk(t->process->mm, a[0]);
}

/* do_mmap(): what the descriptor was opened for. */
static int check_access(struct task *t, int fd, struct mmap_args *args)
{
    int mode = fcntl(fd, F_GETFL) & O_ACCMODE;
    bool shared = (args->flags & MAP_G_TYPE) != MAP_G_PRIVATE;

    if (mode == O_WRONLY)
        return -EACCES;
    args->may_write = mode == O_RDWR;
    if (!shared || !args->may_write)
        return shared && args->prot & PROT_G_WRITE ? -EACCES : 0;
    if (path_check_swap(t, fd) == 0)
        return 0;
    /* Linux lets mprotect() make it writable: a store would go to the host. */
    args->may_write = false;
    return args->prot & PROT_G_WRITE ? -ETXTBSY : 0;
}

/* What is mapped, with a reference; args->mapping NULL: private anonymous. */
static int find_mapping(struct task *t, int guest_fd, struct mmap_args *args)
{
    const struct open_file *file;
    int err;

    if (args->flags & MAP_G_ANONYMOUS) {
        if ((args->flags & MAP_G_TYPE) == MAP_G_PRIVATE)
            return 0;
        args->may_write = true;
        args->mapping =
            mapping_create_shmem(t->m->mem, page_align_up(args->len));
        return args->mapping ? 0 : -ENOMEM;
    }
    file = files_fdget(t->files, guest_fd);
    if (!file)
        return -EBADF;
    err = check_access(t, open_file_host(file), args);
    if (err)
        return err;
    return open_file_ops(file)->mmap ? open_file_ops(file)->mmap(t, file, args)
                                     : -ENODEV;
}

int64_t sys_mmap(struct task *t, const uint64_t a[6])
{
    struct mmap_args args = {.addr = a[0],
                             .len = a[1],
                             .prot = (unsigned)a[2],
                             .flags = (unsigned)a[3],
                             .pgoff = a[5] >> PAGE_SHIFT};
    unsigned type = args.flags & MAP_G_TYPE;
    gva_t at = 0;
    int err;

    if (a[5] & ~PAGE_MASK)
        return -EINVAL;
    if (type != MAP_G_PRIVATE && type != MAP_G_SHARED &&
        type != MAP_G_SHARED_VALIDATE)
        return -EINVAL;
    if (args.len == 0)
        return -EINVAL;
    err = find_mapping(t, arg_int(a[4]), &args);
    if (err)
        return err;
    if (args.flags & MAP_G_ANONYMOUS)
        args.pgoff = 0;
    err = mm_mmap(t->process->mm, &args, &at);
    if (args.mapping)
        mapping_put(args.mapping);
    after_prot(t, err, at, args.len, args.prot);
    return err ? err : (int64_t)at;
}

int64_t sys_munmap(struct task *t, const uint64_t a[6])
{
    return mm_munmap(t->process->mm, untagged_addr(a[0]), a[1]);
}

int64_t sys_mprotect(struct task *t, const uint64_t a[6])
{
    gva_t at = untagged_addr(a[0]);
    unsigned prot = (unsigned)a[2];
    int err = mm_mprotect(t->process->mm, at, a[1], prot);

    after_prot(t, err, at, a[1], prot);
    return err;
}

int64_t sys_mremap(struct task *t, const uint64_t a[6])
{
    gva_t at = 0;
    /* The new address is taken as it is. */
    int err = mm_mremap(t->process->mm, untagged_addr(a[0]), a[1], a[2],
                        (unsigned)a[3], a[4], &at);

    if (!err)
        programs_note(t, at, at + a[2]);
    return err ? err : (int64_t)at;
}

int64_t sys_remap_file_pages(struct task *t, const uint64_t a[6])
{
    if ((unsigned)a[2] != 0)
        return -EINVAL;
    return mm_remap_file_pages(t->process->mm, untagged_addr(a[0]), a[1], a[3],
                               (unsigned)a[4]);
}

/* vfs_fsync_range() of what [start, end) shows. */
static int sync_area(const struct vma *vma, gva_t start, gva_t end)
{
    if (!vma->mapping || !(vma->flags & VM_SHARED))
        return 0;
    mapping_writeback(vma->mapping, vma_index(vma, start),
                      vma_index(vma, end - PAGE_SIZE));
    return mapping_check_error(vma->mapping);
}

int64_t sys_msync(struct task *t, const uint64_t a[6])
{
    gva_t start = untagged_addr(a[0]), end = start + page_align_up(a[1]);
    unsigned flags = (unsigned)a[2];
    int hole = 0;

    if (flags & ~(MS_G_ASYNC | MS_G_INVALIDATE | MS_G_SYNC) ||
        start & ~PAGE_MASK || (flags & MS_G_ASYNC && flags & MS_G_SYNC))
        return -EINVAL;
    if (end < start)
        return -ENOMEM;
    while (start < end) {
        const struct vma *vma = vma_find(t->process->mm, start);
        int err = 0;

        if (!vma || vma->start >= end)
            return -ENOMEM;
        if (vma->start > start) {
            start = vma->start;
            hole = -ENOMEM;
        }
        if (flags & MS_G_INVALIDATE && vma->flags & VM_LOCKED)
            return -EBUSY;
        if (flags & MS_G_SYNC)
            err = sync_area(vma, start, end < vma->end ? end : vma->end);
        if (err)
            return err;
        start = vma->end;
    }
    return hole;
}

int64_t sys_mincore(struct task *t, const uint64_t a[6])
{
    gva_t start = untagged_addr(a[0]);
    uint64_t pages = (a[1] >> PAGE_SHIFT) + (page_offset(a[1]) != 0), va = a[2];
    uint8_t *vec = t->m->bounce;

    if (start & ~PAGE_MASK)
        return -EINVAL;
    while (pages > 0) {
        uint64_t some = pages < PAGE_SIZE ? pages : PAGE_SIZE;
        int64_t n = mm_mincore(t->process->mm, start, some, vec);

        if (n <= 0)
            return n;
        if (memory_fatal_signal(t->m->mem))
            return -EINTR;
        if (copy_to_user(t, va, vec, (size_t)n))
            return -EFAULT;
        pages -= (uint64_t)n;
        va += (uint64_t)n;
        start += (uint64_t)n << PAGE_SHIFT;
    }
    return 0;
}

int64_t sys_mlock(struct task *t, const uint64_t a[6])
{
    return mm_mlock(t->process->mm, untagged_addr(a[0]), a[1], false);
}

int64_t sys_mlock2(struct task *t, const uint64_t a[6])
{
    if (a[2] & ~(uint64_t)MLOCK_G_ONFAULT)
        return -EINVAL;
    return mm_mlock(t->process->mm, untagged_addr(a[0]), a[1],
                    a[2] & MLOCK_G_ONFAULT);
}

int64_t sys_munlock(struct task *t, const uint64_t a[6])
{
    return mm_munlock(t->process->mm, untagged_addr(a[0]), a[1]);
}

int64_t sys_mlockall(struct task *t, const uint64_t a[6])
{
    uint32_t flags = (uint32_t)a[0];

    if (flags == 0 || flags == MCL_G_ONFAULT ||
        flags & ~(MCL_G_CURRENT | MCL_G_FUTURE | MCL_G_ONFAULT))
        return -EINVAL;
    return mm_mlockall(t->process->mm, flags);
}

int64_t sys_munlockall(struct task *t, const uint64_t a[6])
{
    (void)a;
    mm_munlockall(t->process->mm);
    return 0;
}
