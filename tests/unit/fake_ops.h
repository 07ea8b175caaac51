/*
 * tests/unit/fake_ops.h - a memory for tests: no CPU, faults by plain calls
 *
 * Owns:    struct world: memory, ADI, swap with a device in host memory
 * Used by: tests/unit/
 */
#pragma once

#include "adi/adi.h"
#include "adi/profile.h"
#include "adi/tags.h"
#include "mm/madvise.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/phys.h"
#include "mm/populate.h"
#include "mm/protect.h"
#include "mm/vma.h"
#include "report/report.h"
#include "swap/swap.h"

struct ram_dev;

struct world {
    struct report *report;
    struct memory *mem;
    struct adi *adi;
    struct swap *swap;
    struct mm *mm;       /* the one process, made by world_create() */
    struct ram_dev *dev; /* of swap, made last */
    unsigned flushes;    /* TLB pages flushed so far */
};

/* world_create - @frames of RAM, @slots of swap (0: none) under a profile */
struct world *world_create(const char *profile, unsigned frames,
                           unsigned slots);
void world_destroy(struct world *w);

/* world_add_swap - another swap device; returns its type */
unsigned world_add_swap(struct world *w, unsigned slots, int priority);

/* The device: the next so many calls fail with -EIO. */
void world_fail_reads(struct world *w, unsigned nr);
void world_fail_writes(struct world *w, unsigned nr);

/* world_map - private anonymous memory; with PROT_ADI when @adi */
gva_t world_map(struct world *w, gva_t at, unsigned pages, bool adi);

/* The program's view: each faults in what it needs, and fails the test
 * when it cannot. */
void world_write(struct world *w, gva_t va, uint8_t byte);
uint8_t world_read(struct world *w, gva_t va);
void world_set_tag(struct world *w, gva_t va, adi_tag_t tag);
void world_set_tags(struct world *w, gva_t va, adi_tag_t tag);
adi_tag_t world_tag(struct world *w, gva_t va);

/* OUT(A) of the design: MADV_PAGEOUT; true when the page left. */
bool world_out(struct world *w, gva_t va);
bool world_resident(struct world *w, gva_t va);
