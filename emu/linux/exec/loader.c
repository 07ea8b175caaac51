// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/exec/loader.h"

#include <errno.h>
#include <libelf.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/linux/mm/mapfile.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/populate.h"

#define MAX_PHDRS   128
#define MAX_ADDRESS UINT64_C(0x0007ffff00000000) /* below the VA hole */

struct elf {
    Elf *elf;
    GElf_Ehdr ehdr;
    GElf_Phdr phdr[MAX_PHDRS];
    unsigned nr_phdrs;
    uint64_t file_bytes;
};

static const char *header_problem(const unsigned char *ident, ssize_t len)
{
    if (len < EI_NIDENT || memcmp(ident, ELFMAG, SELFMAG) != 0)
        return len >= 2 && ident[0] == '#' && ident[1] == '!'
                   ? "a script, not an ELF file"
                   : "not an ELF file";
    if (ident[EI_CLASS] != ELFCLASS64)
        return ident[EI_CLASS] == ELFCLASS32 ? "a 32-bit ELF file"
                                             : "an ELF file of unknown class";
    if (ident[EI_DATA] != ELFDATA2MSB)
        return "a little-endian ELF file";
    if (ident[EI_VERSION] != EV_CURRENT)
        return "an ELF file of unknown version";
    return NULL;
}

static const char *type_problem(const GElf_Ehdr *ehdr)
{
    if (ehdr->e_machine != EM_SPARCV9)
        return "an ELF file for another machine than SPARC V9";
    if (ehdr->e_type == ET_DYN)
        return "dynamically linked or position independent: not supported "
               "yet, link it with -static -no-pie";
    if (ehdr->e_type != ET_EXEC)
        return "an ELF file that is not a program";
    if (ehdr->e_phoff == 0 || ehdr->e_phnum == 0)
        return "an ELF file without program headers";
    if (ehdr->e_phentsize != sizeof(Elf64_Phdr))
        return "an ELF file with program headers of unknown size";
    if (ehdr->e_phnum > MAX_PHDRS)
        return "an ELF file with too many program headers";
    return NULL;
}

static const char *segment_problem(const struct elf *e, unsigned n)
{
    const GElf_Phdr *p = &e->phdr[n];
    uint64_t end = p->p_vaddr + p->p_memsz;

    if (p->p_filesz > p->p_memsz)
        return "a segment is larger in the file than in memory";
    if (p->p_offset + p->p_filesz < p->p_offset ||
        p->p_offset + p->p_filesz > e->file_bytes)
        return "truncated: a segment lies past the end of the file";
    if (end < p->p_vaddr || end > MAX_ADDRESS)
        return "a segment lies outside the address space";
    if (p->p_vaddr < PAGE_SIZE && p->p_memsz)
        return "a segment covers page 0";
    if ((p->p_vaddr - p->p_offset) & (PAGE_SIZE - 1))
        return "a segment is not aligned with its place in the file";
    for (unsigned i = 0; i < n; i++) {
        const GElf_Phdr *q = &e->phdr[i];

        if (q->p_type != PT_LOAD || q->p_memsz == 0 || p->p_memsz == 0)
            continue;
        if (p->p_vaddr < q->p_vaddr + q->p_memsz && q->p_vaddr < end)
            return "two segments overlap";
        if (p->p_vaddr < q->p_vaddr)
            return "segments are not in order of their addresses";
    }
    return NULL;
}

static const char *read_segments(struct elf *e)
{
    bool any = false;

    for (unsigned i = 0; i < e->ehdr.e_phnum; i++) {
        const char *why;

        if (!gelf_getphdr(e->elf, (int)i, &e->phdr[i]))
            return "truncated: the program headers lie past the end";
        e->nr_phdrs = i + 1;
        if (e->phdr[i].p_type == PT_INTERP)
            return "dynamically linked: not supported yet, link it with "
                   "-static";
        if (e->phdr[i].p_type != PT_LOAD)
            continue;
        why = segment_problem(e, i);
        if (why)
            return why;
        any = true;
    }
    return any ? NULL : "an ELF file without anything to load";
}

static int elf_open(int fd, struct elf *e, const char **why)
{
    unsigned char ident[EI_NIDENT] = {0};
    ssize_t len = pread(fd, ident, sizeof(ident), 0);
    struct stat st;

    e->elf = NULL;
    if (len < 0 || fstat(fd, &st) != 0) {
        *why = strerror(errno);
        return -EIO;
    }
    e->file_bytes = (uint64_t)st.st_size;
    *why = header_problem(ident, len);
    if (*why)
        return -ENOEXEC;
    *why = "truncated: not even a whole ELF header";
    if (e->file_bytes < sizeof(Elf64_Ehdr))
        return -ENOEXEC;
    (void)elf_version(EV_CURRENT);
    e->elf = elf_begin(fd, ELF_C_READ, NULL);
    if (!e->elf || !gelf_getehdr(e->elf, &e->ehdr))
        goto fail;
    *why = type_problem(&e->ehdr);
    if (!*why)
        *why = read_segments(e);
    if (!*why && e->ehdr.e_entry & 3)
        *why = "the entry point is not aligned";
    if (!*why)
        return 0;

fail:
    elf_end(e->elf);
    e->elf = NULL;
    return -ENOEXEC;
}

