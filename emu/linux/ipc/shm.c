// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/ipc/shm.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/warn.h"

#include <errno.h>

#include "mm/mapping.h"
#include "mm/vma.h"

#define SHMMNI        4096
#define SHM_MOST      (UINT64_MAX - (UINT64_C(1) << 24)) /* SHMMAX, SHMALL */
#define SHM_G_HUGETLB 04000u
#define MODE_ALL      0777u

void shm_init_ns(struct ipc_namespace *ns)
{
    ns->shm_ctlmax = ns->shm_ctlall = SHM_MOST;
    ns->shm.mni = SHMMNI;
}

static uint64_t pages_of(const struct shm_segment *seg)
{
    return page_align_up(seg->bytes) >> PAGE_SHIFT;
}

void shm_free(struct ipc_namespace *ns, struct ipc_perm *perm)
{
    struct shm_segment *seg = (struct shm_segment *)perm;

    ns->shm_tot -= pages_of(seg);
    ipc_remove(&ns->shm, perm);
    mapping_set_watch(seg->mapping, NULL, NULL);
    mapping_put(seg->mapping);
    kmem_free(seg);
}

/* shm_open(): also of a child, and of each part of an area that was cut. */
static void opened(void *ctx)
{
    struct shm_segment *seg = ctx;

    if (!current_task(seg->m))
        return;
    seg->lpid = current_task(seg->m)->process->pid;
    seg->atime = ipc_now(seg->m);
}

/* shm_close(): whatever unmapped it. */
static void closed(void *ctx)
{
    struct shm_segment *seg = ctx;
    const struct task *t = current_task(seg->m);

    if (t) {
        seg->lpid = t->process->pid;
        seg->dtime = ipc_now(seg->m);
    }
    if (seg->perm.mode & SHM_G_DEST && !mapping_mapped(seg->mapping))
        shm_free(seg->m->ipc, &seg->perm);
}

static const struct mapping_watch shm_watch = {.open = opened, .close = closed};

/* newseg() */
static int create(struct task *t, const struct ipc_params *params)
{
    struct ipc_namespace *ns = t->m->ipc;
    uint64_t pages = page_align_up(params->size) >> PAGE_SHIFT;
    struct shm_segment *seg;
    int id;

    if (params->size < 1 || params->size > ns->shm_ctlmax)
        return -EINVAL;
    if (pages << PAGE_SHIFT < params->size || ns->shm_tot + pages < pages ||
        ns->shm_tot + pages > ns->shm_ctlall)
        return -ENOSPC;
    if (params->flags & SHM_G_HUGETLB) {
        warn_once(t, LOG_SYSCALL, "unsupported: shmget with SHM_HUGETLB");
        return -EINVAL;
    }
    seg = kmem_zalloc(&t->m->kmem, sizeof(*seg));
    if (!seg)
        return -ENOMEM;
    *seg = (struct shm_segment){
        .perm = {.key = params->key, .mode = params->flags & MODE_ALL},
        .m = t->m,
        .name = params->key,
        .bytes = params->size,
        .cpid = t->process->pid,
        .ctime = ipc_now(t->m)};
    seg->mapping = mapping_create_shmem(t->m->mem, params->size);
    id = seg->mapping ? ipc_add(t, &ns->shm, &seg->perm) : -ENOMEM;
    if (id < 0) {
        if (seg->mapping)
            mapping_put(seg->mapping);
        kmem_free(seg);
        return id;
    }
    mapping_set_watch(seg->mapping, &shm_watch, seg);
    ns->shm_tot += pages;
    return id;
}

static int more_checks(const struct ipc_perm *perm,
                       const struct ipc_params *params)
{
    const struct shm_segment *seg = (const struct shm_segment *)perm;

    return seg->bytes < params->size ? -EINVAL : 0;
}

const struct ipc_ops shm_ops = {.create = create, .more_checks = more_checks};

struct shm_segment *shm_by_id(const struct ipc_namespace *ns, int id)
{
    return (struct shm_segment *)ipc_by_id(&ns->shm, id);
}

struct shm_segment *shm_by_mapping(const struct ipc_namespace *ns,
                                   const struct mapping *mapping)
{
    struct ipc_perm *perm;
    int idx = 0;

    for (; (perm = ipc_next(&ns->shm, &idx)) != NULL; idx++)
        if (((struct shm_segment *)perm)->mapping == mapping)
            return (struct shm_segment *)perm;
    return NULL;
}

unsigned shm_attachments(const struct shm_segment *seg)
{
    const struct vma *vma = mapping_first_vma(seg->mapping, 0, UINT64_MAX);
    unsigned nr = 0;

    for (; vma; vma = mapping_next_vma(vma, 0, UINT64_MAX))
        nr++;
    return nr;
}

void shm_remove(struct shm_segment *seg)
{
    if (!mapping_mapped(seg->mapping)) {
        shm_free(seg->m->ipc, &seg->perm);
        return;
    }
    seg->perm.mode |= SHM_G_DEST;
    seg->perm.key = IPC_G_PRIVATE; /* found by its id only */
}

void shm_add_rss_swap(const struct shm_segment *seg, uint64_t *rss,
                      uint64_t *swp)
{
    swp_entry_t entry;
    uint64_t index = 0;

    *rss += mapping_nr_pages(seg->mapping);
    for (; mapping_next_entry(seg->mapping, &index, &entry); index++)
        ++*swp;
}
