/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run(state, code): all registers of @state, the code, all registers back.
 *
 * The code gets and returns to %i2 + 8.  It may change %l0 to %l6, %o, the
 * floating registers, %fsr, %gsr, %ccr, %y, %asi and what %l7 points to.
 */
#define L    0
#define F    64
#define FSR  320
#define GSR  328
#define CCR  336
#define Y    344

    .section .text
    .align 8
    .global run
    .type run, #function
run:
    save %sp, -192, %sp
    fmovs %f0, %f0              ! ftt and cexc
    ldx [%i0 + GSR], %l0
    wr %l0, 0, %gsr
    .irp n, 0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30
    ldd [%i0 + F + 4*\n], %f\n
    .endr
    .irp n, 32,34,36,38,40,42,44,46,48,50,52,54,56,58,60,62
    ldd [%i0 + F + 4*\n], %f\n
    .endr
    ldx [%i0 + FSR], %fsr
    ldx [%i0 + Y], %l0
    wr %l0, 0, %y
    .irp n, 1,2,3,4,5,6,7
    ldx [%i0 + L + 8*\n], %l\n
    .endr
    ldx [%i0 + CCR], %l0
    wr %l0, 0, %ccr
    ldx [%i0 + L], %l0
    jmpl %i1, %i2
    nop
    .irp n, 0,1,2,3,4,5,6,7
    stx %l\n, [%i0 + L + 8*\n]
    .endr
    rd %ccr, %l0
    stx %l0, [%i0 + CCR]
    rd %y, %l0
    stx %l0, [%i0 + Y]
    stx %fsr, [%i0 + FSR]
    stx %g0, [%sp + 2047 + 176]
    ldx [%sp + 2047 + 176], %fsr ! no trap from here
    .irp n, 0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30
    std %f\n, [%i0 + F + 4*\n]
    .endr
    .irp n, 32,34,36,38,40,42,44,46,48,50,52,54,56,58,60,62
    std %f\n, [%i0 + F + 4*\n]
    .endr
    rd %gsr, %l0
    stx %l0, [%i0 + GSR]
    wr %g0, 0x82, %asi
    ret
    restore
    .size run, . - run
