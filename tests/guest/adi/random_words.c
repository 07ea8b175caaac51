// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/random_words.c [WORDS [SEED]] - random words as instructions
 *
 * Half of them are any 32 bits, the others of the groups that adiemu
 * translates itself: VIS, FPops, cbcond, loads and stores by any ASI.  Each
 * runs with random registers, some of them pointers, every fourth in a delay
 * slot, and whatever signal it raises is caught.  A child does it, as a word
 * may ruin its stack.  All of them are tried, a second run does the same, and
 * the emulator lives: docs/cpu.md has the command for more, under the
 * sanitizers.
 *
 * run: --ram=32M
 * check: path
 * stdout: 6000 words
 * run: --cpu=t4 --ram=32M --swap=16M --stress=swap:20000:3
 * check: path
 * stdout: 6000 words
 */
#include <setjmp.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "adi/adi.h"

#define WORDS 6000
#define BATCH 1000 /* words for a child, if it lives */
#define DATA  (8 * PAGE)
#define SLOT  4 /* words of code for one */

/*
 * go(regs, code): registers from @regs (%g1 first, behind them %f0 to %f62 as
 * doubles), and jump; the way back is a signal.
 */
extern void go(const uint64_t *regs, const void *code);
__asm__(".register %g2, #scratch\n\t.register %g3, #scratch\n"
        "\t.text\n\t.align 4\n\t.global go\ngo:\n"
        "\tsave %sp, -192, %sp\n"
        "\tmov %i1, %o7\n"
        "\tldd [%i0 + 200], %f0\n\tldd [%i0 + 208], %f2\n"
        "\tldd [%i0 + 216], %f4\n\tldd [%i0 + 224], %f6\n"
        "\tldd [%i0 + 232], %f8\n\tldd [%i0 + 240], %f10\n"
        "\tldd [%i0 + 248], %f32\n\tldd [%i0 + 256], %f34\n"
        "\tldd [%i0 + 264], %f48\n\tldd [%i0 + 272], %f62\n"
        "\tldx [%i0], %g1\n\tldx [%i0 + 8], %g2\n\tldx [%i0 + 16], %g3\n"
        "\tldx [%i0 + 24], %g4\n\tldx [%i0 + 32], %g5\n"
        "\tldx [%i0 + 40], %o0\n\tldx [%i0 + 48], %o1\n"
        "\tldx [%i0 + 56], %o2\n\tldx [%i0 + 64], %o3\n"
        "\tldx [%i0 + 72], %o4\n\tldx [%i0 + 80], %o5\n"
        "\tldx [%i0 + 88], %l0\n\tldx [%i0 + 96], %l1\n"
        "\tldx [%i0 + 104], %l2\n\tldx [%i0 + 112], %l3\n"
        "\tldx [%i0 + 120], %l4\n\tldx [%i0 + 128], %l5\n"
        "\tldx [%i0 + 136], %l6\n\tldx [%i0 + 144], %l7\n"
        "\tldx [%i0 + 160], %i1\n\tldx [%i0 + 168], %i2\n"
        "\tldx [%i0 + 176], %i3\n\tldx [%i0 + 184], %i4\n"
        "\tldx [%i0 + 192], %i5\n"
        "\tjmpl %o7, %g0\n\t ldx [%i0 + 152], %i0\n");

#define REGS_WORDS 35 /* that go() reads */

/* Of all children, in shared memory. */
struct tally {
    volatile uint64_t done, deaths;
    volatile uint64_t signals[32];
};

static struct tally *tally;
static uint64_t state;
static char *data;
static sigjmp_buf back;
static volatile uint64_t seen_at_tick;

static uint64_t rnd(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 0x2545f4914f6cdd1dul;
}

static uint64_t bits(unsigned nr)
{
    return rnd() >> (64 - nr);
}

static uint32_t in_field(uint32_t word, unsigned shift, unsigned width,
                         uint32_t value)
{
    uint32_t mask = ((1u << width) - 1) << shift;

    return (word & ~mask) | value << shift;
}

/* Stack pointers and %g7, which libc needs: another register. */
static uint32_t spare_registers(uint32_t word)
{
    unsigned rd = word >> 25 & 31;

    if (word >> 30 < 2)
        return word;
    if (rd == 14 || rd == 30)
        return in_field(word, 25, 5, rd - 2);
    return rd == 6 || rd == 7 ? in_field(word, 25, 5, rd - 2) : word;
}

/* A trap by number: no system call, and nothing like one. */
static uint32_t tame_trap(uint32_t word)
{
    uint32_t number = word & 0x7f;

    if (word >> 30 != 2 || (word >> 19 & 0x3f) != 0x3a)
        return word;
    if (number == 0x10 || (number >= 0x6d && number <= 0x6f))
        number = 0;
    return in_field(in_field(word, 14, 5, 0), 0, 14, 0x2000 | number);
}

