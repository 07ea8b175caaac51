// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ioctls of a terminal by their numbers, and the bytes that they move.
 *
 * run: --ram=32M
 * stdout: ok
 */
#define _GNU_SOURCE
#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "adi/adi.h"

#define IS(err, call) (errno = 0, (call) == -1 && errno == (err))

struct settings {
    unsigned iflag, oflag, cflag, lflag;
    unsigned char line, cc[17], more[2];
    unsigned ispeed, ospeed;
};

struct old_settings {
    unsigned short iflag, oflag, cflag, lflag;
    unsigned char line, cc[8];
};

static int fd;

static long do_ioctl(unsigned nr, void *arg)
{
    return syscall(SYS_ioctl, fd, nr, arg);
}

/* asm/ioctls.h leaves the structures to others. */
#define G2 0x402c540cu
#define S2 0x802c540du

int main(void)
{
    struct settings a, b;
    struct old_settings o;
    struct stat st;
    long long size;
    int n = -1;

    CHECK(TIOCGPTN == 0x40047486 && TIOCSPTLCK == 0x80047487);
    CHECK(TIOCSCTTY == 0x20007484 && TIOCGSID == 0x40047485);
    fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    CHECK(fd >= 0);
    memset(&a, 0xee, sizeof(a));
    CHECK(do_ioctl(0x40245408u, &a) == 0); /* TCGETS */
    CHECK(a.lflag == 0x8a3b && a.iflag == 0x500 && a.oflag == 5);
    CHECK(a.cflag == 0xbf && a.line == 0);
    CHECK(memcmp(a.cc, "\3\34\177\25\4\0\0\0\21\23\32\31\22\17\27\26\1", 17) == 0);
    CHECK(a.more[0] == 0xee && a.ispeed == 0xeeeeeeee); /* not its bytes */
    CHECK(do_ioctl(G2, &b) == 0);
    CHECK(b.ispeed == 38400 && b.ospeed == 38400);

    /* Without ICANON, MIN and TIME are where EOF and EOL were. */
    a.lflag &= ~2u;
    a.cc[4] = 9, a.cc[5] = 8;
    CHECK(do_ioctl(0x80245409u, &a) == 0); /* TCSETS */
    CHECK(do_ioctl(0x40245408u, &b) == 0);
    CHECK(b.cc[4] == 9 && b.cc[5] == 8 && b.cc[16] == 9);
    b.lflag |= 2;
    b.cc[4] = 4, b.cc[5] = 0, b.cc[16] = 1;
    CHECK(do_ioctl(0x8024540au, &b) == 0); /* TCSETSW */

    /* DEFECHO is kept, FLUSHO is another bit. */
    b.lflag |= 0x3000;
    CHECK(do_ioctl(0x8024540bu, &b) == 0); /* TCSETSF */
    CHECK(do_ioctl(0x40245408u, &a) == 0 && a.lflag == b.lflag);
    b.lflag &= ~0x2000u;
    CHECK(do_ioctl(0x8024540bu, &b) == 0);
    CHECK(do_ioctl(0x40245408u, &a) == 0 && a.lflag == b.lflag);

    /* Speeds: a code of SPARC alone, any number, and others' codes. */
    b.cflag = (b.cflag & ~0x100fu) | 0x1005;
    CHECK(do_ioctl(0x80245409u, &b) == 0);
    CHECK(do_ioctl(G2, &a) == 0 && a.ospeed == 76800);
    CHECK((a.cflag & 0x100f) == 0x1005);
    a.cflag = (a.cflag & ~0x100fu) | 0x1000; /* BOTHER */
    a.ospeed = 12345;
    CHECK(do_ioctl(S2, &a) == 0);
    CHECK(do_ioctl(G2, &b) == 0 && b.ospeed == 12345);
    CHECK((b.cflag & 0x100f) == 0x1000);
    b.cflag = (b.cflag & ~0x100fu) | 0x1009;
    CHECK(do_ioctl(0x802c540eu, &b) == 0 && do_ioctl(G2, &a) == 0);
    CHECK(a.ospeed == 921600 && (a.cflag & 0x100f) == 0x1009);

    /* struct termio: half of the flags. */
    memset(&o, 0, sizeof(o));
    CHECK(do_ioctl(0x40125401u, &o) == 0); /* TCGETA */
    CHECK(o.cflag == (unsigned short)a.cflag && memcmp(o.cc, a.cc, 8) == 0);
    o.cc[0] = 7, o.lflag &= ~8; /* no ECHO */
    CHECK(do_ioctl(0x80125402u, &o) == 0 && do_ioctl(G2, &b) == 0);
    CHECK(b.cc[0] == 7 && b.lflag == (a.lflag & ~8u) && b.cflag == a.cflag);
    CHECK(IS(EFAULT, do_ioctl(0x40245408u, (void *)8)));
    CHECK(IS(EFAULT, do_ioctl(0x80245409u, (void *)8)));
    CHECK(IS(EFAULT, do_ioctl(TIOCGPTN, (void *)8)));

    /* The lock, and the other end. */
    CHECK(do_ioctl(TIOCGPTLCK, &n) == 0 && n == 1);
    n = 0;
    CHECK(do_ioctl(TIOCSPTLCK, &n) == 0);
    CHECK(do_ioctl(TIOCGPTN, &n) == 0 && n >= 0);
    n = (int)syscall(SYS_ioctl, fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK(n > fd && isatty(n) && fcntl(n, F_GETFD) == FD_CLOEXEC);
    CHECK(do_ioctl(TIOCGDEV, &n) == 0 && n >> 8 == 136);

    /* Of any file. */
    fd = open("/proc/self/exe", O_RDONLY);
    CHECK(fd >= 0 && fstat(fd, &st) == 0);
    CHECK(do_ioctl(FIOQSIZE, &size) == 0 && size == st.st_blocks * 512);
    CHECK(do_ioctl(0x20000002u, &n) == 0 && n == st.st_blksize);
    n = 0;
    CHECK(do_ioctl(FIOASYNC, &n) == 0);
    n = 1;
    CHECK(IS(ENOTTY, do_ioctl(FIOASYNC, &n)));
    CHECK(do_ioctl(FIOCLEX, NULL) == 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
    CHECK(do_ioctl(FIONCLEX, NULL) == 0 && fcntl(fd, F_GETFD) == 0);
    puts("ok");
    return 0;
}
