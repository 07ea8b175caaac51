#include "swap/faulty.h"

#include <errno.h>
#include <stdlib.h>

struct faulty {
    const struct swapdev_ops *ops;
    void *dev;
    uint64_t write_in, read_in; /* calls until one fails; 0: never */
};

static bool due(uint64_t *in)
{
    return *in > 0 && --*in == 0;
}

static int faulty_read(void *dev, uint64_t slot, uint8_t *page)
{
    struct faulty *f = dev;

    return due(&f->read_in) ? -EIO : f->ops->read(f->dev, slot, page);
}

static int faulty_write(void *dev, uint64_t slot, const uint8_t *page)
{
    struct faulty *f = dev;

    return due(&f->write_in) ? -EIO : f->ops->write(f->dev, slot, page);
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

int swapdev_faulty_wrap(const struct swapdev_ops **ops, void **dev,
                        uint64_t write_nr, uint64_t read_nr)
{
    struct faulty *f = malloc(sizeof(*f));

    if (!f)
        return -ENOMEM;
    *f = (struct faulty){
        .ops = *ops, .dev = *dev, .write_in = write_nr, .read_in = read_nr};
    *ops = &faulty_ops;
    *dev = f;
    return 0;
}
