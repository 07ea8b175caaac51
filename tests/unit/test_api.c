// SPDX-License-Identifier: GPL-2.0-or-later
/* libadimm as other programs have it: its header and its archive, no more. */
#include <adimm.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define BASE UINT64_C(0x70000000)

static uint64_t tagged(uint64_t va, unsigned tag)
{
    return va | (uint64_t)tag << 60;
}

static struct adimm *memory(const char *kernel)
{
    const struct adimm_config config = {.kernel = kernel,
                                        .ram_bytes = 2 << 20,
                                        .nr_nodes = 2,
                                        .swap_bytes = {1 << 20, 1 << 20}};
    struct adimm *m;
    char why[ADIMM_WHY_BYTES];

    if (adimm_create(&config, &m, why) != 0)
        fail_msg("%s", why);
    assert_string_equal(why, "");
    return m;
}

static void expect(const struct adimm *m, int result)
{
    if (result != 0)
        fail_msg("%d: %s", result, adimm_why(m));
    assert_string_equal(adimm_why(m), "");
}

static uint64_t counter(const struct adimm *m, const char *name)
{
    uint64_t n;

    assert_true(adimm_counter(m, name, &n));
    return n;
}

/* ----------------------------------------------------------------- life */

static void test_create_when_config_is_wrong_says_why(void **state)
{
    static const struct {
        struct adimm_config config;
        const char *why;
    } wrong[] = {
        {{.kernel = "linux-0.1"}, "kernel \"linux-0.1\": there is none"},
        {{.ram_bytes = 8192}, "ram_bytes: not from 1 MiB to 1 TiB"},
        {{.ram_bytes = UINT64_MAX}, "ram_bytes: not from 1 MiB to 1 TiB"},
        {{.nr_nodes = 9}, "nr_nodes: more than 8"},
        {{.swap_bytes = {1 << 20, 8192}},
         "swap_bytes[1]: less than 10 pages of 8 KiB"},
    };
    struct adimm *m = NULL;
    char why[ADIMM_WHY_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(adimm_create(&wrong[i].config, &m, why), -EINVAL);
        assert_string_equal(why, wrong[i].why);
        assert_int_equal(adimm_create(&wrong[i].config, &m, NULL), -EINVAL);
    }
    assert_null(m);
    adimm_destroy(NULL);
}

static void test_kernels_have_names_and_memories(void **state)
{
    unsigned n = 0;

    (void)state;
    for (; adimm_kernel(n); n++)
        adimm_destroy(memory(adimm_kernel(n)));
    assert_true(n >= 5);
    assert_null(adimm_kernel(n));
    adimm_destroy(memory(NULL));
}

static void test_exit_leaves_nobody_to_call(void **state)
{
    struct adimm *m = memory(NULL);
    uint8_t byte;

    (void)state;
    expect(m, adimm_do(m, "mmap 0x70000000 rw"));
    adimm_exit(m);
    adimm_exit(m);
    assert_int_equal(adimm_load(m, 1, BASE, &byte, 1), -ESRCH);
    assert_string_equal(adimm_why(m), "after adimm_exit() no process is left");
    assert_int_equal(adimm_store(m, 1, BASE, &byte, 1), -ESRCH);
    assert_int_equal(adimm_get_tag(m, 1, BASE), -ESRCH);
    assert_int_equal(adimm_set_tag(m, 1, BASE, 1), -ESRCH);
    assert_int_equal(adimm_pte(m, 1, BASE), -ESRCH);
    assert_int_equal(adimm_do(m, "check"), -ESRCH);
    assert_int_equal(adimm_run(m, "check\n"), -ESRCH);
    expect(m, adimm_check(m));
    adimm_destroy(m);
}

/* ------------------------------------------------------------- accesses */

