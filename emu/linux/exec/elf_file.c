// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/exec/elf_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/linux/path/path.h"

#define MAX_ADDRESS UINT64_C(0x0007ffff00000000) /* below the VA hole */

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
    if (ehdr->e_type != ET_EXEC && ehdr->e_type != ET_DYN)
        return "an ELF file that is not a program";
    if (ehdr->e_phoff == 0 || ehdr->e_phnum == 0)
        return "an ELF file without program headers";
    if (ehdr->e_phentsize != sizeof(Elf64_Phdr))
        return "an ELF file with program headers of unknown size";
    if (ehdr->e_phnum > ELF_MAX_PHDRS)
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
    if (p->p_vaddr < PAGE_SIZE && p->p_memsz && e->ehdr.e_type == ET_EXEC)
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

/* What the kernel says ENOEXEC to in its load_elf_binary(). */
static const char *read_interpreter(struct elf *e, const GElf_Phdr *p)
{
    if (e->interpreter)
        return NULL; /* the first counts */
    if (p->p_filesz > PATH_BYTES || p->p_filesz < 2)
        return "the name of its interpreter is too long, or empty";
    e->interpreter = calloc(1, p->p_filesz);
    if (!e->interpreter)
        return "no memory for the name of its interpreter";
    if (pread(e->fd, e->interpreter, p->p_filesz, (off_t)p->p_offset) !=
        (ssize_t)p->p_filesz)
        return "truncated: the name of its interpreter lies past the end";
    return e->interpreter[p->p_filesz - 1] ? "the name of its interpreter "
                                             "does not end"
                                           : NULL;
}

static const char *read_segments(struct elf *e)
{
    bool any = false;

    for (unsigned i = 0; i < e->ehdr.e_phnum; i++) {
        const char *why = NULL;

        if (!gelf_getphdr(e->elf, (int)i, &e->phdr[i]))
            return "truncated: the program headers lie past the end";
        e->nr_phdrs = i + 1;
        if (e->phdr[i].p_type == PT_INTERP)
            why = read_interpreter(e, &e->phdr[i]);
        if (e->phdr[i].p_type == PT_LOAD)
            why = segment_problem(e, i);
        if (why)
            return why;
        any |= e->phdr[i].p_type == PT_LOAD;
    }
    return any ? NULL : "an ELF file without anything to load";
}

static int read_file(struct elf *e, const char **why)
{
    unsigned char ident[EI_NIDENT] = {0};
    ssize_t len = pread(e->fd, ident, sizeof(ident), 0);
    struct stat st;

    if (len < 0 || fstat(e->fd, &st) != 0) {
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
    e->elf = elf_begin(e->fd, ELF_C_READ, NULL);
    if (!e->elf || !gelf_getehdr(e->elf, &e->ehdr))
        return -ENOEXEC;
    *why = type_problem(&e->ehdr);
    if (!*why)
        *why = read_segments(e);
    if (!*why && e->ehdr.e_entry & 3)
        *why = "the entry point is not aligned";
    return *why ? -ENOEXEC : 0;
}

struct elf *elf_open(int fd, int *err, const char **why)
{
    struct elf *e = calloc(1, sizeof(*e));

    *why = NULL;
    *err = -ENOMEM;
    if (!e)
        return NULL;
    e->fd = fd;
    *err = read_file(e, why);
    if (*err == 0)
        return e;
    elf_close(e);
    return NULL;
}

void elf_close(struct elf *e)
{
    if (!e)
        return;
    elf_end(e->elf);
    free(e->interpreter);
    free(e);
}
