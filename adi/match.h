/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adi/match.h - does a pointer's tag match the tag of the memory?
 *
 * Owns:    the rule
 * Used by: emu/engine/ (each access), emu/linux/ (copies to and from user);
 *          check/store.c, script/
 * Source:  linux Documentation/arch/sparc/adi.rst; A. Yznaga on linux-mm,
 *          2017: in-memory tags 0 and 15 match every pointer
 */
#pragma once

#include "mm/types.h"

/*
 * adi_ok_mask - which tags of memory a pointer with tag @va_tag may touch
 *
 * Bit t is set when memory tag t matches.
 */
static inline uint16_t adi_ok_mask(adi_tag_t va_tag)
{
    return (uint16_t)(1u << va_tag | 1u << 0 | 1u << 15);
}

static inline bool adi_match(adi_tag_t mem_tag, adi_tag_t va_tag)
{
    return (adi_ok_mask(va_tag) >> mem_tag & 1) != 0;
}

static inline adi_tag_t va_tag(uint64_t va)
{
    return (adi_tag_t)(va >> 60);
}
