// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc/PID/fdinfo/N: an open file, and what its kind has to say of it.
 *
 * Source:  linux v6.2 fs/proc/fd.c seq_show(), and the show_fdinfo() of each
 *          kind
 * Differs: locks are not told of
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/abi_file.h"
#include "emu/linux/signal/fasync.h"
#include "emu/linux/fs/file_ops.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/path/path.h"
#include "emu/linux/proc/procfs.h"
#include "emu/linux/sched/process.h"

#define MNT_ID_ROOT 1 /* of /proc/PID/mountinfo */
#define MNT_ID_PROC 2

void fdinfo_of_host(int host, const char *start, FILE *out)
{
    char path[40], line[256];
    FILE *in;

    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", host);
    in = fopen(path, "re");
    while (in && fgets(line, sizeof(line), in))
        if (strncmp(line, start, strlen(start)) == 0)
            fputs(line, out);
    if (in)
        fclose(in);
}

unsigned fdinfo_flags(const struct task *t, int fd)
{
    const struct files *f = t->files;
    unsigned flags = open_flags_to_guest(fcntl(files_host(f, fd), F_GETFL));

    if (files_polled(f, fd))
        flags = (flags & ~O_G_NONBLOCK) |
                (files_nonblock(f, fd) ? O_G_NONBLOCK : 0);
    if (fasync_is_set(t->m, files_open_file(f, fd)))
        flags |= O_G_ASYNC;
    return flags;
}

int proc_show_fdinfo(const struct task *t, int fd, FILE *out)
{
    const struct open_file *file =
        t->files ? files_open_file(t->files, fd) : NULL;
    const struct file_ops *ops;
    struct user_path place = {0};
    struct stat st = {0};
    unsigned flags;
    off_t pos;

    if (!file)
        return -ENOENT;
    ops = open_file_ops(file);
    pos = lseek(open_file_host(file), 0, SEEK_CUR);
    flags = fdinfo_flags(t, fd);
    if (files_cloexec(t->files, fd))
        flags |= O_G_CLOEXEC;
    if (path_of_file(file, &place) == 0)
        (void)!path_stat(t, &place, &st);
    fprintf(out, "pos:\t%lld\nflags:\t0%o\nmnt_id:\t%d\nino:\t%lu\n",
            pos < 0 ? 0 : (long long)pos, flags,
            place.node.entry ? MNT_ID_PROC : MNT_ID_ROOT,
            (unsigned long)st.st_ino);
    if (ops->show_fdinfo)
        ops->show_fdinfo(t, open_file_data(file), open_file_host(file), out);
    return 0;
}
