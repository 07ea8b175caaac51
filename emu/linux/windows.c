// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "emu/linux/abi.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/uaccess.h"

static void save_window(struct task *t, const uint64_t regs[WINDOW_REGS],
                        uint64_t sp)
{
    uint64_t raw[WINDOW_REGS];
    struct saved_window *w;

    for (unsigned i = 0; i < WINDOW_REGS; i++)
        raw[i] = htobe64(regs[i]);
    if (((sp + STACK_BIAS_G) & 7) == 0 &&
        copy_to_user(t, sp + STACK_BIAS_G, raw, sizeof(raw)) == 0)
        return;
    INVARIANT(t->nr_wsaved < MAX_WSAVED);
    w = &t->wsaved[t->nr_wsaved++];
    w->sp = sp;
    memcpy(w->regs, regs, sizeof(w->regs));
}

void windows_flush(struct task *t)
{
    struct engine *e = task_engine(t);
    uint64_t regs[WINDOW_REGS], sp;

    t->nr_wsaved = 0;
    while (cpu_old_windows(e) > 0) {
        cpu_oldest_window(e, regs, &sp);
        cpu_drop_oldest(e);
        save_window(t, regs, sp);
    }
    cpu_window(e, regs);
    save_window(t, regs, cpu_reg(e, REG_SP));
}

int windows_read(struct task *t, uint64_t sp, uint64_t raw[static WINDOW_REGS])
{
    uint64_t va = sp + STACK_BIAS_G;

    return va & 7 || copy_data_from_user(t, raw, va, 8 * WINDOW_REGS) ? -EFAULT
                                                                      : 0;
}

void windows_set(struct task *t, const uint64_t raw[static WINDOW_REGS])
{
    uint64_t regs[WINDOW_REGS];

    for (unsigned i = 0; i < WINDOW_REGS; i++)
        regs[i] = be64toh(raw[i]);
    cpu_set_window(task_engine(t), regs);
}

int windows_reload(struct task *t)
{
    uint64_t raw[WINDOW_REGS];
    int err = windows_read(t, cpu_reg(task_engine(t), REG_SP), raw);

    if (!err)
        windows_set(t, raw);
    return err;
}
