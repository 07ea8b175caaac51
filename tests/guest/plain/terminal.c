// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/terminal.c - a pseudo terminal: settings, sizes, modes, job control
 *
 * Catches settings that change on the way between the layouts of two
 * machines, ioctls that are missing or have another number, characters that
 * the terminal does not treat as told, and groups in the foreground or the
 * background that may not do, or may do, what they ask for.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include "process.h"
#include "try.h"

static int master, slave;

static const char *speed_name(speed_t s)
{
    static const struct {
        speed_t speed;
        const char *name;
    } names[] = { { B0, "0" },           { B9600, "9600" },
                  { B38400, "38400" },   { B57600, "57600" },
                  { B115200, "115200" }, { B460800, "460800" },
                  { B921600, "921600" }, { B2000000, "2000000" } };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].speed == s)
            return names[i].name;
    return "?";
}

static void show(const char *what)
{
    struct termios t;

    EXPECT(tcgetattr(slave, &t) == 0);
    printf("  %s:\n   ", what);
#define FLAG(word, name) printf(t.word & name ? " " #name : " -" #name)
    FLAG(c_iflag, ICRNL), FLAG(c_iflag, INLCR), FLAG(c_iflag, ISTRIP);
    FLAG(c_iflag, IXON), FLAG(c_iflag, IXOFF), FLAG(c_iflag, IXANY);
    FLAG(c_iflag, IMAXBEL), FLAG(c_iflag, IUTF8), FLAG(c_iflag, PARMRK);
    FLAG(c_oflag, OPOST), FLAG(c_oflag, ONLCR), FLAG(c_oflag, OCRNL);
    FLAG(c_cflag, CREAD), FLAG(c_cflag, PARENB), FLAG(c_cflag, HUPCL);
    FLAG(c_cflag, CLOCAL), FLAG(c_cflag, CSTOPB);
    printf("\n    cs%d", (t.c_cflag & CSIZE) == CS8   ? 8
                         : (t.c_cflag & CSIZE) == CS7 ? 7
                                                      : 0);
    FLAG(c_lflag, ISIG), FLAG(c_lflag, ICANON), FLAG(c_lflag, ECHO);
    FLAG(c_lflag, ECHOE), FLAG(c_lflag, ECHOCTL), FLAG(c_lflag, ECHOKE);
    FLAG(c_lflag, ECHOPRT), FLAG(c_lflag, NOFLSH), FLAG(c_lflag, TOSTOP);
    FLAG(c_lflag, IEXTEN), FLAG(c_lflag, PENDIN), FLAG(c_lflag, FLUSHO);
#undef FLAG
    printf("\n    %s in %s intr %d quit %d erase %d kill %d start %d stop %d "
           "susp %d reprint %d discard %d werase %d lnext %d eol2 %d\n",
           speed_name(cfgetospeed(&t)), speed_name(cfgetispeed(&t)),
           t.c_cc[VINTR], t.c_cc[VQUIT], t.c_cc[VERASE], t.c_cc[VKILL],
           t.c_cc[VSTART], t.c_cc[VSTOP], t.c_cc[VSUSP], t.c_cc[VREPRINT],
           t.c_cc[VDISCARD], t.c_cc[VWERASE], t.c_cc[VLNEXT], t.c_cc[VEOL2]);
    if (t.c_lflag & ICANON) /* these two may share a place with the others */
        printf("    eof %d eol %d\n", t.c_cc[VEOF], t.c_cc[VEOL]);
    else
        printf("    min %d time %d\n", t.c_cc[VMIN], t.c_cc[VTIME]);
}

