/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * api/adimm.h - libadimm: a Linux memory with version tags, by calls
 *
 * Owns:    nothing; installed as <adimm.h>, and the only header that is
 * Used by: api/; other programs
 *
 * A struct adimm is a whole memory: frames, page tables, tags and swap
 * devices, under the hooks of one kernel, with processes but no CPU.  The
 * library has no other state: memories are independent of each other, and
 * each may be used by one thread at a time.
 *
 * What returns int returns 0, or a negative errno with a line of why in
 * adimm_why().  Nothing is printed.  Two things end the calling program by
 * abort(), after a line on stderr, as assert() does: a fault of the library
 * itself, and a host without memory for the books of the report.
 *
 * docs/libadimm.md has an example, docs/events.md the event language.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct adimm;

#define ADIMM_PAGE_SIZE  8192 /* bytes of a page */
#define ADIMM_BLOCK_SIZE 64   /* bytes that have one tag */
#define ADIMM_WHY_BYTES  320  /* of a line of why, with its NUL */
#define ADIMM_MAX_SWAPS  23

/* adimm_version - "0.1.0"; static */
const char *adimm_version(void);

/* adimm_kernel - the name of the @n-th kernel that there is, from 0; static,
 * NULL after the last.  docs/profiles.md says what each does. */
const char *adimm_kernel(unsigned n);

/* ----------------------------------------------------------------- life */

/* Zeroed, it is a memory of 256 MiB with the hooks of "remap" and no swap. */
struct adimm_config {
    const char *kernel; /* its name; NULL: the default */
    const char *name;   /* that the report calls the run by; NULL: "libadimm" */
    uint64_t ram_bytes; /* 1 MiB to 1 TiB; 0: 256 MiB */
    unsigned nr_nodes;  /* NUMA nodes, 1 to 8; 0: 1 */
    /* Bytes of each swap device, at least 10 pages, up to the first 0;
     * "/dev/adi0" and so on, each a temporary file, used when those before it
     * are full. */
    uint64_t swap_bytes[ADIMM_MAX_SWAPS];
    uint64_t history; /* events that a report in JSON has; 0: none */
};

/*
 * adimm_create - a memory with one process, number 1, that maps nothing
 *
 * @config: copied
 * @out:    gets the memory; give it to adimm_destroy()
 * @why:    on error, gets ADIMM_WHY_BYTES of why; NULL: nobody asks
 *
 * Returns 0; -EINVAL: @config is wrong; -ENOMEM and what open(2) and write(2)
 * return: the host refused the memory or a swap file.
 */
int adimm_create(const struct adimm_config *config, struct adimm **out,
                 char *why);

/* adimm_destroy - give all of it back; NULL is fine */
void adimm_destroy(struct adimm *m);

/*
 * adimm_exit - end every process, as the end of a script does
 *
 * What they have left is judged: only now is a copy of tags that nobody can
 * release a leak.  Then the report can be asked, and adimm_check(), but no
 * process is there: all else returns -ESRCH.
 */
void adimm_exit(struct adimm *m);

/* adimm_why - why the last call failed, one line; "" when it did not.
 * Borrowed until the next call. */
const char *adimm_why(const struct adimm *m);

/* ---------------------------------------------------------- what happens */

/*
 * adimm_run - carry out an event script
 *
 * @script: lines of the event language
 *
 * Lines without a trigger are done at once, all of them, in their order.
 * Those that wait ("when fault swapin: migrate") are due in the calls that
 * follow, until the next adimm_run() puts others in their place: a race in
 * the middle of adimm_load().
 * Returns 0; -EINVAL: a line is not of the language, and nothing was done;
 * -EHOSTDOWN: the kernel has stopped, and lines that come later were not done;
 * or the error of the first line that failed, as adimm_do().
 */
int adimm_run(struct adimm *m, const char *script);

/*
 * adimm_never_due - the lines of the last adimm_run() that still wait
 *
 * Returns the number of the @n-th of those that were never due, from 0; 0:
 * there are no more.
 */
unsigned adimm_never_due(const struct adimm *m, unsigned n);

/*
 * adimm_do - carry out one action: adimm_do(m, "tag 0x%llx 5", va)
 *
 * @format: as of printf(3), of an action without a trigger
 *
 * Returns 0 or -errno, that of the system call which does the same:
 * -EINVAL: it is no action; -ESRCH: there is no such process; -EFAULT: SIGSEGV;
 * -EIO: SIGBUS; -EOPNOTSUPP: SIGILL, a page without tags; -EBADMSG: "read" did
 * not find the expected byte; -ENOTRECOVERABLE: see adimm_check(); -EHOSTDOWN:
 * the kernel has stopped, now or before: see adimm_kernel_bug().
 */
#ifdef __GNUC__
__attribute__((format(printf, 2, 3)))
#endif
int adimm_do(struct adimm *m, const char *format, ...);

/* What the last adimm_do() came to, as docs/events.md says. */
struct adimm_result {
    uint64_t found; /* pages that it was about */
    uint64_t done;  /* of those, that left, moved, were tagged or compared */
};

struct adimm_result adimm_result(const struct adimm *m);

