// SPDX-License-Identifier: GPL-2.0-or-later
/* Event scripts as text: what is read, what is refused, what is printed. */
#include <stdio.h>
#include <string.h>

#include "migrate/node.h"
#include "mm/madvise.h"
#include "mm/mmap.h"
#include "script/script.h"
#include "unit.h"

static bool is_syscall(const char *name)
{
    return strcmp(name, "mmap") == 0 || strcmp(name, "exit_group") == 0;
}

/* A program that runs on two nodes. */
static const struct script_rules program = {
    .refused = {[VERB_FORK] = "programs fork by themselves",
                [VERB_EXIT] = "programs end by themselves"},
    .nr_nodes = 2,
    .insns = true,
    .is_syscall = is_syscall,
};

/* The library alone. */
static const struct script_rules library = {.nr_nodes = 1};

static struct script parse_with(const char *text,
                                const struct script_rules *rules)
{
    struct script s;

    assert_int_equal(script_parse(text, strlen(text), rules, &s), 0);
    return s;
}

/* One good line. */
static struct script_event one(const char *text,
                               const struct script_rules *rules)
{
    struct script s = parse_with(text, rules);
    struct script_event ev;

    if (s.nr_errors)
        fail_msg("%s: %u:%u: %s", text, s.errors[0].line, s.errors[0].col,
                 s.errors[0].text);
    assert_int_equal(s.nr, 1);
    ev = s.events[0];
    script_free(&s);
    return ev;
}

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

/* ------------------------------------------------------------ good lines */

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

/* ---------------------------------------------------------------- errors */

struct bad {
    const char *line;
    unsigned col;
    const char *text;
};

static void refuse(const struct bad *bad, size_t nr,
                   const struct script_rules *rules)
{
    for (size_t i = 0; i < nr; i++) {
        struct script s = parse_with(bad[i].line, rules);

        if (s.nr_errors != 1 || s.errors[0].col != bad[i].col ||
            strcmp(s.errors[0].text, bad[i].text) != 0)
            fail_msg("%s: %zu errors, %u: %s\n    expected %u: %s", bad[i].line,
                     s.nr_errors, s.errors[0].col, s.errors[0].text, bad[i].col,
                     bad[i].text);
        assert_int_equal(s.errors[0].line, 1);
        assert_int_equal(s.nr, 0);
        script_free(&s);
    }
}

#define REFUSE(bad, rules) refuse(bad, sizeof(bad) / sizeof((bad)[0]), rules)

static void test_errors_of_triggers(void **state)
{
    static const struct bad bad[] = {
        {"at", 3, "the line ends, expected \"start\", \"syscall\" or \"exit\""},
        {"at sycall mmap: check", 4,
         "\"sycall\", expected \"start\", \"syscall\" or \"exit\""},
        {"at syscall mmpa 3: check", 12,
         "\"mmpa\", expected the name of a system call, such as mmap"},
        {"at syscall 9: check", 12,
         "\"9\", expected the name of a system call, such as mmap"},
        {"at syscall a_name_that_no_system_call_ever_had: check", 12,
         "\"a_name_that_no_system_call_ever_had\", expected the name of a "
         "system call, such as mmap"},
        {"at syscall mmap 0: check", 17, "\"0\", expected a count from 1"},
        {"at syscall mmap 3 check", 19,
         "\"check\", expected \":\" and an action"},
        {"at syscall mmap", 16, "the line ends, expected \":\" and an action"},
        {"at syscall mmap pid 0: check", 21,
         "\"0\", expected a process from 1"},
        {"at syscall mmap pid: check", 20, "\":\", expected a process from 1"},
        {"at exit pid 4294967296: check", 13,
         "\"4294967296\", expected a process from 1"},
        {"before insn 3: check", 8, "\"insn\", expected \"fault\""},
        {"when swapin: check", 6,
         "\"swapin\", expected \"fault\" or \"migrate\""},
        {"when migrate pid 1: check", 14,
         "\"pid\", expected \":\" and an action"},
        {"after migrate: check", 7,
         "\"migrate\", expected \"insn\" or \"fault\""},
        {"after 3: check", 7, "\"3\", expected \"insn\" or \"fault\""},
        {"after insn: check", 11,
         "\":\", expected a number of instructions from 1"},
        {"after insn 0: check", 12,
         "\"0\", expected a number of instructions from 1"},
        {"after insn 0x: check", 12,
         "\"0x\", expected a number of instructions from 1"},
        {"after insn 12k: check", 12,
         "\"12k\", expected a number of instructions from 1"},
        {"after insn 18446744073709551616: check", 12,
         "\"18446744073709551616\", expected a number of instructions from 1"},
        {"when fault swap: check", 12,
         "\"swap\", expected a kind of fault: zero, anon, file, cow, swapin "
         "or migration"},
        {"at start:", 10,
         "the line ends, expected an action, or \"at\", \"before\", "
         "\"when\", \"restore\", \"set\" or \"after\""},
        {"at exit: at exit: check", 10, "\"at\", expected an action"},
    };
    static const struct bad alone[] = {
        {"at syscall mmap: check", 4,
         "\"syscall\", expected \"start\" or \"exit\""},
        {"after insn 3: check", 7, "\"insn\", expected \"fault\""},
    };

    (void)state;
    REFUSE(bad, &program);
    REFUSE(alone, &library);
}

