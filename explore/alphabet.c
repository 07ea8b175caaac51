// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/alphabet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "mm/vma.h"
#include "script/alone.h"

/*
 * The lines of a set are written for one page and one process:
 *
 *   @   the address of a page, for each of them
 *   *   the range of the first two pages; >: each page after them
 *   ~   where a page goes that is moved away, and comes back from
 *   ^   where the range of the first two goes; no line when there is only one
 *   %   "pid P " for each process but the first, which needs no word
 *   +   the number of each process but the first
 *   #   a tag that no other page or process sets
 *   & $ ?  process, page and tag of what others do: "pid P " for each
 */
#define FIRST_PAGE UINT64_C(0x70000000)
#define OTHER_PAGE UINT64_C(0x90000000)
#define FIRST_TAG  5u

struct set {
    const char *name, *about;
    const char *const *lines; /* NULL ends them */
};

static const char *const swap_lines[] = {
    "mmap %* rw adi",    "mmap %> rw adi",   "tag %@ #",
    "write %@ 1",        "swapout %@",       "read %@",
    "swapoff /dev/adi0", "swapon /dev/adi0", NULL,
};

static const char *const zero_lines[] = {"tag %@ 0", NULL};

static const char *const fork_lines[] = {"fork as +", "exit pid +", NULL};

static const char *const map_lines[] = {"munmap %@", "mmap %@ rw",
                                        "mmap %@ rw adi", NULL};

static const char *const protect_lines[] = {"mprotect %@ rw",
                                            "mprotect %@ rw adi", NULL};

static const char *const move_lines[] = {
    "mremap %@ ~", "mremap %~ @", "mremap %* ^", "read %~", NULL,
};

static const char *const advice_lines[] = {"madvise %@ dontneed",
                                           "madvise %@ free", NULL};

static const char *const migrate_lines[] = {
    "migrate %@", "move %@ node 1 all", "move %@ node 0 all",
    "pin %@",     "unpin %@",           NULL,
};

static const char *const shmem_lines[] = {
    "mmap %* rw adi shared shmem 1",
    "punch shmem 1 0",
    "truncate shmem 1 0",
    "truncate shmem 1 16384",
    "pwrite shmem 1 0 8192 1",
    "pwrite shmem 1 0 8192 1 from 1",
    NULL,
};

static const char *const file_lines[] = {
    "mmap %* rw adi private file 1",
    "truncate file 1 0",
    "truncate file 1 8192",
    "truncate file 1 16384",
    NULL,
};

static const char *const fail_lines[] = {"fail tagstore 1", "fail swapread 1",
                                         "fail swapwrite 1", NULL};

/* With a tag that no page of two processes has. */
static const char *const reuse_lines[] = {"churn 1", NULL};

/* As many places of 8 MiB as arch/sparc has descriptors. */
#define PLACES "0x100000000-0x17f802000"

static const char *const many_lines[] = {
    "mmap " PLACES " rw adi every 1024",
    "tag " PLACES " 5 every 1024",
    "swapout " PLACES,
    "munmap " PLACES,
    NULL,
};

/* What the others do comes first; then in the middle of what. */
static const char *const fault_lines[] = {
    "when fault swapin: swapout\nread %@",
    "when fault swapin: swapoff /dev/adi0\nread %@",
    "when fault swapin: read &$\nread %@",
    "when fault swapin: write &$ 2\nwrite %@ 1",
    "when fault swapin: madvise &$ dontneed\nread %@",
    "when fault cow: swapout &$\nwrite %@ 1",
    NULL,
};

static const char *const race_lines[] = {
    "restore fault swapin: read &$ tag ?\nread %@",
    "set fault swapin: read &$ tag ?\nread %@",
    NULL,
};

/*
 * A page in the first page table and its neighbour in the next, of one
 * descriptor, which is not the first: that is of a page behind them.
 */
static const char *const late_lines[] = {
    "mmap 0x70002000-0x70804000 rw adi",
    "tag 0x70802000 7",
    "swapout 0x70802000",
    "tag 0x70002000 5",
    "swapout 0x70002000",
    "mprotect 0x70800000 rw",
    "write 0x70800000 1",
    "swapout 0x70800000",
    "mprotect 0x70800000 rw adi",
    "restore fault swapin: read 0x70800000\nread 0x70002000",
    NULL,
};

static const char *const moving_lines[] = {
    "when migrate: madvise &$ dontneed\nmigrate %@",
    "when migrate: munmap &$\nmigrate %@",
    "when migrate: fork as +\nmigrate %@",
    "when migrate: swapout &$\nmigrate %@",
    NULL,
};

