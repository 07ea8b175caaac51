// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What it costs to keep the tags of a page: the model alone, no CPU.
 *
 *   bench_store [-r] [PROFILE] [PAGES...]     default 1000 100000 1000000
 *
 * Per profile, pattern of tags and number of pages: ns a page of the hooks
 * that save and restore tags on the way to swap and back; and, in the same
 * run and over the same frames, of packing 64 bytes, copying them away and
 * back, and unpacking them.  "reported" is both again, with ledger, oracle
 * and history listening.  All pages are saved in the order of their
 * addresses, then all are restored.  -r: lines "ROW NUMBER" for bench/run.
 */
#include <string.h>

#include "adi/adi.h"
#include "adi/profile.h"
#include "adi/tags.h"
#include "bench/measure.h"
#include "event/hub.h"
#include "judge/judge.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/phys.h"
#include "mm/vma.h"

#define ROUNDS 5 /* the median of each number counts */
#define AREA   UINT64_C(0x100000000)

enum pattern { UNIFORM, RUNS_8, MIXED, NR_PATTERNS };

static const char *const pattern_name[] = {"uniform", "8 runs", "mixed"};

/* A memory, one mm with one area, and a frame for each of its pages. */
struct bench {
    struct hub *hub;
    struct judge *judge; /* NULL: nobody listens */
    struct memory *mem;
    struct adi *adi;
    struct mm *mm;
    size_t pages;
    struct hook_args *args;
    uint8_t *away; /* the copy of what is packed */
};

struct result {
    double save, restore; /* ns a page */
    double bytes;         /* of store a page */
};

/* ------------------------------------------------------------ the memory */

static adi_tag_t *tags_of(const struct bench *b, size_t i)
{
    return tagmem_page(adi_tagmem(b->adi), b->args[i].pfn);
}

static void fill_tags(const struct bench *b, enum pattern pattern)
{
    for (size_t i = 0; i < b->pages; i++) {
        adi_tag_t *tags = tags_of(b, i);

        for (unsigned t = 0; t < ADI_TAGS_PER_PAGE; t++) {
            unsigned run = pattern == UNIFORM  ? 0
                           : pattern == RUNS_8 ? t / 16
                                               : t;

            tags[t] = (adi_tag_t)((i + run) % 14 + 1);
        }
    }
}

static void check_tags(const struct bench *b, enum pattern pattern)
{
    const adi_tag_t *last = tags_of(b, b->pages - 1);
    unsigned run = pattern == UNIFORM  ? 0
                   : pattern == RUNS_8 ? 7
                                       : ADI_TAGS_PER_PAGE - 1;

    if (last[ADI_TAGS_PER_PAGE - 1] != (b->pages - 1 + run) % 14 + 1) {
        fprintf(stderr, "bench_store: the tags did not come back\n");
        exit(1);
    }
}

/* What the paths hand to the hooks, for each page. */
static void prepare_args(struct bench *b)
{
    struct mmap_args mmap_args = {
        .addr = AREA,
        .len = b->pages * PAGE_SIZE,
        .prot = PROT_G_READ | PROT_G_WRITE | PROT_G_ADI,
        .flags = MAP_G_PRIVATE | MAP_G_ANONYMOUS | MAP_G_FIXED};
    const struct vma *vma;
    gva_t start;

    if (mm_mmap(b->mm, &mmap_args, &start) != 0)
        must(NULL);
    vma = must(vma_lookup(b->mm, start));
    b->args = must(calloc(b->pages, sizeof(*b->args)));
    for (size_t i = 0; i < b->pages; i++) {
        pfn_t pfn = (pfn_t)(i + 1); /* frame 0 is the zero page */

        b->args[i] = (struct hook_args){.mm = b->mm,
                                        .vma = vma,
                                        .addr = start + i * PAGE_SIZE,
                                        .pte = mk_pte(pfn, vma->page_prot),
                                        .pfn = pfn,
                                        .entry = swp_entry(0, i + 1)};
    }
}

