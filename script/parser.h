/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script/parser.h - one line of a script while it is read
 *
 * Owns:    nothing
 * Used by: script/script.c (lines and triggers), script/parse.c (actions)
 */
#pragma once

#include "script/lex.h"
#include "script/script.h"

#define PARSER_MAX_MAY 8

struct parser {
    struct lexer lx;
    const struct script_rules *rules;
    struct script *out;
    struct script_event ev;          /* so far */
    const char *may[PARSER_MAX_MAY]; /* words that could have come here */
    unsigned nr_may;
};

/* Each returns true, or false after it has noted the error of this line. */

/* parse_fail - at column @col; the text is "what, expected what" */
bool parse_fail(struct parser *p, unsigned col, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* parse_expected - the token at hand is not @what */
bool parse_expected(struct parser *p, const char *what);

/* The token is @word, which is passed over. */
bool parse_accept(struct parser *p, const char *word);

/* parse_number - from @min to @max, of what is called @what */
bool parse_number(struct parser *p, uint64_t min, uint64_t max,
                  const char *what, uint64_t *out);

/* parse_process - "pid P", if it is there */
bool parse_process(struct parser *p, uint32_t *pid);

/* parse_action - the rest of the line */
bool parse_action(struct parser *p);
