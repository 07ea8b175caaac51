// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/shm_sample.c - what the sample of the kernel's ADI document does
 *
 * A SysV segment of 32 MiB, PROT_ADI, version 10 by stxa to ASI 0x90, then
 * each byte is written and verified through tagged addresses.
 *
 * run: --ram=128M --error-exitcode=9
 * stdout: SHM: verified 33554432 bytes with version 10
 * report: errors == False
 * report: counters.tag_stores == 2 * 32 * 1024 * 1024 // 64
 * report: counters.mismatches == 0
 */
#include <sys/auxv.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#include "adi/adi.h"

#define SIZE    (32ul << 20)
#define VERSION 10

int main(void)
{
    unsigned long block = getauxval(48), bits = getauxval(49);
    volatile unsigned char *shm, *p;
    int id;

    CHECK(block == BLOCK);
    CHECK(bits == 4);
    id = shmget(2, SIZE, IPC_CREAT | 0600);
    CHECK(id >= 0);
    shm = shmat(id, NULL, 0);
    CHECK(shm != (void *)-1);
    CHECK(mprotect((void *)shm, SIZE, PROT_READ | PROT_WRITE | PROT_ADI) == 0);
    tag_range(shm, SIZE, VERSION);

    p = tagged(shm, VERSION);
    for (size_t i = 0; i < SIZE; i++)
        p[i] = (unsigned char)(i * 7);
    for (size_t i = 0; i < SIZE; i++)
        CHECK(p[i] == (unsigned char)(i * 7));
    printf("SHM: verified %lu bytes with version %d\n", SIZE, VERSION);

    tag_range(shm, SIZE, 0);
    CHECK(shmdt((void *)shm) == 0);
    CHECK(shmctl(id, IPC_RMID, NULL) == 0);
    return 0;
}
