// SPDX-License-Identifier: GPL-2.0-or-later
/* Scripts carried out on a memory without a CPU. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adi/adi.h"
#include "adi/profile.h"
#include "adi/tags.h"
#include "check/check.h"
#include "event/hub.h"
#include "judge/judge.h"
#include "migrate/migrate.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/phys.h"
#include "mm/populate.h"
#include "print/report.h"
#include "script/alone.h"
#include "script/trigger.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

/* A script in progress: what each of its lines came to. */
struct play {
    struct alone *a;
    struct script script;
    struct triggers *triggers;
    struct drive_result result[64]; /* by line */
    unsigned fired[64];
    bool busy[64]; /* an action went on when it was done */
};

#define NODES 2

static struct alone *machine(const char *profile)
{
    struct alone_config config = {
        .profile = adi_profile_find(profile),
        .ram_bytes = 256 * PAGE_SIZE,
        .nr_nodes = NODES,
        .swaps = {{65 * PAGE_SIZE, -1}, {65 * PAGE_SIZE, -1}},
        .nr_swaps = 2};
    struct alone *a;

    assert_int_equal(alone_create(&config, &a), 0);
    return a;
}

static void fired(void *ctx, const struct script_event *ev,
                  const struct drive_result *r)
{
    struct play *p = ctx;

    assert_in_range(ev->line, 1, 63);
    p->result[ev->line] = *r;
    p->fired[ev->line]++;
    p->busy[ev->line] = p->triggers && triggers_busy(p->triggers);
}

static struct play play(const char *profile, const char *text)
{
    struct play p = {.a = machine(profile)};
    struct script_rules rules = alone_rules(NODES);

    assert_int_equal(script_parse(text, strlen(text), &rules, &p.script), 0);
    if (p.script.nr_errors)
        fail_msg("%u:%u: %s", p.script.errors[0].line, p.script.errors[0].col,
                 p.script.errors[0].text);
    return p;
}

static void start(struct play *p)
{
    p->triggers = triggers_create(&p->script, alone_drive(p->a),
                                  alone_memory(p->a), fired, p);
    assert_non_null(p->triggers);
    triggers_start(p->triggers);
}

static void finish(struct play *p)
{
    triggers_destroy(p->triggers);
    alone_exit(p->a, NULL);
    assert_int_equal(adi_store_use(alone_adi(p->a)).pages, 0);
    alone_destroy(p->a);
    script_free(&p->script);
}

/* Every line has to succeed. */
static void run(struct play *p)
{
    start(p);
    for (size_t i = 0; i < p->script.nr; i++) {
        unsigned line = p->script.events[i].line;

        if (p->result[line].err)
            fail_msg("line %u: %s", line, strerror(-p->result[line].err));
    }
}

static void run_clean(const char *text)
{
    static const char *const profiles[] = {"remap", "swap-keyed"};

    for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
        struct play p = play(profiles[i], text);

        run(&p);
        finish(&p);
    }
}

static struct mm *process(const struct play *p, uint32_t pid)
{
    return drive_find_mm(alone_drive(p->a), pid);
}

static void test_pages_go_and_come_back(void **state)
{
    struct play p = play("remap", "mmap 0x70000000+4 rw adi\n"
                                  "tag 0x70000000+4 5\n"
                                  "write 0x70000001 42\n"
                                  "swapout 0x70000000+16\n"
                                  "check\n"
                                  "read 0x70000001 expect 42\n"
                                  "swapout all\n"
                                  "read 0x70002000 expect 0\n"
                                  "check\n"
                                  "swapout pid 1 0x70004000\n");

    (void)state;
    start(&p);
    assert_int_equal(p.result[2].done, 4);
    assert_int_equal(p.result[4].found, 4);
    assert_int_equal(p.result[4].done, 4);
    assert_int_equal(p.result[5].done, 0); /* all away */
    assert_int_equal(p.result[6].byte, 42);
    assert_int_equal(p.result[7].done, 1);
    assert_int_equal(p.result[9].done, 1);
    assert_int_equal(p.result[10].found, 0);
    assert_true(
        drive_result_is_empty(&p.script.events[9].action, &p.result[10]));
    assert_false(judge_errors(alone_judge(p.a)));
    finish(&p);
}

static void test_areas_change(void **state)
{
    (void)state;
    run_clean("mmap 0x70000000+4 rw adi\n"
              "tag 0x70000000+4 5\n"
              "write 0x70002000 7\n"
              "swapout 0x70002000+2\n"
              "mremap 0x70000000+4 0x80000000\n"
              "read 0x80002000 expect 7\n"
              "mprotect 0x80000000+4 r adi\n"
              "mprotect 0x80000000+4 rw adi\n"
              "mremap 0x80000000+4 0x80000000+2\n"
              "madvise 0x80000000+2 pageout\n"
              "madvise 0x80000000 free\n"
              "munmap 0x80000000+2\n");
}

static void test_processes_fork_and_end(void **state)
{
    struct play p = play("swap-keyed", "mmap 0x70000000+2 rw adi\n"
                                       "tag 0x70000000+2 5\n"
                                       "write 0x70000000 1\n"
                                       "swapout 0x70000000\n"
                                       "fork as 2\n"
                                       "fork pid 2 as 3\n"
                                       "write pid 3 0x70000000 3\n"
                                       "exit pid 2\n"
                                       "read 0x70000000 expect 1\n"
                                       "read pid 3 0x70000000 expect 3\n"
                                       "check\n"
                                       "swapout pid 3 0x70000000+2\n");

    (void)state;
    run(&p);
    assert_null(process(&p, 2));
    assert_ptr_not_equal(process(&p, 1), process(&p, 3));
    assert_int_equal(p.result[11].done, 4);
    finish(&p);
}

