// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/uaccess.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "adi/bis.h"
#include "adi/match.h"
#include "emu/linux/backtrace.h"
#include "emu/linux/fault.h"
#include "emu/linux/sched/process.h"

/* Bytes from @va on, within its page, whose tags match; 0: none does. */
static size_t matching(const struct task *t, uint64_t va, size_t len,
                       const struct engine_page *page)
{
    const adi_tag_t *tags = tagmem_page(adi_tagmem(t->m->adi), page->pfn);
    uint16_t ok = adi_ok_mask(va_tag(va));
    unsigned offset = page_offset(va);
    size_t done = 0;

    while (done < len) {
        unsigned at = offset + (unsigned)done;

        if (!(ok >> tags[at / ADI_BLKSZ] & 1))
            break;
        done += ADI_BLKSZ - at % ADI_BLKSZ;
    }
    return done < len ? done : len;
}

/*
 * The host's bytes of [va, va + *len), cut at the page's end and at the
 * first block that does not match.  NULL: nothing there.
 */
static uint8_t *user_bytes(struct task *t, uint64_t va, enum access access,
                           size_t *len, struct engine_page *page)
{
    uint64_t room = PAGE_SIZE - page_offset(va);
    struct fault_info fault;
    size_t asked;

    if (*len > room)
        *len = room;
    if (!task_translate(t, va, access, page, &fault)) {
        if (fault.oom)
            t->fault = fault; /* the process will be killed */
        return NULL;
    }
    asked = *len;
    if (page->mcd)
        *len = matching(t, va, *len, page);
    if (*len == 0 && asked > 0)
        machine_mismatch(t, va, (unsigned)asked, access, true, true);
    return *len ? phys_page(memory_phys(t->m->mem), page->pfn) + page_offset(va)
                : NULL;
}

/* The lines of [va, va + len) that are initialised: the program asked for it,
 * and nothing is lost that it did not give away. */
static void clear_tags(struct task *t, uint64_t va, size_t len, pfn_t pfn,
                       struct bis_lines lines)
{
    adi_tag_t *tags = tagmem_page(adi_tagmem(t->m->adi), pfn);
    uint64_t end = lines.end < va + len ? lines.end : va + len;
    uint64_t at = lines.start > va ? lines.start : va;

    for (; at + ADI_BLKSZ <= end; at += ADI_BLKSZ) {
        adi_tag_t *tag = &tags[page_offset(at) / ADI_BLKSZ];

        if (*tag == 0)
            continue;
        *tag = 0;
        judge_tag_store(t->m->judge, mm_id(t->process->mm), at, 0,
                        backtrace_of_store(t));
        memory_tags_written(t->m->mem, pfn);
    }
}

size_t copy_data_to_user(struct task *t, uint64_t va, const void *src,
                         size_t len, uint64_t from)
{
    struct bis_lines lines = bis_memcpy(va, from, len);
    const uint8_t *host = src;

    while (len > 0) {
        struct engine_page page;
        size_t n = len;
        uint8_t *to = user_bytes(t, va, ACCESS_WRITE, &n, &page);

        if (!to)
            break;
        memcpy(to, host, n);
        memory_page_written(t->m->mem, page.pfn);
        if (!page.mcd)
            clear_tags(t, va, n, page.pfn, lines);
        va += n;
        host += n;
        len -= n;
    }
    return len;
}

size_t user_room(struct task *t, uint64_t va, size_t len)
{
    size_t done = 0;

    while (done < len) {
        struct engine_page page;
        size_t n = len - done;

        if (!user_bytes(t, va + done, ACCESS_WRITE, &n, &page))
            break;
        done += n;
    }
    return done;
}

size_t copy_to_user(struct task *t, uint64_t va, const void *src, size_t len)
{
    return copy_data_to_user(t, va, src, len, 0);
}

size_t copy_data_from_user(struct task *t, void *dst, uint64_t va, size_t len)
{
    uint8_t *to = dst;

    while (len > 0) {
        size_t n = len;
        struct engine_page page;
        const uint8_t *from = user_bytes(t, va, ACCESS_READ, &n, &page);

        if (!from)
            break;
        memcpy(to, from, n);
        va += n;
        to += n;
        len -= n;
    }
    return len;
}

/* What it was told before it waited may not be there any more. */
static void check_first_time(const struct task *t)
{
    INVARIANT(!task_curr(t) || !t->wait.again);
}

size_t copy_from_user(struct task *t, void *dst, uint64_t va, size_t len)
{
    check_first_time(t);
    return copy_data_from_user(t, dst, va, len);
}

int put_user64(struct task *t, uint64_t va, uint64_t value)
{
    value = htobe64(value);
    return copy_to_user(t, va, &value, sizeof(value)) ? -EFAULT : 0;
}

int put_user32(struct task *t, uint64_t va, uint32_t value)
{
    value = htobe32(value);
    return copy_to_user(t, va, &value, sizeof(value)) ? -EFAULT : 0;
}

int get_user64(struct task *t, uint64_t va, uint64_t *value)
{
    uint64_t raw;

    if (copy_from_user(t, &raw, va, sizeof(raw)))
        return -EFAULT;
    *value = be64toh(raw);
    return 0;
}

int get_user32(struct task *t, uint64_t va, uint32_t *value)
{
    uint32_t raw;

    if (copy_from_user(t, &raw, va, sizeof(raw)))
        return -EFAULT;
    *value = be32toh(raw);
    return 0;
}

int clear_user(struct task *t, uint64_t va, size_t len)
{
    static const uint8_t zeros[512];

    while (len > 0) {
        size_t n = len < sizeof(zeros) ? len : sizeof(zeros);

        if (copy_to_user(t, va, zeros, n))
            return -EFAULT;
        va += n;
        len -= n;
    }
    return 0;
}

int64_t strncpy_from_user(struct task *t, char *dst, uint64_t va, size_t size)
{
    size_t done = 0;

    check_first_time(t);
    while (done < size) {
        size_t n = size - done;
        struct engine_page page;
        const uint8_t *from = user_bytes(t, va + done, ACCESS_READ, &n, &page);
        const uint8_t *end;

        if (!from)
            return -EFAULT;
        end = memchr(from, 0, n);
        if (end)
            n = (size_t)(end - from) + 1;
        memcpy(dst + done, from, n);
        done += n;
        if (end)
            return (int64_t)done - 1;
    }
    return -ENAMETOOLONG;
}
