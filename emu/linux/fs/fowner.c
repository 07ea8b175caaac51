// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/fs/fowner.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/abi_file.h"
#include "emu/linux/signal/fasync.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/path/path.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/signal/signal.h"
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

static bool exists(const struct machine *m, uint32_t pid, int type)
{
    const struct process *p;

    if (type != F_G_OWNER_PGRP)
        return task_find(m, pid);
    for (p = m->processes; p; p = p->next)
        if (p->pgid == pid)
            return true;
    return false;
}

/* __f_setown() */
static int set_owner(struct task *t, struct file_owner *owner, uint32_t pid,
                     int type)
{
    if (pid && !exists(t->m, pid, type))
        return -ESRCH;
    owner->pid = pid;
    owner->type = type;
    owner->uid = t->cred.uid.real;
    owner->euid = t->cred.uid.effective;
    return 0;
}

/* f_setown(): a group has a negative number */
static int64_t f_setown(struct task *t, struct file_owner *owner, int who)
{
    if (who == INT_MIN)
        return -EINVAL;
    return set_owner(t, owner, (uint32_t)(who < 0 ? -who : who),
                     who < 0 ? F_G_OWNER_PGRP : F_G_OWNER_PID);
}

/* pid_vnr(): 0 of one that is gone */
static uint32_t owner_pid(const struct task *t, const struct file_owner *owner)
{
    return exists(t->m, owner->pid, owner->type) ? owner->pid : 0;
}

static int64_t f_getown(struct task *t, const struct file_owner *owner)
{
    int64_t pid = owner_pid(t, owner);

    return syscall_success(t, owner->type == F_G_OWNER_PGRP ? -pid : pid);
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
    return set_owner(t, owner, be32toh(raw.pid), (int)type);
}

static int64_t f_getown_ex(struct task *t, const struct file_owner *owner,
                           uint64_t va)
{
    struct f_owner_ex_g raw = {.type = htobe32((uint32_t)owner->type),
                               .pid = htobe32(owner_pid(t, owner))};

    return copy_to_user(t, va, &raw, sizeof(raw)) ? -EFAULT : 0;
}

/* Is the file open in another way, or (@write) for writing at all? */
static bool conflicts(const struct task *t, const struct open_file *file,
                      const struct stat *st, bool write)
{
    const struct task *i;

    for (i = t->m->tasks; i; i = i->next) {
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

/* Whatever has set it: a socket with an owner is heard of. */
static int64_t then_tell(struct task *t, struct open_file *file, int64_t value)
{
    if (!value && open_file_owner(file)->pid &&
        fasync_tell_urgent(t->m, file) != 0)
        warn_once(t, LOG_SYSCALL,
                  "unsupported: the host lets no SIGURG come of a socket");
    return value;
}

/* fcntl_dirnotify() */
static int64_t f_notify(struct task *t, struct open_file *file, int guest,
                        uint32_t what)
{
    struct file_owner *owner = open_file_owner(file);
    int err = fasync_notify(t->m, file, guest, what);

    if (!err && !owner->pid)
        err = set_owner(t, owner, t->process->pid, F_G_OWNER_PID);
    return err;
}

/* ------------------------------------------------------------------ telling */

/* sigio_perm() */
static bool may_tell(const struct file_owner *owner, const struct task *to)
{
    const struct ids *uid = &to->cred.uid;

    return owner->euid == 0 || owner->euid == uid->saved ||
           owner->euid == uid->real || owner->uid == uid->saved ||
           owner->uid == uid->real;
}

static int queue(const struct file_owner *owner, struct task *to,
                 const struct siginfo *info)
{
    return owner->type == F_G_OWNER_TID ? signal_queue_task(to, info)
                                        : signal_queue(to, info);
}

/* sig_specific_sicodes() */
static bool has_own_codes(int signo)
{
    return SIGMASK(signo) &
           (SIGMASK(SIG_ILL) | SIGMASK(SIG_FPE) | SIGMASK(SIG_SEGV) |
            SIGMASK(SIG_BUS) | SIGMASK(SIG_TRAP) | SIGMASK(SIG_CHLD) |
            SIGMASK(SIG_IO) | SIGMASK(SIG_SYS));
}

/* send_sigio_to_task() */
static void send_to(const struct file_owner *owner, struct task *to, int fd,
                    int reason)
{
    /* band_table[] of the kernel, mangle_poll() of sparc */
    static const uint32_t band[] = {0x41, 0x104, 0x241, 0x8, 0x82, 0x18};
    struct siginfo info = {.signo = owner->signo, .code = reason, .fd = fd};

    if (!may_tell(owner, to))
        return;
    info.band = reason <= 6 ? band[reason - 1] : 0;
    if (info.signo && info.signo != SIG_IO && has_own_codes(info.signo))
        info.code = SI_G_SIGIO;
    if (info.signo && (queue(owner, to, &info) == 0 || info.signo == SIG_IO))
        return;
    info = (struct siginfo){.signo = SIG_IO, .code = SI_G_KERNEL};
    (void)!queue(owner, to, &info);
}

/* send_sigurg_to_task() */
static void send_urgent_to(const struct file_owner *owner, struct task *to)
{
    const struct siginfo info = {.signo = SIG_URG, .code = SI_G_KERNEL};

    if (may_tell(owner, to))
        (void)!queue(owner, to, &info);
}

/* To each of the owners; @reason 0: of urgent data */
static void send(struct machine *m, const struct file_owner *owner, int fd,
                 int reason)
{
    struct task *to = NULL;
    struct process *p;

    if (owner->pid && owner->type != F_G_OWNER_PGRP)
        to = task_find(m, owner->pid);
    if (to && reason)
        send_to(owner, to, fd, reason);
    else if (to)
        send_urgent_to(owner, to);
    if (!owner->pid || owner->type != F_G_OWNER_PGRP)
        return;
    DL_FOREACH(m->processes, p) {
        if (p->pgid != owner->pid || process_dead(p))
            continue;
        if (reason)
            send_to(owner, process_leader(p), fd, reason);
        else
            send_urgent_to(owner, process_leader(p));
    }
}

void fowner_send(struct machine *m, struct open_file *file, int fd, int reason)
{
    send(m, open_file_owner(file), fd, reason);
}

void fowner_send_urgent(struct machine *m, struct open_file *file)
{
    send(m, open_file_owner(file), 0, 0);
}

/* ---------------------------------------------------------------- the calls */

int64_t fowner_fcntl(struct task *t, int guest, int cmd, uint64_t arg)
{
    struct open_file *file = files_open_file(t->files, guest);
    struct file_owner *owner = open_file_owner(file);

    switch (cmd) {
    case F_G_GETOWN: return f_getown(t, owner);
    case F_G_SETOWN:
        return then_tell(t, file, f_setown(t, owner, arg_int(arg)));
    case F_G_GETOWN_EX: return f_getown_ex(t, owner, arg);
    case F_G_SETOWN_EX: return then_tell(t, file, f_setown_ex(t, owner, arg));
    case F_G_GETSIG: return owner->signo;
    case F_G_SETSIG:
        if (arg > NSIG_GUEST)
            return -EINVAL;
        owner->signo = (int)arg;
        return 0;
    case F_G_GETLEASE: return F_G_UNLCK;
    case F_G_SETLEASE: return setlease(t, file, arg_int(arg));
    case F_G_NOTIFY: return f_notify(t, file, guest, (uint32_t)arg);
    case F_G_GET_RW_HINT:
    case F_G_SET_RW_HINT: return rw_hint(t, open_file_host(file), cmd, arg);
    default: return -EINVAL;
    }
}
