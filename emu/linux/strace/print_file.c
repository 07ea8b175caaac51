// SPDX-License-Identifier: GPL-2.0-or-later
/* Files: how they are opened, what stat() says, vectors, waiting for them. */
#include <endian.h>
#include <inttypes.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "emu/linux/abi.h"
#include "emu/linux/abi_file.h"
#include "emu/linux/strace/print.h"
#include "emu/linux/syscall.h"
#include "emu/linux/tty/termios.h"
#include "emu/linux/tty/tty.h"

/* Reads the structure that the argument points at; false: its address was
 * printed. */
static bool get(struct arg *p, void *to, size_t len)
{
    if (arg_value(p) && print_read(p->t, to, arg_value(p), len))
        return true;
    print_addr(p->f, arg_value(p));
    return false;
}

void print_dirfd(struct arg *p)
{
    if (arg_int(arg_value(p)) == AT_G_FDCWD)
        fputs("AT_FDCWD", p->f);
    else
        print_int(p);
}

/* -------------------------------------------------------------------- open */

void print_open(struct arg *p)
{
    print_open_flags(p->f, arg_value(p));
}

/* Only a file that is made has a mode: take the comma back. */
void print_open_mode(struct arg *p)
{
    uint64_t flags = p->a[p->i - 1];

    if (flags & (O_G_CREAT | (O_G_TMPFILE & ~O_G_DIRECTORY)))
        print_octal(p);
    else
        fseek(p->f, -2, SEEK_CUR);
}

void print_open_how(struct arg *p)
{
    uint64_t raw[3];

    if (!get(p, raw, sizeof(raw)))
        return;
    fputs("{flags=", p->f);
    print_open_flags(p->f, be64toh(raw[0]));
    if (be64toh(raw[0]) & O_G_CREAT)
        fprintf(p->f, ", mode=%#03" PRIo64, be64toh(raw[1]));
    fprintf(p->f, ", resolve=%#" PRIx64 "}", be64toh(raw[2]));
}

void print_access(struct arg *p)
{
    static const struct flag modes[] = {
        {4, "R_OK"}, {2, "W_OK"}, {1, "X_OK"}, {0, NULL}};

    if (arg_value(p) == 0)
        fputs("F_OK", p->f);
    else
        print_flags(p->f, arg_value(p), modes);
}

static void print_mode_type(FILE *f, uint32_t mode)
{
    static const char *const types[16] = {
        [1] = "S_IFIFO", [2] = "S_IFCHR",  [4] = "S_IFDIR",  [6] = "S_IFBLK",
        [8] = "S_IFREG", [10] = "S_IFLNK", [12] = "S_IFSOCK"};
    const char *type = types[mode >> 12 & 15];

    fprintf(f, "%s%s%#03o", type ? type : "", type ? "|" : "",
            type ? mode & 07777 : mode);
}

void print_mknod_mode(struct arg *p)
{
    print_mode_type(p->f, (uint32_t)arg_value(p));
}

/* -------------------------------------------------------------------- stat */

static void put_stat(FILE *f, uint32_t mode, uint64_t size, uint64_t rdev)
{
    fputs("{st_mode=", f);
    print_mode_type(f, mode);
    if ((mode & 0170000) == 0020000 || (mode & 0170000) == 0060000)
        fprintf(f, ", st_rdev=makedev(%#x, %#x), ...}", major(rdev),
                minor(rdev));
    else
        fprintf(f, ", st_size=%" PRIu64 ", ...}", size);
}

void print_stat(struct arg *p)
{
    struct stat_g raw;

    if (get(p, &raw, sizeof(raw)))
        put_stat(p->f, be32toh(raw.mode), be64toh(raw.size), be32toh(raw.rdev));
}

void print_stat64(struct arg *p)
{
    struct stat64_g raw;

    if (get(p, &raw, sizeof(raw)))
        put_stat(p->f, be32toh(raw.mode), be64toh(raw.size), be64toh(raw.rdev));
}