static void test_objects_are_shared_by_number(void **state)
{
    struct play p = play("remap", "mmap 0x70000000+2 rw adi shared shmem 1\n"
                                  "tag 0x70000000+2 5\n"
                                  "write 0x70002000 9\n"
                                  "mmap 0x80002000 rw shared shmem 1 from 1\n"
                                  "read 0x80002000 expect 9\n"
                                  "mmap 0x90000000 rw shared shmem\n"
                                  "read 0x90000000 expect 0\n"
                                  "mmap 0xa0002000+2 rw private file 1 from 3\n"
                                  "read 0xa0004000 expect 0\n"
                                  "write 0xa0004000 1\n"
                                  "mmap 0xb0002000+2 r shared file 1 from 3\n"
                                  "read 0xb0004000 expect 0\n"
                                  "fork as 2\n"
                                  "write 0x70000000 8\n"
                                  "read pid 2 0x70000000 expect 8\n");

    (void)state;
    run(&p);
    assert_int_equal(mm_rss(process(&p, 1), MM_ANONPAGES), 1);
    finish(&p);
}

static void test_objects_lose_bytes(void **state)
{
    static const char *const kinds[] = {"shmem", "file"};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        char text[1000];
        struct play p;

        snprintf(text, sizeof(text),
                 "mmap 0x70000000+4 rw shared %s 1\n"
                 "mmap 0x80000000+4 rw private %s 1\n"
                 "write 0x70000010 1\n"
                 "write 0x70000020 2\n"
                 "write 0x70002000 3\n"
                 "write 0x70004000 4\n"
                 "write 0x80004000 5\n"
                 "swapout all\n"
                 "punch 0x70002000\n"
                 "read 0x70002000 expect 0\n"
                 "read 0x70004000 expect 4\n"
                 "truncate 0x70000018\n"
                 "read 0x70000010 expect 1\n"
                 "read 0x70000020 expect 0\n"
                 "read 0x70004000\n" /* 15: SIGBUS */
                 "read 0x80004000\n" /* 16: private copies go, too */
                 "truncate 0x70006000\n"
                 "read 0x70000020 expect 0\n"
                 "read 0x70004000 expect 0\n"
                 "read 0x80004000 expect 0\n"
                 "truncate 0x70006000\n",
                 kinds[i], kinds[i]);
        p = play("remap", text);
        start(&p);
        for (unsigned line = 1; line <= 20; line++)
            if (p.result[line].err != (line == 15 || line == 16 ? -EIO : 0))
                fail_msg("line %u: %d", line, p.result[line].err);
        finish(&p);
    }
}

static void test_objects_by_number(void **state)
{
    struct play p = play("remap", "mmap 0x70000000+4 rw shared file 2\n"
                                  "write 0x70000000 1\n"
                                  "write 0x70002000 2\n"
                                  "sync 0x70000000\n"
                                  "sync file 2\n"
                                  "punch file 2 1+2\n"
                                  "read 0x70002000 expect 0\n"
                                  "read 0x70000000 expect 1\n"
                                  "truncate file 2 8192\n"
                                  "read 0x70002000\n"
                                  "truncate shmem 2 8192\n"
                                  "punch file 3 1\n"
                                  "sync shmem 1\n"
                                  "mmap 0x60000000 rw\n"
                                  "sync 0x60000000\n");

    (void)state;
    start(&p);
    for (unsigned line = 1; line <= 9; line++)
        assert_int_equal(p.result[line].err, 0);
    assert_int_equal(p.result[10].err, -EIO);
    for (unsigned line = 11; line <= 13; line++)
        assert_int_equal(p.result[line].err, -ENOENT);
    assert_int_equal(p.result[15].err, -EINVAL);
    finish(&p);
}

/* B22: the lines that a large copy initialises; and what a file shows. */
static void test_a_copy_of_the_kernel_clears_tags(void **state)
{
    struct play p = play("remap", "mmap 0x70000000+2 rw adi shared shmem 1\n"
                                  "tag 0x70000000+2 5\n"
                                  "pwrite shmem 1 8128 3000 7\n"
                                  "read 0x70001fc0 tag 5 expect 7\n"
                                  "read 0x70002000 tag 0 expect 7\n"
                                  "read 0x70002b40 tag 5 expect 7\n"
                                  "read 0x70002b78 tag 5 expect 0\n"
                                  "pwrite 0x70002000 2944 8 from 4\n"
                                  "read 0x70002b7f tag 5 expect 8\n"
                                  "pwrite shmem 1 20000 1 9\n"
                                  "mmap 0x74000000 rw shared shmem 1 from 2\n"
                                  "read 0x74000e20 expect 9\n"
                                  "pwrite shmem 2 0 1 9\n"
                                  "mmap 0x60000000 rw\n"
                                  "pwrite 0x60000000 1 9\n"
                                  "pwrite shmem 1 9223372036854775807 1 1\n");

    (void)state;
    start(&p);
    for (unsigned line = 1; line <= 12; line++)
        if (p.result[line].err != 0)
            fail_msg("line %u: %d", line, p.result[line].err);
    assert_int_equal(p.result[13].err, -ENOENT);
    assert_int_equal(p.result[15].err, -EINVAL);
    assert_int_equal(p.result[16].err, -EFBIG);
    assert_int_equal(judge_nr_findings(alone_judge(p.a)), 1);
    finish(&p);
}

