// SPDX-License-Identifier: GPL-2.0-or-later
#include "adi/bis.h"

#include "mm/types.h"

#define SMALL_MAX 128              /* bytes: shorter copies look at nothing */
#define MED_MAX   1024             /* bytes: so many are copied as words */
#define ST_CHUNK  (24 * ADI_BLKSZ) /* bytes of lines initialised ahead */
#define MIN_ZERO  BIS_MIN          /* bytes of lines, for a memset() to 0 */

static uint64_t until(uint64_t at, unsigned align)
{
    return -at & (align - 1);
}

struct bis_lines bis_memcpy(uint64_t dst, uint64_t src, size_t len)
{
    struct bis_lines none = {dst, dst}, lines;
    uint64_t head = until(dst, 8), full;

    if (len < SMALL_MAX || ((src + head) & 7) != 0 || len - head <= MED_MAX)
        return none;
    head = until(dst, ADI_BLKSZ);
    full = (len - head) & ~(uint64_t)(ADI_BLKSZ - 1);
    if (full < ST_CHUNK)
        return none;
    lines.start = lines.end = dst + head;
    do {
        lines.end += ST_CHUNK;
        full -= ST_CHUNK;
    } while (full > ST_CHUNK);
    return lines;
}

struct bis_lines bis_memset(uint64_t dst, size_t len)
{
    struct bis_lines none = {dst, dst};
    uint64_t head = until(dst, ADI_BLKSZ), full;

    if (len < head + MIN_ZERO)
        return none;
    full = (len - head) & ~(uint64_t)(ADI_BLKSZ - 1);
    return (struct bis_lines){dst + head, dst + head + full};
}
