// SPDX-License-Identifier: GPL-2.0-or-later
/* What a program must see, in the plainest way to write it down. */
#include <string.h>

#include "mm/mmap.h"
#include "random.h"

/*
 * Where the pages are.  0: runs of 24 pages, 4 MiB apart, so that ranges of
 * the kernel's tag store overlap; 1: one dense run; 2: single pages 8 MiB
 * apart, and a run, for stores that run out of descriptors; 3: as 0, the
 * second half above the hole of addresses.
 */
#define BASE      UINT64_C(0x70000000)
#define HIGH_BASE UINT64_C(0xfff8000270000000)
#define RUN       24

static const uint64_t run_distance[NR_LAYOUTS] = {
    UINT64_C(4) << 20, RUN *PAGE_SIZE, UINT64_C(8) << 20, UINT64_C(4) << 20};

static unsigned run_pages(unsigned layout)
{
    return layout == 2 ? 4 : RUN;
}

void plain_init(struct plain *p, unsigned layout)
{
    memset(p, 0, sizeof(*p));
    p->layout = layout;
    for (unsigned o = 1; o <= NR_OBJECTS; o++) {
        p->object[o].size = OBJECT_PAGES * PAGE_SIZE;
        plain_zero(p, o, 0, OBJECT_PAGES * NR_BLOCKS);
        for (unsigned i = 0; o >= FIRST_FILE && i < OBJECT_PAGES; i++)
            for (unsigned b = 0; b < NR_BLOCKS; b++)
                p->object[o].page[i].byte[b] = file_byte(o, i, b);
    }
}

/* Tags of a file's pages are those that the frame happens to have. */
void plain_zero(struct plain *p, unsigned object, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        struct content *c = &p->object[object].page[i / NR_BLOCKS];

        c->byte[i % NR_BLOCKS] = 0;
        c->any[i % NR_BLOCKS] = false;
        c->known[i % NR_BLOCKS] = object < FIRST_FILE;
    }
}

unsigned plain_object_pages(const struct plain *p, unsigned object)
{
    return (unsigned)(page_align_up(p->object[object].size) >> PAGE_SHIFT);
}

uint8_t file_byte(unsigned object, unsigned pgoff, unsigned block)
{
    return (uint8_t)(object * 97 + pgoff * 31 + block * 7 + 1);
}

gva_t layout_va(unsigned layout, unsigned i)
{
    unsigned run = run_pages(layout);
    bool high = layout == 3 && i >= NR_PAGES / 2;

    return (high ? HIGH_BASE : BASE) + i / run * run_distance[layout] +
           i % run * PAGE_SIZE;
}

int layout_index(unsigned layout, gva_t va)
{
    for (unsigned i = 0; i < NR_PAGES; i++)
        if (layout_va(layout, i) == page_align_down(va))
            return (int)i;
    return -1;
}

gva_t plain_va(const struct plain *p, unsigned i)
{
    return layout_va(p->layout, i);
}

int plain_index(const struct plain *p, gva_t va)
{
    return layout_index(p->layout, va);
}

bool plain_is_run(const struct plain *p, unsigned i, unsigned n)
{
    return n > 0 && i + n <= NR_PAGES &&
           plain_va(p, i + n - 1) == plain_va(p, i) + (n - 1) * PAGE_SIZE;
}

struct plain_proc *plain_find(struct plain *p, uint32_t pid)
{
    for (unsigned i = 0; pid && i < MAX_PROCS; i++)
        if (p->proc[i].pid == pid)
            return &p->proc[i];
    return NULL;
}

struct plain_proc *plain_new(struct plain *p, uint32_t pid)
{
    for (unsigned i = 0; i < MAX_PROCS; i++)
        if (p->proc[i].pid == 0) {
            memset(&p->proc[i], 0, sizeof(p->proc[i]));
            p->proc[i].pid = pid;
            return &p->proc[i];
        }
    return NULL;
}

struct content *plain_content(struct plain *p, struct plain_page *page)
{
    return page->object && !page->own
               ? &p->object[page->object].page[page->pgoff]
               : &page->c;
}

void plain_fresh(struct plain_page *page)
{
    memset(&page->c, 0, sizeof(page->c));
    memset(page->c.known, 1, sizeof(page->c.known));
    page->own = false;
    page->may_vanish = false;
    page->dead = false;
}

void plain_own(const struct plain *p, struct plain_page *page)
{
    if (!page->object || page->own || page->shared)
        return;
    page->c = p->object[page->object].page[page->pgoff];
    page->own = true;
    /* Tags that it did not set itself are nobody's promise. */
    memset(page->c.known, 0, sizeof(page->c.known));
}