static void test_bytes_and_tags_come_back_from_swap(void **state)
{
    uint8_t out[3 * ADIMM_PAGE_SIZE], in[sizeof(out)];
    struct adimm *m = memory(NULL);
    uint64_t p = tagged(BASE + 100, 5);

    (void)state;
    for (size_t i = 0; i < sizeof(out); i++)
        out[i] = (uint8_t)(i * 7 + i / 256);
    expect(m, adimm_do(m, "mmap 0x%llx+4 rw adi", (unsigned long long)BASE));
    expect(m, adimm_do(m, "tag 0x70000000+4 5"));
    assert_int_equal(adimm_result(m).done, 4);
    expect(m, adimm_set_tag(m, 1, BASE + 64, 9));
    expect(m, adimm_store(m, 1, tagged(BASE + 200, 5), out, sizeof(out)));
    expect(m, adimm_do(m, "swapout all"));
    assert_int_equal(adimm_result(m).done, 4);
    assert_int_equal(adimm_pte(m, 1, p), ADIMM_PTE_SWAP);
    expect(m, adimm_load(m, 1, tagged(BASE + 200, 5), in, sizeof(in)));
    assert_memory_equal(in, out, sizeof(in));
    assert_int_equal(adimm_pte(m, 1, p), ADIMM_PTE_PRESENT);
    assert_int_equal(adimm_get_tag(m, 1, BASE), 5);
    assert_int_equal(adimm_get_tag(m, 1, p), 9);
    assert_int_equal(adimm_pte(m, 1, BASE + 8 * ADIMM_PAGE_SIZE),
                     ADIMM_PTE_NONE);
    expect(m, adimm_check(m));
    assert_false(adimm_has_errors(m));
    adimm_destroy(m);
}

static void test_mismatch_moves_what_is_before_its_block(void **state)
{
    uint8_t bytes[128] = {0}, ones[128];
    struct adimm *m = memory(NULL);

    (void)state;
    memset(ones, 1, sizeof(ones));
    expect(m, adimm_do(m, "mmap 0x70000000 rw adi"));
    expect(m, adimm_do(m, "tag 0x70000000 5"));
    expect(m, adimm_set_tag(m, 1, BASE + 64, 6));
    assert_int_equal(adimm_store(m, 1, tagged(BASE, 5), ones, sizeof(ones)),
                     -EFAULT);
    assert_string_equal(adimm_why(m), "store by process 1 at "
                                      "0x5000000070000000: Bad address");
    assert_int_equal(adimm_load(m, 1, tagged(BASE + 64, 5), bytes, 1), -EFAULT);
    expect(m, adimm_load(m, 1, tagged(BASE, 5), bytes, 64));
    expect(m, adimm_load(m, 1, tagged(BASE + 64, 6), bytes + 64, 64));
    assert_memory_equal(bytes, ones, 64);
    memset(ones, 0, sizeof(ones));
    assert_memory_equal(bytes + 64, ones, 64);
    assert_int_equal(counter(m, "mismatches"), 2);
    assert_true(adimm_has_errors(m));
    adimm_destroy(m);
}

static void test_errors_are_those_of_the_signal(void **state)
{
    struct adimm *m = memory(NULL);
    uint8_t byte = 0;

    (void)state;
    assert_int_equal(adimm_load(m, 1, BASE, &byte, 1), -EFAULT);
    assert_int_equal(adimm_load(m, 1, UINT64_C(1) << 52, &byte, 1), -EFAULT);
    assert_int_equal(adimm_set_tag(m, 1, UINT64_C(1) << 52, 1), -EFAULT);
    assert_int_equal(adimm_load(m, 2, BASE, &byte, 1), -ESRCH);
    assert_int_equal(adimm_get_tag(m, 2, BASE), -ESRCH);
    assert_int_equal(adimm_pte(m, 2, BASE), -ESRCH);
    expect(m, adimm_do(m, "mmap 0x70000000 r"));
    assert_int_equal(adimm_store(m, 1, BASE, &byte, 1), -EFAULT);
    expect(m, adimm_load(m, 1, BASE, &byte, 1));
    expect(m, adimm_load(m, 1, BASE, &byte, 0));
    assert_int_equal(adimm_get_tag(m, 1, BASE), -EOPNOTSUPP);
    /* No page with tags was mapped yet: the tag is part of the address. */
    assert_int_equal(adimm_load(m, 1, tagged(BASE, 1), &byte, 1), -EFAULT);
    expect(m, adimm_do(m, "mmap 0x70002000 rw adi"));
    expect(m, adimm_load(m, 1, tagged(BASE, 1), &byte, 1));
    assert_int_equal(adimm_set_tag(m, 1, BASE + ADIMM_PAGE_SIZE, 16), -EINVAL);
    assert_string_equal(adimm_why(m), "tag 16: not from 0 to 15");
    adimm_destroy(m);
}