static void settings(void)
{
    struct termios t, old;

    puts("settings");
    EXPECT(tcgetattr(slave, &old) == 0);
    show("at first");
    t = old;
    t.c_iflag ^= IXANY | IUTF8 | INLCR;
    t.c_oflag ^= OCRNL;
    t.c_cflag ^= CSTOPB | HUPCL | CLOCAL;
    t.c_lflag ^= TOSTOP | NOFLSH | ECHOPRT | FLUSHO;
    t.c_cc[VINTR] = 1, t.c_cc[VEOF] = 2, t.c_cc[VEOL] = 3, t.c_cc[VEOL2] = 5;
    t.c_cc[VLNEXT] = 6, t.c_cc[VWERASE] = 7, t.c_cc[VDISCARD] = 8;
    cfsetispeed(&t, B57600);
    cfsetospeed(&t, B57600);
    TRY_DONE(tcsetattr(slave, TCSANOW, &t));
    show("changed");
    TRY_DONE(tcsetattr(master, TCSADRAIN, &old)); /* of the slave, too */
    show("as before");
    t = old;
    cfmakeraw(&t);
    t.c_cc[VMIN] = 3, t.c_cc[VTIME] = 4;
    cfsetospeed(&t, B921600);
    TRY_DONE(tcsetattr(slave, TCSAFLUSH, &t));
    show("raw");
    TRY_DONE(tcsetattr(slave, TCSAFLUSH, &old));
    show("as before");
    for (int i = 0; i < 3; i++) {
        static const speed_t fast[] = { B115200, B460800, B2000000 };

        t = old;
        cfsetspeed(&t, fast[i]);
        EXPECT(tcsetattr(slave, TCSANOW, &t) == 0);
        EXPECT(tcgetattr(slave, &t) == 0);
        printf("  %s\n", speed_name(cfgetospeed(&t)));
    }
    TRY_DONE(tcsetattr(slave, 77, &old));
    TRY_DONE(tcsetattr(slave, TCSANOW, &old));
}

static void read_all(int fd, const char *what)
{
    char buf[100];
    ssize_t n = read(fd, buf, sizeof(buf));

    printf("  %s:", what);
    for (ssize_t i = 0; i < n; i++)
        printf(" %02x", (unsigned char)buf[i]);
    puts("");
}

/* Bytes take a moment from one side to the other, and may come in pieces. */
static void readable(int fd, int nr)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    int n;

    do {
        EXPECT(poll(&p, 1, -1) == 1);
        EXPECT(ioctl(fd, FIONREAD, &n) == 0);
    } while (n < nr);
}

static void characters(void)
{
    struct termios t, old;
    int n = -1;

    puts("characters");
    EXPECT(tcgetattr(slave, &old) == 0);
    EXPECT(write(master, "ab\177c\r", 5) == 5);
    read_all(slave, "a line");
    readable(master, 8);
    read_all(master, "its echo");
    EXPECT(write(slave, "x\ny", 3) == 3);
    readable(master, 4);
    TRY_DONE(ioctl(master, FIONREAD, &n));
    printf("  %d\n", n);
    read_all(master, "output");
    t = old;
    cfmakeraw(&t);
    EXPECT(tcsetattr(slave, TCSANOW, &t) == 0);
    EXPECT(write(master, "ab\177c\r", 5) == 5);
    readable(slave, 5);
    TRY_DONE(ioctl(slave, FIONREAD, &n));
    printf("  %d\n", n);
    read_all(slave, "raw");
    EXPECT(write(master, "lost", 4) == 4);
    readable(slave, 4);
    TRY_DONE(tcflush(slave, TCIFLUSH));
    TRY_DONE(ioctl(slave, FIONREAD, &n));
    printf("  %d\n", n);
    TRY_DONE(ioctl(slave, TIOCOUTQ, &n));
    TRY_DONE(tcdrain(slave));
    TRY_DONE(tcsendbreak(slave, 0));
    TRY_DONE(tcflow(slave, TCOOFF));
    TRY_DONE(tcflow(slave, TCOON));
    TRY_DONE(tcflow(slave, 77));
    TRY_DONE(tcflush(slave, 77));
    EXPECT(tcsetattr(slave, TCSANOW, &old) == 0);
}

