// SPDX-License-Identifier: GPL-2.0-or-later
#include "script/alone.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "adi/adi.h"
#include "adi/profile.h"
#include "event/hosterr.h"
#include "event/hub.h"
#include "judge/judge.h"
#include "mm/fork.h"
#include "mm/mm.h"
#include "mm/phys.h"
#include "script/trigger.h"
#include "swap/faulty.h"
#include "swap/ram.h"
#include "swap/swapoff.h"

#define MMAP_BASE UINT64_C(0x70000000)

struct process {
    uint32_t pid;
    struct mm *mm; /* counted */
    struct process *next;
};

struct device {
    int fd;          /* owned; -1: it has no file */
    uint64_t slots;  /* of one in memory; 0: it is none */
    const void *ram; /* that one, while it is on; borrowed */
    int type;        /* -1: off */
    bool synchronous;
};

struct alone {
    struct hub *hub;
    struct judge *judge;
    struct memory *mem;
    struct adi *adi;
    struct swap *swap;
    struct check *check;
    struct drive *drive;
    struct process *processes; /* owned */
    uint32_t current;          /* pid, for the report */
    bool ending;               /* no new processes */
    struct device devices[SWP_MAX_FILES];
    struct swapdev_faults faults;
};

/* ------------------------------------------------------------ processes */

static struct process *find(const struct alone *a, uint32_t pid)
{
    struct process *p = a->processes;

    while (p && p->pid != pid)
        p = p->next;
    return p;
}

/* Who is asked for is about to do something. */
static struct mm *op_find_mm(void *ctx, uint32_t pid)
{
    struct alone *a = ctx;
    const struct process *p = find(a, pid ? pid : 1);

    a->current = p ? p->pid : 0;
    return p ? p->mm : NULL;
}

static void where(void *ctx, struct hub_where *out)
{
    const struct alone *a = ctx;

    out->pid = a->current;
}

/* Takes over the reference. */
static int add(struct alone *a, uint32_t pid, struct mm *mm)
{
    struct process *p = malloc(sizeof(*p));

    if (!p)
        return -ENOMEM;
    *p = (struct process){.pid = pid, .mm = mm, .next = a->processes};
    a->processes = p;
    return 0;
}

static int op_fork(void *ctx, struct mm *parent, uint32_t child)
{
    struct alone *a = ctx;
    struct mm *mm;
    int err;

    if (a->ending)
        return -EAGAIN;
    if (find(a, child))
        return -EEXIST;
    err = mm_fork(parent, &mm);
    if (err)
        return err;
    err = add(a, child, mm);
    if (err)
        mm_put(mm);
    return err;
}

static void end(struct process **p)
{
    struct process *dead = *p;

    *p = dead->next;
    mm_put(dead->mm);
    free(dead);
}

static int op_exit(void *ctx, struct mm *mm)
{
    struct alone *a = ctx;
    struct process **p = &a->processes;

    while ((*p)->mm != mm)
        p = &(*p)->next;
    end(p);
    return 0;
}

/* --------------------------------------------------------- swap devices */

static void swap_failed(void *ctx, const char *call, int error)
{
    const struct alone *a = ctx;

    hub_host_error(a->hub, "temporary swap file", call, error);
}

static bool is_there(const struct device *dev)
{
    return dev->fd >= 0 || dev->slots > 0;
}

/* Its pages, on the host. */
static int open_device(struct alone *a, const struct device *dev,
                       const struct swapdev_ops **ops, void **pages,
                       uint64_t *slots)
{
    struct swapdev_watch watch = {.failed = swap_failed, .ctx = a};
    const char *why;

    if (dev->slots == 0) {
        *ops = &swapdev_file_ops;
        return swapdev_file_use(dev->fd, slots, pages, &why, watch);
    }
    *ops = &swapdev_ram_ops;
    *slots = dev->slots;
    *pages = swapdev_ram_make(dev->slots);
    return *pages ? 0 : -ENOMEM;
}

static int op_swap_on(void *ctx, unsigned device, int priority)
{
    struct alone *a = ctx;
    struct device *dev = &a->devices[device];
    const struct swapdev_ops *ops;
    uint64_t slots;
    void *pages;
    int err;

    if (!is_there(dev))
        return -ENOENT;
    if (dev->type >= 0)
        return -EBUSY;
    err = open_device(a, dev, &ops, &pages, &slots);
    if (err)
        return err;
    dev->ram = dev->slots ? pages : NULL;
    err = swapdev_faulty_share(&ops, &pages, &a->faults);
    if (err) {
        ops->close(pages);
        return err;
    }
    err = swap_on(a->swap, ops, pages, slots, priority);
    if (err < 0)
        return err;
    dev->type = err;
    if (dev->synchronous)
        swap_set_synchronous(a->swap, (unsigned)dev->type);
    return 0;
}

static bool never(void *ctx)
{
    (void)ctx;
    return false;
}

static int op_swap_off(void *ctx, unsigned device)
{
    struct alone *a = ctx;
    struct device *dev = &a->devices[device];
    uint64_t stuck;
    int err;

    if (!is_there(dev))
        return -ENOENT;
    if (dev->type < 0)
        return -EINVAL;
    err = swap_off(a->swap, (unsigned)dev->type, never, NULL, &stuck);
    if (err)
        return err;
    dev->type = -1;
    dev->ram = NULL;
    return 0;
}

