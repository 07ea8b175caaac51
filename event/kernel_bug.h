/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * event/kernel_bug.h - places where the modelled kernel itself stops
 *
 * Owns:    the table of them, event/kernel_bug.def
 * Used by: mm/ (who gets there tells of it), judge/, print/, script/, emu/,;
 *          explore/
 * api/
 *
 * Not faults of adiemu: Linux has a BUG() there, and after it no state that
 * could be modelled.  The run ends.
 */
#pragma once

enum kernel_bug_id {
#define KERNEL_BUG(id, name, file, fn, why) KERNEL_BUG_##id,
#include "event/kernel_bug.def"
#undef KERNEL_BUG
    KERNEL_BUG_NR
};

struct kernel_bug_place {
    const char *name;     /* in JSON */
    const char *file;     /* of the kernel */
    const char *function; /* there */
    const char *why;      /* follows "FUNCTION(): " */
};

const struct kernel_bug_place *kernel_bug_place(enum kernel_bug_id id);
