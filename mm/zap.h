/*
 * mm/zap.h - take pages, swap entries and migration entries out of a range
 *
 * Owns:    nothing
 * Used by: munmap, exit, madvise, truncate
 * Source:  linux v6.2 mm/memory.c zap_pte_range()
 */
#pragma once

#include "mm/types.h"
#include "report/event.h"

struct vma;

/*
 * zap_page_range - empty [start, end), which lies inside @vma
 *
 * @path: what is happening, for the report
 * Every entry is removed whatever it holds (zap_details == NULL).  The area
 * itself stays: the next access finds a new page.
 */
void zap_page_range(struct vma *vma, gva_t start, gva_t end, enum mm_path path);
