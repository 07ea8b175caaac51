// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The line to gdb: a connection, and packets with their sums on it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "emu/gdb/internal.h"
#include "emu/linux/signal/hostsig.h"

#define INTERRUPT    0x03
#define LAST_WORD_MS 200 /* for gdb to hear how the program ended */

/* ------------------------------------------------------------ connections */

/* The port that @where is; 0: it is none. */
static unsigned port_of(const char *where, size_t len)
{
    unsigned port = 0;

    for (size_t i = 0; i < len; i++) {
        if (where[i] < '0' || where[i] > '9' || port > 65535)
            return 0;
        port = port * 10 + (unsigned)(where[i] - '0');
    }
    return port <= 65535 ? port : 0;
}

static bool all_digits(const char *text, size_t len)
{
    return len > 0 && strspn(text, "0123456789") >= len;
}

static bool known_word(const char *word)
{
    return !*word || strcmp(word, ",wait") == 0 ||
           strcmp(word, ",suspend=y") == 0 || strcmp(word, ",suspend=n") == 0;
}

const char *gdb_where_is_wrong(const char *where)
{
    size_t len = strcspn(where, ",");

    if (len == 0)
        return "neither a port nor the name of a socket";
    if (all_digits(where, len) && !port_of(where, len))
        return "not a port from 1 to 65535";
    if (len >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
        return "too long for the name of a socket";
    if (!known_word(where + len))
        return "behind the comma is neither wait, suspend=y nor suspend=n";
    return NULL;
}

static int bind_port(int fd, unsigned port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;

    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    return bind(fd, (struct sockaddr *)&to, sizeof(to));
}

/* A socket that a run has left, which ended before it could remove it? */
static bool is_left(const struct sockaddr_un *to)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool left = fd >= 0 &&
                connect(fd, (const struct sockaddr *)to, sizeof(*to)) != 0 &&
                errno == ECONNREFUSED;

    if (fd >= 0)
        close(fd);
    return left;
}

static int bind_path(struct gdb *g, int fd, const char *path, size_t len)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int err;

    memcpy(to.sun_path, path, len);
    err = bind(fd, (struct sockaddr *)&to, sizeof(to));
    if (err && errno == EADDRINUSE) {
        if (is_left(&to) && unlink(to.sun_path) == 0)
            err = bind(fd, (struct sockaddr *)&to, sizeof(to));
        else
            errno = EADDRINUSE;
    }
    if (err)
        return -1;
    g->socket_path = strdup(to.sun_path);
    return g->socket_path ? 0 : -1;
}

