// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/mm/remote_vm.h"

#include <string.h>

#include "mm/kcopy.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/populate.h"
#include "mm/remote.h"

size_t access_remote_vm(struct mm *mm, gva_t va, uint8_t *buf, size_t len,
                        bool write)
{
    size_t done = 0;

    while (done < len) {
        size_t room = PAGE_SIZE - page_offset(va + done), n = len - done;
        gva_t at = untagged_addr(va + done);
        struct folio *folio;
        enum fault fault = mm_get_remote_page(
            mm, at, write ? ACCESS_WRITE : ACCESS_READ, &folio);
        uint8_t *bytes;

        if (fault == FAULT_RETRY || fault == FAULT_WAIT)
            mm_stuck(mm, at);
        if (fault != FAULT_OK)
            break;
        n = n < room ? n : room;
        bytes = memory_folio_bytes(mm_memory(mm), folio) + page_offset(at);
        if (write) {
            memcpy(bytes, buf + done, n);
            mm_written_remote(mm, at, folio, (unsigned)n, done);
        } else {
            memcpy(buf + done, bytes, n);
        }
        done += n;
    }
    return done;
}
