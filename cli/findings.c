// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/findings.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adi/profile.h"
#include "base/word.h"
#include "cli/html_explore.h"
#include "cli/options.h"

#define MAX_BYTES (64u << 20) /* of a file that is read */

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
        if (*len > MAX_BYTES) /* or it has no end, as /dev/zero */
            leave(EXIT_HOST_FILE, path, -EFBIG);
    } while (n > 0);
    if (ferror(f))
        leave(EXIT_HOST_FILE, path, -errno);
    fclose(f);
    text[*len] = '\0';
    return text;
}

/* ------------------------------------------------------- before the search */

#define LIST_FIELDS 5 /* KERNEL, CLASS, DETAIL, CAUSE, PATH */

static bool is_class(const char *at, size_t len)
{
    for (int c = 0; c < FOUND_CLASSES; c++) {
        const char *name = found_class_name((enum found_class)c);

        if (strlen(name) == len && memcmp(name, at, len) == 0)
            return true;
    }
    return false;
}

/* A line of a list, without its end: NULL, or what is wrong with it. */
static const char *wrong_line(char *line)
{
    const char *class = NULL;
    size_t class_len = 0;
    unsigned nr = 0;

    for (char *at = line; at; nr++) {
        char *end = strstr(at, ", ");
        size_t len = end ? (size_t)(end - at) : strlen(at);

        if (nr == 1) {
            class = at;
            class_len = len;
        }
        at = end ? end + 2 : NULL;
    }
    if (nr != LIST_FIELDS)
        return "not \"KERNEL, CLASS, DETAIL, CAUSE, PATH\"";
    return is_class(class, class_len) ? NULL
                                      : "no class of findings is "
                                        "called so";
}

static void check_list(const char *path, const char *text, size_t len)
{
    unsigned nr = 0;

    while (len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t n = end ? (size_t)(end - text) : len;
        char *line = strndup(text, n);
        const char *what = line ? wrong_line(line) : NULL;

        nr++;
        if (!line)
            leave(EXIT_INTERNAL, path, -ENOMEM);
        if (!end || strlen(line) != n)
            what = end ? "no text" : "a line that has no end";
        if (what) {
            say_line(stderr, "adiemu: %s:%u: \"%s\": %s", path, nr, line, what);
            exit(argp_err_exit_status);
        }
        free(line);
        text += n + 1;
        len -= n + 1;
    }
}

static void open_expected(struct findings_options *o)
{
    size_t len;

    o->expected = read_file(o->expect_path, &len);
    check_list(o->expect_path, o->expected, len);
}

/* Open until it is written, as a pipe may be read but once. */
static void open_report(struct findings_options *o)
{
    int fd = open(o->report_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

    o->report = fd < 0 ? NULL : fdopen(fd, "w");
    if (!o->report)
        leave(EXIT_HOST_FILE, o->report_path, -errno);
}

static void open_scripts(const char *folder)
{
    struct stat st;

    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        leave(EXIT_HOST_FILE, folder, -errno);
    if (stat(folder, &st) == 0 && !S_ISDIR(st.st_mode))
        leave(EXIT_HOST_FILE, folder, -ENOTDIR);
    if (access(folder, W_OK | X_OK) != 0)
        leave(EXIT_HOST_FILE, folder, -errno);
}

void findings_open(struct findings_options *o)
{
    if (o->expect_path)
        open_expected(o);
    if (o->scripts_path)
        open_scripts(o->scripts_path);
    if (o->report_path)
        open_report(o);
}

void findings_close(struct findings_options *o)
{
    if (o->report)
        fclose(o->report);
    free(o->expected);
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
    for (unsigned k = 0; k < r->nr; k++)
        for (unsigned i = 0; i < r->outcomes[k].nr; i++)
            write_script(r, &r->outcomes[k], i, folder);
}

/* Of the JSON, as "adiemu report --html" makes it. */
static int print_html(const struct report *r, FILE *out)
{
    json_t *tree = report_tree(r);

    if (!tree)
        return -ENOMEM;
    (void)html_explore(out, tree); /* who writes asks again */
    json_decref(tree);
    return 0;
}

/* findings_print_fn */
static int print(const void *of, enum findings_format format, FILE *out)
{
    const struct report *r = of;

    switch (format) {
    case FINDINGS_TEXT: report_text(r, out); break;
    case FINDINGS_JSON: return report_json(r, out);
    case FINDINGS_LIST: report_list(r, out); break;
    case FINDINGS_HTML: return print_html(r, out);
    }
    return 0;
}

/* What was there goes now; a pipe has no length. */
static bool is_emptied(FILE *f)
{
    struct stat st;

    return fstat(fileno(f), &st) == 0 &&
           (!S_ISREG(st.st_mode) || ftruncate(fileno(f), 0) == 0);
}

void findings_print(const struct findings_options *o,
                    findings_print_fn print_as, const void *of)
{
    const char *path = o->report ? o->report_path : "stdout";
    FILE *out = o->report ? o->report : stdout;
    int err;

    if (o->report && !is_emptied(out))
        leave(EXIT_HOST_FILE, path, -errno);
    err = print_as(of, o->format, out);
    if (err)
        leave(EXIT_INTERNAL, "report", err);
    if (fflush(out) != 0)
        leave(EXIT_HOST_FILE, path, -errno);
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

int findings_compare(const struct findings_options *o,
                     findings_print_fn print_as, const void *of)
{
    char *found = NULL;
    size_t len;
    FILE *f;
    bool same;

    if (!o->expected)
        return 0;
    f = open_memstream(&found, &len);
    if (!f)
        leave(EXIT_INTERNAL, "--expect", -errno);
    (void)!print_as(of, FINDINGS_LIST, f);
    if (fclose(f) != 0)
        leave(EXIT_INTERNAL, "--expect", -errno);
    same = strcmp(o->expected, found) == 0;
    if (!same)
        say_difference(o->expect_path, o->expected, found);
    free(found);
    return same ? 0 : EXIT_DIFFERENT;
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
    return findings_compare(o, print, r);
}

void findings_write(const struct findings_options *o, const struct report *r)
{
    findings_print(o, print, r);
    if (o->scripts_path)
        write_scripts(r, o->scripts_path);
}
