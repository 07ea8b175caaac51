// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * setjmp() and longjmp() over five frames, 400,000 times: the windows are
 * flushed, and filled again from the stack.
 */
#include <setjmp.h>
#include <stdio.h>

#define ROUNDS 400000
#define FRAMES 5

static jmp_buf back;
static void (*volatile jump)(jmp_buf, int) = longjmp;

static __attribute__((noinline, noclone)) int down(volatile int n)
{
    if (n == 0) {
        jump(back, 1);
        return 0; /* not reached, which the compiler need not know */
    }
    return down(n - 1) + n;
}

int main(void)
{
    volatile int returned = 0, jumped = 0;

    for (volatile int i = 0; i < ROUNDS; i++) {
        if (setjmp(back) == 0) {
            down(FRAMES);
            returned++;
        } else {
            jumped++;
        }
    }
    printf("%d jumped, %d returned\n", jumped, returned);
    return 0;
}
