// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/rlimits.c - limits of files, memory, data, locked memory, the stack,
 * processes and signals
 *
 * Catches a limit that is kept but never asked, one that bites too early,
 * wrong errors, and a SIGXFSZ that does not come.  All but the files is done
 * as an ordinary user: root has no such limits.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include "process.h"

#define NOBODY 65534

static volatile sig_atomic_t caught;

static void on_signal(int sig)
{
    (void)sig;
    caught++;
}

static void limit(int which, unsigned long soft)
{
    struct rlimit r;

    EXPECT(getrlimit(which, &r) == 0);
    r.rlim_cur = soft;
    EXPECT(setrlimit(which, &r) == 0);
}

static const char *error(long result)
{
    static const struct {
        int err;
        const char *name;
    } names[] = { { EFBIG, "EFBIG" }, { ENOMEM, "ENOMEM" },
                  { EAGAIN, "EAGAIN" }, { EPERM, "EPERM" },
                  { EINVAL, "EINVAL" } };

    for (unsigned i = 0; result < 0 && i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].err == errno)
            return names[i].name;
    return result < 0 ? "other error" : "ok";
}

static void xfsz(const char *what, long result)
{
    printf("  %s %s %ld, SIGXFSZ %d\n", what, error(result), result,
           (int)caught);
    caught = 0;
}

static int file_size(long arg)
{
    int fd = memfd_create("a", 0), pipe_fd[2];
    static char bytes[1000];

    (void)arg;
    EXPECT(fd >= 0 && pipe(pipe_fd) == 0);
    signal(SIGXFSZ, on_signal);
    limit(RLIMIT_FSIZE, 1500);
    xfsz("write", write(fd, bytes, 1000));
    xfsz("write part", write(fd, bytes, 1000));
    xfsz("write none", write(fd, bytes, 1000));
    xfsz("write nothing", write(fd, bytes, 0));
    xfsz("pwrite", pwrite(fd, bytes, 1000, 1499));
    xfsz("pwrite beyond", pwrite(fd, bytes, 1, 1500));
    xfsz("ftruncate", ftruncate(fd, 1501));
    xfsz("shrink", ftruncate(fd, 1400));
    xfsz("fallocate", fallocate(fd, 0, 0, 2000));
    xfsz("to a pipe", write(pipe_fd[1], bytes, 1000));
    EXPECT(fcntl(fd, F_SETFL, O_APPEND) == 0 && lseek(fd, 0, SEEK_SET) == 0);
    xfsz("append", write(fd, bytes, 1000));
    EXPECT(fcntl(fd, F_SETFL, 0) == 0 && lseek(fd, 1000, SEEK_SET) == 1000);
    xfsz("splice part", splice(pipe_fd[0], NULL, fd, NULL, 1000, 0));
    xfsz("splice none", splice(pipe_fd[0], NULL, fd, NULL, 1000, 0));
    signal(SIGXFSZ, SIG_DFL);
    fflush(stdout);
    (void)!write(fd, bytes, 1000);
    return 1;
}

