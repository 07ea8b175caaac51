#include "emu/linux/path.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/files.h"
#include "emu/linux/signal.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

/* A name that the host does not have, and never will. */
#define NOWHERE "/proc/self/fd/-"

/* What follows @prefix in @name, or NULL. */
static const char *after(const char *name, const char *prefix)
{
    size_t len = strlen(prefix);

    return strncmp(name, prefix, len) == 0 ? name + len : NULL;
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

/* @number: "N" or "N/rest", of the descriptors of @t */
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

/* The process in "/proc/PID/rest", and @rest; NULL: no such name. */
static const struct task *task_of(const struct task *t, const char *name,
                                  const char **rest)
{
    const char *p = after(name, "/proc/");
    char *end;

    if (!p)
        return NULL;
    *rest = after(p, "self/");
    if (*rest)
        return t;
    if (*p < '1' || *p > '9')
        return NULL;
    t = task_find(t->m, (uint32_t)strtoul(p, &end, 10));
    *rest = end + 1;
    return *end == '/' ? t : NULL;
}

/*
 * The symbolic links of a process.  Returns 1 when @name is none of them.
 */
static int follow_link(const struct task *t, const char *name,
                       struct user_path *path)
{
    const char *self, *rest;

    t = task_of(t, name, &self);
    if (!t || t->zombie)
        return 1;
    if (strcmp(self, "exe") == 0)
        return set_to_exe(t, path);
    rest = after(self, "cwd");
    if (rest && (*rest == '\0' || *rest == '/'))
        return set_to_fd(path, t->cwd, rest);
    rest = after(self, "root");
    if (rest && (*rest == '\0' || *rest == '/')) {
        strcpy(path->name, *rest ? rest : "/");
        return 0;
    }
    rest = after(self, "fd/");
    return rest ? set_to_guest_fd(t, path, rest) : 1;
}

/*
 * /proc and /sys of the host describe the emulator and its machine, which a
 * program must not get hold of.
 */
static int replace_procfs(const struct task *t, struct user_path *path,
                          const char *clean)
{
    int err = follow_link(t, clean, path);

    if (err <= 0)
        return err;
    err = procfs_find(t, clean, &path->node);
    if (err)
        log_print(&t->m->options.log, LOG_SYSCALL, LOG_INFO,
                  "there is no file %s", clean);
    strcpy(path->name, NOWHERE);
    return err;
}

static int replace_absolute(const struct task *t, struct user_path *path)
{
    char clean[PATH_BYTES];
    const char *rest;

    if (procfs_owns(path->name, clean))
        return replace_procfs(t, path, clean);
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

/* Below an open directory of /proc or /sys. */
static int replace_relative(const struct task *t, struct user_path *path,
                            const struct procfs_node *dir)
{
    char above[128], name[PATH_BYTES];

    if (path->name[0] == '\0') { /* AT_EMPTY_PATH */
        path->node = *dir;
        strcpy(path->name, NOWHERE);
        return 0;
    }
    procfs_name(dir, above, sizeof(above));
    if ((size_t)snprintf(name, sizeof(name), "%s/%s", above, path->name) >=
        sizeof(name))
        return -ENAMETOOLONG;
    strcpy(path->name, name);
    path->dir = t->cwd;
    return replace_absolute(t, path);
}

/* Names that may lead to / and from there to /proc: "proc/...", "../..." */
static bool may_reach_root(const char *name)
{
    return after(name, "proc") || after(name, "sys") || after(name, ".");
}

/* A relative name may be another way to write one below /proc or /sys. */
static int replace_from_dir(const struct task *t, struct user_path *path)
{
    char by_fd[32], name[2 * PATH_BYTES], clean[2 * PATH_BYTES];
    const char *rest = path->name, *p;
    ssize_t n;

    if (!may_reach_root(path->name))
        return 0;
    path_of_fd(path->dir, by_fd);
    n = readlink(by_fd, name, PATH_BYTES - 1);
    if (n < 0)
        return 0;
    for (; (p = after(rest, "./")) || (p = after(rest, "../")); rest = p) {
        while (p - rest == 3 && n > 0 && name[--n] != '/')
            ;
        p += strspn(p, "/");
    }
    name[n++] = '/';
    strcpy(name + n, rest);
    return procfs_owns(name, clean) ? replace_procfs(t, path, clean) : 0;
}

int path_dir(const struct task *t, int dir)
{
    return dir == AT_G_FDCWD ? t->cwd : files_host(t->files, dir);
}

int path_get(struct task *t, int dir, uint64_t va, enum path_empty empty,
             struct user_path *out)
{
    int64_t len = strncpy_from_user(t, out->name, va, sizeof(out->name));

    const struct proc_file *at;

    out->is_exe = false;
    out->node = (struct procfs_node){.entry = NULL};
    if (len < 0)
        return (int)len;
    if (len == 0 && empty == PATH_NOT_EMPTY)
        return -ENOENT;
    if (out->name[0] == '/') {
        out->dir = t->cwd; /* not looked at, whatever @dir is */
        return replace_absolute(t, out);
    }
    at = files_proc(t->files, dir);
    if (at)
        return replace_relative(t, out, procfs_node(at));
    out->dir = path_dir(t, dir);
    return out->dir < 0 ? -EBADF : replace_from_dir(t, out);
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