static void test_errors_of_ranges(void **state)
{
    static const struct bad bad[] = {
        {"munmap", 7, "the line ends, expected a range, such as 0x70000000+16"},
        {"munmap x", 8, "\"x\", expected a range, such as 0x70000000+16"},
        {"munmap 0x70000001+1", 8,
         "0x70000001 is inside a page, expected 0x70000000, the start of one "
         "of 8 KiB"},
        {"munmap 0x70000000+0", 19,
         "\"0\", expected a number of pages from 1 that fits behind the "
         "address"},
        {"munmap 0xffffffffffffe000+1", 27,
         "\"1\", expected a number of pages from 1 that fits behind the "
         "address"},
        {"munmap 0x70000000+", 19,
         "the line ends, expected a number of pages from 1 that fits behind "
         "the address"},
        {"munmap 0x70000000-0x70000000", 19,
         "\"0x70000000\", expected an address above the start of the range"},
        {"munmap 0x70000000-0x70001000", 19,
         "0x70001000 is inside a page, expected 0x70000000, the start of one "
         "of 8 KiB"},
        {"munmap 0x70000000-", 19,
         "the line ends, expected the address at which the range ends"},
        {"munmap 0x70000000 1", 19, "\"1\", expected the end of the line"},
        {"munmap all", 8, "\"all\", expected a range, such as 0x70000000+16"},
        {"swapout", 8,
         "the line ends, expected a range, such as 0x70000000+16, or "
         "\"all\""},
        {"after fault anon: swapout pid 2", 32,
         "the line ends, expected a range, such as 0x70000000+16, or "
         "\"all\""},
        {"migrate all node", 17,
         "the line ends, expected the number of a node"},
        {"migrate all node 2", 18,
         "there is no node 2, expected a node from 0 to 1"},
        {"migrate all nod 1", 13,
         "\"nod\", expected \"node\" or the end of the line"},
        {"mremap 0x70000000+2", 20,
         "the line ends, expected the range after it, such as 0x80000000"},
        {"mremap 0x70000000+2 0x80000001", 21,
         "0x80000001 is inside a page, expected 0x80000000, the start of one "
         "of 8 KiB"},
    };

    (void)state;
    REFUSE(bad, &program);
}

