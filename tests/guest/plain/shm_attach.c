// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/shm_attach.c - SysV shared memory in one process
 *
 * Catches attachments that are not one memory, a wrong place or rounding,
 * rights that are not kept, and wrong errors.
 */
#include <setjmp.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include "process.h"

#define SIZE (5 * PAGE - 100)

static sigjmp_buf back;
static int id;

static void on_segv(int sig)
{
    siglongjmp(back, sig);
}

static int stores(volatile char *p)
{
    if (sigsetjmp(back, 1))
        return 0;
    *p = *p + 1;
    return 1;
}

static long attached(void)
{
    struct shmid_ds ds;

    EXPECT(shmctl(id, IPC_STAT, &ds) == 0 && ds.shm_segsz == SIZE);
    EXPECT((ds.shm_perm.mode & 0777) == 0640);
    return ds.shm_nattch;
}

static char *attach(void *at, int flags)
{
    char *p = shmat(id, at, flags);

    EXPECT(p != (void *)-1);
    return p;
}

static void errors(char *busy)
{
    errno = 0;
    EXPECT(shmget(IPC_PRIVATE, 0, 0600) == -1 && errno == EINVAL);
    EXPECT(shmat(-5, NULL, 0) == (void *)-1 && errno == EINVAL);
    EXPECT(shmat(id, busy, 0) == (void *)-1 && errno == EINVAL);
    EXPECT(shmat(id, busy + 1, 0) == (void *)-1 && errno == EINVAL);
    EXPECT(shmdt(busy + PAGE) == -1 && errno == EINVAL);
    EXPECT(shmctl(id, 12345, NULL) == -1 && errno == EINVAL);
    puts("errors ok");
}

int main(void)
{
    char *a, *b, *ro, *c;

    set_handler(SIGSEGV, on_segv, 0);
    id = shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0640);
    EXPECT(id >= 0);
    a = attach(NULL, 0);
    b = attach(NULL, 0);
    ro = attach(NULL, SHM_RDONLY);
    printf("attached %ld\n", attached());
    for (long i = 0; i < 5 * PAGE; i++)
        EXPECT(a[i] == 0);              /* also behind the end, in its page */
    for (long i = 0; i < SIZE; i += 33)
        (i & 1 ? a : b)[i] = i / 33;
    for (long i = 0; i < SIZE; i += 33)
        EXPECT(a[i] == (char)(i / 33) && b[i] == a[i] && ro[i] == a[i]);
    printf("stores %d%d%d\n", stores(a), stores(b), stores(ro));
    EXPECT(ro[0] == 2);
    errors(a);

    /* a part goes, a part gets other rights; the memory stays */
    EXPECT(munmap(b + PAGE, PAGE) == 0);
    EXPECT(mprotect(b + 3 * PAGE, PAGE, PROT_READ) == 0);
    printf("pieces %d%d%d%d%d, attached %ld\n", stores(b), stores(b + PAGE),
           stores(b + 2 * PAGE), stores(b + 3 * PAGE), stores(b + 4 * PAGE),
           attached());
    EXPECT(memcmp(a, ro, 5 * PAGE) == 0);
    EXPECT(shmdt(b) == 0);
    printf("without b: %ld, %d\n", attached(), stores(b + 2 * PAGE));

    /* at a given place; over another with SHM_REMAP is another matter */
    c = attach(b, 0);
    EXPECT(c == b && memcmp(c, a, 5 * PAGE) == 0);
    EXPECT(shmdt(c) == 0);
    c = attach(b + 77, SHM_RND);
    EXPECT(((uintptr_t)c & (PAGE - 1)) == 0 && c <= b + 77);
    EXPECT(madvise(c, 5 * PAGE, MADV_DONTNEED) == 0);
    EXPECT(memcmp(c, a, 5 * PAGE) == 0);

    EXPECT(shmctl(id, IPC_RMID, NULL) == 0);
    EXPECT(shmdt(a) == 0 && shmdt(ro) == 0 && attached() == 1);
    printf("last %016llx\n", (unsigned long long)
           fold_bytes(FOLD_START, c, SIZE));
    EXPECT(shmdt(c) == 0);
    errno = 0;
    EXPECT(shmat(id, NULL, 0) == (void *)-1);
    EXPECT(errno == EINVAL || errno == EIDRM);
    return 0;
}
