// SPDX-License-Identifier: GPL-2.0-or-later
#include "swap/faulty.h"

#include <errno.h>
#include <stdlib.h>

struct faulty {
    const struct swapdev_ops *ops;
    void *dev;
    struct swapdev_faults *faults; /* borrowed, or our own */
    struct swapdev_faults own;
};

static bool due(uint64_t *in)
{
    return *in > 0 && --*in == 0;
}

static int faulty_read(void *dev, uint64_t slot, uint8_t *page)
{
    struct faulty *f = dev;

    return due(&f->faults->read_in) ? -EIO : f->ops->read(f->dev, slot, page);
}

static int faulty_write(void *dev, uint64_t slot, const uint8_t *page)
{
    struct faulty *f = dev;

    return due(&f->faults->write_in) ? -EIO : f->ops->write(f->dev, slot, page);
}

static void faulty_close(void *dev)
{
    struct faulty *f = dev;

    f->ops->close(f->dev);
    free(f);
}

static const struct swapdev_ops faulty_ops = {
    .read = faulty_read,
    .write = faulty_write,
    .close = faulty_close,
};

/* @faults NULL: those of the device itself */
static int wrap(const struct swapdev_ops **ops, void **dev,
                struct swapdev_faults *faults, struct swapdev_faults own)
{
    struct faulty *f = malloc(sizeof(*f));

    if (!f)
        return -ENOMEM;
    *f = (struct faulty){.ops = *ops, .dev = *dev, .own = own};
    f->faults = faults ? faults : &f->own;
    *ops = &faulty_ops;
    *dev = f;
    return 0;
}

int swapdev_faulty_wrap(const struct swapdev_ops **ops, void **dev,
                        uint64_t write_nr, uint64_t read_nr)
{
    return wrap(
        ops, dev, NULL,
        (struct swapdev_faults){.write_in = write_nr, .read_in = read_nr});
}

int swapdev_faulty_share(const struct swapdev_ops **ops, void **dev,
                         struct swapdev_faults *faults)
{
    return wrap(ops, dev, faults, (struct swapdev_faults){0});
}
