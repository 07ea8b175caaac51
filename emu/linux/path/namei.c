// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/cred/cred.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/mm/mapfile.h"
#include "emu/linux/path/confine.h"
#include "emu/linux/path/path.h"
#include "emu/linux/path/place.h"
#include "emu/linux/path/sysroot.h"
#include "emu/linux/sched/process.h"

#define MAX_LINKS 40 /* MAXSYMLINKS */

/* A file on the way. */
struct found {
    int fd;        /* of the host, O_PATH; -1: @node */
    bool borrowed; /* @fd is another's */
    struct stat st;
    struct procfs_node node;
    struct open_file *file;     /* the link was one of /proc/PID/fd; NULL */
    enum confine_rights rights; /* of --sandbox; CONFINE_UNKNOWN: not asked */
};

struct walk {
    struct task *t;
    unsigned flags;
    unsigned links;
    char *rest;     /* owned; holds what is left of the name */
    const char *at; /* in it */
    struct found cur;
    struct found base; /* where it began, for those that stay below; the
                          descriptor is owned */
    struct user_path *out;
    bool from_root; /* the name is absolute */
    bool named;     /* a file was found by its name */
    bool done;
};

/* A component of the name. */
struct part {
    char name[NAME_MAX + 1];
    size_t len;
    bool last, slash; /* nothing follows; but a slash does */
};

static void drop(struct found *f)
{
    if (f->fd >= 0 && !f->borrowed)
        close(f->fd);
    f->fd = -1;
}

static void move_to(struct walk *w, const struct found *to)
{
    drop(&w->cur);
    w->cur = *to;
}

static bool is_dir(const struct found *f)
{
    return f->node.entry ? procfs_is_dir(&f->node) : S_ISDIR(f->st.st_mode);
}

/* ------------------------------------------------------------- --sandbox */

/* @from: where its name was found; NULL: not by a name, or by ".." */
static enum confine_rights rights_of(const struct walk *w, struct found *f,
                                     const struct found *from)
{
    if (!w->t->m->confine || f->node.entry)
        return CONFINE_WRITE; /* files of the machine ask for themselves */
    if (from && from->rights >= CONFINE_READ)
        f->rights = from->rights;
    if (f->rights == CONFINE_UNKNOWN)
        f->rights = confine_rights(w->t->m->confine, f->fd);
    return f->rights;
}

/* What lies outside is neither there nor not there. */
static bool is_outside(struct walk *w, struct found *f)
{
    return rights_of(w, f, NULL) == CONFINE_OUTSIDE;
}

/* May the name lead there?  An open file may be looked at wherever it is. */
static bool may_end(struct walk *w, struct found *f)
{
    enum confine_rights rights = rights_of(w, f, NULL);

    return rights >= CONFINE_READ ||
           (w->flags & PATH_LOOK && (rights == CONFINE_ABOVE || !w->named));
}

/* No file of that name, in a directory whose names are nobody's business. */
static int not_there(struct walk *w, int err)
{
    return rights_of(w, &w->cur, NULL) < CONFINE_READ ? -EACCES : err;
}

/* ----------------------------------------------------- files of the host */

/* One component, by the host; with PATH_NO_XDEV it says where a mount is. */
static int open_component(const struct walk *w, const char *name, int flags)
{
    struct open_how how = {.flags = (uint64_t)(flags | O_PATH | O_CLOEXEC),
                           .resolve = RESOLVE_NO_XDEV};

    if (w->flags & PATH_NO_XDEV)
        return (int)syscall(SYS_openat2, w->cur.fd, name, &how, sizeof(how));
    return openat(w->cur.fd, name, flags | O_PATH | O_CLOEXEC);
}

/*
 * @fd:   taken, also on error
 * @from: where it was found; NULL: by a jump
 */
static int host_found(int fd, const struct found *from, struct found *out)
{
    *out = (struct found){.fd = fd};
    if (fd < 0 || fstat(fd, &out->st) != 0)
        goto fail;
    /* Another file system begins where the number of the device changes. */
    if (from && from->st.st_dev == out->st.st_dev)
        return 0;
    if (!path_is_hosts_procfs(fd))
        return 0;
    errno = ENOENT;

fail:
    if (fd >= 0)
        close(fd);
    out->fd = -1;
    return (int)host_result(-1);
}

