// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/core/coredump.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/core/corename.h"
#include "emu/linux/core/notes.h"
#include "emu/linux/mm/mapfile.h"
#include "emu/linux/path/path.h"
#include "emu/linux/path/place.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/rlimit.h"
#include "emu/linux/signal/signal.h"
#include "mm/mapping.h"
#include "mm/remote.h"
#include "mm/vma.h"

bool core_dump_signal(int sig)
{
    const uint64_t dumps =
        SIGMASK(SIG_QUIT) | SIGMASK(SIG_ILL) | SIGMASK(SIG_TRAP) |
        SIGMASK(SIG_ABRT) | SIGMASK(SIG_EMT) | SIGMASK(SIG_FPE) |
        SIGMASK(SIG_BUS) | SIGMASK(SIG_SEGV) | SIGMASK(SIG_SYS) |
        SIGMASK(SIG_XCPU) | SIGMASK(SIG_XFSZ);

    return (SIGMASK(sig) & dumps) != 0;
}

/* ----------------------------------------------------------------- areas */

/* Files that nobody has a name for are as good as anonymous. */
static bool is_unlinked(const struct machine *m, const struct mapping *mapping,
                        struct stat *st)
{
    int fd = file_maps_fd(m->file_maps, mapping);

    *st = (struct stat){0};
    return fd < 0 || fstat(fd, st) != 0 || st->st_nlink == 0;
}

static bool is_elf(struct task *t, gva_t va)
{
    const struct folio *folio = mm_get_dump_page(t->process->mm, va);

    return folio &&
           memcmp(memory_folio_bytes(t->m->mem, folio), ELFMAG, SELFMAG) == 0;
}

/* vma_dump_size(); the file's first page is looked at at once */
static uint64_t dump_bytes(struct task *t, const struct vma *vma)
{
    unsigned filter = t->process->coredump_filter;
    uint64_t whole = vma->end - vma->start;
    struct stat st;

    if (vma->flags & VM_DONTDUMP)
        return 0;
    if (vma->flags & VM_SHARED)
        return filter & (is_unlinked(t->m, vma->mapping, &st)
                             ? CORE_FILTER_ANON_SHARED
                             : CORE_FILTER_MAPPED_SHARED)
                   ? whole
                   : 0;
    if (vma->anon_vma && filter & CORE_FILTER_ANON_PRIVATE)
        return whole;
    if (!vma->mapping)
        return 0;
    if (filter & CORE_FILTER_MAPPED_PRIVATE)
        return whole;
    if (!(filter & CORE_FILTER_ELF_HEADERS) || vma->pgoff != 0 ||
        !(vma->flags & VM_READ))
        return 0;
    (void)is_unlinked(t->m, vma->mapping, &st);
    return st.st_mode & 0111 || is_elf(t, vma->start) ? PAGE_SIZE : 0;
}

/* dump_vma_snapshot(): 0 or -ENOMEM */
static int take_areas(struct core_dump *d)
{
    struct mm *mm = d->t->process->mm;
    size_t nr = 0;

    for (const struct vma *v = vma_first(mm); v; v = vma_next(v))
        nr++;
    d->areas = calloc(nr ? nr : 1, sizeof(*d->areas));
    if (!d->areas)
        return -ENOMEM;
    for (const struct vma *v = vma_first(mm); v && d->nr_areas < nr;
         v = vma_next(v)) {
        struct core_area *a = &d->areas[d->nr_areas++];

        *a = (struct core_area){.start = v->start,
                                .end = v->end,
                                .flags = v->flags,
                                .pgoff = v->pgoff,
                                .mapping = v->mapping};
        if (a->mapping)
            mapping_get(a->mapping);
    }
    /* What follows may fault: areas are looked up again. */
    for (size_t i = 0; i < d->nr_areas; i++) {
        const struct vma *v = vma_lookup(mm, d->areas[i].start);

        d->areas[i].dump_bytes = v ? dump_bytes(d->t, v) : 0;
    }
    return 0;
}

