// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/asm_long_blocks.c - straight lines of many hundred instructions
 *
 * Catches ends of blocks that depend on how much code an instruction becomes:
 * two processes count in one page, and take turns where blocks end.
 */
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plain.h"

/* 1,200 instructions, of which SAVE becomes most code. */
static void __attribute__((noinline)) line(volatile uint64_t *at)
{
    uint64_t v;

    __asm__ volatile(".rept 400\n\tsave %%sp, -192, %%sp\n\t"
                     "restore\n\tadd %0, 1, %0\n\t.endr"
                     : "=r" (v) : "0" (*at));
    *at = v;
}

int main(void)
{
    volatile uint64_t *at = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = fork();
    int status = 0;

    for (int i = 0; i < 300; i++)
        line(&at[child == 0]);
    if (child == 0)
        _exit(0);
    waitpid(child, &status, 0);
    printf("%llu %llu %d\n", (unsigned long long)at[0],
           (unsigned long long)at[1], status);
    return 0;
}