void print_statx(struct arg *p)
{
    struct statx_g raw;

    if (!get(p, &raw, sizeof(raw)))
        return;
    fprintf(p->f, "{stx_mask=%#x, stx_attributes=%#" PRIx64 ", stx_mode=",
            be32toh(raw.mask), be64toh(raw.attributes));
    print_mode_type(p->f, be16toh(raw.mode));
    fprintf(p->f, ", stx_size=%" PRIu64 ", ...}", be64toh(raw.size));
}

void print_statfs(struct arg *p)
{
    struct statfs_g raw;

    if (get(p, &raw, sizeof(raw)))
        fprintf(p->f,
                "{f_type=%#" PRIx64 ", f_bsize=%" PRIu64 ", f_blocks=%" PRIu64
                ", f_bfree=%" PRIu64 ", ...}",
                be64toh(raw.type), be64toh(raw.bsize), be64toh(raw.blocks),
                be64toh(raw.bfree));
}

/* How many records there are; @at: of the length of one */
static void put_dents(struct arg *p, size_t at)
{
    uint64_t done = 0;
    unsigned nr = 0;
    uint16_t raw;

    while (done < (uint64_t)p->value &&
           print_read(p->t, &raw, arg_value(p) + done + at, sizeof(raw)) &&
           raw) {
        done += be16toh(raw);
        nr++;
    }
    print_addr(p->f, arg_value(p));
    fprintf(p->f, " /* %u entr%s */", nr, nr == 1 ? "y" : "ies");
}

void print_dents(struct arg *p)
{
    put_dents(p, offsetof(struct dirent_g, reclen));
}

void print_dents64(struct arg *p)
{
    put_dents(p, offsetof(struct dirent64_g, reclen));
}

/* ----------------------------------------------------------------- vectors */

void print_iovec(struct task *t, FILE *f, uint64_t va, uint64_t nr,
                 uint64_t len)
{
    struct iovec_g raw;

    if (!va || nr > UIO_MAXIOV_G || (nr && !print_read(t, &raw, va, 16))) {
        print_addr(f, va);
        return;
    }
    fputc('[', f);
    for (uint64_t i = 0; i < nr; i++) {
        uint64_t n;

        if (i > 0)
            fputs(", ", f);
        if (i == PRINT_MAX || !print_read(t, &raw, va + 16 * i, sizeof(raw))) {
            fputs("...", f);
            break;
        }
        n = be64toh(raw.len);
        fputs("{iov_base=", f);
        print_bytes(t, f, be64toh(raw.base), n < len ? n : len);
        fprintf(f, ", iov_len=%" PRIu64 "}", n);
        len -= n < len ? n : len;
    }
    fputc(']', f);
}

void print_iov(struct arg *p)
{
    print_iovec(p->t, p->f, arg_value(p), p->a[p->i + 1], UINT64_MAX);
}

void print_iov_out(struct arg *p)
{
    print_iovec(p->t, p->f, arg_value(p), p->a[p->i + 1], (uint64_t)p->value);
}

/* -------------------------------------------------------- fcntl and ioctl */

static const struct flag fcntls[] = {{0, "F_DUPFD"},
                                     {1, "F_GETFD"},
                                     {2, "F_SETFD"},
                                     {3, "F_GETFL"},
                                     {4, "F_SETFL"},
                                     {5, "F_GETOWN"},
                                     {6, "F_SETOWN"},
                                     {7, "F_GETLK"},
                                     {8, "F_SETLK"},
                                     {9, "F_SETLKW"},
                                     {10, "F_SETSIG"},
                                     {11, "F_GETSIG"},
                                     {15, "F_SETOWN_EX"},
                                     {16, "F_GETOWN_EX"},
                                     {36, "F_OFD_GETLK"},
                                     {37, "F_OFD_SETLK"},
                                     {38, "F_OFD_SETLKW"},
                                     {1024, "F_SETLEASE"},
                                     {1025, "F_GETLEASE"},
                                     {1026, "F_NOTIFY"},
                                     {1030, "F_DUPFD_CLOEXEC"},
                                     {1031, "F_SETPIPE_SZ"},
                                     {1032, "F_GETPIPE_SZ"},
                                     {1033, "F_ADD_SEALS"},
                                     {1034, "F_GET_SEALS"},
                                     {1035, "F_GET_RW_HINT"},
                                     {1036, "F_SET_RW_HINT"},
                                     {0, NULL}};