static void test_memory_is_locked_and_reclaimed(void **state)
{
    struct play p = play("remap", "mmap 0x70000000+4 rw adi\n"
                                  "tag 0x70000000+4 5\n"
                                  "tag 0x70000000+2 6 at 3\n"
                                  "check\n"
                                  "mlock 0x70000000+2\n"
                                  "reclaim 4\n"
                                  "reclaim 4\n"
                                  "munlock 0x70000000+2\n"
                                  "reclaim 4\n"
                                  "reclaim 4\n"
                                  "read 0x70000000 expect 0\n"
                                  "mremap 0x70000000+4 0x80000000 dontunmap\n"
                                  "read 0x70000000 expect 0\n"
                                  "check\n");
    const adi_tag_t *tags;

    (void)state;
    start(&p);
    assert_int_equal(p.result[6].done + p.result[7].done, 2);
    assert_int_equal(p.result[9].done + p.result[10].done, 2);
    assert_int_equal(p.result[12].err, 0);
    assert_false(judge_errors(alone_judge(p.a)));
    tags = tagmem_page(adi_tagmem(alone_adi(p.a)),
                       pte_pfn(*mm_pte(process(&p, 1), 0x80000000)));
    assert_int_equal(tags[2], 5);
    assert_int_equal(tags[3], 6);
    finish(&p);
}

/* A file's pages leave memory and come back as they were written. */
static void test_files_keep_what_is_written(void **state)
{
    struct play p = play("remap", "mmap 0x70000000+2 rw shared file 1\n"
                                  "write 0x70002001 3\n"
                                  "madvise 0x70000000+2 pageout\n"
                                  "read 0x70002001 expect 3\n"
                                  "munmap 0x70000000+2\n"
                                  "mmap 0x70000000+2 rw private file 1\n"
                                  "read 0x70002001 expect 3\n"
                                  "mmap 0x80000000 rw shared file\n"
                                  "write 0x80000000 3\n"
                                  "munmap 0x80000000\n");

    (void)state;
    run(&p);
    finish(&p);
}

/* The file shrinks while a page of it is being read, or copied. */
static void test_truncate_in_the_middle_of_a_fault(void **state)
{
    static const char *const lines[] = {
        "mmap 0x70000000+2 rw shared file 1\n"
        "when fault file: truncate 0x70000000\n",
        "mmap 0x70000000+2 rw shared shmem 1\n"
        "when fault file: truncate 0x70000000\n",
        "mmap 0x70000000+2 rw private file 1\n"
        "when fault cow: truncate 0x70000000\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct play p = play("remap", lines[i]);
        struct folio *folio;

        start(&p);
        assert_int_equal(
            mm_get_page(process(&p, 1), BASE, ACCESS_WRITE, &folio), FAULT_BUS);
        assert_int_equal(p.fired[2], 1);
        assert_int_equal(p.result[2].err, 0);
        assert_true(pte_none(*mm_pte(process(&p, 1), BASE)));
        finish(&p);
    }
}

static void test_devices_go_and_come(void **state)
{
    struct play p = play("remap", "mmap 0x70000000+4 rw adi\n"
                                  "tag 0x70000000+4 5\n"
                                  "swapout all\n"
                                  "swapoff /dev/adi0\n"
                                  "check\n"
                                  "swapoff /dev/adi0\n"
                                  "swapon /dev/adi0 pri 5\n"
                                  "swapon /dev/adi0\n"
                                  "swapoff /dev/adi2\n"
                                  "swapon /dev/adi2\n"
                                  "swapout all\n");

    (void)state;
    start(&p);
    assert_int_equal(p.result[4].err, 0);
    assert_int_equal(p.result[5].done, 4);
    assert_int_equal(p.result[6].err, -EINVAL);
    assert_int_equal(p.result[7].err, 0);
    assert_int_equal(p.result[8].err, -EBUSY);
    assert_int_equal(p.result[9].err, -ENOENT);
    assert_int_equal(p.result[10].err, -ENOENT);
    assert_int_equal(p.result[11].done, 4);
    finish(&p);
}

static void test_failures_are_put_in(void **state)
{
    struct play p = play("linux-6.2", "mmap 0x70000000+4 rw adi\n"
                                      "tag 0x70000000+4 5\n"
                                      "fail tagstore 1\n"
                                      "swapout 0x70000000\n"
                                      "swapout 0x70000000\n"
                                      "fail swapwrite 1\n"
                                      "swapout 0x70002000\n"
                                      "swapout 0x70002000\n"
                                      "fail swapread 1\n"
                                      "read 0x70000000\n"
                                      "read 0x70000000\n");

    (void)state;
    start(&p);
    assert_int_equal(p.result[4].done, 0);
    assert_int_equal(p.result[4].found, 1);
    assert_int_equal(p.result[5].done, 1);
    assert_int_equal(p.result[7].done, 0);
    assert_int_equal(p.result[8].done, 1);
    assert_int_equal(p.result[10].err, -EIO);
    finish(&p);
}

static void test_pages_move_to_a_node(void **state)
{
    struct play p = play("remap", "mmap 0x70000000+4 rw adi\n"
                                  "tag 0x70000000+4 5\n"
                                  "migrate 0x70000000+4 node 1\n"
                                  "check\n"
                                  "migrate 0x70000000\n"
                                  "pin 0x70000000\n"
                                  "migrate 0x70000000+2 node 0\n"
                                  "swapout 0x70000000\n"
                                  "unpin 0x70000000\n"
                                  "migrate 0x70000000 node 0\n");
    const struct folio *folio;

    (void)state;
    run(&p);
    assert_int_equal(p.result[3].done, 4);
    assert_int_equal(p.result[5].done, 1);
    assert_int_equal(p.result[7].found, 2);
    assert_int_equal(p.result[7].done, 1);
    assert_int_equal(p.result[8].done, 0);
    assert_int_equal(p.result[10].done, 1);
    folio = phys_folio(memory_phys(alone_memory(p.a)),
                       pte_pfn(*mm_pte(process(&p, 1), BASE)));
    assert_int_equal(folio->node, 0);
    finish(&p);
}

