// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adi/profile.h"
#include "base/word.h"
#include "cli/environment.h"
#include "cli/habit.h"
#include "cli/report_options.h"
#include "emu/engine/steps.h"
#include "emu/gdb/gdb.h"
#include "emu/linux/core/coredump.h"
#include "emu/linux/cpumodel.h"
#include "judge/mismatch.h"
#include "mm/phys.h"

/* Where Debian has what its cross compiler links with. */
#define DEFAULT_SYSROOT "/usr/sparc64-linux-gnu"

const char *const adiemu_version = ADIEMU_VERSION;
const char *argp_program_version = "adiemu " ADIEMU_VERSION;

/* Steps that are on or off where no option says so. */
#define ENGINE_VARIABLE "ADIEMU_ENGINE"

#define MAX_QUANTUM (UINT64_C(1) << 40)

static const struct argp_option help_options[] = {
    {NULL, 'h', NULL, 0, "The same", -1},
    {0},
};

static error_t parse_help(int key, char *arg, struct argp_state *state)
{
    (void)arg;
    if (key != 'h')
        return ARGP_ERR_UNKNOWN;
    argp_state_help(state, state->out_stream, ARGP_HELP_STD_HELP);
    return 0;
}

static const struct argp help_argp = {.options = help_options,
                                      .parser = parse_help};
const struct argp_child options_help[] = {{.argp = &help_argp}, {.argp = NULL}};

static const struct argp_option options[] = {
    {NULL, 0, NULL, 0, "The machine:", 1},
    {"ram", KEY_RAM, "SIZE", 0, "guest memory (default 256M)", 1},
    {"nodes", KEY_NODES, "N", 0,
     "in how many NUMA nodes it is, 1 to 8 (default 1); the CPU is on node 0",
     1},
    {"swap", KEY_SWAP, "SIZE[,pri=N][,sync][:FILE]", 0,
     "a swap device, in FILE or a temporary file; each further one is used "
     "when those before it are full, or by priority",
     1},
    {"kernel", KEY_KERNEL, "PROFILE", 0,
     "hooks and tag store of this kernel (default remap); \"list\" names them, "
     "\"host\" is the Linux nearest to that of this machine",
     1},
    {"cpu", KEY_CPU, "m7|t5|t4|ultrasparc|v9", 0,
     "the CPU, which executes the instructions that it has and no others "
     "(default m7); only an m7 has version tags",
     1},
    {"engine", KEY_ENGINE, "STEP=on|off,...", 0,
     "switch off what makes translated code faster, step by step or with "
     "all=off; \"list\" names the steps",
     1},
    {"seed", KEY_SEED, "N", 0, "seed of AT_RANDOM and getrandom()", 1},
    {"realtime", KEY_REALTIME, NULL, 0,
     "give the program the host's clock; runs then differ", 1},
    {"allow-host-devices", KEY_DEVICES, NULL, 0,
     "let a program of root make, remove and change the owner and mode of "
     "device nodes of the host",
     1},
    {"sandbox", KEY_SANDBOX, NULL, 0,
     "the program gets no files of the host but those of --bind and -L, no "
     "network, and no processes of the host",
     1},
    {"bind", KEY_BIND, "PATH[:ro]", 0,
     "with --sandbox: a file, or a directory with all that is in it; to be "
     "read only, with :ro",
     1},
    {"core", KEY_CORE, "PATTERN", OPTION_ARG_OPTIONAL,
     "write a core file when a signal says so (default name: core); %p in "
     "PATTERN is the pid, %e the program",
     1},
    {"uname", 'r', "RELEASE", 0,
     "what uname -r says (default: as the kernel of --kernel)", 1},
    {NULL, 'L', "DIR", 0,
     "absolute names of files that are in DIR mean those: the interpreter and "
     "the libraries of the program (default " DEFAULT_SYSROOT
     ", when it is there)",
     1},

    {NULL, 0, NULL, 0, "Events:", 2},
    {"stress", KEY_STRESS, "swap|migrate:PERIOD[:SEED]|wait:N", 0,
     "each PERIOD instructions, swap out or migrate a page; each N faults, one "
     "waits for a turn",
     2},
    {"schedule", KEY_SCHEDULE, "rr|random[:SEED]|pct[:SEED[:DEPTH]]", 0,
     "whose turn is next, of several threads and processes: that of the one "
     "which waits longest (rr, the default); any one's, after a turn of any "
     "length; or by priorities that change at DEPTH - 1 points (default 3)",
     2},
    {"quantum", KEY_QUANTUM, "N", 0,
     "instructions of a turn, on average with random (default 200000)", 2},
    {"fail", KEY_FAIL, "tagstore|swapwrite|swapread:N", 0,
     "the Nth allocation, write or read fails", 2},

    {"events", KEY_EVENTS, "FILE", 0,
     "carry out the event script in FILE; see docs/events.md", 2},

    {"stress-script", KEY_STRESS_SCRIPT, "FILE", 0,
     "write there what --stress swaps out and migrates, as a script for "
     "--events",
     2},

    {"check", KEY_CHECK, "off|path|full", 0,
     "look for faults of adiemu itself after each event, fault and system "
     "call: at the pages concerned, or time and again everywhere (default off)",
     2},

#include "cli/report_options.def"
    {"time-hooks", KEY_TIME_HOOKS, NULL, 0,
     "with json: the host's time in the hooks of the tag store; reports then "
     "differ",
     3},
    {"gdb", KEY_GDB, "PORT|SOCKET[,suspend=y|n]", 0,
     "let gdb debug the program: by a TCP port of this host or a socket; "
     "begin when gdb is there (y, the default), or at once",
     3},
    {"strace", KEY_STRACE, "FILE", OPTION_ARG_OPTIONAL,
     "print each system call and signal, as strace(1) does, to FILE (default "
     "stderr)",
     3},
    {"progress", KEY_PROGRESS, "SECONDS", OPTION_ARG_OPTIONAL,
     "say on stderr how far the run is, each SECONDS (default 1)", 3},
    {"log", KEY_LOG, "CATEGORY:LEVEL,...", 0,
     "what happens, as it happens; categories: cpu mm swap tags syscall signal "
     "loader event all; levels: off warn (default) info debug",
     3},

    {NULL, 'd', "in_asm|strace", 0,
     "print instructions as they are translated, or as --strace", 3},
    {NULL, 'D', "FILE", 0, "where -d and --strace print (default stderr)", 3},

    {NULL, 0, NULL, 0, "The program:", 4},
    {NULL, 's', "SIZE", 0, "its RLIMIT_STACK (default 8M)", 4},
    {NULL, 'E', "VAR=VALUE", 0, "set a variable of its environment", 4},
    {NULL, 'U', "VAR", 0, "remove a variable from its environment", 4},
    {NULL, '0', "ARGV0", 0, "its argv[0]", 4},
    {0},
};

