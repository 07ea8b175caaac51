// SPDX-License-Identifier: GPL-2.0-or-later
#include "swap/ram.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mm/types.h"

struct ram_dev {
    uint64_t slots;
    uint8_t *pages[]; /* owned; NULL: zeros */
};

void *swapdev_ram_make(uint64_t slots)
{
    struct ram_dev *ram =
        calloc(1, sizeof(*ram) + slots * sizeof(ram->pages[0]));

    if (ram)
        ram->slots = slots;
    return ram;
}

const uint8_t *swapdev_ram_page(const void *dev, uint64_t slot)
{
    const struct ram_dev *ram = dev;

    return ram->pages[slot];
}

static int ram_read(void *dev, uint64_t slot, uint8_t *page)
{
    const struct ram_dev *ram = dev;

    if (ram->pages[slot])
        memcpy(page, ram->pages[slot], PAGE_SIZE);
    else
        memset(page, 0, PAGE_SIZE);
    return 0;
}

static int ram_write(void *dev, uint64_t slot, const uint8_t *page)
{
    struct ram_dev *ram = dev;

    if (!ram->pages[slot])
        ram->pages[slot] = malloc(PAGE_SIZE);
    if (!ram->pages[slot])
        return -ENOMEM;
    memcpy(ram->pages[slot], page, PAGE_SIZE);
    return 0;
}

static void ram_close(void *dev)
{
    struct ram_dev *ram = dev;

    for (uint64_t i = 0; i < ram->slots; i++)
        free(ram->pages[i]);
    free(ram);
}

const struct swapdev_ops swapdev_ram_ops = {
    .read = ram_read,
    .write = ram_write,
    .close = ram_close,
};
