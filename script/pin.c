// SPDX-License-Identifier: GPL-2.0-or-later
/* Pins that a script holds, to be given back by their address. */
#include "mm/pin.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/vma.h"
#include "script/internal.h"

struct drive_pin {
    uint32_t mm;         /* number of the address space: it may be gone */
    gva_t va;            /* page */
    struct folio *folio; /* counted, pinned */
    struct drive_pin *prev, *next;
};

int drive_pin(struct drive *d, const struct drive_job *job)
{
    const struct vma *vma = vma_lookup(job->mm, job->action->va);
    bool store = vma && vma->flags & VM_WRITE;
    struct drive_pin *pin = calloc(1, sizeof(*pin));
    int err;

    if (!pin)
        return -ENOMEM;
    pin->mm = mm_id(job->mm);
    pin->va = page_align_down(job->action->va);
    err = drive_fault_error(mm_pin_page(job->mm, job->action->va,
                                        store ? ACCESS_WRITE : ACCESS_READ,
                                        &pin->folio));
    if (err) {
        free(pin);
        return err;
    }
    DL_APPEND(d->pins, pin);
    return 0;
}

static void unpin(struct drive *d, struct drive_pin *pin)
{
    DL_DELETE(d->pins, pin);
    memory_unpin(d->config.mem, pin->folio);
    free(pin);
}

/* The oldest pin of the page goes, whatever is mapped there by now. */
int drive_unpin(struct drive *d, const struct drive_job *job)
{
    gva_t va = page_align_down(job->action->va);
    struct drive_pin *pin;

    DL_FOREACH(d->pins, pin) {
        if (pin->mm != mm_id(job->mm) || pin->va != va)
            continue;
        unpin(d, pin);
        return 0;
    }
    return -ENOENT;
}

void drive_unpin_all(struct drive *d)
{
    while (d->pins)
        unpin(d, d->pins);
}

bool drive_nth_pin(const struct drive *d, unsigned n, struct drive_pinned *out)
{
    const struct drive_pin *pin;

    DL_FOREACH(d->pins, pin) {
        if (n-- > 0)
            continue;
        *out = (struct drive_pinned){
            .mm = pin->mm, .va = pin->va, .folio = pin->folio};
        return true;
    }
    return false;
}
