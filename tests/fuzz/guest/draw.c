// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz/guest/draw.c - numbers, memory and arguments from the seed */
#define _GNU_SOURCE
#include "calls.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef PROT_ADI
#define PROT_ADI 0x10
#endif

const struct call calls[] = {
#define SYSCALL(number, name, args) {number, #name, args},
#include "emu/linux/syscalls.def"
#undef SYSCALL
};

const unsigned nr_calls = sizeof(calls) / sizeof(calls[0]);

/* ------------------------------------------------------------- numbers */

static uint64_t state;

/* Two seeds in a row are not to have the same numbers, one later. */
void seed_set(uint64_t seed)
{
    state = seed;
    state = seed_next();
}

/* splitmix64 */
uint64_t seed_next(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15ul;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ul;
    z = (z ^ z >> 27) * 0x94d049bb133111ebul;
    return z ^ z >> 31;
}

/* -------------------------------------------------------------- memory */

uint64_t arena_page(void)
{
    if (one_in(40))
        return HUGE_VA + below(16) * PAGE;
    return ARENA_VA + below(ARENA_PAGES) * PAGE;
}

uint64_t arena_at(void)
{
    switch (below(8)) {
    case 0: return arena_page();
    case 1: return arena_page() + PAGE - 1 - below(64); /* across two pages */
    case 2: return arena_page() + below(PAGE);
    default: return ARENA_VA + below(FILLED_PAGES * PAGE) / 8 * 8;
    }
}

/* A quarter each: private with tags, shared, of a file, and of a file that
 * is shared. */
