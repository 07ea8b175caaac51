/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/kmem.h - memory of the kernel that a program can have more and
 * more of, for objects of its own: GFP_KERNEL_ACCOUNT
 *
 * Owns:    how much of it there is
 * Used by: emu/internal.h, cred.h; emu/linux/, for messages, semaphores,
 *          queued signals, timers, file locks and lists of groups
 * Differs: Linux takes it out of RAM, and kills somebody when there is none
 *          left; here it is beside the frames, a quarter of --ram at most, and
 *          a call beyond that has the error that it has without memory
 */
#pragma once

#include "mm/types.h"

struct kmem {
    uint64_t used, limit; /* bytes, with what the host adds to each object */
};

void kmem_init(struct kmem *k, uint64_t ram_bytes);

/* kmem_zalloc - zeroed, for kmem_free(); NULL: the limit, or the host's */
void *kmem_zalloc(struct kmem *k, size_t bytes);

/* kmem_free - as free(3) */
void kmem_free(void *object);
