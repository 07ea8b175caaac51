// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * set*id(2), setgroups(2), and what asks for the same.
 *
 * Source: linux v6.2 kernel/sys.c, kernel/groups.c, kernel/uid16.c
 */
#include <endian.h>
#include <errno.h>

#include "emu/linux/cred/cred.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

#define NGROUPS_MAX_G 65536
#define OVERFLOW_ID   65534u /* for what 16 bits cannot hold */

int64_t sys_getuid(struct task *t, const uint64_t a[6])
{
    (void)a;
    return t->cred.uid.real;
}

int64_t sys_geteuid(struct task *t, const uint64_t a[6])
{
    (void)a;
    return t->cred.uid.effective;
}

int64_t sys_getgid(struct task *t, const uint64_t a[6])
{
    (void)a;
    return t->cred.gid.real;
}

int64_t sys_getegid(struct task *t, const uint64_t a[6])
{
    (void)a;
    return t->cred.gid.effective;
}

static int64_t put_three(struct task *t, const uint64_t a[6],
                         const struct ids *ids)
{
    return put_user32(t, a[0], ids->real) ||
                   put_user32(t, a[1], ids->effective) ||
                   put_user32(t, a[2], ids->saved)
               ? -EFAULT
               : 0;
}

int64_t sys_getresuid(struct task *t, const uint64_t a[6])
{
    return put_three(t, a, &t->cred.uid);
}

int64_t sys_getresgid(struct task *t, const uint64_t a[6])
{
    return put_three(t, a, &t->cred.gid);
}

/* --------------------------------------------- users and groups alike */

static bool is_one_of(const struct ids *ids, uint32_t id)
{
    return id == ids->real || id == ids->effective || id == ids->saved;
}

/* setuid(): 0, -EINVAL, -EPERM */
static int set_id(struct ids *ids, uint32_t id, bool may)
{
    if (id == ID_NONE)
        return -EINVAL;
    if (may)
        ids->real = ids->saved = id;
    else if (id != ids->real && id != ids->saved)
        return -EPERM;
    ids->effective = ids->fs = id;
    return 0;
}

static int set_re(struct ids *ids, uint32_t real, uint32_t effective, bool may)
{
    const struct ids old = *ids;

    if (real != ID_NONE) {
        if (real != old.real && real != old.effective && !may)
            return -EPERM;
        ids->real = real;
    }
    if (effective != ID_NONE) {
        if (!is_one_of(&old, effective) && !may)
            return -EPERM;
        ids->effective = effective;
    }
    if (real != ID_NONE || (effective != ID_NONE && effective != old.real))
        ids->saved = ids->effective;
    ids->fs = ids->effective;
    return 0;
}

/* @id: real, effective, saved.  With nothing to change, fs stays as well. */
static int set_res(struct ids *ids, const uint32_t id[3], bool may)
{
    const struct ids old = *ids;

    if ((id[0] == ID_NONE || id[0] == old.real) &&
        (id[1] == ID_NONE || (id[1] == old.effective && id[1] == old.fs)) &&
        (id[2] == ID_NONE || id[2] == old.saved))
        return 0;
    for (unsigned i = 0; i < 3; i++)
        if (id[i] != ID_NONE && !is_one_of(&old, id[i]) && !may)
            return -EPERM;
    if (id[0] != ID_NONE)
        ids->real = id[0];
    if (id[1] != ID_NONE)
        ids->effective = id[1];
    if (id[2] != ID_NONE)
        ids->saved = id[2];
    ids->fs = ids->effective;
    return 0;
}

static int64_t commit_uid(struct task *t, const struct ids *uid, int err)
{
    struct cred new;

    if (err)
        return err;
    new = cred_get(&t->cred);
    new.uid = *uid;
    cred_fix_setuid(&new, &t->cred);
    return cred_commit(t, &new);
}

static int64_t commit_gid(struct task *t, const struct ids *gid, int err)
{
    struct cred new;

    if (err)
        return err;
    new = cred_get(&t->cred);
    new.gid = *gid;
    return cred_commit(t, &new);
}

int64_t sys_setuid(struct task *t, const uint64_t a[6])
{
    struct ids uid = t->cred.uid;
    int err = set_id(&uid, (uint32_t)a[0], cred_capable(t, CAP_G_SETUID));

    return commit_uid(t, &uid, err);
}

