// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a process says of itself to whoever looks for one to kill.
 *
 * Source:  linux v6.2 fs/proc/base.c
 * Differs: nobody is killed by it: who needs memory that is not there goes
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "emu/linux/abi.h"
#include "emu/linux/proc/procfs.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/task.h"

#define OOM_SCORE_ADJ_MAX_G 1000
#define OOM_ADJUST_MAX_G    15
#define OOM_DISABLE_G       (-17)

PROC_SHOW(proc_show_oom_score_adj)
{
    (void)m;
    fprintf(out, "%d\n", t->process->oom_score_adj);
    return 0;
}

/* oom_adj_read(): the old scale */
PROC_SHOW(proc_show_oom_adj)
{
    int adj = OOM_ADJUST_MAX_G;

    (void)m;
    if (t->process->oom_score_adj != OOM_SCORE_ADJ_MAX_G)
        adj = t->process->oom_score_adj * -OOM_DISABLE_G / OOM_SCORE_ADJ_MAX_G;
    fprintf(out, "%d\n", adj);
    return 0;
}

/* kstrtoint(strstrip()) */
static int parse_int(const char *text, int *value)
{
    char *end;
    long l;

    errno = 0;
    l = strtol(text, &end, 0);
    if (end == text)
        return -EINVAL;
    while (isspace((unsigned char)*end))
        end++;
    if (*end)
        return -EINVAL;
    if (errno || l < INT_MIN || l > INT_MAX)
        return -ERANGE;
    *value = (int)l;
    return 0;
}

/* __set_oom_adj() */
static int set_adj(struct task *by, struct task *of, int adj, int least)
{
    if (adj < least && !cred_capable(by, CAP_G_SYS_RESOURCE))
        return -EACCES;
    of->process->oom_score_adj = adj;
    return 0;
}

int proc_store_oom_score_adj(struct task *by, struct task *of, const char *text)
{
    int adj, err = parse_int(text, &adj);

    if (err)
        return err;
    if (adj < -OOM_SCORE_ADJ_MAX_G || adj > OOM_SCORE_ADJ_MAX_G)
        return -EINVAL;
    err = set_adj(by, of, adj, of->process->oom_score_adj_min);
    if (!err && cred_capable(by, CAP_G_SYS_RESOURCE))
        of->process->oom_score_adj_min = adj;
    return err;
}

int proc_store_oom_adj(struct task *by, struct task *of, const char *text)
{
    int adj, err = parse_int(text, &adj);

    if (err)
        return err;
    if ((adj < -16 || adj > OOM_ADJUST_MAX_G) && adj != OOM_DISABLE_G)
        return -EINVAL;
    if (adj == OOM_ADJUST_MAX_G)
        adj = OOM_SCORE_ADJ_MAX_G;
    else
        adj = adj * OOM_SCORE_ADJ_MAX_G / -OOM_DISABLE_G;
    return set_adj(by, of, adj, of->process->oom_score_adj);
}
