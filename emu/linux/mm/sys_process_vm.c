// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * process_vm_readv(2), process_vm_writev(2).
 *
 * Source: linux v6.2 mm/process_vm_access.c, lib/iov_iter.c
 *
 * The other side's pages are pinned, and the kernel reads and writes them
 * through its own mapping, where no tag is checked; the caller's memory is
 * accessed as by every call, with the tags of its pointers.
 */
#include <errno.h>

#include "emu/linux/cred/cred.h"
#include "emu/linux/fs/iovec.h"
#include "emu/linux/path/path.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"
#include "mm/kcopy.h"
#include "mm/pin.h"
#include "mm/populate.h"

/* Segments, and how much of the first of them is done. */
struct segments {
    struct iovec_g *at;
    uint64_t nr, done;
};

struct remote_copy {
    struct task *t;
    struct mm *mm; /* counted; of the other process */
    struct segments local;
    bool write;
    uint64_t copied;
};

/* The place and the length of what is next in the caller's memory. */
static bool next_local(struct segments *s, uint64_t *va, uint64_t *len)
{
    while (s->nr > 0 && s->done == s->at->len) {
        s->at++;
        s->nr--;
        s->done = 0;
    }
    if (s->nr == 0)
        return false;
    *va = s->at->base + s->done;
    *len = s->at->len - s->done;
    return true;
}

/* Between the caller and [@va, @va + @len) of a page; what was left. */
static uint64_t copy_in_page(struct remote_copy *c, gva_t va, uint64_t len,
                             struct folio *folio)
{
    struct memory *mem = c->t->m->mem;
    uint8_t *bytes = memory_folio_bytes(mem, folio) + page_offset(va);
    uint64_t local, room;

    while (len > 0 && next_local(&c->local, &local, &room)) {
        size_t n = room < len ? room : len, left;

        if (c->write) {
            left = copy_data_from_user(c->t, bytes, local, n);
        } else {
            size_t has = user_room(c->t, local, n);

            left = n - has +
                   copy_data_to_user(c->t, local, bytes, has, page_offset(va));
        }
        if (c->write && left < n)
            mm_written_remote(c->mm, va, folio, (unsigned)(n - left), local);
        c->local.done += n - left;
        c->copied += n - left;
        bytes += n - left;
        va += n - left;
        len -= n - left;
        if (left)
            break;
    }
    return len;
}

/* process_vm_rw_single_vec(): 0, -EFAULT or -EINTR */
static int copy_segment(struct remote_copy *c, gva_t va, uint64_t len)
{
    uint64_t local, room;

    while (len > 0 && next_local(&c->local, &local, &room)) {
        uint64_t n = PAGE_SIZE - page_offset(va), left;
        struct folio *folio;
        enum fault fault;

        if (host_stop(c->t))
            return -EINTR;
        n = n < len ? n : len;
        fault = mm_pin_page(c->mm, va, c->write ? ACCESS_WRITE : ACCESS_READ,
                            &folio);
        if (fault == FAULT_RETRY || fault == FAULT_WAIT)
            mm_stuck(c->mm, va);
        if (fault != FAULT_OK)
            return -EFAULT;
        left = copy_in_page(c, va, n, folio);
        memory_unpin(c->t->m->mem, folio);
        if (!user_settled(c->t))
            return -EFAULT;
        if (left)
            return next_local(&c->local, &local, &room) ? -EFAULT : 0;
        va += n;
        len -= n;
    }
    return 0;
}

static int64_t copy_all(struct remote_copy *c, const struct iovec_g *remote,
                        uint64_t nr)
{
    int err = 0;

    for (uint64_t i = 0; i < nr && !err; i++)
        err = copy_segment(c, untagged_addr(remote[i].base), remote[i].len);
    return c->copied ? (int64_t)c->copied : err;
}

/* process_vm_rw() */
static int64_t process_vm_rw(struct task *t, const uint64_t a[6], bool write)
{
    struct iovec_g local[UIO_MAXIOV_G], remote[UIO_MAXIOV_G];
    struct remote_copy c = {
        .t = t, .local = {.at = local, .nr = a[2]}, .write = write};
    int64_t total, value;
    struct task *of;

    if (a[5])
        return -EINVAL;
    total = iovec_import(t, local, a[1], a[2]);
    if (total <= 0)
        return total;
    total = iovec_import(t, remote, a[3], a[4]);
    if (total <= 0)
        return total;
    of = task_find(t->m, (uint32_t)a[0]);
    if (!of || !of->process->mm)
        return -ESRCH;
    if (of->process->mm != t->process->mm && cred_may_ptrace(t, of, true) != 0)
        return -EPERM;
    c.mm = of->process->mm;
    mm_get(c.mm);
    iovec_skip(local, t->wait.done);
    iovec_skip(remote, t->wait.done);
    value = copy_all(&c, remote, a[4]);
    mm_put(c.mm);
    t->wait.done += c.copied;
    if (user_waits(t))
        return TASK_WAITS;
    return t->wait.done ? (int64_t)t->wait.done : value;
}

int64_t sys_process_vm_readv(struct task *t, const uint64_t a[6])
{
    return process_vm_rw(t, a, false);
}

int64_t sys_process_vm_writev(struct task *t, const uint64_t a[6])
{
    return process_vm_rw(t, a, true);
}
