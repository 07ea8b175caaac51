// SPDX-License-Identifier: GPL-2.0-or-later
/* /proc/sys: numbers of the kernel that a program may look at, or set. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/linux/fs/pipe.h"
#include "emu/linux/ipc/ipc.h"
#include "emu/linux/proc/procfs.h"
#include "emu/linux/sched/process.h"
#include "migrate/compact.h"

struct sysctl {
    const char *name;
    const char *text;               /* it never changes */
    void *(*at)(struct machine *m); /* an int, or a uint64_t */
    bool is_ulong;
    int min, max; /* of an int */
    int (*show)(struct machine *m, FILE *out);
    int (*store)(struct machine *m, const char *text);
};

/* ------------------------------------------------- those of a kind apart */

/* Goes past one number and the white space around it; 0 or -EINVAL. */
static int parse_long(const char **text, long *value)
{
    char *end;

    errno = 0;
    *value = strtol(*text, &end, 0);
    if (end == *text || errno || (*end && !isspace((unsigned char)*end)))
        return -EINVAL;
    while (isspace((unsigned char)*end))
        end++;
    *text = end;
    return 0;
}

static int sysctl_show_pipe_max_size(struct machine *m, FILE *out)
{
    fprintf(out, "%u\n", m->pipe_max_size);
    return 0;
}

static int sysctl_store_pipe_max_size(struct machine *m, const char *text)
{
    long value;
    unsigned size;

    if (parse_long(&text, &value) || value < 0 || value > UINT32_MAX)
        return -EINVAL;
    size = pipe_round_size((unsigned)value);
    if (!size)
        return -EINVAL;
    m->pipe_max_size = size;
    return 0;
}

static int sysctl_show_core_pattern(struct machine *m, FILE *out)
{
    const char *pattern = m->options.core_pattern;

    fprintf(out, "%s\n", pattern ? pattern : "core");
    return 0;
}

static int sysctl_store_core_pattern(struct machine *m, const char *text)
{
    (void)m, (void)text;
    return -EACCES;
}

static int sysctl_show_threads_max(struct machine *m, FILE *out)
{
    fprintf(out, "%" PRIu64 "\n", m->max_threads);
    return 0;
}

/* sysctl_max_threads() */
static int sysctl_store_threads_max(struct machine *m, const char *text)
{
    long value;

    if (parse_long(&text, &value) || value < 1 || value > INT32_MAX)
        return -EINVAL;
    process_set_max(m, (uint64_t)value);
    return 0;
}

/* What the host keeps to, for calls that it does. */
#define SYSCTL_OF_HOST(id, name)                                               \
    static int sysctl_show_##id(struct machine *m, FILE *out)                  \
    {                                                                          \
        (void)m;                                                               \
        return show_of_host("/proc/sys/" name, out);                           \
    }                                                                          \
    static int sysctl_store_##id(struct machine *m, const char *text)          \
    {                                                                          \
        (void)m, (void)text;                                                   \
        return -EACCES;                                                        \
    }

static int show_of_host(const char *path, FILE *out)
{
    FILE *f = fopen(path, "re");
    char text[32];

    if (f && fgets(text, sizeof(text), f))
        fputs(text, out);
    if (f)
        fclose(f);
    return 0;
}

SYSCTL_OF_HOST(inotify_events, "fs/inotify/max_queued_events")
SYSCTL_OF_HOST(inotify_instances, "fs/inotify/max_user_instances")
SYSCTL_OF_HOST(inotify_watches, "fs/inotify/max_user_watches")
SYSCTL_OF_HOST(pipe_pages_hard, "fs/pipe-user-pages-hard")
SYSCTL_OF_HOST(pipe_pages_soft, "fs/pipe-user-pages-soft")

static int sysctl_show_osrelease(struct machine *m, FILE *out)
{
    fprintf(out, "%s\n", m->options.uname_release);
    return 0;
}

static int sysctl_store_osrelease(struct machine *m, const char *text)
{
    (void)m, (void)text;
    return -EACCES;
}

static int sysctl_show_sem(struct machine *m, FILE *out)
{
    const struct ipc_namespace *ns = m->ipc;

    fprintf(out, "%d\t%d\t%d\t%d\n", ns->sem_ctl[IPC_SEMMSL],
            ns->sem_ctl[IPC_SEMMNS], ns->sem_ctl[IPC_SEMOPM], ns->sem.mni);
    return 0;
}

/* proc_ipc_sem_dointvec(): those that are given, at most four; the ones
 * before a bad one count */
