#include "cli/compare.h"

#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adi/profile.h"
#include "cli/options.h"
#include "report/word.h"

#define MAX_PROFILES 16
#define EXIT_DIRTY   1

enum own_key { OWN_FORMAT = 0x200, OWN_JOBS };

struct compare {
    enum matrix_format format;
    size_t jobs;
    struct run_options run; /* checked here, parsed again by each child */

    char **args; /* owned; options of "run", then the program */
    size_t nr_args;
    size_t program; /* position in args */
};

struct child {
    pid_t pid; /* 0: not started, or done */
    int out;   /* memory files */
    int report;
};

/* ------------------------------------------------------------- options */

static const struct argp_option options[] = {
    {"format", OWN_FORMAT, "text|json|csv", 0, "of the matrix (default text)",
     0},
    {"jobs", OWN_JOBS, "N", 0, "profiles at a time (default: one a CPU)", 0},
    {0},
};

static void parse_format(struct compare *c, const char *arg,
                         struct argp_state *state)
{
    static const char *const names[] = {"text", "json", "csv"};

    for (int f = MATRIX_TEXT; f <= MATRIX_CSV; f++) {
        if (strcmp(arg, names[f]) == 0) {
            c->format = (enum matrix_format)f;
            return;
        }
    }
    argp_error(state, "--format=%s: neither text, json nor csv", arg);
}

static void parse_jobs(struct compare *c, const char *arg,
                       struct argp_state *state)
{
    const char *end;
    uint64_t n;

    if (!parse_size(arg, &n, &end) || *end || n == 0 || n > MAX_PROFILES)
        argp_error(state, "--jobs=%s: not a number from 1 to %d", arg,
                   MAX_PROFILES);
    c->jobs = n;
}

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
    struct compare *c = state->input;

    switch (key) {
    case OWN_FORMAT: parse_format(c, arg, state); break;
    case OWN_JOBS: parse_jobs(c, arg, state); break;
    case ARGP_KEY_INIT: state->child_inputs[0] = &c->run; break;
    case ARGP_KEY_END:
        if (c->run.report_path || c->run.report_json || c->run.error_exitcode)
            argp_error(state, "--report, --report-format and --error-exitcode "
                              "are for adiemu run");
        if (c->run.list_kernels)
            argp_error(state, "--kernel=list is for adiemu run");
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* Is this argument, alone or with the next, one of ours? 0, 1 or 2. */
static size_t own_words(const char *arg)
{
    static const char *const names[] = {"--format", "--jobs"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t len = strlen(names[i]);

        if (strncmp(arg, names[i], len) == 0 &&
            (arg[len] == '\0' || arg[len] == '='))
            return arg[len] ? 1 : 2;
    }
    return 0;
}

static void parse(struct compare *c, int argc, char **argv)
{
    const struct argp_child children[] = {
        {.argp = &options_run_argp,
         .header =
             "Options of \"adiemu run\", but for those of its report; the "
             "exit status is for the profile of --kernel:",
         .group = 1},
        {.argp = NULL}};
    const struct argp argp = {
        .options = options,
        .parser = parse_own,
        .doc = "Run a program under every profile, and print side by side "
               "what became of its tags on each path.\v"
               "Exit status: 0 when the profile of --kernel lost no tags and "
               "leaked nothing, 1 when it did, 64 for a wrong option, 70 when "
               "a run gave no report.",
        .children = children,
    };
    size_t program;

    *c = (struct compare){0};
    options_init(&c->run);
    argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, c);
    program = (size_t)(c->run.argv - argv);
    c->args = calloc((size_t)argc + 1, sizeof(*c->args));
    if (!c->args)
        exit(EXIT_INTERNAL);
    for (size_t i = 1; i < (size_t)argc; i++) {
        size_t own = i < program ? own_words(argv[i]) : 0;

        if (own) {
            i += own - 1;
            continue;
        }
        /* Our options go before it, and before a "--" that ends them. */
        if (i == program)
            c->program = c->nr_args - (strcmp(argv[i - 1], "--") == 0);
        c->args[c->nr_args++] = argv[i];
    }
    /* One file cannot be the swap device of two machines. */
    for (unsigned i = 0; i < c->run.machine.nr_swaps; i++)
        if (c->run.machine.swaps[i].path)
            c->jobs = 1;
    if (c->jobs == 0)
        c->jobs = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
}

/* ------------------------------------------------------------ children */

static char *const own_binary = (char *)(uintptr_t) "/proc/self/exe";

