/* /proc/sys: numbers that a program writes to the kernel. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "emu/linux/procfs.h"
#include "migrate/compact.h"

/* proc_dointvec(): one number, after it nothing but white space counts. */
static int parse_int(const char *text, long *out)
{
    char *end;

    errno = 0;
    *out = strtol(text, &end, 0);
    if (end == text || (*end && !isspace((unsigned char)*end)))
        return -EINVAL;
    return errno || *out > INT_MAX || *out < INT_MIN ? -EINVAL : 0;
}

int proc_store_compact_memory(struct machine *m, const char *text)
{
    struct compact_result r;
    long any;
    int err = parse_int(text, &any);

    if (err)
        return err;
    r = compact_memory(m->mem);
    log_print(&m->options.log, LOG_MM, LOG_INFO, "compacted moved=%u failed=%u",
              r.moved, r.failed);
    return 0;
}

PROC_SHOW(proc_show_max_map_count)
{
    (void)t;
    fprintf(out, "%zu\n", memory_max_map_count(m->mem));
    return 0;
}

int proc_store_max_map_count(struct machine *m, const char *text)
{
    long nr;
    int err = parse_int(text, &nr);

    if (err || nr < 0)
        return -EINVAL;
    memory_set_max_map_count(m->mem, (size_t)nr);
    return 0;
}
