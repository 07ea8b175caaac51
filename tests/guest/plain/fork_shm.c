// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/fork_shm.c - SysV shared memory between parent and child
 *
 * Catches a segment that is copied by fork, wrong attach counts, and one
 * that is removed too early or never.
 */
#include <sys/ipc.h>
#include <sys/shm.h>
#include "process.h"

#define PAGES 6
#define SIZE  (PAGES * PAGE)

static struct channel ping, pong;
static unsigned char *seg;
static int id;

static long attached(void)
{
    struct shmid_ds ds;

    return shmctl(id, IPC_STAT, &ds) == 0 ? (long)ds.shm_nattch : -1;
}

static void fill(int n)
{
    for (long i = n; i < SIZE; i += 7)
        seg[i] += i / 64 + n;
}

static long sum(void)
{
    return fold_bytes(FOLD_START, seg, SIZE) >> 8;
}

static int child(long n)
{
    unsigned char *again;

    EXPECT(hear(&ping) == sum());
    fill(n);
    say(&pong, sum());
    hear(&ping);
    again = shmat(id, NULL, 0);         /* at another place */
    EXPECT(again != (void *)-1 && again != seg);
    say(&pong, attached());
    EXPECT(memcmp(again, seg, SIZE) == 0);
    shmdt(seg);
    seg = again;
    fill(n + 1);
    say(&pong, attached());
    EXPECT(hear(&ping) == sum());
    return 0;                           /* still attached */
}

int main(void)
{
    struct shmid_ds ds;
    pid_t pid;

    alarm(60);
    ping = channel_open();
    pong = channel_open();
    id = shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600);
    EXPECT(id >= 0 && attached() == 0);
    seg = shmat(id, NULL, 0);
    EXPECT(seg != (void *)-1 && attached() == 1);
    fill(0);
    for (long n = 1; n < 4; n++) {
        long two, one;

        pid = spawn(child, n);
        EXPECT(attached() == 2);
        say(&ping, sum());
        EXPECT(hear(&pong) == sum());
        say(&ping, 0);
        two = hear(&pong);
        one = hear(&pong);
        say(&ping, sum());
        EXPECT(reap(pid) == 0);
        printf("child %ld: attached %ld, then %ld, then %ld: %014lx\n", n,
               two, one, attached(), sum());
    }

    /* made by a child, used by us after its end */
    pid = fork_child();
    if (pid == 0) {
        int other = shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600);

        seg = shmat(other, NULL, 0);
        memset(seg, 'c', SIZE);
        say(&pong, other);
        _exit(0);
    }
    EXPECT(reap(pid) == 0);
    EXPECT(shmdt(seg) == 0 && shmctl(id, IPC_RMID, NULL) == 0);
    EXPECT(attached() == -1 && (errno == EINVAL || errno == EIDRM));
    id = hear(&pong);
    EXPECT(attached() == 0);
    seg = shmat(id, NULL, SHM_RDONLY);
    EXPECT(seg != (void *)-1 && seg[0] == 'c' && seg[SIZE - 1] == 'c');

    /* removed: those who have it keep it, also across fork */
    EXPECT(shmctl(id, IPC_RMID, NULL) == 0);
    EXPECT(shmctl(id, IPC_STAT, &ds) == 0 && ds.shm_nattch == 1);
    pid = fork_child();
    if (pid == 0)
        _exit(seg[PAGE] == 'c' && attached() == 2 ? 0 : 1);
    EXPECT(reap(pid) == 0 && attached() == 1);
    EXPECT(shmdt(seg) == 0 && attached() == -1);
    puts("removed with the last");
    return 0;
}
