// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/proc/procfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "emu/linux/abi.h"
#include "emu/linux/cpumodel.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/mm/adi_dev.h"
#include "emu/linux/proc/entry.h"
#include "emu/linux/sched/process.h"

#define ANY_PID     "PID" /* component of a pattern: a number, or "self" */
#define PROC_MINOR  5
#define DEBUG_MINOR 6
#define DEV_MINOR   7
#define BLOCK_BYTES 1024

/* Directories are what the names have in common, but for /dev, which is the
 * host's. */
static const struct procfs_entry entries[] = {
    {"/dev/adi", S_IFCHR | 0600, .ops = adi_dev_ops, .open = adi_dev_open},
    {"/proc/PID/auxv", S_IFREG | 0400, proc_show_auxv, NULL},
    {"/proc/PID/cmdline", S_IFREG | 0444, proc_show_cmdline, NULL},
    {"/proc/PID/comm", S_IFREG | 0644, proc_show_comm, NULL,
     .store = proc_store_comm},
    {"/proc/PID/coredump_filter", S_IFREG | 0644, proc_show_coredump_filter,
     NULL, .store = proc_store_coredump_filter},
    {"/proc/PID/cwd", S_IFLNK | 0777, .link = PROCFS_CWD},
    {"/proc/PID/environ", S_IFREG | 0400, proc_show_environ, NULL},
    {"/proc/PID/exe", S_IFLNK | 0777, .link = PROCFS_EXE},
    {"/proc/PID/fd", S_IFDIR | 0500, proc_show_fd_dir, NULL},
    {"/proc/PID/fdinfo", S_IFDIR | 0555, proc_show_fdinfo_dir, NULL},
    {"/proc/PID/io", S_IFREG | 0400, proc_show_io, NULL},
    {"/proc/PID/limits", S_IFREG | 0444, proc_show_limits, NULL},
    {"/proc/PID/maps", S_IFREG | 0444, proc_show_maps, NULL},
    {"/proc/PID/mem", S_IFREG | 0600, .ops = proc_mem_ops,
     .open = proc_mem_open},
    {"/proc/PID/mountinfo", S_IFREG | 0444, proc_show_mountinfo, NULL},
    {"/proc/PID/mounts", S_IFREG | 0444, proc_show_mounts, NULL},
    {"/proc/PID/oom_adj", S_IFREG | 0644, proc_show_oom_adj, NULL,
     .store = proc_store_oom_adj},
    {"/proc/PID/oom_score_adj", S_IFREG | 0644, proc_show_oom_score_adj, NULL,
     .store = proc_store_oom_score_adj},
    {"/proc/PID/pagemap", S_IFREG | 0400, NULL, proc_fill_pagemap},
    {"/proc/PID/personality", S_IFREG | 0400, proc_show_personality, NULL},
    {"/proc/PID/root", S_IFLNK | 0777, .link = PROCFS_ROOT},
    {"/proc/PID/smaps", S_IFREG | 0444, proc_show_smaps, NULL},
    {"/proc/PID/stat", S_IFREG | 0444, proc_show_stat, NULL},
    {"/proc/PID/statm", S_IFREG | 0444, proc_show_statm, NULL},
    {"/proc/PID/status", S_IFREG | 0444, proc_show_status, NULL},
    {"/proc/PID/task", S_IFDIR | 0555, proc_show_task_dir, NULL},
    {"/proc/PID/timerslack_ns", S_IFREG | 0666, proc_show_timerslack, NULL,
     .store = proc_store_timerslack},
    {"/proc/cpuinfo", S_IFREG | 0444, proc_show_cpuinfo, NULL},
    {"/proc/filesystems", S_IFREG | 0444, proc_show_filesystems, NULL},
    {"/proc/iomem", S_IFREG | 0444, proc_show_iomem, NULL},
    {"/proc/loadavg", S_IFREG | 0444, proc_show_loadavg, NULL},
    {"/proc/meminfo", S_IFREG | 0444, proc_show_meminfo, NULL},
    {"/proc/mounts", S_IFREG | 0444, proc_show_mounts, NULL},
    {"/proc/stat", S_IFREG | 0444, proc_show_cpu_stat, NULL},
    {"/proc/swaps", S_IFREG | 0444, proc_show_swaps, NULL},
#define SYSCTL_TEXT(name, says)                                                \
    {"/proc/sys/" name, S_IFREG | 0444, .sysctl = name},
#define SYSCTL_OTHER(id, name, mode)                                           \
    {"/proc/sys/" name, S_IFREG | (mode), .sysctl = name},
#define SYSCTL_INT(id, name, mode, at, min, max) SYSCTL_OTHER(id, name, mode)
#define SYSCTL_ULONG(id, name, mode, at)         SYSCTL_OTHER(id, name, mode)
#include "emu/linux/proc/sysctl.def"
    {"/proc/sysvipc/msg", S_IFREG | 0444, proc_show_ipc_msg, NULL},
    {"/proc/sysvipc/sem", S_IFREG | 0444, proc_show_ipc_sem, NULL},
    {"/proc/sysvipc/shm", S_IFREG | 0444, proc_show_ipc_shm, NULL},
    {"/proc/uptime", S_IFREG | 0444, proc_show_uptime, NULL},
    {"/proc/version", S_IFREG | 0444, proc_show_version, NULL},
    {"/proc/vmstat", S_IFREG | 0444, proc_show_vmstat, NULL},
    {"/sys/kernel/debug/adi/PID/tag_store", S_IFREG | 0400,
     debugfs_show_tag_store, NULL},
    {"/sys/kernel/debug/adi/counters", S_IFREG | 0400, debugfs_show_counters,
     NULL},
    {"/sys/kernel/debug/adi/slots", S_IFREG | 0400, debugfs_show_slots, NULL},
};

