// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>

#include "emu/linux/cpumodel.h"
#include "emu/linux/cred/cred.h"
#include "emu/linux/mm/adi_dev.h"
#include "emu/linux/mm/swapfile.h"
#include "emu/linux/proc/procfs.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/stop.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/time/cputime.h"
#include "mm/folio.h"
#include "mm/lru.h"
#include "mm/mapping.h"
#include "mm/vma.h"

/*
 * Source: linux v6.2 fs/proc/meminfo.c, mm/vmstat.c, mm/swapfile.c
 *         swap_show(), kernel/resource.c, arch/sparc/kernel/cpu.c,
 *         fs/filesystems.c, fs/proc/{loadavg,uptime,version}.c
 */

#define KIB_PER_PAGE   (PAGE_SIZE / 1024)
#define FILE_COLUMN    40
#define WIDE_KIB       10000000 /* from here on, a tab fewer */
#define VMALLOC_START  UINT64_C(0x0000000100000000)
#define VMALLOC_END    UINT64_C(0x0006000000000000) /* M7 */
#define OVERCOMMIT_PCT 50
#define NS_PER_TICK    (NS_PER_S / 100) /* USER_HZ */

/* What global_node_page_state() and its kin count, in pages. */
struct page_state {
    uint64_t nr_free, anon_mapped, file_mapped, cached, shmem, swapcache;
    uint64_t dirty, writeback, mlock, page_tables, committed;
    const size_t *lru; /* of each list */
};

static void count_folio(struct page_state *s, const struct folio *folio)
{
    bool anon = folio_test(folio, PG_anon);
    bool swapcache = folio_test(folio, PG_swapcache);

    s->anon_mapped += anon && folio_mapped(folio);
    s->swapcache += swapcache;
    s->writeback += folio_test(folio, PG_writeback);
    s->mlock += folio_test(folio, PG_mlocked);
    if (anon || swapcache || !folio->mapping)
        return;
    s->file_mapped += folio_mapped(folio);
    s->cached++;
    if (mapping_is_shmem(folio->mapping))
        s->shmem++;
    else
        s->dirty += folio_test(folio, PG_dirty);
}

/* accountable_mapping(): what may have to be found for private pages */
static uint64_t committed_pages(struct mm *mm)
{
    uint64_t sum = 0;

    for (const struct vma *v = vma_first(mm); v; v = vma_next(v))
        if ((v->flags & (VM_WRITE | VM_SHARED | VM_NORESERVE)) == VM_WRITE)
            sum += vma_pages(v);
    return sum;
}

static void count_pages(const struct machine *m, struct page_state *s)
{
    const struct phys *ph = memory_phys(m->mem);

    *s = (struct page_state){.nr_free = phys_nr_free(ph),
                             .lru = memory_lru(m->mem)->nr};
    for (pfn_t pfn = 0; pfn < phys_nr_frames(ph); pfn++) {
        const struct folio *folio = phys_folio(ph, pfn);

        if (folio->refcount > 0 && !folio_test(folio, PG_reserved))
            count_folio(s, folio);
    }
    for (struct mm *mm = memory_first_mm(m->mem); mm; mm = memory_next_mm(mm)) {
        s->page_tables += mm_pgtables_bytes(mm) >> PAGE_SHIFT;
        s->committed += committed_pages(mm);
    }
    s->committed += s->shmem;
}

/* si_mem_available() */
static uint64_t available(const struct machine *m, const struct page_state *s)
{
    uint64_t cache = s->lru[LRU_ACTIVE_FILE] + s->lru[LRU_INACTIVE_FILE];
    uint64_t low = memory_low_watermark(m->mem);

    cache -= cache / 2 < low ? cache / 2 : low;
    return s->nr_free + cache > low ? s->nr_free + cache - low : 0;
}

static void show_kib(FILE *out, const char *label, uint64_t kib)
{
    fprintf(out, "%s%8" PRIu64 " kB\n", label, kib);
}