static void test_page_that_swap_cannot_read_is_sigbus(void **state)
{
    struct adimm *m = memory(NULL);
    uint8_t byte = 7;

    (void)state;
    expect(m, adimm_do(m, "mmap 0x70000000 rw"));
    expect(m, adimm_store(m, 1, BASE, &byte, 1));
    expect(m, adimm_do(m, "swapout all"));
    expect(m, adimm_do(m, "fail swapread 1"));
    assert_int_equal(adimm_load(m, 1, BASE, &byte, 1), -EIO);
    expect(m, adimm_do(m, "fail swapread 1"));
    expect(m, adimm_do(m, "swapoff /dev/adi0"));
    assert_int_equal(adimm_pte(m, 1, BASE), ADIMM_PTE_LOST);
    adimm_destroy(m);
}

/* B28: and then nothing goes on but the report. */
static void test_kernel_that_stops_is_down(void **state)
{
    struct adimm *m = memory("linux-6.6");
    struct adimm_kernel_bug bug;
    uint8_t byte = 7;

    (void)state;
    expect(m, adimm_run(m, "mmap 0x70000000+2 rw\n"
                           "write 0x70000000 1\n"
                           "write 0x70002000 1\n"
                           "swapout all\n"
                           "fail swapread 1\n"
                           "swapoff /dev/adi0\n"));
    assert_int_equal(adimm_pte(m, 1, BASE), ADIMM_PTE_LOST);
    /* get_user_pages() has an error. */
    assert_int_equal(adimm_do(m, "pin 0x70000000"), -EFAULT);
    assert_false(adimm_kernel_bug(m, &bug));
    assert_int_equal(adimm_run(m, "read pid 9 0x70000000\n"
                                  "write 0x70000000 1\n"
                                  "write 0x70002000 9\n"),
                     -EHOSTDOWN);
    assert_string_equal(adimm_why(m), "KERNEL BUG at arch/sparc/mm/fault_64.c, "
                                      "do_sparc64_fault(): page 0x70000000");
    assert_int_equal(adimm_never_due(m, 0), 3);
    assert_true(adimm_kernel_bug(m, &bug));
    assert_string_equal(bug.id, "fault-hwpoison");
    assert_int_equal(bug.address, BASE);
    assert_true(adimm_has_errors(m));
    assert_int_equal(adimm_load(m, 1, BASE + ADIMM_PAGE_SIZE, &byte, 1),
                     -EHOSTDOWN);
    assert_int_equal(adimm_do(m, "munmap 0x70000000"), -EHOSTDOWN);
    assert_int_equal(adimm_set_tag(m, 1, BASE, 1), -EHOSTDOWN);
    assert_int_equal(adimm_get_tag(m, 1, BASE), -EHOSTDOWN);
    adimm_exit(m);
    expect(m, adimm_check(m));
    assert_true(adimm_kernel_bug(m, &bug));
    adimm_destroy(m);
}

