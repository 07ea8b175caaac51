// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/core/notes.h"

#include <elf.h>
#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "emu/linux/proc/procfs.h"
#include "emu/linux/ptrace/regset.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/signal/siginfo.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/time/cputime.h"
#include "emu/linux/uaccess.h"

#define PRARGSZ       80
#define MAX_FILE_NOTE (UINT64_C(4) << 20) /* bytes */

/* task->flags */
#define PF_FORKNOEXEC 0x040
#define PF_DUMPCORE   0x200
#define PF_SIGNALED   0x400

struct note {
    char name[32];
    uint32_t type;
    char *data; /* owned; big-endian */
    size_t len;
};

struct core_notes {
    struct note *list; /* owned */
    size_t nr, room;
    FILE *out; /* of the one that is being made */
    bool failed;
};

static void begin(struct core_notes *n, uint32_t type)
{
    struct note *note = &n->list[n->nr];

    INVARIANT(n->nr < n->room);
    *note = (struct note){.name = "CORE", .type = type};
    n->out = open_memstream(&note->data, &note->len);
    if (!n->out)
        n->failed = true;
}

static void end(struct core_notes *n)
{
    if (n->out && fclose(n->out) != 0)
        n->failed = true;
    n->out = NULL;
    n->nr++;
}

static void put(struct core_notes *n, const void *bytes, size_t len)
{
    if (n->out)
        fwrite(bytes, len, 1, n->out);
}

static void put8(struct core_notes *n, int value)
{
    uint8_t byte = (uint8_t)value;

    put(n, &byte, sizeof(byte));
}

static void put16(struct core_notes *n, int value)
{
    uint16_t raw = htobe16((uint16_t)value);

    put(n, &raw, sizeof(raw));
}

static void put32(struct core_notes *n, uint32_t value)
{
    uint32_t raw = htobe32(value);

    put(n, &raw, sizeof(raw));
}

static void put64(struct core_notes *n, uint64_t value)
{
    uint64_t raw = htobe64(value);

    put(n, &raw, sizeof(raw));
}

/* struct __kernel_old_timeval of this machine, whose microseconds are an int */
static void put_time(struct core_notes *n, uint64_t ns)
{
    put64(n, ns / NS_PER_S);
    put32(n, (uint32_t)(ns % NS_PER_S / 1000));
    put32(n, 0);
}

/* ------------------------------------------------------------- registers */

/* regwindow64_get(), of who is on the CPU */
static int get_window(void *ctx, uint64_t sp, uint64_t *raw)
{
    return windows_read(ctx, sp, raw);
}

/* What there is of a regset: where the window has no place in memory, neither
 * it nor what comes after it. */
static void put_regset(struct core_notes *n, struct task *t,
                       const struct trap_frame *f, enum regset_kind kind)
{
    const struct regset_window w = {.get = get_window, .ctx = t};
    uint64_t regs[REGSET_MAX_WORDS];
    unsigned words = regset_words(kind);

    (void)!regset_get(f, kind, &w, regs, words);
    put(n, regs, words * sizeof(regs[0]));
}

/* ------------------------------------------------------- of each thread */

static void put_ids(struct core_notes *n, const struct task *t)
{
    put32(n, t->pid);
    put32(n, process_ppid(t->process));
    put32(n, t->process->pgid);
    put32(n, t->process->sid);
}

/* fill_prstatus(), with the registers of who is on the CPU */
static void add_prstatus(struct core_notes *n, struct task *t,
                         const struct trap_frame *f, int signo)
{
    const struct process *p = t->process;
    bool leader = t == process_leader(p);

    begin(n, NT_PRSTATUS);
    put32(n, (uint32_t)signo);
    put64(n, 0); /* code and errno */
    put16(n, signo);
    put16(n, 0);
    put64(n, t->pending.set);
    put64(n, t->blocked);
    put_ids(n, t);
    put_time(n, leader ? cputime_all_user(p) : cputime_user(t));
    put_time(n,
             leader ? cputime_all(p) - cputime_all_user(p) : cputime_system(t));
    put_time(n, p->child_usage.cpu_ns - p->child_usage.system_ns);
    put_time(n, p->child_usage.system_ns);
    put_regset(n, t, f, REGSET_GENERAL);
    put32(n, 1); /* pr_fpvalid */
    put32(n, 0);
    end(n);
}

