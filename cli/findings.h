/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/findings.h - what "adiemu explore" ends with
 *
 * Owns:    where the report goes, and the exit code that comes of it
 * Used by: cli/explore.c, cli/trials.c
 *
 * What fails here ends adiemu, after a line on stderr.
 */
#pragma once

#include <stddef.h>

#include "explore/report.h"

enum findings_format {
    FINDINGS_TEXT,
    FINDINGS_JSON,
    FINDINGS_LIST,
    FINDINGS_HTML
};

struct findings_options {
    /* Borrowed; NULL: stdout, and neither of these. */
    const char *report_path, *expect_path, *scripts_path;
    enum findings_format format;
    FILE *report;   /* owned, of findings_open(); is what it was until then */
    char *expected; /* owned, too */
};

/*
 * findings_open - what is written, and read, at the end: is that possible?
 *
 * Before a search that may take hours.  A report that exists stays until
 * there is another.
 */
void findings_open(struct findings_options *o);
void findings_close(struct findings_options *o);

/* Writes the report @of in a format; 0 or -errno. */
typedef int (*findings_print_fn)(const void *of, enum findings_format format,
                                 FILE *out);

/* findings_print - the report, where it goes */
void findings_print(const struct findings_options *o,
                    findings_print_fn print_as, const void *of);

/* findings_compare - with --expect: 0, or the exit code when it differs */
int findings_compare(const struct findings_options *o,
                     findings_print_fn print_as, const void *of);

/* findings_write - the report, and the scripts if they are wanted */
void findings_write(const struct findings_options *o, const struct report *r);

/*
 * findings_code - the exit code of adiemu
 *
 * @interrupted: by ^C
 */
int findings_code(const struct findings_options *o, const struct report *r,
                  bool interrupted);

/* read_file - all of it, 64 MiB at most, with a NUL behind it, for the caller
 * to free */
char *read_file(const char *path, size_t *len);

/* leave - "adiemu: @what: ", and what @err, -errno, means */
_Noreturn void leave(int code, const char *what, int err);
