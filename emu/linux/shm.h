/*
 * emu/linux/shm.h - System V shared memory
 *
 * Owns:    the segments of the machine
 * Used by: emu/linux/sys_ipc.c
 * Source:  linux v6.2 ipc/shm.c
 */
#pragma once

#include "mm/types.h"

struct memory;
struct mapping;
struct shm_table;

struct shm_segment {
    int id;
    uint32_t key;
    uint32_t mode;
    uint64_t bytes;
    struct mapping *mapping; /* counted */
    bool removed;            /* goes with the last attachment */
    uint32_t cpid, lpid;
    uint64_t atime, dtime, ctime; /* seconds */
    struct shm_segment *prev, *next;
};

#define SHM_MAX_BYTES (UINT64_C(1) << 46)

struct shm_table *shm_create(struct memory *mem);
void shm_destroy(struct shm_table *table);

/* shm_new - a segment; 0 or -EINVAL, -ENOMEM */
MUST_CHECK int shm_new(struct shm_table *table, uint32_t key, uint64_t bytes,
                       uint32_t mode, struct shm_segment **out);

struct shm_segment *shm_by_key(struct shm_table *table, uint32_t key);
struct shm_segment *shm_by_id(struct shm_table *table, int id);
struct shm_segment *shm_by_mapping(struct shm_table *table,
                                   const struct mapping *mapping);

/* shm_attachments - areas that map the segment */
unsigned shm_attachments(const struct shm_segment *seg);

/* shm_remove - IPC_RMID; freed when nobody is attached any more */
void shm_remove(struct shm_table *table, struct shm_segment *seg);

/* shm_detached - an area went away: a removed segment may now go too */
void shm_detached(struct shm_table *table, struct shm_segment *seg);
