// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc/PID/mem: the memory of a process, read and written as by a debugger.
 *
 * Source: linux v6.2 fs/proc/base.c mem_open(), mem_rw(), mem_lseek(),
 *         mm/memory.c access_remote_vm()
 *
 * The kernel goes through a buffer and its own mapping of the frame: of the
 * process's side no tag is checked, and a large write takes those of whole
 * lines, as that of process_vm_writev() does.  The caller's pointers are
 * checked.
 */
#include <errno.h>
#include <unistd.h>

#include "emu/linux/call.h"
#include "emu/linux/cred/cred.h"
#include "emu/linux/fs/file_ops.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/fs/iovec.h"
#include "emu/linux/fs/rw.h"
#include "emu/linux/mm/remote_vm.h"
#include "emu/linux/proc/entry.h"
#include "emu/linux/proc/node_file.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/uaccess.h"

int proc_mem_open(struct task *t, struct node_file *nf, unsigned guest)
{
    struct task *of = task_find(t->m, nf->node.pid);
    struct mm *mm;

    (void)guest;
    if (!of)
        return -ESRCH;
    mm = of->process->mm;
    if (mm && mm != t->process->mm && cred_may_ptrace(t, of, false) != 0)
        return -EACCES; /* mm_access() */
    if (mm)
        mm_grab(mm);
    nf->mm = mm;
    return 0;
}

struct transfer {
    struct task *t;
    struct mm *mm;
    gva_t va; /* of what comes next */
    bool write;
    uint64_t done; /* bytes, of all buffers */
};

/* mem_rw() of one buffer, @len bytes */
static int64_t move_buffer(struct transfer *tr, struct user_iter *it,
                           size_t len)
{
    const uint64_t from = 0;
    uint8_t *page = tr->t->m->bounce;
    size_t done = 0;

    while (done < len && !tr->t->m->interrupted) {
        size_t want = len - done < PAGE_SIZE ? len - done : PAGE_SIZE, n;

        if (tr->write && iter_copy(tr->t, it, want, NULL) < want)
            return -EFAULT;
        n = access_remote_vm(tr->mm, tr->va, page, want, tr->write);
        if (n == 0)
            return done ? (int64_t)done : -EIO;
        if (!tr->write && iter_copy(tr->t, it, n, &from) < n)
            return -EFAULT;
        tr->va += n;
        tr->done += n;
        done += n;
        if (n < want || !user_settled(tr->t))
            break;
    }
    return (int64_t)done;
}

/* do_loop_readv_writev() */
static int64_t move_all(struct transfer *tr, struct user_iter *it)
{
    int64_t n = 0;

    while (it->left > 0) {
        size_t len;

        (void)iter_segment(it); /* those of no bytes are passed over */
        len = it->seg->len;
        n = move_buffer(tr, it, len);
        if (n < (int64_t)len)
            break;
    }
    return tr->done ? (int64_t)tr->done : n;
}

static int64_t transfer(struct task *t, const struct user_file *file,
                        struct user_iter *it, int64_t offset, bool write)
{
    struct node_file *nf = open_file_data(file->file);
    bool own = offset == AT_POSITION;
    struct transfer tr = {.t = t,
                          .mm = nf->mm,
                          .va = own ? nf->pos : (uint64_t)offset + t->wait.done,
                          .write = write,
                          .done = t->wait.done};
    int64_t value = node_file_check(file, write);

    if (!value)
        value = node_file_area(tr.va, it->left - tr.done);
    if (!value && it->left > 0 && file->flags & ~RWF_G_HIPRI)
        value = -EOPNOTSUPP;
    if (value || it->left == 0 || !tr.mm || !mm_get_not_zero(tr.mm))
        return value;
    iter_skip(it, tr.done);
    value = move_all(&tr, it);
    mm_put(tr.mm);
    if (own)
        node_file_moved(file->file, tr.va);
    t->wait.done = tr.done;
    if (user_waits(t)) {
        int err = call_hold(t, file->guest);

        return err ? err : TASK_WAITS;
    }
    return value;
}

static int64_t mem_read(struct task *t, const struct user_file *file,
                        struct user_iter *to, int64_t offset)
{
    return transfer(t, file, to, offset, false);
}

static int64_t mem_write(struct task *t, const struct user_file *file,
                         struct user_iter *from, int64_t offset)
{
    return transfer(t, file, from, offset, true);
}

/* mem_lseek() */
static int64_t mem_seek(const struct open_file *file, int64_t offset,
                        int whence)
{
    const struct node_file *nf = open_file_data(file);

    if (whence != SEEK_SET && whence != SEEK_CUR)
        return -EINVAL;
    node_file_moved(file,
                    (uint64_t)offset + (whence == SEEK_CUR ? nf->pos : 0));
    return (int64_t)nf->pos;
}

const struct file_ops *proc_mem_ops(void)
{
    static const struct file_ops ops = {
        .read = mem_read,
        .write = mem_write,
        .seek = mem_seek,
        .node = node_file_node,
        .release = node_file_release,
    };

    return &ops;
}
