// SPDX-License-Identifier: GPL-2.0-or-later
/* The files that were executed: who reads a report wants names, not PCs. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/internal.h"

#define MAX_PROGRAMS 4096

static bool same(const struct program_file *a, const struct program_file *b)
{
    return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
           a->mtime.tv_sec == b->mtime.tv_sec &&
           a->mtime.tv_nsec == b->mtime.tv_nsec;
}

static char *path_of(int fd)
{
    char link[32], path[PATH_MAX];
    ssize_t len;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    len = readlink(link, path, sizeof(path) - 1);
    if (len < 0)
        return NULL;
    path[len] = '\0';
    return strdup(path);
}

uint32_t programs_add(struct machine *m, int fd)
{
    struct program_file new, *grown;
    struct stat st;

    if (fstat(fd, &st) != 0)
        return 0;
    new = (struct program_file){.dev = st.st_dev,
                                .ino = st.st_ino,
                                .size = st.st_size,
                                .mtime = st.st_mtim};
    for (uint32_t i = m->nr_programs; i > 0; i--)
        if (same(&m->programs[i - 1], &new))
            return i;
    if (m->nr_programs == MAX_PROGRAMS)
        return 0;
    grown = realloc(m->programs, (m->nr_programs + 1) * sizeof(*grown));
    if (!grown)
        return 0;
    m->programs = grown;
    new.path = path_of(fd);
    if (!new.path)
        return 0;
    grown[m->nr_programs++] = new;
    return m->nr_programs;
}

void programs_free(struct machine *m)
{
    for (uint32_t i = 0; i < m->nr_programs; i++)
        free(m->programs[i].path);
    free(m->programs);
}

const struct program_file *machine_program(const struct machine *m, uint32_t nr)
{
    return nr && nr <= m->nr_programs ? &m->programs[nr - 1] : NULL;
}
