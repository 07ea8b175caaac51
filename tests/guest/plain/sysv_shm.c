// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/sysv_shm.c - System V shared memory: results, times and counts
 *
 * Catches attachments where they may not be, counts of them that areas,
 * children and ends of processes do not change, segments that go too early or
 * never, and permissions that nobody asks for.
 */
#define _GNU_SOURCE
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include "process.h"
#include "try.h"

#define SIZE (4 * 65536)

static int id;

static struct shmid_ds state(void)
{
    struct shmid_ds ds;

    EXPECT(shmctl(id, IPC_STAT, &ds) == 0);
    return ds;
}

static void show(const char *what, pid_t last)
{
    struct shmid_ds ds = state();

    printf("  %s: %ld attached, mode %o, last %d, times %d %d %d\n", what,
           (long)ds.shm_nattch, ds.shm_perm.mode, ds.shm_lpid == last,
           ds.shm_atime != 0, ds.shm_dtime != 0, ds.shm_ctime != 0);
}

static void results(void)
{
    key_t key = 0x5ec00000 | (getpid() & 0xffff);
    volatile int minus = -1;
    struct shmid_ds ds;
    int nobodys;
    char *p;

    puts("results");
    TRY_DONE(shmget(IPC_PRIVATE, 0, 0600));
    TRY_DONE(shmget(IPC_PRIVATE, minus, 0600));
    TRY_DONE(shmget(key, 1, 0600));
    id = shmget(key, SIZE, 0600 | IPC_CREAT | IPC_EXCL);
    TRY_DONE(id);
    nobodys = id ^ OTHER_TIME;
    TRY_DONE(shmget(key, SIZE, 0600 | IPC_CREAT | IPC_EXCL));
    TRY_DONE(shmget(key, SIZE + 1, 0600));
    printf("  the same %d\n", shmget(key, 1, 0) == id);
    show("new", 0);
    p = shmat(id, NULL, 0);
    EXPECT(p != (void *)-1);
    TRY_DONE(shmat(minus, NULL, 0));
    TRY_DONE(shmat(nobodys, NULL, 0));
    TRY_DONE(shmat(id, NULL, SHM_REMAP));
    TRY_DONE(shmat(id, (void *)1, SHM_RND | SHM_REMAP));
    TRY_DONE(shmat(id, p + 1, 0));
    TRY_DONE(shmat(id, p, 0)); /* there is something */
    TRY_DONE(shmat(id, p + 1, SHM_RND));
    TRY_DONE(shmat(id, p, SHM_REMAP));
    TRY_DONE(shmdt(p + 1));
    TRY_DONE(shmdt(p + SIZE));
    TRY_DONE(shmdt(p));
    TRY_DONE(shmdt(p));
    p = shmat(id, NULL, SHM_RDONLY);
    TRY_DONE(mprotect(p, SIZE, PROT_READ | PROT_WRITE));
    TRY_DONE(mprotect(p, SIZE, PROT_NONE));
    TRY_DONE(shmdt(p));
    TRY_DONE(shmctl(id, 99, &ds));
    TRY_DONE(shmctl(minus, IPC_STAT, &ds));
    TRY_DONE(shmctl(id, IPC_STAT, (void *)8));
    ds = state();
    printf("  bytes %ld creator %d\n", (long)ds.shm_segsz,
           ds.shm_cpid == getpid());
    ds.shm_perm.mode = 0640;
    TRY_DONE(shmctl(id, IPC_SET, &ds));
    TRY_DONE(shmctl(id, SHM_LOCK, NULL));
    show("locked", getpid());
    TRY_DONE(shmctl(id, SHM_UNLOCK, NULL));
    show("free", getpid());
    TRY_DONE(shmctl(id, IPC_RMID, NULL));
    TRY_DONE(shmctl(id, IPC_RMID, NULL));
    TRY_DONE(shmat(id, NULL, 0));
}

static struct channel go;

static int child(long unused)
{
    (void)unused;
    return (int)hear(&go); /* then its areas are gone */
}

static void counts(void)
{
    long page = sysconf(_SC_PAGESIZE);
    pid_t pid;
    char *p;

    puts("counts");
    id = shmget(IPC_PRIVATE, SIZE, 0600);
    p = shmat(id, NULL, 0);
    show("one", getpid());
    EXPECT(munmap(p + SIZE / 2, page) == 0);
    show("cut in two", getpid());
    go = channel_open();
    pid = spawn(child, 0);
    while (state().shm_nattch != 4)
        usleep(1000);
    show("and a child", pid);
    say(&go, 0);
    EXPECT(reap(pid) == 0);
    show("that ended", pid);
    EXPECT(shmctl(id, IPC_RMID, NULL) == 0);
    show("removed", pid);
    strcpy(p, "still there");
    EXPECT(munmap(p, SIZE / 2) == 0);
    show("first half gone", getpid());
    EXPECT(shmdt(p) == 0);
    TRY_DONE(shmctl(id, IPC_STAT, &(struct shmid_ds){ 0 }));
}

/* Of a removed segment, whatever ends the last area. */
static int ends_it(long how)
{
    char *p = shmat(id, NULL, 0);

    EXPECT(shmctl(id, IPC_RMID, NULL) == 0);
    EXPECT(shmat(id, NULL, 0) != (void *)-1); /* still */
    strcpy(p, "x");
    if (how == 1)
        kill(getpid(), SIGKILL);
    if (how == 2)
        execl("/nonexistent", "x", NULL);
    return 0;
}

static void ends(void)
{
    puts("ends");
    for (int how = 0; how < 3; how++) {
        id = shmget(IPC_PRIVATE, SIZE, 0600);
        printf("  exit %d\n", reap(spawn(ends_it, how)));
        TRY_DONE(shmctl(id, IPC_STAT, &(struct shmid_ds){ 0 }));
    }
}

/* Another user: only root can be one. */
static int stranger(long unused)
{
    struct shmid_ds ds;

    (void)unused;
    if (setresuid(65534, 65534, 65534))
        return 0;
    TRY_DONE(shmat(id, NULL, 0));
    TRY_DONE(shmat(id, NULL, SHM_RDONLY));
    TRY_DONE(shmctl(id, IPC_STAT, &ds));
    TRY_DONE(shmctl(id, IPC_SET, &ds));
    TRY_DONE(shmctl(id, SHM_LOCK, NULL));
    TRY_DONE(shmctl(id, IPC_RMID, NULL));
    return 0;
}

int main(void)
{
    results();
    counts();
    ends();
    puts("strangers");
    id = shmget(IPC_PRIVATE, SIZE, 0604);
    EXPECT(reap(spawn(stranger, 0)) == 0);
    EXPECT(shmctl(id, IPC_RMID, NULL) == 0);
    return 0;
}
