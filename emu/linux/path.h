/*
 * emu/linux/path.h - a guest's paths and flags for the host's *at() calls
 *
 * Owns:    nothing
 * Used by: emu/linux/sys_{file,fd,poll,stat,path}.c
 * Source:  the role of linux fs/namei.c getname(), path_init()
 *
 * The host's own current directory is never used: guest processes share it
 * with each other and with the emulator.  Absolute paths are those of the
 * host, but for /proc and /sys: they describe the machine; see procfs.h.
 */
#pragma once

#include "emu/linux/procfs.h"
#include "emu/linux/task.h"

#define PATH_BYTES 4096 /* of a path, with its 0 */

enum path_empty { PATH_NOT_EMPTY, PATH_MAY_BE_EMPTY };

struct user_path {
    int dir;     /* borrowed; directory of the host that name begins at */
    bool is_exe; /* the path was /proc/PID/exe: name is where it leads */
    struct procfs_node node; /* a file that the machine makes, if any; name
                                then leads nowhere on the host */
    char name[PATH_BYTES];
};

/*
 * path_get - the path at @va, relative to the guest's descriptor @dir
 *
 * @empty: PATH_MAY_BE_EMPTY for calls with AT_EMPTY_PATH
 *
 * Returns 0, -EFAULT, -ENAMETOOLONG, -ENOENT, or -EBADF of a relative path.
 */
MUST_CHECK int path_get(struct task *t, int dir, uint64_t va,
                        enum path_empty empty, struct user_path *out);

/* path_dir - the host's directory for @dir, which may be AT_FDCWD; -EBADF */
MUST_CHECK int path_dir(const struct task *t, int dir);

/* path_of_fd - "/proc/self/fd/@host": a path for calls that need one */
void path_of_fd(int host, char out[static 32]);

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

/* host_result - @value, or what errno says; EINTR is -ERESTARTSYS_G */
int64_t host_result(int64_t value);