static const struct set sets[] = {
    {"swap", "tags, stores, swap-out, swap-in, swapoff", swap_lines},
    {"zero", "tags set back to 0", zero_lines},
    {"fork", "processes that share pages", fork_lines},
    {"map", "mmap, munmap", map_lines},
    {"protect", "PROT_ADI off and on", protect_lines},
    {"move", "mremap, there and back", move_lines},
    {"advice", "MADV_DONTNEED, MADV_FREE", advice_lines},
    {"migrate", "migration, pins", migrate_lines},
    {"shmem", "shared memory, holes, copies by the kernel", shmem_lines},
    {"file", "private pages of a file that is cut", file_lines},
    {"fail", "allocations and transfers that fail", fail_lines},
    {"reuse", "frames that somebody had before", reuse_lines},
    {"many", "256 places of 8 MiB", many_lines},
    {"fault", "others, while a fault brings a page in", fault_lines},
    {"race", "other CPUs, while the tags are put back", race_lines},
    {"late", "a neighbour, brought in while the tags are put back", late_lines},
    {"moving", "others, while a page moves", moving_lines},
};

const char *alphabet_set(unsigned n, const char **about)
{
    if (n >= sizeof(sets) / sizeof(sets[0]))
        return NULL;
    *about = sets[n].about;
    return sets[n].name;
}

/* ------------------------------------------------------------------- steps */

