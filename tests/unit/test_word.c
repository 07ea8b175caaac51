// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names from outside: no control byte gets to a terminal, and a shell reads
 * a printed word as what it was.
 */
#include "base/word.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static const char *word(const char *text)
{
    static char *out;
    size_t len;
    FILE *f;

    free(out);
    f = open_memstream(&out, &len);
    assert_non_null(f);
    print_word(f, text);
    fclose(f);
    return out;
}

static void test_plain_words_stay(void **state)
{
    (void)state;
    assert_string_equal(word("./prog"), "./prog");
    assert_string_equal(word("--swap=64M,pri=1:a_b-c@d%e+f"),
                        "--swap=64M,pri=1:a_b-c@d%e+f");
}

static void test_what_a_shell_would_split_is_quoted(void **state)
{
    (void)state;
    assert_string_equal(word("my prog"), "'my prog'");
    assert_string_equal(word(""), "''");
    assert_string_equal(word("a'b"), "'a'\\''b'");
    assert_string_equal(word("$x`y`\\"), "'$x`y`\\'");
    assert_string_equal(word("gr\xc3\xbc\xc3\x9f"), "'gr\xc3\xbc\xc3\x9f'");
}

static void test_what_a_terminal_obeys_is_escaped(void **state)
{
    (void)state;
    assert_string_equal(word("\x1b[31m"), "$'\\033[31m'");
    assert_string_equal(word("a\nb'c\\"), "$'a\\012b\\'c\\\\'");
    assert_string_equal(word("\x7f"), "$'\\177'");
    /* CSI as one character of UTF-8, and as a byte that is none */
    assert_string_equal(word("\xc2\x9b\xc3\xbc"), "$'\\302\\233\xc3\xbc'");
    assert_string_equal(word("\x9b"
                             "1\xc3\xbc"),
                        "$'\\2331\\303\\274'");
}

/* Every byte, as bash reads it. */
static void test_bash_reads_it_back(void **state)
{
    char text[256], command[2048], back[512] = "";
    FILE *f;

    (void)state;
    for (int i = 1; i < 256; i++)
        text[i - 1] = (char)i;
    text[255] = '\0';
    snprintf(command, sizeof(command), "bash <<'END'\nprintf %%s %s\nEND\n",
             word(text));
    f = popen(command, "r");
    assert_non_null(f);
    assert_int_equal(fread(back, 1, sizeof(back), f), 255);
    assert_int_equal(pclose(f), 0);
    assert_memory_equal(back, text, 255);
}

static void test_a_line_is_one_line(void **state)
{
    char *out;
    size_t len;
    FILE *f = open_memstream(&out, &len);

    (void)state;
    assert_non_null(f);
    say_line(f, "%s: %d", "a b\n\x1b", 7);
    fclose(f);
    assert_string_equal(out, "a b\\012\\033: 7\n");
    free(out);
}

/* The longest name that Linux has, all of it escaped, is cut with care. */
static void test_a_long_line_is_cut(void **state)
{
    char name[5000], *out;
    size_t len;
    FILE *f = open_memstream(&out, &len);

    (void)state;
    assert_non_null(f);
    memset(name, 1, sizeof(name));
    name[sizeof(name) - 1] = '\0';
    say_line(f, "%s", name);
    fclose(f);
    assert_int_equal(out[len - 1], '\n');
    assert_int_equal((len - 1) % 4, 0);
    assert_true(len > 8000 && len < 8192);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_words_stay),
        cmocka_unit_test(test_what_a_shell_would_split_is_quoted),
        cmocka_unit_test(test_what_a_terminal_obeys_is_escaped),
        cmocka_unit_test(test_bash_reads_it_back),
        cmocka_unit_test(test_a_line_is_one_line),
        cmocka_unit_test(test_a_long_line_is_cut),
    };

    return RUN(tests);
}
