// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/futex/robust.h"

#include <endian.h>
#include <errno.h>

#include "emu/linux/cred/cred.h"
#include "emu/linux/futex/futex.h"
#include "emu/linux/futex/pi.h"
#include "emu/linux/futex/word.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

#define HEAD_BYTES 24 /* struct robust_list_head */
#define MAX_LOCKS  2048

#define PI_BIT UINT64_C(1) /* of an entry: its lock inherits priorities */

/* As the kernel reads it: big-endian words. */
struct robust_head {
    uint64_t next, offset, pending;
};

/* handle_futex_death(): false: the list is not to be trusted any further. */
static bool mark_dead(struct task *t, uint64_t va, bool pi, bool pending)
{
    uint32_t raw, value;

    if (va & 3 || copy_data_from_user(t, &raw, va, sizeof(raw)))
        return false;
    value = be32toh(raw);
    if (pending && !pi && (value & FUTEX_TID_MASK) == 0) {
        futex_wake_address(t, va);
        return true;
    }
    if ((value & FUTEX_TID_MASK) != t->pid)
        return true;
    if (put_user32(t, va, (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED))
        return false;
    if (!pi && value & FUTEX_WAITERS)
        futex_wake_address(t, va);
    return true;
}

static void mark_all(struct task *t, uint64_t list)
{
    struct robust_head head;
    uint64_t entry, pending, offset, raw;

    if (copy_data_from_user(t, &head, list, sizeof(head)))
        return;
    entry = be64toh(head.next);
    offset = be64toh(head.offset);
    pending = be64toh(head.pending);
    for (unsigned i = 0; i < MAX_LOCKS && (entry & ~PI_BIT) != list; i++) {
        uint64_t at = entry & ~PI_BIT;
        size_t lost = copy_data_from_user(t, &raw, at, sizeof(raw));

        if (at != (pending & ~PI_BIT) &&
            !mark_dead(t, at + offset, entry & PI_BIT, false))
            return;
        if (lost)
            return;
        entry = be64toh(raw);
    }
    if (pending & ~PI_BIT)
        (void)mark_dead(t, (pending & ~PI_BIT) + offset, pending & PI_BIT,
                        true);
}

void robust_release(struct task *t)
{
    uint64_t list = t->robust_list;

    t->robust_list = 0;
    if (list)
        mark_all(t, list);
    futex_exit_pi(t);
}

int64_t sys_set_robust_list(struct task *t, const uint64_t a[6])
{
    if (a[1] != HEAD_BYTES)
        return -EINVAL;
    t->robust_list = a[0];
    return 0;
}

int64_t sys_get_robust_list(struct task *t, const uint64_t a[6])
{
    const struct task *of = arg_int(a[0]) ? task_find(t->m, (uint32_t)a[0]) : t;

    if (!of)
        return -ESRCH;
    if (cred_may_ptrace(t, of, true) != 0)
        return -EPERM;
    if (put_user64(t, a[2], HEAD_BYTES))
        return -EFAULT;
    return put_user64(t, a[1], of->robust_list);
}