int gdb_listen(struct gdb *g, const char *where, const char **why)
{
    size_t len = strcspn(where, ",");
    unsigned port = port_of(where, len);
    int err;

    g->suspend = strcmp(where + len, ",suspend=n") != 0;
    *why = "socket";
    g->listener = socket(port ? AF_INET : AF_UNIX,
                         SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (g->listener < 0)
        return -errno;
    *why = "bind";
    err = port ? bind_port(g->listener, port)
               : bind_path(g, g->listener, where, len);
    if (err)
        return -errno;
    *why = "listen";
    if (listen(g->listener, 1) != 0)
        return -errno;
    g->debug.fd = g->listener;
    return 0;
}

bool gdb_accept(struct gdb *g, bool wait)
{
    struct pollfd poll = {.fd = g->listener, .events = POLLIN};
    int on = 1;

    for (;;) {
        g->fd = accept4(g->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (g->fd >= 0)
            break;
        hostsig_take(g->m);
        if (!wait || g->m->interrupted)
            return false;
        hostsig_poll(g->m, &poll, 1, NULL);
    }
    /* Of a port: each packet waits for the answer to the one before. */
    (void)setsockopt(g->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    g->debug.fd = g->fd;
    g->no_ack = g->interrupt = g->hung_up = false;
    g->nr_in = 0;
    g->sent.len = 0;
    return true;
}

/* What gdb has not read yet is lost when it says something after this. */
void gdb_hang_up(struct gdb *g)
{
    struct pollfd poll1 = {.fd = g->fd, .events = POLLIN};
    char rest[256];

    if (g->fd < 0)
        return;
    shutdown(g->fd, SHUT_WR);
    while (!g->hung_up && poll(&poll1, 1, LAST_WORD_MS) > 0)
        if (recv(g->fd, rest, sizeof(rest), 0) <= 0)
            break;
    shutdown(g->fd, SHUT_RDWR); /* other processes have it, too */
    close(g->fd);
    g->fd = -1;
    g->debug.fd = g->listener;
}

/* -------------------------------------------------------------- what comes */

/* More bytes; false: none, for now or for ever (g->hung_up). */
static bool read_more(struct gdb *g)
{
    size_t room = sizeof(g->in) - g->nr_in;
    ssize_t n;

    if (room == 0) { /* a packet that does not end */
        g->nr_in = 0;
        room = sizeof(g->in);
    }
    n = recv(g->fd, g->in + g->nr_in, room, 0);
    if (n > 0) {
        g->nr_in += (size_t)n;
        return true;
    }
    if (n == 0 || (errno != EAGAIN && errno != EINTR))
        g->hung_up = true;
    return false;
}

static void send_all(struct gdb *g, const char *text, size_t len)
{
    struct pollfd poll = {.fd = g->fd, .events = POLLOUT};

    while (len > 0 && !g->hung_up) {
        ssize_t n = send(g->fd, text, len, MSG_NOSIGNAL);

        if (n > 0) {
            text += n;
            len -= (size_t)n;
        } else if (errno == EINTR) {
            continue;
        } else if (errno == EAGAIN && !g->m->interrupted) {
            hostsig_poll(g->m, &poll, 1, NULL);
            hostsig_take(g->m);
        } else {
            g->hung_up = true;
        }
    }
}

static void drop(struct gdb *g, size_t len)
{
    g->nr_in -= len;
    memmove(g->in, g->in + len, g->nr_in);
}

static void answer(struct gdb *g, const char *sign)
{
    if (!g->no_ack)
        send_all(g, sign, 1);
}

/* The first packet of g->in; -1: there is none yet. */
static int take_packet(struct gdb *g)
{
    const char *body;
    size_t len;
    int bytes;

    while (g->nr_in > 0 && g->in[0] != '$') {
        if (g->in[0] == INTERRUPT)
            g->interrupt = true;
        else if (g->in[0] == '-')
            send_all(g, g->sent.text, g->sent.len);
        drop(g, 1);
    }
    if (g->nr_in == 0)
        return -1;
    bytes = gdb_find_packet(g->in, g->nr_in, &body, &len);
    if (bytes == 0)
        return -1;
    if (bytes < 0 || len > GDB_PACKET_BYTES) {
        drop(g, bytes < 0 ? len : (size_t)bytes);
        answer(g, "-");
        return take_packet(g);
    }
    memcpy(g->packet, body, len);
    len = gdb_unescape(g->packet, len);
    g->packet[len] = '\0';
    drop(g, (size_t)bytes);
    answer(g, "+");
    return (int)len;
}

int gdb_receive(struct gdb *g)
{
    struct pollfd poll = {.fd = g->fd, .events = POLLIN};

    for (;;) {
        int len = take_packet(g);

        if (len >= 0)
            return len;
        hostsig_take(g->m);
        if (g->hung_up || g->m->interrupted)
            return -1;
        if (!read_more(g) && !g->hung_up)
            hostsig_poll(g->m, &poll, 1, NULL);
    }
}

void gdb_look(struct gdb *g)
{
    (void)read_more(g);
    /* A packet waits until the program stands still. */
    for (size_t i = 0; i < g->nr_in && g->in[i] != '$'; i++)
        if (g->in[i] == INTERRUPT)
            g->interrupt = true;
    while (g->nr_in > 0 && g->in[0] != '$')
        drop(g, 1);
}

void gdb_send(struct gdb *g)
{
    struct gdb_out *o = &g->sent;
    uint8_t sum = 0;

    if (g->history.mode != HISTORY_LIVE)
        return; /* gdb has heard it */
    if (g->out.full) {
        gdb_clear(&g->out);
        gdb_puts(&g->out, "E01");
    }
    for (size_t i = 0; i < g->out.len; i++)
        sum = (uint8_t)(sum + (uint8_t)g->out.text[i]);
    gdb_clear(o);
    o->text[0] = '$';
    memcpy(o->text + 1, g->out.text, g->out.len);
    o->len = 1 + g->out.len;
    snprintf(o->text + o->len, 4, "#%02x", sum);
    o->len += 3;
    send_all(g, o->text, o->len);
}