void arena_map(void)
{
    const size_t len = ARENA_PAGES / 4 * PAGE;
    char *to = (char *)ARENA_VA;
    int fd = open("data", O_RDWR | O_CREAT, 0600);

    (void)!ftruncate(fd, (off_t)(len - PAGE / 2));
    mmap(to, len, PROT_READ | PROT_WRITE | PROT_ADI,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    mmap(to + len, len, PROT_READ | PROT_WRITE | PROT_ADI,
         MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    mmap(to + 2 * len, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd,
         0);
    mmap(to + 3 * len, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
         0);
    close(fd);
}

static uint64_t draw_long(void)
{
    static const uint64_t edges[] = {
        0,          1,          PAGE - 1,   PAGE,      PAGE + 1,  0xffff,
        0x7fffffff, 0x80000000, 0xffffffff, 1ul << 32, 1ul << 43, 1ul << 51,
        1ul << 62,  1ul << 63,  -4096ul,    -1ul};

    switch (below(4)) {
    case 0: return PICK(edges);
    case 1: return 1ul << below(64);
    default: return below(40);
    }
}

void arena_fill(void)
{
    uint64_t *p = (uint64_t *)(ARENA_VA + below(FILLED_PAGES) * PAGE);

    for (unsigned i = (unsigned)below(900), n = i + 100; i < n; i++) {
        switch (below(7)) {
        case 0: p[i] = arena_at(); break;
        case 6: /* a vector */
            p[i++] = arena_at();
            p[i] = below(3 * PAGE);
            break;
        case 1: p[i] = draw_long(); break;
        case 2: p[i] = below(40) << 32 | below(40); break;
        case 3: p[i] = seed_next(); break;
        case 4: strcpy((char *)&p[i], "a"); break;
        default: p[i] = below(40); break;
        }
    }
}

/* ----------------------------------------------------------- arguments */

static const char long_name[] =
    "0123456789012345678901234567890123456789012345678901234567890123456789"
    "0123456789012345678901234567890123456789012345678901234567890123456789"
    "0123456789012345678901234567890123456789012345678901234567890123456789"
    "0123456789012345678901234567890123456789012345678901234567890123456789";

/* The first are of this folder. */
#define NR_OF_FOLDER 18

static const char *const names[] = {"a",
                                    "a",
                                    "a",
                                    "b",
                                    "b",
                                    "data",
                                    "dir",
                                    "dir/",
                                    "dir/a",
                                    "dir/../b",
                                    "dir/..",
                                    "./a",
                                    "link",
                                    "link/a",
                                    "to_a",
                                    "loop",
                                    "fifo",
                                    "swap",
                                    "a/",
                                    "a/b",
                                    "",
                                    ".",
                                    "//",
                                    "/",
                                    long_name,
                                    "/proc",
                                    "/proc/self",
                                    "/proc/self/fd",
                                    "/proc/self/fd/3",
                                    "/proc/self/fd/5",
                                    "/proc/self/cwd/a",
                                    "/proc/self/root",
                                    "/proc/self/exe",
                                    "/proc/self/maps",
                                    "/proc/self/smaps",
                                    "/proc/self/pagemap",
                                    "/proc/self/status",
                                    "/proc/self/mem",
                                    "/proc/self/task",
                                    "/proc/self/fdinfo",
                                    "/proc/self/fdinfo/3",
                                    "/proc/self/fdinfo/40",
                                    "/proc/self/oom_score_adj",
                                    "/proc/self/comm",
                                    "/proc/self/limits",
                                    "/proc/self/stat",
                                    "/proc/self/mounts",
                                    "/proc/self/timerslack_ns",
                                    "/proc/self/coredump_filter",
                                    "/proc/thread-self/auxv",
                                    "/proc/1000/mem",
                                    "/proc/1001/environ",
                                    "/proc/1001/task/1001/stat",
                                    "/proc/1002/root/a",
                                    "/proc/1000/maps",
                                    "/proc/1001/fd/4",
                                    "/proc/meminfo",
                                    "/proc/swaps",
                                    "/proc/vmstat",
                                    "/proc/sysvipc/shm",
                                    "/proc/sysvipc/sem",
                                    "/proc/sysvipc/msg",
                                    "/proc/sys/kernel/threads-max",
                                    "/proc/sys/vm/max_map_count",
                                    "/proc/sys/vm/drop_caches",
                                    "/dev/adi",
                                    "/dev/adi0",
                                    "/dev/adi1",
                                    "/dev/null",
                                    "/dev/zero",
                                    "/dev/shm",
                                    "/proc/sys/vm/compact_memory",
                                    "/sys/kernel/debug/adi",
                                    "/sys/kernel/debug/adi/counters",
                                    "/sys"};

const char *draw_name(void)
{
    return one_in(2) ? PICK(names) : names[below(NR_OF_FOLDER)];
}

void unlink_queues(void)
{
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)!syscall(SYS_mq_unlink, names[i]);
}

int draw_prot(void)
{
    static const int prots[] = {PROT_NONE,
                                PROT_READ,
                                PROT_READ | PROT_WRITE,
                                PROT_READ | PROT_WRITE,
                                PROT_READ | PROT_WRITE | PROT_ADI,
                                PROT_READ | PROT_WRITE | PROT_ADI,
                                PROT_READ | PROT_ADI,
                                PROT_READ | PROT_WRITE | PROT_EXEC,
                                PROT_READ | PROT_GROWSDOWN};

    return one_in(30) ? (int)seed_next() : PICK(prots);
}

static uint64_t draw_pointer(void)
{
    static const uint64_t strange[] = {0,
                                       1,
                                       0x100000,
                                       0x800000000000,
                                       0xfff7ffffffffe000,
                                       0xffffffffffffe000,
                                       ARENA_VA - PAGE,
                                       ARENA_VA + ARENA_PAGES * PAGE - 8};

    switch (below(12)) {
    case 0: return PICK(strange);
    case 1: return 0;
    case 2: return (arena_at() & ~(15ul << 60)) | below(16) << 60;
    case 3:
    case 4:
    case 5: return arena_page();
    default: return arena_at();
    }
}

/* A length, or anything else without a sign. */
static uint64_t draw_unsigned(void)
{
    switch (below(4)) {
    case 0: return draw_long();
    case 1: return below(64);
    default: return (1 + below(24)) * PAGE;
    }
}

/* A descriptor, a signal, a command, advice. */
static uint64_t draw_signed(void)
{
    switch (below(8)) {
    case 0: return draw_long();
    case 1: return -1ul - below(100);
    case 2: return below(128);
    case 3: return 0;
    default: return below(24);
    }
}

static uint64_t draw_flags(void)
{
    switch (below(8)) {
    case 0: return 1ul << below(32);
    case 1:
    case 2: return below(16);
    case 3: return 1ul << below(24) | 1ul << below(24);
    default: return 0;
    }
}

static uint64_t draw_map_flags(void)
{
    static const int more[] = {0,
                               0,
                               MAP_FIXED,
                               MAP_FIXED,
                               MAP_FIXED,
                               MAP_NORESERVE,
                               MAP_POPULATE,
                               MAP_LOCKED,
                               MAP_GROWSDOWN,
                               MAP_FIXED_NOREPLACE};
    int flags = (one_in(2) ? MAP_PRIVATE : MAP_SHARED) | PICK(more) |
                (one_in(3) ? 0 : MAP_ANONYMOUS);

    return one_in(20) ? draw_flags() : (uint64_t)flags;
}

static uint64_t draw_open_flags(void)
{
    static const int more[] = {
        0,       0,         0,          O_CREAT,     O_CREAT | O_EXCL,
        O_TRUNC, O_APPEND,  O_NONBLOCK, O_DIRECTORY, O_NOFOLLOW,
        O_PATH,  O_TMPFILE, O_CLOEXEC,  O_DIRECT};

    return below(3) | (unsigned)PICK(more) | (unsigned)PICK(more) |
           (one_in(30) ? draw_flags() : 0);
}

static uint64_t draw(char kind)
{
    switch (kind) {
    case 'd': return draw_signed();
    case 'u': return draw_unsigned();
    case 'x': return one_in(10) ? draw_long() : draw_flags();
    case 'p': return draw_pointer();
    case 's': return one_in(12) ? draw_pointer() : (uint64_t)draw_name();
    case 'o': return one_in(3) ? below(8) : 0600 | below(0200);
    case 'a': return one_in(3) ? draw_signed() : (uint64_t)AT_FDCWD;
    case 'O': return draw_open_flags();
    case 'P': return (uint64_t)draw_prot();
    case 'M': return draw_map_flags();
    case 'S': return below(65);
    case 'f': return below(12);
    case 't': return below(6) | (one_in(4) ? draw_open_flags() : 0);
    case 'A': return draw_pointer();
    case 'm': return one_in(2) ? MSG_DONTWAIT : draw_flags();
    default: return seed_next();
    }
}

bool is_one_of(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(name, *list) == 0)
            return true;
    return false;
}