/* Is this directory the host's @name? */
static bool is_hosts(const struct found *f, const char *name)
{
    struct stat st;

    return f->fd >= 0 && stat(name, &st) == 0 && st.st_dev == f->st.st_dev &&
           st.st_ino == f->st.st_ino;
}

/* ----------------------------------------------------------------- jumps */

/* The same directory? */
static bool is_same(const struct found *a, const struct found *b)
{
    if (a->node.entry || b->node.entry)
        return a->node.entry == b->node.entry && a->node.len == b->node.len &&
               a->node.pid == b->node.pid;
    return a->st.st_dev == b->st.st_dev && a->st.st_ino == b->st.st_ino;
}

/* Back to where it began, which is what PATH_IN_ROOT takes for /. */
static int jump_to_base(struct walk *w)
{
    struct found base = w->base;

    base.borrowed = true;
    move_to(w, &base);
    return 0;
}

static void jump_to_node(struct walk *w, const struct procfs_node *node)
{
    move_to(w, &(struct found){.fd = -1, .node = *node});
    w->cur.node.link = PROCFS_NO_LINK;
}

static int jump_to_place(struct walk *w, const struct place *p)
{
    struct found f = {.fd = p->fd, .borrowed = true};

    if (p->node.entry) {
        jump_to_node(w, &p->node);
        return 0;
    }
    if (fstat(p->fd, &f.st) != 0)
        return -errno;
    move_to(w, &f);
    return 0;
}

/* nd_jump_root() */
static int jump_to_root(struct walk *w)
{
    return jump_to_place(w, w->t->fs->root);
}

/* An open file is its own name.  What adiemu was given as 0, 1 or 2 may be
 * on a /proc of the host; a directory there is none for the guest. */
static int jump_to_file(struct walk *w, struct open_file *file)
{
    const struct procfs_node *node = procfs_node_of(file);
    struct found f;
    int err;

    w->named = false;
    if (node) {
        jump_to_node(w, node);
        w->cur.file = file;
        return 0;
    }
    f = (struct found){.fd = fcntl(open_file_host(file), F_DUPFD_CLOEXEC, 0),
                       .file = file};
    if (f.fd < 0 || fstat(f.fd, &f.st) != 0)
        err = (int)host_result(-1);
    else
        err = is_dir(&f) && path_is_hosts_procfs(f.fd) ? -ENOENT : 0;
    if (err)
        drop(&f);
    else
        move_to(w, &f);
    return err;
}

static int jump_to_exe(struct walk *w, const struct task *of)
{
    int fd = of->process->exe
                 ? file_maps_fd(w->t->m->file_maps, of->process->exe)
                 : -1,
        err;
    struct found exe;

    if (fd < 0)
        return -ENOENT;
    err = host_found(fcntl(fd, F_DUPFD_CLOEXEC, 0), NULL, &exe);
    if (!err)
        move_to(w, &exe);
    return err;
}

/* ----------------------------------------------------------------- links */

static int count_link(struct walk *w)
{
    return w->links++ >= MAX_LINKS || w->flags & PATH_NO_SYMLINKS ? -ELOOP : 0;
}

static bool is_on_mount_of_root(int fd)
{
    struct statx here = {0}, root = {0};

    return statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &here) == 0 &&
           statx(AT_FDCWD, "/", 0, STATX_MNT_ID, &root) == 0 &&
           here.stx_mask & root.stx_mask & STATX_MNT_ID &&
           here.stx_mnt_id == root.stx_mnt_id;
}

/* Such a link, or an absolute name that does not lead to /. */
static int begin_at_root(struct walk *w)
{
    if (w->flags & PATH_BENEATH)
        return -EXDEV;
    if (w->flags & PATH_IN_ROOT)
        return jump_to_base(w);
    /* nd->root is not known yet when the name itself did not begin there. */
    if (w->flags & PATH_NO_XDEV &&
        (!w->from_root || w->cur.node.entry || !is_on_mount_of_root(w->cur.fd)))
        return -EXDEV;
    return jump_to_root(w);
}

/* sysctl fs.protected_symlinks; the host would have asked, too. */
static bool links_are_protected(void)
{
    FILE *f = fopen("/proc/sys/fs/protected_symlinks", "r");
    int c = f ? getc(f) : EOF;

    if (f)
        fclose(f);
    return c == '1';
}

