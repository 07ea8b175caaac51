// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "emu/linux/fs/files.h"
#include "emu/linux/path/path.h"
#include "emu/linux/exec/personality.h"
#include "emu/linux/sched/exit.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/uaccess.h"

#define UTS_LEN 65

int64_t sys_exit(struct task *t, const uint64_t a[6])
{
    task_exit(t, (int)(a[0] & 0xff) << 8);
    return 0;
}

int64_t sys_exit_group(struct task *t, const uint64_t a[6])
{
    process_exit(t->process, (int)(a[0] & 0xff) << 8);
    return 0;
}

int64_t sys_getpid(struct task *t, const uint64_t a[6])
{
    (void)a;
    return t->process->pid;
}

int64_t sys_gettid(struct task *t, const uint64_t a[6])
{
    (void)a;
    return t->pid;
}

int64_t sys_set_tid_address(struct task *t, const uint64_t a[6])
{
    t->clear_child_tid = a[0];
    return t->pid;
}

int64_t sys_uname(struct task *t, const uint64_t a[6])
{
    bool compat = (t->personality & PER_G_MASK) == PER_G_LINUX32;
    char raw[6][UTS_LEN] = {
        "Linux", "adiemu", "", "#1 SMP", "sparc64", "(none)",
    };

    personality_release(t, raw[2], UTS_LEN);
    if (compat) /* override_architecture() */
        memcpy(raw[4], "sparc\0\0", sizeof("sparc64"));
    return copy_to_user(t, a[0], raw, sizeof(raw)) ? -EFAULT : 0;
}

#define RANDOM_CHUNK 4096u /* bytes between two looks at signals */

int64_t sys_getrandom(struct task *t, const uint64_t a[6])
{
    uint64_t done = t->wait.done, len = a[1] > INT32_MAX ? INT32_MAX : a[1];

    if (a[2] & ~UINT64_C(7))
        return -EINVAL;
    while (done < len && !host_stop(t)) {
        uint64_t some = len - done < RANDOM_CHUNK ? len - done : RANDOM_CHUNK;
        size_t left;

        for (size_t i = 0; i < some; i += 8) {
            uint64_t word = htobe64(rng_next(&t->m->random));

            memcpy(t->m->bounce + i, &word, sizeof(word));
        }
        left = copy_to_user(t, a[0] + done, t->m->bounce, some);
        done += some - left;
        if (left)
            return done ? (int64_t)done : -EFAULT;
        /* These numbers are used up. */
        t->wait.done = done;
        if (done < len && !user_settled(t))
            return TASK_WAITS;
    }
    return (int64_t)done;
}

/* struct sysinfo: 14 words, the last of two parts. */
int64_t sys_sysinfo(struct task *t, const uint64_t a[6])
{
    const struct phys *ph = memory_phys(t->m->mem);
    uint64_t raw[14] = {0};

    raw[0] = htobe64(clock_now(t->m) / NS_PER_S);
    raw[4] = htobe64((uint64_t)phys_nr_frames(ph) << PAGE_SHIFT);
    raw[5] = htobe64((uint64_t)phys_nr_free(ph) << PAGE_SHIFT);
    raw[8] = htobe64(swap_total_pages(t->m->swap) << PAGE_SHIFT);
    raw[9] =
        htobe64((swap_total_pages(t->m->swap) - swap_used_pages(t->m->swap))
                << PAGE_SHIFT);
    raw[10] = htobe64(UINT64_C(1) << 48); /* procs, a short */
    raw[13] = htobe64(UINT64_C(1) << 32); /* mem_unit, an int */
    return copy_to_user(t, a[0], raw, sizeof(raw)) ? -EFAULT : 0;
}

int64_t sys_getpagesize(struct task *t, const uint64_t a[6])
{
    (void)t, (void)a;
    return PAGE_SIZE;
}

int64_t sys_getcpu(struct task *t, const uint64_t a[6])
{
    for (unsigned i = 0; i < 2; i++)
        if (a[i] && put_user32(t, a[i], 0))
            return -EFAULT;
    return 0;
}

int64_t sys_kern_features(struct task *t, const uint64_t a[6])
{
    (void)t, (void)a;
    return 1; /* KERN_FEATURE_MIXED_MODE_STACK */
}

int64_t sys_memory_ordering(struct task *t, const uint64_t a[6])
{
    (void)t;
    return a[0] < 3 ? 0 : -EINVAL;
}
