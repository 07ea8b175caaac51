// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is in the directories below /proc and /sys.
 *
 * Source: linux v6.2 fs/proc/base.c, fs/proc/fd.c
 */
#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "emu/linux/fs/files.h"
#include "emu/linux/proc/procfs.h"
#include "emu/linux/sched/process.h"

void proc_put_dirent(FILE *out, const char *name, size_t len, uint8_t type)
{
    struct dirent64 d = {.d_type = type};
    size_t used = offsetof(struct dirent64, d_name) + len + 1;

    d.d_reclen = (uint16_t)((used + 7) & ~(size_t)7);
    d.d_off = ftell(out) + d.d_reclen;
    d.d_ino = (ino64_t)d.d_off;
    memcpy(d.d_name, name, len);
    fwrite(&d, d.d_reclen, 1, out);
}

static void put_number(FILE *out, unsigned long number, uint8_t type)
{
    char text[24];
    int len = snprintf(text, sizeof(text), "%lu", number);

    proc_put_dirent(out, text, (size_t)len, type);
}

void proc_put_dots(FILE *out)
{
    proc_put_dirent(out, ".", 1, DT_DIR);
    proc_put_dirent(out, "..", 2, DT_DIR);
}

static int put_fds(const struct task *t, uint8_t type, FILE *out)
{
    proc_put_dots(out);
    for (int fd = 0; t->files && fd < FILES_MAX; fd++)
        if (files_host(t->files, fd) >= 0)
            put_number(out, (unsigned long)fd, type);
    return 0;
}

PROC_SHOW(proc_show_fd_dir)
{
    (void)m;
    return put_fds(t, DT_LNK, out);
}

PROC_SHOW(proc_show_fdinfo_dir)
{
    (void)m;
    return put_fds(t, DT_REG, out);
}

PROC_SHOW(proc_show_task_dir)
{
    (void)m;
    proc_put_dots(out);
    for (const struct task *i = t->process->threads; i; i = i->thread_next)
        put_number(out, i->pid, DT_DIR);
    return 0;
}

void proc_put_pids(const struct machine *m, FILE *out)
{
    for (const struct process *p = m->processes; p; p = p->next)
        put_number(out, p->pid, DT_DIR);
}

/* As many whole records as fit, of those from @at on. */
int64_t proc_read_records(int host, off_t at, uint8_t *buf, size_t size)
{
    ssize_t n = pread(host, buf, size, at);
    size_t done = 0;

    if (n < 0)
        return -errno;
    while (done + offsetof(struct dirent64, d_name) < (size_t)n) {
        uint16_t len = ((const struct dirent64 *)(buf + done))->d_reclen;

        if (done + len > (size_t)n)
            break;
        done += len;
    }
    return n > 0 && done == 0 ? -EINVAL : (int64_t)done;
}
