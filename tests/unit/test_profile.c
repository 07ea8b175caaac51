// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of kernels: names, versions, and which is the nearest to a host.
 */
#include "adi/profile.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

static const char *nearest(const char *release)
{
    const struct adi_profile *p = adi_profile_nearest(release);

    return p ? p->name : "none";
}

static void test_nearest_is_the_newest_that_is_not_newer(void **state)
{
    (void)state;
    assert_string_equal(nearest("6.1.0-28-amd64"), "linux-6.1");
    assert_string_equal(nearest("6.12"), "linux-6.12");
    assert_string_equal(nearest("6.12.48+deb13-amd64"), "linux-6.12");
    assert_string_equal(nearest("6.8.0-45-generic"), "linux-6.6");
    assert_string_equal(nearest("5.16.20"), "linux-5.15");
    assert_string_equal(nearest("5.17.0-rc1"), "linux-5.17");
    assert_string_equal(nearest("6.19.2"), "linux-6.18");
    assert_string_equal(nearest("7.0.0"), "linux-6.18");
    assert_string_equal(nearest("7.3-rc1"), "linux-7.1");
    assert_string_equal(nearest("10.0"), "linux-7.1");
    /* more than a byte, and than 32 bits */
    assert_string_equal(nearest("6.256.0"), "linux-6.18");
    assert_string_equal(nearest("99999999999.6"), "linux-7.1");
    assert_string_equal(nearest("4.4294967301"), "linux-5.14");
}

static void test_nearest_to_what_is_older_than_all_is_the_oldest(void **state)
{
    (void)state;
    assert_string_equal(nearest("4.19.0"), "linux-5.14");
    assert_string_equal(nearest("5.14.99"), "linux-5.14");
    assert_string_equal(nearest("2.6.32-754.el6.x86_64"), "linux-5.14");
    assert_string_equal(nearest("0.0"), "linux-5.14");
}

static void test_nearest_to_what_is_no_version_is_none(void **state)
{
    static const char *const odd[] = {"",     "banana", "6",    "6.",   ".1",
                                      "6.x",  "-6.1",   "+6.1", " 6.1", "6 .1",
                                      "6. 1", "6-1",    "v6.1", "6.-1"};

    (void)state;
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
        if (adi_profile_nearest(odd[i]))
            fail_msg("\"%s\" is a version", odd[i]);
}

/* What --kernel=host, compare --kernels=lts and uname -r take from it. */
static void test_each_row_says_one_thing(void **state)
{
    const struct adi_profile *p;
    unsigned nr_longterm = 0;

    (void)state;
    for (unsigned n = 0; (p = adi_profile_nth(n)) != NULL; n++) {
        bool is_linux = strncmp(p->name, "linux-", 6) == 0;
        char version[32];

        assert_ptr_equal(adi_profile_find(p->name), p);
        if (p->also)
            assert_ptr_equal(adi_profile_find(p->also), p);
        snprintf(version, sizeof(version), "linux-%u.%u", p->version >> 16,
                 p->version >> 8 & 0xff);
        assert_int_equal(is_linux, p->version != 0);
        if (is_linux) {
            assert_string_equal(p->name, version);
            assert_ptr_equal(adi_profile_nearest(p->release), p);
        }
        assert_true(is_linux || !p->longterm);
        assert_non_null(adi_profile_nearest(p->release));
        nr_longterm += p->longterm;
    }
    assert_int_equal(nr_longterm, 5);
    assert_null(adi_profile_find("linux-9.9"));
    assert_null(adi_profile_find(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nearest_is_the_newest_that_is_not_newer),
        cmocka_unit_test(test_nearest_to_what_is_older_than_all_is_the_oldest),
        cmocka_unit_test(test_nearest_to_what_is_no_version_is_none),
        cmocka_unit_test(test_each_row_says_one_thing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