/* may_follow_link(): of a stranger, in a directory that all may write to */
static int may_follow(const struct walk *w, const struct found *link)
{
    const struct stat *dir = &w->cur.st;
    const mode_t open_to_all = S_ISVTX | S_IWOTH;

    if (link->st.st_uid == w->t->cred.uid.fs ||
        (dir->st_mode & open_to_all) != open_to_all ||
        dir->st_uid == link->st.st_uid || !links_are_protected())
        return 0;
    return -EACCES;
}

/* The text of the link takes the place of its name. */
static int follow_text(struct walk *w, const char *text, size_t len)
{
    size_t after = strlen(w->at);
    char *rest = malloc(len + after + 1);

    if (len == 0) {
        free(rest);
        return -ENOENT;
    }
    if (!rest)
        return -ENOMEM;
    memcpy(rest, text, len);
    memcpy(rest + len, w->at, after + 1);
    free(w->rest);
    w->at = w->rest = rest;
    return *rest == '/' ? begin_at_root(w) : 0;
}

static int follow_host_link(struct walk *w, struct found *link, bool last)
{
    char text[PATH_BYTES];
    int err = count_link(w);
    ssize_t n;

    if (!err && last)
        err = may_follow(w, link);
    n = err ? 0 : readlinkat(link->fd, "", text, sizeof(text));
    if (n < 0)
        err = -errno;
    else if ((size_t)n == sizeof(text))
        err = -ENAMETOOLONG;
    drop(link);
    return err ? err : follow_text(w, text, (size_t)n);
}

/* proc_pid_get_link(): a jump to what is there, whatever its name is */
static int follow_proc_link(struct walk *w, const struct procfs_node *link)
{
    const struct task *of = task_find(w->t->m, link->pid);
    int err = count_link(w);

    if (err)
        return err;
    if (link->link == PROCFS_SELF || link->link == PROCFS_THREAD_SELF) {
        jump_to_node(w, link);
        return 0;
    }
    if (!of || !of->files)
        return -ENOENT;
    if (!path_may_look_into(w->t, of))
        return -EACCES;
    if (w->flags & PATH_NO_MAGICLINKS)
        return -ELOOP;
    if (w->flags & (PATH_SCOPED | PATH_NO_XDEV))
        return -EXDEV;
    switch (link->link) {
    case PROCFS_CWD: return jump_to_place(w, of->fs->cwd);
    case PROCFS_ROOT: return jump_to_root(w);
    case PROCFS_EXE: return jump_to_exe(w, of);
    default: return jump_to_file(w, files_open_file(of->files, link->fd));
    }
}

/* ---------------------------------------------------------------- the end */

/* Its descriptor is the caller's now; 0 or -ENFILE */
static int take(struct found *f, int *out)
{
    *out = f->borrowed ? fcntl(f->fd, F_DUPFD_CLOEXEC, 0) : f->fd;
    if (f->borrowed && *out < 0)
        return (int)host_result(-1);
    f->fd = -1;
    return 0;
}

static int set_found(struct walk *w, struct found *f)
{
    if (!may_end(w, f))
        return -EACCES;
    w->out->st = f->st;
    w->out->node = f->node;
    w->out->file = f->file;
    w->done = true;
    return take(f, &w->out->fd);
}

/* It is @name in @w->cur. */
static int set_name(struct walk *w, const char *name, bool slash)
{
    if (is_outside(w, &w->cur))
        return -EACCES;
    w->out->dir_node = w->cur.node;
    snprintf(w->out->name, sizeof(w->out->name), "%s%s", name,
             slash ? "/" : "");
    w->done = true;
    return take(&w->cur, &w->out->dir);
}

/* Nothing but slashes is left: it is where we are. */
static int end_here(struct walk *w)
{
    bool slash = *w->at == '/';

    if ((slash || w->flags & PATH_DIR) && !is_dir(&w->cur))
        return -ENOTDIR;
    if (w->flags & PATH_PARENT)
        return set_name(w, "/", false); /* LAST_ROOT */
    return set_found(w, &w->cur);
}

