// SPDX-License-Identifier: GPL-2.0-or-later
#include "adi/store_linux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adi/internal.h"

#define TAG_STORAGE_PAGES  8 /* pages of tags a descriptor asks for */
#define BYTES_PER_TAG_BYTE (2 * ADI_BLKSZ) /* of memory */

struct tag_buffer {
    struct tag_buffer *next; /* of those that slot 0 forgot */
    uint8_t tags[];
};

struct tag_desc {
    gva_t start, end;          /* inclusive */
    struct tag_buffer *buffer; /* owned, but for the one that slot 0 forgets */
    uint64_t users;
    uint64_t bytes;
    uint64_t buf; /* number, for the report */
};

struct linux_store {
    struct tag_desc *desc; /* LINUX_STORE_DESCS of them, or NULL */
    /* Those whose pointer was overwritten: leaked until reboot, and kept so
     * that our host process is clean. */
    struct tag_buffer *orphans;
};

static struct linux_store *store_of(const struct mm *mm)
{
    return adi_context(mm)->linux_store;
}

static int linux_store_init(struct adi *adi, struct mm *mm)
{
    struct linux_store *store = calloc(1, sizeof(*store));

    (void)adi;
    if (!store)
        return -ENOMEM;
    adi_context(mm)->linux_store = store;
    return 0;
}

/*
 * kzalloc(GFP_NOWAIT) of the kernel; --fail tagstore counts these.
 *
 * @bytes: what we need; @kernel_bytes: what the kernel would spend
 */
static void *kzalloc(struct adi *adi, size_t bytes, uint64_t kernel_bytes)
{
    void *p = adi_should_fail(adi) ? NULL : calloc(1, bytes);

    if (p)
        adi_account(adi, 0, (int64_t)kernel_bytes);
    return p;
}

static void kfree(struct adi *adi, void *p, uint64_t bytes)
{
    adi_account(adi, 0, -(int64_t)bytes);
    free(p);
}

static void event_buffer(struct adi *adi, enum event_kind kind,
                         const struct mm *mm, const struct tag_desc *desc,
                         enum mm_path path, gva_t start, gva_t end)
{
    const struct linux_store *store = store_of(mm);

    hub_event(adi->hub, &(struct event){.kind = kind,
                                        .path = path,
                                        .mm = mm_id(mm),
                                        .va = start,
                                        .end = end + 1,
                                        .buf = desc->buf,
                                        .bytes = desc->bytes,
                                        .slot = (uint32_t)(desc - store->desc),
                                        .pfn = PFN_NONE});
}

static struct tag_desc *find_tag_store(const struct mm *mm, gva_t addr)
{
    struct tag_desc *desc = store_of(mm)->desc;

    for (unsigned i = 0; desc && i < LINUX_STORE_DESCS; i++, desc++)
        if (addr >= desc->start && addr + PAGE_SIZE - 1 <= desc->end)
            return desc;
    return NULL;
}

/* What the scan of the descriptors finds besides a match. */
struct hole {
    struct tag_desc *open; /* first free descriptor */
    gva_t start;           /* nearest end below */
    gva_t end;             /* nearest start above */
};

/* A used descriptor that contains the page, or NULL and the hole. */
static struct tag_desc *scan(struct tag_desc *desc, gva_t addr,
                             struct hole *hole)
{
    gva_t last = addr + PAGE_SIZE - 1;

    for (unsigned i = 0; i < LINUX_STORE_DESCS; i++, desc++) {
        if (desc->users == 0) {
            if (!hole->open)
                hole->open = desc;
        } else if (addr >= desc->start && desc->end >= last) {
            return desc;
        }
        if (desc->start > last && desc->start < hole->end)
            hole->end = desc->start;
        if (desc->end < addr && desc->end > hole->start)
            hole->start = desc->end;
    }
    return NULL;
}

/* What a new descriptor covers: starts at the page, clipped to the hole. */
struct range {
    gva_t start, end; /* inclusive */
    uint64_t bytes;   /* of tags */
};

