// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc/swaps, meminfo, vmstat, iomem, cpuinfo, filesystems.
 *
 * run: --ram=32M --swap=16M --swap=8M,pri=3
 * stdout: ok
 */
#include "adi/procfs.h"

#include <sys/swap.h>

static void check_swaps(long used)
{
    char *p = proc_read("/proc/swaps"), line[100];

    CHECK(is_line(&p, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority"));
    CHECK(is_line(&p, "/dev/adi0                               "
                      "partition\t16376\t\t0\t\t-2"));
    snprintf(line, sizeof(line),
             "/dev/adi1                               "
             "partition\t8184\t\t%ld\t\t3", used);
    CHECK(is_line(&p, line));
    CHECK(*p == '\0');
}

#define MEMINFO "/proc/meminfo"
#define VMSTAT  "/proc/vmstat"

int main(void)
{
    char *a = map_pages(64, PROT_READ | PROT_WRITE), *p;
    long free_kib, anon, fault = number_of(VMSTAT, "pgfault ");

    for (size_t i = 0; i < 64; i++)
        a[i * PAGE] = 1;
    check_swaps(0);
    CHECK(number_of(MEMINFO, "MemTotal:       ") == 32 * 1024);
    CHECK(number_of(MEMINFO, "SwapTotal:      ") == 16376 + 8184);
    CHECK(number_of(MEMINFO, "SwapFree:       ") == 16376 + 8184);
    CHECK(number_of(VMSTAT, "pgfault ") >= fault + 64);
    free_kib = number_of(MEMINFO, "MemFree:");
    anon = number_of(MEMINFO, "AnonPages:");
    CHECK(anon == 8 * number_of(VMSTAT, "nr_anon_pages "));
    CHECK(number_of(VMSTAT, "nr_free_pages ") == free_kib / 8);
    for (size_t i = 0; i < 64; i++)
        page_out(a + i * PAGE);
    check_swaps(64 * 8);
    CHECK(number_of(MEMINFO, "SwapFree:") == 16376 + 8184 - 64 * 8);
    CHECK(number_of(MEMINFO, "MemFree:") == free_kib + 64 * 8);
    CHECK(number_of(MEMINFO, "AnonPages:") == anon - 64 * 8);
    CHECK(number_of(VMSTAT, "pswpout ") == 64);
    CHECK(number_of(VMSTAT, "pswpin ") == 0);
    CHECK(a[0] == 1 && number_of(VMSTAT, "pswpin ") == 1);
    CHECK(number_of(VMSTAT, "pgmajfault ") == 1);
    CHECK(number_of("/proc/self/status", "VmSwap:") == 63 * 8);
    CHECK(swapoff("/dev/adi1") == 0);
    p = proc_read("/proc/swaps");
    CHECK(!strstr(p, "/dev/adi1"));

    p = proc_read("/proc/iomem");
    CHECK(is_line(&p, geteuid() == 0 ? "00002000-01ffffff : System RAM"
                                     : "00000000-00000000 : System RAM"));
    CHECK(*p == '\0');
    proc_read("/proc/cpuinfo");
    CHECK(line_of("type\t\t: sun4v\n"));
    CHECK(line_of("ncpus active\t: 1\n"));
    CHECK(strstr(line_of("cpucaps\t\t: "), "adp\n"));
    proc_read("/proc/filesystems");
    CHECK(line_of("nodev\tproc\n"));
    puts("ok");
    return 0;
}
