/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/mapping.h - what a shared or file mapping maps: a page cache
 *
 * Owns:    the cached folios of one file, or of one shared-memory object,
 *          and the swap entries of its pages that are away
 * Used by: mm/ faults from it; swap/ takes pages out and brings them back;
 *          emu/linux/ makes one for each mapped file; check/, script/; explore/
 * Source:  the role of linux struct address_space, mm/filemap.c, mm/shmem.c
 */
#pragma once

#include "event/event.h"
#include "mm/pte.h"

struct memory;
struct mapping;
struct vma;
struct folio;

/* Where the bytes of a file come from and go to; borrowed for its life. */
struct mapping_ops {
    /* Fill PAGE_SIZE bytes with page @index, zeros past the end of file.
     * Returns 0 or -errno. */
    int (*read)(void *ctx, uint64_t index, uint8_t *page);
    /* Write the first @bytes of page @index back.  NULL: read-only. */
    int (*write)(void *ctx, uint64_t index, const uint8_t *page, size_t bytes);
    /* Size of the file in bytes, now. */
    uint64_t (*size)(void *ctx);
    /* The last user is gone. */
    void (*release)(void *ctx);
};

/*
 * mapping_create_file - the page cache of a file, with one reference
 * mapping_create_shmem - shared memory of @bytes, all zero
 * mapping_create_tmpfs - the same with a file behind it that read(2) and
 *                        write(2) use; its pages start with the file's bytes
 *
 * Return NULL when the host has no memory.
 */
struct mapping *mapping_create_file(struct memory *mem,
                                    const struct mapping_ops *ops, void *ctx);
struct mapping *mapping_create_shmem(struct memory *mem, uint64_t bytes);
struct mapping *mapping_create_tmpfs(struct memory *mem,
                                     const struct mapping_ops *ops, void *ctx);

void mapping_get(struct mapping *m);
void mapping_put(struct mapping *m);

bool mapping_is_shmem(const struct mapping *m);

/* Are its dirty pages to be written to a file?  Not those of shmem. */
bool mapping_can_writeback(const struct mapping *m);

/*
 * mapping_read_file - what the file itself has of page @index
 *
 * @page: PAGE_SIZE bytes
 * Returns how many of them are of the file, less past its end; 0 for memory
 * without a file, and when they cannot be read.
 */
size_t mapping_read_file(const struct mapping *m, uint64_t index,
                         uint8_t *page);

/* mapping_set_dirty - a page of it was made writable */
void mapping_set_dirty(struct mapping *m);

uint64_t mapping_size(const struct mapping *m);

/* What a vm_operations_struct has of a System V segment. */
struct mapping_watch {
    void (*open)(void *ctx);  /* one more area maps it */
    void (*close)(void *ctx); /* one fewer; it may drop its reference */
};

/* mapping_set_watch - borrowed; NULL: nobody any more */
void mapping_set_watch(struct mapping *m, const struct mapping_watch *watch,
                       void *ctx);

/* An area was made with it, or goes; before its reference does. */
void mapping_opened(const struct mapping *m);
void mapping_closed(const struct mapping *m);

/* mapping_nr_pages - those in memory; without its swap entries */
uint64_t mapping_nr_pages(struct mapping *m);

/* mapping_is_pinned - memfd_wait_for_pins(): does a device work on a page? */
bool mapping_is_pinned(struct mapping *m);

/* A number that no other mapping of this memory has or had. */
uint64_t mapping_id(const struct mapping *m);

/*
 * mapping_first_vma - areas that map a page of [first, last]; NULL: none
 * mapping_next_vma - the next of them
 *
 * By their first page, then in the order in which they came, as
 * vma_interval_tree_foreach().
 */
struct vma *mapping_first_vma(const struct mapping *m, uint64_t first,
                              uint64_t last);
struct vma *mapping_next_vma(const struct vma *vma, uint64_t first,
                             uint64_t last);

/* Does any area map it? */
bool mapping_mapped(const struct mapping *m);

void mapping_link_vma(struct mapping *m, struct vma *vma);
void mapping_unlink_vma(struct mapping *m, struct vma *vma);

/* mapping_link_vma_after - fork: the child's area comes right after @parent */
void mapping_link_vma_after(struct vma *child, struct vma *parent);

/* SHM_LOCK: reclaim leaves its pages alone. */
bool mapping_unevictable(const struct mapping *m);
void mapping_set_unevictable(struct mapping *m, bool on);

/* mapping_find - the cached folio of page @index, or NULL; no reference */
struct folio *mapping_find(struct mapping *m, uint64_t index);

/*
 * mapping_entry - the swap entry that stands for page @index
 *
 * Not valid when there is none.  A marker: its page could not be read.
 */
swp_entry_t mapping_entry(struct mapping *m, uint64_t index);

/*
 * mapping_next_entry - the first swap entry at or after page *@index
 *
 * Markers are passed over.  False when there is none.
 */
bool mapping_next_entry(struct mapping *m, uint64_t *index, swp_entry_t *entry);

/* Every shared-memory object of a machine, oldest first; NULL at the end. */
struct mapping *memory_first_shmem(const struct memory *mem);
struct mapping *mapping_next_shmem(const struct mapping *m);

/* mapping_incore - is page @index in memory, swap cache included? */
bool mapping_incore(struct mapping *m, uint64_t index);

/*
 * mapping_get_folio - the folio of page @index, read or made when absent
 *
 * @out: gets one reference for the caller
 * Returns 0; -EFAULT past the end, or past 8 PiB; -ENOMEM; -EAGAIN: fault
 * again; or the error of the read.
 */
MUST_CHECK int mapping_get_folio(struct mapping *m, uint64_t index,
                                 struct folio **out);

/*
 * mapping_add_uncleared - shmem_get_folio(SGP_WRITE): a page to be written to
 *
 * @m:   shared memory with a file, whose bytes of the page it gets
 * @out: borrowed; its frame has the tags of its last owner
 * Page @index must be neither in the cache nor in swap.  0 or -ENOMEM, or the
 * error of the read.
 */
MUST_CHECK int mapping_add_uncleared(struct mapping *m, uint64_t index,
                                     struct folio **out);

/* mapping_remove_folio - take an unmapped folio out of the cache */
void mapping_remove_folio(struct mapping *m, struct folio *folio);

/*
 * mapping_folio_to_entry - shmem_delete_from_page_cache()
 *
 * @entry stands for @folio, which is unmapped, from now on; the reference of
 * the cache is dropped.
 */
void mapping_folio_to_entry(struct mapping *m, struct folio *folio,
                            swp_entry_t entry);

/*
 * mapping_entry_to_folio - shmem_add_to_page_cache() in place of an entry
 *
 * @folio gains the reference of the cache.
 */
void mapping_entry_to_folio(struct mapping *m, uint64_t index,
                            struct folio *folio);

/* mapping_set_error - the page of @index is lost: a marker stands for it */
void mapping_set_error(struct mapping *m, uint64_t index);

/*
 * mapping_free_entry - shmem_free_swap(): nobody wants the page any more
 *
 * @path: why, for the report
 */
void mapping_free_entry(struct mapping *m, uint64_t index, enum mm_path path);

/* mapping_replace_folio - @to takes @from's place, index and reference */
void mapping_replace_folio(struct mapping *m, struct folio *from,
                           struct folio *to);
