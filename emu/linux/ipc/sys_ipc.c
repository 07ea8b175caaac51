// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipc(2): all of System V IPC in one call.
 *
 * Source: linux v6.2 arch/sparc/kernel/sys_sparc_64.c sys_sparc_ipc
 */
#include <errno.h>

#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

#define SEMOP_G      1
#define SEMGET_G     2
#define SEMCTL_G     3
#define SEMTIMEDOP_G 4
#define MSGSND_G     11
#define MSGRCV_G     12
#define MSGGET_G     13
#define MSGCTL_G     14
#define SHMAT_G      21
#define SHMDT_G      22
#define SHMGET_G     23
#define SHMCTL_G     24

/* Set in a command; here, and only here, it does not matter. */
#define IPC_64_G UINT64_C(0x100)

/* The address goes through memory. */
static int64_t ipc_shmat(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {a[1], a[4], a[2]};
    int64_t at = sys_shmat(t, b);

    if (at < 0 && at >= -4095)
        return at;
    return put_user64(t, a[3], (uint64_t)at);
}

int64_t sys_ipc(struct task *t, const uint64_t a[6])
{
    const uint64_t first = a[1], second = a[2], third = a[3], ptr = a[4];

    switch ((uint32_t)a[0]) {
    case SEMOP_G:
        return sys_semtimedop(t, (const uint64_t[6]){first, ptr, second});
    case SEMTIMEDOP_G:
        return sys_semtimedop(t, (const uint64_t[6]){first, ptr, second, a[5]});
    case SEMGET_G:
        return sys_semget(t, (const uint64_t[6]){first, second, third});
    case SEMCTL_G:
        return sys_semctl(
            t, (const uint64_t[6]){first, second, third & ~IPC_64_G, ptr});
    case MSGSND_G:
        return sys_msgsnd(t, (const uint64_t[6]){first, ptr, second, third});
    case MSGRCV_G:
        return sys_msgrcv(t,
                          (const uint64_t[6]){first, ptr, second, a[5], third});
    case MSGGET_G: return sys_msgget(t, (const uint64_t[6]){first, second});
    case MSGCTL_G:
        return sys_msgctl(t,
                          (const uint64_t[6]){first, second & ~IPC_64_G, ptr});
    case SHMAT_G: return ipc_shmat(t, a);
    case SHMDT_G: return sys_shmdt(t, (const uint64_t[6]){ptr});
    case SHMGET_G:
        return sys_shmget(t, (const uint64_t[6]){first, second, third});
    case SHMCTL_G:
        return sys_shmctl(t,
                          (const uint64_t[6]){first, second & ~IPC_64_G, ptr});
    default: return -ENOSYS;
    }
}
