// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/path/sysroot.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* A name in the directory. */
struct entry {
    UT_hash_handle hh;
    size_t len;
    char name[];
};

struct sysroot {
    char *path;            /* owned; absolute */
    struct entry *entries; /* owned */
};

static bool add(struct sysroot *s, const char *name)
{
    size_t len = strlen(name);
    struct entry *e = calloc(1, sizeof(*e) + len + 1);

    if (!e)
        return false;
    e->len = len;
    memcpy(e->name, name, len);
    HASH_ADD(hh, s->entries, name, len, e);
    if (e->hh.tbl)
        return true;
    free(e);
    return false;
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool read_entries(struct sysroot *s)
{
    DIR *dir = opendir(s->path);
    struct dirent *d;
    bool ok = dir != NULL;

    while (ok && (d = readdir(dir)) != NULL)
        ok = is_dots(d->d_name) || add(s, d->d_name);
    if (dir && !ok)
        errno = ENOMEM;
    if (dir)
        closedir(dir);
    return ok;
}

struct sysroot *sysroot_create(const char *path)
{
    struct sysroot *s = calloc(1, sizeof(*s));
    int err;

    if (!s)
        return NULL;
    s->path = realpath(path, NULL); /* the program may change its directory */
    if (s->path && read_entries(s))
        return s;
    err = errno;
    sysroot_destroy(s);
    errno = err;
    return NULL;
}

void sysroot_destroy(struct sysroot *s)
{
    struct entry *e, *next;

    if (!s)
        return;
    HASH_ITER(hh, s->entries, e, next) {
        HASH_DEL(s->entries, e);
        free(e);
    }
    free(s->path);
    free(s);
}

bool sysroot_name(const struct sysroot *s, const char *name,
                  char out[static PATH_BYTES])
{
    const char *first = name + strspn(name, "/");
    struct entry *e;

    if (!s || *name != '/')
        return false;
    HASH_FIND(hh, s->entries, first, strcspn(first, "/"), e);
    return e &&
           snprintf(out, PATH_BYTES, "%s/%s", s->path, first) < (int)PATH_BYTES;
}
