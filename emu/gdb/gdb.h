/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/gdb/gdb.h - a machine as the target of gdb
 *
 * Owns:    struct gdb
 * Used by: cli/
 * Source:  the GDB manual, appendix "GDB Remote Serial Protocol"; -g of
 *          qemu-user (linux-user/main.c, gdbstub.c of QEMU 7.2)
 */
#pragma once

#include <stdio.h>

#include "emu/machine.h"

struct gdb;

struct gdb_config {
    const char *where; /* see gdb_create() */
    /* "monitor report": what the report would say now */
    void (*report)(void *ctx, FILE *out);
    void *ctx;
};

/*
 * gdb_create - listen for a gdb
 *
 * @config: its where is a port of 127.0.0.1, or the name of a socket that is
 * made; behind it may be ",wait" or ",suspend=y", which is the default: the
 * program does not begin before gdb is there; or ",suspend=n"
 * @m:     borrowed; made with options.debug; runs after this
 * @why:   on error, gets a line for the user
 * Returns 0, EXIT_HOST_FILE or EXIT_INTERNAL.
 */
MUST_CHECK int gdb_create(struct machine *m, const struct gdb_config *config,
                          struct gdb **out, char why[static MACHINE_WHY_BYTES]);

/* gdb_destroy - after the run, before machine_destroy(); NULL is fine */
void gdb_destroy(struct gdb *g);

/* gdb_where_is_wrong - what is wrong with such a text; NULL: nothing */
const char *gdb_where_is_wrong(const char *where);
