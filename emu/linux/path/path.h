/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/path/path.h - from a guest's path to a file of the host
 *
 * Owns:    nothing
 * Used by: emu/linux/sys_{file,fd,path,stat,swap}.c, execve.c
 * Source:  the role of linux v6.2 fs/namei.c link_path_walk()
 * Differs: a name that leads into a /proc or /sys of the host is not there
 *
 * The host is never given more than one component of a guest's path, nor a
 * symbolic link to follow: /proc and /sys are the machine's (procfs.h),
 * wherever a link, "..", or an open directory leads to them from, and so is
 * what /proc/PID/fd leads to.  What was found is an O_PATH descriptor: what a
 * call looks at and what it then changes is the same file.
 */
#pragma once

#include <sys/stat.h>

#include "emu/linux/proc/procfs.h"
#include "emu/linux/sched/task.h"

#define PATH_BYTES      4096 /* of a path, with its 0 */
#define PATH_NAME_BYTES 258  /* of a component, with a slash and its 0 */

/* What is looked up. */
#define PATH_FOLLOW 1u /* also through a link at the end */
#define PATH_EMPTY  2u /* AT_EMPTY_PATH: "" is the directory itself */
#define PATH_PARENT                                                            \
    4u                  /* only the directory: the name is to be made or gone  \
                         */
#define PATH_CREATE 8u  /* O_CREAT: nothing need be there */
#define PATH_DIR    16u /* it must be a directory */
#define PATH_LOOK                                                              \
    1024u /* only what it is matters: it may be above what --sandbox shows */

/* Where the way may not lead: openat2(2), RESOLVE_ of the same names. */
#define PATH_NO_XDEV       32u
#define PATH_NO_MAGICLINKS 64u
#define PATH_NO_SYMLINKS   128u
#define PATH_BENEATH       256u
#define PATH_IN_ROOT       512u
#define PATH_SCOPED        (PATH_BENEATH | PATH_IN_ROOT)
#define PATH_RESTRICTED                                                        \
    (PATH_NO_XDEV | PATH_NO_MAGICLINKS | PATH_NO_SYMLINKS | PATH_SCOPED)

struct user_path {
    /* What is there; none with PATH_PARENT. */
    int fd;                  /* owned; O_PATH, or a duplicate of the guest's
                                open file; -1: nothing, or @node */
    struct stat st;          /* of @fd */
    struct procfs_node node; /* a file that the machine makes; entry NULL */
    struct open_file *file;  /* borrowed; reached through /proc/PID/fd; NULL */

    /* Its name, unless it was reached without one. */
    int dir;                     /* owned; -1: none */
    struct procfs_node dir_node; /* entry NULL: @dir */
    char name[PATH_NAME_BYTES];  /* with the slash after it, if there was */
};

/*
 * path_name - getname_flags(): the string at @va
 *
 * @flags: PATH_EMPTY
 * Returns 0, -EFAULT, -ENAMETOOLONG or -ENOENT.
 */
MUST_CHECK int path_name(struct task *t, uint64_t va, unsigned flags,
                         char out[static PATH_BYTES]);

/* path_lookup_flags - of AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH in @flags */
unsigned path_lookup_flags(int flags);

/*
 * path_walk - where @name leads, relative to the guest's descriptor @dir
 *
 * @dir: of the guest, or AT_G_FDCWD
 * Returns 0, and path_put() must follow; or -errno.
 */
MUST_CHECK int path_walk(struct task *t, int dir, const char *name,
                         unsigned flags, struct user_path *out);

/* path_get - path_name(), then path_walk() */
MUST_CHECK int path_get(struct task *t, int dir, uint64_t va, unsigned flags,
                        struct user_path *out);
void path_put(struct user_path *p);

/*
 * path_of_file - file->f_path: for calls that take a name or a descriptor
 *
 * @out: what is there, borrowed: no path_put(); no name
 * Returns 0 or -errno of the host's fstat().
 */
MUST_CHECK int path_of_file(const struct open_file *file,
                            struct user_path *out);

/* path_is_dir - is a directory there? */
bool path_is_dir(const struct user_path *p);

/* path_stat - vfs_getattr(): 0, or -ENOENT of a process that is gone */
MUST_CHECK int path_stat(const struct task *t, const struct user_path *p,
                         struct stat *out);

/* path_may_look_into - ptrace_may_access(): follow links of /proc/@of */
bool path_may_look_into(const struct task *t, const struct task *of);

/* path_is_hosts_procfs - is it on a /proc or /sys of the host, found by a name
 * that does not say so? */
bool path_is_hosts_procfs(int fd);

/* path_initial_root - the host's; NULL: no memory */
struct place *path_initial_root(void);

/* path_initial_cwd - where adiemu was started; NULL: no memory */
struct place *path_initial_cwd(struct task *t);

/* path_of_fd - "/proc/self/fd/@host": a path of the host, for calls that
 * need one; it leads to what @host is open on */
void path_of_fd(int host, char out[static 32]);

/*
 * path_check_change - may the name @p of a directory be made, or go away?
 *
 * @p: of PATH_PARENT
 * Returns 0, or what the call gives for a name in /proc or /sys: -EEXIST or
 * -EACCES when it is there, -ENOENT.
 */
MUST_CHECK int path_check_make(struct task *t, const struct user_path *p);
MUST_CHECK int path_check_remove(struct task *t, const struct user_path *p);

/*
 * path_check_write - mnt_want_write(): does --sandbox let the host's file, or
 * what is in the directory @fd, be changed?  0, -EROFS or -EACCES
 */
MUST_CHECK int path_check_write(const struct task *t, int fd);

/*
 * path_check_device - may owner or mode of such a file be changed, or its
 * name be made or go away?
 *
 * A guest of root could do that to the device nodes of the host.
 * Returns 0, or -EPERM after a line that says why.
 */
MUST_CHECK int path_check_device(struct task *t, unsigned mode);

/* path_check_busy - -ETXTBSY: to be written, but a process executes it; 0 */
MUST_CHECK int path_check_busy(struct task *t, const struct stat *st);

/* path_check_swap - IS_SWAPFILE(): -ETXTBSY where the host's file @fd, to be
 * written or cut, is a swap device that is on; 0 */
MUST_CHECK int path_check_swap(struct task *t, int fd);

/*
 * open_flags_to_host - the guest's open(2) flags as the host's
 *
 * Unknown ones are ignored, as the kernel does; O_CLOEXEC and O_LARGEFILE
 * are for the caller.
 */
int open_flags_to_host(unsigned guest);
unsigned open_flags_to_guest(int host);

/* ---- what a call of the host returned */

/*
 * host_stop - does a signal end the guest's call?
 *
 * The host's call failed with EINTR.  If no signal is for the guest, then
 * the call is repeated.
 */
bool host_stop(const struct task *t);

/* host_retry - errno says EINTR, and it does not matter */
bool host_retry(const struct task *t);

/*
 * host_result - @value, or what errno says
 *
 * EINTR is -ERESTARTSYS_G.  EMFILE is adiemu's limit of descriptors, not the
 * guest's: -ENFILE.
 */
int64_t host_result(int64_t value);
