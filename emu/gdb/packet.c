// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/gdb/packet.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ESCAPE     '}'
#define ESCAPE_XOR 0x20

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static size_t left(const struct gdb_in *in)
{
    return (size_t)(in->end - in->at);
}

bool gdb_skip(struct gdb_in *in, const char *text)
{
    size_t len = strlen(text);

    if (left(in) < len || memcmp(in->at, text, len) != 0)
        return false;
    in->at += len;
    return true;
}

bool gdb_is(const struct gdb_in *in, const char *text)
{
    return left(in) == strlen(text) && memcmp(in->at, text, left(in)) == 0;
}

bool gdb_hex(struct gdb_in *in, uint64_t *out)
{
    uint64_t value = 0;
    unsigned nr = 0;

    while (in->at < in->end && digit(*in->at) >= 0) {
        if (++nr > 16)
            return false;
        value = value << 4 | (unsigned)digit(*in->at++);
    }
    *out = value;
    return nr > 0;
}

bool gdb_two_hex(struct gdb_in *in, uint64_t *a, uint64_t *b)
{
    return gdb_hex(in, a) && gdb_skip(in, ",") && gdb_hex(in, b);
}

bool gdb_bytes(struct gdb_in *in, uint8_t *out, size_t len)
{
    if (left(in) / 2 < len)
        return false;
    for (size_t i = 0; i < len; i++, in->at += 2) {
        int high = digit(in->at[0]), low = digit(in->at[1]);

        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

bool gdb_text(struct gdb_in *in, char stop, char *out, size_t size)
{
    const char *end = memchr(in->at, stop, left(in));
    size_t digits = (size_t)((end ? end : in->end) - in->at);

    if (digits % 2 || digits / 2 >= size ||
        !gdb_bytes(in, (uint8_t *)out, digits / 2))
        return false;
    out[digits / 2] = '\0';
    return true;
}

static bool one_id(struct gdb_in *in, uint32_t *id)
{
    uint64_t value;

    if (gdb_skip(in, "-1")) {
        *id = GDB_ALL;
        return true;
    }
    if (!gdb_hex(in, &value) || value >= GDB_ALL)
        return false;
    *id = (uint32_t)value;
    return true;
}

bool gdb_thread_id(struct gdb_in *in, uint32_t *pid, uint32_t *tid)
{
    *pid = 0;
    if (!gdb_skip(in, "p"))
        return one_id(in, tid);
    if (!one_id(in, pid))
        return false;
    *tid = GDB_ALL;
    return !gdb_skip(in, ".") || one_id(in, tid);
}

void gdb_clear(struct gdb_out *out)
{
    out->len = 0;
    out->full = false;
}

static void put(struct gdb_out *out, const char *text, size_t len)
{
    if (sizeof(out->text) - out->len < len)
        out->full = true;
    if (out->full)
        return;
    memcpy(out->text + out->len, text, len);
    out->len += len;
}

void gdb_puts(struct gdb_out *out, const char *text)
{
    put(out, text, strlen(text));
}

void gdb_printf(struct gdb_out *out, const char *format, ...)
{
    char text[512];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof(text))
        out->full = true;
    else
        put(out, text, (size_t)len);
}

void gdb_put_hex(struct gdb_out *out, const void *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *b = bytes;

    for (size_t i = 0; i < len; i++)
        put(out, (char[]){digits[b[i] >> 4], digits[b[i] & 15]}, 2);
}

size_t gdb_put_binary(struct gdb_out *out, const void *bytes, size_t len)
{
    const char *b = bytes;

    for (size_t i = 0; i < len; i++) {
        bool special =
            b[i] == '$' || b[i] == '#' || b[i] == ESCAPE || b[i] == '*';

        if (out->len + 2 > GDB_PACKET_BYTES)
            return i;
        if (special)
            put(out, (char[]){ESCAPE, (char)(b[i] ^ ESCAPE_XOR)}, 2);
        else
            put(out, b + i, 1);
    }
    return len;
}

size_t gdb_unescape(char *text, size_t len)
{
    size_t to = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] == ESCAPE && i + 1 < len)
            text[to++] = (char)(text[++i] ^ ESCAPE_XOR);
        else
            text[to++] = text[i];
    }
    return to;
}

int gdb_find_packet(const char *text, size_t len, const char **body,
                    size_t *body_len)
{
    const char *end = memchr(text, '#', len);
    uint8_t sum = 0, said;
    struct gdb_in in;

    if (!end || (size_t)(end - text) + 3 > len)
        return 0;
    *body = text + 1;
    *body_len = (size_t)(end - text) - 1;
    for (size_t i = 0; i < *body_len; i++)
        sum = (uint8_t)(sum + (uint8_t)(*body)[i]);
    in = gdb_in(end + 1, 2);
    if (!gdb_bytes(&in, &said, 1) || said != sum) {
        *body_len += 4;
        return -1;
    }
    return (int)*body_len + 4;
}