static int add(struct alphabet *a, const struct step *step)
{
    struct step *grown;

    if (a->nr == ALPHABET_MAX)
        return -E2BIG;
    grown = realloc(a->steps, (a->nr + 1) * sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    a->steps = grown;
    a->steps[a->nr++] = *step;
    return 0;
}

/* Where the text of a step is, for errors. */
struct source {
    const char *name;
    FILE *err;
};

static int add_to_scope(struct alphabet *a, const struct script_event *ev,
                        const struct source *from)
{
    const char *why = scope_add(&a->scope, &ev->action);

    if (!why)
        return 0;
    fprintf(from->err, "adiemu: %s:%u: %s\n", from->name, ev->line, why);
    return -EBADMSG;
}

/* It would be for nothing: the next trigger is in its place. */
static int in_vain(const struct script_event *ev, const struct source *from)
{
    fprintf(from->err,
            "adiemu: %s:%u: expected a line without a trigger below it, in "
            "the middle of which it is\n",
            from->name, ev->line);
    return -EBADMSG;
}

/* The lines of a script, of which those with a trigger are for the others. */
static int add_events(struct alphabet *a, const struct script *s,
                      const struct source *from)
{
    struct step step = {.has_other = false};
    int err = 0;

    for (size_t i = 0; i < s->nr && !err; i++) {
        const struct script_event *ev = &s->events[i];

        err = add_to_scope(a, ev, from);
        if (ev->trigger.when == WHEN_START) {
            step.action = ev->action;
            if (!err)
                err = add(a, &step);
            continue;
        }
        if (!err &&
            (i + 1 == s->nr || s->events[i + 1].trigger.when != WHEN_START))
            err = in_vain(ev, from);
        step.has_other = true;
        step.moment = ev->trigger.when == WHEN_MIGRATE ? MOMENT_MIGRATE
                                                       : ev->trigger.moment;
        step.kind = ev->trigger.kind;
        step.other = ev->action;
    }
    return err;
}

static void print_errors(const struct script *s, const char *name, FILE *err)
{
    for (size_t i = 0; i < s->nr_errors && i < SCRIPT_MAX_ERRORS; i++)
        fprintf(err, "adiemu: %s:%u:%u: %s\n", name, s->errors[i].line,
                s->errors[i].col, s->errors[i].text);
}

/* Only faults and migrations have a middle. */
static bool has_middle(const struct script *s, const char *name, FILE *err)
{
    for (size_t i = 0; i < s->nr; i++) {
        enum script_when when = s->events[i].trigger.when;

        if (when == WHEN_START || when == WHEN_FAULT || when == WHEN_MIGRATE)
            continue;
        fprintf(err,
                "adiemu: %s:%u: expected no trigger, or one of a fault or a "
                "migration\n",
                name, s->events[i].line);
        return false;
    }
    return true;
}

int alphabet_add_text(struct alphabet *a, const char *text, size_t len,
                      const struct alphabet_config *config, const char *name,
                      FILE *err)
{
    struct script_rules rules = alone_rules(config->nr_nodes);
    struct script s;
    int error = script_parse(text, len, &rules, &s);

    if (error)
        return error;
    print_errors(&s, name, err);
    if (s.nr_errors > 0 || !has_middle(&s, name, err))
        error = -EBADMSG;
    else
        error = add_events(a, &s, &(struct source){name, err});
    script_free(&s);
    return error;
}

/* -------------------------------------------------------------------- sets */

/* For what a line is written. */
struct place {
    unsigned page, process;   /* from 0; from 1 */
    unsigned page2, process2; /* of the others */
    unsigned nr_pages;
};

/* Two to a descriptor of 8 MiB. */
static gva_t page_offset_of(unsigned page)
{
    return page % 2 * PAGE_SIZE + page / 2 * (UINT64_C(8) << 20);
}

static int write_page(gva_t first, unsigned page, char *to, size_t room)
{
    return snprintf(to, room, "0x%llx",
                    (unsigned long long)(first + page_offset_of(page)));
}

static int write_range(gva_t first, unsigned nr_pages, char *to, size_t room)
{
    return snprintf(to, room, "0x%llx+%u", (unsigned long long)first,
                    nr_pages < 2 ? nr_pages : 2);
}

static int write_tag(unsigned page, unsigned process, char *to, size_t room)
{
    unsigned tag = FIRST_TAG + page + 4 * (process - 1);

    return snprintf(to, room, "%u", (tag - 1) % 15 + 1);
}

/* What a sign of a line stands for; -1: it is no sign. */
static int write_sign(char sign, const struct place *p, char *to, size_t room)
{
    switch (sign) {
    case '@':
    case '>': return write_page(FIRST_PAGE, p->page, to, room);
    case '$': return write_page(FIRST_PAGE, p->page2, to, room);
    case '~': return write_page(OTHER_PAGE, p->page, to, room);
    case '*': return write_range(FIRST_PAGE, p->nr_pages, to, room);
    case '^': return write_range(OTHER_PAGE, p->nr_pages, to, room);
    case '%':
        return p->process == 1 ? 0 : snprintf(to, room, "pid %u ", p->process);
    case '&': return snprintf(to, room, "pid %u ", p->process2);
    case '+': return snprintf(to, room, "%u", p->process);
    case '#': return write_tag(p->page, p->process, to, room);
    case '?': return write_tag(p->page2, p->process2, to, room);
    default: return -1;
    }
}

static void write_line(const char *line, const struct place *p,
                       char to[static SCRIPT_MAX_TEXT])
{
    size_t len = 0;

    for (; *line; line++) {
        int n = write_sign(*line, p, to + len, SCRIPT_MAX_TEXT - len);

        if (n < 0)
            to[len++] = *line;
        else
            len += (size_t)n;
        INVARIANT(len < SCRIPT_MAX_TEXT - 1);
    }
    to[len] = '\0';
}

static bool has(const char *line, const char *signs)
{
    return strpbrk(line, signs) != NULL;
}

/* What each sign of a line runs through. */
struct range {
    unsigned first, end;
};

static struct range through(bool sign, unsigned first, unsigned end)
{
    return (struct range){first, sign ? end : first + 1};
}

static int add_for_others(struct alphabet *a, const char *line,
                          struct place place,
                          const struct alphabet_config *config)
{
    struct range pages = through(has(line, "$"), 0, config->nr_pages);
    struct range processes =
        through(has(line, "&"), 1, config->nr_processes + 1);
    char text[SCRIPT_MAX_TEXT];
    int err = 0;

    for (unsigned p = processes.first; p < processes.end && !err; p++)
        for (unsigned i = pages.first; i < pages.end && !err; i++) {
            place.process2 = p;
            place.page2 = i;
            write_line(line, &place, text);
            err =
                alphabet_add_text(a, text, strlen(text), config, line, stderr);
        }
    return err;
}

static int add_line(struct alphabet *a, const char *line,
                    const struct alphabet_config *config)
{
    struct range pages =
        through(has(line, "@~>"), has(line, ">") ? 2 : 0, config->nr_pages);
    struct range processes = through(has(line, "%+"), has(line, "+") ? 2 : 1,
                                     config->nr_processes + 1);
    struct place place = {.nr_pages = config->nr_pages};
    int err = 0;

    if (has(line, "^") && config->nr_pages < 2)
        return 0;
    for (unsigned p = processes.first; p < processes.end && !err; p++)
        for (unsigned i = pages.first; i < pages.end && !err; i++) {
            place.process = p;
            place.page = i;
            err = add_for_others(a, line, place, config);
        }
    return err;
}

static const struct set *find_set(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
        if (strlen(sets[i].name) == len && memcmp(sets[i].name, name, len) == 0)
            return &sets[i];
    return NULL;
}

int alphabet_add_set(struct alphabet *a, const char *name, size_t name_len,
                     const struct alphabet_config *config)
{
    const struct set *set = find_set(name, name_len);
    int err = set ? 0 : -ENOENT;

    for (size_t i = 0; set && set->lines[i] && !err; i++)
        err = add_line(a, set->lines[i], config);
    return err;
}

void alphabet_free(struct alphabet *a)
{
    free(a->steps);
    *a = (struct alphabet){.nr = 0};
}
