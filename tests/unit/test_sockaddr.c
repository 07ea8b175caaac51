// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses, options and control messages of sockets, from SPARC's order and
 * numbers to the host's and back: the tables.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "emu/linux/call.h"
#include "emu/linux/net/layout.h"
#include "emu/linux/net/sockaddr.h"
#include "emu/linux/net/sockopt.h"
#include "emu/linux/uaccess.h"
#include "unit.h"

static uint8_t memory[256]; /* the program's */
static size_t there;        /* bytes of it that exist */

int call_import(struct task *t, void *dst, uint64_t va, size_t len)
{
    (void)t;
    if (va + len > there)
        return -EFAULT;
    memcpy(dst, memory + va, len);
    return 0;
}

size_t copy_to_user(struct task *t, uint64_t va, const void *src, size_t len)
{
    (void)t;
    if (va + len > there)
        return len;
    memcpy(memory + va, src, len);
    return 0;
}

int put_user32(struct task *t, uint64_t va, uint32_t value)
{
    value = htobe32(value);
    return copy_to_user(t, va, &value, sizeof(value)) ? -EFAULT : 0;
}

static int setup(void **state)
{
    (void)state;
    memset(memory, 0xee, sizeof(memory));
    there = sizeof(memory);
    return 0;
}

static void test_numbers_of_a_layout_turn_and_bytes_stay(void **state)
{
    uint8_t raw[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    const uint8_t there_[] = {4, 3,  2,  1,  5,  6,  7,  8,
                              9, 11, 10, 12, 13, 14, 15, 16};

    (void)state;
    layout_swap(raw, sizeof(raw), "wrbhbw"); /* the last is not whole */
    assert_memory_equal(raw, there_, 12);
    layout_swap(raw, sizeof(raw), "wrbhbw");
    for (unsigned i = 0; i < sizeof(raw); i++)
        assert_int_equal(raw[i], i + 1);
    layout_swap(raw, 3, "w");
    assert_int_equal(raw[0], 1);
    layout_swap(raw, 8, "d");
    assert_int_equal(raw[0], 8);
}

static void test_families_turn_and_ports_stay(void **state)
{
    struct sockaddr_in in = {.sin_family = htobe16(AF_INET),
                             .sin_port = htons(80)};
    struct sockaddr_in6 six = {.sin6_family = htobe16(AF_INET6),
                               .sin6_port = htons(443),
                               .sin6_scope_id = htobe32(3)};
    struct sock_addr a;

    (void)state;
    memcpy(memory, &in, sizeof(in));
    assert_int_equal(sockaddr_import(NULL, 0, sizeof(in), &a), 0);
    assert_int_equal(a.len, sizeof(in));
    memcpy(&in, &a.u, sizeof(in));
    assert_int_equal(in.sin_family, AF_INET);
    assert_int_equal(in.sin_port, htons(80));
    memcpy(memory, &six, sizeof(six));
    assert_int_equal(sockaddr_import(NULL, 0, sizeof(six), &a), 0);
    memcpy(&six, &a.u, sizeof(six));
    assert_int_equal(six.sin6_scope_id, 3);
    assert_int_equal(sockaddr_put(NULL, &a, 100, 28, 200), 0);
    assert_memory_equal(memory + 100, memory, 28);
}

static void test_what_is_no_address_is_refused(void **state)
{
    struct sock_addr a;

    (void)state;
    assert_int_equal(sockaddr_import(NULL, 0, -1, &a), -EINVAL);
    assert_int_equal(sockaddr_import(NULL, 0, 129, &a), -EINVAL);
    assert_int_equal(sockaddr_import(NULL, 250, 16, &a), -EFAULT);
    assert_int_equal(sockaddr_import(NULL, 0, 1, &a), 0);
    assert_int_equal(a.len, 1);
}

/* What does not fit is cut, and its length is said all the same. */
static void test_an_address_is_cut_to_its_room(void **state)
{
    struct sock_addr a = {.len = 16};

    (void)state;
    a.u.any.sa_family = AF_INET;
    memset(a.u.any.sa_data, 7, 14);
    assert_int_equal(sockaddr_put(NULL, &a, 0, 4, 200), 0);
    assert_memory_equal(memory, "\0\2\7\7\xee", 5);
    assert_memory_equal(memory + 200, "\0\0\0\x10", 4);
    a.u.any.sa_family = AF_INET;
    assert_int_equal(sockaddr_put(NULL, &a, 0, -1, 200), -EINVAL);
    there = 100;
    a.u.any.sa_family = AF_INET;
    assert_int_equal(sockaddr_put(NULL, &a, 90, 16, 0), -EFAULT);
}

/* A row that is there twice hides one. */
static void test_options_have_the_numbers_of_sparc(void **state)
{
    static const struct {
        int level, guest, host;
    } known[] = {{0xffff, 0x0004, SO_REUSEADDR}, {0xffff, 0x1007, SO_ERROR},
                 {0xffff, 0x2000, SO_RCVTIMEO},  {0xffff, 0x0040, SO_PEERCRED},
                 {0xffff, 0x1002, SO_RCVBUF},    {IPPROTO_TCP, 1, TCP_NODELAY},
                 {IPPROTO_IPV6, 26, IPV6_V6ONLY}};

    (void)state;
    for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        const struct sock_option *o =
            sock_option_find(known[i].level, known[i].guest);

        assert_non_null(o);
        assert_int_equal(o->host, known[i].host);
        assert_int_equal(o->level == SOL_SOCKET, known[i].level == 0xffff);
    }
    /* The host's numbers mean nothing. */
    assert_null(sock_option_find(SOL_SOCKET, SO_REUSEADDR));
    assert_null(sock_option_find(0xffff, SO_RCVTIMEO));
    assert_null(sock_option_find(IPPROTO_TCP, 999));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_of_a_layout_turn_and_bytes_stay),
        cmocka_unit_test_setup(test_families_turn_and_ports_stay, setup),
        cmocka_unit_test_setup(test_what_is_no_address_is_refused, setup),
        cmocka_unit_test_setup(test_an_address_is_cut_to_its_room, setup),
        cmocka_unit_test(test_options_have_the_numbers_of_sparc),
    };

    return RUN(tests);
}
