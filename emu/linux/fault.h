/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/fault.h - from an address that the program uses to a frame
 *
 * Owns:    the rules of do_sparc64_fault() and of the MCD traps
 * Used by: the engine's ops (emu/cpu.c), emu/linux/uaccess.c
 * Source:  linux v6.2 arch/sparc/mm/fault_64.c, kernel/traps_64.c
 */
#pragma once

#include "emu/linux/sched/task.h"

/* si_code values, as in the guest's siginfo. */
#define SEGV_G_MAPERR  1
#define SEGV_G_ACCERR  2
#define SEGV_G_ACCADI  5
#define SEGV_G_ADIDERR 6
#define SEGV_G_ADIPERR 7
#define BUS_G_ADRALN   1
#define BUS_G_ADRERR   2
#define ILL_G_ILLOPC   1
#define ILL_G_ILLADR   3
#define ILL_G_ILLTRP   4
#define ILL_G_PRVOPC   5
#define FPE_G_INTDIV   1

/*
 * task_translate - the frame behind @va, faulted in
 *
 * @va: with its tag bits
 * Returns ACCESS_DONE and fills @page; ACCESS_FAULT, with *@fault saying why;
 * or ACCESS_WAIT.
 */
MUST_CHECK enum access_end task_translate(struct task *t, uint64_t va,
                                          enum access access,
                                          struct engine_page *page,
                                          struct fault_info *fault);

/* task_get_user_page - the same as get_user_pages() gets it: where an access
 * would be a kernel BUG, there is no page */
MUST_CHECK enum access_end task_get_user_page(struct task *t, uint64_t va,
                                              enum access access,
                                              struct engine_page *page,
                                              struct fault_info *fault);

/* task_translate_mcd - for an access to the tags themselves */
MUST_CHECK enum access_end task_translate_mcd(struct task *t, uint64_t va,
                                              bool store,
                                              struct engine_page *page,
                                              struct fault_info *fault);
