// SPDX-License-Identifier: GPL-2.0-or-later
/* Event scripts as text: what is read, and what is printed. */
#include <stdio.h>

#include "migrate/node.h"
#include "mm/madvise.h"
#include "mm/mmap.h"
#include "script/script.h"
#include "script_rules.h"
#include "unit.h"

static struct script_action action(const char *text)
{
    struct script_event ev = one(text, &library);

    assert_int_equal(ev.trigger.when, WHEN_START);
    return ev.action;
}

static struct script_trigger trigger(const char *text)
{
    return one(text, &program).trigger;
}

static void test_script_when_empty_has_no_events(void **state)
{
    static const char *const texts[] = {"", "\n", "  \t\r\n# a comment\n\n",
                                        "#", "# \xff\x01 at: pid\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct script s = parse_with(texts[i], &program);

        assert_int_equal(s.nr, 0);
        assert_int_equal(s.nr_errors, 0);
        script_free(&s);
    }
}

static void test_triggers(void **state)
{
    struct script_trigger t;

    (void)state;
    assert_int_equal(trigger("check").when, WHEN_START);
    assert_int_equal(trigger("at start: check").when, WHEN_START);

    t = trigger("after insn 120000: check");
    assert_int_equal(t.when, WHEN_INSN);
    assert_int_equal(t.nr, 120000);

    t = trigger("at syscall mmap: check");
    assert_int_equal(t.when, WHEN_SYSCALL);
    assert_string_equal(t.syscall, "mmap");
    assert_int_equal(t.nr, 0);
    assert_int_equal(t.pid, 0);
    t = trigger("at syscall exit_group 0x10 pid 1001:check#x");
    assert_string_equal(t.syscall, "exit_group");
    assert_int_equal(t.nr, 16);
    assert_int_equal(t.pid, 1001);

    t = trigger("before fault swapin 2: check");
    assert_int_equal(t.when, WHEN_FAULT);
    assert_int_equal(t.moment, MOMENT_FAULT_BEFORE);
    assert_int_equal(t.kind, FAULT_KIND_SWAPIN);
    assert_int_equal(t.nr, 2);
    t = trigger("when fault cow pid 2: check");
    assert_int_equal(t.moment, MOMENT_FAULT_DURING);
    assert_int_equal(t.kind, FAULT_KIND_COW);
    assert_int_equal(t.pid, 2);
    t = trigger("after fault migration: check");
    assert_int_equal(t.moment, MOMENT_FAULT_AFTER);
    assert_int_equal(t.kind, FAULT_KIND_MIGRATION);

    t = trigger("when migrate: check");
    assert_int_equal(t.when, WHEN_MIGRATE);
    assert_int_equal(t.nr, 0);
    assert_int_equal(trigger("when migrate 4: check").nr, 4);

    t = trigger("at exit 3 pid 7: check");
    assert_int_equal(t.when, WHEN_EXIT);
    assert_int_equal(t.nr, 3);
    assert_int_equal(t.pid, 7);
}

static void test_ranges(void **state)
{
    struct script_action a;

    (void)state;
    a = action("munmap 0x70000000");
    assert_int_equal(a.va, 0x70000000);
    assert_int_equal(a.pages, 1);
    assert_int_equal(a.pid, 0);
    a = action("munmap pid 3 0x70000000 + 0x10");
    assert_int_equal(a.pages, 16);
    assert_int_equal(a.pid, 3);
    a = action("munmap 0x70000000-0x70800000");
    assert_int_equal(a.pages, 1024);
    a = action("munmap 0xffffffffffffc000+1");
    assert_int_equal(a.va, UINT64_C(0xffffffffffffc000));
    a = action("swapout all");
    assert_int_equal(a.pages, UINT64_MAX);
    a = one("when fault swapin: migrate node 1", &program).action;
    assert_int_equal(a.pages, 0);
    assert_int_equal(a.node, 1);
    assert_true(a.has_node);
    a = one("after fault anon: swapout", &program).action;
    assert_int_equal(a.pages, 0);
}

static void test_actions_on_devices(void **state)
{
    struct script_action a;

    (void)state;
    a = action("swapoff /dev/adi22");
    assert_int_equal(a.verb, VERB_SWAPOFF);
    assert_int_equal(a.device, 22);
    a = action("swapon /dev/adi0");
    assert_int_equal(a.verb, VERB_SWAPON);
    assert_int_equal(a.priority, -1);
    assert_int_equal(action("swapon /dev/adi0 pri 32767").priority, 32767);
    a = action("fail tagstore 2");
    assert_int_equal(a.fail, FAIL_TAGSTORE);
    assert_int_equal(a.nr, 2);
    assert_int_equal(action("fail swapread 1").fail, FAIL_SWAPREAD);
    assert_int_equal(action("fail swapwrite 1").fail, FAIL_SWAPWRITE);
    assert_int_equal(action("compact").verb, VERB_COMPACT);
    assert_int_equal(action("check").verb, VERB_CHECK);
}

