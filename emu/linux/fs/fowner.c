// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/fs/fowner.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "emu/linux/abi.h"
#include "emu/linux/abi_file.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/path/path.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"
#include "emu/linux/warn.h"

#define F_G_GETOWN      5
#define F_G_SETOWN      6
#define F_G_SETSIG      10
#define F_G_GETSIG      11
#define F_G_SETOWN_EX   15
#define F_G_GETOWN_EX   16
#define F_G_SETLEASE    1024
#define F_G_GETLEASE    1025
#define F_G_NOTIFY      1026
#define F_G_GET_RW_HINT 1035
#define F_G_SET_RW_HINT 1036

enum { F_G_OWNER_TID, F_G_OWNER_PID, F_G_OWNER_PGRP };

#define CAP_G_LEASE 28

struct f_owner_ex_g {
    uint32_t type, pid;
};

static bool exists(const struct machine *m, uint32_t pid, bool group)
{
    const struct process *p;

    for (p = m->processes; p; p = p->next)
        if ((group ? p->pgid : p->pid) == pid)
            return true;
    return false;
}

/* __f_setown() */
static int set_owner(struct task *t, struct file_owner *owner, uint32_t pid,
                     bool group)
{
    if (pid && !exists(t->m, pid, group))
        return -ESRCH;
    owner->pid = pid;
    owner->group = group;
    return 0;
}

/* f_setown(): a group has a negative number */
static int64_t f_setown(struct task *t, struct file_owner *owner, int who)
{
    if (who == INT_MIN)
        return -EINVAL;
    return set_owner(t, owner, (uint32_t)(who < 0 ? -who : who), who < 0);
}

/* pid_vnr(): 0 of one that is gone */
static uint32_t owner_pid(const struct task *t, const struct file_owner *owner)
{
    return exists(t->m, owner->pid, owner->group) ? owner->pid : 0;
}

static int64_t f_getown(struct task *t, const struct file_owner *owner)
{
    int64_t pid = owner_pid(t, owner);

    return syscall_success(t, owner->group ? -pid : pid);
}

static int64_t f_setown_ex(struct task *t, struct file_owner *owner,
                           uint64_t va)
{
    struct f_owner_ex_g raw;
    uint32_t type;

    if (copy_from_user(t, &raw, va, sizeof(raw)))
        return -EFAULT;
    type = be32toh(raw.type);
    if (type > F_G_OWNER_PGRP)
        return -EINVAL;
    return set_owner(t, owner, be32toh(raw.pid), type == F_G_OWNER_PGRP);
}

static int64_t f_getown_ex(struct task *t, const struct file_owner *owner,
                           uint64_t va)
{
    struct f_owner_ex_g raw = {
        .type = htobe32(owner->group ? F_G_OWNER_PGRP : F_G_OWNER_PID),
        .pid = htobe32(owner_pid(t, owner))};

    return copy_to_user(t, va, &raw, sizeof(raw)) ? -EFAULT : 0;
}

/* Is the file open in another way, or (@write) for writing at all? */
static bool conflicts(const struct task *t, const struct open_file *file,
                      const struct stat *st, bool write)
{
    const struct process *i;

    for (i = t->m->processes; i; i = i->next) {
        if (!i->files)
            continue;
        if (write ? files_write(i->files, st)
                  : files_others(i->files, file, st))
            return true;
    }
    return false;
}

/* fcntl_setlease() and generic_setlease(), to where it would be given */
static int64_t setlease(struct task *t, const struct open_file *file, int type)
{
    struct stat st;

    if (type != F_G_RDLCK && type != F_G_WRLCK && type != F_G_UNLCK)
        return -EINVAL;
    if (fstat(open_file_host(file), &st) != 0)
        return host_result(-1);
    if (st.st_uid != t->cred.uid.fs && !cred_capable(t, CAP_G_LEASE))
        return -EACCES;
    if (!S_ISREG(st.st_mode))
        return -EINVAL;
    if (type == F_G_UNLCK)
        return -EAGAIN; /* there is none */
    if (conflicts(t, file, &st, type == F_G_RDLCK))
        return -EAGAIN;
    warn_once(t, LOG_SYSCALL, "unsupported: a lease of a file");
    return -EINVAL;
}

static int64_t rw_hint(struct task *t, int host, int cmd, uint64_t va)
{
    uint64_t hint = 0;

    if (cmd == F_G_SET_RW_HINT && get_user64(t, va, &hint))
        return -EFAULT;
    if (fcntl(host, cmd, &hint) != 0)
        return host_result(-1);
    return cmd == F_G_GET_RW_HINT ? put_user64(t, va, hint) : 0;
}

/* The host would send it to adiemu. */
static void warn_of_urgent(struct task *t, const struct open_file *file)
{
    struct stat st;

    if (fstat(open_file_host(file), &st) == 0 && S_ISSOCK(st.st_mode))
        warn_once(t, LOG_SYSCALL,
                  "unsupported: no SIGURG comes to the owner of a socket");
}

int64_t fowner_fcntl(struct task *t, int guest, int cmd, uint64_t arg)
{
    struct open_file *file = files_open_file(t->process->files, guest);
    struct file_owner *owner = open_file_owner(file);

    switch (cmd) {
    case F_G_GETOWN: return f_getown(t, owner);
    case F_G_SETOWN:
        warn_of_urgent(t, file);
        return f_setown(t, owner, arg_int(arg));
    case F_G_GETOWN_EX: return f_getown_ex(t, owner, arg);
    case F_G_SETOWN_EX:
        warn_of_urgent(t, file);
        return f_setown_ex(t, owner, arg);
    case F_G_GETSIG: return owner->signo;
    case F_G_SETSIG:
        if (arg > NSIG_GUEST)
            return -EINVAL;
        owner->signo = (int)arg;
        return 0;
    case F_G_GETLEASE: return F_G_UNLCK;
    case F_G_SETLEASE: return setlease(t, file, arg_int(arg));
    case F_G_NOTIFY:
        warn_once(t, LOG_SYSCALL, "unsupported: fcntl F_NOTIFY");
        return -EINVAL;
    case F_G_GET_RW_HINT:
    case F_G_SET_RW_HINT: return rw_hint(t, open_file_host(file), cmd, arg);
    default: return -EINVAL;
    }
}