static void test_errors_of_actions(void **state)
{
    static const struct bad bad[] = {
        {"swpout all", 1,
         "\"swpout\", expected an action, or \"at\", \"before\", \"when\", "
         "\"restore\", \"set\" or \"after\""},
        {"\x01\x80 check", 1,
         "\"\\x01\", expected an action, or \"at\", \"before\", \"when\", "
         "\"restore\", \"set\" or \"after\""},
        {"check now", 7, "\"now\", expected the end of the line"},
        {"compact 1", 9, "\"1\", expected \"node\" or the end of the line"},
        {"reclaim 4 nodes", 11,
         "\"nodes\", expected \"node\" or the end of the line"},
        {"move all node 0", 6,
         "\"all\", expected a range, such as 0x70000000+16"},
        {"move 0x70000000", 16,
         "the line ends, expected \"node\" and its number"},
        {"move 0x70000000 node 7", 22,
         "there is no node 7, expected a node from 0 to 1"},
        {"move 0x70000000 node 1 strict", 24,
         "\"strict\", expected \"all\" or the end of the line"},
        {"mbind 0x70000000 firm", 18,
         "\"firm\", expected a policy: default, preferred, bind, "
         "interleave, local or many"},
        {"mbind 0x70000000 bind nodes 0", 29,
         "\"0\", expected a mask of nodes, such as 0x3"},
        {"mbind 0x70000000 bind strict move", 30,
         "\"move\", expected the end of the line"},
        {"mbind 0x70000000 bind nodes 1 all", 31,
         "\"all\", expected \"move\", \"moveall\", \"strict\" or the end of "
         "the line"},
        {"swapoff /dev/sda", 9,
         "\"/dev/sda\", expected a swap device, such as /dev/adi0"},
        {"swapoff /dev/adi", 9,
         "\"/dev/adi\", expected a swap device, such as /dev/adi0"},
        {"swapoff /dev/adi23", 9,
         "\"/dev/adi23\", expected a swap device, such as /dev/adi0"},
        {"swapoff /dev/adi0x", 9,
         "\"/dev/adi0x\", expected a swap device, such as /dev/adi0"},
        {"swapoff 0", 9, "\"0\", expected a swap device, such as /dev/adi0"},
        {"swapon /dev/adi0 5", 18,
         "\"5\", expected \"pri\" or the end of the line"},
        {"swapon /dev/adi0 pri 32768", 22,
         "\"32768\", expected a priority from 0 to 32767"},
        {"fail swap 1", 6,
         "\"swap\", expected \"tagstore\", \"swapread\" or \"swapwrite\""},
        {"fail tagstore", 14, "the line ends, expected a count from 1"},
        {"fail tagstore 0", 15, "\"0\", expected a count from 1"},
        {"mmap 0x70000000+16", 19,
         "the line ends, expected a protection: none, r, rw, rx, w, x, wx or "
         "rwx"},
        {"mmap 0x70000000 rw stack", 20,
         "\"stack\", expected \"adi\", \"private\", \"shared\", \"anon\", "
         "\"shmem\", \"file\" or the end of the line"},
        {"mmap 0x70000000 rw adi adi", 24,
         "\"adi\", expected \"private\", \"shared\", \"anon\", \"shmem\", "
         "\"file\" or the end of the line"},
        {"mmap 0x70000000 rw shared private", 27,
         "\"private\", expected \"anon\", \"shmem\", \"file\" or the end of "
         "the line"},
        {"mmap 0x70000000 rw anon 3", 25,
         "\"3\", expected the end of the line"},
        {"mmap 0x70000000 rw shmem 0", 26,
         "\"0\", expected the number of an object from 1"},
        {"mmap 0x70000000 rw shmem 1 2", 28,
         "\"2\", expected \"from\" or the end of the line"},
        {"mmap 0x70000000 rw shmem 1 from x", 33,
         "\"x\", expected a page of the object"},
        {"mprotect 0x70000000 wr", 21,
         "\"wr\", expected a protection: none, r, rw, rx, w, x, wx or rwx"},
        {"mprotect 0x70000000 rw 1", 24,
         "\"1\", expected \"adi\" or the end of the line"},
        {"madvise 0x70000000 hot", 20,
         "\"hot\", expected advice, such as dontneed, free or pageout"},
        {"mremap 0x70000000 0x80000000 keep", 30,
         "\"keep\", expected \"dontunmap\" or the end of the line"},
        {"mlock 0x70000000 now", 18,
         "\"now\", expected \"onfault\" or the end of the line"},
        {"reclaim 0", 9, "\"0\", expected a number of frames from 1"},
        {"truncate all", 10,
         "\"all\", expected an address, \"pid\", \"shmem\" or \"file\""},
        {"truncate file 0 5", 15,
         "\"0\", expected the number of an object from 1"},
        {"truncate file 1", 16, "the line ends, expected a number of bytes"},
        {"pwrite shmem 1 0 0 1", 18,
         "\"0\", expected a length from 1 to 1048576"},
        {"pwrite shmem 1 0 1 256", 20,
         "\"256\", expected a byte from 0 to 255"},
        {"pwrite 0x70000000 8 1 from 8", 28,
         "\"8\", expected a number from 0 to 7"},
        {"pwrite 0x70000000 8 1 2", 23,
         "\"2\", expected \"from\" or the end of the line"},
        {"punch file 1 2+0", 16, "\"0\", expected a number of pages from 1"},
        {"punch file 1 2 3", 16,
         "\"3\", expected \"+\" or the end of the line"},
        {"sync file 1 2", 13, "\"2\", expected the end of the line"},
        {"sync", 5,
         "the line ends, expected a range, \"pid\", \"shmem\" or \"file\""},
        {"sync pid 1", 11,
         "the line ends, expected a range, such as 0x70000000+16"},
        {"tag 0x70000000 1 at 128", 21,
         "\"128\", expected a block from 0 to 127"},
        {"tag 0x70000000 1 2", 18,
         "\"2\", expected \"at\" or the end of the line"},
        {"truncate 0x70000000+1", 20, "\"+\", expected the end of the line"},
        {"punch all", 7,
         "\"all\", expected a range, \"pid\", \"shmem\" or \"file\""},
        {"tag 0x70000000 16", 16, "\"16\", expected a tag from 0 to 15"},
        {"tag 0x70000000", 15, "the line ends, expected a tag from 0 to 15"},
        {"write 0x70000000 256", 18, "\"256\", expected a byte from 0 to 255"},
        {"write pid x", 11, "\"x\", expected a process from 1"},
        {"write x", 7, "\"x\", expected an address"},
        {"read 0x70000000 1", 17,
         "\"1\", expected \"tag\", \"expect\" or the end of the line"},
        {"read 0x70000000 tag 16", 21, "\"16\", expected a tag from 0 to 15"},
        {"read 0x70000000 tag 1 x", 23,
         "\"x\", expected \"expect\" or the end of the line"},
        {"read 0x70000000 expect", 23,
         "the line ends, expected a byte from 0 to 255"},
        {"pin 0x70000000+1", 15, "\"+\", expected the end of the line"},
    };
    static const struct bad alone[] = {
        {"fork 2", 6, "\"2\", expected \"as\" and a number for the child"},
        {"fork as 0", 9, "\"0\", expected a process from 1"},
        {"exit 2", 6, "\"2\", expected the end of the line"},
    };

    (void)state;
    REFUSE(bad, &program);
    REFUSE(alone, &library);
}

