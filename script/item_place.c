// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The items that say whose memory it is, where, and what is mapped there.
 */
#include <inttypes.h>

#include "mm/mmap.h"
#include "mm/pte.h"
#include "script/items.h"
#include "script/words.h"

#define A_RANGE "a range, such as 0x70000000+16"
#define A_PROT  "a protection: none, r, rw, rx, w, x, wx or rwx"

/* Values of a page number in an object: bytes must fit in 63 bits. */
#define MAX_PGOFF (UINT64_C(1) << (63 - PAGE_SHIFT))

#define MAX_LENGTH (UINT64_C(1) << 20) /* bytes of one copy */

/* -------------------------------------------------------- who, and where */

static bool read_process(struct parser *p)
{
    return parse_process(p, &item_action(p)->pid);
}

static void write_process(struct text *t, const struct script_action *a)
{
    if (a->pid)
        text_put(t, " pid %" PRIu32, a->pid);
}

static bool read_page(struct parser *p, const char *what, gva_t *va)
{
    struct token tok = p->lx.tok;

    if (!parse_number(p, 0, UINT64_MAX, what, va))
        return false;
    if (*va & ~PAGE_MASK)
        return parse_fail(p, tok.col,
                          "0x%llx is inside a page, expected 0x%llx, the "
                          "start of one of 8 KiB",
                          (unsigned long long)*va,
                          (unsigned long long)page_align_down(*va));
    return true;
}

/* "+" PAGES, "-" END, or nothing, which leaves @pages as it is. */
static bool read_length(struct parser *p, gva_t va, uint64_t *pages)
{
    uint64_t room = (UINT64_MAX - va) >> PAGE_SHIFT;
    uint64_t end = 0;

    if (parse_accept(p, "+"))
        return parse_number(p, 1, room,
                            "a number of pages from 1 that fits behind the "
                            "address",
                            pages);
    if (!parse_accept(p, "-"))
        return true;
    if (p->lx.tok.kind == TOKEN_NUMBER && p->lx.tok.value <= va)
        return parse_expected(p, "an address above the start of the range");
    if (!read_page(p, "the address at which the range ends", &end))
        return false;
    *pages = (end - va) >> PAGE_SHIFT;
    return true;
}

static void put_place(struct text *t, gva_t va, uint64_t pages, uint64_t usual)
{
    text_put(t, " 0x%" PRIx64, va);
    if (pages != usual)
        text_put(t, "+%" PRIu64, pages);
}

static bool read_range(struct parser *p)
{
    struct script_action *a = item_action(p);

    a->pages = 1;
    return read_page(p, A_RANGE, &a->va) && read_length(p, a->va, &a->pages);
}

static void write_range(struct text *t, const struct script_action *a)
{
    put_place(t, a->va, a->pages, 1);
}

/* In the course of a fault nothing is the page of the fault. */
static bool read_pages(struct parser *p)
{
    struct script_action *a = item_action(p);

    if (parse_accept(p, "all")) {
        a->pages = UINT64_MAX;
        return true;
    }
    if (p->ev.trigger.when == WHEN_FAULT && a->pid == 0 &&
        p->lx.tok.kind != TOKEN_NUMBER && p->lx.tok.kind != TOKEN_BAD)
        return true;
    if (p->lx.tok.kind == TOKEN_NUMBER)
        return read_range(p);
    return parse_expected(p, A_RANGE ", or \"all\"");
}

static void write_pages(struct text *t, const struct script_action *a)
{
    if (a->pages == UINT64_MAX)
        text_put(t, " all");
    else if (a->pages)
        write_range(t, a);
}

static bool read_address(struct parser *p)
{
    return parse_number(p, 0, UINT64_MAX, "an address", &item_action(p)->va);
}

static void write_address(struct text *t, const struct script_action *a)
{
    text_put(t, " 0x%" PRIx64, a->va);
}

static bool read_to(struct parser *p)
{
    struct script_action *a = item_action(p);

    if (!read_page(p, "the range after it, such as 0x80000000", &a->to))
        return false;
    a->to_pages = a->pages;
    return read_length(p, a->to, &a->to_pages);
}

static void write_to(struct text *t, const struct script_action *a)
{
    put_place(t, a->to, a->to_pages, a->pages);
}

/* ------------------------------------------------------ areas and objects */