void print_fcntl(struct arg *p)
{
    print_constant(p->f, arg_value(p), fcntls, "F_???");
}

static void put_lock(struct arg *p)
{
    static const char *const types[] = {"0", "F_RDLCK", "F_WRLCK", "F_UNLCK"};
    static const char *const whences[] = {"SEEK_SET", "SEEK_CUR", "SEEK_END"};
    struct flock_g raw;
    unsigned type, whence;

    if (!get(p, &raw, sizeof(raw)))
        return;
    type = be16toh(raw.type);
    whence = be16toh(raw.whence);
    fprintf(p->f,
            "{l_type=%s, l_whence=%s, l_start=%" PRId64 ", l_len=%" PRId64 "}",
            type < 4 ? types[type] : "F_???",
            whence < 3 ? whences[whence] : "SEEK_???",
            (int64_t)be64toh(raw.start), (int64_t)be64toh(raw.len));
}

void print_fcntl_arg(struct arg *p)
{
    switch (p->a[p->i - 1]) {
    case F_G_GETFD:
    case F_G_GETFL:
    case 5:
    case 11:
    case 1025:
    case F_G_GETPIPE_SZ:
    case F_G_GET_SEALS: fseek(p->f, -2, SEEK_CUR); break; /* has none */
    case F_G_SETFD: fputs(arg_value(p) == 1 ? "FD_CLOEXEC" : "0", p->f); break;
    case F_G_SETFL: print_open_flags(p->f, arg_value(p)); break;
    case F_G_GETLK:
    case F_G_SETLK:
    case F_G_SETLKW:
    case F_G_OFD_GETLK:
    case F_G_OFD_SETLK:
    case F_G_OFD_SETLKW: put_lock(p); break;
    case F_G_DUPFD:
    case F_G_DUPFD_CLOEXEC:
    case F_G_SETPIPE_SZ: print_int(p); break;
    default: print_hex(p);
    }
}

void print_fcntl_result(struct arg *p)
{
    if (arg_value(p) == F_G_GETFD && p->value == 1) {
        p->is_flags = true;
        fputs("flags FD_CLOEXEC", p->aux);
    }
    if (arg_value(p) != F_G_GETFL)
        return;
    p->is_flags = true;
    fputs("flags ", p->aux);
    print_open_flags(p->aux, (uint64_t)p->value);
}

void print_ioctl(struct arg *p)
{
    static const struct flag cmds[] = {
        {TCGETS_G, "TCGETS"},       {TCSETS_G, "TCSETS"},
        {TCSETSW_G, "TCSETSW"},     {TCSETSF_G, "TCSETSF"},
        {TCGETS2_G, "TCGETS2"},     {TCSETS2_G, "TCSETS2"},
        {TCGETA_G, "TCGETA"},       {TIOCGWINSZ_G, "TIOCGWINSZ"},
        {TIOCGPGRP_G, "TIOCGPGRP"}, {TIOCSPGRP_G, "TIOCSPGRP"},
        {TIOCGSID_G, "TIOCGSID"},   {TIOCSCTTY_G, "TIOCSCTTY"},
        {TIOCNOTTY_G, "TIOCNOTTY"}, {FIONREAD_G, "FIONREAD"},
        {FIONBIO_G, "FIONBIO"},     {FIOCLEX_G, "FIOCLEX"},
        {FIONCLEX_G, "FIONCLEX"},   {0, NULL}};

    print_constant(p->f, (uint32_t)arg_value(p), cmds, NULL);
}

/* -------------------------------------------------------------------- poll */