static void add_fpregs(struct core_notes *n, struct task *t,
                       const struct trap_frame *f)
{
    begin(n, NT_PRFPREG);
    put_regset(n, t, f, REGSET_FP);
    end(n);
}

/* Its registers; the windows are in memory then. */
static void take_regs(struct task *t, struct trap_frame *f)
{
    windows_flush(t);
    trap_frame_save(t, f);
}

/* -------------------------------------------------------- of the process */

/* Name, then arguments, of which each 0 becomes a blank; false: not there. */
static bool read_args(struct task *t, char out[static PRARGSZ])
{
    const struct mm_layout *l = &t->process->layout;
    size_t len = (size_t)(l->arg_end - l->arg_start);

    memset(out, 0, PRARGSZ);
    if (len >= PRARGSZ)
        len = PRARGSZ - 1;
    if (copy_from_user(t, out, l->arg_start, len))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!out[i])
            out[i] = ' ';
    return true;
}

/* fill_psinfo() */
static void add_psinfo(struct core_notes *n, struct task *t)
{
    static const char none[136];
    struct task *leader = process_leader(t->process);
    bool running = leader == t;
    char args[PRARGSZ];

    begin(n, NT_PRPSINFO);
    if (!read_args(t, args)) {
        put(n, none, sizeof(none));
        end(n);
        return;
    }
    put8(n, running ? 0 : 2); /* else it waits in coredump_task_exit() */
    put8(n, running ? 'R' : 'D');
    put8(n, 0);
    put8(n, leader->prio.nice);
    put32(n, 0);
    put64(n,
          PF_SIGNALED | (running ? PF_DUMPCORE : 0) |
              (t->process->execed || !t->process->parent ? 0 : PF_FORKNOEXEC));
    put32(n, leader->cred.uid.real);
    put32(n, leader->cred.gid.real);
    put_ids(n, leader);
    put(n, leader->comm, sizeof(leader->comm));
    put(n, args, sizeof(args));
    end(n);
}

static void add_siginfo(struct core_notes *n, const struct siginfo *info)
{
    uint8_t raw[SIGINFO_BYTES];

    siginfo_to_guest(info, true, raw);
    begin(n, NT_SIGINFO);
    put(n, raw, sizeof(raw));
    end(n);
}

static void add_auxv(struct core_notes *n, const struct process *p)
{
    const uint64_t *auxv = p->layout.auxv;

    begin(n, NT_AUXV);
    for (unsigned i = 0; i + 1 < AT_VECTOR_WORDS; i += 2) {
        put64(n, auxv[i]);
        put64(n, auxv[i + 1]);
        if (auxv[i] == AT_NULL)
            break;
    }
    end(n);
}

/* fill_files_note(): the ranges first, the names behind them */
static void add_files(struct core_notes *n, const struct core_dump *d)
{
    char *names = NULL;
    size_t len = 0, nr = 0;
    FILE *out = open_memstream(&names, &len);

    if (!out) {
        n->failed = true;
        return;
    }
    for (size_t i = 0; i < d->nr_areas; i++)
        nr += d->areas[i].mapping != NULL;
    begin(n, NT_FILE);
    put64(n, nr);
    put64(n, PAGE_SIZE);
    for (size_t i = 0; i < d->nr_areas; i++) {
        const struct core_area *a = &d->areas[i];

        if (!a->mapping)
            continue;
        put64(n, a->start);
        put64(n, a->end);
        put64(n, a->pgoff);
        if (ftell(out) < (long)MAX_FILE_NOTE)
            proc_mapping_name(d->t->m, a->mapping, out);
        fputc('\0', out);
    }
    if (fclose(out) != 0)
        n->failed = true;
    put(n, names, len);
    free(names);
    end(n);
    /* Linux, too, leaves out one that is too long. */
    if (n->list[n->nr - 1].len >= MAX_FILE_NOTE)
        free(n->list[--n->nr].data);
}

/* ------------------------------------------------- for debuggers elsewhere */

#define NETBSD_REGS    32 /* PT_GETREGS, PT_GETFPREGS of NetBSD's notes */
#define NETBSD_FPREGS  34
#define PRSTATUS_PID   32 /* offsets */
#define PRSTATUS_REGS  112
#define PRSTATUS_BYTES 408

