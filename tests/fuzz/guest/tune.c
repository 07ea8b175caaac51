// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz/guest/tune.c - arguments as tune.def has them */
#define _GNU_SOURCE
#include "calls.h"

#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/sem.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#ifndef PR_SET_VMA
#define PR_SET_VMA           0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif
#ifndef FS_IOC_FIEMAP
#define FS_IOC_FIEMAP 0xc020660b
#endif
#ifndef FIOQSIZE
#define FIOQSIZE 0x40086680
#endif

#define MAX_VALUES 32

/* Where calls[] has them: a row of a call that is not there is no C. */
enum {
#define SYSCALL(number, name, args) CALL_##name,
#include "emu/linux/syscalls.def"
#undef SYSCALL
};

struct row {
    unsigned call;
    const char *how;
    unsigned nr;
    uint64_t values[MAX_VALUES];
};

#define VALUES(...) ((uint64_t[]){0, ##__VA_ARGS__})
#define TUNE(name, letters, ...)                                               \
    {.call = CALL_##name,                                                      \
     .how = letters,                                                           \
     .nr = sizeof(VALUES(__VA_ARGS__)) / sizeof(uint64_t) - 1,                 \
     .values = {__VA_ARGS__}},

#define AS_DRAWN(name)

static const struct row rows[] = {
#include "tune.def"
};
#undef TUNE
#undef AS_DRAWN

#define NR_ROWS (sizeof(rows) / sizeof(rows[0]))

/* ------------------------------------------------------------- structures */

/* What a call reads; or somewhere in the arena, which may be anything. */
#define OR_ELSEWHERE(thing) (one_in(8) ? arena_at() : (uint64_t)(thing))

static uint64_t draw_times(void)
{
    static int64_t times[4];

    for (unsigned i = 0; i < 4; i++)
        times[i] = i % 2 ? (int64_t)below(400000) : 0;
    if (one_in(8))
        times[below(4)] = (int64_t)(1ul << below(64));
    return OR_ELSEWHERE(times);
}

static uint64_t draw_vector(void)
{
    static struct iovec parts[4];

    for (unsigned i = 0; i < 4; i++) {
        parts[i].iov_base = (void *)arena_at();
        parts[i].iov_len = one_in(4) ? below(8 * PAGE) : below(100);
    }
    return OR_ELSEWHERE(parts);
}

static uint64_t draw_pollfds(void)
{
    static struct pollfd fds[4];

    for (unsigned i = 0; i < 4; i++)
        fds[i] = (struct pollfd){.fd = draw_fd(),
                                 .events = (short)(one_in(2) ? 5 : below(512))};
    return OR_ELSEWHERE(fds);
}

static uint64_t draw_fd_set(void)
{
    static fd_set sets[3];
    fd_set *set = &PICK(sets);

    if (one_in(3))
        return 0;
    FD_ZERO(set);
    for (unsigned i = (unsigned)below(4); i > 0; i--)
        FD_SET(draw_fd(), set);
    return OR_ELSEWHERE(set);
}

/* Without those that end a call, but seldom. */
static uint64_t draw_signals(void)
{
    static uint64_t set;

    set = one_in(8) ? seed_next() : 1ul << below(64) | 1ul << below(64);
    if (!one_in(4))
        set &= ~(1ul << (SIGALRM - 1));
    if (one_in(2)) /* what fds.c has blocked */
        set |= 1ul << (SIGUSR1 - 1);
    return OR_ELSEWHERE(&set);
}

static uint64_t draw_lock(void)
{
    static struct flock lock;

    lock = (struct flock){.l_type = (short)(1 + below(3)),
                          .l_whence = (short)below(3),
                          .l_start = (long)below(200),
                          .l_len = (long)below(100)};
    return OR_ELSEWHERE(&lock);
}

