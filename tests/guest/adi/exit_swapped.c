// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/exit_swapped.c - a process ends while tagged pages of it are in swap
 *
 * The buffers of its tag store go with its address space, however it ends;
 * a leaked user costs no longer than that.  What descriptor 0 has forgotten
 * stays until reboot.  The parent saves a page afterwards: the peak says
 * whether the child was still counted.
 *
 * run: --swap=64M -E CASE=exit
 * kernels: linux-*
 * report: errors == False and totals.leaked_bytes == 0
 * report: counters.tags_saved == 4 and counters.tags_restored == 1
 * report: store_peak_bytes == 8192 + 65536
 * run: --swap=64M -E CASE=kill
 * kernels: linux-*
 * report: errors == False and totals.leaked_bytes == 0
 * report: counters.tags_saved == 4 and counters.tags_restored == 1
 * report: store_peak_bytes == 8192 + 65536
 * run: --swap=64M -E CASE=many
 * kernels: linux-*
 * report: errors == False and totals.leaked_bytes == 0
 * report: counters.tags_saved == 3 * 10 + 1
 * report: store_peak_bytes == 8192 + 65536
 * run: --swap=64M -E CASE=both
 * kernels: linux-*
 * report: errors == False and totals.leaked_bytes == 0
 * report: counters.tags_saved == 4 and counters.tags_restored == 1
 * report: store_peak_bytes == 2 * (8192 + 65536)
 * run: --swap=64M -E CASE=leak
 * kernels: linux-*
 * report: errors == True and len(leaks) == 1 and len(pages) == 0
 * report: leaks[0]["class"] == "definitely leaked" and leaks[0].mm == 2
 * report: leaks[0].users == 3 and leaks[0].leaked_users == 3
 * report: leaks[0].start == "0x70000000" and leaks[0].end == "0x70800000"
 * report: leaks[0].unreachable_since.path == "zap"
 * report: totals.leaked_bytes == 65536
 * report: store_peak_bytes == 8192 + 65536
 * run: --swap=64M -E CASE=reboot
 * kernels: linux-*
 * report: errors == True and totals.leaked_allocations == 4
 * report: all(l["class"] == "leaked until reboot" for l in leaks)
 * report: all(l.mm == 2 and l.descriptor == 0 for l in leaks)
 * report: totals.leaked_bytes == 4 * 65536
 * report: store_peak_bytes == 8192 + 5 * 65536
 * run: --swap=64M -E CASE=exit
 * report: errors == False
 * report: counters.tags_saved == 4 and counters.tags_restored == 1
 * report: counters.tags_dropped == 3
 * run: --swap=64M -E CASE=kill
 * report: errors == False and counters.tags_dropped == 3
 * run: --swap=64M -E CASE=many
 * report: errors == False and counters.tags_dropped == 3 * 10
 * run: --swap=64M -E CASE=both
 * report: errors == False and counters.tags_dropped == 4
 * run: --swap=64M -E CASE=leak
 * report: errors == False and counters.tags_dropped == 3
 * run: --swap=64M -E CASE=reboot
 * report: errors == False and totals.leaked_bytes == 0
 * report: counters.tags_saved == 6 and counters.tags_restored == 6
 */
#include "adi/processes.h"

#define A 0x70000000ul

static char *tagged_page(uintptr_t va)
{
    char *p = page_at(va, PROT_READ | PROT_WRITE | PROT_ADI);

    tag_range(p, PAGE, 5);
    return p;
}

/* Three pages in one range leave. */
static void three(void)
{
    for (unsigned i = 0; i < 3; i++)
        page_out(tagged_page(A + i * PAGE));
}

static void child(const char *how)
{
    if (strcmp(how, "reboot") == 0) {
        char *p = tagged_page(A);

        for (int i = 0; i < 5; i++) {
            page_out(p);
            CHECK(tag_get(p) == 5);
        }
        leave(0);
    }
    three();
    if (strcmp(how, "leak") == 0)
        CHECK(munmap((void *)A, 3 * PAGE) == 0);
    if (strcmp(how, "kill") == 0)
        raise(SIGKILL);
    leave(0);
}

int main(void)
{
    const char *how = getenv("CASE");
    int rounds = 1, code;
    char *p = tagged_page(2 * A);
    pid_t pid;

    CHECK(how);
    if (strcmp(how, "many") == 0)
        rounds = 10;
    if (strcmp(how, "both") == 0)
        page_out(p);
    for (int i = 0; i < rounds; i++) {
        pid = fork_flushed();
        if (pid == 0)
            child(how);
        code = reap(pid);
        CHECK(code == (strcmp(how, "kill") == 0 ? 128 + SIGKILL : 0));
    }
    if (strcmp(how, "both") != 0)
        page_out(p);
    CHECK(tag_get(p) == 5);
    return 0;
}
