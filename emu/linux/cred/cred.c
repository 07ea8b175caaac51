// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/cred/cred.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/task.h"
#include "emu/linux/warn.h"

/* CAP_FS_SET: CHOWN to FSETID, LINUX_IMMUTABLE, MKNOD, MAC_OVERRIDE */
#define CAP_FS_MASK (UINT64_C(0x10800021f))

/* --------------------------------------------------------------- groups */

struct group_list *groups_create(struct kmem *k, unsigned nr)
{
    struct group_list *g = kmem_zalloc(k, sizeof(*g) + nr * sizeof(g->gid[0]));

    if (g)
        *g = (struct group_list){.users = 1, .nr = nr};
    return g;
}

static int by_gid(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

void groups_sort(struct group_list *g)
{
    qsort(g->gid, g->nr, sizeof(g->gid[0]), by_gid);
}

static bool groups_have(const struct group_list *g, uint32_t gid)
{
    return bsearch(&gid, g->gid, g->nr, sizeof(gid), by_gid) != NULL;
}

bool cred_in_group(const struct task *t, uint32_t gid)
{
    return gid == t->cred.gid.fs || groups_have(t->cred.groups, gid);
}

/* --------------------------------------------------------- capabilities */

bool cred_capable(const struct task *t, unsigned cap)
{
    return t->cred.effective >> cap & 1;
}

static bool is_root(const struct ids *uid)
{
    return uid->real == 0 || uid->effective == 0 || uid->saved == 0;
}

void cred_fix_setuid(struct cred *new, const struct cred *old)
{
    if (new->securebits & SECURE_G_NO_SETUID_FIXUP)
        return;
    if (is_root(&old->uid) && !is_root(&new->uid)) {
        if (!(new->securebits &SECURE_G_KEEP_CAPS))
            new->permitted = new->effective = 0;
        new->ambient = 0;
    }
    if (old->uid.effective == 0 && new->uid.effective != 0)
        new->effective = 0;
    if (old->uid.effective != 0 && new->uid.effective == 0)
        new->effective = new->permitted;
}

void cred_fix_setfsuid(struct cred *new, const struct cred *old)
{
    if (new->securebits & SECURE_G_NO_SETUID_FIXUP)
        return;
    if (old->uid.fs == 0 && new->uid.fs != 0)
        new->effective &= ~CAP_FS_MASK;
    if (old->uid.fs != 0 && new->uid.fs == 0)
        new->effective |= new->permitted &CAP_FS_MASK;
}

void cred_exec(struct cred *c)
{
    bool setid =
        c->uid.effective != c->uid.real || c->gid.effective != c->gid.real;
    bool root = !(c->securebits & SECURE_G_NOROOT);
    bool all = root && c->uid.effective == 0;
    uint64_t old = c->permitted, ambient = c->ambient;

    c->permitted = root && (c->uid.real == 0 || c->uid.effective == 0)
                       ? c->bset | c->inheritable
                       : 0;
    if (c->no_new_privs && (setid || c->permitted & ~old)) {
        c->uid.effective = c->uid.real;
        c->gid.effective = c->gid.real;
        c->permitted &= old;
    }
    c->uid.saved = c->uid.fs = c->uid.effective;
    c->gid.saved = c->gid.fs = c->gid.effective;
    if (setid)
        c->ambient = 0;
    c->permitted |= c->ambient;
    c->effective = all ? c->permitted : c->ambient;
    c->securebits &= ~SECURE_G_KEEP_CAPS;
    c->secure = setid || (c->uid.real != 0 && (all || c->permitted & ~ambient));
}

int cred_may_kill(const struct task *t, const struct task *to, int sig)
{
    const struct ids *mine = &t->cred.uid, *its = &to->cred.uid;

    if (t == to || mine->effective == its->saved ||
        mine->effective == its->real || mine->real == its->saved ||
        mine->real == its->real || cred_capable(t, CAP_G_KILL))
        return 0;
    return sig == SIG_CONT && t->process->sid == to->process->sid ? 0 : -EPERM;
}

static bool all_are(const struct ids *ids, uint32_t id)
{
    return ids->real == id && ids->effective == id && ids->saved == id;
}

int cred_may_ptrace(const struct task *t, const struct task *to, bool real)
{
    const struct cred *c = &t->cred;
    uint64_t caps = real ? c->permitted : c->effective;

    if (t->process == to->process || cred_capable(t, CAP_G_SYS_PTRACE) ||
        (to->process->dumpable &&
         all_are(&to->cred.uid, real ? c->uid.real : c->uid.fs) &&
         all_are(&to->cred.gid, real ? c->gid.real : c->gid.fs) &&
         (to->cred.permitted & ~caps) == 0)) /* cap_ptrace_access_check() */
        return 0;
    return -EPERM;
}

/* ---------------------------------------------------------- life of one */

struct cred cred_get(const struct cred *of)
{
    of->groups->users++;
    return *of;
}

void cred_put(struct cred *c)
{
    if (c->groups && --c->groups->users == 0)
        kmem_free(c->groups);
    c->groups = NULL;
}

/* ------------------------------------------------- the host's view of us */

static int host_caps(bool set, struct __user_cap_data_struct data[2])
{
    struct __user_cap_header_struct head = {.version =
                                                _LINUX_CAPABILITY_VERSION_3};

    return (int)syscall(set ? SYS_capset : SYS_capget, &head, data);
}

static uint64_t caps64(uint32_t low, uint32_t high)
{
    return ((uint64_t)high << 32 | low) & CAP_G_ALL;
}

/* What the file system of the host goes by now. */
static int set_effective(uint64_t effective)
{
    struct __user_cap_data_struct data[2];

    if (host_caps(false, data) != 0)
        return -errno;
    effective &= caps64(data[0].permitted, data[1].permitted);
    if (effective == caps64(data[0].effective, data[1].effective))
        return 0;
    data[0].effective = (uint32_t)effective;
    data[1].effective = (uint32_t)(effective >> 32);
    return host_caps(true, data) == 0 ? 0 : -errno;
}

static int set_groups(const struct group_list *g)
{
    /* libc tells all threads; there is this one. */
    return setgroups(g->nr, g->gid) == 0 ? 0 : -errno;
}

/* setfsuid() and setfsgid() tell no error: ask.  We may, so it is an id that
 * the host's user namespace does not have. */
static int set_fs(int (*set)(uid_t id), uint32_t id)
{
    (void)set(id);
    return (uint32_t)set(ID_NONE) == id ? 0 : -EINVAL;
}

static bool same_groups(const struct group_list *a, const struct group_list *b)
{
    return a == b || (a->nr == b->nr &&
                      memcmp(a->gid, b->gid, a->nr * sizeof(a->gid[0])) == 0);
}

/* The host's view of this thread becomes @c; m->host_cred is what it is. */
static int host_become(struct machine *m, const struct cred *c)
{
    struct cred *now = &m->host_cred;
    int err = 0;

    if (now->uid.fs == c->uid.fs && now->gid.fs == c->gid.fs &&
        now->effective == c->effective && same_groups(now->groups, c->groups))
        return 0;
    /* All of ours: some of what follows takes them. */
    err = set_effective(CAP_G_ALL);
    if (!err && !same_groups(now->groups, c->groups))
        err = set_groups(c->groups);
    if (!err)
        err = set_fs(setfsgid, c->gid.fs);
    if (!err)
        err = set_fs(setfsuid, c->uid.fs);
    if (!err)
        err = set_effective(c->effective);
    if (err) {
        now->uid.fs = ID_NONE; /* half-way: not what anybody is */
        return err;
    }
    cred_put(now);
    *now = cred_get(c);
    return 0;
}

int cred_of_host(struct kmem *k, struct cred *out)
{
    struct __user_cap_data_struct data[2];
    struct cred c = {.no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) > 0,
                     .securebits = (uint32_t)prctl(PR_GET_SECUREBITS)};
    int nr = getgroups(0, NULL);

    if (nr < 0 || host_caps(false, data) != 0)
        return -errno;
    c.groups = groups_create(k, (unsigned)nr);
    if (!c.groups)
        return -ENOMEM;
    if (getgroups(nr, c.groups->gid) != nr) {
        cred_put(&c);
        return -EAGAIN;
    }
    groups_sort(c.groups);
    (void)getresuid(&c.uid.real, &c.uid.effective, &c.uid.saved);
    (void)getresgid(&c.gid.real, &c.gid.effective, &c.gid.saved);
    c.uid.fs = (uint32_t)setfsuid(ID_NONE);
    c.gid.fs = (uint32_t)setfsgid(ID_NONE);
    c.inheritable = caps64(data[0].inheritable, data[1].inheritable);
    c.permitted = caps64(data[0].permitted, data[1].permitted);
    c.effective = caps64(data[0].effective, data[1].effective);
    for (unsigned cap = 0; cap <= CAP_G_LAST; cap++) {
        if (prctl(PR_CAPBSET_READ, cap) > 0)
            c.bset |= UINT64_C(1) << cap;
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) > 0)
            c.ambient |= UINT64_C(1) << cap;
    }
    *out = c;
    return 0;
}

