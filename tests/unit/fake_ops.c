#include "fake_ops.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

struct ram_dev {
    uint8_t *pages;
    unsigned fail_reads, fail_writes;
};

static int dev_read(void *dev, uint64_t slot, uint8_t *page)
{
    struct ram_dev *d = dev;

    if (d->fail_reads) {
        d->fail_reads--;
        return -EIO;
    }
    memcpy(page, d->pages + slot * PAGE_SIZE, PAGE_SIZE);
    return 0;
}

static int dev_write(void *dev, uint64_t slot, const uint8_t *page)
{
    struct ram_dev *d = dev;

    if (d->fail_writes) {
        d->fail_writes--;
        return -EIO;
    }
    memcpy(d->pages + slot * PAGE_SIZE, page, PAGE_SIZE);
    return 0;
}

static void dev_close(void *dev)
{
    struct ram_dev *d = dev;

    free(d->pages);
    free(d);
}

static const struct swapdev_ops dev_ops = {
    .read = dev_read,
    .write = dev_write,
    .close = dev_close,
};

static void count_flush(void *ctx, struct mm *mm, gva_t va)
{
    struct world *w = ctx;

    (void)mm;
    (void)va;
    w->flushes++;
}

static void ignore_mm(void *ctx, struct mm *mm)
{
    (void)ctx;
    (void)mm;
}

static void ignore_pfn(void *ctx, pfn_t pfn)
{
    (void)ctx;
    (void)pfn;
}

static const struct tlb_ops tlb_ops = {
    .flush_page = count_flush,
    .flush_mm = ignore_mm,
    .flush_icache = ignore_pfn,
    .flush_tags = ignore_pfn,
};

unsigned world_add_swap(struct world *w, unsigned slots, int priority)
{
    struct ram_dev *dev = calloc(1, sizeof(*dev));
    int type;

    assert_non_null(dev);
    dev->pages = calloc(slots + 1, PAGE_SIZE);
    assert_non_null(dev->pages);
    type = swap_on(w->swap, &dev_ops, dev, slots + 1, priority);
    assert_true(type >= 0);
    w->dev = dev;
    return (unsigned)type;
}

struct world *world_create(const char *profile, unsigned frames, unsigned slots)
{
    const struct adi_profile *p = adi_profile_find(profile);
    struct world *w = calloc(1, sizeof(*w));
    struct memory_config config = {.ram_bytes = frames * PAGE_SIZE,
                                   .nr_nodes = 1};

    assert_non_null(w);
    assert_non_null(p);
    w->report = report_create();
    assert_non_null(w->report);
    config.report = w->report;
    config.policy = p->policy;
    w->mem = memory_create(&config);
    assert_non_null(w->mem);
    w->adi = adi_create(w->mem, p);
    w->swap = swap_create(w->mem);
    assert_non_null(w->adi);
    assert_non_null(w->swap);
    memory_attach_tlb(w->mem, &tlb_ops, w);
    if (slots)
        assert_int_equal(world_add_swap(w, slots, SWAP_PRIORITY_AUTO), 0);
    w->mm = mm_create(w->mem);
    assert_non_null(w->mm);
    mm_set_mmap_base(w->mm, UINT64_C(0x70000000));
    return w;
}

void world_destroy(struct world *w)
{
    if (w->mm)
        mm_put(w->mm);
    swap_destroy(w->swap);
    memory_destroy(w->mem);
    adi_destroy(w->adi);
    report_destroy(w->report);
    free(w);
}

void world_fail_reads(struct world *w, unsigned nr)
{
    w->dev->fail_reads = nr;
}

void world_fail_writes(struct world *w, unsigned nr)
{
    w->dev->fail_writes = nr;
}

gva_t world_map(struct world *w, gva_t at, unsigned pages, bool adi)
{
    struct mmap_args args = {
        .addr = at,
        .len = pages * PAGE_SIZE,
        .prot = PROT_G_READ | PROT_G_WRITE | (adi ? PROT_G_ADI : 0),
        .flags = MAP_G_PRIVATE | MAP_G_ANONYMOUS | (at ? MAP_G_FIXED : 0)};
    gva_t out;

    assert_int_equal(mm_mmap(w->mm, &args, &out), 0);
    return out;
}

static struct folio *page(struct world *w, gva_t va, enum access access)
{
    struct folio *folio;

    assert_int_equal(mm_get_page(w->mm, va, access, &folio), FAULT_OK);
    return folio;
}

void world_write(struct world *w, gva_t va, uint8_t byte)
{
    struct folio *folio = page(w, va, ACCESS_WRITE);

    memory_folio_bytes(w->mem, folio)[page_offset(va)] = byte;
}

uint8_t world_read(struct world *w, gva_t va)
{
    struct folio *folio = page(w, va, ACCESS_READ);

    return memory_folio_bytes(w->mem, folio)[page_offset(va)];
}

void world_set_tag(struct world *w, gva_t va, adi_tag_t tag)
{
    pfn_t pfn = memory_folio_pfn(w->mem, page(w, va, ACCESS_WRITE));

    tagmem_page(adi_tagmem(w->adi), pfn)[page_offset(va) / ADI_BLKSZ] = tag;
    report_tag_store(w->report, mm_id(w->mm), va, tag);
}

void world_set_tags(struct world *w, gva_t va, adi_tag_t tag)
{
    pfn_t pfn = memory_folio_pfn(w->mem, page(w, va, ACCESS_WRITE));
    adi_tag_t *tags = tagmem_page(adi_tagmem(w->adi), pfn);

    for (unsigned i = 0; i < ADI_TAGS_PER_PAGE; i++) {
        tags[i] = tag;
        report_tag_store(w->report, mm_id(w->mm),
                         page_align_down(va) + i * ADI_BLKSZ, tag);
    }
}

adi_tag_t world_tag(struct world *w, gva_t va)
{
    pfn_t pfn = memory_folio_pfn(w->mem, page(w, va, ACCESS_READ));

    return tagmem_page(adi_tagmem(w->adi), pfn)[page_offset(va) / ADI_BLKSZ];
}

bool world_out(struct world *w, gva_t va)
{
    assert_int_equal(
        mm_madvise(w->mm, page_align_down(va), PAGE_SIZE, MADV_G_PAGEOUT), 0);
    return !world_resident(w, va);
}

bool world_resident(struct world *w, gva_t va)
{
    const pte_t *ptep = mm_pte(w->mm, va);

    return ptep && pte_present(*ptep);
}
