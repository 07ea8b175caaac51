/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tests/unit/unit.h - cmocka with the headers it wants, and short names
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define RUN(tests) cmocka_run_group_tests(tests, NULL, NULL)
