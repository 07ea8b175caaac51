/*
 * emu/linux/locks.h - record locks of fcntl(2)
 *
 * Owns:    struct lock_table: who holds which bytes of which file
 * Used by: emu/linux/sys_fd.c, files that are closed, processes that end
 * Source:  linux v6.2 fs/locks.c posix_lock_inode()
 *
 * The host would take all guest processes for one, and never see a conflict
 * between them.  Processes of the host do not see these locks.
 */
#pragma once

#include "emu/linux/task.h"

struct lock_table;

enum lock_type { RANGE_READ, RANGE_WRITE, RANGE_NONE };

struct lock {
    uint64_t dev, ino;
    uint64_t start, end; /* bytes, the last included; UINT64_MAX: all */
    enum lock_type type;
    uint32_t pid;
};

struct lock_table *locks_create(void);
void locks_destroy(struct lock_table *table);

/* locks_conflict - the first that stands against @want; false: none does */
bool locks_conflict(const struct lock_table *table, const struct lock *want,
                    struct lock *out);

/*
 * locks_set - nothing stands against it: @want replaces what its process
 * holds of these bytes
 *
 * Returns 0 or -ENOLCK.
 */
MUST_CHECK int locks_set(struct machine *m, const struct lock *want);

/* locks_deadlock - would @t wait for somebody who waits for it? */
bool locks_deadlock(const struct task *t, const struct lock *want);

/* ---- sys_lock.c: F_GETLK and its family; @fd: of the host */
int64_t locks_fcntl(struct task *t, int fd, int cmd, uint64_t va);

/* locks_release - close(2) of any descriptor of the file */
void locks_release(struct machine *m, uint32_t pid, int host_fd);
void locks_release_task(struct machine *m, uint32_t pid);