static void bench_init(struct bench *b, const struct adi_profile *profile,
                       size_t pages, bool reported)
{
    struct memory_config config = {.ram_bytes = (pages + 64) * PAGE_SIZE,
                                   .nr_nodes = 1,
                                   .policy = profile->policy};

    *b = (struct bench){.pages = pages};
    b->hub = must(hub_create());
    config.hub = b->hub;
    b->mem = must(memory_create(&config));
    b->adi = must(adi_create(b->mem, profile));
    if (reported)
        b->judge = must(judge_create(b->hub, b->adi));
    b->mm = must(mm_create(b->mem));
    b->away = must(malloc(pages * ADI_TAG_BYTES));
    prepare_args(b);
}

static void bench_fini(struct bench *b)
{
    free(b->args);
    free(b->away);
    mm_put(b->mm);
    memory_destroy(b->mem);
    judge_destroy(b->judge);
    adi_destroy(b->adi);
    hub_destroy(b->hub);
}

/* ----------------------------------------------------------- what is timed */

/* The way out and the way in, as far as a kernel's tag store can see it. */
static const enum arch_hook hooks_out[] = {HOOK_UNMAP_SWAP, HOOK_SWAP_WRITE};
static const enum arch_hook hooks_in[] = {HOOK_SWAP_RESTORE, HOOK_SWAPIN_EARLY,
                                          HOOK_SWAPIN_SET_PTE, HOOK_SWAPIN_LATE,
                                          HOOK_SWAP_INVALIDATE};

/* Those of @from[0..@nr) in which the profile does anything. */
static size_t choose(const struct adi_profile *profile,
                     const enum arch_hook *from, size_t nr, enum arch_hook *out)
{
    size_t chosen = 0;

    for (size_t i = 0; i < nr; i++)
        if (profile->hooks[from[i]])
            out[chosen++] = from[i];
    return chosen;
}

/* Call the hooks page by page; returns the pages for which they worked. */
static size_t call_hooks(struct bench *b, const enum arch_hook *hooks,
                         size_t nr)
{
    for (size_t i = 0; i < b->pages; i++)
        for (size_t h = 0; h < nr; h++)
            if (memory_hook(b->mem, hooks[h], &b->args[i]) != 0)
                return i;
    return b->pages;
}

/* The frames were read from the device since: a store that is keyed by slot
 * restores only then. */
static void mark_read(struct bench *b)
{
    for (size_t i = 0; i < b->pages; i++)
        folio_set(phys_folio(memory_phys(b->mem), b->args[i].pfn),
                  PG_tags_away);
}

/* May lower b->pages to what the store can hold. */
static struct result time_hooks(struct bench *b, enum pattern pattern)
{
    const struct adi_profile *profile = adi_profile(b->adi);
    enum arch_hook out[HOOK_NR], in[HOOK_NR];
    size_t nr_out = choose(profile, hooks_out,
                           sizeof(hooks_out) / sizeof(hooks_out[0]), out);
    size_t nr_in =
        choose(profile, hooks_in, sizeof(hooks_in) / sizeof(hooks_in[0]), in);
    double save[ROUNDS], restore[ROUNDS];
    struct result r = {0};

    /* Round -1 warms up, and finds the limit. */
    for (int round = -1; round < ROUNDS; round++) {
        double start = now_ns(), middle;

        b->pages = call_hooks(b, out, nr_out);
        middle = now_ns();
        /* Later rounds may have leaked some. */
        if (round < 0)
            r.bytes = (double)adi_store_use(b->adi).bytes / (double)b->pages;
        else
            save[round] = (middle - start) / (double)b->pages;
        mark_read(b);
        middle = now_ns();
        (void)call_hooks(b, in, nr_in);
        if (round >= 0)
            restore[round] = (now_ns() - middle) / (double)b->pages;
        check_tags(b, pattern);
    }
    r.save = median(save, ROUNDS);
    r.restore = median(restore, ROUNDS);
    return r;
}

/* The least that any store does: pack, copy, copy back, unpack. */
static struct result time_packing(struct bench *b, enum pattern pattern)
{
    double save[ROUNDS], restore[ROUNDS];
    uint8_t packed[ADI_TAG_BYTES];
    struct result r = {.bytes = ADI_TAG_BYTES};

