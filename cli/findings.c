// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/findings.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "adi/profile.h"
#include "base/word.h"
#include "cli/options.h"

#define EXIT_DIFFERENT 1 /* not what --expect says */

_Noreturn void leave(int code, const char *what, int err)
{
    say_line(stderr, "adiemu: %s: %s", what, strerror(-err));
    exit(code);
}

char *read_file(const char *path, size_t *len)
{
    FILE *f = fopen(path, "r");
    char *text = NULL;
    size_t n;

    if (!f)
        leave(EXIT_HOST_FILE, path, -errno);
    *len = 0;
    do {
        char *grown = realloc(text, *len + 65537);

        if (!grown)
            leave(EXIT_INTERNAL, path, -ENOMEM);
        text = grown;
        n = fread(text + *len, 1, 65536, f);
        *len += n;
    } while (n > 0);
    if (ferror(f))
        leave(EXIT_HOST_FILE, path, -errno);
    fclose(f);
    text[*len] = '\0';
    return text;
}

/* ----------------------------------------------------------------- report */

static void write_script(const struct report *r, const struct outcome *o,
                         unsigned n, const char *folder)
{
    char path[4096];
    FILE *f;

    if (snprintf(path, sizeof(path), "%s/%s-%u.events", folder,
                 o->profile->name, n + 1) >= (int)sizeof(path))
        leave(EXIT_HOST_FILE, folder, -ENAMETOOLONG);
    f = fopen(path, "w");
    if (!f)
        leave(EXIT_HOST_FILE, path, -errno);
    fprintf(f, "# %s: %s\n# run: %s\n%s", o->profile->name,
            found_class_name(o->findings[n].key.class), r->options,
            o->findings[n].script);
    if (fclose(f) != 0)
        leave(EXIT_HOST_FILE, path, -errno);
}

static void write_scripts(const struct report *r, const char *folder)
{
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        leave(EXIT_HOST_FILE, folder, -errno);
    for (unsigned k = 0; k < r->nr; k++)
        for (unsigned i = 0; i < r->outcomes[k].nr; i++)
            write_script(r, &r->outcomes[k], i, folder);
}

static void print(const struct findings_options *o, const struct report *r,
                  FILE *out)
{
    int err = 0;

    switch (o->format) {
    case FINDINGS_TEXT: report_text(r, out); break;
    case FINDINGS_JSON: err = report_json(r, out); break;
    case FINDINGS_LIST: report_list(r, out); break;
    }
    if (err)
        leave(EXIT_INTERNAL, "report", err);
}

static void write_report(const struct findings_options *o,
                         const struct report *r)
{
    const char *path = o->report_path ? o->report_path : "stdout";
    FILE *out = o->report_path ? fopen(path, "w") : stdout;

    if (!out)
        leave(EXIT_HOST_FILE, path, -errno);
    print(o, r, out);
    if (fflush(out) != 0)
        leave(EXIT_HOST_FILE, path, -errno);
    if (o->report_path)
        fclose(out);
}

/* The first line in which they differ. */
static void say_difference(const char *path, const char *expected,
                           const char *found)
{
    while (*expected && *found) {
        size_t a = strcspn(expected, "\n"), b = strcspn(found, "\n");

        if (a != b || memcmp(expected, found, a) != 0)
            break;
        expected += a + (expected[a] == '\n');
        found += b + (found[b] == '\n');
    }
    say_line(stderr, "adiemu: %s: expected \"%.*s\", found \"%.*s\"", path,
             (int)strcspn(expected, "\n"), expected, (int)strcspn(found, "\n"),
             found);
}

static bool is_expected(const struct findings_options *o,
                        const struct report *r)
{
    size_t len, found_len;
    char *expected = read_file(o->expect_path, &len), *found = NULL;
    FILE *f = open_memstream(&found, &found_len);
    bool same;

    if (!f)
        leave(EXIT_INTERNAL, "--expect", -errno);
    report_list(r, f);
    if (fclose(f) != 0)
        leave(EXIT_INTERNAL, "--expect", -errno);
    same = len == found_len && memcmp(expected, found, len) == 0;
    if (!same)
        say_difference(o->expect_path, expected, found);
    free(expected);
    free(found);
    return same;
}

int findings_code(const struct findings_options *o, const struct report *r,
                  bool interrupted)
{
    for (unsigned k = 0; k < r->nr; k++)
        for (unsigned i = 0; i < r->outcomes[k].nr; i++)
            if (found_is_ours(r->outcomes[k].findings[i].key.class))
                return EXIT_INTERNAL;
    if (interrupted)
        return 128 + SIGINT;
    return o->expect_path && !is_expected(o, r) ? EXIT_DIFFERENT : 0;
}

void findings_write(const struct findings_options *o, const struct report *r)
{
    write_report(o, r);
    if (o->scripts_path)
        write_scripts(r, o->scripts_path);
}