/*
 * adimm_load, adimm_store - what instructions of a process do
 *
 * @pid:     the process
 * @pointer: with its version tag in bits 63:60, which count once the process
 *           has mapped a page with tags
 * @len:     bytes, any number
 *
 * The tag is checked where the page has tags; a mismatch is precise, and a
 * record of the report.  On an error, what is before the block in question
 * was moved.
 * Returns 0; -EFAULT: SIGSEGV, for one of its reasons; -EIO: SIGBUS, such as
 * a page that could not be read from swap; -ENOMEM: the OOM killer; -EAGAIN:
 * what the events do keeps the page away; -ESRCH; -EHOSTDOWN: see
 * adimm_kernel_bug().
 */
int adimm_load(struct adimm *m, uint32_t pid, uint64_t pointer, void *buf,
               size_t len);
int adimm_store(struct adimm *m, uint32_t pid, uint64_t pointer,
                const void *buf, size_t len);

/*
 * adimm_get_tag, adimm_set_tag - the tag of the block of 64 bytes at @pointer
 *
 * @tag: 0 to 15
 *
 * As loads and stores through ASI_MCD_PRIMARY, which check no tag.
 * Return the tag, or 0; or as adimm_load(), and -EOPNOTSUPP: SIGILL, as the
 * page has no tags; -EINVAL: @tag is none.
 */
int adimm_get_tag(struct adimm *m, uint32_t pid, uint64_t pointer);
int adimm_set_tag(struct adimm *m, uint32_t pid, uint64_t pointer,
                  unsigned tag);

/* What the page-table entry of a page is. */
enum adimm_pte {
    ADIMM_PTE_NONE,
    ADIMM_PTE_PRESENT,
    ADIMM_PTE_SWAP,      /* in swap, or on its way back from there */
    ADIMM_PTE_MIGRATION, /* on its way to another frame */
    ADIMM_PTE_LOST,      /* a marker: it could not be read from swap */
    ADIMM_PTE_GUARD,     /* a marker of "madvise ... guard" */
};

/* adimm_pte - that of @address, without a fault; or -ESRCH */
int adimm_pte(struct adimm *m, uint32_t pid, uint64_t address);

/*
 * adimm_check - is the model sound?  docs/invariants.md
 *
 * Returns 0, or -ENOTRECOVERABLE with the number of the invariant and its
 * values as the why: a fault of the library, after which nothing that it says
 * counts.
 */
int adimm_check(struct adimm *m);

/* ----------------------------------------------------------- what is wrong */

/* adimm_has_errors - did tags get lost, leak or go where they do not belong,
 * or did a pointer not match?  After adimm_exit() it is the last word. */
bool adimm_has_errors(const struct adimm *m);

/* A page whose tags are not what its process set. */
struct adimm_finding {
    bool stale;       /* a block that was never tagged has somebody's tag */
    uint32_t mm;      /* number of the address space, from 1 */
    uint64_t address; /* of the page */
    unsigned blocks;  /* that differ, 1 to 128 */
    unsigned first;   /* the first of them, 0 to 127 */
    unsigned expected, found; /* its tags */
    const char *cause;        /* as in docs/report-json.md; NULL: not known */
    const char *function;     /* of the kernel, that is to blame, or NULL */
};

/*
 * adimm_finding - the @n-th, from 0, in the order in which they were found
 *
 * @out: filled, its strings static
 * Returns false after the last.
 */
bool adimm_finding(const struct adimm *m, size_t n, struct adimm_finding *out);

/* Saved tags that nothing can release any more. */
struct adimm_leak {
    uint32_t mm;         /* 0: of a shared object, or of swap slots */
    uint64_t start, end; /* addresses, or offsets in the object */
    uint64_t count;      /* allocations */
    uint64_t bytes;
    const char *kind;     /* as in docs/report-json.md */
    const char *cause;    /* as of a finding */
    const char *function; /* as of a finding */
};

/* adimm_leak - as adimm_finding(); what is still reachable is no leak */
bool adimm_leak(const struct adimm *m, size_t n, struct adimm_leak *out);

/* Where the kernel that is modelled met a BUG() of its own. */
struct adimm_kernel_bug {
    const char *id;       /* as in docs/report-json.md */
    const char *file;     /* of the kernel's source */
    const char *function; /* there */
    const char *why;      /* follows "FUNCTION(): " */
    uint32_t mm;          /* number of the address space, from 1 */
    uint64_t address;     /* of the page */
};

/*
 * adimm_kernel_bug - did the kernel stop?
 *
 * @out: then filled, its strings static
 *
 * Nothing can happen after that: the call in which it did, and each later one
 * that would do something, returns -EHOSTDOWN.  adimm_exit() and the report
 * are still to be had.
 */
bool adimm_kernel_bug(const struct adimm *m, struct adimm_kernel_bug *out);

/*
 * adimm_counter - what was counted under a name of docs/report-json.md
 *
 * @name: such as "mismatches" or "pages_swapped_in"
 * @out:  gets the number
 * Returns false when nothing is counted under it.
 */
bool adimm_counter(const struct adimm *m, const char *name, uint64_t *out);

enum adimm_format { ADIMM_TEXT, ADIMM_JSON };

/*
 * adimm_report - all of it, as "adiemu script" prints it
 *
 * Returns a string to be given to free(), or NULL: the host has no memory.
 */
char *adimm_report(const struct adimm *m, enum adimm_format format);

#ifdef __cplusplus
}
#endif
