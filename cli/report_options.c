// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/report_options.h"

#include <string.h>

static void parse_exitcode(struct run_options *o, const char *arg,
                           struct argp_state *state)
{
    const char *end;
    uint64_t n = 0;

    if (!parse_quantity(arg, '\0', &n, &end) || n > 255)
        argp_error(state, "--error-exitcode=%s: not a number below 256", arg);
    o->error_exitcode = (int)n;
}

static void parse_log(struct run_options *o, const char *arg,
                      struct argp_state *state)
{
    const char *bad;

    if (log_configure(&o->machine.log, arg, &bad) != 0)
        argp_error(state, "--log=%s: \"%s\" is no category or level", arg, bad);
}

static void parse_mismatch(struct run_options *o, const char *arg,
                           struct argp_state *state)
{
    uint64_t *max = &o->machine.max_mismatches;
    const char *end;

    if (strcmp(arg, "first") == 0)
        *max = 1;
    else if (strcmp(arg, "all") == 0)
        *max = 0;
    else if (!parse_quantity(arg, '\0', max, &end) || *max == 0)
        argp_error(state, "--mismatch=%s: not first, all or a number above 0",
                   arg);
}

#define HISTORY_DEFAULT 10000

static void parse_history(struct run_options *o, const char *arg,
                          struct argp_state *state)
{
    const char *end;

    o->machine.history = HISTORY_DEFAULT;
    if (arg && (!parse_quantity(arg, '\0', &o->machine.history, &end) ||
                o->machine.history == 0))
        argp_error(state, "--history=%s: not a number above 0", arg);
}

static void parse_format(struct run_options *o, const char *arg,
                         struct argp_state *state)
{
    o->report_json = strcmp(arg, "json") == 0;
    if (!o->report_json && strcmp(arg, "text") != 0)
        argp_error(state, "--report-format=%s: neither text nor json", arg);
}

static void parse_strace(struct run_options *o, const char *arg,
                         const struct argp_state *state)
{
    if (arg && !*arg)
        argp_error(state, "--strace=: no file name");
    o->machine.strace = true;
    o->machine.strace_path = arg;
}

static void parse_progress(struct run_options *o, const char *arg,
                           const struct argp_state *state)
{
    const char *end;
    uint64_t n = 1;

    if (arg && (!parse_quantity(arg, '\0', &n, &end) || n < 1 || n > 86400))
        argp_error(state, "--progress=%s: not a number from 1 to 86400", arg);
    o->machine.progress = (unsigned)n;
}

/* Those of qemu-user. */
static void parse_items(struct run_options *o, const char *arg,
                        const struct argp_state *state)
{
    for (const char *item = arg; item;) {
        size_t len = strcspn(item, ",");

        if (len == 6 && strncmp(item, "in_asm", len) == 0)
            o->machine.in_asm = true;
        else if (len == 6 && strncmp(item, "strace", len) == 0)
            o->machine.strace = true;
        else
            argp_error(state, "-d %.*s: not in_asm or strace", (int)len, item);
        item = item[len] ? item + len + 1 : NULL;
    }
}

bool report_option_only_says(int key)
{
    switch (key) {
    case KEY_REPORT:
    case KEY_FORMAT:
    case KEY_TIME_HOOKS:
    case KEY_MISMATCH:
    case KEY_PAGES:
    case KEY_STRACE:
    case KEY_PROGRESS:
    case KEY_STRESS_SCRIPT:
    case 'd':
    case 'D':
    case KEY_LOG:
    case KEY_GDB:
    case 'q': return true;
    default: return false;
    }
}

error_t report_option_parse(struct run_options *o, int key, char *arg,
                            struct argp_state *state)
{
    switch (key) {
    case KEY_REPORT: o->report_path = arg; break;
    case KEY_FORMAT: parse_format(o, arg, state); break;
    case KEY_EXITCODE: parse_exitcode(o, arg, state); break;
    case KEY_STRACE: parse_strace(o, arg, state); break;
    case KEY_PROGRESS: parse_progress(o, arg, state); break;
    case 'd': parse_items(o, arg, state); break;
    case 'D': o->machine.log_path = arg; break;
    case KEY_MISMATCH: parse_mismatch(o, arg, state); break;
    case KEY_LOG: parse_log(o, arg, state); break;
    case KEY_TIME_HOOKS: o->machine.time_hooks = true; break;
    case KEY_HISTORY: parse_history(o, arg, state); break;
    case KEY_REACHABLE: o->show_reachable = true; break;
    case KEY_PAGES: o->machine.all_pages = true; break;
    case 'q': o->quiet = o->machine.quiet = true; break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}
