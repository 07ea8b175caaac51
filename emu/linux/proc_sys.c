/* /proc/sys: numbers that a program writes to the kernel. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "emu/linux/procfs.h"
#include "migrate/compact.h"

/* proc_dointvec(): one number, after it nothing but white space counts. */
static int parse_int(const char *text)
{
    char *end;

    errno = 0;
    (void)strtol(text, &end, 0);
    if (end == text || (*end && !isspace((unsigned char)*end)))
        return -EINVAL;
    return errno ? -EINVAL : 0;
}

int proc_store_compact_memory(struct machine *m, const char *text)
{
    struct compact_result r;
    int err = parse_int(text);

    if (err)
        return err;
    r = compact_memory(m->mem);
    log_print(&m->options.log, LOG_MM, LOG_INFO, "compacted moved=%u failed=%u",
              r.moved, r.failed);
    return 0;
}