static int sysctl_store_sem(struct machine *m, const char *text)
{
    struct ipc_namespace *ns = m->ipc;
    int *const at[4] = {&ns->sem_ctl[IPC_SEMMSL], &ns->sem_ctl[IPC_SEMMNS],
                        &ns->sem_ctl[IPC_SEMOPM], &ns->sem.mni};

    for (unsigned i = 0; i < 4 && *text; i++) {
        long value;

        if (parse_long(&text, &value) || value < INT32_MIN || value > INT32_MAX)
            return -EINVAL;
        if (i == 3 && (value < 0 || value > IPC_MNI))
            return -ERANGE;
        *at[i] = (int)value;
    }
    return 0;
}

static int sysctl_show_compact_memory(struct machine *m, FILE *out)
{
    (void)m, (void)out;
    return 0; /* only to be written */
}

static int sysctl_store_compact_memory(struct machine *m, const char *text)
{
    struct compact_result r;
    long value;
    int err = parse_long(&text, &value);

    if (err)
        return err;
    r = compact_memory(m->mem);
    log_print(&m->options.log, LOG_MM, LOG_INFO, "compacted moved=%u failed=%u",
              r.moved, r.failed);
    return 0;
}

static int sysctl_show_max_map_count(struct machine *m, FILE *out)
{
    fprintf(out, "%zu\n", memory_max_map_count(m->mem));
    return 0;
}

static int sysctl_store_max_map_count(struct machine *m, const char *text)
{
    long nr;
    int err = parse_long(&text, &nr);

    if (err || nr < 0 || nr > INT32_MAX)
        return -EINVAL;
    memory_set_max_map_count(m->mem, (size_t)nr);
    return 0;
}

/* ---------------------------------------------------------------- table */

#define SYSCTL_TEXT(nm, says)
#define SYSCTL_INT(id, nm, mode, expr, lo, hi)                                 \
    static void *at_##id(struct machine *m)                                    \
    {                                                                          \
        return &(expr);                                                        \
    }
#define SYSCTL_ULONG(id, nm, mode, expr) SYSCTL_INT(id, nm, mode, expr, 0, 0)
#define SYSCTL_OTHER(id, nm, mode)
#include "emu/linux/proc/sysctl.def"
#undef SYSCTL_TEXT
#undef SYSCTL_INT
#undef SYSCTL_ULONG
#undef SYSCTL_OTHER

static const struct sysctl table[] = {
#define SYSCTL_TEXT(nm, says) {.name = nm, .text = says},
#define SYSCTL_INT(id, nm, mode, expr, lo, hi)                                 \
    {.name = nm, .at = at_##id, .min = lo, .max = hi},
#define SYSCTL_ULONG(id, nm, mode, expr)                                       \
    {.name = nm, .at = at_##id, .is_ulong = true},
#define SYSCTL_OTHER(id, nm, mode)                                             \
    {.name = nm, .show = sysctl_show_##id, .store = sysctl_store_##id},
#include "emu/linux/proc/sysctl.def"
};

static const struct sysctl *find(const char *name)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    INVARIANT(!"a sysctl of that name");
    return NULL;
}

int sysctl_show(struct machine *m, const char *name, FILE *out)
{
    const struct sysctl *ctl = find(name);

    if (ctl->show)
        return ctl->show(m, out);
    if (ctl->text)
        fprintf(out, "%s\n", ctl->text);
    else if (ctl->is_ulong)
        fprintf(out, "%" PRIu64 "\n", *(const uint64_t *)ctl->at(m));
    else
        fprintf(out, "%d\n", *(const int *)ctl->at(m));
    return 0;
}

/* proc_doulongvec_minmax() */
static int store_ulong(uint64_t *at, const char *text)
{
    unsigned long long value;
    char *end;

    errno = 0;
    value = strtoull(text, &end, 0);
    if (end == text || errno || strchr(text, '-') ||
        (*end && !isspace((unsigned char)*end)))
        return -EINVAL;
    *at = value;
    return 0;
}

int sysctl_store(struct machine *m, const char *name, const char *text)
{
    const struct sysctl *ctl = find(name);
    long value;

    if (ctl->store)
        return ctl->store(m, text);
    if (ctl->is_ulong)
        return store_ulong(ctl->at(m), text);
    if (parse_long(&text, &value) || value < ctl->min || value > ctl->max)
        return -EINVAL;
    *(int *)ctl->at(m) = (int)value;
    return 0;
}