PROC_SHOW(proc_show_meminfo)
{
    uint64_t total = phys_nr_frames(memory_phys(m->mem));
    uint64_t swap = swap_total_pages(m->swap);
    uint64_t store = adi_store_use(m->adi).bytes / 1024;
    struct page_state s;

    (void)t;
    count_pages(m, &s);
    const struct {
        const char *label;
        uint64_t pages;
    } first[] = {
        {"MemTotal:       ", total},
        {"MemFree:        ", s.nr_free},
        {"MemAvailable:   ", available(m, &s)},
        {"Buffers:        ", 0},
        {"Cached:         ", s.cached},
        {"SwapCached:     ", s.swapcache},
        {"Active:         ", s.lru[LRU_ACTIVE_ANON] + s.lru[LRU_ACTIVE_FILE]},
        {"Inactive:       ",
         s.lru[LRU_INACTIVE_ANON] + s.lru[LRU_INACTIVE_FILE]},
        {"Active(anon):   ", s.lru[LRU_ACTIVE_ANON]},
        {"Inactive(anon): ", s.lru[LRU_INACTIVE_ANON]},
        {"Active(file):   ", s.lru[LRU_ACTIVE_FILE]},
        {"Inactive(file): ", s.lru[LRU_INACTIVE_FILE]},
        {"Unevictable:    ", s.lru[LRU_UNEVICTABLE]},
        {"Mlocked:        ", s.mlock},
        {"SwapTotal:      ", swap},
        {"SwapFree:       ", swap - swap_used_pages(m->swap)},
        {"Dirty:          ", s.dirty},
        {"Writeback:      ", s.writeback},
        {"AnonPages:      ", s.anon_mapped},
        {"Mapped:         ", s.file_mapped},
        {"Shmem:          ", s.shmem},
    };

    for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
        show_kib(out, first[i].label, first[i].pages * KIB_PER_PAGE);
    /* Of the kernel's own memory, only the tag stores are modelled. */
    show_kib(out, "KReclaimable:   ", 0);
    show_kib(out, "Slab:           ", store);
    show_kib(out, "SReclaimable:   ", 0);
    show_kib(out, "SUnreclaim:     ", store);
    show_kib(out, "KernelStack:    ", 0);
    show_kib(out, "PageTables:     ", s.page_tables * KIB_PER_PAGE);
    show_kib(out, "SecPageTables:  ", 0);
    show_kib(out, "NFS_Unstable:   ", 0);
    show_kib(out, "Bounce:         ", 0);
    show_kib(out, "WritebackTmp:   ", 0);
    show_kib(out, "CommitLimit:    ",
             (total * OVERCOMMIT_PCT / 100 + swap) * KIB_PER_PAGE);
    show_kib(out, "Committed_AS:   ", s.committed * KIB_PER_PAGE);
    show_kib(out, "VmallocTotal:   ", (VMALLOC_END - VMALLOC_START) / 1024);
    show_kib(out, "VmallocUsed:    ", 0);
    show_kib(out, "VmallocChunk:   ", 0);
    show_kib(out, "Percpu:         ", 0);
    return 0;
}

/* The items that the machine counts, in the kernel's order. */
PROC_SHOW(proc_show_vmstat)
{
    struct page_state s;

    (void)t;
    count_pages(m, &s);
#define COUNTED(c) hub_counter(m->hub, COUNT_##c)
    const struct {
        const char *name;
        uint64_t value;
    } items[] = {
        {"nr_free_pages", s.nr_free},
        {"nr_zone_inactive_anon", s.lru[LRU_INACTIVE_ANON]},
        {"nr_zone_active_anon", s.lru[LRU_ACTIVE_ANON]},
        {"nr_zone_inactive_file", s.lru[LRU_INACTIVE_FILE]},
        {"nr_zone_active_file", s.lru[LRU_ACTIVE_FILE]},
        {"nr_zone_unevictable", s.lru[LRU_UNEVICTABLE]},
        {"nr_zone_write_pending", s.dirty + s.writeback},
        {"nr_mlock", s.mlock},
        {"nr_inactive_anon", s.lru[LRU_INACTIVE_ANON]},
        {"nr_active_anon", s.lru[LRU_ACTIVE_ANON]},
        {"nr_inactive_file", s.lru[LRU_INACTIVE_FILE]},
        {"nr_active_file", s.lru[LRU_ACTIVE_FILE]},
        {"nr_unevictable", s.lru[LRU_UNEVICTABLE]},
        {"nr_slab_unreclaimable", adi_store_use(m->adi).bytes / PAGE_SIZE},
        {"nr_anon_pages", s.anon_mapped},
        {"nr_mapped", s.file_mapped},
        {"nr_file_pages", s.cached + s.swapcache},
        {"nr_dirty", s.dirty},
        {"nr_writeback", s.writeback},
        {"nr_shmem", s.shmem},
        {"nr_vmscan_write", COUNTED(SWAP_WRITE)},
        {"nr_page_table_pages", s.page_tables},
        {"nr_swapcached", s.swapcache},
        {"pswpin", COUNTED(SWAP_READ)},
        {"pswpout", COUNTED(SWAP_WRITE)},
        {"pgfault", m->pgfault},
        {"pgmajfault", m->pgmajfault},
        {"pgmigrate_success", COUNTED(MIGRATED)},
        {"pgmigrate_fail", COUNTED(MIGRATE_FAIL)},
    };
#undef COUNTED

    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
        fprintf(out, "%s %" PRIu64 "\n", items[i].name, items[i].value);
    return 0;
}

