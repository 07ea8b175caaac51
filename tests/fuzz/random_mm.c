// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random operations on the memory manager, checked after each.
 *
 *   random_mm [--seed N] [--ops N] [--profile NAME] [--seconds N] [--jobs N]
 *             [--every N] [--replay FILE] [--save FILE]
 *
 * Each seed is one memory with its processes, under one profile, for a
 * thousand operations; the seeds go through all profiles in turn.  What is
 * wrong is shrunk to a short script of events, printed, and the exit code is
 * 1.  --replay carries out such a script, and with --save shrinks it if that
 * fails.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "adi/profile.h"
#include "random.h"
#include "random_shrink.h"

#define MAX_JOBS     64
#define HANG_SECONDS 60 /* of the CPU, for one seed */

struct options {
    uint64_t seed, ops;
    unsigned seconds, jobs, every;
    const char *profile, *replay, *save;
};

struct worker {
    pid_t pid;
    uint64_t seed;
    struct record *record; /* shared with the child that runs it */
    FILE *said;            /* its stderr */
};

static struct run_config config_of(const struct options *o, uint64_t seed)
{
    static const unsigned frames[] = {64, 96, 128, 300};
    static const unsigned slots[] = {96, 96, 300, 400};
    struct rng rng = {.state = seed};
    struct run_config config = {.profile = o->profile, .check_every = o->every};
    unsigned nr = 0;

    config.layout = (unsigned)(rng_next(&rng) % NR_LAYOUTS);
    config.frames = frames[rng_next(&rng) % 4];
    config.slots = slots[rng_next(&rng) % 4];
    config.sync = rng_next(&rng) % 3 == 0;

    while (adi_profile_nth(nr))
        nr++;
    if (!config.profile)
        config.profile = adi_profile_nth((unsigned)(seed % nr))->name;
    return config;
}

/* ---------------------------------------------------------- in the child */

static void run_seed(const struct options *o, uint64_t seed, struct record *rec)
{
    struct rng rng = {.state = ~seed};
    struct run *r;

    rec->nr = 0;
    rec->config = config_of(o, seed);
    r = run_create(&rec->config);
    while (rec->nr < OPS_OF_A_SEED && !run_stopped(r)) {
        random_op(&rng, r, &rec->op[rec->nr]);
        rec->nr++;
        run_op(r, &rec->op[rec->nr - 1]);
    }
    run_finish(r);
}

static void run_record(struct record *rec)
{
    struct run *r = run_create(&rec->config);

    for (unsigned i = 0; i < rec->nr; i++)
        run_op(r, &rec->op[i]);
    run_finish(r);
}

/* A child with its stderr in @said.  Returns its pid, 0 in the child. */
static pid_t start_child(FILE *said)
{
    const struct rlimit hang = {HANG_SECONDS, HANG_SECONDS + 1};
    pid_t pid;

    rewind(said);
    if (ftruncate(fileno(said), 0) != 0)
        exit(2);
    fflush(NULL);
    pid = fork();
    if (pid < 0) {
        perror("fork");
        exit(2);
    }
    if (pid > 0)
        return pid;
    dup2(fileno(said), STDERR_FILENO);
    setrlimit(RLIMIT_CPU, &hang);
    return 0;
}

static struct record *shared_record(void)
{
    void *p = mmap(NULL, sizeof(struct record), PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED) {
        perror("mmap");
        exit(2);
    }
    return p;
}

/* ------------------------------------------------------------- shrinking */

#define MAX_SAID 4096

/* What a failure is called: two runs that fail alike have it in common. */
static void failure_of(FILE *said, int status, char *name, size_t size)
{
    char text[MAX_SAID] = "";
    size_t n;

    rewind(said);
    n = fread(text, 1, sizeof(text) - 1, said);
    text[n] = '\0';
    if (strncmp(text, "FAIL ", 5) == 0)
        snprintf(name, size, "%.*s", (int)strcspn(text + 5, ":"), text + 5);
    else if (*text)
        snprintf(name, size, "%.*s", (int)strcspn(text, "\n"), text);
    else
        snprintf(name, size, "status 0x%x", (unsigned)status);
}

