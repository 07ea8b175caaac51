// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls that move bytes, with buffers in pages that nobody has touched: each
 * byte arrives once.  Under --stress=wait:1 all these pages are waited for.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fresh.h"

static unsigned sum(const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    unsigned s = 0;

    for (size_t i = 0; i < len; i++)
        s = s * 31 + p[i];
    return s;
}

static void files(void)
{
    char *big = malloc(3 * PAGE), *in;
    struct iovec iov[2];
    int fd = memfd_create("file", 0), p[2], *ends = fresh(8);
    loff_t *offset = fresh(8);
    struct stat *st = fresh(sizeof(*st));

    for (int i = 0; i < 3 * PAGE; i++)
        big[i] = (char)(i * 7 + i / 256);
    say("write", write(fd, big, 2 * PAGE));
    in = fresh(PAGE);
    say("pread", pread(fd, in, PAGE, 5));
    say("  sum", sum(in, PAGE) == sum(big + 5, PAGE));
    lseek(fd, 0, SEEK_SET);
    iov[0] = (struct iovec){fresh(100), 100};
    iov[1] = (struct iovec){fresh(5000), 5000};
    say("readv", readv(fd, iov, 2));
    say("  position", lseek(fd, 0, SEEK_CUR));
    say("  sum", sum(iov[1].iov_base, 5000) == sum(big + 100, 5000));
    say("pipe2", syscall(SYS_pipe2, ends, 0));
    memcpy(p, ends, sizeof(p));
    say("  numbers", p[1] - p[0]);
    say("write to it", write(p[1], big, 3000));
    in = fresh(3000);
    say("read from it", read(p[0], in, 4000));
    say("  sum", sum(in, 3000) == sum(big, 3000));
    iov[0].iov_base = fresh(100);
    iov[1].iov_base = fresh(5000);
    say("writev", writev(p[1], iov, 2));
    in = fresh(5100);
    say("read from it", read(p[0], in, 5100));
    say("  sum", sum(in, 5100));
    say("sendfile", sendfile(p[1], fd, offset, 100));
    say("  offset", *offset);
    say("fstat", fstat(fd, st));
    say("  size", st->st_size);
    say("write fresh", pwrite(fd, fresh(PAGE), PAGE, 0));
    close(p[0]);
    close(p[1]);
    close(fd);
    free(big);
}

static long writes_so_far(void)
{
    FILE *io = fopen("/proc/self/io", "r");
    char line[100];
    long n = -1;

    while (io && fgets(line, sizeof(line), io))
        (void)sscanf(line, "syscw: %ld", &n);
    if (io)
        fclose(io);
    return n;
}

/* A call that waits is counted once. */
static void accounts(void)
{
    int text = memfd_create("text", 0), fd;
    long before, done;

    say("write", write(text, "1000", 4));
    fd = open("/proc/self/oom_score_adj", O_WRONLY);
    before = writes_so_far();
    done = write(fd, mmap(NULL, PAGE, PROT_READ, MAP_SHARED, text, 0), 4);
    before = writes_so_far() - before;
    say("write to /proc", done);
    say("  calls", before);
    close(fd);
    close(text);
}

static void messages(void)
{
    struct message {
        long type;
        char text[200];
    } *m = fresh(sizeof(*m));
    int q = msgget(IPC_PRIVATE, 0600);

    m->type = 3;
    memset(m->text, 'x', 200);
    say("msgsnd", msgsnd(q, m, 200, 0));
    say("msgsnd", msgsnd(q, m, 100, 0));
    m = fresh(sizeof(*m));
    say("msgrcv", msgrcv(q, m, 200, 0, 0));
    say("  text", m->text[199]);
    m = fresh(sizeof(*m));
    say("msgrcv", msgrcv(q, m, 200, 0, 0));
    msgctl(q, IPC_RMID, NULL);
}

static void memory(void)
{
    uint32_t *word = fresh(8);
    struct iovec local = {fresh(6000), 6000}, remote = {malloc(6000), 6000};

    memset(remote.iov_base, 7, 6000);
    say("process_vm_readv",
        process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
    say("  sum", sum(local.iov_base, 6000) == sum(remote.iov_base, 6000));
    local.iov_base = fresh(6000);
    say("process_vm_writev",
        process_vm_writev(getpid(), &local, 1, &remote, 1, 0));
    say("  sum", sum(remote.iov_base, 6000));
    say("futex wake_op",
        syscall(SYS_futex, fresh(8), FUTEX_WAKE_OP, 1, 1, word,
                FUTEX_OP(FUTEX_OP_ADD, 5, FUTEX_OP_CMP_EQ, 0)));
    say("  word", *word);
    say("getcwd", getcwd(fresh(4000), 4000) != NULL);
}

int main(void)
{
    files();
    accounts();
    messages();
    memory();
    say("getrandom", getrandom(fresh(3 * 4096), 3 * 4096, 0));
    return 0;
}
