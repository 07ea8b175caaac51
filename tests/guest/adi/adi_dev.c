// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/adi_dev.c - /dev/adi: tags by real address, those of pagemap
 *
 * Root's alone.  What it sets, the CPU checks at once, in each process that
 * shows the frame; it is saved with the page, and nothing was lost.
 *
 * run: --ram=32M --swap=16M
 * kernels: *
 * also: --nodes=4
 * stdout: ok
 * report: totals.lost_pages == 0 and totals.stale_pages == 0
 *
 * run: --cpu=t4
 * stdout: no device
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>

#include "adi/processes.h"
#include "adi/procfs.h"

#define DEV  "/dev/adi"
#define FULL (32ul << 20) /* bytes of RAM */

static int dev;
static unsigned char tags[3 * PAGE];

/* The block at a page of ours, as the device counts. */
static off_t block_of(const void *p)
{
    int fd = open("/proc/self/pagemap", O_RDONLY);
    uint64_t entry;

    CHECK(pread(fd, &entry, 8, (off_t)((uintptr_t)p / PAGE * 8)) == 8);
    CHECK(entry >> 63 == 1 && close(fd) == 0);
    return (off_t)((entry & ((1ul << 55) - 1)) * NTAGS);
}

/* All tags of the page, by the device. */
static void dev_set(const void *page, unsigned tag)
{
    memset(tags, (int)tag, NTAGS);
    CHECK(pwrite(dev, tags, NTAGS, block_of(page)) == (ssize_t)NTAGS);
}

static void check_place(void)
{
    struct stat st;

    CHECK(stat(DEV, &st) == 0 && S_ISCHR(st.st_mode));
    CHECK((st.st_mode & 07777) == 0600 && st.st_uid == 0 && st.st_gid == 0);
    CHECK(major(st.st_rdev) == 10);
    CHECK(chdir("/dev") == 0 && stat("adi", &st) == 0 && S_ISCHR(st.st_mode));
    CHECK(open("adi/", O_RDWR) == -1 && errno == ENOTDIR);
    CHECK(open(DEV, O_RDWR | O_CREAT | O_EXCL, 0600) == -1 && errno == EEXIST);
    CHECK(open("adix", O_RDWR) == -1 && errno == ENOENT);
}

/* Others learn neither tags nor where there is memory. */
static void check_others(void)
{
    char *p;

    CHECK(open(DEV, O_RDONLY) == -1 && errno == EACCES);
    CHECK(open(DEV, O_RDWR) == -1 && errno == EACCES);
    CHECK(access(DEV, R_OK) == -1 && errno == EACCES);
    CHECK(access(DEV, F_OK) == 0);
    p = proc_read("/proc/iomem");
    CHECK(is_line(&p, "00000000-00000000 : System RAM"));
}

static void check_ranges(void)
{
    unsigned long start, end, next = PAGE;
    char *p = proc_read("/proc/iomem");
    int n;

    for (; *p; p += n) {
        CHECK(sscanf(p, "%lx-%lx : System RAM\n%n", &start, &end, &n) == 2);
        CHECK(start == next);
        CHECK(pread(dev, tags, 1, (off_t)(start / BLOCK)) == 1);
        CHECK(pread(dev, tags, 1, (off_t)(end / BLOCK)) == 1);
        next = end + 1;
    }
    CHECK(next == FULL);
}

static void check_values(void)
{
    char *page = map_pages(1, PROT_READ | PROT_WRITE | PROT_ADI);

    for (unsigned i = 0; i < NTAGS; i++)
        tag_set(page + i * BLOCK, i % 14);
    tag_sync();
    CHECK(pread(dev, tags, NTAGS, block_of(page)) == (ssize_t)NTAGS);
    for (unsigned i = 0; i < NTAGS; i++)
        CHECK(tags[i] == i % 14);
    tags[0] = 9, tags[1] = 0xf3; /* four bits are kept */
    CHECK(pwrite(dev, tags, 2, block_of(page) + 3) == 2);
    CHECK(tag_get(page + 3 * BLOCK) == 9 && tag_get(page + 4 * BLOCK) == 3);
    CHECK(tag_get(page + 2 * BLOCK) == 2 && tag_get(page + 5 * BLOCK) == 5);
    dev_set(page, 6);
    page_out(page);
    CHECK(*(char *)tagged(page + PAGE - 1, 6) == 0);
    CHECK(tag_get(page) == 6 && tag_get(page + PAGE - BLOCK) == 6);
}

