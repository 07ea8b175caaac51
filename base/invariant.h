/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * base/invariant.h - stop when we are wrong
 *
 * Owns:    nothing
 * Used by: everyone, for what can only be a bug of ours
 *
 * Checked in every build.  No calls with effects inside the expression.
 */
#pragma once

#define INVARIANT(expr)                                                        \
    ((expr) ? (void)0 : invariant_failed(#expr, __FILE__, __LINE__))

/* Prints file, line and expression to stderr, then aborts. */
_Noreturn void invariant_failed(const char *expr, const char *file, int line);
