// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fpu_random [-p] [OPERATIONS [SEED]]
 *
 * Programs of random floating-point instructions, among them stores and loads
 * of FSR, writes of GSR, and loads that fault, on the engine and on a model:
 * registers, FSR wherever it is looked at, and traps must be the same.  -p: the
 * engine without what it does for speed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/engine/cpu.h"
#include "emu/engine/engine.h"
#include "emu/engine/insns.h"
#include "emu/engine/steps.h"
#include "tests/cpu/fpu_insns.h"

#define FRAMES     4 /* what the self-test of the engine borrows */
#define CODE_VA    UINT64_C(0x10000) /* frame 1 */
#define DATA_VA    UINT64_C(0x20000) /* frame 2 */
#define NOWHERE_VA UINT64_C(0x30000)
#define TT_IEEE    0x21
#define TT_END     0x16d
#define WORDS      48
#define RUNS       20 /* of each program, with other numbers */

/* What the kernel, a debugger or a handler does at a trap. */
enum action {
    DO_NOTHING,
    DO_LOOK,
    DO_STORE, /* FSR, as in a signal frame */
    DO_SET,   /* another, as sigreturn() does */
    DO_SET_GSR,
    DO_SWITCH, /* to another task, and back */
    NR_ACTIONS
};

struct event {
    unsigned at; /* word */
    unsigned tt;
    enum action action;
    uint64_t fsr, value; /* before; what is set */
};

struct machine {
    struct engine *e;
    uint8_t *ram;
    void *saved;
    struct event wanted[MAX_WORDS];
    unsigned nr_wanted, nr_seen;
    const char *bad;
    unsigned bad_at;
};

static enum access_end translate(void *ctx, uint64_t va, enum access access,
                                 struct engine_page *page)
{
    (void)ctx;
    if (page_align_down(va) == (access == ACCESS_EXEC ? CODE_VA : DATA_VA)) {
        *page = (struct engine_page){.pfn = access == ACCESS_EXEC ? 1 : 2,
                                     .writable = access != ACCESS_EXEC};
        return ACCESS_DONE;
    }
    return ACCESS_FAULT;
}

static void tags_trusted(void *ctx, pfn_t pfn)
{
    engine_tags_trusted(((struct machine *)ctx)->e, pfn);
}

static void code_read(void *ctx, pfn_t pfn)
{
    engine_code_read(((struct machine *)ctx)->e, pfn);
}

static void switch_tasks(struct machine *m)
{
    cpu_save_state(m->e, m->saved);
    cpu_clear(m->e);
    cpu_load_state(m->e, m->saved);
}

static void act(struct machine *m, const struct event *event)
{
    switch (event->action) {
    case DO_STORE: cpu_set_fsr(m->e, cpu_fsr(m->e)); break;
    case DO_SET: cpu_set_fsr(m->e, event->value); break;
    case DO_SET_GSR: cpu_set_gsr(m->e, event->value); break;
    case DO_SWITCH: switch_tasks(m); break;
    default: break;
    }
}

static void trap(void *ctx, unsigned tt)
{
    struct machine *m = ctx;
    const struct event *event = &m->wanted[m->nr_seen];
    unsigned at = (unsigned)((cpu_pc(m->e) - CODE_VA) / 4);

    if (tt == TT_END) {
        engine_stop(m->e);
        return;
    }
    m->bad_at = at;
    if (m->nr_seen == m->nr_wanted || event->at != at || event->tt != tt)
        m->bad = "a trap";
    else if (event->action != DO_NOTHING && cpu_fsr(m->e) != event->fsr)
        m->bad = "FSR at a trap";
    if (m->bad) {
        engine_stop(m->e);
        return;
    }
    m->nr_seen++;
    act(m, event);
    cpu_skip(m->e);
}

static void poll(void *ctx)
{
    (void)ctx;
}