INSN(load, "", "ldub [%o0], %o1", "");

/* The CPU has seen the page with tag 5, and must hear of tag 6. */
static void check_told(void)
{
    char *page = map_pages(1, PROT_READ | PROT_WRITE | PROT_ADI);

    tag_range(page, PAGE, 5);
    *(char *)tagged(page + 77, 5) = 'x';
    dev_set(page, 6);
    CHECK(*(char *)tagged(page + 77, 6) == 'x');
    faults_catch();
    load(tagged(page + 77, 5), 0, NULL);
    CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, tagged(page + 77, 5), load_pc));
}

/* Every process that shows the frame. */
static void check_shared(void)
{
    char *all = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_ADI,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char *cow = map_pages(1, PROT_READ | PROT_WRITE | PROT_ADI);
    struct turn mine = turn_make(), childs = turn_make();
    pid_t child;

    CHECK(all != MAP_FAILED);
    *all = 'a', *cow = 'c';
    child = fork_flushed();
    if (child == 0) {
        CHECK(*all == 'a' && *cow == 'c');
        turn_give(&mine);
        turn_wait(&childs);
        CHECK(*(char *)tagged(all, 7) == 'a' && tag_get(all) == 7);
        CHECK(*(char *)tagged(cow, 8) == 'c' && tag_get(cow) == 8);
        *(char *)tagged(cow, 8) = 'd'; /* copied, with its tags */
        CHECK(tag_get(cow + BLOCK) == 8);
        leave(0);
    }
    turn_wait(&mine);
    dev_set(all, 7);
    dev_set(cow, 8);
    turn_give(&childs);
    CHECK(reap(child) == 0);
    CHECK(*(char *)tagged(all, 7) == 'a' && *(char *)tagged(cow, 8) == 'c');
    /* gone from memory, and nobody's when it is set */
    page_out(cow);
    CHECK(*(char *)tagged(cow, 8) == 'c');
    CHECK(munmap(all, PAGE) == 0);
}

/* Two that fork has made have the page in swap, and one has it back. */
static void check_swapped(void)
{
    char *page = map_pages(1, PROT_READ | PROT_WRITE | PROT_ADI);
    struct turn childs = turn_make();
    pid_t child;

    tag_range(page, PAGE, 5);
    *(char *)tagged(page, 5) = 's';
    page_out(page);
    child = fork_flushed();
    if (child == 0) {
        turn_wait(&childs);
        CHECK(tag_get(page) == 7 && *(char *)tagged(page, 7) == 's');
        leave(0);
    }
    CHECK(*(char *)tagged(page, 5) == 's');
    dev_set(page, 7);
    turn_give(&childs);
    CHECK(reap(child) == 0);
    CHECK(*(char *)tagged(page, 7) == 's' && tag_get(page + BLOCK) == 7);
}

/* Of memory that no process shows: what is read into it later has tags of 0. */
static void check_free(void)
{
    off_t last = (off_t)(FULL / BLOCK) - (off_t)NTAGS;
    char *p;

    memset(tags, 4, sizeof(tags));
    for (int i = 0; i < 100; i++)
        (void)!pwrite(dev, tags, NTAGS, last - i * (off_t)NTAGS);
    p = map_pages(200, PROT_READ | PROT_WRITE | PROT_ADI);
    for (int i = 0; i < 200; i++)
        CHECK(p[i * (long)PAGE] == 0 && tag_get(p + i * (long)PAGE) == 0);
}