static void test_memory_is_compacted(void **state)
{
    struct play p = play("swap-keyed", "mmap 0x70000000+8 rw adi\n"
                                       "tag 0x70000000+8 5\n"
                                       "madvise 0x70000000+4 dontneed\n"
                                       "compact node 1\n"
                                       "compact\n"
                                       "check\n");

    (void)state;
    run(&p);
    assert_int_equal(p.result[4].found, 0);
    assert_true(p.result[5].done > 0);
    assert_int_equal(p.result[6].done, 4);
    assert_false(judge_errors(alone_judge(p.a)));
    finish(&p);
}

/* Where the model itself is wrong, "check" says so. */
static void test_check_finds_a_broken_model(void **state)
{
    struct play p = play("remap", "mmap 0x70000000 rw adi\n"
                                  "tag 0x70000000 5\n"
                                  "pin 0x70000000\n"
                                  "check\n"
                                  "at exit: check\n");
    struct folio *folio;

    (void)state;
    run(&p);
    assert_null(check_failure(alone_check(p.a)));
    folio = phys_folio(memory_phys(alone_memory(p.a)),
                       pte_pfn(*mm_pte(process(&p, 1), BASE)));
    folio->mapcount++;
    triggers_exit(p.triggers, process(&p, 1));
    folio->mapcount--;
    assert_int_equal(p.result[5].err, -ENOTRECOVERABLE);
    assert_non_null(check_failure(alone_check(p.a)));
    finish(&p);
}

static void test_pinned_page_is_copied_at_fork(void **state)
{
    struct play p = play("remap", "mmap 0x70000000+2 rw adi\n"
                                  "tag 0x70000000+2 5\n"
                                  "pin 0x70000000\n"
                                  "pin 0x70000010\n"
                                  "fork as 2\n"
                                  "check\n"
                                  "unpin 0x70000000\n"
                                  "unpin 0x70000000\n"
                                  "unpin 0x70000000\n"
                                  "unpin 0x70002000\n"
                                  "pin pid 2 0x70002000\n"
                                  "exit pid 2\n");
    pte_t parent, child;

    (void)state;
    start(&p);
    parent = *mm_pte(process(&p, 1), BASE);
    assert_int_equal(p.result[8].err, 0);
    assert_int_equal(p.result[9].err, -ENOENT);
    assert_int_equal(p.result[10].err, -ENOENT);
    assert_true(pte_write(parent));
    assert_null(process(&p, 2));
    finish(&p);

    p = play("remap", "mmap 0x70000000 rw adi\n"
                      "pin 0x70000000\n"
                      "fork as 2\n");
    run(&p);
    parent = *mm_pte(process(&p, 1), BASE);
    child = *mm_pte(process(&p, 2), BASE);
    assert_int_not_equal(pte_pfn(parent), pte_pfn(child));
    finish(&p);
}

/* A page that two processes share read-only: the pin gets one of its own. */
static void test_pin_when_only_read_unshares(void **state)
{
    struct play p = play("remap", "mmap 0x70000000 rw adi\n"
                                  "tag 0x70000000 5\n"
                                  "fork as 2\n"
                                  "mprotect 0x70000000 r adi\n"
                                  "pin 0x70000000\n"
                                  "check\n");

    (void)state;
    run(&p);
    assert_int_not_equal(pte_pfn(*mm_pte(process(&p, 1), BASE)),
                         pte_pfn(*mm_pte(process(&p, 2), BASE)));
    assert_int_equal(p.result[6].done, 2);
    finish(&p);
}

static void test_errors_are_told(void **state)
{
    struct play p = play("remap", "mmap 0x70000000 r adi\n"
                                  "swapout pid 9 all\n"
                                  "write 0x70000000 1\n"
                                  "read 0x60000000\n"
                                  "read 0x70000000 expect 1\n"
                                  "mmap 0x80000000 rw\n"
                                  "tag 0x80000000 1\n"
                                  "fork as 1\n"
                                  "mprotect 0x90000000 r\n"
                                  "mmap 0 rw\n"
                                  "truncate 0x80000000\n"
                                  "punch 0x90000000\n");
    static const int errors[] = {0,        -ESRCH, -EFAULT,     -EFAULT,
                                 -EBADMSG, 0,      -EOPNOTSUPP, -EEXIST,
                                 -ENOMEM,  -EPERM, -EINVAL,     -EINVAL};

    (void)state;
    start(&p);
    for (unsigned i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        assert_int_equal(p.result[i + 1].err, errors[i]);
        assert_int_equal(
            drive_result_is_empty(&p.script.events[i].action, &p.result[i + 1]),
            errors[i] != 0);
    }
    finish(&p);
}

/* --------------------------------------------------------------- triggers */

static void touch(const struct play *p, enum access access)
{
    struct folio *folio;

    assert_int_equal(mm_get_page(process(p, 1), BASE, access, &folio),
                     FAULT_OK);
}

