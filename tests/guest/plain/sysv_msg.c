// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/sysv_msg.c - System V message queues
 *
 * Catches messages that are lost, cut, doubled or taken out of turn, waiters
 * that are not woken, and results that differ from the kernel's.
 */
#define _GNU_SOURCE
#include <sys/ipc.h>
#include <fcntl.h>
#include <sys/msg.h>
#include "process.h"
#include "try.h"

struct note {
    long type;
    char text[9000];
};

static int queue;
static struct channel out;

static int make(void)
{
    int id = msgget(IPC_PRIVATE, 0600 | IPC_CREAT);

    EXPECT(id >= 0);
    return id;
}

static int put(long type, const char *text, int flags)
{
    struct note n = { .type = type };

    strcpy(n.text, text);
    return msgsnd(queue, &n, strlen(text), flags);
}

static void get(long type, int flags)
{
    struct note n;
    long r = msgrcv(queue, &n, sizeof(n.text), type, flags | IPC_NOWAIT);

    if (r < 0)
        printf("  %ld: %s\n", type, strerrorname_np(errno));
    else
        printf("  %ld: type %ld %.*s\n", type, n.type, (int)r, n.text);
}

static struct msqid_ds state(void)
{
    struct msqid_ds ds;

    EXPECT(msgctl(queue, IPC_STAT, &ds) == 0);
    return ds;
}

static void results(void)
{
    struct note n = { .type = 1, .text = "x" };
    key_t key = 0x5eb00000 | (getpid() & 0xffff);
    volatile int minus = -1;
    struct msqid_ds ds;

    puts("results");
    queue = make();
    TRY_DONE(msgget(key, 0600));
    TRY_DONE(msgsnd(minus, &n, 1, 0));
    TRY_DONE(msgsnd(queue + 1, &n, 1, 0));
    TRY_DONE(msgsnd(queue, (void *)8, 1, 0));
    TRY_DONE(msgsnd(queue, &n, 8193, 0));
    TRY_DONE(msgsnd(queue, &n, minus, 0));
    TRY_DONE(msgsnd(queue, &n, 8192, 0));
    TRY_DONE(msgsnd(queue, &n, 8192, 0));
    TRY_DONE(msgsnd(queue, &n, 1, IPC_NOWAIT));
    TRY_DONE(msgsnd(queue, &n, 0, IPC_NOWAIT));
    n.type = 0;
    TRY_DONE(msgsnd(queue, &n, 1, 0));
    n.type = -5;
    TRY_DONE(msgsnd(queue, &n, 1, 0));
    TRY_DONE(msgrcv(queue, &n, 10, 0, 0));
    TRY_DONE(msgrcv(queue, &n, 10, 0, MSG_NOERROR));
    TRY_DONE(msgrcv(queue, &n, minus, 0, 0));
    TRY_DONE(msgrcv(queue, &n, 8192, 7, IPC_NOWAIT));
    TRY_DONE(msgrcv(queue, &n, 8192, 0, MSG_COPY));
    TRY_DONE(msgrcv(minus, &n, 8192, 0, 0));
    TRY_DONE(msgctl(queue, 99, NULL));
    TRY_DONE(msgctl(queue, minus, NULL));
    ds = state();
    printf("  qnum %ld cbytes %ld qbytes %ld mode %o send %d receive %d\n",
           (long)ds.msg_qnum, (long)ds.__msg_cbytes, (long)ds.msg_qbytes,
           ds.msg_perm.mode, ds.msg_lspid == getpid(),
           ds.msg_lrpid == getpid());
    ds.msg_qbytes = 100;
    ds.msg_perm.mode = 0640;
    TRY_DONE(msgctl(queue, IPC_SET, &ds));
    ds = state();
    printf("  qbytes %ld mode %o\n", (long)ds.msg_qbytes, ds.msg_perm.mode);
    TRY_DONE(msgctl(queue, IPC_STAT, (void *)8));
    TRY_DONE(msgctl(queue, IPC_RMID, NULL));
    TRY_DONE(msgctl(queue, IPC_RMID, NULL));
    queue = msgget(key, 0600 | IPC_CREAT | IPC_EXCL);
    TRY_DONE(queue);
    TRY_DONE(msgget(key, 0600 | IPC_CREAT | IPC_EXCL));
    printf("  the same %d\n", msgget(key, 0600) == queue);
    EXPECT(msgctl(queue, IPC_RMID, NULL) == 0);
}

static void types(void)
{
    puts("types");
    queue = make();
    EXPECT(put(5, "five", 0) == 0);
    EXPECT(put(3, "three", 0) == 0);
    EXPECT(put(9, "nine", 0) == 0);
    EXPECT(put(3, "three again", 0) == 0);
    EXPECT(put(1, "one", 0) == 0);
    get(0, MSG_COPY);
    get(3, MSG_COPY);
    get(9, MSG_COPY);
    get(7, 0);
    get(5, MSG_EXCEPT);
    get(-4, 0);
    get(-4, 0);
    get(-4, 0);
    get(3, 0);
    get(9, 0);
    get(0, 0);
    get(0, 0);
    EXPECT(msgctl(queue, IPC_RMID, NULL) == 0);
}

