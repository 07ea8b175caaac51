// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/poll_children.c - poll and select on the pipes of several children
 *
 * Catches a descriptor that is told ready too early or never, a hang-up that
 * is not seen, and a time-out that does not come.
 */
#include <poll.h>
#include <sys/select.h>
#include "process.h"

#define CHILDREN 4

static struct channel go[CHILDREN], from[CHILDREN];

/* Repeats what it is told until it is told 0. */
static int parrot(long n)
{
    long value;

    for (int i = 0; i < CHILDREN; i++) {
        close(go[i].w);
        if (i != n)
            close(from[i].w);
    }
    while ((value = hear(&go[n])) > 0)
        say(&from[n], value * 10 + n);
    return n;
}

/* Which are ready, a character for each child: r in, h hang-up, . nothing. */
static const char *look(int timeout)
{
    static char text[CHILDREN + 1];
    struct pollfd p[CHILDREN];
    int n, seen = 0;

    for (int i = 0; i < CHILDREN; i++)
        p[i] = (struct pollfd){ .fd = from[i].r, .events = POLLIN };
    n = poll(p, CHILDREN, timeout);
    for (int i = 0; i < CHILDREN; i++) {
        text[i] = p[i].revents & POLLIN ? 'r' : p[i].revents & POLLHUP ? 'h'
                  : p[i].revents ? '?' : '.';
        seen += p[i].revents != 0;
    }
    EXPECT(n == seen);
    return text;
}

/* The same by select, where a hang-up counts as ready. */
static const char *look_select(long msec)
{
    static char text[CHILDREN + 1];
    struct timeval tv = { 0, msec * 1000 };
    fd_set in;
    int max = 0, n;

    FD_ZERO(&in);
    for (int i = 0; i < CHILDREN; i++) {
        FD_SET(from[i].r, &in);
        max = from[i].r > max ? from[i].r : max;
    }
    n = select(max + 1, &in, NULL, NULL, msec < 0 ? NULL : &tv);
    for (int i = 0; i < CHILDREN; i++)
        text[i] = FD_ISSET(from[i].r, &in) ? 'r' : '.';
    for (int i = 0; i < CHILDREN; i++)
        n -= text[i] == 'r';
    EXPECT(n == 0);
    return text;
}

int main(void)
{
    pid_t pids[CHILDREN];
    struct pollfd w;

    alarm(60);
    for (int i = 0; i < CHILDREN; i++) {
        go[i] = channel_open();
        from[i] = channel_open();
    }
    for (int i = 0; i < CHILDREN; i++)
        pids[i] = spawn(parrot, i);
    for (int i = 0; i < CHILDREN; i++)
        close(from[i].w);
    printf("quiet  %s", look(10));
    printf(" %s\n", look_select(10));
    for (int i = 0; i < 6; i++) {
        int who = i * 3 % CHILDREN;

        say(&go[who], i + 1);
        printf("told %d %s", who, look(-1));
        printf(" %s", look_select(-1));
        printf(" %ld\n", hear(&from[who]));
    }
    for (int i = 0; i < CHILDREN; i++) {
        say(&go[i], 0);
        EXPECT(reap(pids[i]) == i);
        printf("gone %d %s", i, look(-1));
        printf(" %s\n", look_select(-1));
    }
    for (int i = 0; i < CHILDREN; i++)
        EXPECT(hear(&from[i]) == -1);

    /* writing: ready until full, an error when nobody reads */
    w = (struct pollfd){ .fd = go[0].w, .events = POLLOUT };
    EXPECT(poll(&w, 1, 0) == 1 && w.revents == POLLOUT);
    close(go[0].r);
    EXPECT(poll(&w, 1, -1) == 1 && w.revents & POLLERR);
    close(go[0].w);
    EXPECT(poll(&w, 1, -1) == 1 && w.revents == POLLNVAL);
    w.fd = -1;
    EXPECT(poll(&w, 1, 5) == 0 && w.revents == 0);
    puts("write end ok");
    return 0;
}