static void test_faults_are_counted(void **state)
{
    struct play p = play("remap", "mmap 0x70000000+2 rw adi\n"
                                  "tag 0x70000000+2 5\n"
                                  "swapout all\n"
                                  "after fault swapin: swapout\n"
                                  "after fault swapin 2: check\n"
                                  "when fault swapin 1 pid 1: check\n"
                                  "before fault swapin pid 2: check\n"
                                  "before fault anon: check\n");

    (void)state;
    start(&p);
    assert_int_equal(p.fired[3], 1);
    assert_int_equal(p.fired[8], 0); /* not what the script does itself */
    for (int i = 0; i < 3; i++)
        assert_int_equal(mm_handle_fault(process(&p, 1), BASE, ACCESS_READ),
                         FAULT_OK);
    assert_int_equal(p.fired[4], 3);
    assert_int_equal(p.result[4].done, 1);
    assert_int_equal(p.fired[5], 1);
    assert_int_equal(p.fired[6], 1);
    assert_int_equal(p.fired[7], 0);
    finish(&p);
}

/* The device goes while the page is being read from it. */
static void test_swapoff_in_the_middle_of_a_swapin(void **state)
{
    static const char *const moments[] = {"before", "when", "after"};

    (void)state;
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
        char text[200];
        struct play p;

        snprintf(text, sizeof(text),
                 "mmap 0x70000000 rw adi\ntag 0x70000000 5\nswapout all\n"
                 "%s fault swapin 1: swapoff /dev/adi0\n"
                 "%s fault swapin 1: swapoff /dev/adi1\n",
                 moments[i], moments[i]);
        p = play("remap", text);
        start(&p);
        touch(&p, ACCESS_WRITE);
        assert_int_equal(p.fired[4], 1);
        assert_int_equal(p.result[4].err, 0);
        assert_int_equal(p.result[5].err, 0);
        assert_false(judge_errors(alone_judge(p.a)));
        finish(&p);
    }
}

/* The fault has a reference: Linux moves the page another time, too. */
static void test_migrate_in_the_middle_of_a_swapin_is_refused(void **state)
{
    struct play p = play("remap", "mmap 0x70000000 rw adi\n"
                                  "tag 0x70000000 5\n"
                                  "swapout all\n"
                                  "when fault swapin: migrate node 1\n"
                                  "after fault swapin: migrate node 1\n");

    (void)state;
    start(&p);
    touch(&p, ACCESS_READ);
    assert_int_equal(p.result[4].found, 1);
    assert_int_equal(p.result[4].done, 0);
    assert_int_equal(p.result[5].done, 1);
    assert_false(judge_errors(alone_judge(p.a)));
    finish(&p);
}

/* B5 and B6 by script: a user for each move, ten for a pinned page. */
static void test_pages_move_as_by_system_calls(void **state)
{
    static const char text[] = "mmap 0x70000000+2 rw adi\n"
                               "tag 0x70000000+2 5\n"
                               "move 0x70000000+2 node 1\n"
                               "pin 0x70000000\n"
                               "move 0x70000000+2 node 0\n"
                               "mbind 0x70000000 bind nodes 0x1 move strict\n"
                               "unpin 0x70000000\n"
                               "mbind 0x70000000+2 bind nodes 0x1 move\n"
                               "fork as 2\n"
                               "move 0x70000000+2 node 1\n"
                               "move 0x70000000+2 node 1 all\n"
                               "check\n";
    struct play p = play("linux-6.2", text);

    (void)state;
    start(&p);
    assert_int_equal(p.result[3].done, 2);
    assert_int_equal(p.result[5].done, 0); /* the first stays: no status */
    assert_int_equal(p.result[6].err, -EIO);
    assert_int_equal(p.result[8].err, 0);
    assert_int_equal(p.result[10].done, 0);
    assert_true(
        drive_result_is_empty(&p.script.events[9].action, &p.result[10]));
    assert_int_equal(p.result[11].done, 2);
    /* 2, then 10 and 1, then 10, then 1, then 2 mappings of 2. */
    assert_int_equal(
        hub_counter(memory_hub(alone_memory(p.a)), COUNT_TAGS_SAVED), 28);
    assert_int_equal(judge_nr_findings(alone_judge(p.a)), 0);
    alone_exit(p.a, p.triggers);
    triggers_destroy(p.triggers);
    alone_destroy(p.a);
    script_free(&p.script);
    run_clean("mmap 0x70000000+2 rw adi\n"
              "tag 0x70000000+2 5\n"
              "mbind 0x70000000+2 bind nodes 0x2 move strict\n"
              "move 0x70000000+2 node 0\n"
              "check\n");
}

/* As move_pages() of the first process does, in which events are due. */
static int migrate_page(struct play *p, unsigned node)
{
    struct memory *mem = alone_memory(p->a);
    pte_t pte = *mm_pte(process(p, 1), BASE);

    return migrate_folio(mem, phys_folio(memory_phys(mem), pte_pfn(pte)), node);
}

/* A page that is on its way, and what others do to it meanwhile. */
static void test_others_run_in_the_middle_of_a_migration(void **state)
{
    static const char *const meanwhile[] = {
        "madvise 0x70000000 dontneed",
        "munmap 0x70000000",
        "mprotect 0x70000000 r adi",
        "mprotect 0x70000000 rw",
        "mremap 0x70000000 0x78000000",
        "fork as 2",
        "fork as 2\nwhen migrate: exit pid 2",
        "fork as 2\nwhen migrate: exit",
        "swapoff /dev/adi0",
        "compact",
        "exit",
    };
    static const char *const profiles[] = {"remap", "swap-keyed", "linux-6.2",
                                           "linux-5.17"};

    (void)state;
    for (size_t i = 0; i < sizeof(meanwhile) / sizeof(meanwhile[0]); i++)
        for (size_t n = 0; n < 4; n++) {
            char text[512];
            struct play p;

            snprintf(text, sizeof(text),
                     "mmap 0x70000000+2 rw adi\n"
                     "tag 0x70000000+2 5\n"
                     "when migrate: %s\n"
                     "at exit: check\n",
                     meanwhile[i]);
            p = play(profiles[n], text);
            run(&p);
            assert_int_equal(migrate_page(&p, 1), 0);
            assert_int_equal(p.fired[3], 1);
            assert_int_equal(p.result[3].err, 0);
            for (size_t f = 0; f < judge_nr_findings(alone_judge(p.a)); f++)
                fail_msg("%s: tags are gone", meanwhile[i]);
            if (n < 2) /* 6.2 and 5.17 leak, whatever happens */
                assert_false(judge_errors(alone_judge(p.a)));
            alone_exit(p.a, p.triggers);
            triggers_destroy(p.triggers);
            alone_destroy(p.a);
            script_free(&p.script);
        }
}

