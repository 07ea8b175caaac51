/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz/guest/calls.h - random system calls: what the files of the guest share
 *
 * Everything comes from the seed: a run can be done again.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define PAGE 8192ul

/* ------------------------------------------------------------- numbers */

void seed_set(uint64_t seed);
uint64_t seed_next(void);

/* below - 0 to @n - 1;  one_in - true once in @n */
static inline uint64_t below(uint64_t n)
{
    return seed_next() % n;
}

static inline bool one_in(unsigned n)
{
    return below(n) == 0;
}

#define PICK(array) ((array)[below(sizeof(array) / sizeof((array)[0]))])

/* -------------------------------------------------------------- memory */

/*
 * What calls are told to work on: pages of each kind, at the far end of the
 * address space, so that a range that is too long reaches nothing else.
 */
#define ARENA_VA    0xfff8000200000000ul
#define ARENA_PAGES 192ul

/* And a mapping that may be as large as 8 TiB, or not there. */
#define HUGE_VA 0xfff8010000000000ul

/* The first pages hold what structures may look like: lengths, descriptors,
 * addresses, flags. */
#define FILLED_PAGES 8ul

void arena_map(void);
void arena_fill(void); /* may fault */

/* One of its pages, or an address in it. */
uint64_t arena_page(void);
uint64_t arena_at(void);

/* ----------------------------------------------------------- arguments */

struct call {
    unsigned number;
    const char *name;
    const char *args; /* emu/linux/syscalls.def */
};

extern const struct call calls[];
extern const unsigned nr_calls;

const struct call *draw_call(void);

/* call_named - one that there is */
const struct call *call_named(const char *name);

/* draw_args - arguments for it; false: it is not to be called like this */
bool draw_args(const struct call *call, uint64_t args[6]);

bool is_one_of(const char *name, const char *const *list);
const char *draw_name(void);

/* unlink_queues - of messages, by the names that draw_name() has: they are the
 * host's, and in no folder */
void unlink_queues(void);
int draw_prot(void);

/* tune_args - arguments that make @call do more than refuse, as tune.def has
 * them; what that has nothing of is left as it is */
void tune_args(const struct call *call, uint64_t args[6]);

/* --------------------------------------------------------------- sockets */

/* is_of_sockets - is it told an address, or a message?  Those are
 * tune_socket()'s: nothing is to be sent elsewhere. */
bool is_of_sockets(const struct call *call);
void tune_socket(const struct call *call, uint64_t args[6]);

/* ------------------------------------------------------------ descriptors */

enum fd_kind {
    FD_FILE,
    FD_APPEND,
    FD_DIR,
    FD_PATH,
    FD_FIFO,
    FD_MEMFD,
    FD_PIPE_OUT,
    FD_PIPE_IN,
    FD_PIPE2_OUT,
    FD_PIPE2_IN,
    FD_STREAM,
    FD_STREAM2,
    FD_DGRAM,
    FD_DGRAM2,
    FD_LISTEN,
    FD_FRESH,
    FD_EPOLL,
    FD_EVENT,
    FD_TIMER,
    FD_SIGNAL,
    FD_INOTIFY,
    FD_PID,
    FD_QUEUE,
    FD_MEM,
    FD_PAGEMAP,
    FD_ADI,
    FD_TTY,
    FD_ZERO,
    FD_KINDS
};

/* fd_of - where one of @kind is, if there can be one
 * draw_fd - of any kind */
int fd_of(enum fd_kind kind);
int draw_fd(void);

/* ----------------------------------------------------------- processes */

/* Shared with all processes: who there is, and how often calls were made. */
#define MAX_PIDS  256
#define MAX_CALLS 512

struct shared {
    unsigned nr_pids;
    pid_t pid[MAX_PIDS]; /* begun by this program, but for the first */
    struct {
        uint32_t tried, worked;
    } count[MAX_CALLS];
    uint32_t word[8]; /* for futex() */
};

extern struct shared *shared;

/* One of our own, to be sent signals. */
pid_t draw_pid(void);