static const struct engine_ops ops = {
    .translate = translate,
    .tags_trusted = tags_trusted,
    .code_read = code_read,
    .trap = trap,
    .poll = poll,
};

static bool open_machine(struct machine *m, unsigned steps)
{
    static adi_tag_t tags[FRAMES * ADI_TAGS_PER_PAGE];
    struct engine_config config = {.ram_bytes = FRAMES * PAGE_SIZE,
                                   .tags = tags,
                                   .ops = &ops,
                                   .ctx = m,
                                   .classes = CLASS_ALL,
                                   .steps = steps};
    const char *why = "no memory";

    m->ram = aligned_alloc(PAGE_SIZE, FRAMES * PAGE_SIZE);
    m->saved = malloc(cpu_state_bytes());
    if (m->ram && m->saved) {
        memset(m->ram, 0, FRAMES * PAGE_SIZE);
        config.ram = m->ram;
        m->e = engine_create(&config, &why);
    }
    if (!m->e)
        (void)fprintf(stderr, "fpu_random: %s\n", why);
    return m->e != NULL;
}

static void put_big(uint8_t *at, uint64_t x, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(x >> 8 * (bytes - 1 - i));
}

static uint64_t get_big(const uint8_t *at, unsigned bytes)
{
    uint64_t x = 0;

    for (unsigned i = 0; i < bytes; i++)
        x = x << 8 | at[i];
    return x;
}

static void put_program(struct machine *m, const uint32_t *words)
{
    engine_code_changed(m->e, 1, 0, PAGE_SIZE);
    for (unsigned i = 0; i < WORDS; i++)
        put_big(m->ram + PAGE_SIZE + 4 * i, words[i], 4);
    put_big(m->ram + PAGE_SIZE + 4 * WORDS, OP_TA, 4);
}

static void put_state(struct machine *m, const struct fpu *cpu)
{
    cpu_clear(m->e);
    for (unsigned i = 0; i < CPU_NR_FPR; i++)
        cpu_set_fpr(m->e, i, cpu->d[i]);
    for (unsigned i = 0; i < NR_SLOTS; i++)
        put_big(m->ram + 2 * PAGE_SIZE + SLOT_BYTES * i, cpu->slot[i], 8);
    for (unsigned i = 0; i < NR_GSR; i++)
        cpu_set_reg(m->e, REG_GSR + i, cpu->gsr_source[i]);
    cpu_set_reg(m->e, REG_SLOTS, DATA_VA);
    cpu_set_reg(m->e, REG_NOWHERE, NOWHERE_VA);
    cpu_set_fsr(m->e, cpu->fsr);
    cpu_set_gsr(m->e, cpu->gsr);
    cpu_set_pc(m->e, CODE_VA, CODE_VA + 4);
}

/* What happens at a trap, on the model. */
static void plan(struct fpu *cpu, struct event *event, uint64_t *state)
{
    uint64_t r = fpu_draw(state);

    event->action = (enum action)(r % NR_ACTIONS);
    event->fsr = cpu->fsr;
    switch (event->action) {
    case DO_STORE: cpu->fsr &= ~FSR_FTT; break;
    case DO_SET:
        event->value = cpu->slot[r >> 8 & (NR_SLOTS - 2)];
        fpu_load_fsr(cpu, event->value);
        break;
    case DO_SET_GSR:
        event->value = cpu->gsr_source[r >> 8 & (NR_GSR - 1)];
        cpu->gsr = event->value;
        break;
    default: break;
    }
}

static void run_model(struct machine *m, struct fpu *cpu, const uint32_t *words,
                      uint64_t *state)
{
    m->nr_wanted = m->nr_seen = 0;
    m->bad = NULL;
    for (unsigned i = 0; i < WORDS; i++) {
        enum fpu_trap got = fpu_step(cpu, words[i]);
        struct event *event = &m->wanted[m->nr_wanted];

        if (got == FPU_DONE)
            continue;
        *event = (struct event){
            .at = i, .tt = got == FPU_IEEE ? TT_IEEE : ENGINE_TT_FAULT};
        plan(cpu, event, state);
        m->nr_wanted++;
    }
}

