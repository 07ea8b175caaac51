// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The files of the host, its TCP, its processes and abstract names, by
 * Landlock.
 *
 * Source: linux v6.12 Documentation/userspace-api/landlock.rst
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "emu/sandbox/sandbox.h"

/* What later versions have, which the headers of Debian 12 have not. */
#define FS_REFER     (UINT64_C(1) << 13) /* 2 */
#define FS_TRUNCATE  (UINT64_C(1) << 14) /* 3 */
#define FS_IOCTL_DEV (UINT64_C(1) << 15) /* 5 */
#define NET_ALL      UINT64_C(3)         /* 4: bind and connect, of TCP */
#define SCOPED_ALL   UINT64_C(3)         /* 6: abstract names, signals */

/* struct landlock_ruleset_attr of version 6; those before want zeros. */
struct ruleset {
    uint64_t fs, net, scoped;
};

#define FS_OF_FILES                                                            \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |            \
     FS_TRUNCATE | FS_IOCTL_DEV)
#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
/* No device nodes: who may make one has the whole disk.  And adiemu executes
 * nothing: a program is data to it. */
#define FS_NEVER                                                               \
    (LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK |            \
     LANDLOCK_ACCESS_FS_EXECUTE)

int landlock_abi(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
                       LANDLOCK_CREATE_RULESET_VERSION);

    return abi < 0 ? 0 : (int)abi;
}

static struct ruleset handled(int abi)
{
    struct ruleset r = {.fs = FS_REFER - 1};

    if (abi >= 2)
        r.fs |= FS_REFER;
    if (abi >= 3)
        r.fs |= FS_TRUNCATE;
    if (abi >= 4)
        r.net = NET_ALL;
    if (abi >= 5)
        r.fs |= FS_IOCTL_DEV;
    if (abi >= 6)
        r.scoped = SCOPED_ALL;
    return r;
}

static int allow(int rules, uint64_t access, int fd)
{
    struct landlock_path_beneath_attr rule = {.parent_fd = fd};
    struct stat st;

    if (fstat(fd, &st) != 0)
        return -errno;
    rule.allowed_access = S_ISDIR(st.st_mode) ? access : access & FS_OF_FILES;
    if (!rule.allowed_access)
        return 0;
    return syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
                   &rule, 0) == 0
               ? 0
               : -errno;
}

/*
 * What adiemu reads of /proc for the program: of itself, and the numbers of
 * the kernel.  The descriptor stays open, which keeps the inode that the rule
 * is about.
 */
static int allow_proc(int rules)
{
    static const char *const paths[] = {"/proc/self", "/proc/sys"};
    int err = 0;

    for (unsigned i = 0; !err && i < 2; i++) {
        int fd = open(paths[i], O_PATH | O_CLOEXEC);

        err = fd < 0 ? -errno : allow(rules, FS_READ, fd);
    }
    return err;
}

int landlock_enter(const struct confine *c, int abi)
{
    struct ruleset r = handled(abi);
    enum confine_rights rights;
    int rules, fd, err;

    rules = (int)syscall(SYS_landlock_create_ruleset, &r, sizeof(r), 0);
    if (rules < 0)
        return -errno;
    err = allow_proc(rules);
    for (size_t n = 0; !err && confine_nth(c, n, &fd, &rights); n++)
        err = allow(rules, rights == CONFINE_WRITE ? r.fs & ~FS_NEVER : FS_READ,
                    fd);
    if (!err && syscall(SYS_landlock_restrict_self, rules, 0) != 0)
        err = -errno;
    close(rules);
    return err;
}