static bool has_key(const int *keys, int key)
{
    while (*keys && *keys != key)
        keys++;
    return *keys != 0;
}

struct argp_option *options_hide(const struct argp_option *from,
                                 const int *keys)
{
    struct argp_option *copy;
    size_t nr = 0;

    while (from[nr].name || from[nr].key || from[nr].doc)
        nr++;
    copy = calloc(nr + 1, sizeof(*copy));
    if (!copy)
        exit(EXIT_INTERNAL);
    for (size_t i = 0; i < nr; i++) {
        copy[i] = from[i];
        if (has_key(keys, copy[i].key))
            copy[i].flags |= OPTION_HIDDEN;
    }
    return copy;
}

bool parse_size(const char *text, uint64_t *bytes, const char **end)
{
    static const char units[] = "KMGT";
    unsigned shift = 0;
    const char *unit;
    char *after;
    unsigned long long n;

    errno = 0;
    n = strtoull(text, &after, 0);
    if (after == text || errno != 0 || *text == '-' || *text == '+')
        return false;
    unit = *after ? strchr(units, *after & ~0x20) : NULL;
    if (unit) {
        shift = 10 * (unsigned)(unit - units + 1);
        after++;
    }
    if (n > UINT64_MAX >> shift)
        return false;
    *bytes = (uint64_t)n << shift;
    *end = after;
    return true;
}

bool parse_quantity(const char *text, char stop, uint64_t *n, const char **end)
{
    return parse_size(text, n, end) && (**end == '\0' || **end == stop);
}

static void parse_ram(struct run_options *o, const char *arg,
                      struct argp_state *state)
{
    const char *end;

    if (!parse_quantity(arg, '\0', &o->machine.ram_bytes, &end))
        argp_error(state, "--ram=%s: not a size", arg);
    if (o->machine.ram_bytes < UINT64_C(1) << 20)
        argp_error(state, "--ram=%s: less than 1M", arg);
    if (o->machine.ram_bytes > UINT64_C(1) << 40)
        argp_error(state, "--ram=%s: more than 1T", arg);
}

