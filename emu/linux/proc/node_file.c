// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/proc/node_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "emu/linux/fs/files.h"
#include "emu/linux/fs/rw.h"
#include "mm/mm.h"

void node_file_moved(const struct open_file *file, uint64_t pos)
{
    struct node_file *nf = open_file_data(file);

    nf->pos = pos;
    (void)lseek(open_file_host(file), (off_t)pos, SEEK_SET);
}

int node_file_check(const struct user_file *file, bool write)
{
    int mode = fcntl(file->fd, F_GETFL) & O_ACCMODE;

    return mode == (write ? O_RDONLY : O_WRONLY) ? -EBADF : 0;
}

int node_file_area(uint64_t pos, uint64_t len)
{
    return (int64_t)pos < 0 && len >= -pos ? -EOVERFLOW : 0;
}

const struct procfs_node *node_file_node(void *data)
{
    const struct node_file *nf = data;

    return &nf->node;
}

void node_file_release(void *data)
{
    struct node_file *nf = data;

    if (nf->mm)
        mm_drop(nf->mm);
    free(nf);
}