#define NR_ENTRIES (sizeof(entries) / sizeof(entries[0]))

/* ------------------------------------------------------------- names */

/* Length of the component at @p, without a slash. */
static size_t component(const char *p)
{
    return strcspn(p, "/");
}

static bool is_component(const char *p, const char *word)
{
    size_t len = component(p);

    return len == strlen(word) && memcmp(p, word, len) == 0;
}

/* The pid that a component names; 0: none. */
static uint32_t pid_of(const struct task *t, const char *p, bool self)
{
    char *end;
    unsigned long pid;

    if (self && is_component(p, "self"))
        return t->process->pid;
    if (self && is_component(p, "thread-self"))
        return t->pid;
    if (*p < '1' || *p > '9')
        return 0;
    pid = strtoul(p, &end, 10);
    if ((*end && *end != '/') || pid > UINT32_MAX ||
        !task_find(t->m, (uint32_t)pid))
        return 0;
    return (uint32_t)pid;
}

/* Is a component one of the links to the caller? */
static enum procfs_link self_of(const char *p)
{
    return is_component(p, "self")          ? PROCFS_SELF
           : is_component(p, "thread-self") ? PROCFS_THREAD_SELF
                                            : PROCFS_NO_LINK;
}

/* Does @name lead to the entry, or to a directory above it? */
static bool match(const struct task *t, const char *name,
                  const struct procfs_entry *entry, struct procfs_node *out)
{
    bool self = strncmp(entry->pattern, "/proc/", 6) == 0;
    const char *p = entry->pattern;
    enum procfs_link self_link = PROCFS_NO_LINK;
    uint32_t pid = 0;

    while (*name == '/' && *p == '/') {
        size_t len = component(++p);

        self_link = self_of(++name);
        if (is_component(p, ANY_PID)) {
            pid = pid_of(t, name, self);
            if (!pid)
                return false;
        } else if (component(name) != len || memcmp(p, name, len) != 0) {
            return false;
        }
        p += len;
        name += component(name);
    }
    if (*name)
        return false;
    *out = (struct procfs_node){.entry = entry,
                                .len = (size_t)(p - entry->pattern),
                                .pid = pid,
                                .link = self_link ? self_link
                                        : *p      ? PROCFS_NO_LINK
                                                  : entry->link};
    return true;
}

static int find(const struct task *t, const char *name, struct procfs_node *out)
{
    for (size_t i = 0; i < NR_ENTRIES; i++)
        if (match(t, name, &entries[i], out))
            return 0;
    return -ENOENT;
}

static bool is_device(const struct procfs_entry *entry)
{
    return S_ISCHR(entry->mode);
}

bool procfs_device(const struct task *t, const char *name, size_t len,
                   struct procfs_node *out)
{
    for (size_t i = 0; i < NR_ENTRIES && is_device(&entries[i]); i++) {
        const char *own = strrchr(entries[i].pattern, '/') + 1;

        if (strlen(own) != len || memcmp(own, name, len) != 0)
            continue;
        *out = (struct procfs_node){.entry = &entries[i],
                                    .len = strlen(entries[i].pattern)};
        /* adi_init(): -EPERM */
        return cpu_model_has_adi(t->m->options.cpu);
    }
    return false;
}

int procfs_root(const char *name, size_t len, struct procfs_node *out)
{
    for (size_t i = 0; i < NR_ENTRIES; i++) {
        const char *first = entries[i].pattern + 1;

        /* The first letter decides about nearly each name of a path. */
        if (*first != *name || is_device(&entries[i]) ||
            component(first) != len || memcmp(first, name, len) != 0)
            continue;
        *out = (struct procfs_node){.entry = &entries[i], .len = 1 + len};
        return 0;
    }
    return -ENOENT;
}

/* A descriptor of the process: the link that leads to the open file, or the
 * file that describes it. */
