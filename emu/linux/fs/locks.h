/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/fs/locks.h - locks of files: fcntl(2), open file descriptions,
 * flock(2)
 *
 * Owns:    struct lock_table: who holds which bytes of which file
 * Used by: emu/linux/fs/sys_lock.c; files.c, when descriptors are closed;
 *          emu/machine.c
 * Source:  linux v6.2 fs/locks.c posix_lock_inode(), flock_lock_inode()
 *
 * The host would take all guest processes for one, and never see a conflict
 * between them.  Processes of the host do not see the locks of fcntl(2); the
 * two other kinds belong to an open file, which the host has as well, and are
 * taken there, too.
 */
#pragma once

#include "emu/linux/sched/task.h"

struct lock_table;

enum lock_type { RANGE_READ, RANGE_WRITE, RANGE_NONE };

/* The first two stand against each other, the third only against its like. */
enum lock_kind { KIND_POSIX, KIND_OFD, KIND_FLOCK };

struct lock {
    uint64_t dev, ino;
    uint64_t start, end; /* bytes, the last included; UINT64_MAX: all */
    enum lock_type type;
    enum lock_kind kind;
    const void *owner; /* struct files of KIND_POSIX, else struct open_file */
    uint32_t pid;      /* of KIND_POSIX */
};

struct lock_table *locks_create(void);
void locks_destroy(struct lock_table *table);

/*
 * locks_conflict - posix_test_lock(): the first that stands against @want
 *
 * The order is that of the kernel: by owner, as they came, and by start.
 * Returns false when none does.
 */
bool locks_conflict(const struct lock_table *table, const struct lock *want,
                    struct lock *out);

/*
 * locks_set - nothing stands against it: @want replaces what its owner holds
 * of these bytes
 *
 * Returns 0, or -ENOLCK: the host has no memory, and nothing has changed.
 */
MUST_CHECK int locks_set(struct machine *m, const struct lock *want);

/* locks_deadlock - would @t wait for somebody who waits for it? */
bool locks_deadlock(const struct task *t, const struct lock *want);

/*
 * locks_release - all that @owner holds of the file that @host, a descriptor
 * of the host, is open on
 *
 * filp_close() does it for a table of descriptors, __fput() for an open file.
 */
void locks_release(struct machine *m, const void *owner, int host);

/* ---- sys_lock.c: F_GETLK and its family; @guest: an open file */
int64_t locks_fcntl(struct task *t, int guest, int cmd, uint64_t va);