static uint64_t draw_epoll_event(void)
{
    static struct epoll_event event;
    static const uint32_t more[] = {0, 0, EPOLLET, EPOLLONESHOT,
                                    EPOLLEXCLUSIVE};

    event = (struct epoll_event){.events = (uint32_t)below(32) | PICK(more),
                                 .data.u64 = seed_next()};
    return OR_ELSEWHERE(&event);
}

static uint64_t draw_how(void)
{
    static uint64_t how[3];

    how[0] = below(3) | (one_in(2) ? O_CREAT : 0);
    how[1] = how[0] & O_CREAT ? 0600 : 0;
    how[2] = one_in(2) ? 0 : below(64);
    return OR_ELSEWHERE(how);
}

static uint64_t draw_semaphores(void)
{
    static struct sembuf ops[4];

    for (unsigned i = 0; i < 4; i++) {
        ops[i] = (struct sembuf){.sem_num = (unsigned short)below(2),
                                 .sem_op = (short)(below(4) - 1)};
        if (one_in(2))
            ops[i].sem_flg |= IPC_NOWAIT;
        if (one_in(2))
            ops[i].sem_flg |= SEM_UNDO;
    }
    return OR_ELSEWHERE(ops);
}

static uint64_t draw_siginfo(void)
{
    static int info[32];

    info[0] = (int)below(65);
    info[2] = one_in(8) ? (int)below(8) : -1; /* si_code */
    info[4] = (int)draw_pid();
    info[6] = (int)seed_next();
    return OR_ELSEWHERE(info);
}

static uint64_t draw_sigevent(void)
{
    static struct {
        uint64_t value;
        int sig, notify, tid, pad[11];
    } event;

    if (one_in(3))
        return 0;
    event.sig = one_in(2) ? SIGALRM : (int)below(65);
    event.notify = one_in(2) ? 0 : one_in(2) ? 1 : 4;
    event.tid = one_in(2) ? (int)getpid() : (int)draw_pid();
    return OR_ELSEWHERE(&event);
}

static uint64_t draw_cap_head(void)
{
    static uint32_t head[2];

    head[0] = 0x20080522;
    head[1] = one_in(2) ? 0 : (uint32_t)draw_pid();
    return OR_ELSEWHERE(head);
}

static uint64_t draw_sched(void)
{
    static struct {
        uint32_t size, policy;
        uint64_t flags;
        int nice;
        uint32_t priority;
        uint64_t times[3];
        uint32_t clamps[2];
    } attr;

    attr.size = one_in(4) ? 56 : 48;
    attr.policy = (uint32_t)below(7);
    attr.flags = one_in(2) ? 0 : below(128);
    attr.nice = (int)below(20);
    return OR_ELSEWHERE(&attr);
}

static uint64_t draw_message(void)
{
    static struct {
        long type;
        char text[200];
    } message;

    message.type = (long)below(4);
    return OR_ELSEWHERE(&message);
}

static uint64_t draw_handle(void)
{
    static struct {
        uint32_t len;
        int type;
        char text[128];
    } handle;

    handle.len = one_in(4) ? 0 : 128;
    return OR_ELSEWHERE(&handle);
}

static uint64_t draw_places(void)
{
    static uint64_t pages[4];

    for (unsigned i = 0; i < 4; i++)
        pages[i] = arena_page();
    return OR_ELSEWHERE(pages);
}

static uint64_t draw_nodes(bool mask)
{
    static uint64_t bits;
    static uint32_t numbers[4];

    bits = one_in(4) ? seed_next() : 1 + below(3);
    for (unsigned i = 0; i < 4; i++)
        numbers[i] = (uint32_t)below(3);
    return mask ? OR_ELSEWHERE(&bits) : OR_ELSEWHERE(numbers);
}

/* ---------------------------------------------------------------- futexes */

static uint32_t *last_futex;

/* A word of all processes, of this one, or of the arena. */
static uint64_t draw_futex(void)
{
    static uint32_t mine[4];

    last_futex = NULL;
    if (one_in(4))
        return arena_at() & ~3ul;
    last_futex = one_in(2) ? &PICK(mine) : &PICK(shared->word);
    return (uint64_t)last_futex;
}

