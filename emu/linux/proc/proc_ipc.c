// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc/sysvipc.
 *
 * Source: linux v6.2 ipc/shm.c sysvipc_shm_proc_show(), ipc/sem.c, ipc/msg.c
 */
#include <inttypes.h>

#include "emu/linux/ipc/msg.h"
#include "emu/linux/ipc/sem.h"
#include "emu/linux/ipc/shm.h"
#include "emu/linux/proc/procfs.h"

static void show_start(const struct ipc_perm *perm, FILE *out)
{
    fprintf(out, "%10" PRId32 " %10d  %4o ", (int32_t)perm->key, perm->id,
            perm->mode);
}

static void show_ids(const struct ipc_perm *perm, FILE *out)
{
    fprintf(out, "%5u %5u %5u %5u ", perm->uid, perm->gid, perm->cuid,
            perm->cgid);
}

PROC_SHOW(proc_show_ipc_shm)
{
    struct ipc_perm *perm;
    int idx = 0;

    (void)t;
    fputs("       key      shmid perms                  size  cpid  lpid "
          "nattch   uid   gid  cuid  cgid      atime      dtime      ctime"
          "                   rss                  swap\n",
          out);
    for (; (perm = ipc_next(&m->ipc->shm, &idx)) != NULL; idx++) {
        const struct shm_segment *seg = (struct shm_segment *)perm;
        uint64_t rss = 0, swp = 0;

        shm_add_rss_swap(seg, &rss, &swp);
        show_start(perm, out);
        fprintf(out, "%21" PRIu64 " %5u %5u  %5u ", seg->bytes, seg->cpid,
                seg->lpid, shm_attachments(seg));
        show_ids(perm, out);
        fprintf(out,
                "%10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %21" PRIu64
                " %21" PRIu64 "\n",
                seg->atime, seg->dtime, seg->ctime, rss << PAGE_SHIFT,
                swp << PAGE_SHIFT);
    }
    return 0;
}

PROC_SHOW(proc_show_ipc_sem)
{
    struct ipc_perm *perm;
    int idx = 0;

    (void)t;
    fputs("       key      semid perms      nsems   uid   gid  cuid  cgid"
          "      otime      ctime\n",
          out);
    for (; (perm = ipc_next(&m->ipc->sem, &idx)) != NULL; idx++) {
        const struct sem_array *sma = (struct sem_array *)perm;

        show_start(perm, out);
        fprintf(out, "%10d ", sma->nsems);
        show_ids(perm, out);
        fprintf(out, "%10" PRIu64 " %10" PRIu64 "\n", sma->otime, sma->ctime);
    }
    return 0;
}

PROC_SHOW(proc_show_ipc_msg)
{
    struct ipc_perm *perm;
    int idx = 0;

    (void)t;
    fputs("       key      msqid perms      cbytes       qnum lspid lrpid"
          "   uid   gid  cuid  cgid      stime      rtime      ctime\n",
          out);
    for (; (perm = ipc_next(&m->ipc->msg, &idx)) != NULL; idx++) {
        const struct msg_queue *q = (struct msg_queue *)perm;

        show_start(perm, out);
        fprintf(out, " %10" PRIu64 " %10" PRIu64 " %5u %5u ", q->cbytes,
                q->qnum, q->lspid, q->lrpid);
        show_ids(perm, out);
        fprintf(out, "%10" PRIu64 " %10" PRIu64 " %10" PRIu64 "\n", q->stime,
                q->rtime, q->ctime);
    }
    return 0;
}
