// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/script.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/word.h"
#include "check/check.h"
#include "cli/events.h"
#include "cli/output.h"
#include "event/hosterr.h"
#include "judge/judge.h"
#include "judge/kernel_bug.h"
#include "judge/mismatch.h"
#include "mm/phys.h"
#include "script/alone.h"
#include "script/trigger.h"

#define EXIT_UNEXPECTED 1 /* a byte was not the one that a line expects */

/* Of those of "adiemu run", the ones that have a meaning without a CPU. */
static const struct argp_option options[] = {
    {NULL, 0, NULL, 0, "The memory:", 1},
    {"ram", KEY_RAM, "SIZE", 0, "how large it is (default 256M)", 1},
    {"nodes", KEY_NODES, "N", 0, "in how many NUMA nodes it is, 1 to 8", 1},
    {"swap", KEY_SWAP, "SIZE[,pri=N][,sync]", 0,
     "a swap device, in a temporary file; each further one is used when those "
     "before it are full, or by priority",
     1},
    {"kernel", KEY_KERNEL, "PROFILE", 0,
     "hooks and tag store of this kernel (default remap)", 1},

    {NULL, 0, NULL, 0, "Events:", 2},
    {"check", KEY_CHECK, "off|path|full", 0,
     "look for faults of adiemu itself after each action: at the pages "
     "concerned, or everywhere (default off)",
     2},

#include "cli/report_options.def"
    {"log", KEY_LOG, "CATEGORY:LEVEL,...", 0,
     "event:info prints a line for each action", 3},
    {0},
};

static void load(struct run_options *o)
{
    const struct script_rules rules = alone_rules(o->machine.nr_nodes);
    int err = events_load(o->argv[0], &rules, &o->script, o->sha256);

    if (err && err != -EBADMSG)
        say_line(stderr, "adiemu: %s: %s", o->argv[0], strerror(-err));
    if (err)
        exit(argp_err_exit_status);
    o->events_path = o->argv[0];
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct run_options *o = state->input;

    if (key != ARGP_KEY_END)
        return options_run_argp.parser(key, arg, state);
    if (!o->argv)
        argp_error(state, "no script");
    else if (o->argv[1])
        argp_error(state, "%s: more than one script", o->argv[1]);
    for (unsigned i = 0; i < o->machine.nr_swaps; i++)
        if (o->machine.swaps[i].path)
            argp_error(state, "--swap=...:%s: these devices have no file",
                       o->machine.swaps[i].path);
    load(o);
    return 0;
}

const struct argp options_script_argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "FILE",
    .doc = "Carry out the event script in FILE on a memory without a "
           "program: its processes, from number 1 on, do what the script "
           "says.  Then report what became of their tags.\v"
           "Exit status: 0, 1 when a byte was not the expected one, 64 "
           "for a wrong option or an error in the script, 70 when adiemu "
           "itself failed, 72 when the modelled kernel stopped at a BUG(), 74 "
           "when a swap file or the report cannot be used "
           "or written.",
    .children = options_help,
};

struct play {
    const struct run_options *o;
    const struct alone *alone;
    const struct triggers *triggers;
    bool checks; /* a fault of adiemu ends it */
    int code;
};

/* The model is wrong: what it would do now says nothing. */
static _Noreturn void broken(const struct play *p)
{
    fflush(NULL);
    check_print(alone_check(p->alone), stderr);
    _exit(EXIT_INTERNAL);
}

/* Between two actions, and not in the course of another. */
static void check(const struct play *p)
{
    struct check *c = alone_check(p->alone);

    if (p->checks && !(p->o->machine.check == CHECK_FULL ? check_everything(c)
                                                         : check_now(c)))
        broken(p);
}

/* What comes later in the script is never due. */
static void stopped(struct play *p)
{
    const struct kernel_bug *bug = judge_kernel_bug(alone_judge(p->alone));
    const struct kernel_bug_place *place = kernel_bug_place(bug->id);

    p->code = EXIT_KERNEL_BUG;
    fprintf(stderr,
            "adiemu: KERNEL BUG at %s, %s(): page 0x%" PRIx64
            ", line %u: the script ends here\n",
            place->file, place->function, bug->va, bug->at.line);
}