static uint32_t random_word(void)
{
    uint32_t word = (uint32_t)rnd();

    switch (bits(3)) {
    case 0: /* FPop1, FPop2, VIS, fused */
    case 1: word = in_field(word, 19, 13, 0x1000 | (word >> 19 & 0x7c3)); break;
    case 2: /* VIS of an opf that there is */
        word = in_field(in_field(word, 30, 2, 2), 19, 6, 0x36);
        break;
    case 3: /* cbcond, or a condition that is none */
        word = in_field(in_field(word, 28, 4, word >> 28 & 3), 22, 3, 3);
        break;
    case 4: /* by an ASI that may be one of ours */
        word = in_field(in_field(word, 30, 2, 3), 23, 2, 1 | bits(1) << 1);
        if (bits(1))
            word = in_field(word, 10, 3, 4 + bits(2));
        break;
    default: break;
    }
    return spare_registers(tame_trap(word));
}

static void on_signal(int sig)
{
    tally->signals[sig]++;
    siglongjmp(back, 1);
}

/* It loops when no word is done between two ticks. */
static void on_tick(int sig)
{
    if (seen_at_tick == tally->done)
        on_signal(sig);
    seen_at_tick = tally->done;
}

static void catch_signals(void)
{
    static const int signals[] = {SIGILL, SIGTRAP, SIGEMT, SIGFPE,
                                  SIGBUS, SIGSEGV, SIGSYS};
    static char stack[64 << 10] __attribute__((aligned(16)));
    const stack_t alt = {.ss_sp = stack, .ss_size = sizeof(stack)};
    struct sigaction sa = {.sa_handler = on_signal,
                           .sa_flags = SA_NODEFER | SA_ONSTACK};
    const struct itimerval tick = {{0, 2000}, {0, 2000}};

    CHECK(sigaltstack(&alt, NULL) == 0);
    for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
        CHECK(sigaction(signals[i], &sa, NULL) == 0);
    sa.sa_handler = on_tick;
    CHECK(sigaction(SIGALRM, &sa, NULL) == 0);
    CHECK(setitimer(ITIMER_REAL, &tick, NULL) == 0);
}

/* [ba . + 8,] the word, ta 1 */
static void put_code(uint32_t *code)
{
    uint32_t word = random_word();

    for (unsigned i = 0; i < SLOT; i++)
        code[i] = 0x91d02001;
    if (bits(2)) {
        code[0] = word;
        return;
    }
    code[0] = 0x10800002;
    code[1] = word;
}

static void random_registers(uint64_t *regs)
{
    for (unsigned i = 0; i < REGS_WORDS; i++) {
        regs[i] = rnd() >> bits(6);
        if (bits(1))
            regs[i] = (uint64_t)data + (DATA / 2) + (bits(13) & -bits(3));
        if (!bits(4))
            regs[i] |= bits(4) << 60;
    }
}

static void child(uint64_t end)
{
    uint32_t *code = (uint32_t *)(void *)map_pages(
        SLOT * 4 * BATCH / PAGE + 1, PROT_READ | PROT_WRITE | PROT_EXEC);
    static uint64_t regs[REGS_WORDS];

    catch_signals();
    for (uint64_t i = 0; i < BATCH; i++)
        put_code(code + SLOT * i);
    for (uint64_t i = 0; i < BATCH && tally->done < end; i++) {
        random_registers(regs);
        tally->done++;
        if (sigsetjmp(back, 0) == 0)
            go(regs, code + SLOT * i);
    }
    _exit(0);
}

int main(int argc, char **argv)
{
    uint64_t words = argc > 1 ? strtoul(argv[1], NULL, 0) : WORDS;
    uint64_t seed = argc > 2 ? strtoul(argv[2], NULL, 0) : 1;

    tally = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                 -1, 0);
    CHECK(tally != MAP_FAILED);
    data = map_pages(DATA / PAGE, PROT_READ | PROT_WRITE | PROT_ADI);
    while (tally->done < words) {
        int status;
        pid_t pid = fork();

        CHECK(pid >= 0);
        if (pid == 0) {
            state = (seed << 32) + tally->done + 0x9e3779b97f4a7c15ul;
            child(words);
        }
        CHECK(waitpid(pid, &status, 0) == pid);
        tally->deaths += WIFSIGNALED(status);
    }
    printf("%lu words\n", words);
    for (int sig = 1; sig < 32; sig++)
        if (tally->signals[sig])
            printf("signal %d: %lu\n", sig, tally->signals[sig]);
    printf("%lu children died\n", tally->deaths);
    return 0;
}