/* migration_entry_wait(): a fault waits until the page is there again. */
static void test_fault_in_the_middle_of_a_migration_waits(void **state)
{
    struct play p = play("remap", "mmap 0x70000000+1 rw adi\n"
                                  "write 0x70000000 42\n"
                                  "when migrate 1: read 0x70000000\n"
                                  "when migrate 2: pin 0x70000000\n");
    struct folio *folio;

    (void)state;
    run(&p);
    assert_int_equal(migrate_page(&p, 1), 0);
    assert_int_equal(p.result[3].err, -EAGAIN);
    assert_int_equal(migrate_page(&p, 0), 0);
    assert_int_equal(p.result[4].err, -EAGAIN);
    assert_int_equal(mm_get_page(process(&p, 1), BASE, ACCESS_WRITE, &folio),
                     FAULT_OK);
    assert_int_equal(memory_folio_bytes(alone_memory(p.a), folio)[0], 42);
    assert_int_equal(folio->node, 0);
    assert_int_equal(folio->refcount, 1);
    assert_false(judge_errors(alone_judge(p.a)));
    finish(&p);
}

/* The page's object goes with its last mapping. */
static void test_object_goes_in_the_middle_of_a_migration(void **state)
{
    struct play p = play("remap", "mmap 0x70000000+2 rw adi shared shmem\n"
                                  "tag 0x70000000+2 5\n"
                                  "when migrate: munmap 0x70000000+2\n");

    (void)state;
    run(&p);
    assert_int_equal(migrate_page(&p, 1), 0);
    assert_int_equal(p.fired[3], 1);
    assert_int_equal(p.result[3].err, 0);
    assert_false(judge_errors(alone_judge(p.a)));
    finish(&p);
}

/* The page is locked: who wants it out of its object would wait. */
static void test_a_migration_holds_its_page(void **state)
{
    struct play p = play("remap", "mmap 0x70000000+2 rw adi shared file 1\n"
                                  "write 0x70000000 5\n"
                                  "when migrate: check\n");
    static const enum script_verb verbs[] = {VERB_TRUNCATE, VERB_PUNCH,
                                             VERB_SYNC, VERB_PWRITE};

    (void)state;
    run(&p);
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        const struct script_action a = {
            .verb = verbs[i], .va = BASE, .pages = 1, .len = 1};
        const struct drive_at at = {.migrating = true};

        assert_int_equal(drive_do(alone_drive(p.a), &a, &at).err, -EDEADLK);
        assert_int_equal(drive_do(alone_drive(p.a), &a, NULL).err, 0);
    }
    finish(&p);
}

/* The migrations of actions are triggers, but not within a migration. */
static void test_a_migration_by_an_action_is_a_trigger(void **state)
{
    struct play p = play("swap-keyed", "mmap 0x70000000+3 rw adi\n"
                                       "tag 0x70000000+3 5\n"
                                       "fork as 2\n"
                                       "when migrate 1: migrate all\n"
                                       "when migrate 2: mremap 0x70002000 "
                                       "0x80000000\n"
                                       "when migrate 3: exit pid 2\n"
                                       "before fault cow: check\n"
                                       "migrate 0x70000000+3 node 1\n"
                                       "check\n");

    (void)state;
    run(&p);
    assert_int_equal(p.fired[4], 1);
    assert_int_equal(p.result[4].done, 2); /* not the one on its way */
    assert_true(p.busy[4]);
    assert_false(p.busy[8]);
    assert_int_equal(p.fired[5], 1);
    assert_int_equal(p.fired[6], 1);
    assert_int_equal(p.result[8].done, 3);
    assert_null(process(&p, 2));
    assert_false(judge_errors(alone_judge(p.a)));
    finish(&p);
}

/* Of an event in the course of another, what either holds counts. */
static void test_what_is_locked_stays_so_in_nested_events(void **state)
{
    struct play p = play("remap", "mmap 0x70000000+2 rw adi\n"
                                  "mmap 0x74000000+2 rw shared file 1\n"
                                  "tag 0x70000000+2 5\n"
                                  "fork as 2\n"
                                  "tag pid 2 0x70000000+2 6\n"
                                  "when fault cow: mbind pid 2 0x70000000+2 "
                                  "bind nodes 0x2 move\n"
                                  "when migrate 1: munmap pid 1 0x70000000\n"
                                  "when migrate 1: munmap pid 2 0x70000000\n"
                                  "when migrate 1: exit\n"
                                  "when migrate 2: read pid 1 0x70000000\n"
                                  "fork as 3\n");

    (void)state;
    start(&p);
    touch(&p, ACCESS_WRITE);
    assert_int_equal(p.fired[6], 1);
    assert_int_equal(p.result[6].err, 0);
    assert_int_equal(p.result[7].err, -EDEADLK);
    assert_int_equal(p.result[8].err, -EDEADLK);
    assert_int_equal(p.result[9].err, -EDEADLK);
    assert_int_equal(p.fired[10], 1);
    assert_int_equal(p.result[10].err, 0);
    assert_false(judge_errors(alone_judge(p.a)));
    finish(&p);
}