static void put_pollfds(struct arg *p, FILE *f, uint64_t nr, bool results)
{
    struct pollfd_g raw;
    unsigned shown = 0;

    fputc('[', f);
    for (uint64_t i = 0; i < nr; i++) {
        uint16_t bits;

        if (!print_read(p->t, &raw, arg_value(p) + 8 * i, sizeof(raw)))
            break;
        bits = be16toh(results ? raw.revents : raw.events);
        if (results && !bits)
            continue;
        if (shown > 0)
            fputs(", ", f);
        if (shown++ == PRINT_MAX) {
            fputs("...", f);
            break;
        }
        fprintf(f, "{fd=%d, %s=", (int)be32toh(raw.fd),
                results ? "revents" : "events");
        print_flags(f, bits, flags_poll);
        fputc('}', f);
    }
    fputc(']', f);
}

void print_pollfds(struct arg *p)
{
    uint64_t nr = (uint32_t)p->a[p->i + 1];
    uint8_t first;

    if (!arg_value(p) || nr > 65536 ||
        (nr && !print_read(p->t, &first, arg_value(p), 1)))
        print_addr(p->f, arg_value(p));
    else
        put_pollfds(p, p->f, nr, false);
}

void print_poll_result(struct arg *p)
{
    if (p->value == 0)
        fputs("Timeout", p->aux);
    else
        put_pollfds(p, p->aux, (uint32_t)p->a[p->i + 1], true);
}

/* Of select(2): words of 64 bits, the lowest bit first */
static bool is_in_set(struct arg *p, int fd, bool *in)
{
    uint64_t raw;

    if (!print_read(p->t, &raw, arg_value(p) + (unsigned)fd / 64 * 8ul, 8))
        return false;
    *in = be64toh(raw) >> (fd % 64) & 1;
    return true;
}

static void put_fdset(struct arg *p, FILE *f)
{
    int nr = arg_int(p->a[0]);
    const char *sep = "";
    bool in = false;

    if (!arg_value(p) || nr < 0 || nr > 65536 || !is_in_set(p, 0, &in)) {
        print_addr(f, arg_value(p));
        return;
    }
    fputc('[', f);
    for (int fd = 0; fd < nr && is_in_set(p, fd, &in); fd++) {
        if (!in)
            continue;
        fprintf(f, "%s%d", sep, fd);
        sep = " ";
    }
    fputc(']', f);
}

void print_fdset(struct arg *p)
{
    put_fdset(p, p->f);
}

void print_select_result(struct arg *p)
{
    static const char *const names[] = {NULL, "in ", "out ", "except "};
    const char *sep = "";

    if (p->value == 0) {
        fputs("Timeout", p->aux);
        return;
    }
    for (p->i = 1; p->i <= 3; p->i++) {
        if (!arg_value(p))
            continue;
        fprintf(p->aux, "%s%s", sep, names[p->i]);
        put_fdset(p, p->aux);
        sep = ", ";
    }
}

/* ------------------------------------------------------------------- epoll */

static bool put_epoll(struct task *t, FILE *f, uint64_t va)
{
    uint64_t raw[2];

    if (!print_read(t, raw, va, sizeof(raw)))
        return false;
    fputs("{events=", f);
    /* As for poll(2) elsewhere: the numbers are not SPARC's. */
    print_flags(f, be64toh(raw[0]) >> 32, flags_epoll);
    fprintf(f, ", data=%#" PRIx64 "}", be64toh(raw[1]));
    return true;
}

void print_epoll_event(struct arg *p)
{
    if (!arg_value(p) || !put_epoll(p->t, p->f, arg_value(p)))
        print_addr(p->f, arg_value(p));
}

void print_epoll_events(struct arg *p)
{
    fputc('[', p->f);
    for (int64_t i = 0; i < p->value; i++) {
        if (i > 0)
            fputs(", ", p->f);
        if (i == PRINT_MAX ||
            !put_epoll(p->t, p->f, arg_value(p) + 16 * (uint64_t)i)) {
            fputs("...", p->f);
            break;
        }
    }
    fputc(']', p->f);
}