int elf_check(int fd, const char **why)
{
    struct elf e;
    int err = elf_open(fd, &e, why);

    if (!err)
        elf_end(e.elf);
    return err;
}

static unsigned segment_prot(const GElf_Phdr *p)
{
    return (p->p_flags & PF_R ? PROT_G_READ : 0) |
           (p->p_flags & PF_W ? PROT_G_WRITE : 0) |
           (p->p_flags & PF_X ? PROT_G_EXEC : 0);
}

/* padzero(): the rest of the last page of the file's part is 0. */
static int clear_tail(struct mm *mm, gva_t start, gva_t end)
{
    struct memory *mem = mm_memory(mm);
    struct folio *folio;

    if (start >= end)
        return 0;
    if (mm_get_page(mm, start, ACCESS_WRITE, &folio) != FAULT_OK)
        return -ENOMEM;
    memset(memory_folio_bytes(mem, folio) + page_offset(start), 0, end - start);
    memory_page_written(mem, memory_folio_pfn(mem, folio));
    return 0;
}

/* elf_map() and set_brk() for one segment. */
static int map_segment(struct mm *mm, struct mapping *mapping,
                       const GElf_Phdr *p)
{
    gva_t start = page_align_down(p->p_vaddr);
    gva_t file_end = p->p_vaddr + p->p_filesz;
    gva_t mem_end = page_align_up(p->p_vaddr + p->p_memsz);
    gva_t zero_from = page_align_up(file_end);
    struct mmap_args args = {.addr = start,
                             .len = file_end - start,
                             .prot = segment_prot(p),
                             .flags = MAP_G_PRIVATE | MAP_G_FIXED,
                             .mapping = mapping,
                             .pgoff = (p->p_offset & PAGE_MASK) >> PAGE_SHIFT,
                             .may_write = false};
    gva_t at;
    int err = 0;

    if (p->p_filesz > 0)
        err = mm_mmap(mm, &args, &at);
    else
        zero_from = start;
    if (!err && mem_end > zero_from) {
        args = (struct mmap_args){.addr = zero_from,
                                  .len = mem_end - zero_from,
                                  .prot = segment_prot(p),
                                  .flags = MAP_G_PRIVATE | MAP_G_FIXED |
                                           MAP_G_ANONYMOUS};
        err = mm_mmap(mm, &args, &at);
    }
    if (!err && p->p_filesz > 0 && p->p_memsz > p->p_filesz &&
        p->p_flags & PF_W)
        err = clear_tail(mm, file_end, zero_from);
    return err;
}

static void note_segment(struct image *image, const struct elf *e,
                         const GElf_Phdr *p)
{
    gva_t end = p->p_vaddr + p->p_memsz;

    if (p->p_flags & PF_X &&
        (!image->start_code || p->p_vaddr < image->start_code))
        image->start_code = p->p_vaddr;
    if (p->p_flags & PF_X && p->p_vaddr + p->p_filesz > image->end_code)
        image->end_code = p->p_vaddr + p->p_filesz;
    if (p->p_flags & PF_W) {
        image->start_data = p->p_vaddr;
        image->end_data = p->p_vaddr + p->p_filesz;
    }
    if (page_align_up(end) > image->brk)
        image->brk = page_align_up(end);
    if (e->ehdr.e_phoff >= p->p_offset &&
        e->ehdr.e_phoff < p->p_offset + p->p_filesz)
        image->phdr = p->p_vaddr + (e->ehdr.e_phoff - p->p_offset);
}

int elf_load(int fd, struct mm *mm, struct file_maps *maps, struct image *image,
             const char **why)
{
    struct mapping *mapping;
    struct elf e;
    int err = elf_open(fd, &e, why);

    if (err)
        return err;
    *image = (struct image){.entry = e.ehdr.e_entry, .phnum = e.nr_phdrs};
    *why = "no memory for its segments";
    mapping = file_maps_get(maps, fd, false, &err);
    if (!mapping)
        goto end;
    for (unsigned i = 0; i < e.nr_phdrs && !err; i++) {
        const GElf_Phdr *p = &e.phdr[i];

        if (p->p_type == PT_GNU_STACK)
            image->exec_stack = (p->p_flags & PF_X) != 0;
        if (p->p_type != PT_LOAD || p->p_memsz == 0)
            continue;
        err = map_segment(mm, mapping, p);
        note_segment(image, &e, p);
    }
    mapping_put(mapping);
end:
    elf_end(e.elf);
    return err;
}
