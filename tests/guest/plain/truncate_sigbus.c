// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/truncate_sigbus.c - a file that gets shorter under its maps
 *
 * Catches pages that stay mapped behind the end of the file, private copies
 * that outlive it, SIGBUS of a wrong code, and old bytes after it grows.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <sys/mman.h>
#include "process.h"

#define PAGES 6

static sigjmp_buf back;
static volatile int code;
static int fd;

static void on_bus(int sig, siginfo_t *info, void *context)
{
    (void)context;
    code = sig == SIGBUS ? info->si_code : -sig;
    siglongjmp(back, 1);
}

/* For each page its first byte, ! when there is a SIGBUS. */
static const char *look(unsigned char *p, int store)
{
    static char text[PAGES + 1];

    for (volatile int i = 0; i < PAGES; i++) {
        volatile unsigned char *byte = p + i * PAGE + 3;

        if (sigsetjmp(back, 1)) {
            EXPECT(code == BUS_ADRERR);
            text[i] = '!';
            continue;
        }
        if (store)
            *byte = store;
        text[i] = *byte ? *byte : '0';
    }
    return text;
}

static unsigned char *map(int kind)
{
    void *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, kind, fd, 0);

    EXPECT(p != MAP_FAILED);
    return p;
}

static void resize(long size)
{
    EXPECT(ftruncate(fd, size) == 0);
}

static void fill(void)
{
    static char buf[PAGE];

    for (int i = 0; i < PAGES; i++) {
        memset(buf, 'a' + i, PAGE);
        EXPECT(pwrite(fd, buf, PAGE, i * PAGE) == PAGE);
    }
}

int main(void)
{
    struct sigaction sa = { .sa_flags = SA_SIGINFO };
    unsigned char *shared, *priv;
    char dir[32];
    pid_t pid;

    alarm(60);
    sa.sa_sigaction = on_bus;
    sigaction(SIGBUS, &sa, NULL);
    sigaction(SIGSEGV, &sa, NULL);
    enter_scratch(dir);
    fd = open("data", O_RDWR | O_CREAT, 0600);
    fill();
    shared = map(MAP_SHARED);
    priv = map(MAP_PRIVATE);
    priv[PAGE + 3] = 'B';               /* two pages of its own */
    priv[4 * PAGE + 3] = 'E';
    printf("whole    %s", look(shared, 0));
    printf(" %s\n", look(priv, 0));

    resize(3 * PAGE);
    printf("three    %s", look(shared, 0));
    printf(" %s", look(priv, 0));
    printf(" %s\n", look(shared, 'x'));
    resize(5 * PAGE);
    printf("five     %s", look(shared, 0));
    printf(" %s\n", look(priv, 0));

    /* a partial page is cleared behind the end */
    fill();
    resize(2 * PAGE + 3);
    printf("partial  %s", look(shared, 0));
    printf(" %d\n", shared[2 * PAGE + 2]);
    shared[2 * PAGE + 100] = 9;         /* never gets to the file */
    resize(6 * PAGE);
    printf("grown    %s\n", look(shared, 0));

    /* a child cuts the file that its parent has mapped */
    fill();
    pid = fork_child();
    if (pid == 0) {
        resize(PAGE);
        printf("child    %s\n", look(shared, 0));
        fflush(stdout);
        shared[5] = 'c';
        _exit(0);
    }
    EXPECT(reap(pid) == 0);
    printf("parent   %s", look(shared, 0));
    printf(" %s %c\n", look(priv, 0), shared[5]);

    resize(0);
    printf("empty    %s", look(shared, 0));
    printf(" %s\n", look(priv, 0));
    fill();
    printf("filled   %s", look(shared, 0));
    printf(" %s\n", look(priv, 's'));

    /* no handler: the child ends by it */
    no_core();
    pid = fork_child();
    if (pid == 0) {
        signal(SIGBUS, SIG_DFL);
        resize(PAGE);
        _exit(shared[PAGE]);
    }
    printf("default  %s\n", strsignal(reap(pid) - 128));
    unlink("data");
    leave_scratch(dir);
    return 0;
}
