/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/html.h - "adiemu report": a JSON report as HTML, for a browser
 *
 * Owns:    the command, and the parts of the HTML, which are the files of
 *          cli/html/, embedded by cmake/Embed.cmake
 * Used by: cli/main.c, cli/html_explore.c
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

/* command_report - "adiemu report"; returns the exit code */
int command_report(int argc, char **argv);

#define EMBEDDED(name)                                                         \
    extern const unsigned char embedded_##name[];                              \
    extern const size_t embedded_##name##_len

EMBEDDED(report_html);
EMBEDDED(report_css);
EMBEDDED(data_js);
EMBEDDED(tables_js);
EMBEDDED(errors_js);
EMBEDDED(timeline_js);
EMBEDDED(map_js);
EMBEDDED(main_js);
EMBEDDED(explore_html);
EMBEDDED(explore_css);
EMBEDDED(explore_js);

/* A page with slots, such as @STYLE@. */
struct html_page {
    const unsigned char *bytes;
    size_t len;
};

/* html_put_until - write @page from @at to @slot, NULL: to its end; returns
 * what follows @slot */
size_t html_put_until(FILE *out, const struct html_page *page, size_t at,
                      const char *slot);