static void check_errors(void)
{
    off_t end = (off_t)(FULL / BLOCK);
    char *page = map_pages(2, PROT_READ | PROT_WRITE | PROT_ADI);
    struct iovec v[2] = {{tags, 0}, {tags, 1}};

    CHECK(munmap(page + PAGE, PAGE) == 0);
    *page = 1;
    CHECK(read(dev, tags, 0) == 0 && write(dev, tags, 0) == -1);
    CHECK(errno == EINVAL);
    /* far above all there is, and frame 0, which is everybody's */
    CHECK(pread(dev, tags, 1, end * 4) == -1 && errno == EFAULT);
    CHECK(pwrite(dev, tags, 1, 0) == -1 && errno == EFAULT);
    CHECK(pread(dev, tags, 1, -1) == -1 && errno == EINVAL);
    /* half-way: no count, and no step; tags that were set stay */
    CHECK(lseek(dev, end - 4, SEEK_SET) == end - 4);
    CHECK(read(dev, page + PAGE - 8, 16) == -1 && errno == EFAULT);
    CHECK(lseek(dev, 0, SEEK_CUR) == end - 4);
    memset(tags, 11, sizeof(tags));
    CHECK(pwrite(dev, tags, sizeof(tags), 600000) == -1 && errno == EFAULT);
    /* no position of its own for writev() of nothing, and a first part */
    CHECK(writev(dev, v, 1) == 0 && writev(dev, v, 2) == -1);
    CHECK(errno == EINVAL && readv(dev, v, 2) == 1);
    CHECK(lseek(dev, 0, SEEK_CUR) == end - 3);
    CHECK(preadv2(dev, v, 2, end - 4, RWF_NOWAIT) == -1);
    CHECK(errno == EOPNOTSUPP);
    CHECK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, dev, 0) == MAP_FAILED);
    CHECK(errno == ENODEV);
}

static void check_seek(void)
{
    volatile size_t many;

    CHECK(lseek(dev, 1000, SEEK_SET) == 1000);
    CHECK(lseek(dev, 1000, SEEK_SET) == -1 && errno == EINVAL);
    CHECK(lseek(dev, 0, SEEK_CUR) == 1000);
    CHECK(lseek(dev, -400, SEEK_CUR) == 600);
    CHECK(lseek(dev, 0, SEEK_END) == -1 && errno == EINVAL);
    CHECK(lseek(dev, 0, SEEK_DATA) == -1 && errno == EINVAL);
    CHECK(lseek(dev, 0, SEEK_HOLE) == -1 && errno == EINVAL);
    CHECK(read(dev, tags, 10) == 10 && lseek(dev, 0, SEEK_CUR) == 610);
    /* unsigned, but for what would be an error number */
    CHECK(lseek(dev, -1000000, SEEK_SET) == -1000000);
    CHECK(read(dev, tags, 10) == -1 && errno == EFAULT);
    many = 1000000; /* not for the compiler to know */
    CHECK(read(dev, tags, many) == -1 && errno == EOVERFLOW);
}

int main(void)
{
    pid_t child;

    if (getauxval(48) == 0) { /* AT_ADI_BLKSZ */
        CHECK(open(DEV, O_RDONLY) == -1 && errno == ENOENT);
        puts("no device");
        return 0;
    }
    check_place();
    if (geteuid() != 0) {
        check_others();
        puts("ok");
        return 0;
    }
    child = fork_flushed();
    if (child == 0) {
        if (setresuid(65534, 65534, 65534) == 0)
            check_others();
        else /* a user namespace may know nobody else */
            CHECK(errno == EINVAL || errno == EPERM);
        leave(0);
    }
    CHECK(reap(child) == 0);
    dev = open(DEV, O_RDWR);
    CHECK(dev >= 0);
    check_ranges();
    check_values();
    check_told();
    check_shared();
    check_swapped();
    check_free();
    check_errors();
    check_seek();
    puts("ok");
    return 0;
}
