// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/cpu_classes.c - a CPU executes what AT_HWCAP and cpucaps announce
 *
 * An instruction or two of each class: they end in SIGILL when the class is
 * not announced.  Version tags and block-init stores have no opcodes.
 *
 * run:
 * stdout: SPARC-M7: 0xb47ffdf, sparc5
 * run: --cpu=t5
 * stdout: UltraSparc T5 (Niagara5): 0x347ffdf
 * run: --cpu=t4
 * stdout: UltraSparc T4 (Niagara4): 0x347ffdf
 * run: --cpu=ultrasparc --swap=16M --stress=swap:3000:1
 * stdout: TI UltraSparc I   (SpitFire): 0x2f1f
 *
 * The memset() of glibc has fzero, and malloc() calls it before main().
 *
 * run: --cpu=v9
 * exit: 132
 * stderr: uncaught target signal 4 (Illegal instruction)
 */
#include <setjmp.h>
#include <stdbool.h>
#include <sys/auxv.h>

#include "adi/procfs.h"

/* %o0 is the address of 64 bytes. */
INSN(i_flush, "", "flush %o0", "");
INSN(i_stbar, "", "stbar", "");
INSN(i_swap, "", "swap [%o0], %o1", "");
INSN(i_udiv, "wr %g0, %y", "udiv %o0, 3, %o1", "");
INSN(i_movr, "", "movrz %g0, 1, %o1", "");
INSN(i_fsmuld, "", "fsmuld %f1, %f3, %f4", "");
INSN(i_popc, "", "popc %o0, %o1", "");
/* What follows is of CPUs that the assembler is not told of. */
INSN(i_fzero, "", ".word 0x89b00c00", "");     /* fzero %f4 */
INSN(i_stpartial, "", ".word 0xc9ba1800", ""); /* stda %f4, [%o0] %g0, 0xc0 */
INSN(i_bmask, "", ".word 0x93b00320", "");     /* bmask %g0, %g0, %o1 */
INSN(i_siam, "", ".word 0x81b01020", "");      /* siam 0 */
INSN(i_fmaddd, "", ".word 0x89b88840", "");    /* fmaddd %f2, %f0, %f4, %f4 */
INSN(i_lzcnt, "", ".word 0x93b002e8", "");     /* lzcnt %o0, %o1 */
INSN(i_addxc, "", ".word 0x93b00220", "");     /* addxc %g0, %g0, %o1 */
INSN(i_fhaddd, "", ".word 0x89a08c40", "");    /* fhaddd %f2, %f0, %f4 */
INSN(i_fpmaddx, "", ".word 0x89b88800", "");   /* fpmaddx %f2, %f0, %f4, %f4 */
INSN(i_pause, "", ".word 0xb7802001", "");     /* pause 1 */
INSN(i_pause_reg, "", ".word 0xb7804002", ""); /* wr %g1, %g2, %pause */
INSN(i_cwbe, "", ".word 0x12c00040", "nop");   /* cwbe %g0, %g0, . + 8 */
INSN(i_subxc, "", ".word 0x93b00820", "");     /* subxc %g0, %g0, %o1 */
INSN(i_fpmin8, "", ".word 0x89b0a340", "");    /* fpmin8 %f2, %f0, %f4 */
INSN(i_mwait, "", ".word 0xb9802001", "");     /* mwait 1 */
INSN(i_blkinit, "", "stxa %g0, [%o0] 0xe2", "");
INSN(i_blkinit_asi, "wr %g0, 0xe2, %asi", "stxa %g0, [%o0] %asi", "");
INSN(i_mcd, "", "ldxa [%o0] 0x90, %o1", "");
INSN(i_mcdper, "", ".word 0x93438000", ""); /* rd %mcdper, %o1 */

#define SPARC5 32 /* no bit */

#define AT_ADI_BLKSZ 48
#define AT_ADI_NBITS 49

