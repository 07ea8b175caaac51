/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/dwarf.h - functions and lines of a program file
 *
 * Owns:    what libdw has read of it
 * Used by: cli/names.c, in a process of its own: the file is as good, or as
 *          bad, as whoever made it
 */
#pragma once

#include "print/pcname.h"

struct dwarf_file;

/* dwarf_open - takes over @fd; NULL: not a file that libdw can read */
struct dwarf_file *dwarf_open(int fd);
void dwarf_close(struct dwarf_file *f);

/* dwarf_find - of the code at @offset in the file; see struct pc_namer */
size_t dwarf_find(const struct dwarf_file *f, uint64_t offset,
                  struct pc_name names[static PC_NAMES]);