    for (int round = -1; round < ROUNDS; round++) {
        double start = now_ns(), middle;

        for (size_t i = 0; i < b->pages; i++) {
            tags_pack(packed, tags_of(b, i));
            memcpy(b->away + i * ADI_TAG_BYTES, packed, ADI_TAG_BYTES);
        }
        middle = now_ns();
        for (size_t i = 0; i < b->pages; i++) {
            memcpy(packed, b->away + i * ADI_TAG_BYTES, ADI_TAG_BYTES);
            tags_unpack(tags_of(b, i), packed);
        }
        if (round >= 0) {
            save[round] = (middle - start) / (double)b->pages;
            restore[round] = (now_ns() - middle) / (double)b->pages;
        }
        check_tags(b, pattern);
    }
    r.save = median(save, ROUNDS);
    r.restore = median(restore, ROUNDS);
    return r;
}

/* --------------------------------------------------------------- the table */

static void print_row(const struct adi_profile *profile, enum pattern pattern,
                      size_t pages, size_t asked, const struct result *r,
                      const struct result *base, const struct result *reported)
{
    double both = r->save + r->restore, least = base->save + base->restore;

    printf("%-16s %-8s %9zu %8.1f %8.1f %8.1f %8.1f %6.1fx %8.1f %8.1f%s\n",
           profile->name, pattern_name[pattern], pages, r->save, r->restore,
           both, least, both / least, r->bytes,
           reported->save + reported->restore,
           pages < asked ? "  its maximum" : "");
    fflush(stdout);
}

static void print_rows(const struct adi_profile *profile, enum pattern pattern,
                       size_t pages, const struct result *r,
                       const struct result *base)
{
    char name[64];

    row_name(name, sizeof(name), profile->name, pattern_name[pattern]);
    printf("store_%s_%zu %.2f\n", name, pages, r->save + r->restore);
    printf("packing_%s_%zu %.2f\n", name, pages, base->save + base->restore);
    printf("bytes_%s_%zu %.2f\n", name, pages, r->bytes);
    fflush(stdout);
}

static void run(const struct adi_profile *profile, enum pattern pattern,
                size_t pages, bool rows)
{
    struct result r, base, reported = {0};
    size_t most;
    struct bench b;

    if (!rows) {
        bench_init(&b, profile, pages, true);
        fill_tags(&b, pattern);
        reported = time_hooks(&b, pattern);
        bench_fini(&b);
    }
    bench_init(&b, profile, pages, false);
    fill_tags(&b, pattern);
    r = time_hooks(&b, pattern);
    base = time_packing(&b, pattern);
    most = b.pages;
    bench_fini(&b);
    if (rows)
        print_rows(profile, pattern, most, &r, &base);
    else
        print_row(profile, pattern, most, pages, &r, &base, &reported);
}

static void run_profile(const struct adi_profile *profile, char **pages,
                        bool rows)
{
    static const size_t usual[] = {1000, 100000, 1000000, 0};

    for (int pattern = 0; pattern < NR_PATTERNS; pattern++) {
        for (size_t i = 0; *pages ? pages[i] != NULL : usual[i] != 0; i++) {
            size_t nr = *pages ? strtoul(pages[i], NULL, 0) : usual[i];

            if (nr == 0)
                exit(2);
            run(profile, (enum pattern)pattern, nr, rows);
        }
    }
}

/* Is it the store of an earlier profile, with the same hooks?  The core has
 * no part in what is measured here. */
static bool was_measured(unsigned n)
{
    const struct adi_profile *profile = adi_profile_nth(n);

    for (unsigned i = 0; i < n; i++) {
        const struct adi_profile *p = adi_profile_nth(i);

        if (p->store == profile->store &&
            memcmp(p->hooks, profile->hooks, sizeof(p->hooks)) == 0)
            return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    const struct adi_profile *profile, *only = NULL;
    bool rows;

    (void)argc;
    argv++;
    rows = *argv && strcmp(*argv, "-r") == 0;
    argv += rows;
    if (*argv) {
        only = adi_profile_find(*argv);
        argv += only != NULL;
    }
    if (!rows)
        printf("%-16s %-8s %9s %8s %8s %8s %8s %7s %8s %8s\n", "profile",
               "tags", "pages", "save", "restore", "both ns", "packing", "",
               "bytes", "reported");
    for (unsigned n = 0; (profile = adi_profile_nth(n)) != NULL; n++)
        if (only ? profile == only : !was_measured(n))
            run_profile(profile, argv, rows);
    return 0;
}
