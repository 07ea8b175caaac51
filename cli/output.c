#include "cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "adi/profile.h"
#include "report/word.h"

static uint64_t swap_bytes(const struct machine_options *o)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < o->nr_swaps; i++)
        sum += o->swaps[i].bytes;
    return sum;
}

int output_report(const struct run_options *o, const struct report *r,
                  struct run_facts facts)
{
    FILE *out = stderr;
    int err;

    if (o->report_path) {
        (void)umask(o->umask);
        out = fopen(o->report_path, "w");
    }
    if (!out) {
        say_line(stderr, "adiemu: --report=%s: %s", o->report_path,
                 strerror(errno));
        return -errno;
    }
    facts.version = adiemu_version;
    facts.profile = o->machine.profile->name;
    facts.command = o->argv[0];
    facts.ram_bytes = o->machine.ram_bytes;
    facts.swap_bytes = swap_bytes(&o->machine);
    facts.show_reachable = o->show_reachable;
    err = o->report_json ? report_print_json(r, out, &facts)
                         : report_print_text(r, out, &facts, o->quiet);
    if (o->report_path && fclose(out) != 0)
        err = -errno;
    if (err)
        say_line(stderr, "adiemu: the report could not be written: %s",
                 strerror(-err));
    return err;
}