static int find_fd(const struct task *t, const struct procfs_node *dir,
                   const char *name, size_t len, bool info,
                   struct procfs_node *out)
{
    const struct task *of = task_find(t->m, dir->pid);
    unsigned fd = 0;

    if (!of || !of->files || (len > 1 && *name == '0'))
        return -ENOENT;
    for (size_t i = 0; i < len; i++) {
        if (name[i] < '0' || name[i] > '9' || fd >= FILES_MAX)
            return -ENOENT;
        fd = fd * 10 + (unsigned)(name[i] - '0');
    }
    if (files_host(of->files, (int)fd) < 0)
        return -ENOENT;
    *out = *dir;
    if (info) {
        out->fdinfo1 = (int)fd + 1;
        return 0;
    }
    out->link = PROCFS_FD;
    out->fd = (int)fd;
    return 0;
}

/* A thread's directory is the one that its number has without its process's. */
static int find_thread(const struct task *t, const struct procfs_node *dir,
                       const char *name, size_t len, struct procfs_node *out)
{
    const struct task *of = task_find(t->m, dir->pid), *thread;
    char path[PROCFS_NAME_BYTES];
    uint32_t tid;

    if (len > 10)
        return -ENOENT;
    snprintf(path, sizeof(path), "/proc/%.*s", (int)len, name);
    tid = pid_of(t, path + strlen("/proc/"), false);
    thread = tid ? task_find(t->m, tid) : NULL;
    if (!of || !thread || thread->process != of->process)
        return -ENOENT;
    return find(t, path, out);
}

int procfs_child(const struct task *t, const struct procfs_node *dir,
                 const char *name, size_t len, struct procfs_node *out)
{
    char full[PROCFS_NAME_BYTES + NAME_MAX + 2];
    size_t at;

    if (!procfs_is_dir(dir))
        return -ENOTDIR;
    if (!dir->entry->pattern[dir->len] && dir->entry->show == proc_show_fd_dir)
        return find_fd(t, dir, name, len, false, out);
    if (!dir->entry->pattern[dir->len] &&
        dir->entry->show == proc_show_fdinfo_dir)
        return find_fd(t, dir, name, len, true, out);
    if (!dir->entry->pattern[dir->len] &&
        dir->entry->show == proc_show_task_dir)
        return find_thread(t, dir, name, len, out);
    if (len > NAME_MAX)
        return -ENOENT;
    procfs_name(dir, full);
    at = strlen(full);
    full[at++] = '/';
    memcpy(full + at, name, len);
    full[at + len] = '\0';
    return find(t, full, out);
}

bool procfs_parent(const struct task *t, const struct procfs_node *node,
                   struct procfs_node *out)
{
    char name[PROCFS_NAME_BYTES];

    procfs_name(node, name);
    *strrchr(name, '/') = '\0';
    if (!*name)
        return false;
    /* Of a process that is gone only the file system is left. */
    return find(t, name, out) == 0 ||
           procfs_root(node->entry->pattern + 1,
                       component(node->entry->pattern + 1), out) == 0;
}

/* Not a file of entries[], but one below it. */
static bool is_of_fd(const struct procfs_node *node)
{
    return node->link == PROCFS_FD || node->fdinfo1;
}

void procfs_name(const struct procfs_node *node,
                 char out[static PROCFS_NAME_BYTES])
{
    const char *p = node->entry->pattern, *end = p + node->len;
    size_t at = 0;

    for (; p < end; p += component(p)) {
        out[at++] = *p++; /* the slash */
        if (is_component(p, ANY_PID))
            at += (size_t)snprintf(out + at, PROCFS_NAME_BYTES - at, "%" PRIu32,
                                   node->pid);
        else
            at += (size_t)snprintf(out + at, PROCFS_NAME_BYTES - at, "%.*s",
                                   (int)component(p), p);
    }
    out[at] = '\0';
    if (is_of_fd(node))
        snprintf(out + at, PROCFS_NAME_BYTES - at, "/%d",
                 node->fdinfo1 ? node->fdinfo1 - 1 : node->fd);
}

struct process *procfs_process_of(const struct machine *m,
                                  const struct open_file *file, int *err)
{
    const struct procfs_node *node = procfs_node_of(file);
    struct process *p;

    *err = -EBADF;
    if (!node || !node->pid || node->len != strlen("/proc/PID"))
        return NULL;
    p = process_find(m, node->pid);
    *err = p ? 0 : -ESRCH;
    return p;
}

/* Not the last component of its pattern. */
static bool is_prefix(const struct procfs_node *node)
{
    return node->entry->pattern[node->len] != '\0';
}

bool procfs_is_dir(const struct procfs_node *node)
{
    return !is_of_fd(node) && (is_prefix(node) || S_ISDIR(node->entry->mode));
}

bool procfs_is_device(const struct procfs_node *node)
{
    return is_device(node->entry);
}