/* Its address space is there until the action is done. */
static void test_a_process_ends_in_the_course_of_an_action(void **state)
{
    static const char *const actions[] = {"migrate pid 2 all", "compact",
                                          "move pid 2 0x70000000+3 node 1"};

    (void)state;
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        char text[200];
        struct play p;
        pfn_t free;

        snprintf(text, sizeof(text),
                 "fork as 2\n"
                 "mmap pid 2 0x70000000+3 rw adi\n"
                 "tag pid 2 0x70000000+3 5\n"
                 "when migrate: exit pid 2\n"
                 "%s\n",
                 actions[i]);
        p = play("remap", text);
        free = phys_nr_free(memory_phys(alone_memory(p.a)));
        start(&p);
        /* A system call goes on with the pages, compaction finds none. */
        assert_int_equal(p.result[4].err, i == 1 ? 0 : -ESRCH);
        assert_int_equal(p.result[5].err, 0);
        assert_null(process(&p, 2));
        assert_int_equal(phys_nr_free(memory_phys(alone_memory(p.a))), free);
        assert_false(judge_errors(alone_judge(p.a)));
        finish(&p);
    }
}

static void test_events_of_the_end(void **state)
{
    struct play p = play("remap", "mmap 0x70000000 rw adi\n"
                                  "fork as 2\n"
                                  "at exit: exit\n"
                                  "at exit: exit pid 2\n"
                                  "at exit: fork as 3\n"
                                  "at exit: fork pid 2 as 4\n");

    (void)state;
    run(&p);
    alone_exit(p.a, p.triggers);
    assert_int_equal(p.fired[3], 1); /* both are gone by then */
    assert_int_equal(p.result[3].err, 0);
    assert_int_equal(p.result[4].err, 0);
    assert_int_equal(p.result[5].err, -ESRCH);
    finish(&p);
    p = play("remap", "fork as 2\nat exit: fork as 3\n");
    run(&p);
    alone_exit(p.a, p.triggers);
    assert_int_equal(p.fired[2], 2);
    assert_int_equal(p.result[2].err, -EAGAIN);
    finish(&p);
}

/* B16: what is seen there is wrong, and the kernel puts it right. */
static void test_check_sees_a_page_half_way(void **state)
{
    static const char *const profiles[] = {"remap", "linux-6.2", "linux-5.17"};

    (void)state;
    for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
        struct play p = play(profiles[i], "mmap 0x70000000+2 rw adi\n"
                                          "tag 0x70000000+2 5\n"
                                          "swapout all\n"
                                          "set fault swapin 1: check\n"
                                          "restore fault swapin 2: check\n"
                                          "after fault swapin: check\n");

        start(&p);
        touch(&p, ACCESS_READ);
        assert_int_equal(
            mm_handle_fault(process(&p, 1), BASE + PAGE_SIZE, ACCESS_READ),
            FAULT_OK);
        assert_int_equal(p.fired[4], 1);
        assert_int_equal(p.result[4].found, 1);
        assert_int_equal(p.fired[5], 1);
        assert_int_equal(p.fired[6], 2);
        assert_int_equal(judge_nr_findings(alone_judge(p.a)), i > 0 ? 2 : 0);
        assert_true(check_everything(alone_check(p.a)));
        finish(&p);
    }
}

/* B18: it stays wrong: seen half way, and then by the program. */
static void test_check_sees_a_page_that_is_lost(void **state)
{
    struct play p = play("swap-keyed-5.18", "mmap 0x70000000 rw adi\n"
                                            "tag 0x70000000 5\n"
                                            "swapout all\n"
                                            "set fault swapin: check\n");

    (void)state;
    start(&p);
    touch(&p, ACCESS_WRITE);
    assert_int_equal(p.fired[4], 1);
    assert_int_equal(judge_nr_findings(alone_judge(p.a)), 2);
    assert_true(check_everything(alone_check(p.a)));
    finish(&p);
}

/* B18 twice: another page comes in while the first one does. */
static void test_two_pages_are_lost_at_once(void **state)
{
    struct play p =
        play("swap-keyed-5.18", "mmap 0x70000000+2 rw adi\n"
                                "tag 0x70000000+2 5\n"
                                "swapout all\n"
                                "mlock 0x70002000 onfault\n"
                                "set fault swapin: read 0x70002000\n");

    (void)state;
    start(&p);
    touch(&p, ACCESS_WRITE);
    assert_int_equal(p.fired[5], 1);
    assert_int_equal(p.result[5].err, 0);
    assert_int_equal(judge_nr_findings(alone_judge(p.a)), 2);
    assert_true(check_everything(alone_check(p.a)));
    finish(&p);
}

static void test_a_fault_holds_the_areas(void **state)
{
    struct play p =
        play("remap", "mmap 0x70000000 rw adi\n"
                      "fork as 2\n"
                      "when fault anon: munmap pid 1 0x70000000\n"
                      "when fault anon: munmap pid 2 0x70000000\n"
                      "when fault anon: madvise 0x70000000 dontneed\n"
                      "when fault anon 1: write 0x70000000 4\n");

    (void)state;
    start(&p);
    touch(&p, ACCESS_WRITE);
    assert_int_equal(p.result[3].err, -EDEADLK);
    assert_int_equal(p.result[4].err, 0);
    assert_int_equal(p.result[5].err, 0);
    assert_int_equal(p.result[6].err, 0);
    finish(&p);
}

