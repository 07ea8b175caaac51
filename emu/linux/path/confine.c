// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/path/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct entry {
    char *path; /* owned; absolute, without links */
    size_t len;
    int fd; /* owned; O_PATH */
    enum confine_rights rights;
};

struct confine {
    struct entry *entries; /* owned */
    size_t nr;
    char **above; /* owned; paths on the way to an entry */
    size_t nr_above;
    bool abstract;
};

static bool add_above(struct confine *c, const char *path, size_t len)
{
    char **grown;

    grown = realloc(c->above, (c->nr_above + 1) * sizeof(*grown));
    if (!grown)
        return false;
    c->above = grown;
    grown[c->nr_above] = strndup(path, len);
    if (!grown[c->nr_above])
        return false;
    c->nr_above++;
    return true;
}

/* Each directory that the absolute @path names, and @path itself. */
static bool add_way(struct confine *c, const char *path)
{
    for (const char *p = path + 1;; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        if (p[-1] != '/' && !add_above(c, path, (size_t)(p - path)))
            return false;
        if (!*p)
            return true;
    }
}

struct confine *confine_create(void)
{
    struct confine *c = calloc(1, sizeof(*c));

    /* The machine's devices are below /dev; see procfs_device(). */
    if (c && add_above(c, "/", 1) && add_above(c, "/dev", 4))
        return c;
    confine_destroy(c);
    return NULL;
}

void confine_destroy(struct confine *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->nr; i++) {
        close(c->entries[i].fd);
        free(c->entries[i].path);
    }
    for (size_t i = 0; i < c->nr_above; i++)
        free(c->above[i]);
    free(c->entries);
    free(c->above);
    free(c);
}

/* The words of the user, when they are a way: "..", after a link, is none. */
static bool add_words(struct confine *c, const char *path)
{
    char cwd[PATH_MAX], *whole;
    bool ok;

    if (strstr(path, "..") || strstr(path, "./") || strstr(path, "//"))
        return true;
    if (*path == '/')
        return add_way(c, path);
    if (!getcwd(cwd, sizeof(cwd)) ||
        asprintf(&whole, "%s/%s", strcmp(cwd, "/") ? cwd : "", path) < 0)
        return false;
    ok = add_way(c, whole);
    free(whole);
    return ok;
}

/* Is @path, of @len bytes, @e or below it? */
static bool is_below(const struct entry *e, const char *path, size_t len)
{
    if (e->len == 1) /* "/" */
        return true;
    return len >= e->len && memcmp(path, e->path, e->len) == 0 &&
           (len == e->len || path[e->len] == '/');
}

static enum confine_rights rights_of(const struct confine *c, const char *path,
                                     size_t len)
{
    enum confine_rights most = CONFINE_OUTSIDE;

    for (size_t i = 0; i < c->nr; i++)
        if (c->entries[i].rights > most && is_below(&c->entries[i], path, len))
            most = c->entries[i].rights;
    return most;
}

/* Is one that is read only below @path? */
static bool has_below(const struct confine *c, const char *path)
{
    const struct entry new = {.path = (char *)(uintptr_t)path,
                              .len = strlen(path)};

    for (size_t i = 0; i < c->nr; i++)
        if (c->entries[i].rights == CONFINE_READ &&
            is_below(&new, c->entries[i].path, c->entries[i].len))
            return true;
    return false;
}

static int add_entry(struct confine *c, char *real, enum confine_rights rights)
{
    struct entry *grown = realloc(c->entries, (c->nr + 1) * sizeof(*grown));
    int fd;

    if (!grown)
        return -ENOMEM;
    c->entries = grown;
    fd = open(real, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    grown[c->nr++] = (struct entry){
        .path = real, .len = strlen(real), .fd = fd, .rights = rights};
    return 0;
}

int confine_add(struct confine *c, const char *path, enum confine_rights rights)
{
    char *real = realpath(path, NULL);
    int err = 0;

    if (!real)
        return -errno;
    if (rights_of(c, real, strlen(real)) > rights)
        err = -EROFS;
    else if (rights == CONFINE_WRITE && has_below(c, real))
        err = -EROFS;
    else if (!add_way(c, real) || !add_words(c, path))
        err = -ENOMEM;
    else
        err = add_entry(c, real, rights);
    if (err)
        free(real);
    return err;
}

enum confine_rights confine_rights(const struct confine *c, int fd)
{
    char link[32], path[PATH_MAX];
    enum confine_rights rights;
    struct stat st;
    ssize_t n;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof(path));
    if (n <= 0 || n == (ssize_t)sizeof(path))
        return CONFINE_OUTSIDE;
    if (path[0] != '/') /* "pipe:[1]"; one of another mount namespace */
        return path[0] == '(' ? CONFINE_OUTSIDE : CONFINE_WRITE;
    rights = rights_of(c, path, (size_t)n);
    if (rights != CONFINE_OUTSIDE)
        return rights;
    for (size_t i = 0; i < c->nr_above; i++)
        if (strlen(c->above[i]) == (size_t)n &&
            memcmp(c->above[i], path, (size_t)n) == 0)
            return CONFINE_ABOVE;
    /* An inode without a name: memfd_create(2), or removed since. */
    if (n > 8 && memcmp(path, "/memfd:", 7) == 0 && fstat(fd, &st) == 0 &&
        st.st_nlink == 0)
        return CONFINE_WRITE;
    return CONFINE_OUTSIDE;
}

bool confine_nth(const struct confine *c, size_t n, int *fd,
                 enum confine_rights *rights)
{
    if (n >= c->nr)
        return false;
    *fd = c->entries[n].fd;
    *rights = c->entries[n].rights;
    return true;
}

void confine_set_abstract(struct confine *c, bool apart)
{
    c->abstract = apart;
}

bool confine_abstract(const struct confine *c)
{
    return c->abstract;
}
