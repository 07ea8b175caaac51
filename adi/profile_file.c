// SPDX-License-Identifier: GPL-2.0-or-later
#include "adi/profile_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "adi/profile_words.h"
#include "adi/store_linux.h"
#include "adi/store_remap.h"
#include "adi/store_swap.h"

#define MAX_WORDS 3
#define MAX_LINE  256

/* A name is that of a file, too, and a word of lists. */
#define NAME_CHARS                                                             \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

struct keyword;

struct reader {
    struct profile_file *out;
    struct profile_error *err;
    bool has_kernel;
    const struct keyword *last; /* of the lines so far; NULL: there is none */
    bool hooks[HOOK_NR];        /* that a line was for */
    struct mm_policy policies;  /* too */
    unsigned nr_words;
    char *words[MAX_WORDS];
};

static int wrong(struct reader *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int wrong(struct reader *r, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(r->err->text, sizeof(r->err->text), fmt, ap);
    va_end(ap);
    return -EBADMSG;
}

/* ------------------------------------------------------------------- words */

static int read_name(struct reader *r)
{
    if (strlen(r->words[1]) >= sizeof(r->out->name))
        return wrong(r, "\"%.20s...\", expected at most %zu characters",
                     r->words[1], sizeof(r->out->name) - 1);
    if (r->words[1][strspn(r->words[1], NAME_CHARS)] != '\0' ||
        r->words[1][0] == '.')
        return wrong(r, "a name, expected letters, digits, \"-\", \"_\" and "
                        "\".\"");
    if (adi_profile_find(r->words[1]))
        return wrong(r, "\"%s\", expected a name that no profile has",
                     r->words[1]);
    strcpy(r->out->name, r->words[1]);
    return 0;
}

static int read_kernel(struct reader *r)
{
    const struct adi_profile *from = adi_profile_find(r->words[1]);

    if (!from)
        return wrong(r, "\"%.60s\", expected the name of a profile",
                     r->words[1]);
    r->has_kernel = true;
    r->out->profile = *from;
    return 0;
}

/* It begins without any hook. */
static int read_store(struct reader *r)
{
    static const struct {
        const char *word;
        const struct adi_store *store;
    } stores[] = {
        {"va", &store_linux}, {"page", &store_remap}, {"slot", &store_swap}};

    for (size_t i = 0; i < sizeof(stores) / sizeof(stores[0]); i++) {
        if (strcmp(r->words[1], stores[i].word) != 0)
            continue;
        r->out->profile.store = stores[i].store;
        memset(r->out->profile.hooks, 0, sizeof(r->out->profile.hooks));
        return 0;
    }
    return wrong(r, "\"%.60s\", expected va, page or slot", r->words[1]);
}

/* The last of two would hold, and the first be said for nothing. */
static int once(struct reader *r, bool *was)
{
    if (*was)
        return wrong(r, "\"%s %s\", expected one line for it", r->words[0],
                     r->words[1]);
    *was = true;
    return 0;
}

static int read_policy(struct reader *r)
{
    struct mm_policy *policy = &r->out->profile.policy;
    bool on = strcmp(r->words[2], "on") == 0;

    if (!on && strcmp(r->words[2], "off") != 0)
        return wrong(r, "\"%.60s\", expected on or off", r->words[2]);
#define X(word, has)                                                           \
    if (strcmp(r->words[1], #word) == 0) {                                     \
        policy->word = on;                                                     \
        return once(r, &r->policies.word);                                     \
    }
    MM_POLICIES(X, 0)
#undef X
    return wrong(r,
                 "\"%.60s\", expected a policy; try "
                 "--profile-file=list",
                 r->words[1]);
}

static int read_hook(struct reader *r)
{
    struct adi_profile *p = &r->out->profile;
    const struct profile_choice *c;
    enum arch_hook hook = 0;

    while (hook < HOOK_NR && strcmp(r->words[1], profile_hook_name(hook)) != 0)
        hook++;
    if (hook == HOOK_NR)
        return wrong(r,
                     "\"%.60s\", expected a hook; try "
                     "--profile-file=list",
                     r->words[1]);
    if (once(r, &r->hooks[hook]) != 0)
        return -EBADMSG;
    if (strcmp(r->words[2], "none") == 0) {
        p->hooks[hook] = NULL;
        return 0;
    }
    c = profile_choice_at(p->store->kind, hook);
    if (!c)
        return wrong(r, "\"%s\", which this store has no function for",
                     profile_hook_name(hook));
    if (strcmp(c->word, r->words[2]) != 0)
        return wrong(r, "\"%.60s\", expected none or %s", r->words[2], c->word);
    p->hooks[hook] = c->function;
    return 0;
}

/* In the order of their places; the last place has any number of lines. */
enum place { PLACE_NAME, PLACE_KERNEL, PLACE_STORE, PLACE_REST };

static const struct keyword {
    const char *word;
    unsigned nr_words; /* with it */
    enum place place;
    int (*read)(struct reader *r);
} keywords[] = {
    {"name", 2, PLACE_NAME, read_name},
    {"kernel", 2, PLACE_KERNEL, read_kernel},
    {"store", 2, PLACE_STORE, read_store},
    {"policy", 3, PLACE_REST, read_policy},
    {"hook", 3, PLACE_REST, read_hook},
};

/* Another store has no hooks yet: those of lines before it would be gone. */
static int in_place(struct reader *r, const struct keyword *k)
{
    const struct keyword *last = r->last;

    if (k->place > PLACE_KERNEL && !r->has_kernel)
        return wrong(r, "\"%s\", expected \"kernel\" before it", k->word);
    if (k == last && k->place != PLACE_REST)
        return wrong(r, "\"%s\", expected it once", k->word);
    if (last && k->place < last->place)
        return wrong(r, "\"%s\", expected it before \"%s\"", k->word,
                     last->word);
    r->last = k;
    return 0;
}

/* ------------------------------------------------------------------- lines */

static int read_words(struct reader *r)
{
    const struct keyword *k = keywords;

    while (k < keywords + sizeof(keywords) / sizeof(keywords[0]) &&
           strcmp(k->word, r->words[0]) != 0)
        k++;
    if (k == keywords + sizeof(keywords) / sizeof(keywords[0]))
        return wrong(r,
                     "\"%.60s\", expected name, kernel, store, hook or "
                     "policy",
                     r->words[0]);
    if (r->nr_words != k->nr_words)
        return wrong(r, "\"%s\", expected %u word%s behind it", k->word,
                     k->nr_words - 1, k->nr_words == 2 ? "" : "s");
    return in_place(r, k) != 0 ? -EBADMSG : k->read(r);
}

static int read_line(struct reader *r, char *line)
{
    char *save = NULL;

    line[strcspn(line, "#")] = '\0';
    r->nr_words = 0;
    for (char *word = strtok_r(line, " \t\r", &save); word;
         word = strtok_r(NULL, " \t\r", &save)) {
        if (r->nr_words == MAX_WORDS)
            return wrong(r, "\"%.60s\", expected the end of the line", word);
        r->words[r->nr_words++] = word;
    }
    return r->nr_words ? read_words(r) : 0;
}

int profile_file_parse(const char *text, size_t len, struct profile_file *out,
                       struct profile_error *err)
{
    struct reader r = {.out = out, .err = err};
    const char *end = text + len;
    char line[MAX_LINE];

    *out = (struct profile_file){.name = "patched"};
    err->line = 0;
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t n = (size_t)((newline ? newline : end) - text);

        err->line++;
        if (n >= sizeof(line) || memchr(text, '\0', n))
            return wrong(&r, "a line of %zu bytes, expected one of text", n);
        memcpy(line, text, n);
        line[n] = '\0';
        if (read_line(&r, line) != 0)
            return -EBADMSG;
        text += n + (newline != NULL);
    }
    if (!r.has_kernel)
        return wrong(&r, "the end, expected \"kernel\" and a profile");
    snprintf(out->summary, sizeof(out->summary), "%s, changed by a file",
             out->profile.name);
    out->profile.name = out->name;
    out->profile.also = NULL;
    out->profile.summary = out->summary;
    return 0;
}