static bool wrong(struct machine *m, const char *what, unsigned at)
{
    m->bad = what;
    m->bad_at = at;
    return false;
}

static bool compare(struct machine *m, const struct fpu *cpu)
{
    if (m->bad)
        return false;
    if (m->nr_seen != m->nr_wanted)
        return wrong(m, "a trap is missing", m->wanted[m->nr_seen].at);
    for (unsigned i = 0; i < CPU_NR_FPR; i++)
        if (cpu_fpr(m->e, i) != cpu->d[i])
            return wrong(m, "register d", 2 * i);
    for (unsigned i = 0; i < NR_SLOTS; i++)
        if (get_big(m->ram + 2 * PAGE_SIZE + SLOT_BYTES * i, 8) != cpu->slot[i])
            return wrong(m, "FSR in memory, slot", i);
    if (cpu_gsr(m->e) != cpu->gsr)
        return wrong(m, "GSR", 0);
    if (cpu_fsr(m->e) != cpu->fsr)
        return wrong(m, "FSR at the end", 0);
    return true;
}

static bool run_once(struct machine *m, struct fpu *cpu, const uint32_t *words,
                     uint64_t *state)
{
    cpu->fsr = cpu_fsr(m->e) & FSR_VER;
    fpu_load_fsr(cpu, cpu->slot[0]);
    put_state(m, cpu);
    run_model(m, cpu, words, state);
    if (engine_run(m->e) != 0) {
        m->bad = engine_error(m->e);
        return false;
    }
    return compare(m, cpu);
}

static int complain(const struct machine *m, const struct fpu *cpu,
                    const uint32_t *words)
{
    (void)fprintf(stderr,
                  "%s %u: wrong; FSR is to be %016llx and is "
                  "%016llx.  The program:\n",
                  m->bad, m->bad_at,
                  (unsigned long long)(m->nr_seen < m->nr_wanted
                                           ? m->wanted[m->nr_seen].fsr
                                           : cpu->fsr),
                  (unsigned long long)cpu_fsr(m->e));
    for (unsigned i = 0; i < WORDS; i++)
        (void)fprintf(stderr, "%08x%c", words[i], i % 8 == 7 ? '\n' : ' ');
    return 1;
}

/* Half of the programs stay in the modes that are fast. */
static int run_all(struct machine *m, unsigned long operations, uint64_t seed)
{
    unsigned long done = 0, traps = 0;

    for (unsigned long n = 0; done < operations; n++) {
        uint64_t state = seed * UINT64_C(1000003) + n;
        uint32_t words[WORDS];
        bool calm = n & 1;
        struct fpu cpu;

        fpu_random_program(words, WORDS, &state, calm);
        put_program(m, words);
        for (unsigned i = 0; i < RUNS; i++, done += WORDS) {
            fpu_random_state(&cpu, &state, calm);
            if (!run_once(m, &cpu, words, &state)) {
                (void)fprintf(stderr, "seed %llu, program %lu, run %u: ",
                              (unsigned long long)seed, n, i);
                return complain(m, &cpu, words);
            }
            traps += m->nr_seen;
        }
    }
    (void)printf("%lu operations, %lu traps\n", done, traps);
    return 0;
}

int main(int argc, char **argv)
{
    bool plain = argc > 1 && strcmp(argv[1], "-p") == 0;
    struct machine m = {0};
    int code = 1;

    argc -= plain;
    argv += plain;
    if (open_machine(&m, plain ? 0 : ENGINE_STEPS_ALL))
        code = run_all(&m, argc > 1 ? strtoul(argv[1], NULL, 0) : 3000000,
                       argc > 2 ? strtoull(argv[2], NULL, 0) : 1);
    engine_destroy(m.e);
    free(m.saved);
    free(m.ram);
    return code;
}
