// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc/self/maps, smaps, statm and status say what the program has mapped,
 * what of it is in memory and what in swap.
 *
 * run: --swap=16M
 * stdout: ok
 * run: --swap=16M --kernel=linux-6.2
 * stdout: ok
 */
#include "adi/procfs.h"

#include <sys/shm.h>

#define MAPS  "/proc/self/maps"
#define SMAPS "/proc/self/smaps"

/* "start-end perms", as maps has it */
static char *area(const void *start, size_t pages, const char *perms)
{
    static char text[64];

    snprintf(text, sizeof(text), "%08lx-%08lx %s ", (uintptr_t)start,
             (uintptr_t)start + pages * PAGE, perms);
    return text;
}

/* The area of smaps that begins with @line: its number after @label. */
static long in_area(const char *line, const char *label)
{
    char *p;

    proc_read(SMAPS);
    p = line_of(line);
    if (!p)
        printf("no area %s in\n%s", line, proc_text);
    CHECK(p);
    p = strstr(p, label);
    CHECK(p);
    return strtol(p + strlen(label), NULL, 10);
}

static long sum_of(const char *label)
{
    long sum = 0;

    for (char *p = proc_read(SMAPS); (p = strstr(p, label)); p++)
        sum += strtol(p + strlen(label), NULL, 10);
    return sum;
}

/* The name of an area stands in column 73. */
static void check_name(const char *line, const char *rest, const char *name)
{
    char *p, wanted[200];

    proc_read(MAPS);
    p = line_of(line);
    if (!p)
        printf("no area %s in\n%s", line, proc_text);
    CHECK(p);
    snprintf(wanted, sizeof(wanted), "%s%s", line, rest);
    if (name[0])
        snprintf(wanted, sizeof(wanted), "%-72s %s",
                 strdup(wanted), name);
    CHECK(is_line(&p, wanted));
}

static void check_anonymous(void)
{
    char *a = page_at(0x70000000, PROT_READ | PROT_WRITE | PROT_ADI);
    char *b = map_pages(4, PROT_READ | PROT_WRITE);
    char *c = map_pages(1, PROT_NONE), *line;

    check_name(area(a, 1, "rw-p"), "00000000 00:00 0 ", "");
    line = strdup(area(a, 1, "rw-p"));
    CHECK(in_area(line, "Rss:") == 0);
    CHECK(in_area(line, "Size:") == 8);
    CHECK(in_area(line, "KernelPageSize:") == 8);
    tag_range(a, PAGE, 5);
    CHECK(in_area(line, "Rss:") == 8);
    CHECK(in_area(line, "Anonymous:") == 8);
    CHECK(in_area(line, "Private_Dirty:") == 8);
    proc_read(SMAPS);
    CHECK(strstr(line_of(line), "VmFlags: rd wr mr mw me ar \n"));
    page_out(a);
    CHECK(in_area(line, "Rss:") == 0);
    CHECK(in_area(line, "Swap:") == 8);
    CHECK(in_area(line, "SwapPss:") == 8);
    CHECK(tag_get(a) == 5);
    CHECK(in_area(line, "Swap:") == 0);
    CHECK(mlock(a, PAGE) == 0 && in_area(line, "Locked:") == 8);
    proc_read(SMAPS);
    CHECK(strstr(line_of(line), "VmFlags: rd wr mr mw me lo ar \n"));
    CHECK(number_of("/proc/self/status", "VmLck:") == 8);
    /* An area that was cut in three. */
    CHECK(mprotect(b + PAGE, PAGE, PROT_READ) == 0);
    proc_read(MAPS);
    CHECK(line_of(area(b, 1, "rw-p")));
    CHECK(line_of(area(b + PAGE, 1, "r--p")));
    CHECK(line_of(area(b + 2 * PAGE, 2, "rw-p")));
    CHECK(line_of(area(c, 1, "---p")));
    CHECK(munmap(b, 4 * PAGE) == 0 && munmap(c, PAGE) == 0);
    proc_read(MAPS);
    CHECK(!line_of(area(b, 1, "rw-p")) && !line_of(area(c, 1, "---p")));
}

