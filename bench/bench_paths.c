// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What tags cost on the paths of the memory manager: the model, no CPU.
 *
 *   bench_paths [-r] [PROFILE] [PAGES]      default 100000 pages
 *
 * One process has PAGES private pages in swap; the device keeps nothing, so
 * that its time does not count.  Per profile and path: ns a page without
 * tags, what one tag a page and 128 different ones add to that, and what it
 * takes to pack, copy and unpack the tags of a page beside it, in the same
 * run.  "reported" is what 128 tags add when ledger, oracle and history
 * listen.  The last line of a profile has the bytes that the tag store needs
 * for a page in swap.  -r: lines "ROW NUMBER" for bench/run.
 */
#include <string.h>

#include "adi/adi.h"
#include "adi/profile.h"
#include "adi/tags.h"
#include "bench/measure.h"
#include "event/hub.h"
#include "judge/judge.h"
#include "migrate/migrate.h"
#include "mm/fault.h"
#include "mm/fork.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/phys.h"
#include "mm/protect.h"
#include "mm/vma.h"
#include "swap/swap.h"
#include "swap/swapoff.h"

#define ROUNDS    3
#define BATCH     1000 /* pages that are in memory at a time */
#define FEW_BYTES ((BATCH + 1000) * PAGE_SIZE)
#define AREA      UINT64_C(0x100000000)
#define ELSEWHERE UINT64_C(0x40000000000)

enum kind { PLAIN, UNIFORM, MIXED, REPORTED_PLAIN, REPORTED, NR_KINDS };

enum path {
    OUT,
    IN,
    MIGRATE,
    FORK,
    EXIT,
    MREMAP,
    ZAP,
    ZAP_EACH,
    SWAPOFF,
    NR_BENCH_PATHS
};

static const char *const path_text[] = {
    [OUT] = "swap out",
    [IN] = "swap in",
    [MIGRATE] = "migrate",
    [FORK] = "fork",
    [EXIT] = "exit of the child",
    [MREMAP] = "mremap",
    [ZAP] = "munmap",
    [ZAP_EACH] = "munmap page by page",
    [SWAPOFF] = "swapoff",
};

struct times {
    double ns[NR_BENCH_PATHS]; /* a page */
    double bytes;              /* of store, for a page in swap */
};

struct bench {
    enum kind kind;
    struct hub *hub;
    struct judge *judge; /* NULL: nobody listens */
    struct memory *mem;
    struct adi *adi;
    struct swap *swap;
    struct mm *mm;
    size_t pages;
};

/* ------------------------------------------------ a device without pages */

static int dev_read(void *dev, uint64_t slot, uint8_t *page)
{
    (void)dev, (void)slot, (void)page;
    return 0;
}

static int dev_write(void *dev, uint64_t slot, const uint8_t *page)
{
    (void)dev, (void)slot, (void)page;
    return 0;
}

static void dev_close(void *dev)
{
    (void)dev;
}

static const struct swapdev_ops dev_ops = {
    .read = dev_read, .write = dev_write, .close = dev_close};

/* ----------------------------------------------------------- the process */

static void check(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench_paths: %s failed\n", what);
    exit(1);
}

static void bench_init(struct bench *b, const struct adi_profile *profile,
                       enum kind kind, size_t pages, uint64_t ram)
{
    struct memory_config config = {
        .ram_bytes = ram, .nr_nodes = 1, .policy = profile->policy};
    bool reported = kind == REPORTED || kind == REPORTED_PLAIN;
    struct mmap_args args = {
        .addr = AREA,
        .len = pages * PAGE_SIZE,
        .prot = PROT_G_READ | PROT_G_WRITE |
                (kind == PLAIN || kind == REPORTED_PLAIN ? 0 : PROT_G_ADI),
        .flags = MAP_G_PRIVATE | MAP_G_ANONYMOUS | MAP_G_FIXED};
    gva_t at;

    *b = (struct bench){.kind = kind, .pages = pages};
    b->hub = must(hub_create());
    config.hub = b->hub;
    b->mem = must(memory_create(&config));
    /* The host's own page faults are no part of it. */
    memset(phys_ram(memory_phys(b->mem)), 1, ram);
    b->adi = must(adi_create(b->mem, profile));
    if (reported)
        b->judge = must(judge_create(b->hub, b->adi));
    memset(tagmem_page(adi_tagmem(b->adi), 0), 0,
           ram / PAGE_SIZE * ADI_TAGS_PER_PAGE);
    b->swap = must(swap_create(b->mem));
    check(swap_on(b->swap, &dev_ops, NULL, pages + BATCH, 0) == 0, "swapon");
    b->mm = must(mm_create(b->mem));
    check(mm_mmap(b->mm, &args, &at) == 0, "mmap");
}

