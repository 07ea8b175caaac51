// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/net/unix_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/path/path.h"
#include "emu/linux/path/place.h"
#include "emu/linux/sched/process.h"

#define PATH_OFFSET offsetof(struct sockaddr_un, sun_path)
#define PATH_MAX_UN sizeof(((struct sockaddr_un *)0)->sun_path)

/* The path of a name, with a 0; false: it is abstract, or there is none. */
static bool path_of(const struct sock_addr *name, char out[PATH_MAX_UN + 1])
{
    size_t len = name->len > PATH_OFFSET ? name->len - PATH_OFFSET : 0;

    if (len == 0 || !name->u.un.sun_path[0])
        return false;
    if (len > PATH_MAX_UN)
        len = PATH_MAX_UN;
    memcpy(out, name->u.un.sun_path, len);
    out[len] = '\0';
    return true;
}

static void set_path(struct sock_addr *out, const char *path)
{
    size_t len = strlen(path);

    *out = (struct sock_addr){.len = (socklen_t)(PATH_OFFSET + len)};
    out->u.un.sun_family = AF_UNIX;
    memcpy(out->u.un.sun_path, path,
           len < PATH_MAX_UN ? len : PATH_MAX_UN); /* callers see to it */
    if (len < PATH_MAX_UN)
        out->len++;
}

/* ------------------------------------------------------------------ find */

/* A name that the host has: that of bind(2), or one that it gave by itself. */
static void learn_name(struct sock *sk)
{
    struct sock_addr a = {.len = sizeof(a.u)};

    if (sk->named || sk->family != AF_UNIX ||
        getsockname(sk->host, &a.u.any, &a.len) != 0 || a.len <= PATH_OFFSET ||
        a.u.un.sun_path[0])
        return;
    sk->named = true;
    sk->id.abstract = true;
    sk->id.len = a.len - PATH_OFFSET;
    memcpy(sk->id.name, a.u.un.sun_path, sk->id.len);
}

static bool same_id(const struct unix_id *a, const struct unix_id *b)
{
    if (a->abstract != b->abstract)
        return false;
    if (!a->abstract)
        return a->dev == b->dev && a->ino == b->ino;
    return a->len == b->len && memcmp(a->name, b->name, a->len) == 0;
}

static struct sock *find(struct machine *m, int type, const struct unix_id *id)
{
    struct sock *sk;

    DL_FOREACH(m->socks, sk) {
        if (sk->passcred) /* unix_autobind() by connect(2) and send(2) */
            learn_name(sk);
        if (sk->named && sk->type == type && same_id(&sk->id, id))
            return sk;
    }
    return NULL;
}

static int find_path(struct task *t, int type, const char *path,
                     struct unix_target *out)
{
    struct unix_id id = {0};
    struct user_path p;
    char by_fd[32];
    int err = path_walk(t, AT_G_FDCWD, path, PATH_FOLLOW, &p);

    if (err)
        return err;
    if (p.node.entry || !S_ISSOCK(p.st.st_mode)) {
        err = p.node.entry ||
                      faccessat(p.fd, "", W_OK, AT_EMPTY_PATH | AT_EACCESS) == 0
                  ? -ECONNREFUSED
                  : -errno;
        path_put(&p);
        return err;
    }
    /* To talk to who listens there is more than to read. */
    if (path_check_write(t, p.fd)) {
        path_put(&p);
        return -EACCES;
    }
    id.dev = p.st.st_dev;
    id.ino = p.st.st_ino;
    path_of_fd(p.fd, by_fd);
    set_path(&out->host, by_fd);
    out->sk = find(t->m, type, &id);
    out->fd = p.fd;
    p.fd = -1;
    path_put(&p);
    return 0;
}

int unix_name_find(struct task *t, int type, const struct sock_addr *name,
                   struct unix_target *out)
{
    struct unix_id id = {.abstract = true};
    char path[PATH_MAX_UN + 1];

