#include "emu/linux/path.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/linux/abi.h"
#include "emu/linux/files.h"
#include "emu/linux/signal.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

/* What follows @prefix in @name, or NULL. */
static const char *after(const char *name, const char *prefix)
{
    size_t len = strlen(prefix);

    return strncmp(name, prefix, len) == 0 ? name + len : NULL;
}

/* What follows /proc/self/, also when it is spelled with our pid. */
static const char *after_proc_self(const struct task *t, const char *name)
{
    const char *rest = after(name, "/proc/self/");
    char own[32];

    if (rest)
        return rest;
    snprintf(own, sizeof(own), "/proc/%" PRIu32 "/", t->pid);
    return after(name, own);
}

/* The name becomes the host's descriptor @host, and @rest within it. */
static int set_to_fd(struct user_path *path, int host, const char *rest)
{
    char copy[PATH_BYTES];
    int len;

    strcpy(copy, rest); /* it is a part of the name */
    len = snprintf(path->name, sizeof(path->name), "/proc/self/fd/%d%s", host,
                   copy);
    return len < PATH_BYTES ? 0 : -ENAMETOOLONG;
}

/* @number: "N" or "N/rest", of the guest's descriptors */
static int set_to_guest_fd(const struct task *t, struct user_path *path,
                           const char *number)
{
    char *end;
    unsigned long fd = strtoul(number, &end, 10);
    int host;

    if (*number < '0' || *number > '9' || (*end != '\0' && *end != '/') ||
        fd >= FILES_MAX)
        return -ENOENT;
    host = files_host(t->files, (int)fd);
    return host < 0 ? -ENOENT : set_to_fd(path, host, end);
}

static int set_to_exe(const struct task *t, struct user_path *path)
{
    if (!t->exe)
        return -ENOENT;
    path->is_exe = true;
    return snprintf(path->name, sizeof(path->name), "%s", t->exe) < PATH_BYTES
               ? 0
               : -ENAMETOOLONG;
}

/*
 * /proc/self of the host describes the emulator: its descriptors, its
 * memory, which a program must not get hold of.
 */
static int replace_proc_self(const struct task *t, struct user_path *path)
{
    const char *self = after_proc_self(t, path->name);
    const char *rest;

    if (self) {
        if (*self == '\0')
            return 0;
        if (strcmp(self, "exe") == 0)
            return set_to_exe(t, path);
        rest = after(self, "cwd");
        if (rest && (*rest == '\0' || *rest == '/'))
            return set_to_fd(path, t->cwd, rest);
        rest = after(self, "fd/");
        if (rest)
            return set_to_guest_fd(t, path, rest);
        log_print(&t->m->options.log, LOG_SYSCALL, LOG_WARN,
                  "unsupported file /proc/self/%s", self);
        return -ENOENT;
    }
    rest = after(path->name, "/dev/fd/");
    if (rest)
        return set_to_guest_fd(t, path, rest);
    if (strcmp(path->name, "/dev/stdin") == 0)
        return set_to_guest_fd(t, path, "0");
    if (strcmp(path->name, "/dev/stdout") == 0)
        return set_to_guest_fd(t, path, "1");
    if (strcmp(path->name, "/dev/stderr") == 0)
        return set_to_guest_fd(t, path, "2");
    return 0;
}

int path_dir(const struct task *t, int dir)
{
    return dir == AT_G_FDCWD ? t->cwd : files_host(t->files, dir);
}

int path_get(struct task *t, int dir, uint64_t va, enum path_empty empty,
             struct user_path *out)
{
    int64_t len = strncpy_from_user(t, out->name, va, sizeof(out->name));

    out->is_exe = false;
    if (len < 0)
        return (int)len;
    if (len == 0 && empty == PATH_NOT_EMPTY)
        return -ENOENT;
    if (out->name[0] == '/') {
        out->dir = t->cwd; /* not looked at, whatever @dir is */
        return replace_proc_self(t, out);
    }
    out->dir = path_dir(t, dir);
    return out->dir < 0 ? -EBADF : 0;
}

void path_of_fd(int host, char out[static 32])
{
    snprintf(out, 32, "/proc/self/fd/%d", host);
}

/* One bit each.  O_ASYNC is not here: SIGIO would be the emulator's. */
static const struct {
    unsigned guest, host;
} open_bits[] = {
    {O_G_APPEND, O_APPEND},
    {O_G_CREAT, O_CREAT},
    {O_G_TRUNC, O_TRUNC},
    {O_G_EXCL, O_EXCL},
    {O_G_DSYNC, O_DSYNC},
    {O_G_NONBLOCK, O_NONBLOCK},
    {O_G_NOCTTY, O_NOCTTY},
    {O_G_DIRECTORY, O_DIRECTORY},
    {O_G_NOFOLLOW, O_NOFOLLOW},
    {O_G_DIRECT, O_DIRECT},
    {O_G_NOATIME, O_NOATIME},
    {O_G_PATH, O_PATH},
    {O_G_SYNC & ~O_G_DSYNC, O_SYNC & ~O_DSYNC},
    {O_G_TMPFILE & ~O_G_DIRECTORY, O_TMPFILE & ~O_DIRECTORY},
};

#define NR_OPEN_BITS (sizeof(open_bits) / sizeof(open_bits[0]))

int open_flags_to_host(unsigned guest)
{
    unsigned host = guest & O_ACCMODE;

    for (size_t i = 0; i < NR_OPEN_BITS; i++)
        if (guest & open_bits[i].guest)
            host |= open_bits[i].host;
    return (int)host;
}

unsigned open_flags_to_guest(int host)
{
    unsigned guest = (unsigned)host & O_ACCMODE;

    for (size_t i = 0; i < NR_OPEN_BITS; i++)
        if ((unsigned)host & open_bits[i].host)
            guest |= open_bits[i].guest;
    return guest;
}

bool host_stop(const struct task *t)
{
    return t->m->interrupted || signal_deliverable(t);
}

bool host_retry(const struct task *t)
{
    return errno == EINTR && !host_stop(t);
}

int64_t host_result(int64_t value)
{
    if (value >= 0)
        return value;
    return errno == EINTR ? -ERESTARTSYS_G : -errno;
}