static bool is_syscall(const char *name)
{
    (void)name;
    return true;
}

static void test_instructions_calls_and_exits(void **state)
{
    static const char text[] = "after insn 30: check\n"
                               "after insn 10: check\n"
                               "at syscall mmap 2: check\n"
                               "at syscall mmap: check\n"
                               "at exit pid 1: check\n"
                               "at exit pid 2: check\n";
    struct play p = {.a = machine("remap")};
    struct script_rules rules = alone_rules(NODES);

    (void)state;
    rules.insns = true;
    rules.is_syscall = is_syscall;
    assert_int_equal(script_parse(text, strlen(text), &rules, &p.script), 0);
    start(&p);
    assert_int_equal(triggers_next_insn(p.triggers), 10);
    triggers_insns(p.triggers, 9);
    assert_int_equal(p.fired[2], 0);
    triggers_insns(p.triggers, 11);
    assert_int_equal(p.fired[2], 1);
    assert_int_equal(triggers_next_insn(p.triggers), 30);
    triggers_insns(p.triggers, 40);
    triggers_insns(p.triggers, 50);
    assert_int_equal(p.fired[1], 1);
    assert_int_equal(p.fired[2], 1);
    assert_int_equal(triggers_next_insn(p.triggers), UINT64_MAX);

    triggers_syscall(p.triggers, "mmap", process(&p, 1));
    assert_int_equal(p.fired[3], 0);
    triggers_syscall(p.triggers, "munmap", process(&p, 1));
    triggers_syscall(p.triggers, "mmap", process(&p, 1));
    triggers_syscall(p.triggers, "mmap", process(&p, 1));
    assert_int_equal(p.fired[3], 1);
    assert_int_equal(p.fired[4], 3);
    triggers_exit(p.triggers, process(&p, 1));
    assert_int_equal(p.fired[5], 1);
    assert_int_equal(p.fired[6], 0);
    finish(&p);
}

/* The leak of Linux 6.2 in zap, with the lines that led to it. */
static void test_records_name_the_line(void **state)
{
    struct play p = play("linux-6.2", "mmap 0x70000000 rw adi\n"
                                      "tag 0x70000000 5\n"
                                      "swapout 0x70000000\n"
                                      "\n"
                                      "munmap 0x70000000\n");
    struct run_facts facts = {
        .version = "0", .profile = "linux-6.2", .program = "prog"};
    char *text;
    size_t len;
    FILE *out;

    (void)state;
    run(&p);
    alone_exit(p.a, NULL);
    assert_true(judge_errors(alone_judge(p.a)));
    out = open_memstream(&text, &len);
    assert_int_equal(report_print_text(alone_judge(p.a), out, &facts, false),
                     0);
    fclose(out);
    assert_non_null(strstr(text, "allocated by swap-out (try_to_unmap_one), "));
    assert_non_null(strstr(text, ", by line 3 of the events\n"));
    assert_non_null(strstr(text, ", by line 5 of the events\n"));
    free(text);
    finish(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_go_and_come_back),
        cmocka_unit_test(test_areas_change),
        cmocka_unit_test(test_processes_fork_and_end),
        cmocka_unit_test(test_objects_are_shared_by_number),
        cmocka_unit_test(test_objects_lose_bytes),
        cmocka_unit_test(test_objects_by_number),
        cmocka_unit_test(test_a_copy_of_the_kernel_clears_tags),
        cmocka_unit_test(test_memory_is_locked_and_reclaimed),
        cmocka_unit_test(test_files_keep_what_is_written),
        cmocka_unit_test(test_truncate_in_the_middle_of_a_fault),
        cmocka_unit_test(test_devices_go_and_come),
        cmocka_unit_test(test_failures_are_put_in),
        cmocka_unit_test(test_pages_move_to_a_node),
        cmocka_unit_test(test_memory_is_compacted),
        cmocka_unit_test(test_check_finds_a_broken_model),
        cmocka_unit_test(test_pinned_page_is_copied_at_fork),
        cmocka_unit_test(test_pin_when_only_read_unshares),
        cmocka_unit_test(test_errors_are_told),
        cmocka_unit_test(test_faults_are_counted),
        cmocka_unit_test(test_swapoff_in_the_middle_of_a_swapin),
        cmocka_unit_test(test_migrate_in_the_middle_of_a_swapin_is_refused),
        cmocka_unit_test(test_pages_move_as_by_system_calls),
        cmocka_unit_test(test_others_run_in_the_middle_of_a_migration),
        cmocka_unit_test(test_fault_in_the_middle_of_a_migration_waits),
        cmocka_unit_test(test_object_goes_in_the_middle_of_a_migration),
        cmocka_unit_test(test_a_migration_holds_its_page),
        cmocka_unit_test(test_a_migration_by_an_action_is_a_trigger),
        cmocka_unit_test(test_what_is_locked_stays_so_in_nested_events),
        cmocka_unit_test(test_a_process_ends_in_the_course_of_an_action),
        cmocka_unit_test(test_events_of_the_end),
        cmocka_unit_test(test_check_sees_a_page_half_way),
        cmocka_unit_test(test_check_sees_a_page_that_is_lost),
        cmocka_unit_test(test_two_pages_are_lost_at_once),
        cmocka_unit_test(test_a_fault_holds_the_areas),
        cmocka_unit_test(test_instructions_calls_and_exits),
        cmocka_unit_test(test_records_name_the_line),
    };

    return RUN(tests);
}
