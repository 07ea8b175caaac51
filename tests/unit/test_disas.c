// SPDX-License-Identifier: GPL-2.0-or-later
/* What -d in_asm calls instructions. */
#include <string.h>

#include "emu/disas.h"
#include "unit.h"

static const struct {
    uint32_t word;
    const char *text;
} cases[] = {
    /* Capstone's, whose versions differ in the operands */
    {0x9de3bf50, "save"},
    {0x81c7e008, "ret"},
    {0x01000000, "nop"},
    {0x40000123, "call"},
    {0xc25a3ff8, "ldx"},
    {0x91d0206d, "ta"},
    {0x89a00844, "faddd"},
    /* those of insns.def */
    {0x99b20a0a, "fpadd16 %f8, %f10, %f12"},
    {0x85b00321, "bmask %g0, %g1, %g2"},
    {0x95b20009, "edge8 %o0, %o1, %o2"},
    {0x99ba0a4a, "fmaddd %f8, %f10, %f36, %f12"},
    {0x99b2248a, "fpadd8 %f8, %f10, %f12"},
    {0x83b002e2, "lzcnt %g2, %g1"},
    /* alternate spaces: version tags */
    {0xc2da1200, "ldxa [%o0] #ASI_MCD_P, %g1"},
    {0xc2da1209, "ldxa [%o0 + %o1] #ASI_MCD_P, %g1"},
    {0xc2f21200, "stxa %g1, [%o0] #ASI_MCD_P"},
    {0xc2f22008, "stxa %g1, [%o0 + 0x8] %asi"},
    {0xc2f23ff8, "stxa %g1, [%o0 - 0x8] %asi"},
    {0xc2f21240, "stxa %g1, [%o0] #ASI_MCD_ST_BLKINIT_P"},
    {0xd6da1040, "ldxa [%o0] #ASI_PNF, %o3"},
    {0xc19a1e00, "ldda [%o0] #ASI_BLK_P, %f0"},
    {0xc1ba1e00, "stda %f0, [%o0] #ASI_BLK_P"},
    {0xc3e75002, "casa [%i5] #ASI_P, %g2, %g1"},
    {0xc3f75002, "casxa [%i5] #ASI_P, %g2, %g1"},
    {0xc2da0a60, "ldxa [%o0] 0x53, %g1"},
    /* registers beside the others */
    {0x83438000, "rd %mcdper, %g1"},
    {0x9d804000, "wr %g1, %g0, %mcdper"},
    {0x87802090, "wr %g0, 144, %asi"},
    {0x81dec000, "flush %i3"},
    {0x81dee008, "flush %i3 + 8"},
    {0x00000000, "unimp"},
};

static void test_text_of_each(void **state)
{
    struct disas *d = disas_create();
    char text[DISAS_BYTES];

    (void)state;
    assert_non_null(d);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        disas_insn(d, 0x100940, cases[i].word, text);
        if (!strchr(cases[i].text, ' '))
            text[strcspn(text, " ")] = '\0';
        if (strcmp(text, cases[i].text) != 0)
            fail_msg("%08x: \"%s\", not \"%s\"", cases[i].word, text,
                     cases[i].text);
    }
    disas_destroy(d);
    disas_destroy(NULL);
}

/* Whatever the word: no crash, and some text. */
static void test_any_word(void **state)
{
    struct disas *d = disas_create();
    uint32_t word = 1;
    char text[DISAS_BYTES];

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        word = word * 1664525u + 1013904223u;
        disas_insn(d, i * 4, word, text);
        assert_true(strlen(text) > 1);
    }
    disas_destroy(d);
}

static void test_lines(void **state)
{
    struct disas *d = disas_create();
    char text[400] = "";
    FILE *f = fmemopen(text, sizeof(text), "w");

    (void)state;
    disas_print(d, f, 0x100940, 0x83438000, true);
    disas_print(d, f, 0xfff8000100000944, 0x81dec000, false);
    (void)fclose(f);
    assert_string_equal(text, "----------------\n"
                              "IN:\n"
                              "0x0000000000100940:  83438000  rd %mcdper, %g1\n"
                              "0xfff8000100000944:  81dec000  flush %i3\n");
    disas_destroy(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_of_each),
        cmocka_unit_test(test_any_word),
        cmocka_unit_test(test_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