/* A third of the calls are of those that split, join and move memory. */
static const char *const of_memory[] = {"mmap",
                                        "munmap",
                                        "mprotect",
                                        "mremap",
                                        "madvise",
                                        "msync",
                                        "mincore",
                                        "mlock",
                                        "mlock2",
                                        "munlock",
                                        "mlockall",
                                        "munlockall",
                                        "mbind",
                                        "remap_file_pages",
                                        "set_mempolicy",
                                        "set_mempolicy_home_node",
                                        "move_pages",
                                        "migrate_pages",
                                        "process_madvise",
                                        "prctl",
                                        "shmat",
                                        "shmdt",
                                        "shmget",
                                        "shmctl",
                                        "ftruncate",
                                        "fallocate",
                                        NULL};

const struct call *call_named(const char *name)
{
    const struct call *call = calls;

    while (strcmp(call->name, name) != 0)
        call++;
    return call;
}

/* Half of the others are of the same group of the table as the one before, or
 * the next: they may work on what that has made. */
#define NEIGHBOURS 6u

const struct call *draw_call(void)
{
    static unsigned last;
    bool memory = one_in(3);
    const struct call *call;

    if (!memory && one_in(2)) {
        last = (last + nr_calls - NEIGHBOURS +
                (unsigned)below(2 * NEIGHBOURS + 1)) %
               nr_calls;
        return &calls[last];
    }
    do {
        call = &calls[below(nr_calls)];
    } while (memory && !is_one_of(call->name, of_memory));
    if (!memory)
        last = (unsigned)(call - calls);
    return call;
}

/* --------------------------------------------------------------- tracing */

