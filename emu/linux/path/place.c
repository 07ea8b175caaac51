// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/path/place.h"

#include <stdlib.h>
#include <unistd.h>

#include "emu/linux/path/path.h"

struct place *place_create(int fd, const struct procfs_node *node)
{
    struct place *p = malloc(sizeof(*p));

    if (!p) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    *p = (struct place){.refs = 1, .fd = fd, .node = *node};
    return p;
}

static struct place *place_get(struct place *p)
{
    p->refs++;
    return p;
}

void place_put(struct place *p)
{
    if (!p || --p->refs > 0)
        return;
    if (p->fd >= 0)
        close(p->fd);
    free(p);
}

struct fs_struct *fs_create(void)
{
    struct fs_struct *fs = calloc(1, sizeof(*fs));

    if (!fs)
        return NULL;
    fs->users = 1;
    fs->root = path_initial_root();
    if (fs->root)
        return fs;
    fs_put(fs);
    return NULL;
}

struct fs_struct *fs_copy(const struct fs_struct *fs)
{
    struct fs_struct *copy = malloc(sizeof(*copy));

    if (!copy)
        return NULL;
    *copy = *fs;
    copy->users = 1;
    (void)place_get(copy->root);
    (void)place_get(copy->cwd);
    return copy;
}

struct fs_struct *fs_get(struct fs_struct *fs)
{
    fs->users++;
    return fs;
}

void fs_put(struct fs_struct *fs)
{
    if (!fs || --fs->users > 0)
        return;
    place_put(fs->root);
    place_put(fs->cwd);
    free(fs);
}
