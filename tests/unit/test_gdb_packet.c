// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets of gdb's protocol: what is read from them, and what is not there.
 */
#include "emu/gdb/packet.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static struct gdb_in in(const char *text)
{
    return gdb_in(text, strlen(text));
}

static void test_numbers(void **state)
{
    struct gdb_in i = in("1f,ABCDEF0123456789rest");
    uint64_t a, b;

    (void)state;
    assert_true(gdb_two_hex(&i, &a, &b));
    assert_true(a == 0x1f && b == UINT64_C(0xabcdef0123456789));
    assert_true(gdb_is(&i, "rest"));
    i = in("00000000000000001");
    assert_false(gdb_hex(&i, &a)); /* 17 digits */
    i = in("");
    assert_false(gdb_hex(&i, &a));
    i = in("12");
    assert_false(gdb_two_hex(&i, &a, &b));
}

static void test_thread_ids(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        uint32_t pid, tid;
    } rows[] = {{"3e8", true, 0, 0x3e8},
                {"-1", true, 0, GDB_ALL},
                {"p3e8.3e9", true, 0x3e8, 0x3e9},
                {"p3e8", true, 0x3e8, GDB_ALL},
                {"p-1", true, GDB_ALL, GDB_ALL},
                {"p1.-1", true, 1, GDB_ALL},
                {"p0.0", true, 0, 0},
                {"p", false, 0, 0},
                {"p1.", false, 0, 0},
                {"ffffffff", false, 0, 0},
                {"", false, 0, 0}};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct gdb_in i = in(rows[n].text);
        uint32_t pid, tid;

        assert_int_equal(gdb_thread_id(&i, &pid, &tid), rows[n].ok);
        if (rows[n].ok)
            assert_true(pid == rows[n].pid && tid == rows[n].tid);
    }
}

static void test_text(void **state)
{
    struct gdb_in i = in("616263,64");
    char text[4];

    (void)state;
    assert_true(gdb_text(&i, ',', text, sizeof(text)));
    assert_string_equal(text, "abc");
    assert_true(gdb_skip(&i, ","));
    assert_true(gdb_text(&i, ',', text, sizeof(text)));
    assert_string_equal(text, "d");
    i = in("61626364");
    assert_false(gdb_text(&i, ',', text, sizeof(text)));
    i = in("616");
    assert_false(gdb_text(&i, ',', text, sizeof(text)));
    i = in("6x");
    assert_false(gdb_text(&i, ',', text, sizeof(text)));
}

static void test_escapes(void **state)
{
    char text[] = "a}\x03"
                  "b}]}";
    static struct gdb_out out;

    (void)state;
    assert_int_equal(gdb_unescape(text, 7), 5); /* the last has no other half */
    assert_memory_equal(text, "a#b}}", 5);
    gdb_clear(&out);
    assert_int_equal(gdb_put_binary(&out, "$x#*}", 5), 5);
    assert_int_equal(out.len, 9);
    assert_memory_equal(out.text, "}\x04x}\x03}\n}]", 9);
}

static void test_frames(void **state)
{
    const char *body;
    size_t len;

    (void)state;
    assert_int_equal(gdb_find_packet("$qC#b4", 6, &body, &len), 6);
    assert_true(len == 2 && memcmp(body, "qC", 2) == 0);
    for (size_t part = 0; part < 6; part++)
        assert_int_equal(gdb_find_packet("$qC#b4", part, &body, &len), 0);
    assert_int_equal(gdb_find_packet("$qC#b5", 6, &body, &len), -1);
    assert_int_equal(len, 6);
    assert_int_equal(gdb_find_packet("$qC#xx", 6, &body, &len), -1);
}

static void test_too_long_stays(void **state)
{
    static struct gdb_out out;
    static char bytes[GDB_PACKET_BYTES + 1];

    (void)state;
    gdb_clear(&out);
    assert_true(gdb_put_binary(&out, bytes, sizeof(bytes)) < sizeof(bytes));
    assert_false(out.full);
    gdb_clear(&out);
    gdb_put_hex(&out, bytes, GDB_PACKET_BYTES);
    assert_false(out.full);
    gdb_put_hex(&out, bytes, GDB_PACKET_BYTES);
    assert_true(out.full);
    assert_true(out.len <= sizeof(out.text));
}

/* Of every piece of any text each reader stays within. */
static void test_anything_is_read(void **state)
{
    static const char letters[] = "0123456789abcdefp.-1,:;}x";
    uint64_t random = 1;

    (void)state;
    for (int n = 0; n < 20000; n++) {
        size_t len = (size_t)n % 24;
        char *text = malloc(len ? len : 1), out[8];
        const char *body;
        uint64_t a, b;
        uint32_t pid, tid;
        uint8_t bytes[4];
        struct gdb_in i;

        assert_non_null(text);
        for (size_t at = 0; at < len; at++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            text[at] = letters[(random >> 33) % (sizeof(letters) - 1)];
        }
        for (int how = 0; how < 6; how++) {
            i = gdb_in(text, len);
            switch (how) {
            case 0: (void)gdb_hex(&i, &a); break;
            case 1: (void)gdb_two_hex(&i, &a, &b); break;
            case 2: (void)gdb_thread_id(&i, &pid, &tid); break;
            case 3: (void)gdb_text(&i, ',', out, sizeof(out)); break;
            case 4: (void)gdb_bytes(&i, bytes, sizeof(bytes)); break;
            default: (void)gdb_find_packet(text, len, &body, &len); break;
            }
            assert_true(i.at >= text && i.at <= i.end);
        }
        (void)gdb_unescape(text, (size_t)n % 24);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_thread_ids),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_too_long_stays),
        cmocka_unit_test(test_anything_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
