// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/identity.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "adi/profile.h"

static void write_scope(const struct scope *scope, FILE *out)
{
    fputs("pages", out);
    for (unsigned i = 0; i < scope->nr_pages; i++)
        fprintf(out, " %#" PRIx64, (uint64_t)scope->pages[i]);
    fputs("\nbytes", out);
    for (unsigned i = 0; i < scope->nr_offsets; i++)
        fprintf(out, " %u", scope->offsets[i]);
    fprintf(out, "\npages of an object: %u\n", scope->object_pages);
}

static void write_step(const struct step *step, FILE *out)
{
    char text[SCRIPT_MAX_TEXT];

    fprintf(out, "step: %s\n", script_action_text(&step->action, text));
    if (step->has_other)
        fprintf(out, "others, at %d %d: %s\n", (int)step->moment,
                (int)step->kind, script_action_text(&step->other, text));
}

char *identity_text(const struct search_config *config, const char *version,
                    bool kept)
{
    const struct alphabet *a = config->alphabet;
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    if (!out)
        return NULL;
    fprintf(out,
            "adiemu %s\n--processes=%u\nnodes: %u\n--sync: %d\n--check: %d\n",
            version, config->world.nr_processes, config->world.nr_nodes,
            config->world.synchronous, config->check);
    if (kept)
        fprintf(out, "--kernel=%s\n--slice=%u/%u\n",
                config->world.profile->name, config->slice, config->slices);
    else
        fprintf(out, "--depth=%u\n", config->depth);
    write_scope(&a->scope, out);
    for (unsigned i = 0; i < a->nr; i++)
        write_step(&a->steps[i], out);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

const char *identity_short(const char *text, char buf[static IDENTITY_BYTES])
{
    snprintf(buf, IDENTITY_BYTES, "%016" PRIx64,
             (uint64_t)XXH3_64bits(text, strlen(text)));
    return buf;
}
