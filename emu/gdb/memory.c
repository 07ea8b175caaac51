// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The program's memory, as ptrace() and /proc/PID/mem see it on Linux: in any
 * area, whatever its protection; tags are not checked.
 *
 * Linux has the register windows of a program that stands still in its stack.
 * Here they stay in the registers, so that the run is the same with gdb and
 * without, and gdb sees them where they would be.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "emu/gdb/internal.h"
#include "emu/linux/abi.h"
#include "mm/kcopy.h"
#include "mm/pgtable.h"
#include "mm/populate.h"
#include "mm/remote.h"

#define WINDOW_BYTES (8 * WINDOW_REGS)
#define WORD_BYTES   8

/* What a range and a save area have in common. */
static bool overlap(gva_t va, size_t len, gva_t area, size_t *from, size_t *to)
{
    gva_t start = va > area ? va : area;
    gva_t end = va + len < area + WINDOW_BYTES ? va + len : area + WINDOW_BYTES;

    if (area & 7 || start >= end)
        return false;
    *from = (size_t)(start - area);
    *to = (size_t)(end - area);
    return true;
}

/* The windows of @t that are in its registers only, over what memory has; or
 * with @store what is to be there into them. */
static void windows_of(struct task *t, gva_t va, uint8_t *buf, size_t len,
                       bool store)
{
    struct engine *e = task_engine(t);
    void *state = task_curr(t) ? NULL : t->regs;

    for (unsigned i = 0; i < cpu_held_windows(e, state); i++) {
        uint64_t regs[WINDOW_REGS], sp;
        size_t from, to;
        gva_t area;

        cpu_held_window(e, state, i, regs, &sp);
        area = untagged_addr(sp + STACK_BIAS_G);
        if (!overlap(va, len, area, &from, &to))
            continue;
        for (unsigned j = 0; j < WINDOW_REGS; j++)
            regs[j] = htobe64(regs[j]);
        if (store)
            memcpy((uint8_t *)regs + from, buf + (area + from - va), to - from);
        else
            memcpy(buf + (area + from - va), (uint8_t *)regs + from, to - from);
        for (unsigned j = 0; j < WINDOW_REGS; j++)
            regs[j] = be64toh(regs[j]);
        if (store)
            cpu_set_held_window(e, state, i, regs);
    }
}

static void all_windows(struct process *p, gva_t va, uint8_t *buf, size_t len,
                        bool store)
{
    struct task *t;

    DL_FOREACH2(p->threads, t, thread_next) {
        if (!t->dead)
            windows_of(t, va, buf, len, store);
    }
}

bool gdb_peek(struct gdb *g, const struct process *p, gva_t va, uint8_t *buf,
              size_t len)
{
    const struct phys *phys = memory_phys(g->m->mem);

    for (size_t done = 0; done < len;) {
        size_t room = PAGE_SIZE - page_offset(va + done), n = len - done;
        const pte_t *ptep = mm_pte(p->mm, va + done);

        if (!ptep || !pte_present(*ptep) ||
            pte_pfn(*ptep) >= phys_nr_frames(phys))
            return false;
        n = n < room ? n : room;
        memcpy(buf + done,
               phys_page(phys, pte_pfn(*ptep)) + page_offset(va + done), n);
        done += n;
    }
    return true;
}

/* Where the page at @va is; NULL: nowhere.  One that is there is left as it
 * is, not even young. */
static uint8_t *page_at(struct gdb *g, struct mm *mm, gva_t va, bool store,
                        struct folio **folio)
{
    const pte_t *ptep = mm_pte(mm, va);
    enum fault fault;

    if (!store && ptep && pte_present(*ptep) &&
        pte_pfn(*ptep) < phys_nr_frames(memory_phys(g->m->mem)))
        return phys_page(memory_phys(g->m->mem), pte_pfn(*ptep));
    g->perturbs = true;
    fault =
        mm_get_remote_page(mm, va, store ? ACCESS_WRITE : ACCESS_READ, folio);
    return fault == FAULT_OK ? memory_folio_bytes(g->m->mem, *folio) : NULL;
}

static size_t load_bytes(struct gdb *g, struct process *p, gva_t va,
                         uint8_t *buf, size_t len)
{
    size_t done = 0;

    va = untagged_addr(va);
    while (done < len) {
        gva_t at = va + done;
        size_t room = PAGE_SIZE - page_offset(at), n = len - done;
        struct folio *folio;
        const uint8_t *page =
            at < va ? NULL : page_at(g, p->mm, at, false, &folio);

        if (!page)
            break;
        n = n < room ? n : room;
        memcpy(buf + done, page + page_offset(at), n);
        done += n;
    }
    all_windows(p, va, buf, done, false);
    return done;
}

static size_t store_bytes(struct gdb *g, struct process *p, gva_t va,
                          const uint8_t *buf, size_t len)
{
    size_t done = 0;

    va = untagged_addr(va);
    /* As POKEDATA: too short for the kernel's copy to take tags. */
    while (done < len) {
        gva_t at = va + done;
        size_t room = WORD_BYTES - at % WORD_BYTES, n = len - done;
        struct folio *folio = NULL;
        uint8_t *page = at < va ? NULL : page_at(g, p->mm, at, true, &folio);

        if (!page)
            break;
        n = n < room ? n : room;
        memcpy(page + page_offset(at), buf + done, n);
        mm_written_remote(p->mm, at, folio, (unsigned)n, 0);
        done += n;
    }
    all_windows(p, va, (uint8_t *)(uintptr_t)buf, done, true);
    return done;
}

/* ---------------------------------------------------------------- packets */

static struct process *general_process(struct gdb *g)
{
    const struct task *t = gdb_general(g);

    return t ? gdb_process(g, t->process->pid) : NULL;
}

/* m ADDR,LEN */
void gdb_read_memory(struct gdb *g, struct gdb_in in)
{
    struct process *p = general_process(g);
    uint8_t buf[GDB_PACKET_BYTES / 2];
    uint64_t va, len;
    size_t n;

    if (!gdb_two_hex(&in, &va, &len) || !gdb_at_end(&in) || !p) {
        gdb_error(g, EINVAL);
        return;
    }
    if (len > sizeof(buf))
        len = sizeof(buf);
    n = load_bytes(g, p, va, buf, len);
    if (n == 0 && len > 0)
        gdb_error(g, EFAULT);
    else
        gdb_put_hex(&g->out, buf, n);
}

/* M ADDR,LEN:HEX and X ADDR,LEN:BYTES */
void gdb_write_memory(struct gdb *g, struct gdb_in in, bool binary)
{
    struct process *p = general_process(g);
    uint8_t buf[GDB_PACKET_BYTES];
    uint64_t va, len;
    bool ok = p && gdb_two_hex(&in, &va, &len) && gdb_skip(&in, ":") &&
              len <= sizeof(buf);

    if (ok && binary && (uint64_t)(in.end - in.at) == len)
        memcpy(buf, in.at, len);
    else
        ok = ok && !binary && gdb_bytes(&in, buf, len) && gdb_at_end(&in);
    if (!ok)
        gdb_error(g, EINVAL);
    else if (store_bytes(g, p, va, buf, len) < len)
        gdb_error(g, EFAULT);
    else
        gdb_ok(g);
}
