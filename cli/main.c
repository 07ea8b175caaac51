// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adi/profile.h"
#include "base/word.h"
#include "cli/binfmt.h"
#include "cli/compare.h"
#include "cli/explore.h"
#include "cli/html.h"
#include "cli/names.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/process.h"
#include "cli/script.h"
#include "cli/signals.h"
#include "emu/engine/steps.h"
#include "emu/gdb/gdb.h"
#include "judge/judge.h"

#define EXIT_USAGE 64

/* What process_init() said. */
static unsigned closed_fds;

static void list_kernels(void)
{
    const struct adi_profile *p;

    for (unsigned i = 0; (p = adi_profile_nth(i)) != NULL; i++)
        printf("%-16s %s\n", p->name, p->summary);
}

static struct run_facts facts_of(const struct machine *m)
{
    return (struct run_facts){
        .ram_peak = machine_ram_peak(m),
        .store_peak = machine_store_peak(m).bytes,
        .store_peak_pages = machine_store_peak(m).pages,
        .insns = machine_insns(m),
        .hook_times = machine_hook_times(m),
    };
}

/* A run that gdb has stopped. */
struct stopped {
    const struct run_options *o;
    const struct machine *m;
};

/* gdb_config.report: without names, which gdb has itself */
static void report_so_far(void *ctx, FILE *out)
{
    const struct stopped *s = ctx;
    struct run_options o = *s->o;

    o.quiet = o.report_json = false;
    if (output_print(&o, machine_judge(s->m), machine_triggers(s->m),
                     facts_of(s->m), out) != 0)
        fputs("the report could not be written\n", out);
}

static int write_report(const struct run_options *o, const struct machine *m)
{
    struct run_facts facts = facts_of(m);

    struct names *names = names_create(m);
    const struct pc_namer namer = {.find = names_find, .ctx = names};
    int err;

    if (names)
        facts.namer = &namer;
    err = output_report(o, machine_judge(m), machine_triggers(m), facts);
    names_destroy(names);
    return err;
}

static int run_program(const struct run_options *o, struct machine *m)
{
    struct machine_program program = {.path = o->argv[0], .envp = o->envp};
    char **argv = NULL;
    size_t argc = 0;
    int code;

    while (o->argv[argc])
        argc++;
    argv = calloc(argc + 1, sizeof(*argv));
    if (!argv)
        return EXIT_INTERNAL;
    memcpy(argv, o->argv, argc * sizeof(*argv));
    if (o->argv0)
        argv[0] = (char *)(uintptr_t)o->argv0;
    program.argv = argv;
    signals_catch(m, o->machine.progress);
    code = machine_run(m, &program);
    signals_release();
    free(argv);
    return code;
}

static int command_run(int argc, char **argv)
{
    struct run_options o;
    struct machine *m = NULL;
    struct gdb *gdb = NULL;
    struct stopped stopped;
    char why[MACHINE_WHY_BYTES];
    int code, err;

    options_parse_run(&o, argc, argv);
    if (o.list_kernels || o.list_steps) {
        if (o.list_kernels)
            list_kernels();
        if (o.list_steps)
            engine_steps_list(stdout);
        options_free(&o);
        return 0;
    }
    options_say_kernel(&o);
    err = output_open(&o);
    if (err) {
        options_free(&o);
        return output_exit_code(err);
    }
    o.machine.closed_fds = closed_fds;
    code = machine_create(&o.machine, &m, why);
    stopped = (struct stopped){&o, m};
    if (!code && o.gdb)
        code = gdb_create(m,
                          &(struct gdb_config){.where = o.gdb,
                                               .report = report_so_far,
                                               .ctx = &stopped},
                          &gdb, why);
    if (code) {
        say_line(stderr, "adiemu: %s", why);
        machine_destroy(m);
        options_free(&o);
        return code;
    }
    code = run_program(&o, m);
    gdb_destroy(gdb);
    if (code != EXIT_CANNOT_RUN && code != EXIT_NOT_FOUND)
        err = write_report(&o, m);
    if (err)
        code = output_exit_code(err);
    else if (code != EXIT_HOST_FILE && o.error_exitcode &&
             judge_errors(machine_judge(m)))
        code = o.error_exitcode;
    machine_destroy(m);
    options_free(&o);
    return code;
}

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"run", command_run, "run a program and report what became of its tags"},
    {"compare", command_compare, "run it under several kernels, side by side"},
    {"report", command_report, "make a page for a browser of a JSON report"},
    {"binfmt", command_binfmt, "have the kernel execute programs by adiemu"},
    {"explore", command_explore, "find the bugs of a kernel's tag hooks"},
    {"script", command_script, "carry out a script on a memory without a CPU"},
};