static void others(void)
{
    struct winsize w = { 1, 2, 3, 4 };
    int null = open("/dev/null", O_RDWR), n = -1;
    struct termios t;

    puts("others");
    TRY_DONE(ioctl(slave, TIOCGWINSZ, &w));
    printf("  %d %d %d %d\n", w.ws_row, w.ws_col, w.ws_xpixel, w.ws_ypixel);
    w = (struct winsize){ 25, 80, 640, 401 };
    TRY_DONE(ioctl(master, TIOCSWINSZ, &w));
    memset(&w, 0, sizeof(w));
    TRY_DONE(ioctl(slave, TIOCGWINSZ, &w));
    printf("  %d %d %d %d\n", w.ws_row, w.ws_col, w.ws_xpixel, w.ws_ypixel);
    TRY_DONE(ioctl(slave, TIOCSWINSZ, (void *)8));
    TRY_DONE(ioctl(master, TIOCPKT, &(int){ 1 }));
    TRY_DONE(ioctl(master, TIOCGPKT, &n));
    printf("  %d\n", n);
    EXPECT(write(slave, "pk", 2) == 2);
    read_all(master, "packet");
    TRY_DONE(ioctl(master, TIOCPKT, &(int){ 0 }));
    TRY_DONE(ioctl(slave, TIOCPKT, &(int){ 0 }));
    TRY_DONE(ioctl(slave, TIOCEXCL));
    TRY_DONE(ioctl(slave, TIOCGEXCL, &n));
    printf("  %d\n", n);
    TRY_DONE(ioctl(slave, TIOCNXCL));
    TRY_DONE(ioctl(slave, TIOCGETD, &n));
    printf("  %d\n", n);
    TRY_DONE(ioctl(slave, TIOCMGET, &n));
    TRY_DONE(ioctl(slave, FIONBIO, &(int){ 1 }));
    TRY_DONE(read(slave, &n, 1));
    TRY_DONE(ioctl(slave, FIONBIO, &(int){ 0 }));
    TRY_DONE(ioctl(slave, 0x12345678, &n));
    TRY_DONE(tcgetattr(null, &t));
    TRY_DONE(tcsetattr(null, TCSANOW, &t));
    TRY_DONE(ioctl(null, TIOCGWINSZ, &w));
    TRY_DONE(ioctl(null, TIOCGPTN, &n));
    TRY_DONE(ioctl(slave, TIOCGPTN, &n));
    TRY_DONE(ioctl(null, FIONREAD, &n));
    TRY_DONE(tcgetpgrp(null));
    TRY_DONE(tcgetattr(99, &t));
    close(null);
}

static volatile sig_atomic_t got;

static void on_signal(int sig)
{
    got = sig;
}

/* In a group of its own, which is not in the foreground. */
static int in_background(long unused)
{
    struct termios t;

    (void)unused;
    EXPECT(setpgid(0, 0) == 0);
    TRY_DONE(tcgetattr(slave, &t));
    signal(SIGTTOU, SIG_IGN);
    TRY_DONE(tcsetattr(slave, TCSANOW, &t));
    set_handler(SIGTTOU, on_signal, 0);
    TRY_DONE(tcsetattr(slave, TCSANOW, &t));
    printf("  signal %s\n", sigabbrev_np(got));
    got = 0;
    TRY_DONE(tcsetpgrp(slave, getpid()));
    printf("  signal %s\n", sigabbrev_np(got));
    signal(SIGTTIN, SIG_IGN);
    TRY_DONE(read(slave, &t, 1));
    set_handler(SIGTTIN, on_signal, 0);
    TRY_DONE(read(slave, &t, 1));
    printf("  signal %s\n", sigabbrev_np(got));
    TRY_DONE(write(slave, "free", 4));
    signal(SIGTTOU, SIG_IGN);
    TRY_DONE(tcsetpgrp(slave, getpid()));
    printf("  in front %d\n", tcgetpgrp(slave) == getpgrp());
    TRY_DONE(tcsetpgrp(slave, getppid()));
    return 0;
}

