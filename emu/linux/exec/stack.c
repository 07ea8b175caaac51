// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/exec/stack.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/cpumodel.h"
#include "emu/linux/sched/rlimit.h"
#include "emu/linux/uaccess.h"
#include "mm/mmap.h"

#define STACK_TOP   (UINT64_C(0x0000080000000000) - (UINT64_C(1) << 32))
#define STACK_START (UINT64_C(16) << PAGE_SHIFT) /* mapped at first */
#define STK_LIM     (UINT64_C(8) << 20)          /* bytes: _STK_LIM */
#define ARG_MAX_G   (UINT64_C(128) << 10)        /* bytes that may always be */
#define WINDOW_SAVE 128 /* bytes: locals and ins of a window */
#define CLOCKS_TICK 100

/* Writes downwards from the top of the stack. */
struct pusher {
    struct task *t;
    uint64_t p;
    bool failed;
};

static void push_bytes(struct pusher *s, const void *bytes, size_t len)
{
    s->p -= len;
    if (copy_to_user(s->t, s->p, bytes, len))
        s->failed = true;
}

static uint64_t push_string(struct pusher *s, const char *string)
{
    push_bytes(s, string, strlen(string) + 1);
    return s->p;
}

static void put(struct pusher *s, uint64_t *at, uint64_t value)
{
    if (put_user64(s->t, *at, value))
        s->failed = true;
    *at += 8;
}

static size_t count(char *const *list)
{
    size_t n = 0;

    while (list && list[n])
        n++;
    return n;
}

static uint64_t total_bytes(char *const *list)
{
    uint64_t sum = 0;

    for (size_t i = 0; list && list[i]; i++)
        sum += strlen(list[i]) + 1 + 8;
    return sum;
}

/* Strings of @list, last first, their addresses in @at. */
static void push_list(struct pusher *s, char *const *list, size_t nr,
                      uint64_t *at)
{
    for (size_t i = nr; i-- > 0;)
        at[i] = push_string(s, list[i]);
}

struct aux {
    uint64_t type, value;
};

static int map_stack(struct task *t, bool exec)
{
    struct mmap_args args = {.addr = STACK_TOP - STACK_START,
                             .len = STACK_START,
                             .prot = PROT_G_READ | PROT_G_WRITE |
                                     (exec ? PROT_G_EXEC : 0),
                             .flags = MAP_G_PRIVATE | MAP_G_ANONYMOUS |
                                      MAP_G_FIXED | MAP_G_GROWSDOWN};
    gva_t at;

    mm_set_stack_limit(t->process->mm, rlimit(t, RLIMIT_G_STACK));
    return mm_mmap(t->process->mm, &args, &at);
}

uint64_t stack_arg_limit(const struct task *t)
{
    uint64_t limit = STK_LIM / 4 * 3;

    if (rlimit(t, RLIMIT_G_STACK) / 4 < limit)
        limit = rlimit(t, RLIMIT_G_STACK) / 4;
    return limit > ARG_MAX_G ? limit : ARG_MAX_G;
}

/* Where the strings are that the auxiliary vector points to. */
struct pushed {
    uint64_t execfn;
    uint64_t random;
};

/* create_elf_tables(): the auxiliary vector, into @t.  Returns its pairs. */
static size_t make_auxv(struct task *t, const struct image *image,
                        const struct pushed *pushed)
{
    const bool adi = cpu_model_has_adi(t->m->options.cpu);
    const struct aux aux[] = {
        {AT_G_ADI_BLKSZ, adi ? ADI_BLKSZ : 0},
        {AT_G_ADI_NBITS, adi ? ADI_NBITS : 0},
        {AT_G_ADI_UEONADI, adi ? ADI_UE_ON_ADI : 0},
        {16 /* AT_HWCAP */, cpu_model_hwcap(t->m->options.cpu)},
        {6 /* AT_PAGESZ */, PAGE_SIZE},
        {17 /* AT_CLKTCK */, CLOCKS_TICK},
        {3 /* AT_PHDR */, image->phdr},
        {4 /* AT_PHENT */, 56},
        {5 /* AT_PHNUM */, image->phnum},
        {7 /* AT_BASE */, image->base},
        {8 /* AT_FLAGS */, 0},
        {9 /* AT_ENTRY */, image->entry},
        {11 /* AT_UID */, t->cred.uid.real},
        {12 /* AT_EUID */, t->cred.uid.effective},
        {13 /* AT_GID */, t->cred.gid.real},
        {14 /* AT_EGID */, t->cred.gid.effective},
        {23 /* AT_SECURE */, t->cred.secure},
        {25 /* AT_RANDOM */, pushed->random},
        {31 /* AT_EXECFN */, pushed->execfn},
        {0 /* AT_NULL */, 0},
    };

    static_assert(sizeof(aux) <= sizeof(t->process->layout.auxv),
                  "room for all of them");
    memset(t->process->layout.auxv, 0, sizeof(t->process->layout.auxv));
    memcpy(t->process->layout.auxv, aux, sizeof(aux));
    return sizeof(aux) / sizeof(aux[0]);
}

static void put_list(struct pusher *s, uint64_t *at, const uint64_t *list,
                     size_t nr)
{
    for (size_t i = 0; i < nr; i++)
        put(s, at, list[i]);
    put(s, at, 0);
}

static uint64_t push_random(struct pusher *s)
{
    uint64_t random[2];

    for (unsigned i = 0; i < 2; i++)
        random[i] = rng_next(&s->t->m->random);
    push_bytes(s, random, sizeof(random));
    return s->p;
}

int stack_setup(struct task *t, const struct image *image,
                const struct machine_program *program, uint64_t *sp)
{
    size_t argc = count(program->argv), envc = count(program->envp), nr_aux;
    struct pusher s = {.t = t, .p = STACK_TOP - 8};
    uint64_t *argv, *envp, at;
    struct pushed pushed;
    int err;

    if (total_bytes(program->argv) + total_bytes(program->envp) >
        stack_arg_limit(t))
        return -E2BIG;
    err = map_stack(t, image->exec_stack);
    if (err)
        return err;
    argv = calloc(argc + envc + 1, sizeof(*argv));
    if (!argv)
        return -ENOMEM;
    envp = argv + argc;

    pushed.execfn = push_string(&s, program->path);
    t->process->layout.env_end = s.p;
    push_list(&s, program->envp, envc, envp);
    t->process->layout.env_start = t->process->layout.arg_end = s.p;
    push_list(&s, program->argv, argc, argv);
    t->process->layout.arg_start = s.p;
    pushed.random = push_random(&s);
    nr_aux = make_auxv(t, image, &pushed);

    s.p -= (1 + argc + 1 + envc + 1 + 2 * nr_aux) * 8;
    s.p &= ~UINT64_C(15);
    t->process->layout.start_stack = at = s.p;
    put(&s, &at, argc);
    put_list(&s, &at, argv, argc);
    put_list(&s, &at, envp, envc);
    for (size_t i = 0; i < 2 * nr_aux; i++)
        put(&s, &at, t->process->layout.auxv[i]);
    free(argv);
    if (s.failed || clear_user(t, s.p - WINDOW_SAVE, WINDOW_SAVE))
        return -E2BIG; /* get_arg_page(): no memory for it */
    *sp = s.p - WINDOW_SAVE - STACK_BIAS_G;
    return 0;
}