static struct range choose_range(gva_t addr, const struct hole *hole)
{
    struct range r = {.start = addr, .bytes = TAG_STORAGE_PAGES * PAGE_SIZE};
    gva_t low;

    r.end = addr + r.bytes * BYTES_PER_TAG_BYTE - 1;
    if (r.end < addr) {
        r.bytes = PAGE_SIZE;
        r.end = addr + r.bytes * BYTES_PER_TAG_BYTE - 1;
        if (r.end < addr)
            r.end = UINT64_MAX;
    }
    if (hole->end >= r.end)
        return r;

    /* Too little room above: extend downwards from the hole's end. */
    r.end = hole->end - 1;
    low = r.end - r.bytes * BYTES_PER_TAG_BYTE + 1;
    if (low > addr) {
        r.bytes = PAGE_SIZE;
        /* Two bytes lower than the line above would have it: as is. */
        low = r.end - r.bytes * BYTES_PER_TAG_BYTE - 1;
        if (low > addr)
            low = 0;
    }
    if (low < hole->start)
        low = hole->start + 1;
    r.start = low;
    r.bytes = (r.end + 1 - r.start) / BYTES_PER_TAG_BYTE;
    r.bytes = (r.bytes + (PAGE_SIZE - ADI_BLKSZ)) / PAGE_SIZE * PAGE_SIZE;
    return r;
}

/* Slot 0 still has the buffer of its last life: it is forgotten here. */
static void orphan_buffer(struct adi *adi, struct mm *mm, struct tag_desc *desc,
                          enum mm_path path)
{
    struct linux_store *store = store_of(mm);

    if (!desc->buffer)
        return;
    event_buffer(adi, EV_STORE_ORPHAN, mm, desc, path, 0, UINT64_MAX);
    desc->buffer->next = store->orphans;
    store->orphans = desc->buffer;
}

static struct tag_desc *alloc_tag_store(struct adi *adi, struct mm *mm,
                                        gva_t addr, enum mm_path path)
{
    struct linux_store *store = store_of(mm);
    struct hole hole = {.end = UINT64_MAX};
    struct tag_desc *desc;
    struct range r;
    struct tag_buffer *buffer;

    if (store->desc) {
        desc = scan(store->desc, addr, &hole);
        if (desc) {
            desc->users++;
            return desc;
        }
    } else {
        /* 256 descriptors of 32 bytes fill a page; ours are larger. */
        store->desc =
            kzalloc(adi, LINUX_STORE_DESCS * sizeof(*store->desc), PAGE_SIZE);
        hole.open = store->desc;
    }
    desc = hole.open;
    if (!desc)
        return NULL;
    desc->users = 1;
    r = choose_range(addr, &hole);
    buffer = kzalloc(adi, sizeof(*buffer) + r.bytes, r.bytes);
    if (!buffer) {
        desc->users = 0;
        return NULL;
    }
    orphan_buffer(adi, mm, desc, path);
    desc->start = r.start;
    desc->end = r.end;
    desc->buffer = buffer;
    desc->bytes = r.bytes;
    desc->buf = ++adi->nr_buffers;
    event_buffer(adi, EV_STORE_ALLOC, mm, desc, path, r.start, r.end);
    return desc;
}

static void del_tag_store(struct adi *adi, struct mm *mm, struct tag_desc *desc,
                          enum mm_path path)
{
    gva_t start = desc->start, end = desc->end;

    desc->users--;
    if (desc->users == UINT64_MAX) {
        hub_count(adi->hub, COUNT_DESC_LOST);
        event_buffer(adi, EV_STORE_UNDERFLOW, mm, desc, path, start, end);
    }
    if (desc->users != 0)
        return;
    desc->start = desc->end = 0;
    if (desc == store_of(mm)->desc) {
        /* "Persistent emergency storage", which nothing ever uses. */
        event_buffer(adi, EV_STORE_IDLE, mm, desc, path, start, end);
        return;
    }
    event_buffer(adi, EV_STORE_FREE, mm, desc, path, start, end);
    kfree(adi, desc->buffer, desc->bytes);
    desc->buffer = NULL;
}

