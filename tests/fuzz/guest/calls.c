// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz/guest/calls.c - a program that makes random system calls
 *
 *   calls SEED CALLS
 *
 * Every call of emu/linux/syscalls.def, its arguments drawn by what that takes
 * them for, or as tune.def has them; and between them loads, stores, tags,
 * forks, threads and signals.  It works in the current directory, which
 * ../calls.py makes, on no device that others use, and sends signals to its own
 * processes only.
 *
 * Processes do the calls, a hundred each, and may end in any way.  The first
 * one waits for each, and ends it, and who it has begun, after a while.  It
 * prints how often each call was made, and how often it worked.
 */
#define _GNU_SOURCE
#include "calls.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CALLS_OF_WORKER 100
#define CALLS_OF_CHILD  15
#define MAX_DEPTH       2 /* children of a worker */
#define MAX_FAULTS      500
#define MAX_THREADS     12 /* of a process, and of those that share its memory */
#define TICK_NS         10000000
#define TICKS_OF_WORKER 4
#define ALARM_US        1000 /* ends calls that would wait */

struct shared *shared;

static unsigned depth;
static jmp_buf after_fault;
static char signal_stack[4 * PAGE] __attribute__((aligned(64)));

/* A stack is of one thread for ever: nobody is told when that has ended. */
static char stacks[MAX_THREADS][4 * PAGE] __attribute__((aligned(64)));
static unsigned nr_threads;

/* ------------------------------------------------------------- processes */

/* By itself and by who began it: either may be ended before. */
static void enlist(pid_t pid)
{
    if (pid > 0 && shared->nr_pids < MAX_PIDS)
        shared->pid[shared->nr_pids++] = pid;
}

pid_t draw_pid(void)
{
    return shared->pid[below(shared->nr_pids)];
}

static void do_calls(unsigned n);

/* A process does not have that of its parent. */
static void start_timer(void)
{
    struct itimerval often = {.it_interval.tv_usec = ALARM_US,
                              .it_value.tv_usec = ALARM_US};

    setitimer(ITIMER_REAL, &often, NULL);
}

/* The rest of a process that has just begun. */
static void be_child(uint64_t seed)
{
    depth++;
    nr_threads = 0;
    enlist(getpid());
    start_timer();
    seed_set(seed);
    do_calls(CALLS_OF_CHILD);
    _exit(0);
}

static void do_fork(void)
{
    uint64_t seed = seed_next();
    pid_t pid;

    if (depth == MAX_DEPTH)
        return;
    pid = fork();
    if (pid == 0)
        be_child(seed);
    enlist(pid);
}

static void exec_again(void)
{
    char seed[24], *argv[] = {"calls", seed, "10", "again", NULL};

    snprintf(seed, sizeof(seed), "%lu", seed_next() >> 1);
    execv("/proc/self/exe", argv);
}

static void do_exec(void)
{
    pid_t pid;

    if (depth == MAX_DEPTH)
        return;
    pid = fork();
    if (pid == 0) {
        exec_again();
        _exit(1);
    }
    enlist(pid);
}

static void one_call(void);

/* It shares our memory: no faults may be caught on this stack. */
static int be_sharer(void *unused)
{
    (void)unused;
    enlist(getpid());
    start_timer();
    signal(SIGSEGV, SIG_DFL);
    signal(SIGBUS, SIG_DFL);
    for (unsigned i = 0; i < 5; i++)
        one_call();
    return 0;
}

/* One of several of a process: on_fault() ends it alone. */
static int be_thread(void *unused)
{
    (void)unused;
    enlist((pid_t)syscall(SYS_gettid));
    for (unsigned i = 0; i < 10; i++)
        one_call();
    if (depth > 0 && one_in(8))
        exec_again();
    syscall(SYS_exit, 0);
    return 0;
}

/* A mask of signals, an alternate stack, the end: all is the kernel's work
 * only, as nobody has told the C library.  What is shared is sometimes less, or
 * more, than a thread or a process has. */
static void do_thread(void)
{
    static const int of_thread[] = {0,
                                    0,
                                    CLONE_PARENT_SETTID,
                                    CLONE_CHILD_SETTID,
                                    CLONE_CHILD_CLEARTID,
                                    CLONE_PTRACE,
                                    CLONE_UNTRACED};
    static const int of_sharer[] = {0, 0, CLONE_VFORK, CLONE_PARENT,
                                    CLONE_SIGHAND, CLONE_IO};
    static const int shared_too[] = {CLONE_FS, CLONE_FILES, CLONE_SYSVSEM};
    bool sharer = one_in(3);
    int flags = CLONE_VM | (sharer ? PICK(of_sharer) | SIGCHLD
                                   : CLONE_SIGHAND | CLONE_THREAD |
                                         PICK(of_thread));
    void *id = (void *)(arena_at() & ~3ul);
    char *stack;

    if (nr_threads == MAX_THREADS || (sharer && depth == MAX_DEPTH))
        return;
    for (unsigned i = 0; i < 3; i++)
        if (one_in(6) == sharer)
            flags |= shared_too[i];
    stack = stacks[nr_threads++];
    enlist(clone(sharer ? be_sharer : be_thread, stack + sizeof(stacks[0]) / 2,
                 flags, NULL, id, NULL, id));
}