static void forget_areas(struct core_dump *d)
{
    for (size_t i = 0; i < d->nr_areas; i++)
        if (d->areas[i].mapping)
            mapping_put(d->areas[i].mapping);
    free(d->areas);
}

/* -------------------------------------------------------------- the file */

/* Where the parts of the file are. */
struct layout {
    uint64_t segments; /* with that of the notes */
    uint64_t notes, notes_bytes;
    uint64_t data, end;
};

static struct layout lay_out(const struct core_dump *d,
                             const struct core_notes *notes)
{
    struct layout l = {.segments = d->nr_areas + 1};

    l.notes = sizeof(Elf64_Ehdr) + l.segments * sizeof(Elf64_Phdr);
    l.notes_bytes = core_notes_bytes(notes);
    l.data = page_align_up(l.notes + l.notes_bytes);
    l.end = l.data;
    for (size_t i = 0; i < d->nr_areas; i++)
        l.end += d->areas[i].dump_bytes;
    return l;
}

static bool emit_header(struct core_file *f, const struct layout *l)
{
    bool extended = l->segments > PN_XNUM;
    Elf64_Ehdr h = {.e_type = htobe16(ET_CORE),
                    .e_machine = htobe16(EM_SPARCV9),
                    .e_version = htobe32(EV_CURRENT),
                    .e_phoff = htobe64(sizeof(h)),
                    .e_shoff = htobe64(extended ? l->end : 0),
                    .e_ehsize = htobe16(sizeof(h)),
                    .e_phentsize = htobe16(sizeof(Elf64_Phdr)),
                    .e_phnum =
                        htobe16((uint16_t)(extended ? PN_XNUM : l->segments)),
                    .e_shentsize = htobe16(extended ? sizeof(Elf64_Shdr) : 0),
                    .e_shnum = htobe16(extended)};

    memcpy(h.e_ident, ELFMAG, SELFMAG);
    h.e_ident[EI_CLASS] = ELFCLASS64;
    h.e_ident[EI_DATA] = ELFDATA2MSB;
    h.e_ident[EI_VERSION] = EV_CURRENT;
    return core_emit(f, &h, sizeof(h));
}

/* fill_extnum_info(): more segments than e_phnum can say */
static bool emit_extended(struct core_file *f, const struct layout *l)
{
    Elf64_Shdr h = {.sh_size = htobe64(1),
                    .sh_info = htobe32((uint32_t)l->segments)};

    return l->segments <= PN_XNUM || core_emit(f, &h, sizeof(h));
}

static bool emit_segments(struct core_file *f, const struct core_dump *d,
                          const struct layout *l)
{
    Elf64_Phdr h = {.p_type = htobe32(PT_NOTE),
                    .p_offset = htobe64(l->notes),
                    .p_filesz = htobe64(l->notes_bytes)};
    uint64_t at = l->data;

    if (!core_emit(f, &h, sizeof(h)))
        return false;
    for (size_t i = 0; i < d->nr_areas; i++) {
        const struct core_area *a = &d->areas[i];
        uint32_t flags = (a->flags & VM_READ ? PF_R : 0) |
                         (a->flags & VM_WRITE ? PF_W : 0) |
                         (a->flags & VM_EXEC ? PF_X : 0);

        h = (Elf64_Phdr){.p_type = htobe32(PT_LOAD),
                         .p_flags = htobe32(flags),
                         .p_offset = htobe64(at),
                         .p_vaddr = htobe64(a->start),
                         .p_filesz = htobe64(a->dump_bytes),
                         .p_memsz = htobe64(a->end - a->start),
                         .p_align = htobe64(PAGE_SIZE)};
        at += a->dump_bytes;
        if (!core_emit(f, &h, sizeof(h)))
            return false;
    }
    return true;
}

