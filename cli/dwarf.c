// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/dwarf.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct dwarf_file {
    Dwfl *dwfl;
    Dwfl_Module *mod;
};

/* Only what is in the file itself: no search, and no server. */
static int no_debuginfo(Dwfl_Module *mod, void **user, const char *modname,
                        Dwarf_Addr base, const char *file,
                        const char *debuglink, GElf_Word crc, char **found)
{
    (void)mod, (void)user, (void)modname, (void)base, (void)file;
    (void)debuglink, (void)crc, (void)found;
    return -1;
}

static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = no_debuginfo,
    .section_address = dwfl_offline_section_address,
};

struct dwarf_file *dwarf_open(int fd)
{
    struct dwarf_file *f = calloc(1, sizeof(*f));

    if (f)
        f->dwfl = dwfl_begin(&callbacks);
    if (f && f->dwfl)
        f->mod = dwfl_report_elf(f->dwfl, "program", "program", fd, 0, true);
    if (!f || !f->mod || dwfl_report_end(f->dwfl, NULL, NULL) != 0) {
        close(fd);
        dwarf_close(f);
        return NULL;
    }
    return f;
}

void dwarf_close(struct dwarf_file *f)
{
    if (f && f->dwfl)
        dwfl_end(f->dwfl);
    free(f);
}

static void set_file(struct pc_name *name, const char *file, int line)
{
    if (!file || line <= 0)
        return;
    pc_name_set(name->file, sizeof(name->file), file);
    name->line = (uint32_t)line;
}

/* Where the call that is inlined stands: in the next function. */
static void set_call(struct pc_name *name, Dwarf_Die *cu, Dwarf_Die *inlined)
{
    Dwarf_Attribute attr;
    Dwarf_Word file, line;
    Dwarf_Files *files;
    size_t nr;

    if (dwarf_getsrcfiles(cu, &files, &nr) == 0 &&
        dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attr), &file) ==
            0 &&
        dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attr), &line) ==
            0 &&
        line <= INT32_MAX)
        set_file(name, dwarf_filesrc(files, file, NULL, NULL), (int)line);
}

/* The scopes around @pc, up to a function that is not inlined; owned. */
static int find_scopes(Dwfl_Module *mod, Dwarf_Die *cu, Dwarf_Addr pc,
                       Dwarf_Die **out)
{
    Dwarf_Die *scopes = NULL, innermost;
    Dwarf_Addr bias;
    int nr = dwarf_getscopes(cu, pc, &scopes);

    *out = NULL;
    if (nr <= 0 || !dwarf_offdie(dwfl_module_getdwarf(mod, &bias),
                                 dwarf_dieoffset(&scopes[0]), &innermost))
        nr = 0;
    else
        nr = dwarf_getscopes_die(&innermost, out);
    free(scopes);
    return nr;
}

/* names[0] has its line already; what it is inlined in follows. */
static size_t name_scopes(Dwarf_Die *cu, Dwarf_Die *scopes, int nr_scopes,
                          struct pc_name names[static PC_NAMES])
{
    size_t nr = 0;

    for (int i = 0; i < nr_scopes && nr < PC_NAMES; i++) {
        int tag = dwarf_tag(&scopes[i]);

        if (tag != DW_TAG_subprogram && tag != DW_TAG_inlined_subroutine)
            continue;
        pc_name_set(names[nr].function, sizeof(names[nr].function),
                    dwarf_diename(&scopes[i]));
        nr++;
        if (tag == DW_TAG_subprogram)
            break;
        if (nr < PC_NAMES)
            set_call(&names[nr], cu, &scopes[i]);
    }
    return nr;
}

/* The address that the file gives to what is at @offset in it. */
static bool address_of(const struct dwarf_file *f, uint64_t offset,
                       Dwarf_Addr *out)
{
    GElf_Addr bias;
    Elf *elf = dwfl_module_getelf(f->mod, &bias);
    size_t nr;

    if (!elf || elf_getphdrnum(elf, &nr) != 0)
        return false;
    for (size_t i = 0; i < nr; i++) {
        GElf_Phdr p;

        if (!gelf_getphdr(elf, (int)i, &p) || p.p_type != PT_LOAD ||
            offset < p.p_offset || offset - p.p_offset >= p.p_filesz)
            continue;
        *out = offset - p.p_offset + p.p_vaddr + bias;
        return true;
    }
    return false;
}

size_t dwarf_find(const struct dwarf_file *f, uint64_t offset,
                  struct pc_name names[static PC_NAMES])
{
    Dwfl_Module *mod = f->mod;
    Dwarf_Addr pc;
    Dwarf_Die *cu, *scopes = NULL;
    Dwarf_Addr bias;
    Dwfl_Line *line;
    size_t nr = 0;
    int row = 0;

    memset(names, 0, PC_NAMES * sizeof(names[0]));
    if (!address_of(f, offset, &pc))
        return 0;
    line = dwfl_module_getsrc(mod, pc);
    if (line) {
        const char *file = dwfl_lineinfo(line, NULL, &row, NULL, NULL, NULL);

        set_file(&names[0], file, row);
    }
    cu = dwfl_module_addrdie(mod, pc, &bias);
    if (cu) {
        int nr_scopes = find_scopes(mod, cu, pc - bias, &scopes);

        nr = name_scopes(cu, scopes, nr_scopes, names);
        free(scopes);
    }
    if (nr == 0) {
        pc_name_set(names[0].function, sizeof(names[0].function),
                    dwfl_module_addrname(mod, pc));
        nr = *names[0].function || *names[0].file;
    }
    return nr;
}
