// SPDX-License-Identifier: GPL-2.0-or-later
/* The files that were executed: who reads a report wants names, not PCs. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/internal.h"
#include "emu/linux/mm/mapfile.h"
#include "emu/linux/sched/process.h"
#include "mm/mm.h"
#include "mm/vma.h"

#define MAX_PROGRAMS 4096
#define MAX_FILES    65536
#define MAX_AREAS    4096 /* of one program */

/* [start, end) was, or is, executable and shows a file. */
struct area {
    gva_t start, end;
    uint64_t offset; /* in the file, of start */
    uint32_t file;   /* its index */
};

/* What was executed under one number, in all processes together. */
struct program {
    uint32_t file;      /* its index */
    struct area *areas; /* owned */
    uint32_t nr_areas;
    bool incomplete; /* an area is missing: none is believed */
};

struct programs {
    struct program_file **files; /* owned */
    uint32_t nr_files;
    struct program *programs; /* owned; number n is [n - 1] */
    uint32_t nr;
};

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

/* @array, of @nr times @size bytes, with room for one more: it doubles.  NULL:
 * no memory, and it stays as it is. */
static void *grow(void *array, uint32_t nr, size_t size)
{
    if (nr & (nr - 1))
        return array;
    return realloc(array, (nr ? 2 * (size_t)nr : 1) * size);
}

static bool add_file(struct programs *p, int fd, struct program_file *new)
{
    struct program_file *file, **files;

    if (p->nr_files == MAX_FILES)
        return false;
    files = grow(p->files, p->nr_files, sizeof(*files));
    if (!files)
        return false;
    p->files = files;
    file = malloc(sizeof(*file));
    new->path = path_of(fd);
    if (!file || !new->path) {
        free(file);
        free(new->path);
        return false;
    }
    *file = *new;
    p->files[p->nr_files++] = file;
    return true;
}

/* The index of the file behind @fd; false: too many, or no memory */
static bool find_file(struct programs *p, int fd, uint32_t *out)
{
    struct program_file new;
    struct stat st;

    if (fstat(fd, &st) != 0)
        return false;
    new = (struct program_file){.dev = st.st_dev,
                                .ino = st.st_ino,
                                .size = st.st_size,
                                .mtime = st.st_mtim};
    for (*out = p->nr_files; *out > 0; --*out)
        if (same(p->files[*out - 1], &new))
            break;
    if (*out == 0 && !add_file(p, fd, &new))
        return false;
    *out = *out ? *out - 1 : p->nr_files - 1;
    return true;
}

uint32_t programs_add(struct machine *m, int fd)
{
    struct programs *p = m->programs;
    struct program *programs;
    uint32_t file;

    if (!p)
        p = m->programs = calloc(1, sizeof(*p));
    if (!p || !find_file(p, fd, &file))
        return 0;
    for (uint32_t i = p->nr; i > 0; i--)
        if (p->programs[i - 1].file == file)
            return i;
    if (p->nr == MAX_PROGRAMS)
        return 0;
    programs = grow(p->programs, p->nr, sizeof(*programs));
    if (!programs)
        return 0;
    p->programs = programs;
    p->programs[p->nr++] = (struct program){.file = file};
    return p->nr;
}

/* Is all of it known already? */
static bool is_known(const struct program *p, const struct area *new)
{
    for (uint32_t i = 0; i < p->nr_areas; i++) {
        const struct area *a = &p->areas[i];

        if (a->file == new->file && a->start <= new->start &&new->end <=
                                            a->end &&new->start - a->start ==
                                        new->offset - a->offset)
            return true;
    }
    return false;
}

static void add_area(struct program *p, const struct area *new)
{
    struct area *areas;

    if (is_known(p, new))
        return;
    areas = p->nr_areas < MAX_AREAS
                ? grow(p->areas, p->nr_areas, sizeof(*areas))
                : NULL;
    p->incomplete |= !areas;
    if (!areas)
        return;
    p->areas = areas;
    areas[p->nr_areas++] = *new;
}

void programs_note(const struct task *t, gva_t start, gva_t end)
{
    struct programs *all = t->m->programs;
    uint32_t nr = t->process->program;
    struct vma *vma = vma_find(t->process->mm, start);

    if (!nr)
        return;
    for (; vma && vma->start < end; vma = vma_next(vma)) {
        struct program *p = &all->programs[nr - 1];
        int fd = vma->flags & VM_EXEC && vma->mapping
                     ? file_maps_fd(t->m->file_maps, vma->mapping)
                     : -1;
        struct area area = {.start = vma->start,
                            .end = vma->end,
                            .offset = vma_index(vma, vma->start) << PAGE_SHIFT};

        if (fd < 0)
            continue;
        if (find_file(all, fd, &area.file))
            add_area(p, &area);
        else
            p->incomplete = true;
    }
}

void programs_free(struct machine *m)
{
    struct programs *p = m->programs;

    if (!p)
        return;
    for (uint32_t i = 0; i < p->nr_files; i++) {
        free(p->files[i]->path);
        free(p->files[i]);
    }
    for (uint32_t i = 0; i < p->nr; i++)
        free(p->programs[i].areas);
    free(p->files);
    free(p->programs);
    free(p);
}

bool machine_code_place(const struct machine *m, uint32_t nr, gva_t pc,
                        struct code_place *out)
{
    const struct area *found = NULL;
    const struct program *p;

    if (!nr || nr > m->programs->nr)
        return false;
    p = &m->programs->programs[nr - 1];
    for (uint32_t i = 0; i < p->nr_areas; i++) {
        const struct area *a = &p->areas[i];

        if (pc < a->start || pc >= a->end)
            continue;
        if (found && (a->file != found->file ||
                      a->start - a->offset != found->start - found->offset))
            return false; /* one after the other, or in two processes */
        found = a;
    }
    if (!found || p->incomplete)
        return false;
    *out = (struct code_place){.file = m->programs->files[found->file],
                               .offset = pc - found->start + found->offset,
                               .library = found->file != p->file};
    return true;
}