/* Its last component, found. */
static int end_with(struct walk *w, const struct part *part, struct found *f)
{
    int err;

    if ((part->slash || w->flags & PATH_DIR) && !is_dir(f)) {
        drop(f);
        return -ENOTDIR;
    }
    err = set_name(w, part->name, part->slash);
    if (!err)
        err = set_found(w, f);
    drop(f);
    return err;
}

/* ------------------------------------------------------------- components */

static bool is_dots(const struct part *part)
{
    return strcmp(part->name, ".") == 0 || strcmp(part->name, "..") == 0;
}

static bool follows(const struct walk *w, const struct part *part)
{
    return !part->last || part->slash || w->flags & PATH_FOLLOW;
}

/* "." and ".." of the host ask for the permission to search. */
static int step_dots(struct walk *w, const struct part *part)
{
    struct procfs_node parent;
    struct found f;
    int err;

    if (w->flags & PATH_SCOPED && strcmp(part->name, "..") == 0 &&
        is_same(&w->cur, &w->base))
        return w->flags & PATH_BENEATH ? -EXDEV : 0;
    if (!w->cur.node.entry) {
        err =
            host_found(open_component(w, part->name, O_DIRECTORY), &w->cur, &f);
        w->named = true;
        if (err)
            return err;
        if (is_outside(w, &f)) {
            drop(&f);
            return -EACCES;
        }
        move_to(w, &f);
        return 0;
    }
    if (!procfs_is_dir(&w->cur.node))
        return -ENOTDIR;
    if (strcmp(part->name, "..") != 0)
        return 0;
    if (!procfs_parent(w->t, &w->cur.node, &parent))
        return w->flags & PATH_NO_XDEV ? -EXDEV : jump_to_root(w);
    jump_to_node(w, &parent);
    return 0;
}

static int step_proc(struct walk *w, const struct part *part)
{
    struct found f = {.fd = -1};
    int err = procfs_child(w->t, &w->cur.node, part->name, part->len, &f.node);

    if (err == -ENOENT)
        log_print(&w->t->m->options.log, LOG_SYSCALL, LOG_INFO,
                  "there is no file %s below /proc or /sys", part->name);
    if (err)
        return err;
    if (f.node.link && follows(w, part))
        return follow_proc_link(w, &f.node);
    if (part->last)
        return end_with(w, part, &f);
    move_to(w, &f);
    return 0;
}

/* The name is free, with O_CREAT. */
static int create_here(struct walk *w, const struct part *part)
{
    int err = not_there(w, 0);

    return err ? err : set_name(w, part->name, part->slash);
}

static int step_host(struct walk *w, const struct part *part)
{
    struct procfs_node node;
    struct found f;
    int fd, err;

    w->named = true;
    if (procfs_device(w->t, part->name, part->len, &node) &&
        is_hosts(&w->cur, "/dev")) {
        f = (struct found){.fd = -1, .node = node};
    } else if (procfs_root(part->name, part->len, &node) == 0 &&
               is_hosts(&w->cur, "/")) {
        if (w->flags & PATH_NO_XDEV)
            return -EXDEV;
        f = (struct found){.fd = -1, .node = node};
    } else {
        fd = open_component(w, part->name, O_NOFOLLOW);
        if (fd < 0 && errno == ENOENT && part->last && w->flags & PATH_CREATE)
            return create_here(w, part);
        err = host_found(fd, &w->cur, &f);
        if (err)
            return not_there(w, err);
        (void)rights_of(w, &f, &w->cur);
    }
    if (f.fd >= 0 && S_ISLNK(f.st.st_mode) && follows(w, part) &&
        !is_outside(w, &w->cur))
        return follow_host_link(w, &f, part->last);
    if (is_outside(w, &f)) {
        drop(&f);
        return -EACCES;
    }
    if (part->last)
        return end_with(w, part, &f);
    move_to(w, &f);
    return 0;
}

/* link_path_walk(): one component */
static int step(struct walk *w)
{
    const char *p = w->at + strspn(w->at, "/"), *end;
    struct part part = {.len = strcspn(p, "/")};

    if (!*p)
        return end_here(w);
    if (part.len > NAME_MAX)
        return -ENAMETOOLONG;
    memcpy(part.name, p, part.len);
    end = p + part.len;
    part.slash = *end == '/';
    part.last = end[strspn(end, "/")] == '\0';
    w->at = end;
    if (part.last && w->flags & PATH_PARENT) {
        if (!is_dir(&w->cur))
            return -ENOTDIR;
        return set_name(w, part.name, part.slash);
    }
    if (is_dots(&part))
        return step_dots(w, &part);
    if (part.last && part.slash && w->flags & PATH_CREATE)
        return -EISDIR;
    return w->cur.node.entry ? step_proc(w, &part) : step_host(w, &part);
}