PROC_SHOW(proc_show_swaps)
{
    struct swap_device d;
    char name[FILE_COLUMN * 128];

    (void)t;
    fputs("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n", out);
    for (unsigned type = 0; type < SWP_MAX_FILES; type++) {
        uint64_t size, used;
        int width = 0;
        bool device;

        if (!swap_device(m->swap, type, &d))
            continue;
        device = swap_files_name(m->swap_files, (int)type, name, sizeof(name));
        size = d.pages * KIB_PER_PAGE;
        used = d.used * KIB_PER_PAGE;
        for (const char *p = name; *p; p++)
            width += *p > ' ' && *p != '\\' ? fprintf(out, "%c", *p)
                                            : fprintf(out, "\\%03o", *p);
        fprintf(out, "%*s%s\t%" PRIu64 "\t%s%" PRIu64 "\t%s%d\n",
                width < FILE_COLUMN ? FILE_COLUMN - width : 1, " ",
                device ? "partition" : "file\t", size,
                size < WIDE_KIB ? "\t" : "", used, used < WIDE_KIB ? "\t" : "",
                d.priority);
    }
    return 0;
}

PROC_SHOW(proc_show_iomem)
{
    const struct task *reader = current_task(m);
    bool admin = reader && cred_capable(reader, CAP_G_SYS_ADMIN);
    const struct phys *ph = memory_phys(m->mem);

    (void)t;
    /* r_show(): others learn that there is something, and not where. */
    for (unsigned n = 0; n < phys_nr_nodes(ph); n++) {
        uint64_t start, end;

        adi_dev_ram(m, n, &start, &end);
        fprintf(out, "%08" PRIx64 "-%08" PRIx64 " : System RAM\n",
                admin ? start : 0, admin ? end - 1 : 0);
    }
    return 0;
}

PROC_SHOW(proc_show_cpuinfo)
{
    const struct cpu_model *model = m->options.cpu;

    (void)t;
    fprintf(out,
            "cpu\t\t: %s\n"
            "fpu\t\t: %s\n"
            "pmu\t\t: %s\n"
            "prom\t\t: adiemu\n"
            "type\t\t: %s\n"
            "ncpus probed\t: 1\n"
            "ncpus active\t: 1\n"
            "D$ parity tl1\t: 0\n"
            "I$ parity tl1\t: 0\n"
            "cpucaps\t\t: ",
            model->cpu, model->fpu, model->pmu, model->type);
    cpu_model_caps(model, out);
    fputs("\n"
          "Cpu0ClkTck\t: 0000000165a0bc00\n" /* CLOCK_TICKS_PER_NS */
          "MMU Type\t: Hypervisor (sun4v)\n"
          "MMU PGSZs\t: 8K\n"
          "State:\n"
          "CPU0:\t\tonline\n",
          out);
    return 0;
}

PROC_SHOW(proc_show_filesystems)
{
    (void)m, (void)t;
    fputs("nodev\tsysfs\n"
          "nodev\ttmpfs\n"
          "nodev\tproc\n"
          "nodev\tdebugfs\n",
          out);
    return 0;
}