static void parse_nodes(struct run_options *o, const char *arg,
                        struct argp_state *state)
{
    const char *end;
    uint64_t n = 0;

    if (!parse_quantity(arg, '\0', &n, &end) || n < 1 || n > PHYS_MAX_NODES)
        argp_error(state, "--nodes=%s: not a number from 1 to %d", arg,
                   PHYS_MAX_NODES);
    o->machine.nr_nodes = (unsigned)n;
}

/* ",pri=N" and ",sync", in any order; @end: what follows them */
static void parse_swap_words(struct swap_option *swap, const char *arg,
                             const char **end, struct argp_state *state)
{
    uint64_t priority;

    while (**end == ',') {
        const char *word = *end + 1;

        if (strncmp(word, "sync", 4) == 0 && strchr(",:", word[4])) {
            if (swap->synchronous)
                argp_error(state, "--swap=%s: sync twice", arg);
            swap->synchronous = true;
            *end = word + 4;
        } else if (strncmp(word, "pri=", 4) == 0) {
            if (!parse_size(word + 4, &priority, end) || !strchr(",:", **end) ||
                priority > 32767)
                argp_error(state, "--swap=%s: no priority from 0 to 32767",
                           arg);
            if (swap->priority >= 0)
                argp_error(state, "--swap=%s: pri twice", arg);
            swap->priority = (int)priority;
        } else {
            argp_error(state, "--swap=%s: not pri=N or sync after the comma",
                       arg);
        }
    }
}

/* What follows SIZE. */
static void parse_swap(struct run_options *o, const char *arg,
                       struct argp_state *state)
{
    struct swap_option *swap = &o->machine.swaps[o->machine.nr_swaps];
    const char *end;

    if (o->machine.nr_swaps == MACHINE_MAX_SWAPS)
        argp_error(state, "--swap=%s: more than %d swap devices", arg,
                   MACHINE_MAX_SWAPS);
    *swap = (struct swap_option){.priority = -1};
    if (!parse_size(arg, &swap->bytes, &end))
        argp_error(state, "--swap=%s: not a size", arg);
    parse_swap_words(swap, arg, &end, state);
    if (*end != '\0' && *end != ':')
        argp_error(state, "--swap=%s: not a size", arg);
    if (*end == ':')
        swap->path = end + 1;
    if (swap->path && !*swap->path)
        argp_error(state, "--swap=%s: no file name after the colon", arg);
    if (swap->bytes < 10 * PAGE_SIZE)
        argp_error(state, "--swap=%s: less than 10 pages of 8 KiB", arg);
    o->machine.nr_swaps++;
}

/* "WORD:N": is it this word?  Gives what follows the colon. */
static const char *after_word(const char *arg, const char *word)
{
    size_t len = strlen(word);

    return strncmp(arg, word, len) == 0 && arg[len] == ':' ? arg + len + 1
                                                           : NULL;
}

static void parse_stress(struct run_options *o, const char *arg,
                         struct argp_state *state)
{
    const char *rest = after_word(arg, "wait"), *end;
    struct stress *stress = &o->machine.stress_swap;

    if (rest) {
        if (!parse_quantity(rest, '\0', &o->machine.stress_wait, &end) ||
            o->machine.stress_wait == 0)
            argp_error(state, "--stress=%s: N is not a number above 0", arg);
        return;
    }
    rest = after_word(arg, "swap");

    if (!rest) {
        rest = after_word(arg, "migrate");
        stress = &o->machine.stress_migrate;
    }
    if (!rest)
        argp_error(state,
                   "--stress=%s: not swap:PERIOD, migrate:PERIOD or wait:N",
                   arg);
    else if (!parse_quantity(rest, ':', &stress->period, &end) ||
             stress->period == 0)
        argp_error(state, "--stress=%s: PERIOD is not a number above 0", arg);
    else if (*end == ':' && !parse_quantity(end + 1, '\0', &stress->seed, &end))
        argp_error(state, "--stress=%s: SEED is not a number", arg);
}

/* Up to two numbers behind colons; false: it is none. */
static bool parse_numbers(const char *text, uint64_t *first, uint64_t *second)
{
    const char *end;

    if (*text == '\0')
        return true;
    if (*text != ':' || !parse_quantity(text + 1, ':', first, &end))
        return false;
    return *end == '\0' ||
           (second && parse_quantity(end + 1, '\0', second, &end));
}

