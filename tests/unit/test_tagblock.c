// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "adi/tagblock.h"
#include "adi/tags.h"
#include "unit.h"

static void assert_round_trip(const adi_tag_t tags[static ADI_TAGS_PER_PAGE],
                              size_t bytes)
{
    adi_tag_t back[ADI_TAGS_PER_PAGE];
    struct tagpool pool = {.pages = NULL};
    uint64_t word = tagblock_make(&pool, tags);

    assert_int_not_equal(word, 0);
    assert_int_equal(tagblock_bytes(word), bytes);
    memset(back, 0xee, sizeof(back));
    tagblock_get(word, back);
    assert_memory_equal(back, tags, sizeof(back));
    tagblock_free(&pool, word);
    tagpool_fini(&pool);
}

static void test_make_when_uniform_needs_no_heap(void **state)
{
    adi_tag_t tags[ADI_TAGS_PER_PAGE];

    (void)state;
    for (adi_tag_t tag = 0; tag < 16; tag++) {
        memset(tags, tag, sizeof(tags));
        assert_round_trip(tags, 0);
        assert_int_equal(tags_uniform(tags), tag);
    }
}

/* A block that was freed is the next to be used; pages are full first. */
static void test_free_then_make_uses_the_block_again(void **state)
{
    struct tagpool pool = {.pages = NULL};
    adi_tag_t tags[ADI_TAGS_PER_PAGE], back[ADI_TAGS_PER_PAGE];
    uint64_t words[300], first;

    (void)state;
    for (unsigned i = 0; i < ADI_TAGS_PER_PAGE; i++)
        tags[i] = (adi_tag_t)(i % 15);
    for (unsigned i = 0; i < 300; i++) {
        tags[0] = (adi_tag_t)(i % 16);
        words[i] = tagblock_make(&pool, tags);
        assert_int_not_equal(words[i], 0);
    }
    for (unsigned i = 0; i < 300; i++) {
        tagblock_get(words[i], back);
        assert_int_equal(back[0], i % 16);
        assert_memory_equal(back + 1, tags + 1, sizeof(back) - 1);
    }
    first = words[7];
    tagblock_free(&pool, first);
    assert_true(tagblock_make(&pool, tags) == first);
    tagblock_free(&pool, 0);
    tagpool_fini(&pool);
}

/* Every number of runs, with run borders in random places. */
static void test_make_when_runs_grow_uses_next_size(void **state)
{
    (void)state;
    srand(2);
    for (unsigned runs = 1; runs <= ADI_TAGS_PER_PAGE; runs++) {
        for (int round = 0; round < 50; round++) {
            adi_tag_t tags[ADI_TAGS_PER_PAGE] = {0};
            uint8_t border[ADI_TAGS_PER_PAGE] = {0};
            unsigned left = runs - 1;
            adi_tag_t tag = (adi_tag_t)(rand() % 16);
            uint64_t mask[2];

            while (left > 0) {
                unsigned at = 1 + (unsigned)rand() % (ADI_TAGS_PER_PAGE - 1);

                left -= border[at] == 0;
                border[at] = 1;
            }
            for (unsigned i = 0; i < ADI_TAGS_PER_PAGE; i++) {
                if (border[i])
                    tag = (adi_tag_t)((tag + 1 + rand() % 15) % 16);
                tags[i] = tag;
            }
            assert_int_equal(tags_runs(tags, mask), runs);
            assert_round_trip(tags, runs <= 6    ? 0
                                    : runs <= 8  ? 16
                                    : runs <= 16 ? 32
                                                 : 64);
        }
    }
}

/* The case that a stored version of MTE compression loses. */
static void test_make_when_two_equal_halves_keeps_both(void **state)
{
    adi_tag_t tags[ADI_TAGS_PER_PAGE];

    (void)state;
    memset(tags, 3, 64);
    memset(tags + 64, 9, 64);
    assert_round_trip(tags, 0);
}

static void test_pack_puts_lower_block_in_high_nibble(void **state)
{
    adi_tag_t tags[ADI_TAGS_PER_PAGE] = {1, 2, [126] = 14, [127] = 15};
    adi_tag_t back[ADI_TAGS_PER_PAGE];
    uint8_t packed[ADI_TAG_BYTES];

    (void)state;
    tags_pack(packed, tags);
    assert_int_equal(packed[0], 0x12);
    assert_int_equal(packed[63], 0xef);
    tags_unpack(back, packed);
    assert_memory_equal(back, tags, sizeof(tags));
}

static void test_uniform_when_one_block_differs_says_no(void **state)
{
    adi_tag_t tags[ADI_TAGS_PER_PAGE] = {0};

    (void)state;
    for (unsigned i = 0; i < ADI_TAGS_PER_PAGE; i++) {
        tags[i] = 1;
        assert_int_equal(tags_uniform(tags), -1);
        tags[i] = 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_make_when_uniform_needs_no_heap),
        cmocka_unit_test(test_free_then_make_uses_the_block_again),
        cmocka_unit_test(test_make_when_runs_grow_uses_next_size),
        cmocka_unit_test(test_make_when_two_equal_halves_keeps_both),
        cmocka_unit_test(test_pack_puts_lower_block_in_high_nibble),
        cmocka_unit_test(test_uniform_when_one_block_differs_says_no),
    };

    return RUN(tests);
}
