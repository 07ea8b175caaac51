// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * capget(2), capset(2).
 *
 * Source: linux v6.2 kernel/capability.c
 */
#include <endian.h>
#include <errno.h>
#include <linux/capability.h>

#include "emu/linux/cred/cred.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

struct cap_data_g {
    uint32_t effective, permitted, inheritable;
};

/* cap_validate_magic(): how many words of 32 capabilities */
static int cap_words(struct task *t, uint64_t head, unsigned *nr)
{
    uint32_t version;

    if (get_user32(t, head, &version))
        return -EFAULT;
    switch (version) {
    case _LINUX_CAPABILITY_VERSION_1: *nr = _LINUX_CAPABILITY_U32S_1; return 0;
    case _LINUX_CAPABILITY_VERSION_2:
    case _LINUX_CAPABILITY_VERSION_3: *nr = _LINUX_CAPABILITY_U32S_3; return 0;
    default:
        return put_user32(t, head, _LINUX_CAPABILITY_VERSION_3) ? -EFAULT
                                                                : -EINVAL;
    }
}

int64_t sys_capget(struct task *t, const uint64_t a[6])
{
    struct cap_data_g data[_LINUX_CAPABILITY_U32S_3];
    const struct task *of = t;
    unsigned nr = 0;
    uint32_t pid;
    int err = cap_words(t, a[0], &nr);

    if (err || a[1] == 0) /* no data: the version was the question */
        return a[1] == 0 && err == -EINVAL ? 0 : err;
    if (get_user32(t, a[0] + 4, &pid))
        return -EFAULT;
    if ((int32_t)pid < 0)
        return -EINVAL;
    if (pid)
        of = task_find(t->m, pid);
    if (!of)
        return -ESRCH;
    for (unsigned i = 0; i < nr; i++)
        data[i] = (struct cap_data_g){
            htobe32((uint32_t)(of->cred.effective >> 32 * i)),
            htobe32((uint32_t)(of->cred.permitted >> 32 * i)),
            htobe32((uint32_t)(of->cred.inheritable >> 32 * i))};
    return copy_to_user(t, a[1], data, nr * sizeof(data[0])) ? -EFAULT : 0;
}

/* cap_capset() */
static int64_t set_caps(struct task *t, uint64_t effective, uint64_t permitted,
                        uint64_t inheritable)
{
    const struct cred *old = &t->cred;
    struct cred new;

    if (!cred_capable(t, CAP_G_SETPCAP) &&
        inheritable & ~(old->inheritable | old->permitted))
        return -EPERM;
    if (inheritable & ~(old->inheritable | old->bset) ||
        permitted & ~old->permitted || effective & ~permitted)
        return -EPERM;
    new = cred_get(old);
    new.effective = effective;
    new.permitted = permitted;
    new.inheritable = inheritable;
    new.ambient &= permitted &inheritable;
    return cred_commit(t, &new);
}

int64_t sys_capset(struct task *t, const uint64_t a[6])
{
    struct cap_data_g data[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}};
    uint64_t effective = 0, permitted = 0, inheritable = 0;
    unsigned nr = 0;
    uint32_t pid;
    int err = cap_words(t, a[0], &nr);

    if (err)
        return err;
    if (get_user32(t, a[0] + 4, &pid))
        return -EFAULT;
    if (pid && pid != t->pid)
        return -EPERM;
    if (copy_from_user(t, data, a[1], nr * sizeof(data[0])))
        return -EFAULT;
    /* What the version does not have is 0. */
    for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
        effective |= (uint64_t)be32toh(data[i].effective) << 32 * i;
        permitted |= (uint64_t)be32toh(data[i].permitted) << 32 * i;
        inheritable |= (uint64_t)be32toh(data[i].inheritable) << 32 * i;
    }
    return set_caps(t, effective & CAP_G_ALL, permitted & CAP_G_ALL,
                    inheritable & CAP_G_ALL);
}
