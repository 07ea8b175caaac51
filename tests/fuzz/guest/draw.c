// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz/guest/draw.c - numbers, memory and arguments from the seed */
#define _GNU_SOURCE
#include "calls.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef PROT_ADI
#define PROT_ADI 0x10
#endif
#ifndef PR_SET_VMA
#define PR_SET_VMA           0x53564d41
#define PR_SET_VMA_ANON_NAME 0
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
                                    "/proc/1000/maps",
                                    "/proc/1001/fd/4",
                                    "/proc/meminfo",
                                    "/proc/swaps",
                                    "/proc/sys/vm/max_map_count",
                                    "/proc/sys/vm/compact_memory",
                                    "/sys/kernel/debug/adi",
                                    "/sys/kernel/debug/adi/counters",
                                    "/sys"};

const char *draw_name(void)
{
    return PICK(names);
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

static bool is_one_of(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(name, *list) == 0)
            return true;
    return false;
}

/* Half of the calls are of those that split, join and move memory. */
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

const struct call *draw_call(void)
{
    bool memory = one_in(2);
    const struct call *call;

    do {
        call = &calls[below(nr_calls)];
    } while (memory && !is_one_of(call->name, of_memory));
    return call;
}

/* Numbers that make these calls do more than refuse. */
static void tune_args(const struct call *call, uint64_t args[6])
{
    static const uint64_t advice[] = {0,  4,  8,  9,  10, 11, 12, 13, 16,
                                      17, 18, 19, 20, 21, 22, 23, 24};
    static const uint64_t controls[] = {PR_SET_VMA, PR_SET_VMA, PR_SET_NAME,
                                        PR_SET_MM, PR_SET_PDEATHSIG};

    if (strcmp(call->name, "prctl") == 0) {
        args[0] = PICK(controls);
        if (args[0] == PR_SET_VMA) {
            args[1] = PR_SET_VMA_ANON_NAME;
            args[2] = arena_page();
            args[3] = (1 + below(24)) * PAGE;
            args[4] = one_in(4) ? draw_pointer() : (uint64_t)draw_name();
        }
    } else if (strncmp(call->name, "shm", 3) == 0 ||
               strncmp(call->name, "sem", 3) == 0 ||
               strncmp(call->name, "msg", 3) == 0) {
        args[0] = below(6); /* a key, or what the machine makes of one */
        if (strcmp(call->name, "shmat") == 0)
            args[1] = one_in(2) ? 0 : arena_page();
        if (strstr(call->name, "get"))
            args[strlen(call->args) - 1] = 01600; /* IPC_CREAT */
    } else if (strchr(call->name, 'v') && call->args[1] == 'p' &&
               call->args[2] == 'u') {
        args[2] = 1 + below(3); /* readv() and its kin */
    } else if (is_one_of(call->name, of_memory) && call->args[0] == 'p') {
        args[0] = arena_page();
        if (strcmp(call->name, "madvise") == 0)
            args[2] = PICK(advice);
        if (strcmp(call->name, "mremap") == 0)
            args[3] = below(8);
        if (strcmp(call->name, "mbind") == 0)
            args[2] = below(6);
    }
}

/* --------------------------------------------------------------- sockets */