static bool read_prot(struct parser *p)
{
    int prot;

    if (!item_accept_word(p, prot_words, &prot))
        return parse_expected(p, A_PROT);
    item_action(p)->prot = (unsigned)prot;
    if (item_accept(p, "adi"))
        item_action(p)->prot |= PROT_G_ADI;
    return true;
}

static void write_prot(struct text *t, const struct script_action *a)
{
    text_put(t, " %s", word_of(prot_words, (int)(a->prot & ~PROT_G_ADI)));
    if (a->prot & PROT_G_ADI)
        text_put(t, " adi");
}

static bool read_sharing(struct parser *p)
{
    if (!item_accept(p, "private"))
        item_action(p)->shared = item_accept(p, "shared");
    return true;
}

static void write_sharing(struct text *t, const struct script_action *a)
{
    text_put(t, a->shared ? " shared" : " private");
}

static bool read_backing(struct parser *p)
{
    struct script_action *a = item_action(p);

    for (const struct word *w = backing_words;; w++) {
        if (!w->word)
            return true;
        if (!item_accept(p, w->word))
            continue;
        a->backing = (enum script_backing)w->value;
        break;
    }
    if (a->backing == BACKING_ANON)
        return true;
    if (p->lx.tok.kind == TOKEN_NUMBER &&
        !item_read_small(p, 1, UINT32_MAX, "the number of an object from 1",
                         &a->object))
        return false;
    return !item_accept(p, "from") ||
           parse_number(p, 0, MAX_PGOFF, "a page of the object", &a->pgoff);
}

static void write_backing(struct text *t, const struct script_action *a)
{
    if (a->backing == BACKING_ANON)
        return;
    text_put(t, " %s", word_of(backing_words, (int)a->backing));
    if (a->object)
        text_put(t, " %" PRIu32, a->object);
    if (a->pgoff)
        text_put(t, " from %" PRIu64, a->pgoff);
}

bool item_accept_object(struct parser *p, bool *ok)
{
    struct script_action *a = item_action(p);

    *ok = true;
    if (parse_accept(p, "shmem"))
        a->backing = BACKING_SHMEM;
    else if (parse_accept(p, "file"))
        a->backing = BACKING_FILE;
    else
        return false;
    *ok = item_read_small(p, 1, UINT32_MAX, "the number of an object from 1",
                          &a->object);
    return true;
}

static bool read_object_pages(struct parser *p)
{
    struct script_action *a = item_action(p);

    a->pages = 1;
    if (!parse_number(p, 0, MAX_PGOFF, "a page of the object", &a->pgoff))
        return false;
    return !item_accept(p, "+") ||
           parse_number(p, 1, MAX_PGOFF, "a number of pages from 1", &a->pages);
}

static void write_object_pages(struct text *t, const struct script_action *a)
{
    text_put(t, " %" PRIu64, a->pgoff);
    if (a->pages != 1)
        text_put(t, "+%" PRIu64, a->pages);
}

static bool read_bytes(struct parser *p)
{
    return parse_number(p, 0, MAX_PGOFF << PAGE_SHIFT, "a number of bytes",
                        &item_action(p)->nr);
}

static bool read_len(struct parser *p)
{
    return parse_number(p, 1, MAX_LENGTH, "a length from 1 to 1048576",
                        &item_action(p)->len);
}

static void write_len(struct text *t, const struct script_action *a)
{
    text_put(t, " %" PRIu64, a->len);
}

static bool read_source(struct parser *p)
{
    return !item_accept(p, "from") ||
           item_read_small(p, 0, 7, "a number from 0 to 7",
                           &item_action(p)->from);
}

static void write_source(struct text *t, const struct script_action *a)
{
    if (a->from)
        text_put(t, " from %" PRIu32, a->from);
}

const struct item_ops place_items[I_NR] = {
    [I_PROCESS] = {read_process, write_process},
    [I_RANGE] = {read_range, write_range},
    [I_PAGES] = {read_pages, write_pages},
    [I_ADDRESS] = {read_address, write_address},
    [I_TO] = {read_to, write_to},
    [I_OBJECT_PAGES] = {read_object_pages, write_object_pages},
    [I_BYTES] = {read_bytes, item_write_number},
    [I_LENGTH] = {read_len, write_len},
    [I_SOURCE] = {read_source, write_source},
    [I_PROT] = {read_prot, write_prot},
    [I_SHARING] = {read_sharing, write_sharing},
    [I_BACKING] = {read_backing, write_backing},
};
