/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script/drive.h - carry out the actions of a script
 *
 * Owns:    struct drive: the pins and the shared objects that actions made
 * Used by: script/trigger.c, script/alone.c, emu/, tests, explore/
 *
 * An action on a process is what another thread of it would do: it goes the
 * way of the system call, or of the fault, and leaves the marks of both.
 */
#pragma once

#include "script/script.h"

struct adi;
struct check;
struct judge;
struct mapping;
struct memory;
struct mm;
struct swap;

/* What only the caller knows.  Errors are -errno. */
struct drive_ops {
    /* The address space of a process, borrowed; @pid 0: of the one at hand.
     * NULL: there is no such process. */
    struct mm *(*find_mm)(void *ctx, uint32_t pid);
    /* The process id that a script's number means; NULL: the same. */
    uint32_t (*real_pid)(uint32_t pid);
    /* NULL where the rules of the scripts refuse the verb. */
    int (*fork)(void *ctx, struct mm *parent, uint32_t child);
    int (*exit)(void *ctx, struct mm *mm);
    int (*swap_on)(void *ctx, unsigned device, int priority);
    int (*swap_off)(void *ctx, unsigned device);
    /* An object that no action made: it has so many bytes now, or a hole.
     * NULL: there are none. */
    int (*truncate)(void *ctx, struct mapping *m, uint64_t bytes);
    int (*punch)(void *ctx, struct mapping *m, uint64_t start, uint64_t end);
    /* The @nr-th read, or write, of all swap devices from now on fails. */
    void (*fail_swap)(void *ctx, bool write, uint64_t nr);
};

struct drive_config {
    struct memory *mem; /* all borrowed */
    struct adi *adi;
    struct swap *swap;
    struct judge *judge;
    struct check
        *check; /* borrowed; for "check"; NULL: it compares tags only */
    const struct drive_ops *ops;
    void *ctx;
};

struct drive;

/* drive_create - NULL when the host has no memory */
struct drive *drive_create(const struct drive_config *config);

/*
 * drive_destroy - unpins; after the last process that maps an object of an
 * action, before the memory goes.  NULL is fine.
 */
void drive_destroy(struct drive *d);

/* drive_find_mm - as the caller's find_mm() */
struct mm *drive_find_mm(const struct drive *d, uint32_t pid);

/* drive_stopped - did the kernel meet a BUG()?  Nothing can be done then. */
bool drive_stopped(const struct drive *d);

/* A pin that an action made, and an object that has a number. */
struct drive_pinned {
    uint32_t mm; /* number of the address space that had the page */
    gva_t va;
    const struct folio *folio; /* borrowed */
};

struct drive_numbered {
    uint32_t number;
    struct mapping *mapping; /* borrowed */
    bool file;
};

/* drive_nth_pin, drive_nth_object - in the order in which they were made;
 * false: there are not so many */
bool drive_nth_pin(const struct drive *d, unsigned n, struct drive_pinned *out);
bool drive_nth_object(const struct drive *d, unsigned n,
                      struct drive_numbered *out);

/* drive_file_page - what the file behind an object has of page @index, which
 * need not be in memory; borrowed; NULL: zeros, or no action made it */
const uint8_t *drive_file_page(const struct drive *d, const struct mapping *m,
                               uint64_t index);

/* The fault or the migration in whose course an action runs. */
struct drive_at {
    struct mm *mm; /* whose areas are locked; NULL: nobody's */
    gva_t va;
    bool half;      /* its table is locked: more is done to the page */
    bool migrating; /* a migration: the page is locked */
    const struct drive_at *outer; /* borrowed; in whose course that is */
};

/* drive_at_migrates - is a page on its way? */
bool drive_at_migrates(const struct drive_at *at);

/*
 * drive_at_half - is a fault half-way in the same 1 << @shift bytes of @mm?
 *
 * PAGE_SHIFT: the kernel goes on with the page; PMD_SHIFT: it holds the lock of
 * the page table
 */
bool drive_at_half(const struct drive_at *at, const struct mm *mm, gva_t va,
                   unsigned shift);

/*
 * What came of it.
 *
 * @err:   0 or -errno.  -ESRCH: no such process; -EDEADLK: it would wait for
 *         the fault, or the migration, to end; -EFAULT: SIGSEGV; -EIO: SIGBUS;
 *         -EHOSTDOWN: the kernel has stopped at a BUG(), now or before;
 * -EBADMSG: not the byte that was expected; -ENOTRECOVERABLE: check_failure()
 * says what is wrong with the model
 * @found: pages there were, of a range; or the pages of the call
 * @done:  of them, those that left, moved, were tagged or checked
 */
struct drive_result {
    int err;
    uint64_t found, done;
    uint8_t byte;    /* read */
    const char *why; /* swapout, migrate: of the first page that stayed */
};

/* drive_do - carry out @action; @at NULL: in the course of nothing */
struct drive_result drive_do(struct drive *d,
                             const struct script_action *action,
                             const struct drive_at *at);

/*
 * drive_load, drive_store, drive_get_tag - what instructions of a process do
 *
 * @pointer: with its version tag, which is checked where the page has tags; by
 *           drive_get_tag() it is not
 * @len:     bytes
 *
 * A mismatch is precise.  What is before the block of an error was moved.
 * Return 0, or the tag; or -errno as in struct drive_result.
 */
MUST_CHECK int drive_load(struct drive *d, uint32_t pid, uint64_t pointer,
                          void *buf, size_t len);
MUST_CHECK int drive_store(struct drive *d, uint32_t pid, uint64_t pointer,
                           const void *buf, size_t len);
MUST_CHECK int drive_get_tag(struct drive *d, uint32_t pid, uint64_t pointer);

#define DRIVE_MAX_TEXT (SCRIPT_MAX_TEXT + 192)

/* drive_result_text - for the log: action="..." done=N found=N result=0, and
 * why="..." when pages stayed where they were */
const char *drive_result_text(const struct script_action *action,
                              const struct drive_result *r,
                              char buf[static DRIVE_MAX_TEXT]);

/* Had it any effect?  A user wants to hear when it had none. */
bool drive_result_is_empty(const struct script_action *action,
                           const struct drive_result *r);