static uint8_t *tag_start(const struct tag_desc *desc, gva_t addr)
{
    return desc->buffer->tags + (addr - desc->start) / BYTES_PER_TAG_BYTE;
}

static bool all_in_use(const struct linux_store *store)
{
    unsigned i = 0;

    while (store->desc && i < LINUX_STORE_DESCS && store->desc[i].users)
        i++;
    return i == LINUX_STORE_DESCS;
}

static int save_tags(struct adi *adi, const struct hook_args *args,
                     enum mm_path path)
{
    struct tag_desc *desc;

    if (!pte_mcd(args->pte))
        return 0;
    desc = alloc_tag_store(adi, args->mm, args->addr, path);
    if (!desc) {
        hub_count(adi->hub, COUNT_SAVE_FAIL);
        hub_event(adi->hub,
                  &(struct event){.kind = EV_TAG_SAVE_FAIL,
                                  .path = path,
                                  .mm = mm_id(args->mm),
                                  .va = args->addr,
                                  .pfn = pte_pfn(args->pte),
                                  .full = all_in_use(store_of(args->mm))});
        return -ENOMEM;
    }
    tags_pack(tag_start(desc, args->addr),
              tagmem_page(adi->tags, pte_pfn(args->pte)));
    hub_count(adi->hub, COUNT_TAGS_SAVED);
    adi_account(adi, 1, 0);
    hub_event(adi->hub, &(struct event){.kind = EV_TAG_SAVE,
                                        .path = path,
                                        .mm = mm_id(args->mm),
                                        .va = args->addr,
                                        .pfn = pte_pfn(args->pte),
                                        .buf = desc->buf,
                                        .users = (uint32_t)desc->users + 1,
                                        .tags = tagmem_page(
                                            adi->tags, pte_pfn(args->pte))});
    return 0;
}

int linux_unmap_swap(struct adi *adi, const struct hook_args *args)
{
    return save_tags(adi, args, PATH_SWAP_OUT);
}

int linux_unmap_migrate(struct adi *adi, const struct hook_args *args)
{
    return save_tags(adi, args, PATH_MIGRATE_OUT);
}

/* Takes the tags at @saved, of buffer @buf, leaving zeros.  @users: as in
 * struct event. */
static void restore_tags(struct adi *adi, const struct hook_args *args,
                         enum mm_path path, uint8_t *saved, uint64_t buf,
                         uint64_t users)
{
    adi_tag_t tags[ADI_TAGS_PER_PAGE];

    tags_unpack(tags, saved);
    for (unsigned i = 0; i < ADI_TAG_BYTES; i++)
        saved[i] = 0;
    adi_set_page_tags(adi, pte_pfn(args->pte), tags);
    hub_count(adi->hub, COUNT_TAGS_RESTORED);
    hub_event(adi->hub, &(struct event){.kind = EV_TAG_RESTORE,
                                        .path = path,
                                        .mm = mm_id(args->mm),
                                        .va = args->addr,
                                        .pfn = pte_pfn(args->pte),
                                        .buf = buf,
                                        .users = (uint32_t)users,
                                        .late = users == 0,
                                        .tags = tags});
}

/* The buffer that was found, before others released its descriptor. */
struct found {
    uint64_t buf;
    uint8_t *saved;
    bool kept; /* of descriptor 0: never freed, even when it is forgotten */
};

/*
 * B20: others took the last user of @desc while no lock was held.  The kernel
 * reads the buffer all the same.  What it finds is what was saved, if that is
 * the buffer of descriptor 0; any other is freed, and the frame here keeps the
 * tags that it has.  Then one user of the descriptor is released, whoever has
 * it by now; of one that has none the count falls below 0, and it is never
 * used again.
 */
static void restore_late(struct adi *adi, const struct hook_args *args,
                         struct tag_desc *desc, const struct found *found)
{
    struct event ev = {.kind = EV_STORE_UAF,
                       .path = PATH_SWAP_IN,
                       .mm = mm_id(args->mm),
                       .va = args->addr,
                       .pfn = pte_pfn(args->pte),
                       .buf = found->buf};

