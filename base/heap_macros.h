/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * base/heap_macros.h - the model's malloc() is that of base/heap.h
 *
 * Owns:    nothing
 * Used by: CMake, which puts it in front of each file of the model
 */
#pragma once

#include "base/heap.h"

#define malloc(bytes)     heap_malloc(bytes)
#define calloc(nr, bytes) heap_calloc(nr, bytes)
#define realloc(p, bytes) heap_realloc(p, bytes)
#define free(p)           heap_free(p)
#undef strdup
#define strdup(s) heap_strdup(s)