static void test_actions_on_nodes(void **state)
{
    struct script_action a;

    (void)state;
    a = one("move pid 2 0x70000000+3 node 1", &program).action;
    assert_int_equal(a.verb, VERB_MOVE);
    assert_int_equal(a.pid, 2);
    assert_int_equal(a.pages, 3);
    assert_int_equal(a.node, 1);
    assert_int_equal(a.how, MPOL_MF_MOVE);
    a = one("move 0x70000000 node 0 all", &program).action;
    assert_int_equal(a.how, MPOL_MF_MOVE_ALL);
    a = action("mbind 0x70000000+2 interleave nodes 0x3 moveall strict");
    assert_int_equal(a.verb, VERB_MBIND);
    assert_int_equal(a.policy, MPOL_INTERLEAVE);
    assert_int_equal(a.nodes, 3);
    assert_int_equal(a.how, MPOL_MF_MOVE_ALL | MPOL_MF_STRICT);
    a = action("mbind 0x70000000 default");
    assert_int_equal(a.policy, MPOL_DEFAULT);
    assert_int_equal(a.nodes, 0);
    assert_int_equal(a.how, 0);
}

static void test_actions_on_areas(void **state)
{
    struct script_action a;

    (void)state;
    a = action("mmap pid 1 0x70000000+16 rw adi shared shmem 3 from 5");
    assert_int_equal(a.prot, PROT_G_READ | PROT_G_WRITE | PROT_G_ADI);
    assert_true(a.shared);
    assert_int_equal(a.backing, BACKING_SHMEM);
    assert_int_equal(a.object, 3);
    assert_int_equal(a.pgoff, 5);
    a = action("mmap 0x70000000 none");
    assert_int_equal(a.prot, 0);
    assert_false(a.shared);
    assert_int_equal(a.backing, BACKING_ANON);
    assert_int_equal(action("mmap 0 r file").backing, BACKING_FILE);
    assert_true(action("mmap 0 r shared anon").shared);
    assert_int_equal(action("mmap 0 r private file from 2").pgoff, 2);

    assert_int_equal(action("mprotect 0x70000000 rwx").prot, 7);
    assert_int_equal(action("mprotect 0x70000000 r adi").prot, 0x11);
    a = action("mremap 0x70000000+4 0x80000000");
    assert_int_equal(a.to, 0x80000000);
    assert_int_equal(a.to_pages, 4);
    assert_int_equal(action("mremap 0x70000000+4 0x70000000+8").to_pages, 8);
    assert_int_equal(action("truncate 0x70000005").va, 0x70000005);
    assert_int_equal(action("punch 0x70000000+3").pages, 3);
    a = action("truncate shmem 2 100");
    assert_int_equal(a.object, 2);
    assert_int_equal(a.backing, BACKING_SHMEM);
    assert_int_equal(a.nr, 100);
    a = action("pwrite file 2 64 4096 7 from 3");
    assert_int_equal(a.nr, 64);
    assert_int_equal(a.len, 4096);
    assert_int_equal(a.value, 7);
    assert_int_equal(a.from, 3);
    a = action("punch file 2 4+3");
    assert_int_equal(a.backing, BACKING_FILE);
    assert_int_equal(a.pgoff, 4);
    assert_int_equal(a.pages, 3);
    assert_int_equal(action("sync file 7").object, 7);
    assert_int_equal(action("sync 0x70000000+7").pages, 7);
    assert_true(action("mlock 0x70000000+7 onfault").flag);
    assert_true(action("mremap 0x70000000 0x80000000 dontunmap").flag);
    assert_int_equal(action("reclaim 7").nr, 7);
    assert_int_equal(action("madvise 0x70000000 free").advice, MADV_G_FREE);
    assert_int_equal(action("madvise 0x70000000 wipeonfork").advice,
                     MADV_G_WIPEONFORK);
}

static void test_actions_of_processes(void **state)
{
    struct script_action a;

    (void)state;
    a = action("tag 0x70000000+2 15");
    assert_int_equal(a.value, 15);
    assert_int_equal(a.pages, 2);
    assert_false(a.has_block);
    a = action("tag 0x70000000+2 15 at 0");
    assert_true(a.has_block);
    assert_int_equal(a.block, 0);
    a = action("write 0x70000001 0xff");
    assert_int_equal(a.va, 0x70000001);
    assert_int_equal(a.value, 255);
    assert_false(action("read 0x70000001").expect);
    a = action("read 0x70000001 expect 7");
    assert_true(a.expect);
    assert_int_equal(a.value, 7);
    a = action("fork pid 1 as 2");
    assert_int_equal(a.pid, 1);
    assert_int_equal(a.child, 2);
    assert_int_equal(action("exit pid 4").pid, 4);
    assert_int_equal(action("pin pid 4 0x70000010").va, 0x70000010);
    assert_int_equal(action("unpin 0x70000010").verb, VERB_UNPIN);
}

