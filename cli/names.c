// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/names.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "cli/dwarf.h"

#define MAX_SECONDS 10                  /* of the child, and of a wait */
#define MAX_BYTES   (UINT64_C(1) << 30) /* that it may take */

struct key {
    uint64_t program;
    gva_t pc;
};

struct answer {
    uint64_t nr;
    struct pc_name names[PC_NAMES];
};

struct known {
    struct key key;
    struct answer answer;
    UT_hash_handle hh;
};

struct names {
    const struct machine *m;
    struct known *known; /* owned */
    pid_t child;         /* 0: none yet; -1: it is gone */
    int fd;              /* of a socket to it */
};

/* ------------------------------------------------------------ the child */

/* The file, if it still is what was executed; -1: it is not. */
static int open_program(const struct program_file *p)
{
    int fd = open(p->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;

    if (fd < 0)
        return -1;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_dev == p->dev &&
        st.st_ino == p->ino && st.st_size == p->size &&
        st.st_mtim.tv_sec == p->mtime.tv_sec &&
        st.st_mtim.tv_nsec == p->mtime.tv_nsec)
        return fd;
    close(fd);
    return -1;
}

/* Pages that adiemu has mapped; 0: not known */
static unsigned long mapped_pages(void)
{
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");

    if (f && fscanf(f, "%lu", &pages) != 1)
        pages = 0;
    if (f)
        fclose(f);
    return pages;
}

/* A file may say that it is much larger than it is. */
static void limit_child(unsigned long pages)
{
    struct rlimit cpu = {MAX_SECONDS, MAX_SECONDS}, none = {0, 0}, space;

    (void)setrlimit(RLIMIT_CPU, &cpu);
    (void)setrlimit(RLIMIT_CORE, &none);
    if (pages) {
        space.rlim_cur = space.rlim_max =
            pages * (rlim_t)sysconf(_SC_PAGESIZE) + MAX_BYTES;
        (void)setrlimit(RLIMIT_AS, &space);
    }
}

/* Of a question: with --sandbox the parent may have no signal for us. */
static void limit_time(void)
{
    const struct itimerval end = {.it_value = {.tv_sec = 2 * MAX_SECONDS}};
    sigset_t set;

    (void)signal(SIGALRM, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    (void)setitimer(ITIMER_REAL, &end, NULL);
}

/* Of the last file asked for: they come in groups. */
struct reader {
    const struct program_file *of;
    struct dwarf_file *file;
};

/* Each name of the code says where it is; code without a name, too. */
static void name_library(struct answer *a, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (a->nr == 0)
        a->nr = 1;
    for (uint64_t i = 0; i < a->nr; i++)
        pc_name_set(a->names[i].library, sizeof(a->names[i].library),
                    slash ? slash + 1 : path);
}

static void answer(struct reader *r, const struct machine *m,
                   const struct key *key, struct answer *a)
{
    struct code_place at;

    memset(a, 0, sizeof(*a));
    if (!machine_code_place(m, (uint32_t)key->program, key->pc, &at))
        return;
    if (at.file != r->of) {
        int fd = open_program(at.file);

        dwarf_close(r->file);
        r->file = fd >= 0 ? dwarf_open(fd) : NULL;
        r->of = at.file;
    }
    if (r->file)
        a->nr = dwarf_find(r->file, at.offset, a->names);
    if (at.library)
        name_library(a, at.file->path);
}

/* @pages: that it has been forked with */
static _Noreturn void serve(const struct machine *m, int fd,
                            unsigned long pages)
{
    struct reader r = {0};
    struct answer a;
    struct key key;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    limit_child(pages);
    while (recv(fd, &key, sizeof(key), 0) == (ssize_t)sizeof(key)) {
        limit_time();
        answer(&r, m, &key, &a);
        if (send(fd, &a, sizeof(a), MSG_NOSIGNAL) != (ssize_t)sizeof(a))
            break;
    }
    _exit(0);
}

/* ----------------------------------------------------------- the parent */

struct names *names_create(const struct machine *m)
{
    struct names *n = calloc(1, sizeof(*n));

    if (n)
        *n = (struct names){.m = m, .fd = -1};
    return n;
}

static void end_child(struct names *n)
{
    if (n->child > 0) {
        close(n->fd);
        kill(n->child, SIGKILL);
        while (waitpid(n->child, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    n->child = -1;
    n->fd = -1;
}

void names_destroy(struct names *n)
{
    struct known *k, *next;

    if (!n)
        return;
    end_child(n);
    HASH_ITER(hh, n->known, k, next) {
        HASH_DEL(n->known, k);
        free(k);
    }
    free(n);
}

static void start_child(struct names *n)
{
    unsigned long pages = mapped_pages(); /* the child may not be told */
    int fds[2];

    n->child = -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
        return;
    n->child = fork();
    if (n->child == 0) {
        close(fds[0]);
        serve(n->m, fds[1], pages);
    }
    close(fds[1]);
    n->fd = fds[0];
    if (n->child < 0)
        close(fds[0]);
}

/* False: no answer, and none to come. */
static bool ask(const struct names *n, const struct key *key, struct answer *a)
{
    struct pollfd p = {.fd = n->fd, .events = POLLIN};
    int ready;

    if (send(n->fd, key, sizeof(*key), MSG_NOSIGNAL) != (ssize_t)sizeof(*key))
        return false;
    do
        ready = poll(&p, 1, MAX_SECONDS * 1000);
    while (ready < 0 && errno == EINTR);
    return ready == 1 && recv(n->fd, a, sizeof(*a), 0) == (ssize_t)sizeof(*a) &&
           a->nr <= PC_NAMES;
}

/* What is known is kept; without memory it is asked again. */
static void keep(struct names *n, const struct key *key, const struct answer *a)
{
    struct known *k = calloc(1, sizeof(*k));

    if (!k)
        return;
    k->key = *key;
    k->answer = *a;
    HASH_ADD(hh, n->known, key, sizeof(k->key), k);
    if (!k->hh.tbl)
        free(k);
}

size_t names_find(void *ctx, uint32_t program, gva_t pc,
                  struct pc_name names[static PC_NAMES])
{
    struct names *n = ctx;
    struct key key = {.program = program, .pc = pc};
    struct answer a;
    struct known *k;

    HASH_FIND(hh, n->known, &key, sizeof(key), k);
    if (k) {
        memcpy(names, k->answer.names, sizeof(k->answer.names));
        return (size_t)k->answer.nr;
    }
    if (n->child == 0)
        start_child(n);
    if (n->child < 0)
        return 0;
    if (!ask(n, &key, &a)) {
        fprintf(stderr, "adiemu: the debug information of a program cannot be "
                        "read: the report is without names\n");
        end_child(n);
        return 0;
    }
    keep(n, &key, &a);
    memcpy(names, a.names, sizeof(a.names));
    return (size_t)a.nr;
}