/* Runs that are to fail as the first one did. */
struct again {
    const char *failure;
    FILE *said; /* their stderr */
};

static bool fails_alike(void *ctx, struct record *rec)
{
    const struct again *again = ctx;
    char name[200];
    int status;
    pid_t pid = start_child(again->said);

    if (pid == 0) {
        run_record(rec);
        _exit(0);
    }
    if (waitpid(pid, &status, 0) < 0 || status == 0)
        return false;
    failure_of(again->said, status, name, sizeof(name));
    return strcmp(name, again->failure) == 0;
}

/* @rec: shared memory, so that we see which faults it names in the end. */
static void make_short(struct record *rec, const char *failure)
{
    struct again again = {.failure = failure, .said = tmpfile()};

    rec->config.check_every = 1;
    if (fails_alike(&again, rec)) {
        shrink(rec, fails_alike, &again);
        (void)fails_alike(&again, rec);
    } else {
        printf("# does not fail again when repeated\n");
    }
    fclose(again.said);
}

/* ---------------------------------------------------------------- scripts */

static void print_record(FILE *out, const struct record *rec,
                         const char *failure)
{
    fprintf(out, "# %s\n", failure);
    fprintf(out, "# profile %s layout %u frames %u slots %u sync %u\n",
            rec->config.profile, rec->config.layout, rec->config.frames,
            rec->config.slots, rec->config.sync);
    for (unsigned i = 0; i < rec->nr; i++) {
        op_print(out, &rec->op[i]);
        fputc('\n', out);
    }
}

/* The memory that a script is for; false: no line says so. */
static bool find_config(const char *text, struct run_config *config)
{
    const char *line = strstr(text, "# profile ");
    char profile[64];

    if (!line ||
        sscanf(line, "# profile %63s layout %u frames %u slots %u sync %u",
               profile, &config->layout, &config->frames, &config->slots,
               &config->sync) < 4 ||
        !adi_profile_find(profile))
        return false;
    config->profile = adi_profile_find(profile)->name;
    return true;
}

static void print_said(FILE *said)
{
    char line[MAX_SAID];

    rewind(said);
    while (fgets(line, sizeof(line), said))
        fputs(line, stdout);
}

static void print_short(const struct options *o, struct record *rec,
                        const char *failure)
{
    FILE *save;

    printf("\nshrunk:\n\n");
    make_short(rec, failure);
    print_record(stdout, rec, failure);
    save = o->save ? fopen(o->save, "w") : NULL;
    if (!save)
        return;
    print_record(save, rec, failure);
    fclose(save);
}

/* 0, or what to exit with. */
static int read_script(const char *path, struct record *rec)
{
    static char text[OPS_OF_A_SEED * SCRIPT_MAX_TEXT + 1];
    FILE *in = fopen(path, "r");
    size_t len;
    int nr;

    if (!in) {
        perror(path);
        return 2;
    }
    len = fread(text, 1, sizeof(text) - 1, in);
    fclose(in);
    rec->config.check_every = 1;
    if (!find_config(text, &rec->config)) {
        fprintf(stderr,
                "%s: no line \"# profile NAME layout N frames N "
                "slots N\"\n",
                path);
        return 2;
    }
    nr = op_parse(text, len, rec->op, OPS_OF_A_SEED, path);
    rec->nr = nr < 0 ? 0 : (unsigned)nr;
    return nr < 0 ? 2 : 0;
}

static int replay(const struct options *o)
{
    struct record *rec = shared_record();
    FILE *said = tmpfile();
    int err = read_script(o->replay, rec), status = 0;
    char failure[200];
    pid_t pid;

    if (err)
        return err;
    pid = start_child(said);
    if (pid == 0) {
        run_record(rec);
        exit(0);
    }
    (void)waitpid(pid, &status, 0);
    if (status == 0) {
        printf("%u operations, nothing wrong\n", rec->nr);
        return 0;
    }
    print_said(said);
    failure_of(said, status, failure, sizeof(failure));
    if (o->save)
        print_short(o, rec, failure);
    return 1;
}

/* ------------------------------------------------------------------- jobs */

