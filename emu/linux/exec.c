#include "emu/linux/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/linux/loader.h"
#include "emu/linux/stack.h"

#define MMAP_BASE UINT64_C(0xfff8000100000000)
#define BRK_LIMIT UINT64_C(0x0000070000000000)

static int open_program(const char *path, const char **why)
{
    struct stat st;
    int fd;

    *why = NULL;
    if (stat(path, &st) != 0)
        goto fail;
    if (S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        goto fail;
    }
    if (!S_ISREG(st.st_mode) || access(path, X_OK) != 0) {
        errno = EACCES;
        goto fail;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        return fd;

fail:
    *why = strerror(errno);
    return -errno;
}

static void set_names(struct task *t, const char *path)
{
    const char *base = strrchr(path, '/');

    free(t->exe);
    t->exe = realpath(path, NULL);
    strncpy(t->comm, base ? base + 1 : path, sizeof(t->comm) - 1);
}

/* start_thread(): the registers of a new program. */
static void start_thread(struct task *t, const struct image *image, uint64_t sp)
{
    struct engine *e = t->m->engine;

    cpu_clear(e);
    cpu_set_pc(e, image->entry, image->entry + 4);
    cpu_set_reg(e, REG_SP, sp);
    engine_set_mcde(e, false);
}

int exec_program(struct task *t, const struct machine_program *program,
                 const char **why)
{
    struct image image;
    uint64_t sp;
    int fd = open_program(program->path, why), err;

    if (fd < 0)
        return fd;
    mm_set_mmap_base(t->mm, MMAP_BASE);
    err = elf_load(fd, t->mm, t->m->file_maps, &image, why);
    close(fd);
    if (err)
        return err;
    mm_set_brk(t->mm, image.brk, BRK_LIMIT);
    err = stack_setup(t, &image, program, &sp);
    if (err) {
        *why = err == -E2BIG ? "the arguments do not fit on the stack"
                             : "no memory for its stack";
        return err;
    }
    t->start_code = image.start_code;
    t->end_code = image.end_code;
    t->start_data = image.start_data;
    t->end_data = image.end_data;
    set_names(t, program->path);
    start_thread(t, &image, sp);
    return 0;
}
