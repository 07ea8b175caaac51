// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bytes on the line to gdb: what is found in them stays within them.
 */
#include <stdlib.h>
#include <string.h>

#include "emu/gdb/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
    if (!ok)
        abort();
}

static void read_as(unsigned how, struct gdb_in *in)
{
    uint8_t bytes[16];
    uint32_t pid, tid;
    uint64_t a, b;
    char text[32];

    switch (how) {
    case 0: (void)gdb_hex(in, &a); break;
    case 1: (void)gdb_two_hex(in, &a, &b); break;
    case 2: (void)gdb_bytes(in, bytes, sizeof(bytes)); break;
    case 3: (void)gdb_thread_id(in, &pid, &tid); break;
    case 4: (void)gdb_skip(in, "vCont;"); break;
    default: (void)gdb_text(in, ',', text, sizeof(text)); break;
    }
}

static void read_packet(char *text, size_t len)
{
    static struct gdb_out out;
    struct gdb_in in;

    len = gdb_unescape(text, len);
    for (unsigned how = 0; how < 6; how++) {
        in = gdb_in(text, len);
        for (int i = 0; i < 8; i++)
            read_as(i == 0 ? how : (how + 1) % 6, &in);
        check(in.at >= text && in.at <= in.end && in.end == text + len);
    }
    gdb_clear(&out);
    check(gdb_put_binary(&out, text, len) <= len);
    check(out.len <= GDB_PACKET_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    const char *body;
    size_t len;
    int bytes;

    if (!text)
        return 0;
    text[0] = '$';
    memcpy(text + 1, data, size);
    bytes = gdb_find_packet(text, size + 1, &body, &len);
    check(bytes <= (int)size + 1 && (bytes >= 0 || len <= size + 1));
    if (bytes > 0)
        check(body + len <= text + size + 1);
    read_packet(text, size + 1);
    free(text);
    return 0;
}
