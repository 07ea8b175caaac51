// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/exec/loader.h"

#include <errno.h>
#include <string.h>

#include "emu/linux/exec/elf_file.h"
#include "emu/linux/mm/mapfile.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/populate.h"

/* ELF_ET_DYN_BASE: of a program that can be anywhere and has an interpreter */
#define DYN_BASE UINT64_C(0x0000010000000000)

/* A file that is being mapped. */
struct object {
    const struct elf *elf;
    struct mm *mm;
    struct mapping *mapping; /* counted */
    uint64_t bias;           /* what is added to its addresses */
    bool placed;             /* that is known */
};

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

static bool is_loaded(const GElf_Phdr *p)
{
    return p->p_type == PT_LOAD && p->p_memsz > 0;
}

/* total_mapping_size() */
static uint64_t total_bytes(const struct elf *e)
{
    gva_t start = UINT64_MAX, end = 0;

    for (unsigned i = 0; i < e->nr_phdrs; i++) {
        const GElf_Phdr *p = &e->phdr[i];

        if (!is_loaded(p))
            continue;
        if (page_align_down(p->p_vaddr) < start)
            start = page_align_down(p->p_vaddr);
        if (p->p_vaddr + p->p_memsz > end)
            end = p->p_vaddr + p->p_memsz;
    }
    return page_align_up(end - start);
}

/* Where there is room for all of it: as elf_map() finds out with the first
 * segment, which it maps for all. */
static int place(struct object *o, const GElf_Phdr *first)
{
    uint64_t total = total_bytes(o->elf);
    struct mmap_args args = {.len = total,
                             .prot = segment_prot(first),
                             .flags = MAP_G_PRIVATE,
                             .mapping = o->mapping,
                             .pgoff =
                                 (first->p_offset & PAGE_MASK) >> PAGE_SHIFT};
    gva_t at;
    int err = mm_mmap(o->mm, &args, &at);

    if (err)
        return err;
    o->bias = at - page_align_down(first->p_vaddr);
    o->placed = true;
    return mm_munmap(o->mm, at, total);
}

/* elf_map() and set_brk() for one segment. */
static int map_segment(struct object *o, const GElf_Phdr *p)
{
    gva_t vaddr = p->p_vaddr + o->bias;
    gva_t start = page_align_down(vaddr);
    gva_t file_end = vaddr + p->p_filesz;
    gva_t mem_end = page_align_up(vaddr + p->p_memsz);
    gva_t zero_from = page_align_up(file_end);
    struct mmap_args args = {.addr = start,
                             .len = file_end - start,
                             .prot = segment_prot(p),
                             .flags = MAP_G_PRIVATE | MAP_G_FIXED,
                             .mapping = o->mapping,
                             .pgoff = (p->p_offset & PAGE_MASK) >> PAGE_SHIFT,
                             .may_write = false};
    gva_t at;
    int err = 0;

    if (p->p_filesz > 0)
        err = mm_mmap(o->mm, &args, &at);
    else
        zero_from = start;
    if (!err && mem_end > zero_from) {
        args = (struct mmap_args){.addr = zero_from,
                                  .len = mem_end - zero_from,
                                  .prot = segment_prot(p),
                                  .flags = MAP_G_PRIVATE | MAP_G_FIXED |
                                           MAP_G_ANONYMOUS};
        err = mm_mmap(o->mm, &args, &at);
    }
    if (!err && p->p_filesz > 0 && p->p_memsz > p->p_filesz &&
        p->p_flags & PF_W)
        err = clear_tail(o->mm, file_end, zero_from);
    return err;
}

static int map_object(struct object *o, struct file_maps *maps)
{
    int err;

    o->mapping = file_maps_get(maps, o->elf->fd, false, &err);
    if (!o->mapping)
        return err;
    for (unsigned i = 0; i < o->elf->nr_phdrs && !err; i++) {
        const GElf_Phdr *p = &o->elf->phdr[i];

        if (!is_loaded(p))
            continue;
        if (!o->placed)
            err = place(o, p);
        if (!err)
            err = map_segment(o, p);
    }
    mapping_put(o->mapping);
    return err;
}

static gva_t max_gva(gva_t a, gva_t b)
{
    return a > b ? a : b;
}

static void note_segment(struct image *image, const struct object *o,
                         const GElf_Phdr *p)
{
    uint64_t phoff = o->elf->ehdr.e_phoff;
    gva_t start = p->p_vaddr + o->bias, file_end = start + p->p_filesz;

    if (p->p_flags & PF_X && (!image->start_code || start < image->start_code))
        image->start_code = start;
    if (p->p_flags & PF_X)
        image->end_code = max_gva(image->end_code, file_end);
    if (p->p_flags & PF_W) {
        image->start_data = start;
        image->end_data = file_end;
    }
    image->brk = max_gva(image->brk, page_align_up(start + p->p_memsz));
    if (phoff >= p->p_offset && phoff < p->p_offset + p->p_filesz)
        image->phdr = start + (phoff - p->p_offset);
}

static void note_program(struct image *image, const struct object *o)
{
    *image = (struct image){.entry = o->elf->ehdr.e_entry + o->bias,
                            .phnum = o->elf->nr_phdrs};
    image->start = image->entry;
    for (unsigned i = 0; i < o->elf->nr_phdrs; i++) {
        const GElf_Phdr *p = &o->elf->phdr[i];

        if (p->p_type == PT_GNU_STACK)
            image->exec_stack = (p->p_flags & PF_X) != 0;
        if (is_loaded(p))
            note_segment(image, o, p);
    }
}

/* load_bias of a program: as linked, at DYN_BASE, or where there is room */
static void place_program(struct object *o, bool has_interpreter)
{
    for (unsigned i = 0; i < o->elf->nr_phdrs; i++) {
        const GElf_Phdr *p = &o->elf->phdr[i];

        if (o->elf->ehdr.e_type == ET_EXEC) {
            o->placed = true;
        } else if (has_interpreter && !o->placed && is_loaded(p)) {
            o->bias = DYN_BASE - page_align_down(p->p_vaddr);
            o->placed = true;
        }
    }
}

int elf_load(const struct elf *program, const struct elf *interpreter,
             struct mm *mm, struct file_maps *maps, struct image *image,
             const char **why)
{
    struct object main = {.elf = program, .mm = mm};
    struct object other = {.elf = interpreter, .mm = mm};
    int err;

    *why = "no memory for its segments";
    place_program(&main, interpreter != NULL);
    err = map_object(&main, maps);
    if (err)
        return err;
    note_program(image, &main);
    if (!interpreter)
        return 0;
    *why = "no memory for the segments of its interpreter";
    other.placed = interpreter->ehdr.e_type == ET_EXEC;
    err = map_object(&other, maps);
    image->base = other.bias;
    image->start = interpreter->ehdr.e_entry + other.bias;
    return err;
}