static int receives(long type)
{
    struct note n;
    long r = msgrcv(queue, &n, 5, type, 0);

    say(&out, r < 0 ? -errno : 1000 * n.type + r);
    return 0;
}

/* Until the child sleeps: nobody can see it, so wait for its state. */
static void until_sleeps(pid_t pid)
{
    char name[40], text[100], *p;
    ssize_t n;
    int fd;

    snprintf(name, sizeof(name), "/proc/%d/stat", pid);
    do {
        usleep(1000);
        fd = open(name, 0);
        n = read(fd, text, sizeof(text) - 1);
        close(fd);
        text[n > 0 ? n : 0] = '\0';
        p = strrchr(text, ')');
    } while (!p || p[2] != 'S');
}

static void receivers(void)
{
    pid_t a, b, c;

    puts("receivers");
    out = channel_open();
    queue = make();
    a = spawn(receives, 2);
    until_sleeps(a);
    b = spawn(receives, 0);
    until_sleeps(b);
    c = spawn(receives, -9);
    until_sleeps(c);
    EXPECT(put(20, "abc", 0) == 0); /* only the second takes any */
    printf("  %ld\n", hear(&out));
    EXPECT(put(7, "too long", 0) == 0); /* the third cannot take it */
    printf("  %s, %ld in the queue\n", strerrorname_np(-hear(&out)),
           (long)state().msg_qnum);
    EXPECT(put(2, "", 0) == 0);
    printf("  %ld\n", hear(&out));
    EXPECT(reap(a) == 0 && reap(b) == 0 && reap(c) == 0);
    printf("  last by the first %d\n", state().msg_lrpid == a);
    get(0, 0);
    a = spawn(receives, 2);
    until_sleeps(a);
    EXPECT(msgctl(queue, IPC_RMID, NULL) == 0);
    printf("  %s\n", strerrorname_np(-hear(&out)));
    EXPECT(reap(a) == 0);
}

static int sends(long bytes)
{
    struct note n = { .type = bytes };
    int r;

    memset(n.text, 'a' + bytes % 26, sizeof(n.text));
    r = msgsnd(queue, &n, bytes, 0);
    memset(n.text, '?', sizeof(n.text));
    say(&out, r < 0 ? -errno : bytes);
    return 0;
}

static void senders(void)
{
    struct note n = { .type = 1 };
    pid_t a, b;

    puts("senders");
    queue = make();
    EXPECT(msgsnd(queue, &n, 8192, 0) == 0);
    EXPECT(msgsnd(queue, &n, 8192, 0) == 0);
    a = spawn(sends, 8100);
    until_sleeps(a);
    b = spawn(sends, 50);
    until_sleeps(b);
    EXPECT(msgrcv(queue, &n, 9000, 0, 0) == 8192);
    say_two(&out);
    EXPECT(reap(a) == 0 && reap(b) == 0);
    EXPECT(msgrcv(queue, &n, 9000, 8100, 0) == 8100);
    printf("  %c%c\n", n.text[0], n.text[8099]);
    EXPECT(msgsnd(queue, &n, 8100, 0) == 0);
    a = spawn(sends, 200);
    until_sleeps(a);
    EXPECT(msgctl(queue, IPC_RMID, NULL) == 0);
    printf("  %s\n", strerrorname_np(-hear(&out)));
    EXPECT(reap(a) == 0);
}

static void on_alarm(int sig)
{
    (void)sig;
}

static void interrupted(void)
{
    struct note n;

    puts("interrupted");
    queue = make();
    set_handler(SIGALRM, on_alarm, SA_RESTART); /* never restarted */
    ualarm(20000, 0);
    TRY_DONE(msgrcv(queue, &n, 10, 0, 0));
    EXPECT(msgctl(queue, IPC_RMID, NULL) == 0);
}

/* Many messages through a queue that is nearly always full. */
static int producer(long count)
{
    struct note n;

    for (long i = 1; i <= count; i++) {
        n.type = 1 + i % 3;
        memset(n.text, (int)i, 4000);
        EXPECT(msgsnd(queue, &n, 1 + i * 37 % 4000, 0) == 0);
    }
    return 0;
}

static void stream(void)
{
    uint64_t sum = FOLD_START;
    struct note n;
    pid_t pid;

    puts("stream");
    queue = make();
    pid = spawn(producer, 500);
    for (int i = 0; i < 500; i++) {
        long r = msgrcv(queue, &n, sizeof(n.text), 0, 0);

        EXPECT(r > 0);
        sum = fold_bytes(fold(sum, n.type), n.text, r);
    }
    EXPECT(reap(pid) == 0);
    printf("  %016lx, %ld left\n", (unsigned long)sum, (long)state().msg_qnum);
    EXPECT(msgctl(queue, IPC_RMID, NULL) == 0);
}

int main(void)
{
    results();
    types();
    receivers();
    senders();
    interrupted();
    stream();
    return 0;
}