/* Each of these is an access of the program. */
static void test_kernel_stops_at_each_access(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 4; n++) {
        struct adimm *m = memory("mte-6.6");
        struct adimm_kernel_bug bug;
        uint8_t byte = 7;

        expect(m, adimm_run(m, "mmap 0x70000000 rw adi\n"
                               "tag 0x70000000 5\n"
                               "swapout all\n"
                               "fail swapread 1\n"
                               "swapoff /dev/adi0\n"));
        assert_int_equal(n == 0   ? adimm_load(m, 1, BASE, &byte, 1)
                         : n == 1 ? adimm_store(m, 1, BASE, &byte, 1)
                         : n == 2 ? adimm_get_tag(m, 1, BASE)
                                  : adimm_set_tag(m, 1, BASE, 3),
                         -EHOSTDOWN);
        assert_true(adimm_kernel_bug(m, &bug));
        adimm_destroy(m);
    }
}

/* -------------------------------------------------------------- scripts */

static void test_script_with_an_error_does_nothing(void **state)
{
    struct adimm *m = memory(NULL);
    uint8_t byte;

    (void)state;
    assert_int_equal(adimm_run(m, "mmap 0x70000000 rw\nmmpa 1\n"), -EINVAL);
    assert_memory_equal(adimm_why(m), "2:1: \"mmpa\", expected", 21);
    assert_int_equal(adimm_load(m, 1, BASE, &byte, 1), -EFAULT);
    adimm_destroy(m);
}

static void test_script_goes_on_and_tells_of_the_first_failure(void **state)
{
    struct adimm *m = memory(NULL);
    uint8_t byte;

    (void)state;
    assert_int_equal(adimm_run(m, "write 0x70000000 1\n"
                                  "mmap 0x70000000 rw\n"
                                  "write pid 3 0x70000000 1\n"
                                  "write 0x70000000 9\n"),
                     -EFAULT);
    assert_string_equal(adimm_why(m),
                        "line 1: write 0x70000000 1: Bad address");
    expect(m, adimm_load(m, 1, BASE, &byte, 1));
    assert_int_equal(byte, 9);
    assert_int_equal(adimm_never_due(m, 0), 0);
    adimm_destroy(m);
}

static void test_lines_that_wait_are_due_in_later_calls(void **state)
{
    struct adimm *m = memory(NULL);
    uint8_t byte = 3;

    (void)state;
    assert_int_equal(adimm_never_due(m, 0), 0);
    expect(m, adimm_do(m, "mmap 0x70000000 rw"));
    expect(m, adimm_store(m, 1, BASE, &byte, 1));
    expect(m, adimm_do(m, "swapout all"));
    expect(m, adimm_run(m, "when fault cow: check\n"
                           "after fault swapin: migrate\n"
                           "at exit: check\n"));
    assert_int_equal(adimm_never_due(m, 0), 1);
    assert_int_equal(adimm_never_due(m, 1), 2);
    expect(m, adimm_load(m, 1, BASE, &byte, 1));
    assert_int_equal(byte, 3);
    assert_int_equal(counter(m, "pages_migrated"), 1);
    assert_int_equal(adimm_never_due(m, 1), 3);
    adimm_exit(m);
    assert_int_equal(adimm_never_due(m, 0), 1);
    assert_int_equal(adimm_never_due(m, 1), 0);
    adimm_destroy(m);
}

static void test_do_wants_one_action(void **state)
{
    struct adimm *m = memory(NULL);
    char spaces[400];

    (void)state;
    memset(spaces, ' ', sizeof(spaces));
    spaces[sizeof(spaces) - 1] = '\0';
    assert_int_equal(adimm_do(m, " "), -EINVAL);
    assert_int_equal(adimm_do(m, "at exit: check"), -EINVAL);
    assert_int_equal(adimm_do(m, "check\ncheck"), -EINVAL);
    assert_string_equal(adimm_why(m), "not one action without a trigger");
    assert_int_equal(adimm_do(m, "%scheck", spaces), -EINVAL);
    assert_string_equal(adimm_why(m), "longer than any action");
    assert_int_equal(adimm_do(m, "chek"), -EINVAL);
    assert_int_equal(adimm_do(m, "munlock 0x70000000"), -ENOMEM);
    assert_string_equal(adimm_why(m),
                        "munlock 0x70000000: Cannot allocate memory");
    adimm_destroy(m);
}

