// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The memory of a traced task.
 *
 * Source: linux v6.2 kernel/ptrace.c ptrace_access_vm(), ptrace_readdata(),
 *         ptrace_writedata(), generic_ptrace_peekdata()
 *
 * The kernel goes through its own mapping of each frame: of the traced side no
 * tag is checked, and stores this small keep the tags that they find.  The
 * tracer's pointers are checked as in every call.
 */
#include <endian.h>
#include <errno.h>

#include "emu/linux/mm/remote_vm.h"
#include "emu/linux/ptrace/ptrace.h"
#include "emu/linux/uaccess.h"

#define PIECE 128 /* bytes, of the buffer on the kernel's stack */

size_t ptrace_access(struct task *t, const struct task *child, uint64_t va,
                     void *buf, size_t len, bool write)
{
    struct mm *mm = child->process->mm;
    size_t done;

    if (!mm || child->ptrace.tracer != t ||
        (!child->process->dumpable && !child->ptrace.capable))
        return 0;
    mm_get(mm);
    done = access_remote_vm(mm, va, buf, len, write);
    mm_put(mm);
    return done;
}

int64_t ptrace_peek(struct task *t, const struct task *child, uint64_t va,
                    uint64_t to)
{
    uint64_t word;

    if (ptrace_access(t, child, va, &word, sizeof(word), false) != sizeof(word))
        return -EIO;
    return put_user64(t, to, be64toh(word));
}

int64_t ptrace_poke(struct task *t, const struct task *child, uint64_t va,
                    uint64_t value)
{
    uint64_t word = htobe64(value);

    return ptrace_access(t, child, va, &word, sizeof(word), true) ==
                   sizeof(word)
               ? 0
               : -EIO;
}

/* How much of [0, @len) comes next after @done; the kernel's len is an int. */
static size_t piece(uint64_t len, uint64_t done)
{
    int32_t left = (int32_t)len - (int32_t)done;

    return left <= 0 ? 0 : left < PIECE ? (size_t)left : PIECE;
}

/* What arch_ptrace() makes of how much was copied. */
static int64_t all_or_eio(uint64_t done, uint64_t len)
{
    return done == len ? 0 : -EIO;
}

int64_t ptrace_read_data(struct task *t, const struct task *child, uint64_t va,
                         uint64_t to, uint64_t len)
{
    uint8_t buf[PIECE];
    uint64_t done = 0;
    size_t n;

    while ((n = piece(len, done)) > 0) {
        n = ptrace_access(t, child, va + done, buf, n, false);
        if (n == 0)
            break;
        if (copy_to_user(t, to + done, buf, n))
            return -EFAULT;
        done += n;
    }
    return all_or_eio(done, len);
}

int64_t ptrace_write_data(struct task *t, const struct task *child, uint64_t va,
                          uint64_t from, uint64_t len)
{
    uint8_t buf[PIECE];
    uint64_t done = 0;
    size_t n;

    while ((n = piece(len, done)) > 0) {
        if (copy_from_user(t, buf, from + done, n))
            return -EFAULT;
        n = ptrace_access(t, child, va + done, buf, n, true);
        if (n == 0)
            break;
        done += n;
    }
    return all_or_eio(done, len);
}