static void usage(FILE *out)
{
    fprintf(out, "Usage: adiemu COMMAND [OPTION...] ...\n"
                 "  or:  adiemu [OPTION...] PROG [ARG...]    as adiemu run\n"
                 "\nCommands:\n");
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fprintf(out, "  %-10s %s\n", "help", "say all this, or of a command");
    fprintf(out, "\n`adiemu COMMAND --help' lists the options of a command.\n"
                 "`adiemu --version' prints the version.\n");
}

/* Is it the name of a command?  Then it runs it and gives its exit code. */
static bool run_command(const char *name, int argc, char **argv, int *code)
{
    static char title[32];

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(name, commands[i].name) != 0)
            continue;
        /* What messages and --help call the program. */
        snprintf(title, sizeof(title), "adiemu %s", commands[i].name);
        argv[0] = title;
        *code = commands[i].run(argc, argv);
        return true;
    }
    return false;
}

static bool is_one_of(const char *word, const char *const *words)
{
    while (*words && strcmp(word, *words) != 0)
        words++;
    return *words != NULL;
}

static int help(const char *command)
{
    char *argv[] = {NULL, (char *)(uintptr_t) "--help", NULL};
    int code = 0;

    if (!command) {
        usage(stdout);
    } else if (!run_command(command, 2, argv, &code)) {
        say_line(stderr, "adiemu help: no command \"%s\"", command);
        code = EXIT_USAGE;
    }
    return code;
}

/* "adiemu PROG", or an option of "adiemu run" first. */
static int run_without_command(int argc, char **argv)
{
    const char *word = argv[1];
    static char title[] = "adiemu";

    if (*word != '-' && !strchr(word, '/') && access(word, F_OK) != 0) {
        say_line(stderr,
                 "adiemu: no command and no file \"%s\"; try adiemu --help",
                 word);
        return EXIT_NOT_FOUND;
    }
    argv[0] = title;
    return command_run(argc, argv);
}

/* The kernel has executed a program of SPARC64. */
static int run_for_kernel(int argc, char **argv)
{
    int nr, code = EXIT_INTERNAL;
    char **words = binfmt_words(argc, argv, &nr);

    if (words)
        code = command_run(nr, words);
    free(words);
    return code;
}

/* What argp has printed is written by exit(3), which tells nobody of errors. */
static void flush_output(void)
{
    if (fflush(stdout) == 0)
        return;
    say_line(stderr, "adiemu: stdout: %s", strerror(errno));
    _exit(EXIT_HOST_FILE);
}

int main(int argc, char **argv)
{
    static const char *const helps[] = {"help", "--help", "-h", "-?", NULL};
    static const char *const versions[] = {"--version", "-V", NULL};
    int code;

    closed_fds = process_init();
    atexit(flush_output);
    if (binfmt_is_caller(argc))
        return run_for_kernel(argc, argv);
    if (argc < 2) {
        usage(stderr);
        return EXIT_USAGE;
    }
    if (is_one_of(argv[1], versions)) {
        printf("%s\n", argp_program_version);
        return 0;
    }
    if (is_one_of(argv[1], helps))
        return help(argv[2]);
    if (run_command(argv[1], argc - 1, argv + 1, &code))
        return code;
    return run_without_command(argc, argv);
}
