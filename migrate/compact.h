/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * migrate/compact.h - gather the free frames of a node at its low end
 *
 * Owns:    nothing
 * Used by: whoever stands for /proc/sys/vm/compact_memory; script/node.c,
 *          emu/linux/proc/proc_sys.c, tests
 * Source:  linux v6.2 mm/compaction.c: compact_node(), compact_zone(),
 *          isolate_migratepages_block(), compaction_alloc()
 * Differs: no pageblocks: the scanners meet at a frame, and the free scanner
 *          takes the highest free frame
 */
#pragma once

#include "mm/types.h"

struct memory;

struct compact_result {
    unsigned moved;  /* folios */
    unsigned failed; /* isolated and put back */
};

/*
 * compact_node - move what can be moved from the low to the high end
 *
 * Of a folio that somebody else holds a reference to nothing is tried, if it
 * is anonymous.
 */
struct compact_result compact_node(struct memory *mem, unsigned node);

/* compact_memory - compact_nodes(): every node */
struct compact_result compact_memory(struct memory *mem);
