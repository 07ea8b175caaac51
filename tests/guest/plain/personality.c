// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/personality.c - personality(2), and what its bits do
 *
 * Catches a personality that is not kept, or lost by fork or execve, areas
 * that may be read and not executed, and a timeout that is changed.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/select.h>
#include <sys/shm.h>
#include <sys/utsname.h>
#include "process.h"
#include "try.h"

#define ASK 0xffffffff

/* What /proc says of the area at @p. */
static const char *rights(const void *p)
{
    static char mode[5];
    unsigned long start, end;
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512];

    strcpy(mode, "none");
    while (maps && fgets(line, sizeof(line), maps)) {
        if (sscanf(line, "%lx-%lx %4s", &start, &end, mode) == 3 &&
            start <= (unsigned long)p && (unsigned long)p < end)
            break;
        strcpy(mode, "none");
    }
    fclose(maps);
    return mode;
}

static void *map(int prot)
{
    return mmap(NULL, 8192, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void read_implies_exec(void)
{
    char *read_only, *none = map(PROT_NONE), *shared, *heap;
    int id = shmget(IPC_PRIVATE, 8192, 0600);

    EXPECT(personality(READ_IMPLIES_EXEC) == 0);
    read_only = map(PROT_READ);
    shared = shmat(id, NULL, 0);
    heap = sbrk(1 << 20);
    printf("read %s", rights(read_only));
    printf(", none %s", rights(none));
    EXPECT(mprotect(none, 8192, PROT_READ | PROT_WRITE) == 0);
    printf(", both %s", rights(none));
    EXPECT(mprotect(none, 8192, PROT_WRITE) == 0);
    printf(", write %s", rights(none));
    printf(", shm %s", rights(shared));
    printf(", heap %s\n", rights(heap + (1 << 19)));
    personality(0);
    EXPECT(mprotect(none, 8192, PROT_READ) == 0);
    printf("without: %s", rights(none));
    printf(", %s\n", rights(map(PROT_READ)));
    shmctl(id, IPC_RMID, NULL);
}

static void timeouts(void)
{
    struct timeval tv = { 0, 5000 };
    struct timespec ts = { 0, 5000000 };

    EXPECT(select(0, NULL, NULL, NULL, &tv) == 0);
    printf("left %ld", (long)tv.tv_usec);
    personality(STICKY_TIMEOUTS);
    tv.tv_usec = 5000;
    EXPECT(select(0, NULL, NULL, NULL, &tv) == 0);
    printf(", sticky %ld\n", (long)tv.tv_usec);
    EXPECT(ppoll(NULL, 0, &ts, NULL) == 0);
    personality(0);
}

static void show(const char *who)
{
    struct utsname u;
    char line[16] = "";
    FILE *f = fopen("/proc/self/personality", "r");

    EXPECT(f && fgets(line, sizeof(line), f));
    fclose(f);
    uname(&u);
    printf("%s: 0x%x, %.8s, %s\n", who, personality(ASK), line,
           strncmp(u.release, "2.6.", 4) ? "new" : "old");
    fflush(stdout);
}

#ifdef __sparc__
/* sparc64 hides that a process is one of 32 bits; others do not. */
static void compat(void)
{
    struct utsname u;

    EXPECT(personality(PER_SVR4) > 0 && personality(ASK) == PER_SVR4);
    personality(PER_LINUX);
    EXPECT(personality(PER_LINUX32) == 0 && personality(PER_LINUX) == 0);
    EXPECT(personality(ASK) == 0);
    uname(&u);
    EXPECT(strcmp(u.machine, "sparc") == 0);
}
#else
static void compat(void)
{
}
#endif

int main(int argc, char **argv)
{
    static const unsigned kinds[] = { PER_SVR4, PER_BSD, PER_HPUX,
                                      PER_MASK, ADDR_NO_RANDOMIZE, 0xfffffffe };

    (void)argc;
    if (argv[0][0] == 'x') {
        show("after execve");
        compat();
        return 0;
    }
    show("at first");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        EXPECT(personality(kinds[i]) >= 0);
        printf("0x%x\n", personality(ASK));
    }
    personality(0);
    read_implies_exec();
    timeouts();
    personality(UNAME26 | STICKY_TIMEOUTS);
    if (fork_child() == 0) {
        show("child");
        return 0;
    }
    wait(NULL);
    execl("/proc/self/exe", "x", NULL);
    return 1;
}
