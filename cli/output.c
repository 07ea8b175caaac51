// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adi/profile.h"
#include "base/word.h"

static uint64_t swap_bytes(const struct machine_options *o)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < o->nr_swaps; i++)
        sum += o->swaps[i].bytes;
    return sum;
}

/* Options first, then "--" where the program looks like one of them. */
static struct again whole_command(const struct run_options *o)
{
    struct again a = {0};

    again_word(&a, "adiemu");
    again_word(&a, o->command);
    for (size_t i = 0; i < o->again.nr; i++)
        again_word(&a, o->again.words[i]);
    if (o->argv[0][0] == '-')
        again_word(&a, "--");
    for (size_t i = 0; o->argv[i]; i++)
        again_word(&a, o->argv[i]);
    return a;
}

/* Lines of the script that waited in vain; owned.  NULL: none. */
static struct idle_event *list_idle(const struct script *s,
                                    const struct triggers *t, size_t *nr)
{
    struct idle_event *list = calloc(s->nr + 1, sizeof(*list));
    uint64_t came;

    *nr = 0;
    for (size_t n = 0; list && (n = triggers_idle(t, n, &came)) < s->nr; n++) {
        struct idle_event *e = &list[(*nr)++];

        e->line = s->events[n].line;
        e->came = came;
        script_event_text(&s->events[n], e->text);
    }
    return list;
}

int output_exit_code(int err)
{
    return err == -ENOMEM ? EXIT_INTERNAL : EXIT_HOST_FILE;
}

int output_open(struct run_options *o)
{
    int err;

    if (!o->report_path)
        return 0;
    o->report_fd = open(o->report_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (o->report_fd >= 0)
        return 0;
    err = errno;
    say_line(stderr, "adiemu: --report=%s: %s", o->report_path, strerror(err));
    return -err;
}

/* What an earlier run has left goes only now. */
static FILE *open_stream(const struct run_options *o)
{
    (void)!ftruncate(o->report_fd, 0); /* a pipe cannot be */
    return fdopen(o->report_fd, "w");
}

static int print(const struct run_options *o, const struct judge *j, FILE *out,
                 const struct run_facts *facts)
{
    return o->report_json ? report_print_json(j, out, facts)
                          : report_print_text(j, out, facts, o->quiet);
}

int output_print(const struct run_options *o, const struct judge *j,
                 const struct triggers *t, struct run_facts facts, FILE *out)
{
    struct idle_event *idle;
    struct again again;
    int err;

    idle = list_idle(&o->script, t, &facts.nr_idle);
    again = whole_command(o);
    facts.idle = idle;
    facts.again = (struct run_command){
        .words = (const char *const *)again.words,
        .seed = o->machine.seed,
        .script = o->events_path,
        .script_sha256 = o->sha256,
    };
    facts.version = adiemu_version;
    facts.profile = o->machine.profile->name;
    facts.program = o->argv[0];
    facts.ram_bytes = o->machine.ram_bytes;
    facts.swap_bytes = swap_bytes(&o->machine);
    facts.show_reachable = o->show_reachable;
    err = print(o, j, out, &facts);
    free(idle);
    again_free(&again);
    return err;
}

int output_report(const struct run_options *o, const struct judge *j,
                  const struct triggers *t, struct run_facts facts)
{
    FILE *out = o->report_path ? open_stream(o) : stderr;
    int err;

    if (!out)
        return -errno;
    err = output_print(o, j, t, facts, out);
    if (o->report_path && fclose(out) != 0)
        err = -errno;
    if (err)
        say_line(stderr, "adiemu: the report could not be written: %s",
                 strerror(-err));
    return err;
}
