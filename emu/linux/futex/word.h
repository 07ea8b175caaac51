/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/futex/word.h - what the word of a lock says, to the kernel too
 *
 * Owns:    nothing
 * Used by: emu/linux/futex/
 * Source:  linux v6.2 include/uapi/linux/futex.h
 */
#pragma once

#define FUTEX_WAITERS    0x80000000u
#define FUTEX_OWNER_DIED 0x40000000u
#define FUTEX_TID_MASK   0x3fffffffu