/* Is @new another, or more, than @old was? */
static bool is_other(const struct cred *new, const struct cred *old)
{
    return new->uid.effective != old->uid.effective ||
           new->gid.effective != old->gid.effective ||
           new->uid.fs != old->uid.fs || new->gid.fs != old->gid.fs ||
           new->permitted & ~old->permitted;
}

/* Can the host's view be that of @uid and @gid?  Those of @t can. */
static int try_ids(struct task *t, const struct cred *new, uint32_t uid,
                   uint32_t gid)
{
    const struct ids *u = &t->cred.uid, *g = &t->cred.gid;
    struct cred as;
    int err;

    if ((uid == u->real || uid == u->saved) &&
        (gid == g->real || gid == g->saved))
        return 0;
    as = cred_get(new);
    as.uid.fs = uid;
    as.gid.fs = gid;
    err = host_become(t->m, &as);
    cred_put(&as);
    return err;
}

/* Other processes go on with the groups that @t has, and the host must take
 * them again: it does not take those that its user namespace lacks. */
static int try_groups(struct task *t, const struct cred *new)
{
    int err;

    if (same_groups(new->groups, t->cred.groups))
        return 0;
    err = set_groups(t->cred.groups);
    if (err != -EINVAL)
        return err;
    warn_once(t, LOG_SYSCALL,
              "unsupported: other groups, in a user namespace "
              "of the host that lacks some of the old ones");
    return -EPERM;
}