static const struct {
    unsigned bit; /* of AT_HWCAP */
    const char *word;
    access_fn *fn[2];
} classes[] = {
    {0, "flush", {i_flush}},
    {1, "stbar", {i_stbar}},
    {2, "swap", {i_swap}},
    {3, "muldiv", {i_udiv}},
    {4, "v9", {i_movr}},
    {6, "blkinit", {i_blkinit, i_blkinit_asi}},
    {7, "n2", {i_blkinit}},
    {8, "mul32", {i_udiv}},
    {9, "div32", {i_udiv}},
    {10, "fsmuld", {i_fsmuld}},
    {11, "v8plus", {i_movr}},
    {12, "popc", {NULL}}, /* everywhere, announced where it is fast */
    {13, "vis", {i_fzero, i_stpartial}},
    {14, "vis2", {i_bmask, i_siam}},
    {15, "ASIBlkInit", {i_blkinit, i_blkinit_asi}},
    {16, "fmaf", {i_fmaddd}},
    {17, "vis3", {i_lzcnt, i_addxc}},
    {18, "hpc", {i_fhaddd}},
    {22, "ima", {i_fpmaddx}},
    {24, "pause", {i_pause, i_pause_reg}},
    {25, "cbcond", {i_cwbe}},
    {27, "adp", {i_mcd}},
    {27, NULL, {i_mcdper}},
    {SPARC5, NULL, {i_subxc, i_fpmin8}},
    {SPARC5, NULL, {i_mwait}},
};

static char line[64] __attribute__((aligned(64)));
static char caps[300];
static volatile sig_atomic_t got;
static sigjmp_buf out;

static void on_signal(int sig)
{
    got = sig;
    siglongjmp(out, 1);
}

static int signal_of(access_fn *fn)
{
    got = 0;
    if (sigsetjmp(out, 1) == 0)
        fn(line, 0, NULL);
    return got;
}

static bool execute(const char *name, access_fn *const fn[2], int sig)
{
    for (int i = 0; i < 2 && fn[i]; i++) {
        int is = signal_of(fn[i]);

        if (is == sig)
            continue;
        printf("%s, %d: signal %d, not %d\n", name, i, is, sig);
        return false;
    }
    return true;
}

static const char *after_colon(const char *text)
{
    return strchr(text, ':') + 2;
}

int main(void)
{
    unsigned long hwcap = getauxval(AT_HWCAP), named = 0;
    bool sparc5, adp = (hwcap >> 27 & 1) != 0;
    char *cpu;

    signal(SIGILL, on_signal);
    CHECK(mprotect(line - (uintptr_t)line % PAGE, PAGE,
                   PROT_READ | PROT_WRITE | PROT_ADI) == 0);
    CHECK(signal_of(i_popc) == 0);
    sparc5 = signal_of(i_subxc) == 0;
    for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
        bool there = classes[i].bit == SPARC5
                         ? sparc5
                         : (hwcap >> classes[i].bit & 1) != 0;

        CHECK(execute(classes[i].word ? classes[i].word : "more", classes[i].fn,
                      there ? 0 : SIGILL));
        if (there && classes[i].word) {
            named |= 1ul << classes[i].bit;
            strcat(strcat(caps, *caps ? "," : ""), classes[i].word);
        }
    }
    CHECK(named == hwcap);
    /* Linux on SPARC has neither. */
    CHECK(getauxval(AT_HWCAP2) == 0 && getauxval(AT_PLATFORM) == 0);
    CHECK(getauxval(AT_ADI_BLKSZ) == (adp ? 64 : 0));
    CHECK(getauxval(AT_ADI_NBITS) == (adp ? 4 : 0));

    proc_read("/proc/cpuinfo");
    cpu = strdup(after_colon(line_of("cpu\t\t")));
    *strchr(cpu, '\n') = '\0';
    CHECK(strncmp(after_colon(line_of("cpucaps\t\t")), caps, strlen(caps)) ==
          0);
    CHECK(after_colon(line_of("cpucaps\t\t"))[strlen(caps)] == '\n');
    printf("%s: %#lx%s\n", cpu, hwcap, sparc5 ? ", sparc5" : "");
    return 0;
}
