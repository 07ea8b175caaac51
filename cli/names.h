/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/names.h - names of program counters, for a report
 *
 * Owns:    a child process that reads the programs' debug information
 * Used by: cli/main.c
 *
 * That comes from whoever made the program, and the libraries that read it
 * have their bugs: if the child crashes, or takes more than some seconds, the
 * rest of the report is without names.  It is there only when a report asks.
 */
#pragma once

#include "emu/machine.h"
#include "print/pcname.h"

struct names;

/* names_create - of the programs that @m ran, borrowed; NULL: no memory */
struct names *names_create(const struct machine *m);
void names_destroy(struct names *n);

/* names_find - as in struct pc_namer; @ctx: a struct names */
size_t names_find(void *ctx, uint32_t program, gva_t pc,
                  struct pc_name names[static PC_NAMES]);
