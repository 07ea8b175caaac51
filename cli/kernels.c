// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/kernels.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "adi/profile.h"

static bool has(const struct kernels *k, const struct adi_profile *p)
{
    for (size_t i = 0; i < k->nr; i++)
        if (k->profiles[i] == p)
            return true;
    return false;
}

/* At @where, unless it is there. */
static int add(struct kernels *k, size_t where, const struct adi_profile *p)
{
    const struct adi_profile **more;

    if (has(k, p))
        return 0;
    more = reallocarray(k->profiles, k->nr + 1, sizeof(*more));
    if (!more)
        return -ENOMEM;
    memmove(more + where + 1, more + where, (k->nr - where) * sizeof(*more));
    more[where] = p;
    k->profiles = more;
    k->nr++;
    return 0;
}

static bool word_means(const char *word, const struct adi_profile *p)
{
    if (strcmp(word, "all") == 0)
        return true;
    if (strcmp(word, "lts") == 0)
        return p->longterm;
    return fnmatch(word, p->name, 0) == 0 ||
           (p->also && fnmatch(word, p->also, 0) == 0);
}

static int add_word(struct kernels *k, const char *word)
{
    const struct adi_profile *p;
    bool any = false;

    for (unsigned n = 0; (p = adi_profile_nth(n)) != NULL; n++) {
        if (!word_means(word, p))
            continue;
        any = true;
        if (add(k, k->nr, p) != 0)
            return -ENOMEM;
    }
    return any ? 0 : -ENOENT;
}

int kernels_choose(struct kernels *k, const char *list, const char **unknown,
                   int *len)
{
    const char *at = list, *end;
    int err = 0;

    kernels_free(k);
    do {
        char *word;

        end = strchrnul(at, ',');
        word = strndup(at, (size_t)(end - at));
        err = word ? add_word(k, word) : -ENOMEM;
        free(word);
        if (err) {
            *unknown = at;
            *len = (int)(end - at);
            kernels_free(k);
            return err;
        }
        at = end + 1;
    } while (*end);
    return 0;
}

int kernels_have_first(struct kernels *k, const struct adi_profile *p)
{
    return add(k, 0, p);
}

void kernels_free(struct kernels *k)
{
    free(k->profiles);
    *k = (struct kernels){0};
}
