/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/mm/remote_vm.h - the memory of another process, for a debugger
 *
 * Owns:    nothing
 * Used by: emu/linux/
 * Source:  linux v6.2 mm/memory.c access_remote_vm() with FOLL_FORCE
 */
#pragma once

#include "mm/types.h"

struct mm;

/*
 * access_remote_vm - copy between @buf and [@va, @va + @len) of @mm
 *
 * Through the kernel's own mapping of each frame: no tag is checked, no page
 * waited for, and what the program may not write gets a page of its own.
 * @va: tag bits are ignored
 * Returns how many bytes, up to the first page that cannot be had.
 */
size_t access_remote_vm(struct mm *mm, gva_t va, uint8_t *buf, size_t len,
                        bool write);