/*
 * BFD, and so gdb, knows the NT_PRSTATUS of SPARC64 only where it runs on such
 * a machine.  Notes as NetBSD has them it knows everywhere: the same registers
 * once more, behind those of Linux.
 */
static void add_portable(struct core_notes *n, const struct note *status,
                         const struct note *fp)
{
    uint32_t pid;

    if (!status->data || !fp->data || status->len != PRSTATUS_BYTES)
        return; /* no memory */
    memcpy(&pid, status->data + PRSTATUS_PID, sizeof(pid));
    pid = be32toh(pid);
    begin(n, NETBSD_REGS);
    snprintf(n->list[n->nr].name, sizeof(n->list[n->nr].name),
             "NetBSD-CORE@%" PRIu32, pid);
    put(n, status->data + PRSTATUS_REGS,
        regset_words(REGSET_GENERAL) * sizeof(uint64_t));
    end(n);
    begin(n, NETBSD_FPREGS);
    memcpy(n->list[n->nr].name, n->list[n->nr - 1].name,
           sizeof(n->list[n->nr].name));
    put(n, fp->data, fp->len);
    end(n);
}

static void add_all_portable(struct core_notes *n)
{
    const struct note *status = NULL;

    for (size_t i = 0, nr = n->nr; i < nr; i++) {
        if (n->list[i].type == NT_PRSTATUS)
            status = &n->list[i];
        else if (n->list[i].type == NT_PRFPREG)
            add_portable(n, status, &n->list[i]);
    }
}

/* ------------------------------------------------------------ all of them */

static void add_other(struct core_notes *n, struct task *t, int signo)
{
    struct task_visit v;
    struct trap_frame f;

    if (!task_visit(&v, t)) {
        n->failed = true;
        return;
    }
    take_regs(t, &f);
    add_prstatus(n, t, &f, signo);
    add_fpregs(n, t, &f);
    task_visit_end(&v, false);
}

static void add_all(struct core_notes *n, const struct core_dump *d)
{
    struct task *t = d->t, *other;
    struct trap_frame f;

    take_regs(t, &f);
    add_prstatus(n, t, &f, d->info->signo);
    add_psinfo(n, t);
    add_siginfo(n, d->info);
    add_auxv(n, t->process);
    add_files(n, d);
    add_fpregs(n, t, &f);
    DL_FOREACH2(t->process->threads, other, thread_next) {
        if (other != t && !other->dead)
            add_other(n, other, d->info->signo);
    }
    add_all_portable(n);
}

struct core_notes *core_notes_create(const struct core_dump *d)
{
    struct core_notes *n = calloc(1, sizeof(*n));

    if (!n)
        return NULL;
    n->room = 4 * (size_t)d->t->process->live + 4;
    n->list = calloc(n->room, sizeof(*n->list));
    if (!n->list)
        n->failed = true;
    else
        add_all(n, d);
    if (!n->failed)
        return n;
    core_notes_destroy(n);
    return NULL;
}

void core_notes_destroy(struct core_notes *n)
{
    for (size_t i = 0; n && i < n->nr; i++)
        free(n->list[i].data);
    if (n)
        free(n->list);
    free(n);
}

static uint64_t up4(uint64_t n)
{
    return (n + 3) & ~UINT64_C(3);
}

uint64_t core_notes_bytes(const struct core_notes *n)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < n->nr; i++)
        sum += sizeof(Elf64_Nhdr) + up4(strlen(n->list[i].name) + 1) +
               up4(n->list[i].len);
    return sum;
}

bool core_notes_write(const struct core_notes *n, struct core_file *f)
{
    for (size_t i = 0; i < n->nr; i++) {
        const struct note *note = &n->list[i];
        size_t name_len = strlen(note->name) + 1;
        Elf64_Nhdr head = {.n_namesz = htobe32((uint32_t)name_len),
                           .n_descsz = htobe32((uint32_t)note->len),
                           .n_type = htobe32(note->type)};

        if (!core_emit(f, &head, sizeof(head)) ||
            !core_emit(f, note->name, name_len))
            return false;
        core_align(f, 4);
        if (!core_emit(f, note->data, note->len))
            return false;
        core_align(f, 4);
    }
    return true;
}