static void test_errors_of_what_is_not_possible(void **state)
{
    static const struct bad bad[] = {
        {"fork as 2", 1,
         "\"fork\": programs fork by themselves, expected another action"},
        {"at exit: exit", 10,
         "\"exit\": programs end by themselves, expected another action"},
        {"when migrate: truncate 0x70000000", 15,
         "\"truncate\" would wait for the end of the migration, expected "
         "another action"},
        {"when fault anon: munmap 0x70000000", 18,
         "\"munmap\" would wait for the end of the fault, expected another "
         "action or another process"},
        {"set fault swapin: migrate", 19,
         "\"migrate\" would wait for the lock of the page table, expected "
         "\"read\", \"check\" or \"fail\""},
        {"restore fault anon: check", 15, "\"anon\", expected \"swapin\""},
    };

    (void)state;
    REFUSE(bad, &program);
    (void)one("when fault anon: munmap pid 2 0x70000000", &program);
}

static void test_errors_when_many_are_counted(void **state)
{
    struct script s = parse_with("check\nx\ncheck\ny y\n1\n2\n3\n4\n5\n6\n7\n8"
                                 "\n9\n\n",
                                 &program);

    (void)state;
    assert_int_equal(s.nr_errors, 11);
    assert_int_equal(s.errors[0].line, 2);
    assert_int_equal(s.errors[1].line, 4);
    assert_int_equal(s.errors[9].line, 12);
    script_free(&s);
}

static void test_errors_when_the_word_is_long_shorten_it(void **state)
{
    char text[3000];
    struct script s;

    (void)state;
    memset(text, 'x', sizeof(text));
    assert_int_equal(script_parse(text, sizeof(text), &program, &s), 0);
    assert_int_equal(s.nr_errors, 1);
    assert_non_null(strstr(s.errors[0].text, "xxx...\", expected"));
    memset(text, 1, sizeof(text));
    script_free(&s);
}

/* -------------------------------------------------------- text and back */

static void test_text_is_read_back(void **state)
{
    static const char *const lines[] = {
        "check",
        "compact",
        "compact node 0",
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
        "tag pid 2 0x70000000 3 at 127",
        "tag 0x70000000+2 0",
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
        cmocka_unit_test(test_errors_of_triggers),
        cmocka_unit_test(test_errors_of_ranges),
        cmocka_unit_test(test_errors_of_actions),
        cmocka_unit_test(test_errors_of_what_is_not_possible),
        cmocka_unit_test(test_errors_when_many_are_counted),
        cmocka_unit_test(test_errors_when_the_word_is_long_shorten_it),
        cmocka_unit_test(test_text_is_read_back),
    };

    return RUN(tests);
}
