/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/cred/cred.h - who a process is, and what it may do for that
 *
 * Owns:    user and group ids, groups and capabilities of each process
 * Used by: emu/
 * Source:  linux v6.2 kernel/cred.c, kernel/groups.c, security/commoncap.c
 * Differs: the first process is who runs adiemu; a program's set-user-ID and
 *          set-group-ID bits and file capabilities are not looked at; there
 *          is one user namespace
 *
 * Files are the host's, and the host decides who may do what with them: its
 * view of this thread follows the process that is on the CPU.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/linux/kmem.h"
#include "mm/types.h"

struct machine;
struct task;

/* Capabilities that the machine itself asks for. */
#define CAP_G_DAC_OVERRIDE    1
#define CAP_G_DAC_READ_SEARCH 2
#define CAP_G_KILL            5
#define CAP_G_SETGID          6
#define CAP_G_SETUID          7
#define CAP_G_SETPCAP         8
#define CAP_G_IPC_LOCK        14
#define CAP_G_IPC_OWNER       15
#define CAP_G_SYS_PTRACE      19
#define CAP_G_SYS_ADMIN       21
#define CAP_G_SYS_NICE        23
#define CAP_G_SYS_RESOURCE    24
#define CAP_G_SYS_TIME        25
#define CAP_G_LAST            40
#define CAP_G_ALL             ((UINT64_C(1) << (CAP_G_LAST + 1)) - 1)

/* Of securebits; the lock of each is the next higher bit. */
#define SECURE_G_NOROOT               0x01u
#define SECURE_G_NO_SETUID_FIXUP      0x04u
#define SECURE_G_KEEP_CAPS            0x10u
#define SECURE_G_NO_CAP_AMBIENT_RAISE 0x40u
#define SECURE_G_ALL_BITS             0x55u
#define SECURE_G_ALL_LOCKS            0xaau

#define ID_NONE UINT32_MAX /* "leave it" of setresuid(2) */

/* Of users, or of groups. */
struct ids {
    uint32_t real, effective, saved, fs;
};

struct group_list {
    unsigned users, nr;
    uint32_t gid[]; /* ascending */
};

struct cred {
    struct ids uid, gid;
    struct group_list *groups; /* counted */
    uint64_t inheritable, permitted, effective, bset, ambient;
    uint32_t securebits;
    bool no_new_privs;
    bool secure; /* AT_SECURE of the program */
};

/* cred_of_host - who runs adiemu; 0 or -errno */
MUST_CHECK int cred_of_host(struct kmem *k, struct cred *out);

/* cred_get - a copy that owns what it has; cred_put gives that back */
struct cred cred_get(const struct cred *of);
void cred_put(struct cred *c);

/*
 * cred_commit - commit_creds(): @t is who @new says from here on
 *
 * @new: owned by the task afterwards, put on error
 * Returns 0, or the errno of a host that does not let adiemu act as that, as
 * -EINVAL of an id that its user namespace does not have; nothing has changed
 * then.
 */
MUST_CHECK int cred_commit(struct task *t, struct cred *new);

/* cred_exec - cap_bprm_creds_from_file(), of a program that brings none */
void cred_exec(struct cred *c);

/* cred_fix_setuid - cap_emulate_setxuid(): capabilities follow the ids */
void cred_fix_setuid(struct cred *new, const struct cred *old);

/* cred_fix_setfsuid - those for files follow the id for files */
void cred_fix_setfsuid(struct cred *new, const struct cred *old);

bool cred_capable(const struct task *t, unsigned cap);

/* in_group_p(), in_egroup_p() */
bool cred_in_group(const struct task *t, uint32_t gid);

/* cred_may_kill - check_kill_permission(): 0 or -EPERM */
MUST_CHECK int cred_may_kill(const struct task *t, const struct task *to,
                             int sig);

/* cred_may_ptrace - ptrace_may_access(); @real: the real ids decide, not those
 * for files; 0 or -EPERM */
MUST_CHECK int cred_may_ptrace(const struct task *t, const struct task *to,
                               bool real);

/* groups_create - an empty list with room for @nr; NULL: no memory */
struct group_list *groups_create(struct kmem *k, unsigned nr);

/* groups_sort - for cred_in_group(), once they are all in */
void groups_sort(struct group_list *g);

/* ------------------------------------------------- the host's view of us */

/* cred_host_follow - the process that is on the CPU */
void cred_host_follow(struct machine *m);

/* cred_host_restore - who runs adiemu: the run is over */
void cred_host_restore(struct machine *m);

/*
 * cred_host_as_real - access_override_creds(): the real ids decide
 *
 * Until cred_host_follow().
 */
void cred_host_as_real(struct machine *m);
