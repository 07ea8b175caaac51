/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/options.h - the command line of "adiemu run"
 *
 * Owns:    the options, their help, and the sizes and lists in them
 * Used by: cli/main.c
 */
#pragma once

#include <argp.h>
#include <sys/utsname.h>

#include "cli/again.h"
#include "cli/events.h"
#include "emu/machine.h"

struct run_options {
    struct machine_options machine;
    const char *command;     /* its name */
    struct again again;      /* owned; options that change what is done */
    const char *events_path; /* NULL: no script */
    struct script script;    /* owned */
    char sha256[EVENTS_SHA256];
    const char *report_path; /* NULL: stderr */
    int report_fd;           /* owned by cli/output.c; of @report_path */
    bool report_json;
    bool quiet;
    bool show_reachable;
    int error_exitcode; /* 0: the program's own */
    const char *gdb;    /* where it comes; NULL: it does not */
    const char *argv0;  /* NULL: the program's path */
    char *const *argv;  /* the program and its arguments */
    char **envp;        /* owned */
    bool list_kernels;
    bool list_steps;     /* of the engine */
    struct utsname host; /* what --kernel=host found; else zeroed */
    bool needs_no_program;
};

/* Options without a letter. */
enum option_key {
    KEY_RAM = 0x100,
    KEY_NODES,
    KEY_SWAP,
    KEY_KERNEL,
    KEY_CPU,
    KEY_ENGINE,
    KEY_STRESS,
    KEY_SCHEDULE,
    KEY_QUANTUM,
    KEY_FAIL,
    KEY_EVENTS,
    KEY_REPORT,
    KEY_FORMAT,
    KEY_EXITCODE,
    KEY_MISMATCH,
    KEY_STRACE,
    KEY_PROGRESS,
    KEY_LOG,
    KEY_SEED,
    KEY_REALTIME,
    KEY_DEVICES,
    KEY_SANDBOX,
    KEY_BIND,
    KEY_CORE,
    KEY_REACHABLE,
    KEY_PAGES,
    KEY_TIME_HOOKS,
    KEY_HISTORY,
    KEY_CHECK,
    KEY_STRESS_SCRIPT,
};

/* The option that has gdb come: --gdb */
#define KEY_GDB 'g'

/* -h, for the children of an argp */
extern const struct argp_child options_help[];

/*
 * options_hide - @from without those with these keys in its --help
 *
 * @keys: ended by 0
 * Returns a copy for free(); exits when there is no memory.
 */
struct argp_option *options_hide(const struct argp_option *from,
                                 const int *keys);

/*
 * options_parse - argp_parse(), whose messages have no byte of a name that a
 * terminal would obey; exits after an error
 */
void options_parse(const struct argp *argp, int argc, char **argv,
                   unsigned flags, void *input);

/* "adiemu run"; its input is a struct run_options that options_init() made */
extern const struct argp options_run_argp;

/* @command: whose options they are; "run" or "script" */
void options_init(struct run_options *o, const char *command);

/*
 * options_parse_run - fill @o, or exit with a message
 *
 * @argv: argv[0] is what messages begin with
 */
void options_parse_run(struct run_options *o, int argc, char **argv);

/* options_say_kernel - a line of the log on what --kernel=host came to */
void options_say_kernel(const struct run_options *o);

void options_free(struct run_options *o);

/*
 * parse_size - "16M": bytes, with an optional K, M, G or T
 *
 * @end: gets the first character that is not part of it
 * Returns false when there is no number or it is too large.
 */
bool parse_size(const char *text, uint64_t *bytes, const char **end);

/* parse_quantity - the same, and it must be the whole of @text, or up to @stop
 */
bool parse_quantity(const char *text, char stop, uint64_t *n, const char **end);

extern const char *const adiemu_version;
