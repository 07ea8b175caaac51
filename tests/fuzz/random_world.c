// SPDX-License-Identifier: GPL-2.0-or-later
/* The memory under test: its devices, its objects, its first process. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check/check.h"
#include "print/report.h"
#include "random_run.h"

static int dev_read(void *ctx, uint64_t slot, uint8_t *page)
{
    struct device *d = ctx;

    if (d->r->read_in > 0 && --d->r->read_in == 0) {
        d->r->unreadable = true;
        return -EIO;
    }
    memcpy(page, d->pages + slot * PAGE_SIZE, PAGE_SIZE);
    return 0;
}

static int dev_write(void *ctx, uint64_t slot, const uint8_t *page)
{
    struct device *d = ctx;

    if (d->r->write_in > 0 && --d->r->write_in == 0)
        return -EIO;
    memcpy(d->pages + slot * PAGE_SIZE, page, PAGE_SIZE);
    return 0;
}

/* The pages stay, for the next swapon of the device. */
static void dev_close(void *ctx)
{
    struct device *d = ctx;

    d->type = -1;
}

static const struct swapdev_ops dev_ops = {
    .read = dev_read,
    .write = dev_write,
    .close = dev_close,
};

static int file_read(void *ctx, uint64_t index, uint8_t *page)
{
    const struct file *f = ctx;
    uint64_t start = index << PAGE_SHIFT;
    uint64_t n = start < f->size ? f->size - start : 0;

    memset(page, 0, PAGE_SIZE);
    memcpy(page, f->bytes + start, n < PAGE_SIZE ? n : PAGE_SIZE);
    return 0;
}

static int file_write(void *ctx, uint64_t index, const uint8_t *page,
                      size_t bytes)
{
    const struct file *f = ctx;

    memcpy(f->bytes + (index << PAGE_SHIFT), page, bytes);
    return 0;
}

static uint64_t file_size(void *ctx)
{
    const struct file *f = ctx;

    return f->size;
}

static const struct mapping_ops file_ops = {
    .read = file_read,
    .write = file_write,
    .size = file_size,
};

/* One TLB that never throws an entry away by itself. */
static void flush_page(void *ctx, struct mm *mm, gva_t va)
{
    const struct run *r = ctx;

    check_tlb_flush_page(r->check, mm, va);
}

static void flush_mm(void *ctx, struct mm *mm)
{
    const struct run *r = ctx;

    check_tlb_flush_mm(r->check, mm);
}

static void ignore_code(void *ctx, pfn_t pfn, unsigned offset, unsigned len)
{
    (void)ctx, (void)pfn, (void)offset, (void)len;
}

static void ignore_pfn(void *ctx, pfn_t pfn)
{
    (void)ctx, (void)pfn;
}

static const struct tlb_ops tlb_ops = {
    .flush_page = flush_page,
    .flush_mm = flush_mm,
    .flush_icache = ignore_code,
    .flush_tags = ignore_pfn,
};

static unsigned device_slots(const struct run *r, unsigned n)
{
    return n == 0 ? 48 : r->config.slots;
}

void run_device_on(struct run *r, unsigned n)
{
    struct device *d = &r->device[n];

    d->type = swap_on(r->swap, &dev_ops, d, device_slots(r, n) + 1,
                      SWAP_PRIORITY_AUTO);
    if (d->type < 0)
        run_fail(r, "swapon", "device %u gives %d", n, d->type);
    else if (r->config.sync)
        swap_set_synchronous(r->swap, (unsigned)d->type);
}

static void fill_file(struct file *f, unsigned object)
{
    f->size = OBJECT_PAGES * PAGE_SIZE;
    f->bytes = calloc(OBJECT_PAGES, PAGE_SIZE);
    for (unsigned i = 0; object >= FIRST_FILE && i < OBJECT_PAGES; i++)
        for (unsigned b = 0; b < NR_BLOCKS; b++)
            memset(f->bytes + i * PAGE_SIZE + b * ADI_BLKSZ,
                   file_byte(object, i, b), ADI_BLKSZ);
}

static void create_objects(struct run *r)
{
    for (unsigned o = 1; o <= NR_OBJECTS; o++) {
        fill_file(&r->file[o], o);
        if (o < TMPFS)
            r->object[o] =
                mapping_create_shmem(r->mem, OBJECT_PAGES * PAGE_SIZE);
        else if (o == TMPFS)
            r->object[o] = mapping_create_tmpfs(r->mem, &file_ops, &r->file[o]);
        else
            r->object[o] = mapping_create_file(r->mem, &file_ops, &r->file[o]);
    }
}

struct run *run_create(const struct run_config *config)
{
    struct run *r = calloc(1, sizeof(*r));
    struct memory_config mc = {.nr_nodes = 2};
    struct check_config cc = {.level = CHECK_FULL, .own_files = true};

    r->config = *config;
    r->profile = adi_profile_find(config->profile);
    r->hub = hub_create();
    mc.ram_bytes = config->frames * PAGE_SIZE;
    mc.policy = r->profile->policy;
    mc.hub = r->hub;
    r->mem = memory_create(&mc);
    r->adi = adi_create(r->mem, r->profile);
    r->swap = swap_create(r->mem);
    r->judge = judge_create(r->hub, r->adi);
    for (unsigned n = 0; n < NR_DEVICES; n++) {
        r->device[n].r = r;
        r->device[n].pages = calloc(device_slots(r, n) + 1, PAGE_SIZE);
        run_device_on(r, n);
    }
    create_objects(r);
    cc.mem = r->mem;
    cc.adi = r->adi;
    cc.swap = r->swap;
    cc.judge = r->judge;
    r->check = check_create(&cc);
    check_set_pace(r->check, 1); /* judge() sweeps by itself */
    memory_attach_tlb(r->mem, &tlb_ops, r);
    yield_attach(r);
    plain_init(&r->plain, config->layout);
    r->mm[0] = mm_create(r->mem);
    mm_set_mmap_base(r->mm[0], UINT64_C(0x10000000));
    (void)plain_new(&r->plain, 1);
    return r;
}

_Noreturn void run_fail(const struct run *r, const char *what, const char *fmt,
                        ...)
{
    va_list args;

    fprintf(stderr, "FAIL %s: after %u operations, ", what, r->nr_ops);
    va_start(args, fmt);
    (void)vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
    if (r->story_mm)
        report_print_story(r->judge, stderr, r->story_mm, r->story_va);
    _exit(1);
}

struct plain *run_plain(struct run *r)
{
    return &r->plain;
}

unsigned run_nr_pins(const struct run *r)
{
    return r->nr_pins;
}

gva_t run_pin_va(const struct run *r, unsigned n, uint32_t *pid)
{
    *pid = r->pin[n].pid;
    return plain_va(&r->plain, r->pin[n].page);
}