/* ------------------------------------------------------- what is no call */

static void do_store(void)
{
    volatile char *p = (volatile char *)arena_at();

    *p = (char)(*p + 1);
}

static void do_load(void)
{
    volatile char *p = (volatile char *)arena_page();

    for (unsigned i = 0; i < 16; i++)
        (void)p[i * PAGE / 2];
}

static void do_tag(void)
{
    uint64_t va = arena_page() + below(128) * 64, tag = below(16);

    __asm__ volatile("stxa %0, [%1] 0x90\n\tmembar #Sync"
                     :
                     : "r"(tag), "r"(va)
                     : "memory");
    va = (va & ~(15ul << 60)) | tag << 60;
    *(volatile char *)va = 1;
}

static void do_clear(void)
{
    memset((void *)arena_page(), 0, 3 * PAGE);
}

static void on_any(int sig)
{
    (void)sig;
    if (one_in(4))
        one_call();
}

/* But for faults: a handler that returned would cause the same one again. */
static void do_handler(void)
{
    static const int signals[] = {SIGHUP,  SIGINT,  SIGUSR1, SIGUSR2, SIGPIPE,
                                  SIGALRM, SIGTERM, SIGCHLD, SIGCONT, SIGTSTP,
                                  SIGIO,   SIGXCPU, SIGXFSZ, 34,      50};
    struct sigaction act = {.sa_handler = on_any};

    if (one_in(4))
        act.sa_handler = one_in(2) ? SIG_IGN : SIG_DFL;
    act.sa_flags = one_in(2) ? SA_RESTART : 0;
    sigaction(PICK(signals), &act, NULL);
}

static void do_pipe(void)
{
    int p[2];

    if (pipe2(p, one_in(2) ? O_NONBLOCK : 0) == 0 && one_in(2))
        (void)!write(p[1], (void *)arena_page(), 100);
}

/* With bytes in it, or a descriptor, and a name that others may send to. */
static void do_sockets(void)
{
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    int s[2];

    if (socketpair(AF_UNIX, PICK(types) | (one_in(2) ? SOCK_NONBLOCK : 0), 0,
                   s) != 0)
        return;
    (void)!write(s[0], (void *)arena_page(), 1 + below(200));
    if (one_in(2)) {
        struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "s"};
        int l = socket(AF_UNIX, PICK(types), 0);

        unlink("s");
        if (l >= 0 && bind(l, (void *)&a, sizeof(a)) == 0)
            listen(l, 3);
    }
}