static void *map(unsigned long pages)
{
    return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static long total(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long pages = 0;

    EXPECT(f && fscanf(f, "%ld", &pages) == 1);
    fclose(f);
    return pages * sysconf(_SC_PAGESIZE);
}

static int address_space(long arg)
{
    char *p = map(4), *q;

    (void)arg;
    EXPECT(p != MAP_FAILED);
    printf("  statm %d\n", total() > 0);
    limit(RLIMIT_AS, (unsigned long)total() + 8 * PAGE);
    q = map(9);
    printf("  9 pages more %s\n", error(q == MAP_FAILED ? -1 : 0));
    q = map(8);
    printf("  8 pages %s\n", error(q == MAP_FAILED ? -1 : 0));
    printf("  in place of others %d\n",
           mmap(p, 4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                -1, 0) == p);
    printf("  mremap %s\n",
           error(mremap(p, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED
                 ? -1 : 0));
    printf("  sbrk %s\n", error(sbrk(4 * PAGE) == (void *)-1 ? -1 : 0));
    EXPECT(munmap(q, 8 * PAGE) == 0);
    printf("  sbrk %s\n", error(sbrk(4 * PAGE) == (void *)-1 ? -1 : 0));
    return 2;
}

static int locked(long arg)
{
    char *p = map(8);

    (void)arg;
    EXPECT(p != MAP_FAILED);
    limit(RLIMIT_MEMLOCK, 4 * PAGE);
    printf("  5 pages %s\n", error(mlock(p, 5 * PAGE)));
    printf("  3 pages %s\n", error(mlock(p, 3 * PAGE)));
    printf("  the same and one %s\n", error(mlock(p, 4 * PAGE)));
    printf("  one more %s\n", error(mlock(p + 4 * PAGE, PAGE)));
    printf("  mlockall %s\n", error(mlockall(MCL_CURRENT)));
    printf("  map locked %s\n",
           error(mmap(NULL, PAGE, PROT_READ,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0) ==
                 MAP_FAILED ? -1 : 0));
    EXPECT(munlock(p, 8 * PAGE) == 0);
    limit(RLIMIT_MEMLOCK, 0);
    printf("  none %s\n", error(mlock(p, PAGE)));
    printf("  none at all %s\n", error(mlockall(MCL_FUTURE)));
    return 3;
}

static long map_error(int prot, int flags)
{
    return mmap(NULL, 5 << 20, prot, flags | MAP_ANONYMOUS, -1, 0) ==
                   MAP_FAILED
               ? -1
               : 0;
}

/* What is private and may be written. */
static int data(long arg)
{
    char *p;

    (void)arg;
    limit(RLIMIT_DATA, 8 << 20);
    printf("  the first %s\n",
           error(map_error(PROT_READ | PROT_WRITE, MAP_PRIVATE)));
    printf("  the second %s\n",
           error(map_error(PROT_READ | PROT_WRITE, MAP_PRIVATE)));
    printf("  shared %s\n",
           error(map_error(PROT_READ | PROT_WRITE, MAP_SHARED)));
    p = mmap(NULL, 5 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    printf("  to read %s\n", error(p == MAP_FAILED ? -1 : 0));
    printf("  to write after all %s\n",
           error(mprotect(p, 5 << 20, PROT_READ | PROT_WRITE)));
    printf("  a part of it %s\n",
           error(mprotect(p, 1 << 20, PROT_READ | PROT_WRITE)));
    printf("  sbrk %s\n", error(sbrk(5 << 20) == (void *)-1 ? -1 : 0));
    limit(RLIMIT_DATA, 0); /* the hard one is not */
    printf("  none %s\n",
           error(map_error(PROT_READ | PROT_WRITE, MAP_PRIVATE)));
    return 6;
}

static int segment(long arg)
{
    int small = shmget(IPC_PRIVATE, 2 * PAGE, 0600);
    int large = shmget(IPC_PRIVATE, 8 * PAGE, 0600);

    (void)arg;
    EXPECT(small >= 0 && large >= 0);
    limit(RLIMIT_MEMLOCK, 4 * PAGE);
    printf("  large %s\n", error(shmctl(large, SHM_LOCK, NULL)));
    printf("  small %s\n", error(shmctl(small, SHM_LOCK, NULL)));
    limit(RLIMIT_MEMLOCK, 0);
    printf("  none %s\n", error(shmctl(small, SHM_LOCK, NULL)));
    printf("  unlock %s\n", error(shmctl(small, SHM_UNLOCK, NULL)));
    shmctl(small, IPC_RMID, NULL);
    shmctl(large, IPC_RMID, NULL);
    return 7;
}

/* The compiler does not see that it goes no deeper. */
static int deeper(volatile char *above, int more)
{
    volatile char frame[4096];

    frame[0] = above[0];
    return more ? deeper(frame, more - 1) + frame[0] : frame[0];
}

static int stack(long arg)
{
    volatile char top = 0;

    (void)arg;
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_STACK, 1 << 20);
    printf("  half of it %d\n", deeper(&top, 100));
    fflush(stdout);
    return deeper(&top, 1000);
}

static int processes(long arg)
{
    pid_t pid;

    (void)arg;
    limit(RLIMIT_NPROC, 0);
    pid = fork();
    if (pid == 0)
        _exit(0);
    printf("  fork %s\n", error(pid < 0 ? -1 : 0));
    return 4;
}

static int queued(long arg)
{
    union sigval value = { .sival_int = 1 };
    sigset_t set, pending;

    (void)arg;
    sigfillset(&set);
    EXPECT(sigprocmask(SIG_SETMASK, &set, NULL) == 0);
    limit(RLIMIT_SIGPENDING, 0);
    printf("  sigqueue %s\n", error(sigqueue(getpid(), SIGRTMIN, value)));
    printf("  kill %s\n", error(kill(getpid(), SIGRTMIN + 1)));
    printf("  sigqueue, not real time %s\n",
           error(sigqueue(getpid(), SIGUSR1, value)));
    EXPECT(sigpending(&pending) == 0);
    printf("  pending %d %d %d\n", sigismember(&pending, SIGRTMIN),
           sigismember(&pending, SIGRTMIN + 1), sigismember(&pending, SIGUSR1));
    return 5;
}

static void as_nobody(const char *what, int (*fn)(long))
{
    pid_t pid = fork_child();

    if (pid == 0) {
        if (getuid() == 0)
            EXPECT(setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
        printf("%s\n", what);
        fn(0);
        fflush(stdout);
        _exit(0);
    }
    EXPECT(reap(pid) == 0);
}

int main(void)
{
    printf("files\n");
    fflush(stdout);
    printf("ended by SIGXFSZ %d\n",
           reap(spawn(file_size, 0)) == 128 + SIGXFSZ);
    as_nobody("address space", address_space);
    as_nobody("locked", locked);
    as_nobody("data", data);
    as_nobody("segments", segment);
    as_nobody("processes", processes);
    as_nobody("signals", queued);
    printf("stack\n");
    fflush(stdout);
    printf("ended by SIGSEGV %d\n", reap(spawn(stack, 0)) == 128 + SIGSEGV);
    return 0;
}