/* path_init() */
static int start(struct walk *w, int dir)
{
    struct open_file *file;

    w->from_root = *w->at == '/';
    if (w->from_root && !(w->flags & PATH_SCOPED))
        return jump_to_root(w);
    if (dir == AT_G_FDCWD)
        return jump_to_place(w, w->t->fs->cwd);
    file = files_open_file(w->t->files, dir);
    return file ? jump_to_file(w, file) : -EBADF;
}

/* The base of a way that must not leave it. */
static int start_scoped(struct walk *w)
{
    w->base = w->cur;
    if (w->cur.fd >= 0)
        w->base.fd = fcntl(w->cur.fd, F_DUPFD_CLOEXEC, 0);
    w->base.borrowed = false;
    if (w->cur.fd >= 0 && w->base.fd < 0)
        return (int)host_result(-1);
    return *w->at == '/' ? begin_at_root(w) : 0;
}

/* It may be one of the machine's, beside those of the host. */
static bool may_be_device(const struct walk *w)
{
    const char *last = w->at, *slash;
    struct procfs_node node;

    while ((slash = strchr(last, '/')) != NULL && slash[strspn(slash, "/")])
        last = slash + 1;
    return procfs_device(w->t, last, strcspn(last, "/"), &node);
}

/*
 * A name that stays in one file system of the host and has no links, which is
 * most of them, in one call.  /proc and /sys are others.
 *
 * Returns 1 when it is not such a name, or the host does not have the call.
 */
static int walk_at_once(struct walk *w)
{
    struct open_how how = {.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
                           .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV |
                                      RESOLVE_NO_MAGICLINKS};
    bool empty = !*w->at || w->cur.fd < 0 || may_be_device(w);
    struct found f = {.fd = -1};

    if (empty || w->flags & (PATH_PARENT | PATH_CREATE | PATH_RESTRICTED) ||
        w->t->m->confine)
        return 1;
    f.fd = (int)syscall(SYS_openat2, w->cur.fd, w->at, &how, sizeof(how));
    if (f.fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? -errno
                                                                      : 1;
    if (fstat(f.fd, &f.st) != 0 ||
        (S_ISLNK(f.st.st_mode) && w->flags & PATH_FOLLOW)) {
        drop(&f);
        return 1;
    }
    if (w->flags & PATH_DIR && !is_dir(&f)) {
        drop(&f);
        return -ENOTDIR;
    }
    return set_found(w, &f);
}

static int walk(struct task *t, int dir, const char *name, unsigned flags,
                struct user_path *out)
{
    struct walk w = {.t = t,
                     .flags = flags,
                     .rest = strdup(name),
                     .cur = {.fd = -1},
                     .base = {.fd = -1},
                     .out = out};
    int err = w.rest ? 0 : -ENOMEM;

    *out = (struct user_path){.fd = -1, .dir = -1};
    w.at = w.rest;
    if (!err)
        err = start(&w, dir);
    if (!err && flags & PATH_SCOPED)
        err = start_scoped(&w);
    if (!err)
        err = walk_at_once(&w);
    if (err > 0)
        err = 0;
    while (!err && !w.done)
        err = step(&w);
    drop(&w.cur);
    drop(&w.base);
    free(w.rest);
    if (err)
        path_put(out);
    return err;
}

int path_walk(struct task *t, int dir, const char *name, unsigned flags,
              struct user_path *out)
{
    char there[PATH_BYTES];

    /* Where a name is made, or removed, is the host's business. */
    if (!(flags & (PATH_PARENT | PATH_RESTRICTED)) &&
        sysroot_name(t->m->sysroot, name, there) &&
        walk(t, dir, there, flags & ~PATH_CREATE, out) == 0)
        return 0;
    return walk(t, dir, name, flags, out);
}

void path_put(struct user_path *p)
{
    if (p->fd >= 0)
        close(p->fd);
    if (p->dir >= 0)
        close(p->dir);
    p->fd = p->dir = -1;
}
