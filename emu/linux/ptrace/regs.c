// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/ptrace/regs.h"

#include <endian.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "emu/linux/abi.h"
#include "emu/linux/ptrace/ptrace.h"
#include "emu/linux/uaccess.h"

#define AUDIT_ARCH_SPARC64 0x8000002bu

/* Whose window it is, and who asks. */
struct window_of {
    struct task *t;
    const struct task *child;
};

static int move_window(void *ctx, uint64_t sp, uint64_t *raw, bool write)
{
    const struct window_of *w = ctx;
    const size_t bytes = WINDOW_REGS * sizeof(*raw);

    return ptrace_access(w->t, w->child, sp + STACK_BIAS_G, raw, bytes,
                         write) == bytes
               ? 0
               : -EFAULT;
}

/* regwindow64_get() */
static int get_window(void *ctx, uint64_t sp, uint64_t *raw)
{
    return move_window(ctx, sp, raw, false);
}

/* regwindow64_set() */
static int set_window(void *ctx, uint64_t sp, const uint64_t *raw)
{
    uint64_t copy[WINDOW_REGS];

    memcpy(copy, raw, sizeof(copy));
    return move_window(ctx, sp, copy, true);
}

int ptrace_get_regs(struct task *t, const struct task *child,
                    enum regset_kind kind, uint64_t va, unsigned words)
{
    struct window_of of = {.t = t, .child = child};
    struct regset_window w = {.get = get_window, .set = set_window, .ctx = &of};
    uint64_t regs[REGSET_MAX_WORDS];
    int err = regset_get(&child->ptrace.regs, kind, &w, regs, words);

    if (err)
        return err;
    return copy_to_user(t, va, regs, words * sizeof(regs[0])) ? -EFAULT : 0;
}

int ptrace_set_regs(struct task *t, struct task *child, enum regset_kind kind,
                    uint64_t va, unsigned words)
{
    struct window_of of = {.t = t, .child = child};
    struct regset_window w = {.get = get_window, .set = set_window, .ctx = &of};
    uint64_t regs[REGSET_MAX_WORDS];
    size_t left = copy_from_user(t, regs, va, words * sizeof(regs[0]));

    if (user_waits(t))
        return -EFAULT;
    return regset_set(&child->ptrace.regs, kind, &w, regs, words,
                      words - (unsigned)((left + 7) / 8));
}

int ptrace_regset(struct task *t, struct task *child, bool set,
                  uint64_t note_type, uint64_t iov)
{
    uint64_t base, len, most;
    enum regset_kind kind;
    int err;

    if (get_user64(t, iov, &base) || get_user64(t, iov + 8, &len))
        return -EFAULT;
    if (!regset_find(note_type, &kind) || len % sizeof(uint64_t))
        return -EINVAL;
    most = regset_words(kind) * sizeof(uint64_t);
    len = len < most ? len : most;
    err = set ? ptrace_set_regs(t, child, kind, base, (unsigned)(len / 8))
              : ptrace_get_regs(t, child, kind, base, (unsigned)(len / 8));
    return err ? err : put_user64(t, iov + 8, len);
}

/* struct ptrace_syscall_info; big-endian */
struct info_g {
    uint8_t op, pad[3];
    uint32_t arch;
    uint64_t pc, sp;
    union {
        struct {
            uint64_t nr, args[6];
        } entry;
        struct {
            uint64_t rval;
            uint8_t is_error, pad[7];
        } exit;
    };
};

_Static_assert(offsetof(struct info_g, entry) == 24, "ptrace_syscall_info");

enum { INFO_NONE, INFO_ENTRY, INFO_EXIT };

static size_t fill_entry(const struct trap_frame *f, struct info_g *info)
{
    uint64_t nr =
        f->tstate & TSTATE_SYSCALL_G ? f->u_regs[REG_G(1)] : UINT64_MAX;

    info->op = INFO_ENTRY;
    info->entry.nr = htobe64(nr);
    for (unsigned i = 0; i < 6; i++)
        info->entry.args[i] = htobe64(f->u_regs[REG_O(i)]);
    return offsetof(struct info_g, entry) + sizeof(info->entry);
}

static size_t fill_exit(const struct trap_frame *f, struct info_g *info)
{
    bool failed = f->tstate & (TSTATE_ICARRY | TSTATE_XCARRY);
    uint64_t value = f->u_regs[REG_O(0)];

    info->op = INFO_EXIT;
    info->exit.is_error = failed && value != 0;
    info->exit.rval = htobe64(info->exit.is_error ? -value : value);
    return offsetof(struct info_g, exit.pad);
}

int64_t ptrace_syscall_info(struct task *t, const struct task *child,
                            uint64_t user_size, uint64_t va)
{
    const struct trap_frame *f = &child->ptrace.regs;
    struct info_g info = {.op = INFO_NONE,
                          .arch = htobe32(AUDIT_ARCH_SPARC64),
                          .pc = htobe64(f->tpc),
                          .sp = htobe64(f->u_regs[REG_SP])};
    size_t size = offsetof(struct info_g, entry);

    if (child->ptrace.has_info &&
        child->ptrace.info.code == (SIG_TRAP | 0x80)) {
        if (child->ptrace.message == PTRACE_EVENTMSG_G_ENTRY)
            size = fill_entry(f, &info);
        else if (child->ptrace.message == PTRACE_EVENTMSG_G_EXIT)
            size = fill_exit(f, &info);
    }
    if (copy_to_user(t, va, &info, size < user_size ? size : user_size))
        return -EFAULT;
    return (int64_t)size;
}