/* No load is averaged: the machine has no time of its own. */
PROC_SHOW(proc_show_loadavg)
{
    unsigned running = 0, all = 0;

    (void)t;
    for (const struct task *i = m->tasks; i; i = i->next) {
        running += !i->dead && !task_is_stopped_or_traced(i) &&
                   i->wait.kind == WAIT_NONE;
        all += !i->process->zombie;
    }
    fprintf(out, "0.00 0.00 0.00 %u/%u %" PRIu32 "\n", running, all,
            m->next_pid - 1);
    return 0;
}

/* Those that the machine makes, on top of the host's as one. */
PROC_SHOW(proc_show_mounts)
{
    (void)m, (void)t;
    fputs("rootfs / rootfs rw 0 0\n"
          "proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n"
          "sysfs /sys sysfs rw,nosuid,nodev,noexec,relatime 0 0\n"
          "debugfs /sys/kernel/debug debugfs rw,nosuid,nodev,noexec,relatime "
          "0 0\n"
          "tmpfs /dev/shm tmpfs rw,nosuid,nodev 0 0\n",
          out);
    return 0;
}

/* show_mountinfo(): number, parent, device, root, place, options - type, ... */
PROC_SHOW(proc_show_mountinfo)
{
    (void)m, (void)t;
    fputs("1 1 0:1 / / rw - rootfs rootfs rw\n"
          "2 1 0:2 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw\n"
          "3 1 0:3 / /sys rw,nosuid,nodev,noexec,relatime - sysfs sysfs rw\n"
          "4 3 0:4 / /sys/kernel/debug rw,nosuid,nodev,noexec,relatime "
          "- debugfs debugfs rw\n"
          "5 1 0:5 / /dev/shm rw,nosuid,nodev - tmpfs tmpfs rw\n",
          out);
    return 0;
}

/* What the CPU has done since the machine is there, in ns. */
struct cpu_stat {
    uint64_t user, system, idle;
};

static struct cpu_stat cpu_stat(struct machine *m)
{
    struct cpu_stat s = {0};
    uint64_t all, busy = 0;

    clock_start(m);
    if (current_task(m))
        cputime_account(current_task(m));
    all = clock_now(m);
    for (const struct task *i = m->tasks; i; i = i->next) {
        busy += i->usage.cpu_ns;
        s.system += i->usage.system_ns;
    }
    for (const struct process *p = m->processes; p; p = p->next) {
        busy += p->child_usage.cpu_ns;
        s.system += p->child_usage.system_ns;
    }
    busy = busy < all ? busy : all;
    s.system = s.system < busy ? s.system : busy;
    s.user = busy - s.system;
    s.idle = all - busy;
    return s;
}

/* show_stat(), fs/proc/stat.c: no interrupts, no disks. */
PROC_SHOW(proc_show_cpu_stat)
{
    struct cpu_stat s = cpu_stat(m);
    unsigned running = 0;

    (void)t;
    for (const struct task *i = m->tasks; i; i = i->next)
        running += !i->process->zombie && i->wait.kind == WAIT_NONE &&
                   !task_is_stopped_or_traced(i);
    for (unsigned i = 0; i < 2; i++)
        fprintf(out,
                "cpu%s %" PRIu64 " 0 %" PRIu64 " %" PRIu64 " 0 0 0 0 0 0\n",
                i ? "0" : " ", s.user / NS_PER_TICK, s.system / NS_PER_TICK,
                s.idle / NS_PER_TICK);
    fprintf(out,
            "intr 0\nctxt 0\nbtime %" PRIu64 "\nprocesses %" PRIu64
            "\nprocs_running %u\nprocs_blocked 0\n"
            "softirq 0 0 0 0 0 0 0 0 0 0 0\n",
            (clock_date_ns(m) - clock_now(m)) / NS_PER_S, m->nr_forks, running);
    return 0;
}

PROC_SHOW(proc_show_uptime)
{
    struct cpu_stat s = cpu_stat(m);
    uint64_t busy = s.user + s.system, ns = busy + s.idle;

    (void)t;
    for (unsigned i = 0; i < 2; i++, ns -= busy)
        fprintf(out, "%s%" PRIu64 ".%02" PRIu64, i ? " " : "", ns / NS_PER_S,
                ns % NS_PER_S / (NS_PER_S / 100));
    fputs("\n", out);
    return 0;
}

PROC_SHOW(proc_show_version)
{
    (void)t;
    fprintf(out, "Linux version %s (adiemu@adiemu) #1 SMP\n",
            m->options.uname_release);
    return 0;
}
