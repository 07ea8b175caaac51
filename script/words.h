/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script/words.h - the words of the language, for reading and for writing
 *
 * Owns:    tables of a word and what it means
 * Used by: script/item.c, script/text.c, script/script.c; cli/explore.c
 */
#pragma once

#include <stddef.h>

/* A table ends with the word NULL. */
struct word {
    const char *word;
    int value;
};

extern const struct word policy_words[];
extern const struct word advice_words[];  /* MADV_G_* */
extern const struct word backing_words[]; /* enum script_backing */
extern const struct word fail_words[];    /* enum script_fail */
extern const struct word prot_words[];    /* PROT_G_* without ADI */
extern const struct word kind_words[];    /* enum fault_kind */
extern const struct word moment_words[];  /* enum moment_id */

/* word_of - the first word that means @value */
const char *word_of(const struct word *table, int value);