/*
 * One of our own processes.  PTRACE_O_TRACEEXIT from one with a lower number
 * only: two that wait for each other's tracer to let them end never do.
 */
static void draw_ptrace(uint64_t args[6])
{
    static const uint64_t requests[] = {
        0,      0x4206, 0x4206, 16,     7,      7,      24,     24,
        0x4207, 0x4208, 11,     1,      2,      4,      5,      3,
        8,      9,      17,     18,     19,     22,     23,     25,
        26,     0x4200, 0x4201, 0x4202, 0x4203, 0x4204, 0x4205, 0x4209,
        0x420a, 0x420b, 0x420c, 0x420e, 0x420f, 12,     6};
    static const uint64_t datas[] = {0, 0, SIGSTOP, SIGCONT, SIGUSR1, SIGKILL};
    static uint64_t iov[2];
    pid_t pid = draw_pid();
    uint64_t options = below(0x40) | (one_in(4) ? 1u << 20 : 0);

    if (pid > getpid() && one_in(2))
        options |= 0xc0;
    args[0] = one_in(50) ? below(64) : PICK(requests);
    args[1] = (uint64_t)pid;
    args[2] = one_in(2) ? arena_at() : one_in(2) ? 1 + below(2) : 0;
    args[3] = one_in(2) ? arena_at() : one_in(2) ? PICK(datas) : below(300);
    args[4] = arena_at();
    switch (args[0]) {
    case 0x4206: /* PTRACE_SEIZE */
        args[2] = 0;
        args[3] = options;
        break;
    case 0x4200: args[3] = options; break; /* PTRACE_SETOPTIONS */
    case 0x420a:
    case 0x420b: args[2] = 8; break;
    case 0x4204:
    case 0x4205: /* PTRACE_GETREGSET */
        iov[0] = arena_at();
        iov[1] = 8 * below(40);
        args[3] = (uint64_t)iov;
        break;
    default: break;
    }
}

/* Of files and memory of the host, and of processes. */
static void keep_small(const struct call *call, uint64_t args[6])
{
    /* With FALLOC_FL_KEEP_SIZE no limit keeps it from filling the disk. */
    if (strcmp(call->name, "fallocate") == 0) {
        args[2] %= 64 * PAGE;
        args[3] %= 64 * PAGE;
    }
    /* F_SETOWN: it would be told of the file. */
    if (strcmp(call->name, "fcntl") == 0 && args[1] == F_SETOWN)
        args[2] = (uint64_t)draw_pid();
}

/* To our own processes only, which leaves out 0 and negative numbers. */
static void aim(const struct call *call, uint64_t args[6])
{
    static const char *const to_pid[] = {
        "kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
        NULL};

    if (!is_one_of(call->name, to_pid))
        return;
    args[0] = (uint64_t)draw_pid();
    if (strcmp(call->name, "tgkill") == 0 ||
        strcmp(call->name, "rt_tgsigqueueinfo") == 0) {
        args[1] = args[0];
        if (one_in(2)) /* one of our threads, if it is one */
            args[0] = (uint64_t)getpid();
    }
}

bool draw_args(const struct call *call, uint64_t args[6])
{
    /* Their callers would not know how to go on; calls.c does them itself. */
    static const char *const not_like_this[] = {"clone", "fork", "vfork",
                                                "socketcall", NULL};
    /* Once in a while: they end the process, or take long on the host. */
    static const char *const seldom[] = {
        "exit",  "exit_group", "rt_sigreturn", "sync",
        "pause", "execve",     "execveat",     NULL};

    if (is_one_of(call->name, not_like_this) ||
        (is_one_of(call->name, seldom) && !one_in(50)))
        return false;
    for (unsigned i = 0; i < 6; i++)
        args[i] = draw(i < strlen(call->args) ? call->args[i] : '?');
    if (is_of_sockets(call))
        tune_socket(call, args);
    if (strcmp(call->name, "ptrace") == 0)
        draw_ptrace(args);
    else if (!one_in(4))
        tune_args(call, args);
    aim(call, args);
    keep_small(call, args);
    return true;
}
