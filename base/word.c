// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/word.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#define MAX_LINE 8192 /* what is longer is cut */

#define PLAIN                                                                  \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"           \
    "@%+=:,./_-"

/* The parser knows what UTF-8 is; others look odd on any terminal. */
static bool is_utf8(const char *text)
{
    json_t *value = json_string(text);

    json_decref(value);
    return value != NULL;
}

/* A control character begins here: C0, DEL, or C1 as UTF-8 has it. */
static bool is_control(const char *at)
{
    const unsigned char *c = (const unsigned char *)at;

    return c[0] < 0x20 || c[0] == 0x7f ||
           (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0);
}

static bool is_odd(const char *at, bool utf8)
{
    return is_control(at) || (!utf8 && (*at & 0x80));
}

static bool any_odd(const char *text, bool utf8)
{
    while (*text && !is_odd(text, utf8))
        text++;
    return *text != '\0';
}

/* Octal: unlike hexadecimal it ends after three digits. */
static void print_escaped(FILE *out, const char *text, bool utf8)
{
    bool second = false; /* of a C1 */

    fputs("$'", out);
    for (; *text; text++) {
        if (second || is_odd(text, utf8))
            fprintf(out, "\\%03o", (unsigned char)*text);
        else if (*text == '\'' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
        second = is_control(text) && (*text & 0x80);
    }
    fputc('\'', out);
}

void print_word(FILE *out, const char *text)
{
    bool utf8 = is_utf8(text);

    if (any_odd(text, utf8)) {
        print_escaped(out, text, utf8);
    } else if (*text && text[strspn(text, PLAIN)] == '\0') {
        fputs(text, out);
    } else {
        fputc('\'', out);
        for (; *text; text++)
            if (*text == '\'')
                fputs("'\\''", out);
            else
                fputc(*text, out);
        fputc('\'', out);
    }
}

/* As much of @text as fits with a newline and the NUL; how long it is then. */
static size_t escape_controls(const char *text, char *buf, size_t size)
{
    bool utf8 = is_utf8(text), second = false;
    size_t at = 0;

    for (; *text && at + sizeof("\\000\n") <= size; text++) {
        if (second || is_odd(text, utf8))
            at += (size_t)snprintf(buf + at, size - at, "\\%03o",
                                   (unsigned char)*text);
        else
            buf[at++] = *text;
        second = is_control(text) && (*text & 0x80);
    }
    return at;
}

__attribute__((format(printf, 2, 0))) static void vsay_line(FILE *out,
                                                            const char *fmt,
                                                            va_list ap)
{
    char text[MAX_LINE], line[MAX_LINE];

    size_t len;

    vsnprintf(text, sizeof(text), fmt, ap);
    len = escape_controls(text, line, sizeof(line));
    line[len++] = '\n';
    (void)fwrite(line, 1, len, out);
}

void say_line(FILE *out, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsay_line(out, fmt, ap);
    va_end(ap);
}

static ssize_t write_words(void *ctx, const char *bytes, size_t size)
{
    char text[MAX_LINE], line[MAX_LINE];
    size_t len = size < sizeof(text) ? size : sizeof(text) - 1;
    bool ends = size > 0 && bytes[size - 1] == '\n';

    memcpy(text, bytes, len);
    text[ends && len == size ? len - 1 : len] = '\0';
    len = escape_controls(text, line, sizeof(line));
    if (ends)
        line[len++] = '\n';
    return fwrite(line, 1, len, ctx) == len ? (ssize_t)size : 0;
}

FILE *word_stream(FILE *out)
{
    FILE *stream =
        fopencookie(out, "w", (cookie_io_functions_t){.write = write_words});

    if (stream)
        setvbuf(stream, NULL, _IONBF, 0);
    return stream;
}
