// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Identifiers, indices and limits of System V IPC, by ipc(2) and by the calls
 * of their own; pages of segments in memory and in swap.
 *
 * run: --ram=32M --swap=16M
 * stdout: ok
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>

#include "adi/adi.h"

#ifndef SHM_STAT_ANY
#define SHM_STAT_ANY 15
#endif
#ifndef MSG_STAT_ANY
#define MSG_STAT_ANY 13
#endif
#ifndef SEM_STAT_ANY
#define SEM_STAT_ANY 20
#endif

/* The numbers of ipc(2). */
enum { SEMOP = 1, SEMGET, SEMCTL, SEMTIMEDOP, MSGSND = 11, MSGRCV, MSGGET,
       MSGCTL, SHMAT = 21, SHMDT, SHMGET, SHMCTL };

#define IPC(...)    syscall(SYS_ipc, __VA_ARGS__)
#define IS(err, call) (errno = 0, (call) == -1 && errno == (err))

static void check_shm(void)
{
    struct { int used; long tot, rss, swp, attempts, successes; } info;
    struct shminfo limits;
    struct shmid_ds ds;
    void *at;
    char *p;

    CHECK(shmctl(0, IPC_INFO, (void *)&limits) == 0);
    CHECK(limits.shmmax == -1ul - (1ul << 24));
    CHECK(limits.shmall == -1ul - (1ul << 24));
    CHECK(limits.shmmin == 1 && limits.shmmni == 4096);
    CHECK(limits.shmseg == 4096);
    CHECK(IPC(SHMGET, 77, 3 * PAGE, IPC_CREAT | 0600, 0, 0) == 0);
    CHECK(syscall(SYS_shmget, 78, 5 * PAGE + 1, IPC_CREAT | 0644) == 1);
    CHECK(syscall(SYS_shmget, IPC_PRIVATE, PAGE, 0) == 2);
    CHECK(shmctl(2, IPC_RMID, NULL) == 0);
    CHECK(shmctl(0, IPC_INFO, (void *)&limits) == 1); /* the highest index */
    CHECK(shmctl(0, SHM_INFO, (void *)&info) == 1);
    CHECK(info.used == 2 && info.tot == 3 + 6 && info.rss == 0);
    CHECK(IPC(SHMAT, 0, 0, &at, NULL, 0) == 0);
    p = at;
    for (int i = 0; i < 3; i++)
        p[i * PAGE] = 1;
    CHECK(madvise(p, PAGE, 21 /* MADV_PAGEOUT */) == 0);
    CHECK(shmctl(0, SHM_INFO, (void *)&info) == 1);
    CHECK(info.rss == 2 && info.swp == 1);
    CHECK(syscall(SYS_shmctl, 1, SHM_STAT, &ds) == 1);
    CHECK(ds.shm_segsz == 5 * PAGE + 1 && ds.shm_perm.__key == 78);
    CHECK(ds.shm_perm.mode == 0644 && ds.shm_perm.__seq == 0);
    CHECK(IPC(SHMCTL, 0, SHM_STAT_ANY, 0, &ds, 0) == 0);
    CHECK(ds.shm_nattch == 1 && ds.shm_perm.__key == 77);
    CHECK(IPC(SHMCTL, 0, IPC_STAT | 0x100, 0, &ds, 0) == 0);
    CHECK(IS(EINVAL, syscall(SYS_shmctl, 0, IPC_STAT | 0x100, &ds)));
    CHECK(IS(EINVAL, syscall(SYS_shmctl, 2, SHM_STAT, &ds)));
    CHECK(IPC(SHMDT, 0, 0, 0, p, 0) == 0);
    CHECK(IS(EINVAL, IPC(SHMDT, 0, 0, 0, p, 0)));
    CHECK(shmctl(0, IPC_RMID, NULL) == 0 && shmctl(1, IPC_RMID, NULL) == 0);
    CHECK(shmctl(0, SHM_INFO, (void *)&info) == 0);
    CHECK(info.used == 0 && info.tot == 0 && info.rss == 0 && info.swp == 0);
    CHECK(IS(ENOSYS, IPC(1 << 16 | SHMGET, 79, PAGE, IPC_CREAT, 0, 0)));
    CHECK(IS(ENOSYS, IPC(99, 0, 0, 0, 0, 0)));
}

/* An index is used again once 64 others were; then the id is another. */
static void check_cycle(void)
{
    int id[70];

    for (int i = 0; i < 70; i++) {
        id[i] = msgget(IPC_PRIVATE, 0600);
        CHECK(id[i] == (i < 64 ? i : (1 << 15) + i - 64));
        CHECK(msgctl(id[i], IPC_RMID, NULL) == 0);
    }
    CHECK(IS(EINVAL, msgctl(0, IPC_RMID, NULL)));
}

