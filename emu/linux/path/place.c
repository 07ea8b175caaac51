// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/path/place.h"

#include <stdlib.h>
#include <unistd.h>

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

struct place *place_get(struct place *p)
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