/* ----------------------------------------------------------- what is wrong */

static void test_linux_loses_and_leaks(void **state)
{
    struct adimm *m = memory("linux-6.2");
    struct adimm_finding finding;
    struct adimm_leak leak;
    uint64_t n;
    char *text;

    (void)state;
    expect(m, adimm_run(m, "mmap 0x70000000 rw adi\n"
                           "tag 0x70000000 5\n"
                           "swapout all\n"
                           "mremap 0x70000000 0x71000000\n"));
    assert_false(adimm_finding(m, 0, &finding));
    assert_int_equal(adimm_get_tag(m, 1, BASE + 0x1000000), 0);
    assert_true(adimm_finding(m, 0, &finding));
    assert_false(finding.stale);
    assert_int_equal(finding.mm, 1);
    assert_int_equal(finding.address, BASE + 0x1000000);
    assert_int_equal(finding.blocks, 128);
    assert_int_equal(finding.first, 0);
    assert_int_equal(finding.expected, 5);
    assert_int_equal(finding.found, 0);
    assert_string_equal(finding.function, "move_ptes");
    assert_false(adimm_finding(m, 1, &finding));

    adimm_exit(m);
    assert_true(adimm_leak(m, 0, &leak));
    assert_int_equal(leak.bytes, 65536);
    assert_string_equal(leak.function, "move_ptes");
    assert_false(adimm_leak(m, 1, &leak));
    assert_false(adimm_counter(m, "nothing", &n));
    text = adimm_report(m, ADIMM_TEXT);
    assert_non_null(strstr(text, "Command: libadimm\n"));
    assert_non_null(strstr(text, "move_ptes"));
    free(text);
    text = adimm_report(m, ADIMM_JSON);
    assert_int_equal(text[0], '{');
    assert_non_null(strstr(text, "\"linux-6.2\""));
    free(text);
    adimm_destroy(m);
}

/* No memory knows of another. */
static void test_memories_are_independent(void **state)
{
    struct adimm *a = memory("linux-6.2"), *b = memory("swap-keyed");
    struct adimm_finding finding;

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct adimm *m = i ? a : b;

        expect(m, adimm_run(m, "mmap 0x70000000 rw adi\n"
                               "tag 0x70000000 5\n"
                               "swapout all\n"
                               "mremap 0x70000000 0x71000000\n"));
    }
    assert_int_equal(adimm_get_tag(a, 1, BASE + 0x1000000), 0);
    assert_int_equal(adimm_get_tag(b, 1, BASE + 0x1000000), 5);
    assert_true(adimm_finding(a, 0, &finding));
    assert_false(adimm_finding(b, 0, &finding));
    assert_string_equal(adimm_version(), ADIEMU_VERSION);
    adimm_destroy(a);
    adimm_destroy(b);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create_when_config_is_wrong_says_why),
        cmocka_unit_test(test_kernels_have_names_and_memories),
        cmocka_unit_test(test_exit_leaves_nobody_to_call),
        cmocka_unit_test(test_bytes_and_tags_come_back_from_swap),
        cmocka_unit_test(test_mismatch_moves_what_is_before_its_block),
        cmocka_unit_test(test_errors_are_those_of_the_signal),
        cmocka_unit_test(test_page_that_swap_cannot_read_is_sigbus),
        cmocka_unit_test(test_kernel_that_stops_is_down),
        cmocka_unit_test(test_kernel_stops_at_each_access),
        cmocka_unit_test(test_script_with_an_error_does_nothing),
        cmocka_unit_test(test_script_goes_on_and_tells_of_the_first_failure),
        cmocka_unit_test(test_lines_that_wait_are_due_in_later_calls),
        cmocka_unit_test(test_do_wants_one_action),
        cmocka_unit_test(test_linux_loses_and_leaks),
        cmocka_unit_test(test_memories_are_independent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