/* Of this folder, of this machine: nobody else is to hear of it. */
static uint64_t draw_address(uint64_t *len)
{
    static const struct {
        uint16_t family;
        char rest[28];
    } addresses[] = {
        {AF_UNIX, "s"},
        {AF_UNIX, "s"},
        {AF_UNIX, "t"},
        {AF_UNIX, "dir/s"},
        {AF_UNIX, "a"},
        {AF_UNIX, "/proc/s"},
        {AF_UNIX, ""},
        {AF_UNIX, "\0fuzz"},
        {AF_UNSPEC, ""},
        {AF_INET, "\0\0\177\0\0\1"},
        {AF_NETLINK, ""},
        {AF_INET6, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"}};
    static const uint64_t lens[] = {0, 1, 2, 3, 4, 5, 8, 16, 28, 30};

    *len = one_in(4) ? PICK(lens) : one_in(2) ? 16 : 28;
    return (uint64_t)&PICK(addresses);
}

struct header {
    uint64_t name;
    uint32_t name_len, pad;
    uint64_t iov, nr, control, control_len;
    uint32_t flags, len;
};

/* A message with buffers in the arena, and descriptors. */
static void draw_header(struct header *h)
{
    static const struct {
        uint64_t len;
        uint32_t level, type;
        uint32_t fd[10];
    } controls[] = {{20, SOL_SOCKET, SCM_RIGHTS, {3}},
                    {28, SOL_SOCKET, SCM_RIGHTS, {3, 4, 5}},
                    {28, SOL_SOCKET, SCM_CREDENTIALS, {1, 0, 0}},
                    {20, 0, 2, {64}},
                    {400, SOL_SOCKET, SCM_RIGHTS, {0}},
                    {8, SOL_SOCKET, SCM_RIGHTS, {0}}};
    static uint64_t parts[4];
    uint64_t len;

    for (unsigned i = 0; i < 4; i += 2) {
        parts[i] = arena_at();
        parts[i + 1] = one_in(4) ? below(8 * PAGE) : below(100);
    }
    *h = (struct header){.iov = (uint64_t)parts, .nr = below(3)};
    if (one_in(3)) {
        h->name = draw_address(&len);
        h->name_len = (uint32_t)len;
    }
    if (one_in(2)) {
        h->control = one_in(2) ? (uint64_t)&PICK(controls) : arena_at();
        h->control_len = one_in(2) ? 24 : below(200);
    }
}

static void tune_socket(const struct call *call, uint64_t args[6])
{
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET,
                                SOCK_STREAM | SOCK_NONBLOCK};
    static const int families[] = {AF_UNIX, AF_UNIX, AF_UNIX, AF_INET,
                                   AF_INET6};
    static struct header headers[4];
    const char *name = call->name;

    if (call->args[0] == 'f' && !one_in(10)) {
        args[0] = (uint64_t)PICK(families);
        args[1] = (uint64_t)PICK(types);
        args[2] = 0;
    } else if (strcmp(name, "bind") == 0 || strcmp(name, "connect") == 0) {
        args[1] = draw_address(&args[2]);
    } else if (strcmp(name, "sendto") == 0) {
        args[4] = one_in(2) ? 0 : draw_address(&args[5]);
    } else if (strncmp(name + 4, "msg", 3) == 0 ||
               strncmp(name + 4, "mmsg", 4) == 0) {
        for (unsigned i = 0; i < 4; i++)
            draw_header(&headers[i]);
        args[1] = (uint64_t)headers;
        if (call->args[2] == 'u')
            args[2] = below(5);
    } else if (strstr(name, "sockopt")) {
        args[1] = one_in(2) ? SOL_SOCKET : below(64);
        args[2] = one_in(2) ? 1ul << below(16) : below(80);
    }
}

/* By address, or with a message, and never elsewhere. */
static bool is_of_sockets(const struct call *call)
{
    static const char *const names_of[] = {
        "socket",   "socketpair", "bind",       "connect",
        "sendto",   "sendmsg",    "sendmmsg",   "recvmsg",
        "recvmmsg", "setsockopt", "getsockopt", NULL};

    return is_one_of(call->name, names_of);
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

bool draw_args(const struct call *call, uint64_t args[6])
{
    /* Their callers would not know how to go on; calls.c does them itself. */
    static const char *const not_like_this[] = {"clone", "fork", "vfork",
                                                "socketcall", NULL};
    /* Once in a while: they end the process, or take long on the host. */
    static const char *const seldom[] = {
        "exit",  "exit_group", "rt_sigreturn", "sync",
        "pause", "execve",     "execveat",     NULL};
    /* To our own processes only, which leaves out 0 and negative numbers. */
    static const char *const to_pid[] = {"kill", "tkill", "tgkill",
                                         "rt_sigqueueinfo", NULL};
    static const char *const of_pid[] = {
        "wait4",      "getpgid",       "setpgid",    "getsid", "prlimit64",
        "pidfd_open", "migrate_pages", "move_pages", NULL};

    if (is_one_of(call->name, not_like_this) ||
        (is_one_of(call->name, seldom) && !one_in(50)))
        return false;
    for (unsigned i = 0; i < 6; i++)
        args[i] = draw(i < strlen(call->args) ? call->args[i] : '?');
    if (is_one_of(call->name, to_pid) ||
        (is_one_of(call->name, of_pid) && one_in(2)))
        args[0] = (uint64_t)draw_pid();
    if (strcmp(call->name, "ptrace") == 0)
        draw_ptrace(args);
    else if (is_of_sockets(call))
        tune_socket(call, args);
    else if (!one_in(4))
        tune_args(call, args);
    if (strcmp(call->name, "tgkill") == 0)
        args[1] = args[0];
    /* With FALLOC_FL_KEEP_SIZE no limit keeps it from filling the disk. */
    if (strcmp(call->name, "fallocate") == 0) {
        args[2] %= 64 * PAGE;
        args[3] %= 64 * PAGE;
    }
    /* F_SETOWN: it would be told of the file. */
    if (strcmp(call->name, "fcntl") == 0 && args[1] == F_SETOWN)
        args[2] = (uint64_t)draw_pid();
    return true;
}