static void fired(void *ctx, const struct script_event *ev,
                  const struct drive_result *r)
{
    struct play *p = ctx;
    bool empty = drive_result_is_empty(&ev->action, r);
    char text[DRIVE_MAX_TEXT];

    if (r->err == -EBADMSG)
        p->code = EXIT_UNEXPECTED;
    log_print(&p->o->machine.log, LOG_EVENT, empty ? LOG_WARN : LOG_INFO,
              "line=%u %s", ev->line, drive_result_text(&ev->action, r, text));
    if (r->err == -EHOSTDOWN)
        stopped(p);
    if (!triggers_busy(p->triggers))
        check(p);
}

static int play(struct play *p, struct alone *a, struct triggers *t)
{
    p->triggers = t;
    triggers_start(t);
    alone_exit(a, t);
    if (p->o->machine.check != CHECK_OFF && !check_everything(alone_check(a)))
        broken(p);
    check(p);
    return p->code;
}

static int finish(const struct run_options *o, const struct alone *a,
                  const struct triggers *t, int code)
{
    struct adi_store_use peak = adi_store_peak(alone_adi(a));
    int err;
    const struct phys *ph = memory_phys(alone_memory(a));
    struct run_facts facts = {.ram_peak = (uint64_t)phys_peak(ph) * PAGE_SIZE,
                              .store_peak = peak.bytes,
                              .store_peak_pages = peak.pages};

    err = output_report(o, alone_judge(a), t, facts);
    if (err)
        return output_exit_code(err);
    if (hub_nr_host_errors(judge_hub(alone_judge(a))))
        return EXIT_HOST_FILE;
    if (o->error_exitcode && judge_errors(alone_judge(a)))
        return o->error_exitcode;
    return code;
}

static int carry_out(const struct run_options *o, struct alone *a)
{
    struct play p = {.o = o,
                     .alone = a,
                     .checks = o->machine.check != CHECK_OFF ||
                               script_has_verb(&o->script, VERB_CHECK)};
    struct triggers *t =
        triggers_create(&o->script, alone_drive(a), alone_memory(a), fired, &p);
    int code;

    if (!t)
        return EXIT_INTERNAL;
    triggers_lines_act(t);
    hub_set_log(judge_hub(alone_judge(a)), &o->machine.log);
    judge_limit_mismatches(alone_judge(a), o->machine.max_mismatches);
    if (!o->machine.all_pages)
        judge_keep_few(alone_judge(a));
    code = finish(o, a, t, play(&p, a, t));
    triggers_destroy(t);
    return code;
}

static int create(const struct run_options *o, struct alone **out)
{
    struct alone_config config = {.profile = o->machine.profile,
                                  .ram_bytes = o->machine.ram_bytes,
                                  .nr_nodes = o->machine.nr_nodes,
                                  .nr_swaps = o->machine.nr_swaps,
                                  .history = o->machine.history,
                                  .check = o->machine.check};

    for (unsigned i = 0; i < config.nr_swaps; i++) {
        config.swaps[i].bytes = o->machine.swaps[i].bytes;
        config.swaps[i].priority = o->machine.swaps[i].priority;
        config.swaps[i].synchronous = o->machine.swaps[i].synchronous;
    }
    return alone_create(&config, out);
}

int command_script(int argc, char **argv)
{
    struct run_options o;
    struct alone *a;
    int code, err;

    options_init(&o, "script");
    options_parse(&options_script_argp, argc, argv, ARGP_IN_ORDER, &o);
    options_say_kernel(&o);
    err = output_open(&o);
    if (err) {
        options_free(&o);
        return output_exit_code(err);
    }
    err = create(&o, &a);
    if (err) {
        say_line(stderr, "adiemu: %s: %s",
                 err == -ENOMEM ? "no memory of this size"
                                : "temporary swap file",
                 strerror(-err));
        options_free(&o);
        return output_exit_code(err);
    }
    code = carry_out(&o, a);
    alone_destroy(a);
    options_free(&o);
    return code;
}