static void bench_fini(struct bench *b)
{
    mm_put(b->mm);
    swap_destroy(b->swap);
    memory_destroy(b->mem);
    judge_destroy(b->judge);
    adi_destroy(b->adi);
    hub_destroy(b->hub);
}

static gva_t va_of(size_t page)
{
    return AREA + page * PAGE_SIZE;
}

static struct folio *folio_of(const struct bench *b, size_t page)
{
    const pte_t *ptep = mm_pte(b->mm, va_of(page));

    check(ptep && pte_present(*ptep), "a fault");
    return phys_folio(memory_phys(b->mem), pte_pfn(*ptep));
}

static void set_tags(const struct bench *b, size_t page)
{
    adi_tag_t *tags = tagmem_page(adi_tagmem(b->adi),
                                  memory_folio_pfn(b->mem, folio_of(b, page)));

    if (b->kind == PLAIN || b->kind == REPORTED_PLAIN)
        return;
    for (unsigned i = 0; i < ADI_TAGS_PER_PAGE; i++) {
        unsigned tag = b->kind == UNIFORM ? (unsigned)page : (unsigned)page + i;

        tags[i] = (adi_tag_t)(tag % 14 + 1);
        if (b->judge)
            judge_tag_store(b->judge, mm_id(b->mm), va_of(page) + i * ADI_BLKSZ,
                            tags[i], 0);
    }
}

static void touch(struct bench *b, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        check(mm_handle_fault(b->mm, va_of(i), ACCESS_WRITE) == FAULT_OK,
              "a fault");
}

/* All pages into swap; returns the ns that took. */
static double fill(struct bench *b)
{
    double ns = 0;

    for (size_t i = 0; i < b->pages; i += BATCH) {
        size_t end = i + BATCH < b->pages ? i + BATCH : b->pages;
        double start;

        touch(b, i, end);
        for (size_t page = i; page < end; page++)
            set_tags(b, page);
        start = now_ns();
        for (size_t page = i; page < end; page++)
            check(swap_out_folio(b->swap, folio_of(b, page)), "swap-out");
        ns += now_ns() - start;
    }
    return ns;
}

/* ------------------------------------------------------------- the paths */

static void time_whole(struct bench *b, struct times *t)
{
    uint64_t len = b->pages * PAGE_SIZE;
    size_t each = b->pages / 10;
    double pages = (double)b->pages, start;
    struct mm *child;
    gva_t at;

    t->ns[OUT] = fill(b) / pages;
    t->bytes = (double)adi_store_use(b->adi).bytes / pages;

    start = now_ns();
    check(mm_fork(b->mm, &child) == 0, "fork");
    t->ns[FORK] = (now_ns() - start) / pages;

    start = now_ns();
    mm_put(child);
    t->ns[EXIT] = (now_ns() - start) / pages;

    start = now_ns();
    check(mm_mremap(b->mm, AREA, len, len, MREMAP_G_MAYMOVE | MREMAP_G_FIXED,
                    ELSEWHERE, &at) == 0,
          "mremap");
    t->ns[MREMAP] = (now_ns() - start) / pages;

    start = now_ns();
    for (size_t i = 1; i <= each; i++)
        check(mm_munmap(b->mm, ELSEWHERE + (b->pages - i) * PAGE_SIZE,
                        PAGE_SIZE) == 0,
              "munmap");
    t->ns[ZAP_EACH] = (now_ns() - start) / (double)each;

    start = now_ns();
    check(mm_munmap(b->mm, ELSEWHERE, len) == 0, "munmap");
    t->ns[ZAP] = (now_ns() - start) / (double)(b->pages - each);
}

/* Pages in memory, a batch of them. */
static void time_batches(struct bench *b, struct times *t)
{
    double in = 0, migrate = 0;

    (void)fill(b);
    for (size_t i = 0; i + BATCH <= b->pages; i += BATCH) {
        double start = now_ns(), middle;

        touch(b, i, i + BATCH);
        middle = now_ns();
        for (size_t page = i; page < i + BATCH; page++)
            check(migrate_folio(b->mem, folio_of(b, page), 0) == 0,
                  "migration");
        migrate += now_ns() - middle;
        in += middle - start;
        check(mm_munmap(b->mm, va_of(i), BATCH * PAGE_SIZE) == 0, "munmap");
    }
    t->ns[IN] = in / (double)b->pages;
    t->ns[MIGRATE] = migrate / (double)b->pages;
}

static bool go_on(void *ctx)
{
    (void)ctx;
    return false;
}

static void time_swapoff(struct bench *b, struct times *t)
{
    uint64_t stuck;
    double start;

    (void)fill(b);
    start = now_ns();
    check(swap_off(b->swap, 0, go_on, NULL, &stuck) == 0, "swapoff");
    t->ns[SWAPOFF] = (now_ns() - start) / (double)b->pages;
}

