// SPDX-License-Identifier: GPL-2.0-or-later
#include "script/lex.h"

#include <stdio.h>
#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static int digit_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

/* False: no number, or too large. */
static bool digits_value(const char *s, size_t len, uint64_t *out)
{
    bool hex = len > 2 && s[0] == '0' && (s[1] | 0x20) == 'x';
    unsigned base = hex ? 16 : 10;
    uint64_t n = 0;

    for (size_t i = hex ? 2 : 0; i < len; i++) {
        unsigned d = (unsigned)digit_value(s[i]);

        if (d >= base || n > (UINT64_MAX - d) / base)
            return false;
        n = n * base + d;
    }
    *out = n;
    return true;
}

static void take_path(struct lexer *lx)
{
    while (lx->at < lx->end && !is_space(*lx->at) && *lx->at != ':' &&
           *lx->at != '#')
        lx->at++;
}

static void take_word(struct lexer *lx)
{
    while (lx->at < lx->end && (is_letter(*lx->at) || is_digit(*lx->at)))
        lx->at++;
}

void lexer_next(struct lexer *lx)
{
    struct token tok = {.kind = TOKEN_END};

    while (lx->at < lx->end && is_space(*lx->at))
        lx->at++;
    tok.s = lx->at;
    tok.col = (unsigned)(lx->at - lx->line) + 1;
    if (lx->at == lx->end || *lx->at == '#') {
        lx->tok = tok;
        return;
    }
    if (is_letter(*lx->at) || is_digit(*lx->at)) {
        tok.kind = is_digit(*lx->at) ? TOKEN_NUMBER : TOKEN_WORD;
        take_word(lx);
    } else if (*lx->at == '/') {
        tok.kind = TOKEN_PATH;
        take_path(lx);
    } else {
        tok.kind = TOKEN_MARK;
        lx->at++;
    }
    tok.len = (size_t)(lx->at - tok.s);
    if (tok.kind == TOKEN_NUMBER && !digits_value(tok.s, tok.len, &tok.value))
        tok.kind = TOKEN_BAD;
    lx->tok = tok;
}

void lexer_init(struct lexer *lx, const char *line, const char *end)
{
    *lx = (struct lexer){.line = line, .at = line, .end = end};
    lexer_next(lx);
}

bool token_is(const struct token *tok, const char *text)
{
    return tok->kind != TOKEN_END && strlen(text) == tok->len &&
           memcmp(tok->s, text, tok->len) == 0;
}

const char *token_quote(const struct token *tok,
                        char buf[static TOKEN_MAX_QUOTE])
{
    const size_t room = TOKEN_MAX_QUOTE - sizeof("\\x00...\"");
    size_t out = 0, i;

    buf[out++] = '"';
    for (i = 0; i < tok->len && out < room; i++) {
        unsigned char c = (unsigned char)tok->s[i];

        if (c >= ' ' && c < 0x7f)
            buf[out++] = (char)c;
        else
            out += (size_t)snprintf(buf + out, 5, "\\x%02x", c);
    }
    snprintf(buf + out, TOKEN_MAX_QUOTE - out, "%s\"",
             i < tok->len ? "..." : "");
    return buf;
}