static void op_fail_swap(void *ctx, bool write, uint64_t nr)
{
    struct alone *a = ctx;

    if (write)
        a->faults.write_in = nr;
    else
        a->faults.read_in = nr;
}

static const struct drive_ops ops = {
    .find_mm = op_find_mm,
    .fork = op_fork,
    .exit = op_exit,
    .swap_on = op_swap_on,
    .swap_off = op_swap_off,
    .fail_swap = op_fail_swap,
};

/* ----------------------------------------------------------------- life */

static int create_parts(struct alone *a, const struct alone_config *config)
{
    struct memory_config memory = {.ram_bytes = config->ram_bytes,
                                   .nr_nodes = config->nr_nodes,
                                   .policy = config->profile->policy};
    struct drive_config drive = {.ops = &ops, .ctx = a};
    struct check_config check = {.level = config->check};

    a->hub = hub_create();
    if (!a->hub)
        return -ENOMEM;
    memory.hub = a->hub;
    hub_set_source(a->hub, (struct hub_source){.where = where, .ctx = a});
    a->mem = memory_create(&memory);
    if (!a->mem)
        return -ENOMEM;
    a->adi = adi_create(a->mem, config->profile);
    a->swap = swap_create(a->mem);
    if (!a->adi || !a->swap)
        return -ENOMEM;
    a->judge = judge_create(a->hub, a->adi);
    if (!a->judge || (config->history &&
                      judge_keep_timeline(a->judge, config->history) != 0))
        return -ENOMEM;
    check.judge = drive.judge = a->judge;
    check.mem = drive.mem = a->mem;
    check.adi = drive.adi = a->adi;
    check.swap = drive.swap = a->swap;
    a->check = drive.check = check_create(&check);
    a->drive = drive_create(&drive);
    return a->check && a->drive ? 0 : -ENOMEM;
}

static int add_devices(struct alone *a, const struct alone_config *config)
{
    for (unsigned i = 0; i < config->nr_swaps; i++) {
        const char *why;
        int err;

        if (config->swaps[i].in_memory)
            a->devices[i].slots = config->swaps[i].bytes / PAGE_SIZE;
        else
            a->devices[i].fd =
                swapdev_file_make(NULL, config->swaps[i].bytes, &why);
        if (!is_there(&a->devices[i]))
            return a->devices[i].fd;
        a->devices[i].synchronous = config->swaps[i].synchronous;
        err = op_swap_on(a, i, config->swaps[i].priority);
        if (err)
            return err;
    }
    return 0;
}

static int add_first(struct alone *a)
{
    struct mm *mm = mm_create(a->mem);
    int err;

    if (!mm)
        return -ENOMEM;
    mm_set_mmap_base(mm, MMAP_BASE);
    err = add(a, 1, mm);
    if (err)
        mm_put(mm);
    return err;
}

int alone_create(const struct alone_config *config, struct alone **out)
{
    struct alone *a = calloc(1, sizeof(*a));
    int err;

    if (!a)
        return -ENOMEM;
    for (unsigned i = 0; i < SWP_MAX_FILES; i++)
        a->devices[i] = (struct device){.fd = -1, .type = -1};
    err = create_parts(a, config);
    if (!err)
        err = add_devices(a, config);
    if (!err)
        err = add_first(a);
    if (err) {
        alone_destroy(a);
        return err;
    }
    *out = a;
    return 0;
}

/* Ends the first process, unless an event of its exit does. */
static void exit_first(struct alone *a, struct triggers *t)
{
    struct mm *mm = a->processes->mm;
    uint32_t pid = a->processes->pid;

    mm_get(mm);
    a->current = pid;
    triggers_exit(t, mm);
    a->current = pid;
    if (a->processes && a->processes->mm == mm)
        end(&a->processes);
    mm_put(mm);
}

void alone_exit(struct alone *a, struct triggers *t)
{
    a->ending = true;
    while (a->processes)
        exit_first(a, t);
    drive_destroy(a->drive);
    a->drive = NULL;
}

void alone_destroy(struct alone *a)
{
    if (!a)
        return;
    alone_exit(a, NULL);
    check_destroy(a->check);
    swap_destroy(a->swap);
    if (a->mem)
        memory_destroy(a->mem);
    judge_destroy(a->judge);
    adi_destroy(a->adi);
    hub_destroy(a->hub);
    for (unsigned i = 0; i < SWP_MAX_FILES; i++)
        if (a->devices[i].fd >= 0)
            close(a->devices[i].fd);
    free(a);
}

struct drive *alone_drive(const struct alone *a)
{
    return a->drive;
}

struct memory *alone_memory(const struct alone *a)
{
    return a->mem;
}

struct adi *alone_adi(const struct alone *a)
{
    return a->adi;
}

struct check *alone_check(const struct alone *a)
{
    return a->check;
}

struct judge *alone_judge(const struct alone *a)
{
    return a->judge;
}

struct swap *alone_swap(const struct alone *a)
{
    return a->swap;
}

struct swapdev_faults alone_failing(const struct alone *a)
{
    return a->faults;
}

const uint8_t *alone_slot_page(const struct alone *a, swp_entry_t entry)
{
    for (unsigned i = 0; i < SWP_MAX_FILES; i++)
        if (a->devices[i].ram && a->devices[i].type == (int)swp_type(entry))
            return swapdev_ram_page(a->devices[i].ram, swp_offset(entry));
    return NULL;
}

struct script_rules alone_rules(unsigned nr_nodes)
{
    return (struct script_rules){.nr_nodes = nr_nodes};
}
