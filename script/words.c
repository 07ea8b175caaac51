// SPDX-License-Identifier: GPL-2.0-or-later
#include "script/words.h"

#include "base/invariant.h"
#include "mm/madvise.h"
#include "mm/mmap.h"
#include "script/script.h"

#define R PROT_G_READ
#define W PROT_G_WRITE
#define X PROT_G_EXEC

const struct word prot_words[] = {
    {"none", 0}, {"r", R},      {"rw", R | W},      {"rx", R | X}, {"w", W},
    {"x", X},    {"wx", W | X}, {"rwx", R | W | X}, {NULL, 0},
};

#undef R
#undef W
#undef X

const struct word advice_words[] = {
    {"dontneed", MADV_G_DONTNEED},
    {"free", MADV_G_FREE},
    {"pageout", MADV_G_PAGEOUT},
    {"cold", MADV_G_COLD},
    {"dontfork", MADV_G_DONTFORK},
    {"dofork", MADV_G_DOFORK},
    {"wipeonfork", MADV_G_WIPEONFORK},
    {"keeponfork", MADV_G_KEEPONFORK},
    {"populate_read", MADV_G_POPULATE_READ},
    {"populate_write", MADV_G_POPULATE_WRITE},
    {"dontneed_locked", MADV_G_DONTNEED_LOCKED},
    {"guard", MADV_G_GUARD_INSTALL},
    {"unguard", MADV_G_GUARD_REMOVE},
    {NULL, 0},
};

const struct word policy_words[] = {
    {"default", MPOL_DEFAULT},
    {"preferred", MPOL_PREFERRED},
    {"bind", MPOL_BIND},
    {"interleave", MPOL_INTERLEAVE},
    {"local", MPOL_LOCAL},
    {"many", MPOL_PREFERRED_MANY},
    {NULL, 0},
};

const struct word backing_words[] = {
    {"anon", BACKING_ANON},
    {"shmem", BACKING_SHMEM},
    {"file", BACKING_FILE},
    {NULL, 0},
};

const struct word fail_words[] = {
    {"tagstore", FAIL_TAGSTORE},
    {"swapread", FAIL_SWAPREAD},
    {"swapwrite", FAIL_SWAPWRITE},
    {NULL, 0},
};

const struct word kind_words[] = {
#define X(id, text) {text, FAULT_KIND_##id},
    FAULT_KINDS(X)
#undef X
        {NULL, 0},
};

const struct word moment_words[] = {
    {"before", MOMENT_FAULT_BEFORE},   {"when", MOMENT_FAULT_DURING},
    {"restore", MOMENT_FAULT_RESTORE}, {"set", MOMENT_FAULT_SET},
    {"after", MOMENT_FAULT_AFTER},     {NULL, 0},
};

const char *word_of(const struct word *table, int value)
{
    while (table->word && table->value != value)
        table++;
    INVARIANT(table->word);
    return table->word;
}
