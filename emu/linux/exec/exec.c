// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/exec/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/exec/elf_file.h"
#include "emu/linux/exec/loader.h"
#include "emu/linux/exec/stack.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/mm/mapfile.h"
#include "emu/linux/path/path.h"
#include "emu/linux/exec/personality.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/syscall.h"

#define MMAP_BASE UINT64_C(0xfff8000100000000)
#define BRK_LIMIT UINT64_C(0x0000070000000000)

/* deny_write_access(): has anybody the file open for writing? */
static bool is_being_written(const struct task *t, const struct stat *st)
{
    const struct task *i;

    for (i = t->m->tasks; i; i = i->next)
        if (i->files && files_write(i->files, st))
            return true;
    return false;
}

int exec_open(struct task *t, int dir, const char *name, unsigned lookup)
{
    struct user_path p;
    int err = path_walk(t, dir, name, lookup, &p), fd;
    char by_fd[32];

    if (err)
        return err;
    path_of_fd(p.fd, by_fd);
    if (p.fd >= 0 && S_ISLNK(p.st.st_mode))
        err = -ELOOP;
    else if (p.node.entry || !S_ISREG(p.st.st_mode))
        err = -EACCES; /* also a FIFO: nobody waits for its other end */
    else if (faccessat(AT_FDCWD, by_fd, X_OK, AT_EACCESS) != 0)
        err = -EACCES;
    else if (is_being_written(t, &p.st))
        err = -ETXTBSY;
    fd = err ? err : open(by_fd, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && !err)
        fd = (int)host_result(fd);
    path_put(&p);
    return fd;
}

/* The file itself, for what follows is of one inode. */
static int check_program(int fd)
{
    struct stat st;
    char by_fd[32];

    if (fstat(fd, &st) != 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    path_of_fd(fd, by_fd);
    return S_ISREG(st.st_mode) &&
                   faccessat(AT_FDCWD, by_fd, X_OK, AT_EACCESS) == 0
               ? 0
               : -EACCES;
}

static void set_comm(struct task *t, const char *path)
{
    const char *base = strrchr(path, '/');

    memset(t->comm, 0, sizeof(t->comm));
    strncpy(t->comm, base ? base + 1 : path, sizeof(t->comm) - 1);
}

/* The old one, if there was one, is not executed any more. */
static void set_exe(struct task *t, struct mapping *exe)
{
    if (t->process->exe)
        mapping_put(t->process->exe);
    t->process->exe = exe;
}

/* start_thread(): the registers of a new program. */
static void start_thread(struct task *t, const struct image *image, uint64_t sp)
{
    struct engine *e = task_engine(t);

    cpu_clear(e);
    cpu_set_pc(e, image->start, image->start + 4);
    cpu_set_reg(e, REG_SP, sp);
    engine_set_mcde(e, false);
}

static void log_image(const struct task *t, const struct image *image,
                      const char *path)
{
    log_print(&t->m->options.log, LOG_LOADER, LOG_INFO,
              "pid=%" PRIu32 " entry=0x%" PRIx64 " code=0x%" PRIx64
              "-0x%" PRIx64 " data=0x%" PRIx64 "-0x%" PRIx64 " brk=0x%" PRIx64
              " program=%s",
              t->pid, image->entry, image->start_code, image->end_code,
              image->start_data, image->end_data, image->brk, path);
}

/* The interpreter that a program names; *@out NULL: it names none. */
static int open_interpreter(struct task *t, const struct elf *program,
                            struct elf **out, const char **why)
{
    const char *name = program->interpreter, *reason;
    int fd, err;

    *out = NULL;
    if (!name)
        return 0;
    fd = exec_open(t, AT_G_FDCWD, name, PATH_FOLLOW);
    err = fd < 0 ? fd : 0;
    if (!err)
        *out = elf_open(fd, &err, &reason);
    else
        reason = strerror(-err);
    if (err) {
        snprintf(t->m->exec_why, sizeof(t->m->exec_why),
                 "its interpreter %s: %s%s", name, reason,
                 err == -ENOENT ? "; -L says where its libraries are" : "");
        *why = t->m->exec_why;
    }
    if (fd >= 0 && err)
        close(fd);
    return err == -ENOEXEC ? -ELIBBAD : err;
}

static int load_files(struct task *t, int fd, struct image *image,
                      const char **why)
{
    struct elf *program, *interpreter = NULL;
    int err;

    program = elf_open(fd, &err, why);
    if (!program)
        return err;
    err = open_interpreter(t, program, &interpreter, why);
    if (!err)
        err = elf_load(program, interpreter, t->process->mm, t->m->file_maps,
                       image, why);
    if (interpreter)
        close(interpreter->fd);
    elf_close(interpreter);
    elf_close(program);
    return err;
}

static int load(struct task *t, int fd, const struct machine_program *program,
                const char **why)
{
    struct image image;
    uint64_t sp;
    int err;

    mm_set_mmap_base(t->process->mm, MMAP_BASE);
    err = load_files(t, fd, &image, why);
    if (err)
        return err;
    mm_set_brk(t->process->mm, image.brk,
               image.brk < BRK_LIMIT ? BRK_LIMIT : UINT64_MAX);
    err = stack_setup(t, &image, program, &sp);
    if (err) {
        *why = err == -E2BIG ? "the arguments do not fit on the stack"
                             : "no memory for its stack";
        return err;
    }
    t->process->layout.start_code = image.start_code;
    t->process->layout.end_code = image.end_code;
    t->process->layout.start_data = image.start_data;
    t->process->layout.end_data = image.end_data;
    t->process->dumpable = t->cred.uid.effective == t->cred.uid.real &&
                           t->cred.gid.effective == t->cred.gid.real;
    personality_exec(t);
    set_comm(t, program->path);
    log_image(t, &image, program->path);
    log_print(&t->m->options.log, LOG_LOADER, LOG_DEBUG,
              "pid=%" PRIu32 " sp=0x%" PRIx64 " args=0x%" PRIx64 "-0x%" PRIx64
              " env=0x%" PRIx64 "-0x%" PRIx64,
              t->pid, sp, t->process->layout.arg_start,
              t->process->layout.arg_end, t->process->layout.env_start,
              t->process->layout.env_end);
    start_thread(t, &image, sp);
    return 0;
}

int exec_fd(struct task *t, int fd, const struct machine_program *program,
            const char **why)
{
    struct mapping *exe;
    int err;

    *why = NULL;
    err = check_program(fd);
    if (err)
        return err;
    exe = file_maps_get(t->m->file_maps, fd, false, &err);
    if (!exe)
        return err;
    err = load(t, fd, program, why);
    if (err)
        mapping_put(exe);
    else
        set_exe(t, exe);
    if (err)
        return err;
    t->process->program = programs_add(t->m, fd);
    programs_note(t, 0, UINT64_MAX);
    return 0;
}

int exec_program(struct task *t, const struct machine_program *program,
                 const char **why)
{
    /* A FIFO shall not make us wait. */
    int fd = open(program->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), err;

    *why = NULL;
    if (fd < 0)
        return -errno;
    err = exec_fd(t, fd, program, why);
    close(fd);
    return err;
}