static void test_lines_are_numbered(void **state)
{
    struct script s =
        parse_with("# one\n\ncheck\r\n\tcompact # four\ncheck", &program);

    (void)state;
    assert_int_equal(s.nr, 3);
    assert_int_equal(s.events[0].line, 3);
    assert_int_equal(s.events[1].line, 4);
    assert_int_equal(s.events[2].line, 5);
    assert_false(script_needs_clock(&s));
    script_free(&s);
    s = parse_with("check\nafter insn 1: check\n", &program);
    assert_true(script_needs_clock(&s));
    script_free(&s);
}

static void test_text_is_read_back(void **state)
{
    static const char *const lines[] = {
        "check",
        "compact",
        "compact node 0",
        "churn 9",
        "move 0x70000000 node 0",
        "move pid 3 0x70000000+4 node 0 all",
        "mbind 0x70000000+2 bind nodes 0x5 move strict",
        "mbind pid 2 0x70000000 many nodes 0x1 moveall",
        "mbind 0x70000000 default",
        "reclaim 7 node 0",
        "swapout all",
        "swapout pid 2 0x70000000+16",
        "migrate 0x70000000",
        "migrate pid 1 all node 0",
        "swapoff /dev/adi3",
        "swapon /dev/adi3",
        "swapon /dev/adi3 pri 0",
        "fail tagstore 2",
        "fail swapread 1",
        "read 0x70000000 tag 5 expect 7",
        "fail swapwrite 18446744073709551615",
        "mmap pid 1 0x70000000+16 rw adi private",
        "mmap 0x0 none shared",
        "mmap pid 4294967295 0x70000000+16 rwx adi shared shmem 4294967295 "
        "from 1125899906842624",
        "mmap 0x70000000 r private file",
        "mmap 0x70000000+9 rw private file 1 from 2 every 4",
        "munmap 0x70000000+2",
        "mprotect 0x70000000+2 none adi",
        "mprotect 0x70000000+2 wx",
        "mremap 0x70000000+4 0x80000000",
        "mremap 0x70000000+4 0x70000000+2",
        "mremap 0x70000000+4 0x70000000+1",
        "madvise pid 3 0x70000000 dontneed",
        "truncate pid 3 0x70000005",
        "punch pid 3 0x70000000+2",
        "truncate shmem 2 0",
        "truncate file 2 9223372036854775808",
        "punch file 2 0",
        "punch file 2 5+3",
        "pwrite file 2 5 1048576 0",
        "pwrite pid 2 0x70000005 1 255 from 7",
        "sync shmem 1",
        "sync pid 1 0x70000000+3",
        "reclaim 5",
        "mlock 0x70000000",
        "mlock 0x70000000+2 onfault",
        "munlock pid 2 0x70000000+2",
        "mremap 0x70000000+4 0x80000000 dontunmap",
        "madvise 0x70000000 dontneed_locked",
        "madvise 0x70000000 guard",
        "madvise 0x70000000 unguard",
        "tag pid 2 0x70000000 3 at 127",
        "tag 0x70000000+2 0",
        "tag 0x70000000+4 5 every 2",
        "tag pid 2 0x70000000+4 5 at 0 every 3",
        "write pid 3 0x70000123 9",
        "read 0x70000123",
        "read 0x70000123 expect 0",
        "fork as 2",
        "fork pid 1 as 2",
        "exit",
        "exit pid 2",
        "pin pid 1 0x70000005",
        "unpin 0x70000005",
        "before fault zero: swapout all",
        "when fault swapin 3 pid 2: migrate",
        "after fault file: madvise 0x70000000 pageout",
        "when migrate: compact",
        "when migrate 7: munmap 0x70000000+2",
        "at exit 1 pid 2: check",
    };
    char buf[SCRIPT_MAX_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct script_event ev = one(lines[i], &library);

        assert_string_equal(script_event_text(&ev, buf), lines[i]);
    }
    for (size_t i = 0; i < 2; i++) {
        const char *line =
            i ? "at syscall mmap 3 pid 1: check" : "after insn 120000: check";
        struct script_event ev = one(line, &program);

        assert_string_equal(script_event_text(&ev, buf), line);
        assert_string_equal(script_action_text(&ev.action, buf), "check");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_script_when_empty_has_no_events),
        cmocka_unit_test(test_triggers),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_actions_on_devices),
        cmocka_unit_test(test_actions_on_nodes),
        cmocka_unit_test(test_actions_on_areas),
        cmocka_unit_test(test_actions_of_processes),
        cmocka_unit_test(test_lines_are_numbered),
        cmocka_unit_test(test_text_is_read_back),
    };

    return RUN(tests);
}
