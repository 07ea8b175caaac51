// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tests/fuzz/fuzz_elf.c - any bytes as a program file
 *
 * elf_open() and elf_load() must refuse them or map them, and touch
 * nothing else.  What was mapped is then read and written.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "emu/linux/exec/elf_file.h"
#include "emu/linux/exec/loader.h"
#include "emu/linux/mm/mapfile.h"
#include "event/hub.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/populate.h"
#include "mm/vma.h"

#define RAM_BYTES (UINT64_C(4) << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first and last page of each area, as the program would. */
static void touch(struct mm *mm)
{
    const struct vma *vma = vma_first(mm);

    for (; vma; vma = vma_next(vma)) {
        struct folio *folio;

        (void)mm_get_page(mm, vma->start, ACCESS_READ, &folio);
        (void)mm_get_page(mm, vma->end - 1, ACCESS_WRITE, &folio);
        (void)mm_get_page(mm, vma->start, ACCESS_EXEC, &folio);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hub *hub = hub_create();
    struct memory_config config = {.ram_bytes = RAM_BYTES,
                                   .nr_nodes = 1,
                                   .policy = {.anon_exclusive = true},
                                   .hub = hub};
    struct memory *mem = memory_create(&config);
    struct file_maps *maps = file_maps_create(mem);
    struct mm *mm = mm_create(mem);
    int fd = memfd_create("elf", 0);
    struct image image;
    const char *why;
    struct elf *elf;
    int err;

    if (write(fd, data, size) != (ssize_t)size)
        abort();
    elf = elf_open(fd, &err, &why);
    /* It is its own interpreter, too. */
    if (elf && elf_load(elf, elf->interpreter ? elf : NULL, mm, maps, &image,
                        &why) == 0)
        touch(mm);
    elf_close(elf);
    close(fd);
    mm_put(mm);
    file_maps_destroy(maps);
    memory_destroy(mem);
    hub_destroy(hub);
    return 0;
}
