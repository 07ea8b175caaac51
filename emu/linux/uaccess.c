// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/uaccess.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "adi/match.h"
#include "emu/linux/backtrace.h"
#include "emu/linux/fault.h"
#include "emu/linux/late.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "mm/populate.h"

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
 * The host's bytes of [va, va + *len), *@bytes, cut at the page's end and at
 * the first block that does not match.  ACCESS_FAULT: nothing there.
 */
static enum access_end user_bytes(struct task *t, uint64_t va,
                                  enum access access, size_t *len,
                                  struct engine_page *page, uint8_t **bytes)
{
    uint64_t room = PAGE_SIZE - page_offset(va);
    struct fault_info fault;
    enum access_end end;
    size_t asked;

    if (*len > room)
        *len = room;
    end = task_translate(t, va, access, page, &fault);
    if (end == ACCESS_FAULT && fault.fatal)
        t->fault = fault; /* the process will be killed */
    if (end != ACCESS_DONE)
        return end;
    asked = *len;
    if (page->mcd)
        *len = matching(t, va, *len, page);
    if (*len == 0 && asked > 0)
        machine_mismatch(t, va, (unsigned)asked, access, true, true);
    *bytes = phys_page(memory_phys(t->m->mem), page->pfn) + page_offset(va);
    return *len ? ACCESS_DONE : ACCESS_FAULT;
}

/* It is the task on the CPU that waits, also for the memory of another. */
void user_must_wait(struct task *t)
{
    struct task *who = current_task(t->m) ? current_task(t->m) : t;

    who->wait.fault = true;
}

bool user_waits(const struct task *t)
{
    return t->wait.fault;
}

bool user_settled(struct task *t)
{
    if (t->wait.call.late)
        t->wait.fault = true;
    return !t->wait.fault;
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
                        backtrace_of_store(t, NULL));
        memory_tags_written(t->m->mem, pfn);
    }
}

enum access_end copy_late_to_user(struct task *t, uint64_t va, const void *src,
                                  size_t *left, struct bis_lines lines)
{
    const uint8_t *host = src;

    while (*left > 0) {
        struct engine_page page;
        size_t n = *left;
        uint8_t *to;
        enum access_end end = user_bytes(t, va, ACCESS_WRITE, &n, &page, &to);

        if (end != ACCESS_DONE)
            return end;
        memcpy(to, host, n);
        memory_page_written(t->m->mem, page.pfn);
        if (!page.mcd)
            clear_tags(t, va, n, page.pfn, lines);
        va += n;
        host += n;
        *left -= n;
    }
    return ACCESS_DONE;
}

size_t copy_data_to_user(struct task *t, uint64_t va, const void *src,
                         size_t len, uint64_t from)
{
    struct bis_lines lines = bis_memcpy(va, from, len);
    enum access_end end = ACCESS_WAIT; /* behind those that are late */
    size_t left = len;
    int err;

    if (!t->wait.call.late)
        end = copy_late_to_user(t, va, src, &left, lines);
    if (end != ACCESS_WAIT || left == 0)
        return left;
    err = late_add(t, va + (len - left), (const uint8_t *)src + (len - left),
                   left, lines);
    if (err == -EAGAIN)
        user_must_wait(t);
    /* A child that has not run yet waits before it does. */
    if (!err && t != current_task(t->m) && t->wait.kind == WAIT_NONE)
        sched_wait_fault(t);
    return err ? left : 0;
}

size_t user_room(struct task *t, uint64_t va, size_t len)
{
    enum access_end end = ACCESS_DONE;
    size_t done = 0;

    while (done < len) {
        struct engine_page page;
        size_t n = len - done;
        uint8_t *bytes;

        end = user_bytes(t, va + done, ACCESS_WRITE, &n, &page, &bytes);
        if (end != ACCESS_DONE)
            break;
        done += n;
    }
    if (end == ACCESS_WAIT)
        user_must_wait(t);
    return done;
}

bool user_at_hand(const struct task *t, uint64_t va, size_t len)
{
    struct mm *mm = t->process->mm;
    uint64_t end = va + len;

    if (adi_mm_enabled(mm) || end < va || va_in_hole(va) || va_in_hole(end))
        return false;
    for (va = page_align_down(va); va < end; va += PAGE_SIZE) {
        const pte_t *ptep = mm_pte(mm, va);

        if (!ptep || !pte_allows(*ptep, ACCESS_WRITE))
            return false;
    }
    return true;
}

bool user_fault_in(struct task *t, uint64_t va, size_t len, enum access access)
{
    enum access_end end = ACCESS_DONE;

    for (size_t n; len > 0 && end == ACCESS_DONE; va += n, len -= n) {
        struct engine_page page;
        struct fault_info fault;

        n = PAGE_SIZE - page_offset(va);
        n = n < len ? n : len;
        end = task_translate(t, va, access, &page, &fault);
        if (end == ACCESS_FAULT && fault.fatal)
            t->fault = fault;
    }
    if (end == ACCESS_WAIT)
        user_must_wait(t);
    return end != ACCESS_WAIT;
}

size_t copy_to_user(struct task *t, uint64_t va, const void *src, size_t len)
{
    return copy_data_to_user(t, va, src, len, 0);
}

size_t copy_to_user_now(struct task *t, uint64_t va, const void *src,
                        size_t len)
{
    size_t left = len;

    if (copy_late_to_user(t, va, src, &left, bis_memcpy(va, 0, len)) ==
        ACCESS_WAIT)
        user_must_wait(t);
    return left;
}

size_t copy_data_from_user(struct task *t, void *dst, uint64_t va, size_t len)
{
    uint8_t *to = dst;

    while (len > 0) {
        size_t n = len;
        struct engine_page page;
        uint8_t *from;
        enum access_end end = user_bytes(t, va, ACCESS_READ, &n, &page, &from);

        if (end == ACCESS_WAIT)
            user_must_wait(t);
        if (end != ACCESS_DONE)
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
        uint8_t *from;
        const uint8_t *zero;
        enum access_end end =
            user_bytes(t, va + done, ACCESS_READ, &n, &page, &from);

        if (end == ACCESS_WAIT)
            user_must_wait(t);
        if (end != ACCESS_DONE)
            return -EFAULT;
        zero = memchr(from, 0, n);
        if (zero)
            n = (size_t)(zero - from) + 1;
        memcpy(dst + done, from, n);
        done += n;
        if (zero)
            return (int64_t)done - 1;
    }
    return -ENAMETOOLONG;
}