static void parse_schedule(struct run_options *o, const char *arg,
                           struct argp_state *state)
{
    struct schedule_options *s = &o->machine.schedule;
    uint64_t seed = 0, depth = PCT_DEFAULT_DEPTH;
    size_t word = strcspn(arg, ":");
    bool ok;

    if (strcmp(arg, "rr") == 0) {
        s->order = SCHEDULE_RR;
        ok = true;
    } else if (word == 6 && strncmp(arg, "random", word) == 0) {
        s->order = SCHEDULE_RANDOM;
        ok = parse_numbers(arg + word, &seed, NULL);
    } else {
        s->order = SCHEDULE_PCT;
        ok = word == 3 && strncmp(arg, "pct", word) == 0 &&
             parse_numbers(arg + word, &seed, &depth);
    }
    if (!ok)
        argp_error(state,
                   "--schedule=%s: not rr, random[:SEED] or "
                   "pct[:SEED[:DEPTH]]",
                   arg);
    if (depth < 1 || depth > PCT_MAX_DEPTH)
        argp_error(state, "--schedule=%s: DEPTH is not from 1 to %d", arg,
                   PCT_MAX_DEPTH);
    s->seed = seed;
    s->depth = (unsigned)depth;
}

static void parse_fail(struct run_options *o, const char *arg,
                       struct argp_state *state)
{
    struct {
        const char *word;
        uint64_t *nr;
    } kinds[] = {{"tagstore", &o->machine.fail_tagstore},
                 {"swapwrite", &o->machine.fail_swapwrite},
                 {"swapread", &o->machine.fail_swapread}};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const char *rest = after_word(arg, kinds[i].word), *end;

        if (!rest)
            continue;
        if (!parse_quantity(rest, '\0', kinds[i].nr, &end) || *kinds[i].nr == 0)
            argp_error(state, "--fail=%s: N is not a number above 0", arg);
        return;
    }
    argp_error(state, "--fail=%s: not tagstore:N, swapwrite:N or swapread:N",
               arg);
}

static void parse_check(struct run_options *o, const char *arg,
                        struct argp_state *state)
{
    static const char *const levels[] = {
        [CHECK_OFF] = "off", [CHECK_PATH] = "path", [CHECK_FULL] = "full"};

    for (unsigned l = CHECK_OFF; l <= CHECK_FULL; l++)
        if (strcmp(arg, levels[l]) == 0) {
            o->machine.check = (enum check_level)l;
            return;
        }
    argp_error(state, "--check=%s: not off, path or full", arg);
}

/* "host" is as if it had been called by its name. */
static const char *kernel_meant(struct run_options *o, const char *arg,
                                struct argp_state *state)
{
    const struct adi_profile *p;

    memset(&o->host, 0, sizeof(o->host));
    if (strcmp(arg, "host") != 0)
        return arg;
    if (uname(&o->host) != 0)
        argp_failure(state, EXIT_INTERNAL, errno, "--kernel=host");
    p = adi_profile_nearest(o->host.release);
    if (!p)
        argp_error(state, "--kernel=host: \"%s\" is no version of Linux",
                   o->host.release);
    return p->name;
}

static void parse_kernel(struct run_options *o, const char *arg,
                         struct argp_state *state)
{
    if (strcmp(arg, "list") == 0) {
        o->list_kernels = true;
        return;
    }
    o->machine.profile = adi_profile_find(arg);
    if (!o->machine.profile)
        argp_error(state, "--kernel=%s: no such profile; try --kernel=list",
                   arg);
}

static void parse_cpu(struct run_options *o, const char *arg,
                      struct argp_state *state)
{
    o->machine.cpu = cpu_model_find(arg);
    if (!o->machine.cpu)
        argp_error(state, "--cpu=%s: not m7, t5, t4, ultrasparc or v9", arg);
}

static void parse_engine(struct run_options *o, const char *arg,
                         struct argp_state *state)
{
    if (strcmp(arg, "list") == 0)
        o->list_steps = true;
    else if (engine_steps_parse(arg, &o->machine.engine_steps))
        argp_error(state,
                   "--engine=%s: not STEP=on or STEP=off, or no such step; "
                   "try --engine=list",
                   arg);
}

