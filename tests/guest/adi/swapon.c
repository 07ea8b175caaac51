// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/swapon.c - swap devices by name, and swap files of the program's own
 *
 * From v6.3 on a page that was read and then stored to keeps its slot: its
 * entry said that it is exclusive, so nobody looks whether the slot can go.
 *
 * run: --swap=512K --swap=512K,pri=5 --swap=1M
 * kernels: remap mte-5.18 mte-6.1
 * stdout: right
 * report: errors == False and swap_bytes == 2 * 1048576
 * report: counters.pages_unused == 10
 * run: --swap=512K --swap=512K,pri=5 --swap=1M -E STAYS=1
 * kernels: mte-* !mte-5.18 !mte-6.1
 * stdout: right
 * report: errors == False and swap_bytes == 2 * 1048576
 * report: counters.pages_unused == 10
 * run: --swap=512K --swap=512K,pri=5 --swap=1M -E LOSES_TAGS=1
 * kernels: linux-5.* linux-6.1 linux-6.2
 * stdout: right
 * report: counters.pages_unused == 10 and counters.tags_restored == 11
 * run: --swap=512K --swap=512K,pri=5 --swap=1M -E LOSES_TAGS=1 -E STAYS=1
 * kernels: linux-* !linux-5.* !linux-6.1 !linux-6.2
 * stdout: right
 * report: counters.pages_unused == 10 and counters.tags_restored == 11
 * run: --swap=512K --swap=512K,pri=5 --swap=1M --strace
 * stdout: right
 * stderr: swapon("/dev/adi1", 0x8003)             = 0
 * stderr: swapoff("swapfile")                     = 0
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/swap.h>
#include <sys/sysinfo.h>

#include "adi/adi.h"

#define SLOTS 64u /* of our own file, with the header */

static unsigned long total_swap(void)
{
    struct sysinfo info;

    CHECK(sysinfo(&info) == 0);
    return info.totalswap * info.mem_unit / PAGE;
}

static unsigned long free_swap(void)
{
    struct sysinfo info;

    CHECK(sysinfo(&info) == 0);
    return info.freeswap * info.mem_unit / PAGE;
}

#define FAILS(call, err) (errno = 0, (call) == -1 && errno == (err))

/* mkswap(8): @last slot, @bytes long, @magic at the end of the page. */
static void make(const char *path, uint32_t version, uint32_t last,
                 uint32_t bad, const char *magic, size_t bytes)
{
    static char page[PAGE];
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

    CHECK(fd >= 0);
    memset(page, 0, sizeof(page));
    memcpy(page + 1024, &version, 4);
    memcpy(page + 1028, &last, 4);
    memcpy(page + 1032, &bad, 4);
    memcpy(page + PAGE - 10, magic, 10);
    CHECK(write(fd, page, PAGE) == (ssize_t)PAGE);
    memset(page, 0, sizeof(page));
    for (size_t at = PAGE; at < bytes; at += PAGE)
        CHECK(write(fd, page, PAGE) == (ssize_t)PAGE);
    CHECK(ftruncate(fd, (off_t)bytes) == 0);
    CHECK(close(fd) == 0);
}

static void refused(void)
{
    const char *f = "bad";
    unsigned before = total_swap();

    CHECK(FAILS(swapon("nothing", 0), ENOENT));
    CHECK(FAILS(swapon("/dev/adi3", 0), ENOENT));
    CHECK(FAILS(swapon("/dev/adi0", 0), EBUSY));
    CHECK(FAILS(swapon("/dev/adi0", 0x80000), EINVAL));
    CHECK(FAILS(swapon((char *)8, 0), EFAULT));
    CHECK(FAILS(swapon("/", 0), EINVAL));
    CHECK(FAILS(swapon("/dev/null", 0), EINVAL));
    CHECK(FAILS(swapoff("nothing"), ENOENT));
    CHECK(FAILS(swapoff("/dev/adi3"), ENOENT));
    make(f, 1, SLOTS - 1, 0, "SWAPSPACE2", SLOTS * PAGE);
    CHECK(FAILS(swapoff(f), EINVAL));
    make(f, 1, SLOTS - 1, 0, "SWAP-SPACE", SLOTS * PAGE);
    CHECK(FAILS(swapon(f, 0), EINVAL));
    make(f, 2, SLOTS - 1, 0, "SWAPSPACE2", SLOTS * PAGE);
    CHECK(FAILS(swapon(f, 0), EINVAL));
    make(f, 1, 0, 0, "SWAPSPACE2", SLOTS * PAGE);
    CHECK(FAILS(swapon(f, 0), EINVAL));
    make(f, 1, SLOTS, 0, "SWAPSPACE2", SLOTS * PAGE);
    CHECK(FAILS(swapon(f, 0), EINVAL));
    make(f, 1, SLOTS - 1, 1, "SWAPSPACE2", SLOTS * PAGE);
    CHECK(FAILS(swapon(f, 0), EINVAL));
    make(f, 1, SLOTS - 1, 0, "SWAPSPACE2", PAGE / 2);
    CHECK(FAILS(swapon(f, 0), EINVAL));
    CHECK(unlink(f) == 0);
    CHECK(total_swap() == before);
}

