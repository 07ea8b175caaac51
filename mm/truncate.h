/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/truncate.h - a file loses bytes under the mappings of it
 *
 * Owns:    nothing
 * Used by: emu/linux/ after ftruncate() and fallocate() changed the file;
 *          script/object.c, emu/script.c
 * Source:  linux v6.2 mm/memory.c unmap_mapping_*(), mm/truncate.c,
 *          mm/shmem.c shmem_undo_range()
 */
#pragma once

#include "mm/types.h"

struct mapping;
struct folio;

/*
 * unmap_mapping_pages - take @nr pages from @start on out of every area
 *
 * @nr:        0, or so many that the last index wraps: to the end
 * @even_cows: also private copies, those in swap included; else they stay
 */
void unmap_mapping_pages(struct mapping *m, uint64_t start, uint64_t nr,
                         bool even_cows);

/* unmap_mapping_range - the same by bytes, rounded outwards; @len 0: to EOF */
void unmap_mapping_range(struct mapping *m, uint64_t start, uint64_t len,
                         bool even_cows);

/* unmap_mapping_folio - the locked @folio of @m leaves every page table */
void unmap_mapping_folio(struct mapping *m, struct folio *folio);

/*
 * truncate_pagecache - the file now ends at @size
 *
 * Private copies beyond it go too.  The rest of the last page reads as 0.
 */
void truncate_pagecache(struct mapping *m, uint64_t size);

/*
 * truncate_pagecache_range - bytes [start, end) are a hole now
 *
 * Private copies stay; whole pages leave the cache, parts read as 0.
 */
void truncate_pagecache_range(struct mapping *m, uint64_t start, uint64_t end);