static void start_seed(const struct options *o, struct worker *w, uint64_t seed)
{
    w->seed = seed;
    w->pid = start_child(w->said);
    if (w->pid == 0) {
        run_seed(o, seed, w->record);
        exit(0); /* not _exit(): gcov writes its counts */
    }
}

static int failed(const struct options *o, struct worker *w, int status)
{
    char failure[200];

    failure_of(w->said, status, failure, sizeof(failure));
    printf("seed %llu, profile %s, after %u operations:\n",
           (unsigned long long)w->seed, w->record->config.profile,
           w->record->nr);
    print_said(w->said);
    print_short(o, w->record, failure);
    return 1;
}

static struct worker *worker_of(struct worker *w, unsigned nr, pid_t pid)
{
    for (unsigned i = 0; i < nr; i++)
        if (w[i].pid == pid)
            return &w[i];
    return NULL;
}

static void stop_all(struct worker *w, unsigned nr)
{
    for (unsigned i = 0; i < nr; i++)
        if (w[i].pid > 0) {
            kill(w[i].pid, SIGKILL);
            (void)waitpid(w[i].pid, NULL, 0);
        }
}

static int run_all(const struct options *o)
{
    struct worker w[MAX_JOBS] = {0};
    time_t end = o->seconds ? time(NULL) + o->seconds : 0;
    uint64_t seed = o->seed,
             last = o->seed + (o->ops + OPS_OF_A_SEED - 1) / OPS_OF_A_SEED;
    uint64_t done = 0;
    unsigned busy = 0;

    for (unsigned i = 0; i < o->jobs; i++) {
        w[i].record = shared_record();
        w[i].said = tmpfile();
    }
    for (;;) {
        struct worker *idle;
        int status;
        pid_t pid;

        while (busy < o->jobs && seed < last && (!end || time(NULL) < end)) {
            idle = worker_of(w, o->jobs, 0);
            start_seed(o, idle, seed++);
            busy++;
        }
        if (busy == 0)
            break;
        pid = wait(&status);
        idle = pid > 0 ? worker_of(w, o->jobs, pid) : NULL;
        if (!idle)
            continue;
        idle->pid = 0;
        busy--;
        done += idle->record->nr;
        if (status != 0) {
            stop_all(w, o->jobs);
            return failed(o, idle, status);
        }
    }
    printf("%llu operations of %llu seeds, nothing wrong\n",
           (unsigned long long)done, (unsigned long long)(seed - o->seed));
    return 0;
}

static _Noreturn void usage(void)
{
    fprintf(stderr, "usage: random_mm [--seed N] [--ops N] [--profile NAME] "
                    "[--seconds N]\n"
                    "                 [--jobs N] [--every N] [--save FILE] "
                    "[--replay FILE]\n");
    exit(2);
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {
        {"seed", required_argument, NULL, 's'},
        {"ops", required_argument, NULL, 'o'},
        {"profile", required_argument, NULL, 'p'},
        {"seconds", required_argument, NULL, 't'},
        {"jobs", required_argument, NULL, 'j'},
        {"every", required_argument, NULL, 'e'},
        {"replay", required_argument, NULL, 'r'},
        {"save", required_argument, NULL, 'w'},
        {0}};
    struct options o = {.seed = 1, .jobs = 1, .every = 1};
    int key;

    while ((key = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (key) {
        case 's': o.seed = strtoull(optarg, NULL, 0); break;
        case 'o': o.ops = strtoull(optarg, NULL, 0); break;
        case 'p': o.profile = optarg; break;
        case 't': o.seconds = (unsigned)strtoul(optarg, NULL, 0); break;
        case 'j': o.jobs = (unsigned)strtoul(optarg, NULL, 0); break;
        case 'e': o.every = (unsigned)strtoul(optarg, NULL, 0); break;
        case 'r': o.replay = optarg; break;
        case 'w': o.save = optarg; break;
        default: usage();
        }
    }
    if (optind < argc || o.jobs == 0 || o.jobs > MAX_JOBS || o.every == 0 ||
        (o.profile && !adi_profile_find(o.profile)))
        usage();
    if (o.replay)
        return replay(&o);
    if (o.ops == 0)
        o.ops = o.seconds ? UINT64_MAX / 2 : 100000;
    return run_all(&o);
}
