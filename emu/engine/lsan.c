// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For builds with the leak sanitizer: uc_close() of Unicorn 2.1.3 does not
 * free the TLBs of this target.
 */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_options(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:tlb_init_sparc64\nleak:tlb_mmu_resize_locked\n";
}

const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}