    *out = (struct unix_target){.host = *name, .fd = -1};
    /* unix_validate_addr(): the host says what is wrong */
    if (name->u.any.sa_family != AF_UNIX || name->len <= PATH_OFFSET ||
        name->len > sizeof(struct sockaddr_un))
        return 0;
    if (path_of(name, path))
        return find_path(t, type, path, out);
    id.len = name->len - PATH_OFFSET;
    memcpy(id.name, name->u.un.sun_path, id.len);
    out->sk = find(t->m, type, &id);
    return 0;
}

void unix_name_put(struct unix_target *target)
{
    if (target->fd >= 0)
        close(target->fd);
    target->fd = -1;
}

/* ------------------------------------------------------------------ bind */

/* Does @path, as the host would find it from @cwd, lead into that directory? */
static bool leads_to(int cwd, const char *path, int dir)
{
    const char *slash = strrchr(path, '/');
    char parent[PATH_MAX_UN + 1] = ".";
    struct stat a, b;

    if (slash == path)
        strcpy(parent, "/");
    else if (slash)
        snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path), path);
    return fstatat(cwd, parent, &a, 0) == 0 && fstat(dir, &b) == 0 &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* bind(2) of the host, from the directory @dir; 0 or -errno */
static int bind_from(int host, int dir, const char *path, unsigned umask_g)
{
    struct sock_addr a;
    int old = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), err = 0;

    if (old < 0)
        return (int)host_result(-1);
    set_path(&a, path);
    umask(umask_g);
    if (fchdir(dir) != 0 || bind(host, &a.u.any, a.len) != 0)
        err = (int)host_result(-1);
    umask(0);
    if (fchdir(old) != 0 && !err)
        err = (int)host_result(-1);
    close(old);
    return err;
}

/*
 * The host is given the program's words where they mean the same there, so that
 * others see them; or else the last one of them.
 */
static int bind_in(struct task *t, struct sock *sk, const struct user_path *p,
                   const char *path)
{
    const struct place *cwd = t->fs->cwd;
    const char *word = p->name;
    char *guest_name, *host_name;
    int from = p->dir, err;
    struct stat st = {0};

    if (cwd->fd >= 0 && leads_to(cwd->fd, path, p->dir)) {
        word = path;
        from = cwd->fd;
    }
    if (strlen(word) > PATH_MAX_UN)
        return -ENAMETOOLONG;
    guest_name = strdup(path);
    host_name = strdup(word);
    err = guest_name && host_name
              ? bind_from(sk->host, from, word, t->fs->umask)
              : -ENOMEM;
    if (err) {
        free(guest_name);
        free(host_name);
        return err;
    }
    sk->guest_name = guest_name;
    sk->host_name = host_name;
    sk->named = fstatat(p->dir, p->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
    sk->id = (struct unix_id){.dev = st.st_dev, .ino = st.st_ino};
    return 0;
}

static int bind_path(struct task *t, struct sock *sk, const char *path)
{
    struct user_path p;
    int err = path_walk(t, AT_G_FDCWD, path, PATH_PARENT, &p);

    if (err)
        return err;
    err = path_check_make(t, &p);
    if (!err)
        err = bind_in(t, sk, &p, path);
    path_put(&p);
    /* unix_bind_bsd() */
    return err == -EEXIST ? -EADDRINUSE : err;
}

int unix_name_bind(struct task *t, struct sock *sk,
                   const struct sock_addr *name)
{
    char path[PATH_MAX_UN + 1];

    if (name->u.any.sa_family == AF_UNIX &&
        name->len <= sizeof(struct sockaddr_un) && path_of(name, path))
        return bind_path(t, sk, path);
    if (bind(sk->host, &name->u.any, name->len) != 0)
        return (int)host_result(-1);
    learn_name(sk);
    return 0;
}

/* -------------------------------------------------------------- to the guest
 */

void unix_name_to_guest(const struct machine *m, struct sock_addr *name)
{
    char path[PATH_MAX_UN + 1];
    const struct sock *sk;

    if (name->u.any.sa_family != AF_UNIX || !path_of(name, path))
        return;
    DL_FOREACH(m->socks, sk) {
        if (sk->host_name && strcmp(sk->host_name, path) == 0 &&
            strcmp(sk->guest_name, path) != 0) {
            set_path(name, sk->guest_name);
            return;
        }
    }
}