static uint64_t draw_word(void)
{
    return last_futex && !one_in(4) ? *last_futex : below(3);
}

static uint64_t draw_word_op(void)
{
    switch (below(4)) {
    case 0: return draw_word();
    case 1: return 1ul << below(32);
    case 2: return 0xffffffff;
    default:
        return below(16) << 28 | below(6) << 24 | below(4) << 12 | below(4);
    }
}

/* -------------------------------------------------------------- arguments */

static const char *draw_attribute(void)
{
    static const char *const names[] = {
        "user.a",          "user.a",   "user.b",
        "user.",           "user",     "trusted.a",
        "security.a",      "system.x", "security.capability",
        "other.a",         "",         "system.posix_acl_access",
        "security.selinux"};

    return PICK(names);
}

static uint64_t draw_clock(void)
{
    return one_in(8) ? below(64) - 16 : below(12);
}

/* A timer of this process, mostly. */
static uint64_t draw_timer(void)
{
    int id = (int)below(4);

    if (one_in(2))
        syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id);
    return (uint64_t)id;
}

/* Of a segment, semaphores, a queue: made if there is none. */
static uint64_t draw_ipc(char how)
{
    uint64_t key = 1 + below(2);

    switch (one_in(8) ? 0 : how) {
    case '<': return (uint64_t)syscall(SYS_shmget, key, 4 * PAGE, 01600);
    case '>': return (uint64_t)syscall(SYS_semget, key, 2, 01600);
    case '?': return (uint64_t)syscall(SYS_msgget, key, 01600);
    default: return below(6);
    }
}

static uint64_t draw_any(void)
{
    switch (below(4)) {
    case 0: return arena_at();
    case 1: return 1ul << below(32);
    default: return below(64);
    }
}

/* Of 128 MiB of files, no disk is to be full. */
static uint64_t draw_offset(void)
{
    return one_in(2) ? below(4 * PAGE) : below(64) * PAGE;
}

static uint64_t draw_wait_options(void)
{
    static const unsigned options[] = {
        0, 1, 2, 8, 0x01000000, 0x20000000, 0x40000000, 0x80000000};

    return 4 | PICK(options) | PICK(options);
}

static enum fd_kind draw_file(void)
{
    static const enum fd_kind kinds[] = {FD_FILE, FD_FILE, FD_FILE, FD_APPEND,
                                         FD_MEMFD};

    return PICK(kinds);
}

/* Is @how that of a descriptor?  @fd is one then. */
static bool draw_descriptor(char how, uint64_t *fd)
{
    static const char letters[] = "DPMaduNJQLK$*";
    static const enum fd_kind kinds[] = {
        FD_DIR,   FD_PID,    FD_MEM,     FD_EPOLL, FD_EVENT,
        FD_TIMER, FD_SIGNAL, FD_INOTIFY, FD_QUEUE, FD_LISTEN,
        FD_FRESH, FD_MEMFD,  FD_ADI};
    const char *at = strchr(letters, how);

    if (at)
        *fd = (uint64_t)fd_of(kinds[at - letters]);
    else if (how == 'i')
        *fd = (uint64_t)draw_fd();
    else if (how == 'r')
        *fd = (uint64_t)fd_of(draw_file());
    else if (how == 'p')
        *fd = (uint64_t)fd_of(FD_PIPE_OUT + below(4));
    else if (how == 'A')
        *fd = (uint64_t)fd_of(FD_STREAM + below(4));
    else if (how == 'R')
        *fd = (uint64_t)fd_of(one_in(2) ? FD_PIPE_OUT : FD_PIPE2_OUT);
    else if (how == 'W')
        *fd = (uint64_t)fd_of(one_in(2) ? FD_PIPE_IN : FD_PIPE2_IN);
    else
        return false;
    return true;
}