/* Before any option; what is wrong is said when they have been read. */
static bool take_engine_variable(unsigned *steps)
{
    const char *value = getenv(ENGINE_VARIABLE);

    return !value || !engine_steps_parse(value, steps);
}

static void check_engine_variable(const struct argp_state *state)
{
    unsigned steps = 0;

    if (!take_engine_variable(&steps))
        argp_error(state,
                   ENGINE_VARIABLE "=%s: not STEP=on or STEP=off, or no such "
                                   "step; try --engine=list",
                   getenv(ENGINE_VARIABLE));
}

static void parse_variable(struct run_options *o, char *arg,
                           struct argp_state *state)
{
    if (*arg == '=' || !strchr(arg, '='))
        argp_error(state, "-E %s: not VAR=VALUE", arg);
    if (!env_set(&o->envp, arg))
        argp_failure(state, EXIT_INTERNAL, ENOMEM, "-E %s", arg);
}

static void parse_core(struct run_options *o, const char *arg,
                       const struct argp_state *state)
{
    const char *why = arg ? core_name_check(arg) : NULL;

    if (why)
        argp_error(state, "--core=%s: %s", arg, why);
    o->machine.core_pattern = arg ? arg : "core";
}

static void parse_bind(struct run_options *o, const char *arg,
                       struct argp_state *state)
{
    size_t len = strlen(arg);
    bool ro = len > 3 && strcmp(arg + len - 3, ":ro") == 0;

    if (len == 0)
        argp_error(state, "--bind=: no path");
    if (o->machine.nr_binds == MACHINE_MAX_BINDS)
        argp_error(state, "--bind=%s: more than %d of them", arg,
                   MACHINE_MAX_BINDS);
    o->machine.binds[o->machine.nr_binds++] = (struct bind_option){
        .path = arg, .len = ro ? len - 3 : len, .read_only = ro};
}

static void parse_gdb(struct run_options *o, const char *arg,
                      const struct argp_state *state)
{
    const char *why = gdb_where_is_wrong(arg);

    if (why)
        argp_error(state, "--gdb=%s: %s", arg, why);
    o->gdb = arg;
    o->machine.debug = true;
}

/* Last: what a script may do depends on the machine. */
static void load_events(struct run_options *o, struct argp_state *state)
{
    const struct script_rules rules = machine_script_rules(&o->machine);
    int err = events_load(o->events_path, &rules, &o->script, o->sha256);

    if (err == -EBADMSG)
        exit(argp_err_exit_status);
    if (err)
        argp_error(state, "--events=%s: %s", o->events_path, strerror(-err));
    o->machine.script = &o->script;
}

static bool has_option(int key)
{
    const struct argp_option *o = options;

    while ((o->name || o->key || o->doc) && (o->key != key || !o->key))
        o++;
    return o->key != 0;
}

static void parse_stack(struct run_options *o, const char *arg,
                        const struct argp_state *state)
{
    const char *end;

    if (!parse_quantity(arg, '\0', &o->machine.stack_bytes, &end) ||
        o->machine.stack_bytes < UINT64_C(128) << 10)
        argp_error(state, "-s %s: not a size of 128K or more", arg);
}