/* In the child: become "adiemu run". */
_Noreturn static void become_run(const struct compare *c, const char *profile,
                                 const struct child *child)
{
    char kernel[64], report[64];
    char *fixed[] = {own_binary,
                     (char *)(uintptr_t) "run",
                     kernel,
                     report,
                     (char *)(uintptr_t) "--report-format=json",
                     (char *)(uintptr_t) "--time-hooks"};
    const size_t nr_fixed = sizeof(fixed) / sizeof(fixed[0]);
    char **argv = calloc(c->nr_args + nr_fixed + 1, sizeof(*argv));

    if (!argv)
        _exit(EXIT_INTERNAL);
    snprintf(kernel, sizeof(kernel), "--kernel=%s", profile);
    snprintf(report, sizeof(report), "--report=/proc/self/fd/%d",
             child->report);
    memcpy(argv, fixed, 2 * sizeof(*argv));
    memcpy(argv + 2, c->args, c->program * sizeof(*argv));
    memcpy(argv + 2 + c->program, fixed + 2, (nr_fixed - 2) * sizeof(*argv));
    memcpy(argv + nr_fixed + c->program, c->args + c->program,
           (c->nr_args - c->program) * sizeof(*argv));
    dup2(child->out, STDOUT_FILENO);
    execv(own_binary, argv);
    _exit(EXIT_INTERNAL);
}

static int start(const struct compare *c, const char *profile,
                 struct child *child)
{
    child->out = memfd_create("stdout", 0);
    child->report = memfd_create("report", 0);
    if (child->out < 0 || child->report < 0)
        return -errno;
    child->pid = fork();
    if (child->pid < 0)
        return -errno;
    if (child->pid == 0)
        become_run(c, profile, child);
    return 0;
}

static void read_all(int fd, char **out, size_t *len)
{
    off_t size = lseek(fd, 0, SEEK_END);

    *len = 0;
    *out = malloc(size > 0 ? (size_t)size : 1);
    if (*out && size > 0 && pread(fd, *out, (size_t)size, 0) == size)
        *len = (size_t)size;
}

static void collect(struct outcome *o, struct child *child, int status)
{
    char *text;
    size_t len;

    child->pid = 0;
    o->exit_code =
        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    read_all(child->out, &o->out, &o->out_len);
    read_all(child->report, &text, &len);
    o->report = text ? json_loadb(text, len, 0, NULL) : NULL;
    free(text);
    close(child->out);
    close(child->report);
}

static void progress(size_t done, size_t nr)
{
    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\radiemu compare: %zu of %zu profiles", done, nr);
    if (done == nr)
        fputs("\r\033[K", stderr);
}

static int wait_for_one(struct outcome *o, struct child *children, size_t nr)
{
    int status;
    pid_t pid;

    do {
        pid = waitpid(-1, &status, 0);
    } while (pid < 0 && errno == EINTR);
    if (pid < 0)
        return -errno;
    for (size_t i = 0; i < nr; i++)
        if (children[i].pid == pid)
            collect(&o[i], &children[i], status);
    return 0;
}

/* At most c->jobs at a time.  0 or -errno. */
static int run_all(const struct compare *c, struct outcome *o, size_t nr)
{
    struct child children[MAX_PROFILES] = {{0}};
    size_t started = 0, done = 0;
    int err = 0;

    while (!err && done < nr) {
        progress(done, nr);
        while (!err && started < nr && started - done < c->jobs) {
            err = start(c, o[started].profile, &children[started]);
            started++;
        }
        if (!err)
            err = wait_for_one(o, children, nr);
        done++;
    }
    progress(nr, nr);
    for (size_t i = 0; err && i < nr; i++)
        if (children[i].pid > 0)
            kill(children[i].pid, SIGTERM);
    return err;
}

/* ---------------------------------------------------------- the command */

static size_t every_profile(struct outcome *o)
{
    const struct adi_profile *p;
    size_t nr = 0;

    while (nr < MAX_PROFILES && (p = adi_profile_nth((unsigned)nr)) != NULL)
        o[nr++] = (struct outcome){.profile = p->name};
    return nr;
}

static int verdict(const struct compare *c, const struct outcome *o, size_t nr)
{
    for (size_t i = 0; i < nr; i++) {
        if (o[i].report)
            continue;
        say_line(stderr, "adiemu compare: %s: no report, exit status %d",
                 o[i].profile, o[i].exit_code);
        return o[i].exit_code == EXIT_CANNOT_RUN ||
                       o[i].exit_code == EXIT_NOT_FOUND
                   ? o[i].exit_code
                   : EXIT_INTERNAL;
    }
    for (size_t i = 0; i < nr; i++)
        if (strcmp(o[i].profile, c->run.machine.profile->name) == 0)
            return outcome_is_clean(&o[i]) ? 0 : EXIT_DIRTY;
    return EXIT_INTERNAL;
}

int command_compare(int argc, char **argv)
{
    struct outcome o[MAX_PROFILES];
    size_t nr = every_profile(o);
    struct compare c;
    int err, code;

    parse(&c, argc, argv);
    err = run_all(&c, o, nr);
    if (err)
        say_line(stderr, "adiemu compare: %s", strerror(-err));
    code = err ? EXIT_INTERNAL : verdict(&c, o, nr);
    if (code == 0 || code == EXIT_DIRTY) {
        err = matrix_print(stdout, c.format, c.args[c.program], o, nr);
        if (err)
            say_line(stderr, "adiemu compare: %s", strerror(-err));
        code = err ? EXIT_INTERNAL : code;
    }
    for (size_t i = 0; i < nr; i++) {
        json_decref(o[i].report);
        free(o[i].out);
    }
    free(c.args);
    options_free(&c.run);
    return code;
}