int64_t sys_setgid(struct task *t, const uint64_t a[6])
{
    struct ids gid = t->cred.gid;
    int err = set_id(&gid, (uint32_t)a[0], cred_capable(t, CAP_G_SETGID));

    return commit_gid(t, &gid, err);
}

int64_t sys_setreuid(struct task *t, const uint64_t a[6])
{
    struct ids uid = t->cred.uid;
    int err = set_re(&uid, (uint32_t)a[0], (uint32_t)a[1],
                     cred_capable(t, CAP_G_SETUID));

    return commit_uid(t, &uid, err);
}

int64_t sys_setregid(struct task *t, const uint64_t a[6])
{
    struct ids gid = t->cred.gid;
    int err = set_re(&gid, (uint32_t)a[0], (uint32_t)a[1],
                     cred_capable(t, CAP_G_SETGID));

    return commit_gid(t, &gid, err);
}

int64_t sys_setresuid(struct task *t, const uint64_t a[6])
{
    const uint32_t id[3] = {(uint32_t)a[0], (uint32_t)a[1], (uint32_t)a[2]};
    struct ids uid = t->cred.uid;
    int err = set_res(&uid, id, cred_capable(t, CAP_G_SETUID));

    return commit_uid(t, &uid, err);
}

int64_t sys_setresgid(struct task *t, const uint64_t a[6])
{
    const uint32_t id[3] = {(uint32_t)a[0], (uint32_t)a[1], (uint32_t)a[2]};
    struct ids gid = t->cred.gid;
    int err = set_res(&gid, id, cred_capable(t, CAP_G_SETGID));

    return commit_gid(t, &gid, err);
}

/* These two have 16 bits, on a 64-bit kernel too: low2highuid(). */
static uint32_t id_from_16(uint64_t a)
{
    return (uint16_t)a == UINT16_MAX ? ID_NONE : (uint16_t)a;
}

static int64_t id_to_16(uint32_t id)
{
    return id > UINT16_MAX ? OVERFLOW_ID : id;
}

/* The old one is the answer, whether or not it has changed. */
static bool may_set_fs(const struct ids *ids, uint32_t id, bool may)
{
    return id != ID_NONE && id != ids->fs && (is_one_of(ids, id) || may);
}

int64_t sys_setfsuid(struct task *t, const uint64_t a[6])
{
    uint32_t id = id_from_16(a[0]), old = t->cred.uid.fs;
    struct cred new;

    if (may_set_fs(&t->cred.uid, id, cred_capable(t, CAP_G_SETUID))) {
        new = cred_get(&t->cred);
        new.uid.fs = id;
        cred_fix_setfsuid(&new, &t->cred);
        (void)!cred_commit(t, &new);
    }
    return id_to_16(old);
}

int64_t sys_setfsgid(struct task *t, const uint64_t a[6])
{
    uint32_t id = id_from_16(a[0]), old = t->cred.gid.fs;
    struct cred new;

    if (may_set_fs(&t->cred.gid, id, cred_capable(t, CAP_G_SETGID))) {
        new = cred_get(&t->cred);
        new.gid.fs = id;
        (void)!cred_commit(t, &new);
    }
    return id_to_16(old);
}

/* --------------------------------------------------------------- groups */

int64_t sys_getgroups(struct task *t, const uint64_t a[6])
{
    const struct group_list *g = t->cred.groups;
    int size = arg_int(a[0]);

    if (size < 0)
        return -EINVAL;
    if (size == 0)
        return g->nr;
    if ((unsigned)size < g->nr)
        return -EINVAL;
    for (unsigned i = 0; i < g->nr; i++)
        if (put_user32(t, a[1] + 4 * (uint64_t)i, g->gid[i]))
            return -EFAULT;
    return g->nr;
}

int64_t sys_setgroups(struct task *t, const uint64_t a[6])
{
    uint32_t nr = (uint32_t)a[0];
    struct group_list *g;
    struct cred new;

    if (!cred_capable(t, CAP_G_SETGID))
        return -EPERM;
    if (nr > NGROUPS_MAX_G)
        return -EINVAL;
    g = groups_create(&t->m->kmem, nr);
    if (!g)
        return -ENOMEM;
    new = t->cred;
    new.groups = g;
    if (copy_from_user(t, g->gid, a[1], nr * sizeof(g->gid[0]))) {
        cred_put(&new);
        return -EFAULT;
    }
    for (unsigned i = 0; i < nr; i++)
        g->gid[i] = be32toh(g->gid[i]);
    groups_sort(g);
    return cred_commit(t, &new);
}