static int stopped(long unused)
{
    (void)unused;
    EXPECT(setpgid(0, 0) == 0);
    return read(slave, &unused, 1) == 1 ? 0 : 1;
}

/* tty_nr and tpgid of /proc/self/stat: is it this, in front? */
static int has_terminal(void)
{
    FILE *f = fopen("/proc/self/stat", "r");
    int nr = -1, tpgid = -1, want;

    EXPECT(f && fscanf(f, "%*d %*s %*c %*d %*d %*d %d %d", &nr, &tpgid) == 2);
    fclose(f);
    EXPECT(ioctl(slave, TIOCGDEV, &want) == 0);
    return nr == want && tpgid == getpid();
}

static int leader(long unused)
{
    int status, fd;
    pid_t pid;

    (void)unused;
    TRY_DONE(tcgetpgrp(slave));
    EXPECT(setsid() == getpid());
    TRY_DONE(open("/dev/tty", O_RDWR));
    TRY_DONE(ioctl(slave, TIOCNOTTY));
    TRY_DONE(ioctl(slave, TIOCSCTTY, 0));
    TRY_DONE(ioctl(slave, TIOCSCTTY, 0));
    fd = open("/dev/tty", O_RDWR);
    printf("  shown %d\n", has_terminal());
    printf("  mine %d %d %d\n", tcgetpgrp(slave) == getpid(),
           tcgetsid(slave) == getpid(), tcgetpgrp(fd) == getpid());
    EXPECT(write(fd, "T", 1) == 1);
    read_all(master, "through /dev/tty");
    TRY_DONE(tcsetpgrp(slave, getppid())); /* of another session */
    TRY_DONE(tcsetpgrp(slave, 0x7fffffff));
    TRY_DONE(tcsetpgrp(slave, -5));
    fflush(stdout);
    EXPECT(reap(spawn(in_background, 0)) == 0);
    read_all(master, "written in the background");
    pid = spawn(stopped, 0);
    EXPECT(waitpid(pid, &status, WUNTRACED) == pid);
    printf("  stopped by %s\n", WIFSTOPPED(status)
                                    ? sigabbrev_np(WSTOPSIG(status))
                                    : "nothing");
    EXPECT(write(master, "ok\r", 3) == 3);
    EXPECT(tcsetpgrp(slave, pid) == 0);
    kill(-pid, SIGCONT);
    printf("  then %d\n", reap(pid));
    signal(SIGTTOU, SIG_IGN);
    EXPECT(tcsetpgrp(slave, getpid()) == 0);
    signal(SIGHUP, SIG_IGN);
    TRY_DONE(ioctl(slave, TIOCNOTTY));
    TRY_DONE(tcgetpgrp(slave));
    TRY_DONE(open("/dev/tty", O_RDWR));
    return 0;
}

/* open() alone gives a leader without a terminal one. */
static int by_open(long unused)
{
    (void)unused;
    EXPECT(setsid() == getpid());
    EXPECT(open(ptsname(master), O_RDWR | O_NOCTTY) >= 0);
    TRY_DONE(tcgetpgrp(slave));
    EXPECT(open(ptsname(master), O_RDWR) >= 0);
    printf("  mine %d\n", tcgetpgrp(slave) == getpid());
    return 0;
}

int main(void)
{
    int n = -1;

    master = posix_openpt(O_RDWR | O_NOCTTY);
    EXPECT(master >= 0);
    TRY_DONE(open(ptsname(master), O_RDWR | O_NOCTTY)); /* still locked */
    TRY_DONE(ioctl(master, TIOCGPTLCK, &n));
    printf("  %d\n", n);
    EXPECT(unlockpt(master) == 0);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    EXPECT(slave >= 0);
    printf("terminals %d %d\n", isatty(master), isatty(slave));
    settings();
    characters();
    others();
    puts("job control");
    EXPECT(reap(spawn(leader, 0)) == 0);
    puts("by open");
    EXPECT(reap(spawn(by_open, 0)) == 0);
    return 0;
}
