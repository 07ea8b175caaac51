// SPDX-License-Identifier: GPL-2.0-or-later
/* Event scripts as text: what is refused, and where. */
#include <string.h>

#include "script/script.h"
#include "script_rules.h"
#include "unit.h"

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
        {"churn", 6, "the line ends, expected a tag from 0 to 15"},
        {"churn 16", 7, "\"16\", expected a tag from 0 to 15"},
        {"tag 0x70000000+4 5 every 0", 26,
         "\"0\", expected a number of pages from 1"},
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
         "\"shmem\", \"file\", "
         "\"every\" or the end of the line"},
        {"mmap 0x70000000 rw adi adi", 24,
         "\"adi\", expected \"private\", \"shared\", \"anon\", \"shmem\", "
         "\"file\", \"every\" or the end of the line"},
        {"mmap 0x70000000 rw shared private", 27,
         "\"private\", expected \"anon\", \"shmem\", \"file\", \"every\" or "
         "the end of "
         "the line"},
        {"mmap 0x70000000 rw anon 3", 25,
         "\"3\", expected \"every\" or the end of the line"},
        {"mmap 0x70000000 rw shmem 0", 26,
         "\"0\", expected the number of an object from 1"},
        {"mmap 0x70000000 rw shmem 1 2", 28,
         "\"2\", expected \"from\", \"every\" or the end of the line"},
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
         "\"2\", expected \"at\", \"every\" or the end of the line"},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors_of_triggers),
        cmocka_unit_test(test_errors_of_ranges),
        cmocka_unit_test(test_errors_of_actions),
        cmocka_unit_test(test_errors_of_what_is_not_possible),
        cmocka_unit_test(test_errors_when_many_are_counted),
        cmocka_unit_test(test_errors_when_the_word_is_long_shorten_it),
    };

    return RUN(tests);
}