/* dump_user_range(), with what nobody has stored to in one step */
static bool emit_area(struct core_file *f, const struct task *t,
                      const struct core_area *a)
{
    struct mm *mm = t->process->mm;
    gva_t end = a->start + a->dump_bytes, next;

    for (gva_t va = a->start; va < end; va = next) {
        const struct folio *folio = mm_get_dump_page(mm, va);

        if (memory_fatal_signal(t->m->mem)) /* dump_interrupted() */
            return false;
        next = folio ? va + PAGE_SIZE : mm_dump_hole(mm, va, end);
        if (!folio)
            core_skip(f, next - va);
        else if (!core_emit(f, memory_folio_bytes(t->m->mem, folio), PAGE_SIZE))
            return false;
    }
    return true;
}

static bool emit_pages(struct core_file *f, const struct core_dump *d)
{
    for (size_t i = 0; i < d->nr_areas; i++)
        if (!emit_area(f, d->t, &d->areas[i]))
            return false;
    return true;
}

/* elf_core_dump(): false: there was no memory to begin */
static bool write_core(struct core_file *f, struct core_dump *d)
{
    struct core_notes *notes = core_notes_create(d);
    struct layout l;

    if (!notes)
        return false;
    l = lay_out(d, notes);
    if (emit_header(f, &l) && emit_segments(f, d, &l) &&
        core_notes_write(notes, f)) {
        core_align(f, PAGE_SIZE);
        if (emit_pages(f, d))
            (void)!emit_extended(f, &l);
    }
    core_finish(f);
    core_notes_destroy(notes);
    return true;
}

/* ------------------------------------------------------------------ open */

/* What filp_open() makes must be as it was asked for, and this user's. */
static int check_file(const struct task *t, int fd)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return -errno;
    if (!S_ISREG(st.st_mode) || st.st_nlink > 1 ||
        st.st_uid != t->cred.uid.fs || (st.st_mode & 0677) != 0600)
        return -EPERM;
    return 0;
}

/* A new file in place of one that may be there; the host's, or -errno */
static int open_core(struct task *t, const char *name)
{
    const int flags = O_CREAT | O_RDWR | O_NOFOLLOW | O_EXCL | O_CLOEXEC;
    struct user_path p;
    int fd, err = path_walk(t, AT_G_FDCWD, name, PATH_PARENT, &p);

    if (err)
        return err;
    if (path_check_remove(t, &p) == 0 && p.dir >= 0)
        (void)unlinkat(p.dir, p.name, 0);
    fd = p.dir < 0 ? -EACCES
                   : openat(p.dir, p.name, flags, 0600 & ~t->fs->umask);
    if (fd == -1)
        fd = -errno;
    path_put(&p);
    err = fd < 0 ? 0 : check_file(t, fd);
    if (!err)
        return fd;
    close(fd);
    return err;
}

static void say_failed(const struct task *t, const char *name, int err)
{
    log_print(&t->m->options.log, LOG_SIGNAL, LOG_WARN,
              "core file %s of pid %u: %s", name, (unsigned)t->process->pid,
              strerror(err));
}

bool core_dump(struct task *t, const struct siginfo *info)
{
    struct core_file f = {.t = t, .limit = rlimit(t, RLIMIT_G_CORE)};
    struct core_dump d = {.t = t, .info = info};
    char name[CORE_NAME_BYTES];
    bool dumped = false;
    int err;

    if (!t->m->options.core_pattern || !t->process->dumpable ||
        f.limit < PAGE_SIZE)
        return false;
    core_name(t, info->signo, name);
    f.fd = open_core(t, name);
    if (f.fd < 0) {
        say_failed(t, name, -f.fd);
        return false;
    }
    t->no_wait = true;
    err = take_areas(&d);
    if (!err)
        dumped = write_core(&f, &d);
    if (err || !dumped)
        f.err = ENOMEM;
    if (close(f.fd) != 0 && !f.err)
        f.err = errno;
    if (f.err)
        say_failed(t, name, f.err);
    forget_areas(&d);
    return dumped;
}
