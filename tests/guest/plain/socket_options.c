// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/socket_options.c - setsockopt and getsockopt
 *
 * Catches an option that means another one, a value in the wrong order of
 * bytes, and one that is said to be there and is not.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include "process.h"
#include "try.h"

/* Sets it, and shows what it is then. */
static void option(int s, const char *name, int level, int nr, int value)
{
    socklen_t len = sizeof(int);
    int before = -1, after = -1;
    long r;

    r = getsockopt(s, level, nr, &before, &len);
    if (r == 0)
        r = setsockopt(s, level, nr, &value, sizeof(value));
    if (r == 0)
        r = getsockopt(s, level, nr, &after, &len);
    if (r)
        printf("  %-20s %s\n", name, strerrorname_np(errno));
    else
        printf("  %-20s %d, then %d, %d bytes\n", name, before, after,
               (int)len);
}

#define OPTION(s, level, nr, value) option(s, #nr, level, nr, value)

static void show(int s, const char *name, int level, int nr)
{
    socklen_t len = sizeof(int);
    int value = -1;

    if (getsockopt(s, level, nr, &value, &len))
        printf("  %-20s %s\n", name, strerrorname_np(errno));
    else
        printf("  %-20s %d\n", name, value);
}

#define SHOW(s, level, nr) show(s, #nr, level, nr)

static void common(int family, int type)
{
    int s = socket(family, type, 0);

    printf("family %d, type %d\n", family, type);
    SHOW(s, SOL_SOCKET, SO_TYPE);
    SHOW(s, SOL_SOCKET, SO_DOMAIN);
    SHOW(s, SOL_SOCKET, SO_PROTOCOL);
    SHOW(s, SOL_SOCKET, SO_ERROR);
    SHOW(s, SOL_SOCKET, SO_ACCEPTCONN);
    OPTION(s, SOL_SOCKET, SO_REUSEADDR, 1);
    OPTION(s, SOL_SOCKET, SO_KEEPALIVE, 1);
    OPTION(s, SOL_SOCKET, SO_BROADCAST, 1);
    OPTION(s, SOL_SOCKET, SO_DONTROUTE, 7);
    OPTION(s, SOL_SOCKET, SO_OOBINLINE, 1);
    OPTION(s, SOL_SOCKET, SO_RCVLOWAT, 3);
    OPTION(s, SOL_SOCKET, SO_PRIORITY, 2);
    OPTION(s, SOL_SOCKET, SO_TIMESTAMP, 1);
    OPTION(s, SOL_SOCKET, SO_TYPE, 1);
    OPTION(s, IPPROTO_TCP, TCP_NODELAY, 1);
    OPTION(s, IPPROTO_TCP, TCP_KEEPIDLE, 100);
    OPTION(s, IPPROTO_TCP, TCP_CORK, 1);
    OPTION(s, IPPROTO_IP, IP_TTL, 33);
    OPTION(s, IPPROTO_IP, IP_TOS, 16);
    OPTION(s, IPPROTO_IP, IP_MULTICAST_TTL, 5);
    OPTION(s, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    OPTION(s, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 44);
    close(s);
}

static void special(void)
{
    int s = socket(AF_INET, SOCK_STREAM, 0), one = 1, i, d;
    struct linger linger = { 1, 77 }, back = { 0, 0 };
    socklen_t len = sizeof(back);
    struct tcp_info info;
    unsigned char byte = 9;
    char word[4] = "abc", text[20] = "";

    puts("special");
    TRY(setsockopt(s, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
    TRY(getsockopt(s, SOL_SOCKET, SO_LINGER, &back, &len));
    printf("  %d %d, %d bytes\n", back.l_onoff, back.l_linger, (int)len);
    i = 20000;
    TRY(setsockopt(s, SOL_SOCKET, SO_RCVBUF, &i, sizeof(i)));
    len = sizeof(i);
    TRY(getsockopt(s, SOL_SOCKET, SO_RCVBUF, &i, &len));
    printf("  %d\n", i);
    len = sizeof(info);
    TRY(getsockopt(s, IPPROTO_TCP, TCP_INFO, &info, &len));
    printf("  state %d, %d\n", info.tcpi_state, len >= 104);
    TRY(setsockopt(s, IPPROTO_IP, IP_TTL, &byte, 1));
    len = 1;
    TRY(getsockopt(s, IPPROTO_IP, IP_TTL, word, &len));
    printf("  %d, %d bytes\n", word[0], (int)len);
    TRY(setsockopt(s, IPPROTO_IP, IP_TTL, &one, 0));
    TRY(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, 2));
    TRY(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, -1));
    TRY(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, (void *)8, 4));
    TRY(setsockopt(s, 12345, 1, &one, 4));
    TRY(setsockopt(s, SOL_SOCKET, 12345, &one, 4));
    TRY(getsockopt(s, 500, 1, &one, &len));
    TRY(getsockopt(s, IPPROTO_UDP, 777, &one, &len));
    TRY(getsockopt(s, IPPROTO_TCP, -1, &one, &len));
    len = 100;
    TRY(getsockopt(s, SOL_SOCKET, SO_REUSEADDR, (void *)8, &len));
    TRY(getsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, (void *)8));
    len = -1;
    TRY(getsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, &len));
    TRY(getsockopt(0, SOL_SOCKET, SO_REUSEADDR, &one, &len) == -1);
    len = sizeof(text);
    TRY(setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, "reno", 4));
    TRY(getsockopt(s, IPPROTO_TCP, TCP_CONGESTION, text, &len));
    printf("  %s, %d bytes\n", text, (int)len);
    d = socket(AF_INET, SOCK_DGRAM, 0);
    struct ip_mreqn group = { .imr_ifindex = 1 };
    group.imr_multiaddr.s_addr = htonl(0xe0000102);
    TRY(setsockopt(d, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)));
    TRY(setsockopt(d, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)));
    TRY(setsockopt(d, IPPROTO_IP, IP_DROP_MEMBERSHIP, &group, sizeof(group)));
    struct group_req any = { .gr_interface = 1 };
    memcpy(&any.gr_group, &(struct sockaddr_in){ .sin_family = AF_INET,
           .sin_addr.s_addr = htonl(0xe0000103) }, sizeof(struct sockaddr_in));
    TRY(setsockopt(d, IPPROTO_IP, MCAST_JOIN_GROUP, &any, sizeof(any)));
    TRY(setsockopt(d, IPPROTO_IP, MCAST_JOIN_GROUP, &any, sizeof(any)));
    TRY(setsockopt(d, IPPROTO_IP, MCAST_LEAVE_GROUP, &any, sizeof(any)));
    close(s);
    close(d);
}