    if (found->kept)
        restore_tags(adi, args, PATH_SWAP_IN, found->saved, found->buf, 0);
    else
        hub_event(adi->hub, &ev);
    if (desc->users > 0) {
        adi_account(adi, -1, 0);
        ev.kind = EV_TAG_DROP;
        ev.buf = desc->buf;
        ev.slot = (uint32_t)(desc - store_of(args->mm)->desc);
        ev.late = true;
        hub_event(adi->hub, &ev);
    }
    del_tag_store(adi, args->mm, desc, PATH_SWAP_IN);
}

int linux_do_swap_page(struct adi *adi, const struct hook_args *args)
{
    struct tag_desc *desc;
    struct found found;

    if (!pte_mcd(args->pte))
        return 0;
    desc = find_tag_store(args->mm, args->addr);
    if (!desc)
        return 0;
    found = (struct found){.buf = desc->buf,
                           .saved = tag_start(desc, args->addr),
                           .kept = desc == store_of(args->mm)->desc};
    /* adi_restore_tags() reads without the lock of the store. */
    adi_moment_restore(adi, args);
    if (desc->buf != found.buf || desc->users == 0) {
        restore_late(adi, args, desc, &found);
        return 0;
    }
    adi_account(adi, -1, 0);
    restore_tags(adi, args, PATH_SWAP_IN, found.saved, found.buf, desc->users);
    del_tag_store(adi, args->mm, desc, PATH_SWAP_IN);
    return 0;
}

/* ------------------------------------- what no Linux has: patches do it */

static int drop(struct adi *adi, const struct hook_args *args,
                enum mm_path path)
{
    struct tag_desc *desc = find_tag_store(args->mm, args->addr);

    if (!desc)
        return 0;
    memset(tag_start(desc, args->addr), 0, ADI_TAG_BYTES);
    adi_account(adi, -1, 0);
    hub_count(adi->hub, COUNT_TAGS_DROPPED);
    hub_event(adi->hub, &(struct event){.kind = EV_TAG_DROP,
                                        .path = path,
                                        .mm = mm_id(args->mm),
                                        .va = args->addr,
                                        .pfn = args->pfn,
                                        .buf = desc->buf});
    del_tag_store(adi, args->mm, desc, path);
    return 0;
}

int linux_drop_unmap(struct adi *adi, const struct hook_args *args)
{
    return drop(adi, args, PATH_SWAP_OUT);
}

int linux_drop_migrate(struct adi *adi, const struct hook_args *args)
{
    return drop(adi, args, PATH_MIGRATE_OUT);
}

int linux_drop_moved(struct adi *adi, const struct hook_args *args)
{
    return drop(adi, args, PATH_MIGRATE_IN);
}

int linux_drop_zap(struct adi *adi, const struct hook_args *args)
{
    return drop(adi, args, PATH_ZAP);
}

int linux_drop_free(struct adi *adi, const struct hook_args *args)
{
    return drop(adi, args, PATH_MADV_FREE);
}

int linux_drop_unuse(struct adi *adi, const struct hook_args *args)
{
    return drop(adi, args, PATH_SWAPOFF);
}

int linux_restore_unuse(struct adi *adi, const struct hook_args *args)
{
    struct tag_desc *desc =
        pte_mcd(args->pte) ? find_tag_store(args->mm, args->addr) : NULL;

    if (!desc)
        return 0;
    adi_account(adi, -1, 0);
    restore_tags(adi, args, PATH_SWAPOFF, tag_start(desc, args->addr),
                 desc->buf, desc->users);
    del_tag_store(adi, args->mm, desc, PATH_SWAPOFF);
    return 0;
}

/* Of a page that is away to another place: its descriptor there, or NULL. */
static struct tag_desc *copy_to(struct adi *adi, const struct tag_desc *from,
                                gva_t addr, struct mm *mm, gva_t to,
                                enum mm_path path)
{
    uint8_t packed[ADI_TAG_BYTES];
    struct tag_desc *desc;

