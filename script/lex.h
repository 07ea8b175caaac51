/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script/lex.h - the words of one line of a script
 *
 * Owns:    nothing; a token points into the text
 * Used by: script/
 */
#pragma once

#include "mm/types.h"

/*
 * TOKEN_WORD    a letter, then letters, digits and "_"
 * TOKEN_NUMBER  decimal, or hexadecimal after 0x; below 2^64
 * TOKEN_PATH    from "/" to a space, ":" or "#"
 * TOKEN_MARK    one character of any other kind
 * TOKEN_BAD     begins with a digit, and is no such number
 * TOKEN_END     the line ends, or a comment begins
 */
enum token_kind {
    TOKEN_WORD,
    TOKEN_NUMBER,
    TOKEN_PATH,
    TOKEN_MARK,
    TOKEN_BAD,
    TOKEN_END
};

struct token {
    enum token_kind kind;
    const char *s; /* borrowed, @len bytes */
    size_t len;
    uint64_t value; /* of a number */
    unsigned col;   /* from 1 */
};

struct lexer {
    const char *line, *at, *end;
    struct token tok; /* the one that is looked at */
};

/* lexer_init - the line [@line, @end), without its newline; first token */
void lexer_init(struct lexer *lx, const char *line, const char *end);
void lexer_next(struct lexer *lx);

bool token_is(const struct token *tok, const char *text);

#define TOKEN_MAX_QUOTE 48

/* token_quote - for a message: in quotes, shortened, bytes made visible */
const char *token_quote(const struct token *tok,
                        char buf[static TOKEN_MAX_QUOTE]);
