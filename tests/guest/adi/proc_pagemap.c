// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc/self/pagemap: frames, swap entries, and whose they are.
 *
 * run: --swap=16M
 * stdout: ok
 * run: --swap=16M --kernel=swap-keyed
 * stdout: ok
 */
#include "adi/procfs.h"

#include <errno.h>
#include <sys/shm.h>

static void check_anonymous(void)
{
    char *p = map_pages(3, PROT_READ | PROT_WRITE | PROT_ADI);
    uint64_t first, second;
    volatile char sink;

    CHECK(pagemap_of(p) == 0);
    sink = p[0];
    (void)sink;
    CHECK(pagemap_of(p) == PM_PRESENT); /* the zero page, frame 0 */
    p[0] = 1;
    p[PAGE] = 2;
    first = pagemap_of(p);
    second = pagemap_of(p + PAGE);
    CHECK((first & ~PM_PFN(~0ul)) == (PM_PRESENT | PM_EXCLUSIVE));
    CHECK(PM_PFN(first) != 0 && PM_PFN(first) != PM_PFN(second));
    CHECK(pagemap_of(p) == first);
    CHECK(pagemap_of(p + 2 * PAGE) == 0);

    /* Type 0, and the slots in the order in which the pages left. */
    page_out(p);
    page_out(p + PAGE);
    first = pagemap_of(p);
    second = pagemap_of(p + PAGE);
    CHECK((first & ~PM_PFN(~0ul)) == PM_SWAP);
    CHECK((PM_PFN(first) & 31) == 0);
    CHECK(PM_PFN(first) >> 5 == 1 && PM_PFN(second) >> 5 == 2);
    CHECK(p[0] == 1);
    CHECK((pagemap_of(p) & ~PM_PFN(~0ul)) == (PM_PRESENT | PM_EXCLUSIVE));
    CHECK(pagemap_of(p + PAGE) == second);
    CHECK(munmap(p, 3 * PAGE) == 0);
    CHECK(pagemap_of(p) == 0 && pagemap_of(p + PAGE) == 0);
}

static void check_shared(void)
{
    int id = shmget(IPC_PRIVATE, PAGE, 0600);
    char *a = shmat(id, NULL, 0), *b = shmat(id, NULL, 0);

    CHECK(a != (void *)-1 && b != (void *)-1);
    a[0] = 1;
    CHECK((pagemap_of(a) & ~PM_PFN(~0ul)) ==
          (PM_PRESENT | PM_FILE | PM_EXCLUSIVE));
    CHECK(b[0] == 1);
    CHECK((pagemap_of(a) & ~PM_PFN(~0ul)) == (PM_PRESENT | PM_FILE));
    CHECK(pagemap_of(a) == pagemap_of(b));
    CHECK(shmdt(a) == 0 && shmdt(b) == 0 && shmctl(id, IPC_RMID, NULL) == 0);
    /* The program's own text, from its file. */
    CHECK((pagemap_of((void *)(uintptr_t)check_shared) & ~PM_PFN(~0ul)) ==
          (PM_PRESENT | PM_FILE | PM_EXCLUSIVE));
}

static void check_reads(void)
{
    int fd = open("/proc/self/pagemap", O_RDONLY);
    char *p = map_pages(600, PROT_READ | PROT_WRITE);
    off_t at = (off_t)((uintptr_t)p / PAGE * 8);
    static uint64_t entries[602];
    uint64_t one;

    for (size_t i = 0; i < 600; i += 2)
        p[i * PAGE] = 1;
    CHECK(pread(fd, entries, sizeof(entries), at - 8) == sizeof(entries));
    for (size_t i = 0; i < 600; i++)
        CHECK(entries[i + 1] == pagemap_of(p + i * PAGE));
    CHECK(entries[1] & PM_PRESENT && entries[2] == 0);
    /* One after the other. */
    CHECK(lseek(fd, at, SEEK_SET) == at);
    for (size_t i = 0; i < 600; i++)
        CHECK(read(fd, &one, 8) == 8 && one == entries[i + 1]);
    /* Entries are read as a whole. */
    CHECK(pread(fd, &one, 4, at) == -1 && errno == EINVAL);
    CHECK(pread(fd, &one, 8, at + 4) == -1 && errno == EINVAL);
    CHECK(pread(fd, &one, 8, 0) == 8 && one == 0);
    CHECK(close(fd) == 0);
}

int main(void)
{
    check_anonymous();
    check_shared();
    check_reads();
    puts("ok");
    return 0;
}