    memcpy(packed, tag_start(from, addr), sizeof(packed));
    desc = alloc_tag_store(adi, mm, to, path);
    if (!desc)
        return NULL;
    memcpy(tag_start(desc, to), packed, sizeof(packed));
    adi_account(adi, 1, 0);
    return desc;
}

int linux_copy_fork(struct adi *adi, const struct hook_args *args)
{
    struct tag_desc *desc = find_tag_store(args->mm, args->addr);

    if (!desc)
        return 0;
    desc = copy_to(adi, desc, args->addr, args->to_mm, args->addr, PATH_FORK);
    if (!desc)
        return -ENOMEM;
    hub_event(adi->hub, &(struct event){.kind = EV_TAG_DUP,
                                        .path = PATH_FORK,
                                        .mm = mm_id(args->mm),
                                        .mm2 = mm_id(args->to_mm),
                                        .va = args->addr,
                                        .pfn = PFN_NONE,
                                        .buf = desc->buf,
                                        .users = (uint32_t)desc->users + 1});
    return 0;
}

int linux_move_mremap(struct adi *adi, const struct hook_args *args)
{
    struct tag_desc *from = find_tag_store(args->mm, args->addr), *to;

    if (!from)
        return 0;
    to = copy_to(adi, from, args->addr, args->mm, args->to_addr, PATH_MREMAP);
    if (!to)
        return -ENOMEM;
    hub_event(adi->hub, &(struct event){.kind = EV_TAG_MOVE,
                                        .path = PATH_MREMAP,
                                        .mm = mm_id(args->mm),
                                        .va = args->addr,
                                        .to = args->to_addr,
                                        .pfn = PFN_NONE,
                                        .buf = to->buf,
                                        .users = (uint32_t)to->users + 1});
    memset(tag_start(from, args->addr), 0, ADI_TAG_BYTES);
    adi_account(adi, -1, 0);
    del_tag_store(adi, args->mm, from, PATH_MREMAP);
    return 0;
}

/* False when no descriptor covers the page. */
static bool linux_saved(struct adi *adi, const struct mm *mm, gva_t va,
                        swp_entry_t entry,
                        adi_tag_t tags[static ADI_TAGS_PER_PAGE])
{
    const struct tag_desc *desc = mm ? find_tag_store(mm, va) : NULL;

    (void)adi;
    (void)entry;
    if (desc)
        tags_unpack(tags, tag_start(desc, va));
    return desc != NULL;
}

/* destroy_context(): frees what the descriptors still reach */
static void linux_store_exit(struct adi *adi, struct mm *mm)
{
    struct linux_store *store = store_of(mm);

    for (unsigned i = 0; store->desc && i < LINUX_STORE_DESCS; i++) {
        struct tag_desc *desc = &store->desc[i];

        if (!desc->buffer)
            continue;
        if (linux_users(desc->users)) {
            event_buffer(adi, EV_STORE_FREE, mm, desc, PATH_EXIT, desc->start,
                         desc->end);
            adi_account(adi, -(int64_t)desc->users, 0);
        }
        kfree(adi, desc->buffer, desc->bytes);
    }
    if (store->desc)
        kfree(adi, store->desc, PAGE_SIZE);
    while (store->orphans) {
        struct tag_buffer *orphan = store->orphans;

        store->orphans = orphan->next;
        free(orphan);
    }
    free(store);
}

const struct adi_store store_linux = {
    .kind = STORE_DESCS,
    .saved = linux_saved,
    .mm_init = linux_store_init,
    .mm_exit = linux_store_exit,
};

bool linux_store_desc(const struct mm *mm, unsigned n, struct linux_desc *out)
{
    const struct linux_store *store = store_of(mm);
    const struct tag_desc *desc;

    if (!store->desc || n >= LINUX_STORE_DESCS)
        return false;
    desc = &store->desc[n];
    *out = (struct linux_desc){.start = desc->start,
                               .end = desc->end,
                               .users = desc->users,
                               .buf = desc->buffer ? desc->buf : 0,
                               .bytes = desc->bytes};
    return true;
}