static void check_named(void)
{
    char exe[4096], name[64];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    int id = shmget(0x1234, 2 * PAGE, IPC_CREAT | 0600);
    char *shm = shmat(id, NULL, 0), *heap, *p;
    char *anon = mmap(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    CHECK(n > 0 && shm != (void *)-1 && anon != MAP_FAILED);
    exe[n] = '\0';
    snprintf(name, sizeof(name), "00000000 00:01 %d ", id);
    check_name(area(shm, 2, "rw-s"), name, "/SYSV00001234 (deleted)");
    p = line_of(area(anon, 1, "r--s"));
    CHECK(p && strstr(p, " /dev/zero (deleted)\n"));
    CHECK(in_area(area(shm, 2, "rw-s"), "Rss:") == 0);
    shm[0] = 1;
    CHECK(in_area(area(shm, 2, "rw-s"), "Rss:") == 8);
    CHECK(number_of("/proc/self/status", "RssShmem:") == 8);
    page_out(shm);
    CHECK(in_area(area(shm, 2, "rw-s"), "Rss:") == 0);
    CHECK(in_area(area(shm, 2, "rw-s"), "Swap:") == 8);
    CHECK(number_of("/proc/meminfo", "Shmem:") == 0);
    /* The text comes first, from the file. */
    p = proc_read(MAPS);
    CHECK(strncmp(p, "00100000-", 9) == 0);
    CHECK(strncmp(p + 17, " r-xp 00000000 ", 15) == 0);
    CHECK(strncmp(p + 73, exe, (size_t)n) == 0 && p[73 + n] == '\n');
    heap = sbrk(0);
    CHECK(sbrk(PAGE) == heap);
    CHECK(strstr(proc_read(MAPS), "[heap]\n"));
    CHECK(strstr(proc_text, " 00:00 0                            [stack]\n"));
    CHECK(shmdt(shm) == 0 && shmctl(id, IPC_RMID, NULL) == 0);
}

/* The same counts in all of them. */
static void check_sums(void)
{
    unsigned long size, rss, shared, text, lib, data, dirty;
    char by_pid[64];

    for (int i = 0; i < 2; i++) /* the first time, sscanf() is faulted in */
        sscanf(proc_read("/proc/self/statm"), "%lu %lu %lu %lu %lu %lu %lu",
               &size, &rss, &shared, &text, &lib, &data, &dirty);
    CHECK(lib == 0 && dirty == 0);
    CHECK(sum_of("\nSize:") == (long)size * 8);
    CHECK(number_of("/proc/self/status", "VmSize:") == (long)size * 8);
    CHECK(sum_of("\nRss:") == (long)rss * 8);
    CHECK(number_of("/proc/self/status", "VmRSS:") == (long)rss * 8);
    CHECK(number_of("/proc/self/status", "VmSwap:") == sum_of("\nSwap:"));
    CHECK(number_of("/proc/self/status", "Pid:") == getpid());
    snprintf(by_pid, sizeof(by_pid), "/proc/%d/status", getpid());
    CHECK(number_of(by_pid, "VmSize:") == (long)size * 8);
}

/* VmHWM and VmPeak stay when pages go. */
static void check_peaks(void)
{
    long vm = number_of("/proc/self/status", "VmPeak:");
    long rss = number_of("/proc/self/status", "VmHWM:");
    char *p = map_pages(256, PROT_READ | PROT_WRITE);

    for (size_t i = 0; i < 256; i++)
        p[i * PAGE] = 1;
    CHECK(munmap(p, 256 * PAGE) == 0);
    CHECK(number_of("/proc/self/status", "VmPeak:") >= vm + 256 * 8 - 64);
    CHECK(number_of("/proc/self/status", "VmHWM:") >= rss + 256 * 8 - 64);
    CHECK(number_of("/proc/self/status", "VmRSS:") < rss + 64);
}

int main(void)
{
    check_anonymous();
    check_named();
    (void)sum_of("\nRss:"); /* its own code is in memory from here on */
    (void)number_of("/proc/self/statm", "");
    check_sums();
    check_peaks();
    puts("ok");
    return 0;
}