uint32_t procfs_magic(const struct procfs_node *node)
{
    static const char debugfs[] = "/sys/kernel/debug";

    if (is_device(node->entry))
        return TMPFS_MAGIC;
    if (strncmp(node->entry->pattern, "/proc", 5) == 0)
        return PROC_SUPER_MAGIC;
    return node->len >= strlen(debugfs) ? DEBUGFS_MAGIC : SYSFS_MAGIC;
}

/* tid_fd_mode(): what the file is open for. */
static unsigned fd_link_mode(const struct task *of, int fd)
{
    int flags = fcntl(files_host(of->files, fd), F_GETFL);
    int mode = flags & O_ACCMODE;

    if (flags & O_PATH)
        return S_IFLNK;
    return S_IFLNK | (mode != O_WRONLY ? 0500 : 0) |
           (mode != O_RDONLY ? 0300 : 0);
}

static bool is_self(const struct procfs_node *node)
{
    return node->link == PROCFS_SELF || node->link == PROCFS_THREAD_SELF;
}

/* proc_task_getattr(): each thread is a directory */
static nlink_t nr_links(const struct procfs_node *node, const struct task *of)
{
    nlink_t nr = procfs_is_dir(node) ? 2 : 1;

    if (of && !is_prefix(node) && node->entry->show == proc_show_task_dir)
        for (const struct task *i = of->process->threads; i; i = i->thread_next)
            nr++;
    return nr;
}

int procfs_stat(const struct task *t, const struct procfs_node *node,
                struct stat *out)
{
    bool debug = strncmp(node->entry->pattern, "/sys/", 5) == 0;
    bool is_fd = node->link == PROCFS_FD;
    const struct task *of = node->pid ? task_find(t->m, node->pid) : NULL;
    const struct cred *owner = of ? &of->cred : &t->m->first_cred;

    if (node->pid && (!of || (is_of_fd(node) && !of->files)))
        return -ENOENT;
    bool device = is_device(node->entry);

    *out = (struct stat){
        .st_dev = makedev(0, device  ? DEV_MINOR
                             : debug ? DEBUG_MINOR
                                     : PROC_MINOR),
        .st_ino = 1 + (ino_t)(node->entry - entries) +
                  NR_ENTRIES * ((ino_t)node->pid * 64 + node->len) +
                  ((ino_t)node->link << 56) +
                  ((ino_t)(node->fd + node->fdinfo1) << 40),
        .st_mode = is_fd             ? fd_link_mode(of, node->fd)
                   : is_of_fd(node)  ? S_IFREG | 0444
                   : is_self(node)   ? S_IFLNK | 0777
                   : is_prefix(node) ? S_IFDIR | 0555
                                     : node->entry->mode,
        .st_nlink = nr_links(node, of),
        .st_size = is_fd ? 64 : 0,
        .st_uid = device ? 0 : owner->uid.effective,
        .st_gid = device ? 0 : owner->gid.effective,
        .st_rdev = device ? makedev(ADI_DEV_MAJOR, ADI_DEV_MINOR) : 0,
        .st_blksize = BLOCK_BYTES};
    return 0;
}

/* -------------------------------------------------------- directories */

/* Entries are sorted, so that equal names follow each other. */
static int show_prefix(const struct machine *m, const struct procfs_node *dir,
                       FILE *out)
{
    const char *above = dir->entry->pattern, *last = "";

    proc_put_dots(out);
    if (dir->len == strlen("/proc"))
        proc_put_dirent(out, "self", 4, DT_LNK);
    if (dir->len == strlen("/proc"))
        proc_put_dirent(out, "thread-self", 11, DT_LNK);
    for (size_t i = 0; i < NR_ENTRIES; i++) {
        const char *p = entries[i].pattern + dir->len;
        size_t len;

        if (strncmp(entries[i].pattern, above, dir->len) != 0 || *p != '/')
            continue;
        len = component(++p);
        if (component(last) == len && memcmp(last, p, len) == 0)
            continue;
        last = p;
        if (is_component(p, ANY_PID))
            proc_put_pids(m, out);
        else
            proc_put_dirent(out, p, len,
                            p[len] ? DT_DIR : IFTODT(entries[i].mode));
    }
    return 0;
}

int procfs_show(struct machine *m, struct task *of,
                const struct procfs_node *node, FILE *out)
{
    if (is_of_fd(node))
        return proc_show_fdinfo(of, node->fdinfo1 - 1, out);
    if (is_prefix(node))
        return show_prefix(m, node, out);
    if (node->entry->sysctl)
        return sysctl_show(m, node->entry->sysctl, out);
    return node->entry->show(m, of, out);
}

bool procfs_has_text(const struct procfs_node *node)
{
    return is_prefix(node) || node->entry->show || node->entry->sysctl;
}
