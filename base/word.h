/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * base/word.h - names from outside, on a terminal
 *
 * Owns:    how a file name or an argument is written in a line of ours
 * Used by: all that print one
 */
#pragma once

#include <stdarg.h>
#include <stdio.h>

/*
 * print_word - @text as a word that a shell reads as @text
 *
 * As it is when it is plain, in quotes when a shell would split or change it,
 * and with escapes for what a terminal would obey, or could not show.
 */
void print_word(FILE *out, const char *text);

/*
 * say_line - print a message of one line, whatever is in the names that it has
 *
 * What a terminal would obey is escaped; the newline is ours.  It is written
 * in one piece, as several processes may share stderr.
 */
void say_line(FILE *out, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * word_stream - a stream that says to @out what a library prints, with names
 *
 * The same, for each write to it: the newline that ends one is the library's.
 * Not buffered, as the library may exit.  NULL: no host memory.
 */
FILE *word_stream(FILE *out);