/* Whatever of @new a task is to the host later on, it must be one of the
 * host's now: access(2) goes by the real ids, set*id(2) by the saved. */
static int try_all(struct task *t, const struct cred *new)
{
    int err = try_groups(t, new);

    if (!err)
        err = try_ids(t, new, new->uid.real, new->gid.real);
    if (!err)
        err = try_ids(t, new, new->uid.saved, new->gid.saved);
    return err ? err : host_become(t->m, new);
}

int cred_commit(struct task *t, struct cred *new)
{
    int err = try_all(t, new);

    if (err) {
        cred_put(new);
        cred_host_follow(t->m);
        return err;
    }
    if (is_other(new, &t->cred)) {
        t->process->dumpable = false; /* fs.suid_dumpable */
        t->pdeath_signal = 0;
    }
    cred_put(&t->cred);
    t->cred = *new;
    return 0;
}

/* Went well before: it does not fail now. */
static void host_return(struct machine *m, const struct cred *c)
{
    int err = host_become(m, c);

    INVARIANT(err == 0);
}

void cred_host_follow(struct machine *m)
{
    if (current_task(m))
        host_return(m, &current_task(m)->cred);
}

void cred_host_restore(struct machine *m)
{
    if (m->host_cred.groups)
        host_return(m, &m->first_cred);
}

void cred_host_as_real(struct machine *m)
{
    struct cred real = cred_get(&current_task(m)->cred);

    real.uid.fs = real.uid.real;
    real.gid.fs = real.gid.real;
    if (!(real.securebits & SECURE_G_NO_SETUID_FIXUP))
        real.effective = real.uid.real == 0 ? real.permitted : 0;
    host_return(m, &real);
    cred_put(&real);
}
