// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define CHUNK 65536

static bool is_null(const struct stat *st)
{
    return S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3);
}

FILE *spool_file(void)
{
    FILE *file = tmpfile();

    if (file)
        (void)fcntl(fileno(file), F_SETFD, FD_CLOEXEC);
    return file;
}

int spool_init(struct spool *s)
{
    struct stat st;

    *s = (struct spool){0};
    /* What process_init() has put there is for us alone. */
    s->closed = fstat(STDIN_FILENO, &st) != 0 ||
                fcntl(STDIN_FILENO, F_GETFD) & FD_CLOEXEC;
    s->is_file = !s->closed && (S_ISREG(st.st_mode) || is_null(&st));
    if (s->closed || s->is_file)
        return 0;
    s->file = spool_file();
    return s->file ? 0 : -errno;
}

void spool_fini(struct spool *s)
{
    if (s->file)
        fclose(s->file);
}

static int open_again(int *child)
{
    off_t at = lseek(STDIN_FILENO, 0, SEEK_CUR);

    *child = open("/proc/self/fd/0", O_RDONLY | O_CLOEXEC);
    if (*child < 0)
        return -errno;
    if (at > 0)
        (void)lseek(*child, at, SEEK_SET);
    return 0;
}

int spool_open(const struct spool *s, struct spool_reader *r, int *child)
{
    int fds[2];

    *r = (struct spool_reader){.fd = -1};
    *child = -1;
    if (s->closed)
        return 0;
    if (s->is_file)
        return open_again(child);
    if (pipe2(fds, O_CLOEXEC) != 0)
        return -errno;
    (void)fcntl(fds[1], F_SETFL, O_NONBLOCK);
    *child = fds[0];
    r->fd = fds[1];
    return 0;
}

void spool_close(struct spool_reader *r)
{
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
}

bool spool_wants(const struct spool *s, const struct spool_reader *r)
{
    return r->fd >= 0 && r->at == s->len && !s->ended;
}

/* Add to the file, in as many pieces as a limit of the host makes of it. */
static int keep(struct spool *s, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = pwrite(fileno(s->file), bytes, len, s->len);

        if (n <= 0)
            return n < 0 ? -errno : -ENOSPC;
        s->len += n;
        bytes += n;
        len -= (size_t)n;
    }
    return 0;
}

int spool_fill(struct spool *s)
{
    char chunk[CHUNK];
    ssize_t n = read(STDIN_FILENO, chunk, sizeof(chunk));

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    if (n <= 0) {
        s->ended = true; /* after an error, too: as a program would see it */
        return 0;
    }
    return keep(s, chunk, (size_t)n);
}

void spool_feed(const struct spool *s, struct spool_reader *r)
{
    char chunk[CHUNK];
    ssize_t n, done;

    if (r->fd < 0)
        return;
    n = pread(fileno(s->file), chunk, sizeof(chunk), r->at);
    if (n > 0) {
        done = write(r->fd, chunk, (size_t)n);
        if (done > 0)
            r->at += done;
        else if (done < 0 && errno != EAGAIN && errno != EINTR)
            spool_close(r); /* it does not read on */
    }
    if (n < 0 || (s->ended && r->at == s->len))
        spool_close(r);
}