static void check_sem(void)
{
    struct sembuf up = { 1, 3, 0 }, down = { 1, -4, 0 };
    struct timespec soon = { 0, 1000 };
    struct seminfo info;
    struct semid_ds ds;

    CHECK(semctl(0, 0, IPC_INFO, &info) == 0);
    CHECK(info.semmni == 32000 && info.semmns == 1024000000);
    CHECK(info.semmsl == 32000 && info.semopm == 500);
    CHECK(info.semvmx == 32767 && info.semaem == 32767);
    CHECK(info.semmnu == 1024000000 && info.semmap == 1024000000);
    CHECK(info.semume == 500 && info.semusz == 20);
    CHECK(IPC(SEMGET, 5, 4, IPC_CREAT | 0600, 0, 0) == 0);
    CHECK(syscall(SYS_semget, 6, 2, IPC_CREAT | 0640) == 1);
    CHECK(semctl(0, 0, SEM_INFO, &info) == 1);
    CHECK(info.semusz == 2 && info.semaem == 6);
    CHECK(semctl(1, 0, SEM_STAT, &ds) == 1 && ds.sem_nsems == 2);
    CHECK(semctl(0, 0, SEM_STAT_ANY, &ds) == 0 && ds.sem_perm.__key == 5);
    CHECK(IS(EINVAL, semctl(2, 0, SEM_STAT, &ds)));
    /* An int in the upper half of the union. */
    CHECK(IPC(SEMCTL, 0, 1, SETVAL, 7ul << 32, 0) == 0);
    CHECK(syscall(SYS_semctl, 0, 1, GETVAL, 0) == 7);
    CHECK(syscall(SYS_semctl, 0, 1, SETVAL, 1ul << 32 | 9) == 0);
    CHECK(IPC(SEMCTL, 0, 1, GETVAL | 0x100, 0, 0) == 1);
    CHECK(IS(EINVAL, syscall(SYS_semctl, 0, 1, GETVAL | 0x100, 0)));
    CHECK(IPC(SEMOP, 0, 1, 0, &up, 0) == 0);
    CHECK(semctl(0, 1, GETVAL) == 4);
    CHECK(IPC(SEMTIMEDOP, 0, 1, 0, &down, &soon) == 0);
    CHECK(IS(EAGAIN, IPC(SEMTIMEDOP, 0, 1, 0, &down, &soon)));
    CHECK(syscall(SYS_semtimedop, 0, &up, 1, NULL) == 0);
    CHECK(IS(EAGAIN, syscall(SYS_semtimedop, 0, &down, 1, &soon)));
    CHECK(semctl(0, 0, IPC_RMID) == 0 && semctl(1, 0, IPC_RMID) == 0);
}

static void check_msg(void)
{
    struct { long type; char text[8]; } m = { 4, "abc" };
    struct msginfo info;
    struct msqid_ds ds;
    int id, other;

    CHECK(msgctl(0, IPC_INFO, (void *)&info) == 0);
    CHECK(info.msgmni == 32000 && info.msgmax == 8192);
    CHECK(info.msgmnb == 16384 && info.msgpool == 512000);
    CHECK(info.msgmap == 16384 && info.msgtql == 16384);
    CHECK(info.msgssz == 16 && info.msgseg == 65535);
    id = (int)IPC(MSGGET, 9, IPC_CREAT | 0600, 0, 0, 0);
    other = (int)syscall(SYS_msgget, 10, IPC_CREAT | 0600);
    CHECK(other == id + 1);
    CHECK(IPC(MSGSND, id, 3, 0, &m, 0) == 0);
    CHECK(syscall(SYS_msgsnd, other, &m, 2, 0) == 0);
    CHECK(msgctl(0, MSG_INFO, (void *)&info) == other % 32768);
    CHECK(info.msgpool == 2 && info.msgmap == 2 && info.msgtql == 5);
    CHECK(msgctl(id % 32768, MSG_STAT, &ds) == id && ds.msg_qnum == 1);
    CHECK(msgctl(id % 32768, MSG_STAT_ANY, &ds) == id);
    CHECK(ds.__msg_cbytes == 3 && ds.msg_perm.__seq == id >> 15);
    memset(&m, 0, sizeof(m));
    CHECK(IPC(MSGRCV, id, 8, 0, &m, 4) == 3 && m.type == 4);
    CHECK(strcmp(m.text, "abc") == 0);
    CHECK(IS(ENOMSG, IPC(MSGRCV, other, 8, IPC_NOWAIT, &m, 5)));
    CHECK(syscall(SYS_msgrcv, other, &m, 8, -9, 0) == 2);
    CHECK(IPC(MSGCTL, id, IPC_RMID | 0x100, 0, 0, 0) == 0);
    CHECK(syscall(SYS_msgctl, other, IPC_RMID, 0) == 0);
    CHECK(msgctl(0, MSG_INFO, (void *)&info) == 0 && info.msgtql == 0);
}

int main(void)
{
    check_shm();
    check_cycle();
    check_sem();
    check_msg();
    puts("ok");
    return 0;
}