/* What can only be said when all options have been read. */
static void check_all(const struct run_options *o,
                      const struct argp_state *state)
{
    check_engine_variable(state);
    if (!o->argv && !o->list_kernels && !o->list_steps && !o->needs_no_program)
        argp_error(state, "no program to run");
    if (o->machine.nr_binds && !o->machine.sandbox)
        argp_error(state, "--bind=%s: is for --sandbox",
                   o->machine.binds[0].path);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct run_options *o = state->input;
    const char *end, *kernel = NULL;

    if (key == KEY_KERNEL)
        kernel = kernel_meant(o, arg, state);
    if (has_option(key) && !report_option_only_says(key))
        again_option(&o->again, options, key, kernel ? kernel : arg);
    switch (key) {
    case KEY_RAM: parse_ram(o, arg, state); break;
    case KEY_NODES: parse_nodes(o, arg, state); break;
    case KEY_SWAP: parse_swap(o, arg, state); break;
    case KEY_KERNEL: parse_kernel(o, kernel, state); break;
    case KEY_CPU: parse_cpu(o, arg, state); break;
    case KEY_ENGINE: parse_engine(o, arg, state); break;
    case KEY_STRESS: parse_stress(o, arg, state); break;
    case KEY_SCHEDULE: parse_schedule(o, arg, state); break;
    case KEY_QUANTUM:
        if (!parse_quantity(arg, '\0', &o->machine.schedule.quantum, &end) ||
            o->machine.schedule.quantum == 0 ||
            o->machine.schedule.quantum > MAX_QUANTUM)
            argp_error(state, "--quantum=%s: not a number from 1 to 1T", arg);
        break;
    case KEY_FAIL: parse_fail(o, arg, state); break;
    case KEY_EVENTS: o->events_path = arg; break;
    case KEY_STRESS_SCRIPT: o->machine.stress_script = arg; break;
    case KEY_CHECK: parse_check(o, arg, state); break;
    case KEY_REALTIME: o->machine.realtime = true; break;
    case KEY_DEVICES: o->machine.host_devices = true; break;
    case KEY_SANDBOX: o->machine.sandbox = true; break;
    case KEY_BIND: parse_bind(o, arg, state); break;
    case KEY_GDB: parse_gdb(o, arg, state); break;
    case KEY_CORE: parse_core(o, arg, state); break;
    case KEY_SEED:
        if (!parse_quantity(arg, '\0', &o->machine.seed, &end))
            argp_error(state, "--seed=%s: not a number", arg);
        break;
    case 'r': o->machine.uname_release = arg; break;
    case 'L': o->machine.sysroot = *arg ? arg : NULL; break;
    case 'E': parse_variable(o, arg, state); break;
    case 's': parse_stack(o, arg, state); break;
    case 'U': env_unset(o->envp, arg); break;
    case '0': o->argv0 = arg; break;
    case ARGP_KEY_ARG:
        /* The program; what follows is its own. */
        o->argv = &state->argv[state->next - 1];
        state->next = state->argc;
        break;
    case ARGP_KEY_END:
        check_all(o, state);
        if (o->events_path)
            load_events(o, state);
        break;
    default: return report_option_parse(o, key, arg, state);
    }
    return 0;
}

const struct argp options_run_argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "PROG [ARG...]",
    .doc =
        "Run a SPARC64 Linux program, with version tags (ADI), on a model "
        "of the Linux memory manager; then report what became of its "
        "tags.\v"
        "Exit status: the program's own, 128+N when signal N ended it, "
        "127 when it is not found, 126 when it cannot be run, 64 for a "
        "wrong option, 70 when adiemu itself failed, 71 when the kernel has no "
        "--sandbox, 72 when the modelled kernel stopped at a BUG() of its own, "
        "74 when a swap file "
        "or the report cannot be used or written.",
    .children = options_help,
};

void options_init(struct run_options *o, const char *command)
{
    memset(o, 0, sizeof(*o));
    o->command = command;
    o->machine.ram_bytes = UINT64_C(256) << 20;
    o->machine.nr_nodes = 1;
    o->machine.max_mismatches = MISMATCH_LIMIT;
    o->machine.profile = adi_profile_default();
    o->machine.cpu = cpu_model_default();
    o->machine.engine_steps = ENGINE_STEPS_ALL;
    (void)take_engine_variable(&o->machine.engine_steps);
    o->machine.sysroot = getenv("ADIEMU_LD_PREFIX");
    if (!o->machine.sysroot && access(DEFAULT_SYSROOT, X_OK) == 0)
        o->machine.sysroot = DEFAULT_SYSROOT;
    log_init(&o->machine.log);
    o->envp = env_copy(environ);
    if (!o->envp)
        exit(EXIT_INTERNAL);
}

void options_parse(const struct argp *argp, int argc, char **argv,
                   unsigned flags, void *input)
{
    FILE *plain = stderr, *words = word_stream(plain);

    if (!words)
        exit(EXIT_INTERNAL);
    stderr = words; /* a variable of glibc's: getopt(3) writes there, too */
    argp_parse(argp, argc, argv, flags, NULL, input);
    stderr = plain;
    (void)fclose(words);
}

void options_parse_run(struct run_options *o, int argc, char **argv)
{
    options_init(o, "run");
    habit_spell(options, argc, argv);
    options_parse(&options_run_argp, argc, argv, ARGP_IN_ORDER, o);
}

void options_say_kernel(const struct run_options *o)
{
    if (*o->host.release)
        log_print(&o->machine.log, LOG_MM, LOG_WARN, "host=%s kernel=%s",
                  o->host.release, o->machine.profile->name);
}

void options_free(struct run_options *o)
{
    again_free(&o->again);
    script_free(&o->script);
    free(o->envp);
}
