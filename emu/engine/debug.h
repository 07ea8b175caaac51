/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/engine/debug.h - where a debugger wants to be asked
 *
 * Owns:    the addresses of breakpoints of an engine
 * Used by: emu/gdb/
 * Source:  ours; gdb's remote protocol: Z0 to Z4
 */
#pragma once

#include "emu/engine/engine.h"

/*
 * engine_add_break - blocks that begin at @va ask engine_ops.breakpoint()
 *
 * Those that are translated after this; for others see engine_code_changed()
 * and engine_forget_code().  An engine that does not translate instructions
 * one by one has blocks that go on over it.
 * Returns 0 or -ENOMEM.
 */
MUST_CHECK int engine_add_break(struct engine *e, gva_t va);
void engine_remove_break(struct engine *e, gva_t va);

/* engine_forget_code - all of it is translated again */
void engine_forget_code(struct engine *e);

/*
 * engine_watch - from now on ask engine_ops.watched() for each page that is
 * accessed, and keep those that it names out of the TLB
 *
 * Called again whenever its answers change.
 */
void engine_watch(struct engine *e, bool on);
