// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/leak_records.h"

#include <stdlib.h>

#include "judge/internal.h"

static void *must(void *p)
{
    if (!p)
        abort(); /* books with a page missing prove nothing */
    return p;
}

static void add(struct leak_records *list, size_t n, const struct leak *leak,
                enum cause_id cause)
{
    const struct page_range pages = {.mm = leak->mm,
                                     .object = leak->object,
                                     .start = leak->start,
                                     .end = leak->end};
    size_t nr = list->records.nr;
    size_t rec = records_add(&list->records, leak->kind, cause,
                             leak->cut.nr ? &leak->cut : &leak->alloc, &pages);

    if (rec == nr) {
        list->sums = must(realloc(list->sums, (nr + 1) * sizeof(*list->sums)));
        list->sums[rec] = (struct leak){.kind = leak->kind};
    }
    list->sums[rec].count += leak->count;
    list->sums[rec].bytes += leak->bytes;
    list->sums[rec].users += leak->users;
    list->sums[rec].leaked += leak->leaked;
    list->of[n] = rec;
    list->listed[n] = records_keep(&list->records, rec);
}

void leak_records_init(struct leak_records *list, const struct judge *j)
{
    size_t nr = ledger_nr_leaks(j->ledger);

    *list = (struct leak_records){
        .records = {.all = !judge_keeps_few(j)},
        .of = must(calloc(nr + 1, sizeof(*list->of))),
        .listed = must(calloc(nr + 1, sizeof(*list->listed)))};
    for (size_t i = 0; i < nr; i++) {
        const struct leak *leak = ledger_leak(j->ledger, i);

        add(list, i, leak, cause_of_leak(j, leak).id);
    }
}

void leak_records_fini(struct leak_records *list)
{
    records_fini(&list->records);
    free(list->sums);
    free(list->of);
    free(list->listed);
}