/* Whose pages nobody has time to look at one by one. */
static void do_huge(void)
{
    int shared = one_in(2) ? MAP_SHARED : MAP_PRIVATE;

    mmap((void *)HUGE_VA, 1ul << (24 + below(20)), draw_prot(),
         shared | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

static void do_maps(void)
{
    char *to = (char *)arena_page();
    size_t len = (1 + below(8)) * PAGE;

    if (one_in(2))
        mmap(to, len, draw_prot(), MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
             0);
    else
        mremap(to, len, (1 + below(8)) * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
               (void *)arena_page());
}

/* ----------------------------------------------------------------- calls */

static void make_call(const struct call *call)
{
    uint64_t a[6];
    long value;

    if (!draw_args(call, a))
        return;
    shared->count[call - calls].tried++;
    value = syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (value != -1)
        shared->count[call - calls].worked++;
}

static void one_call(void)
{
    make_call(draw_call());
}

/* Somebody is traced, goes on, or is waited for: a few times. */
static void do_trace(void)
{
    for (unsigned i = below(8); i > 0; i--) {
        if (one_in(3))
            waitpid(-1, NULL, WNOHANG | __WALL);
        else
            make_call(call_named("ptrace"));
    }
}

static void one_step(void)
{
    switch (below(40)) {
    case 0: do_fork(); break;
    case 1: do_thread(); break;
    case 2: do_handler(); break;
    case 3: one_in(2) ? (void)draw_fd() : do_sockets(); break;
    case 4:
    case 5: one_in(12) ? do_huge() : do_maps(); break;
    case 6: do_clear(); break;
    case 7:
    case 8: do_tag(); break;
    case 9:
    case 10: do_store(); break;
    case 11: do_load(); break;
    case 12:
    case 13: arena_fill(); break;
    case 14:
        if (one_in(5))
            do_exec();
        break;
    case 15:
    case 16: do_trace(); break;
    default: one_call(); break;
    }
}

static void do_calls(unsigned n)
{
    for (volatile unsigned i = 0; i < n; i++)
        if (_setjmp(after_fault) == 0)
            one_step();
}

/* ---------------------------------------------------------------- workers */

/* A stack that could not be read from swap faults for ever. */
static void on_fault(int sig)
{
    static unsigned nr;
    char here;

    (void)sig;
    if (&here >= stacks[0] && &here < stacks[MAX_THREADS])
        syscall(SYS_exit, 0);
    if (++nr > MAX_FAULTS)
        _exit(1);
    _longjmp(after_fault, 1);
}

static void on_alarm(int sig)
{
    (void)sig;
}

static void catch_signals(void)
{
    stack_t stack = {.ss_sp = signal_stack, .ss_size = sizeof(signal_stack)};
    struct sigaction act = {.sa_handler = on_fault,
                            .sa_flags = SA_NODEFER | SA_ONSTACK};

    sigaltstack(&stack, NULL);
    sigaction(SIGSEGV, &act, NULL);
    sigaction(SIGBUS, &act, NULL);
    sigaction(SIGILL, &act, NULL);
    act.sa_handler = on_alarm;
    act.sa_flags = 0;
    sigaction(SIGALRM, &act, NULL);
    start_timer();
}

/* What it prints, or makes others print, goes to a file. */
static void open_files(void)
{
    int fd = open("out", O_RDWR | O_CREAT | O_APPEND, 0600);

    dup2(fd, 0);
    dup2(fd, 1);
    dup2(fd, 2);
    close(fd);
    open("a", O_RDWR | O_CREAT, 0600);
    open("dir", O_RDONLY | O_DIRECTORY);
    open("data", O_RDWR);
    memfd_create("memfd", MFD_ALLOW_SEALING);
    do_pipe();
}

/* For some, as far as we may. */
static void allow_cores(void)
{
    struct rlimit limit;

    if (one_in(2) || getrlimit(RLIMIT_CORE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_CORE, &limit);
}

static _Noreturn void work(uint64_t seed, unsigned n)
{
    setsid();
    enlist(getpid());
    seed_set(seed);
    arena_map();
    open_files();
    catch_signals();
    allow_cores();
    do_calls(n);
    _exit(0);
}

/* Ends it and all that it has begun, when its time is over. */
static void wait_for(pid_t worker)
{
    const struct timespec tick = {.tv_nsec = TICK_NS};

    for (unsigned i = 0; i < TICKS_OF_WORKER; i++) {
        if (waitpid(worker, NULL, WNOHANG) == worker)
            break;
        nanosleep(&tick, NULL);
    }
    /* Twice: one that is ended may have begun another. */
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < shared->nr_pids; i++)
            kill(shared->pid[i], SIGKILL);
        nanosleep(&tick, NULL);
    }
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    shared->nr_pids = 0;
}

/* What the worker before has left may not let the next one in. */
static void make_files(void)
{
    chmod(".", 0700);
    chmod("dir", 0700);
    mkdir("dir", 0700);
    mkfifo("fifo", 0600);
    (void)!symlink("dir", "link");
    (void)!symlink("a", "to_a");
    (void)!symlink("loop", "loop");
}

int main(int argc, char *argv[])
{
    uint64_t seed;
    unsigned n;

    if (argc < 3) /* also by an execve() with other arguments */
        return 2;
    seed = strtoul(argv[1], NULL, 10);
    n = (unsigned)strtoul(argv[2], NULL, 10);
    shared = mmap((void *)(ARENA_VA - 64 * PAGE), sizeof(*shared),
                  PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return 2;
    if (argc > 3) { /* by do_exec(); nobody knows whom it would begin */
        depth = MAX_DEPTH;
        work(seed, n);
    }
    for (unsigned done = 0; done < n; done += CALLS_OF_WORKER) {
        pid_t worker;

        make_files();
        worker = fork();
        if (worker == 0)
            work(seed + done, CALLS_OF_WORKER);
        if (worker > 0)
            wait_for(worker);
    }
    unlink_queues();
    for (unsigned i = 0; i < nr_calls; i++)
        printf("%s %u %u\n", calls[i].name, shared->count[i].tried,
               shared->count[i].worked);
    return 0;
}
