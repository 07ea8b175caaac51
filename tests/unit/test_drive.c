// SPDX-License-Identifier: GPL-2.0-or-later
/* Actions of scripts on a memory without a CPU. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adi/tags.h"
#include "check/check.h"
#include "judge/finding.h"
#include "judge/judge.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/phys.h"
#include "mm/populate.h"
#include "mm/vma.h"
#include "print/report.h"
#include "play.h"

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

/* Places that need a descriptor each. */
static void test_every_nth_page_is_mapped_and_tagged(void **state)
{
    struct play p = play("linux-6.2", "mmap 0x70000000+9 rw adi every 4\n"
                                      "tag 0x70000000+9 5 every 4\n"
                                      "mmap 0x80000000+5 r private file 1 from "
                                      "2 every 2\n"
                                      "truncate file 1 32768\n"
                                      "read 0x80000000 expect 0\n"
                                      "swapout all\n");

    (void)state;
    run(&p);
    assert_int_equal(p.result[2].found, 3);
    assert_int_equal(p.result[2].done, 3);
    assert_null(vma_lookup(process(&p, 1), 0x70002000));
    assert_non_null(vma_lookup(process(&p, 1), 0x70010000));
    assert_int_equal(vma_lookup(process(&p, 1), 0x80008000)->pgoff, 6);
    assert_int_equal(p.result[6].done, 4); /* and that of the file */
    finish(&p);
}

/* A new page is cleared, whoever had its frame; a page that the kernel makes
 * to copy into it is not. */
static void test_frames_had_an_owner(void **state)
{
    struct play p = play("remap", "mmap 0x70000000 rw adi\n"
                                  "tag 0x70000000 5\n"
                                  "churn 9\n"
                                  "read 0x70000000 expect 0\n"
                                  "mmap 0x70002000 rw adi\n"
                                  "read 0x70002000 expect 0\n"
                                  "write 0x70002000 1\n"
                                  "check\n"
                                  "mmap 0x80000000 rw adi shared shmem 1\n"
                                  "pwrite shmem 1 0 8192 7 from 1\n"
                                  "read 0x80000000 expect 7\n");

    (void)state;
    run(&p);
    assert_int_equal(p.result[3].found, p.result[3].done);
    assert_true(p.result[3].done > 100);
    for (unsigned line = 1; line <= 8; line++)
        assert_int_equal(p.result[line].err, 0);
    assert_int_equal(p.result[11].err, 0);
    assert_int_equal(judge_nr_findings(alone_judge(p.a)), 1);
    assert_int_equal(judge_finding(alone_judge(p.a), 0)->found, 9);
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
        cmocka_unit_test(test_every_nth_page_is_mapped_and_tagged),
        cmocka_unit_test(test_frames_had_an_owner),
        cmocka_unit_test(test_check_finds_a_broken_model),
        cmocka_unit_test(test_pinned_page_is_copied_at_fork),
        cmocka_unit_test(test_pin_when_only_read_unshares),
        cmocka_unit_test(test_errors_are_told),
        cmocka_unit_test(test_records_name_the_line),
    };

    return RUN(tests);
}