static void measure(const struct adi_profile *profile, enum kind kind,
                    size_t pages, struct times *out)
{
    double samples[NR_BENCH_PATHS][ROUNDS];
    struct times t;

    for (int round = 0; round < ROUNDS; round++) {
        struct bench b;

        bench_init(&b, profile, kind, pages, FEW_BYTES);
        time_whole(&b, &t);
        bench_fini(&b);
        bench_init(&b, profile, kind, pages, FEW_BYTES);
        time_batches(&b, &t);
        bench_fini(&b);
        bench_init(&b, profile, kind, pages, pages * PAGE_SIZE + FEW_BYTES);
        time_swapoff(&b, &t);
        bench_fini(&b);
        for (int p = 0; p < NR_BENCH_PATHS; p++)
            samples[p][round] = t.ns[p];
    }
    for (int p = 0; p < NR_BENCH_PATHS; p++)
        out->ns[p] = median(samples[p], ROUNDS);
    out->bytes = t.bytes;
}

/* ------------------------------------------------------------- the table */

/* Packing, copying away, copying back and unpacking, ns a page. */
static double time_packing(size_t pages)
{
    uint8_t packed[ADI_TAG_BYTES], *away = must(malloc(pages * ADI_TAG_BYTES));
    adi_tag_t *tags = must(malloc(pages * ADI_TAGS_PER_PAGE));
    double samples[ROUNDS];

    for (size_t i = 0; i < pages * ADI_TAGS_PER_PAGE; i++)
        tags[i] = (adi_tag_t)(i % 14 + 1);
    for (int round = -1; round < ROUNDS; round++) {
        double start = now_ns();

        for (size_t i = 0; i < pages; i++) {
            tags_pack(packed, tags + i * ADI_TAGS_PER_PAGE);
            memcpy(away + i * ADI_TAG_BYTES, packed, sizeof(packed));
        }
        for (size_t i = 0; i < pages; i++) {
            memcpy(packed, away + i * ADI_TAG_BYTES, sizeof(packed));
            tags_unpack(tags + i * ADI_TAGS_PER_PAGE, packed);
        }
        if (round >= 0)
            samples[round] = (now_ns() - start) / (double)pages;
    }
    free(away);
    free(tags);
    return median(samples, ROUNDS);
}

static void run_rows(const struct adi_profile *profile, size_t pages)
{
    static const char *const kind_text[] = {"plain", "uniform", "mixed"};

    for (int kind = PLAIN; kind <= MIXED; kind++) {
        struct times t;
        char name[64];

        measure(profile, (enum kind)kind, pages, &t);
        for (int p = 0; p < NR_BENCH_PATHS; p++) {
            row_name(name, sizeof(name), profile->name, path_text[p]);
            printf("%s_%s %.2f\n", name, kind_text[kind], t.ns[p]);
        }
    }
    fflush(stdout);
}

static void run(const struct adi_profile *profile, size_t pages)
{
    double packing = time_packing(pages);
    struct times t[NR_KINDS];

    for (int kind = 0; kind < NR_KINDS; kind++)
        measure(profile, (enum kind)kind, pages, &t[kind]);
    for (int p = 0; p < NR_BENCH_PATHS; p++)
        printf("%-16s %-19s %9zu %8.1f %+9.1f %+9.1f %8.1f %6.1fx %+9.1f\n",
               profile->name, path_text[p], pages, t[PLAIN].ns[p],
               t[UNIFORM].ns[p] - t[PLAIN].ns[p],
               t[MIXED].ns[p] - t[PLAIN].ns[p], packing,
               (t[MIXED].ns[p] - t[PLAIN].ns[p]) / packing,
               t[REPORTED].ns[p] - t[REPORTED_PLAIN].ns[p]);
    printf("%-16s %-19s %9zu %8.1f %9.1f %9.1f\n", profile->name,
           "bytes in the store", pages, t[PLAIN].bytes, t[UNIFORM].bytes,
           t[MIXED].bytes);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const struct adi_profile *profile, *only = NULL;
    size_t pages;
    bool rows;

    (void)argc;
    argv++;
    rows = *argv && strcmp(*argv, "-r") == 0;
    argv += rows;
    if (*argv) {
        only = adi_profile_find(*argv);
        argv += only != NULL;
    }
    pages = *argv ? strtoul(*argv, NULL, 0) : 100000;
    if (pages < BATCH)
        return 2;
    pages -= pages % BATCH;
    if (!rows)
        printf("%-16s %-19s %9s %8s %9s %9s %8s %7s %9s\n", "profile", "path",
               "pages", "plain ns", "uniform", "mixed", "packing", "",
               "reported");
    for (unsigned n = 0; (profile = adi_profile_nth(n)) != NULL; n++)
        if (!only || profile == only)
            (rows ? run_rows : run)(profile, pages);
    return 0;
}