static void out(char *p, size_t i)
{
    char *q = p + i * PAGE;

    tag_range(q, PAGE, 1 + i % 14);
    *(size_t *)tagged(q, 1 + i % 14) = i;
    page_out(q);
}

static void in(char *p, size_t i)
{
    unsigned tag = tag_get(p + i * PAGE);
    volatile size_t *q = tagged(p + i * PAGE, tag);

    CHECK(tag == 1 + i % 14 || getenv("LOSES_TAGS"));
    CHECK(*q == i);
    *q = i;
}

int main(void)
{
    const size_t nr = 20;
    char *p = map_pages(nr, PROT_READ | PROT_WRITE | PROT_ADI);
    struct {
        uint32_t version, last, bad;
    } other = {__builtin_bswap32(1), __builtin_bswap32(SLOTS - 1), 0};

    /* Slot 0 of each is its header. */
    CHECK(total_swap() == 63 + 63 + 127 && free_swap() == total_swap());
    refused();

    /* Off and on again; /dev/adi1 is first, then 0, then 2. */
    CHECK(swapoff("/dev/adi1") == 0 && total_swap() == 63 + 127);
    CHECK(FAILS(swapoff("/dev/adi1"), EINVAL));
    CHECK(swapon("/dev/adi1", SWAP_FLAG_PREFER | 3) == 0);
    CHECK(total_swap() == 63 + 63 + 127);

    /* A file of ours before all others, with pages in it when it goes. */
    make("swapfile", 1, SLOTS - 1, 0, "SWAPSPACE2", SLOTS * PAGE);
    CHECK(swapon("swapfile", SWAP_FLAG_PREFER | 9) == 0);
    CHECK(FAILS(swapon("swapfile", 0), EBUSY));
    CHECK(total_swap() == 63 + 63 + 127 + SLOTS - 1);
    for (size_t i = 0; i < nr; i++)
        out(p, i);
    CHECK(free_swap() == total_swap() - nr);
    /* Half of them come back by themselves, the others by swapoff. */
    for (size_t i = 0; i < nr / 2; i++)
        in(p, i);
    CHECK(free_swap() == total_swap() - (getenv("STAYS") ? nr : nr / 2));
    CHECK(swapoff("swapfile") == 0);
    for (size_t i = nr / 2; i < nr; i++)
        in(p, i);
    CHECK(total_swap() == 63 + 63 + 127 && free_swap() == total_swap());

    /* Made on a machine of the other byte order, with pages as large. */
    make("swapfile", other.version, other.last, other.bad, "SWAPSPACE2",
         SLOTS * PAGE);
    CHECK(swapon("swapfile", 0) == 0);
    CHECK(total_swap() == 63 + 63 + 127 + SLOTS - 1);
    CHECK(swapoff("./swapfile") == 0);
    CHECK(unlink("swapfile") == 0);

    /* None at all: nothing can leave. */
    CHECK(swapoff("/dev/adi0") == 0 && swapoff("/dev/adi1") == 0);
    CHECK(swapoff("/dev/adi2") == 0 && total_swap() == 0);
    CHECK(!leaves(p));
    CHECK(swapon("/dev/adi2", 0) == 0);
    out(p, 0);
    in(p, 0);
    printf("right\n");
    return 0;
}
