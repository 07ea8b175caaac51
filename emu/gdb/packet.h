/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/gdb/packet.h - the text of packets
 *
 * Owns:    nothing
 * Used by: emu/gdb/, tests
 * Source:  the GDB manual, "Remote Protocol", "Overview"
 *
 * What comes in may be anything: a reader never goes past its end, and says
 * false when what it looks for is not there.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GDB_PACKET_BYTES 16384 /* of a packet, without its frame */

/* What is left to read of a packet. */
struct gdb_in {
    const char *at, *end;
};

static inline struct gdb_in gdb_in(const char *text, size_t len)
{
    return (struct gdb_in){text, text + len};
}

static inline bool gdb_at_end(const struct gdb_in *in)
{
    return in->at == in->end;
}

/* gdb_skip - is @text next?  Then it is behind us. */
bool gdb_skip(struct gdb_in *in, const char *text);

/* gdb_is - is @text all that is left? */
bool gdb_is(const struct gdb_in *in, const char *text);

/* gdb_hex - a number of 1 to 16 digits */
bool gdb_hex(struct gdb_in *in, uint64_t *out);

/* gdb_two_hex - "N,N" */
bool gdb_two_hex(struct gdb_in *in, uint64_t *a, uint64_t *b);

/* gdb_bytes - @len bytes in hexadecimal */
bool gdb_bytes(struct gdb_in *in, uint8_t *out, size_t len);

/* gdb_text - up to @stop or the end, which are in hexadecimal, with a 0 behind;
 * false: too long for @size bytes, or not hexadecimal */
bool gdb_text(struct gdb_in *in, char stop, char *out, size_t size);

#define GDB_ALL UINT32_MAX /* -1: each thread, each process */

/*
 * gdb_thread_id - "TID", or "pPID.TID", "pPID"
 *
 * @pid, @tid: get 0 for any, GDB_ALL for all; @pid is 0 without "p"
 */
bool gdb_thread_id(struct gdb_in *in, uint32_t *pid, uint32_t *tid);

/* A packet that is being written.  Once it is too long it stays as it was. */
struct gdb_out {
    size_t len;
    bool full;
    char text[2 * GDB_PACKET_BYTES + 64];
};

void gdb_clear(struct gdb_out *out);
void gdb_puts(struct gdb_out *out, const char *text);
__attribute__((format(printf, 2, 3))) void gdb_printf(struct gdb_out *out,
                                                      const char *format, ...);
/* gdb_put_hex - bytes as two digits each */
void gdb_put_hex(struct gdb_out *out, const void *bytes, size_t len);
/* gdb_put_binary - bytes, with escapes; how many of them are in a packet of
 * GDB_PACKET_BYTES at most */
size_t gdb_put_binary(struct gdb_out *out, const void *bytes, size_t len);

/* gdb_unescape - in place; the new length */
size_t gdb_unescape(char *text, size_t len);

/*
 * gdb_find_packet - the first packet in what has come
 *
 * @text, @len: bytes so far; @text begins with '$'
 * @body, @body_len: get what is between '$' and '#'
 * Returns how many bytes it has in all, 0 when more must come, and -1 when its
 * sum is wrong: *@body_len bytes are to be passed over.
 */
int gdb_find_packet(const char *text, size_t len, const char **body,
                    size_t *body_len);