/* An error of a socket has the number that the program knows. */
static void error(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    socklen_t len = sizeof(a);
    int s = socket(AF_INET, SOCK_STREAM, 0), c, value;

    puts("error");
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT(bind(s, (void *)&a, sizeof(a)) == 0);
    EXPECT(getsockname(s, (void *)&a, &len) == 0);
    c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (connect(c, (void *)&a, sizeof(a)) == -1 && errno == ECONNREFUSED) {
        puts("  ECONNREFUSED");
    } else {
        for (value = 0; value == 0; usleep(100)) {
            len = sizeof(value);
            EXPECT(getsockopt(c, SOL_SOCKET, SO_ERROR, &value, &len) == 0);
        }
        printf("  %s\n", strerrorname_np(value));
    }
    close(c);
    close(s);
}

static void interfaces(void)
{
    struct ifreq r = { .ifr_name = "lo" }, all[50];
    struct ifconf c = { .ifc_len = sizeof(all), .ifc_req = all };
    int s = socket(AF_INET, SOCK_DGRAM, 0), there = 0;

    puts("interfaces");
    TRY(ioctl(s, SIOCGIFINDEX, &r));
    printf("  index %d\n", r.ifr_ifindex);
    TRY(ioctl(s, SIOCGIFFLAGS, &r));
    printf("  loopback %d\n", (r.ifr_flags & IFF_LOOPBACK) != 0);
    TRY(ioctl(s, SIOCGIFMTU, &r));
    printf("  mtu %d\n", r.ifr_mtu);
    TRY(ioctl(s, SIOCGIFADDR, &r));
    printf("  %d %s\n", r.ifr_addr.sa_family,
           inet_ntoa(((struct sockaddr_in *)&r.ifr_addr)->sin_addr));
    TRY(ioctl(s, SIOCGIFHWADDR, &r));
    printf("  kind %d\n", r.ifr_hwaddr.sa_family);
    memset(&r, 0, sizeof(r));
    r.ifr_ifindex = 1;
    TRY(ioctl(s, SIOCGIFNAME, &r));
    printf("  %s\n", r.ifr_name);
    TRY(ioctl(s, SIOCGIFCONF, &c));
    for (size_t i = 0; i < c.ifc_len / sizeof(r); i++)
        there += strcmp(all[i].ifr_name, "lo") == 0 &&
                 all[i].ifr_addr.sa_family == AF_INET;
    printf("  there %d\n", there);
    int bytes = c.ifc_len;
    c.ifc_len = sizeof(r) + 1;
    TRY(ioctl(s, SIOCGIFCONF, &c) == 0 && c.ifc_len == sizeof(r));
    c.ifc_req = NULL;
    TRY(ioctl(s, SIOCGIFCONF, &c) == 0 && c.ifc_len == bytes);
    strcpy(r.ifr_name, "none7");
    TRY(ioctl(s, SIOCGIFMTU, &r));
    TRY(ioctl(s, SIOCGIFMTU, NULL));
    TRY(ioctl(s, SIOCSIFFLAGS, NULL));
    TRY(ioctl(0, SIOCGIFMTU, &r) == -1);
    int me = getpid();
    TRY(ioctl(s, SIOCSPGRP, &me));
    TRY(fcntl(s, F_GETOWN) == me);
    close(s);
}

int main(void)
{
    common(AF_UNIX, SOCK_STREAM);
    common(AF_UNIX, SOCK_DGRAM);
    common(AF_INET, SOCK_STREAM);
    common(AF_INET, SOCK_DGRAM);
    common(AF_INET6, SOCK_STREAM);
    special();
    interfaces();
    error();
    return 0;
}