static bool draw_structure(char how, uint64_t *to)
{
    static const uint64_t zeros[16],
        ones[16] = {-1ul, -1ul, -1ul, -1ul, -1ul, -1ul, -1ul, -1ul,
                    -1ul, -1ul, -1ul, -1ul, -1ul, -1ul, -1ul, -1ul};

    switch (how) {
    case 't': *to = draw_times(); break;
    case 'T': *to = one_in(3) ? 0 : draw_times(); break;
    case 'v': *to = draw_vector(); break;
    case '_': *to = (uint64_t)zeros; break;
    case '!': *to = (uint64_t)ones; break;
    case '%': *to = draw_nodes(true); break;
    case '+': *to = draw_nodes(false); break;
    case 'f': *to = draw_pollfds(); break;
    case 's': *to = draw_fd_set(); break;
    case 'm': *to = draw_signals(); break;
    case 'l': *to = draw_lock(); break;
    case 'j': *to = draw_epoll_event(); break;
    case 'H': *to = draw_how(); break;
    case 'O': *to = draw_semaphores(); break;
    case 'I': *to = draw_siginfo(); break;
    case 'E': *to = draw_sigevent(); break;
    case 'C': *to = draw_cap_head(); break;
    case '@': *to = draw_sched(); break;
    case 'V': *to = draw_places(); break;
    case '&': *to = draw_message(); break;
    case 'F': *to = draw_handle(); break;
    default: return false;
    }
    return true;
}

static uint64_t draw_number(char how)
{
    switch (how) {
    case '0': return 0;
    case '1': return 1 + below(4);
    case '4': return 4;
    case '6': return 64;
    case '8': return 8;
    case '#': return 24;
    case 'z': return below(200);
    case 'Z': return (1 + below(8)) * PAGE;
    case 'o': return draw_offset();
    case 'h': return below(6);
    case 'b': return arena_at();
    case 'B': return one_in(2) ? 0 : arena_at();
    case 'g': return arena_page();
    case 'G': return ARENA_VA + (ARENA_PAGES - 8 - below(4) * 8) * PAGE;
    case '"': return (uint64_t) "";
    case 'n': return (uint64_t)draw_name();
    case 'x': return (uint64_t)draw_attribute();
    case 'c': return draw_clock();
    case '~': return draw_timer();
    case '<':
    case '>':
    case '?': return draw_ipc(how);
    case 'q': return draw_any();
    case 'k': return (uint64_t)draw_pid();
    case 'S': return below(65);
    case 'w': return draw_wait_options();
    case 'U': return one_in(2) ? getuid() : -1ul;
    case '^': return (1 + below(3)) << 13 | below(8);
    case 'X': return draw_futex();
    case 'Y': return draw_word();
    case 'y': return draw_word_op();
    default: __builtin_trap(); /* no letter of tune.def */
    }
}

static void follow(const struct row *row, uint64_t args[6])
{
    for (unsigned i = 0; row->how[i] != 0; i++) {
        char how = row->how[i];

        if (how == '.' || one_in(24))
            continue;
        if (how == 'e')
            args[i] = row->values[below(row->nr)];
        else if (!draw_descriptor(how, &args[i]) &&
                 !draw_structure(how, &args[i]))
            args[i] = draw_number(how);
    }
}

static void name_area(uint64_t args[6])
{
    args[0] = PR_SET_VMA;
    args[1] = PR_SET_VMA_ANON_NAME;
    args[2] = arena_page();
    args[3] = (1 + below(24)) * PAGE;
    args[4] = one_in(4) ? arena_at() : (uint64_t)draw_name();
}

void tune_args(const struct call *call, uint64_t args[6])
{
    const struct row *row = NULL;
    unsigned nr = 0;

    if (strcmp(call->name, "prctl") == 0 && one_in(2)) {
        name_area(args);
        return;
    }
    for (unsigned i = 0; i < NR_ROWS; i++)
        if (rows[i].call == call - calls && below(++nr) == 0)
            row = &rows[i];
    if (row)
        follow(row, args);
}
