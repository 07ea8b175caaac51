// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Open files on their way in a message: they are there as long as the message
 * is, wherever the host has it, and go with it; and nothing is kept of a
 * message that the host had no memory or descriptor for.
 *
 * The linker sends allocations and pipes here; an open file is a count.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "emu/linux/fs/files.h"
#include "emu/linux/net/flight.h"
#include "emu/linux/path/path.h"
#include "unit.h"

struct open_file {
    int refs;
    struct machine *m; /* it is a socket with this message: */
    int queued[2];
};

static unsigned fail_malloc; /* allocations until one fails; 0: never */
static bool fail_pipe;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
int __real_pipe2(int fds[2], int flags);
int __wrap_pipe2(int fds[2], int flags);

void *__wrap_malloc(size_t size)
{
    if (fail_malloc > 0 && --fail_malloc == 0)
        return NULL;
    return __real_malloc(size);
}

int __wrap_pipe2(int fds[2], int flags)
{
    if (!fail_pipe)
        return __real_pipe2(fds, flags);
    errno = EMFILE;
    return -1;
}

struct open_file *open_file_get(struct open_file *file)
{
    file->refs++;
    return file;
}

/* As a socket that is closed does. */
void open_file_put(struct open_file *file)
{
    if (--file->refs > 0 || !file->m)
        return;
    close(file->queued[0]);
    close(file->queued[1]);
    flights_reap(file->m);
}

int64_t host_result(int64_t value)
{
    return value >= 0 ? value : errno == EMFILE ? -ENFILE : -errno;
}

static void send_fd(int to, int fd)
{
    char control[CMSG_SPACE(sizeof(int))] = {0}, byte = 'x';
    struct iovec bytes = {&byte, 1};
    struct msghdr h = {.msg_iov = &bytes,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof(control)};
    struct cmsghdr *cm = CMSG_FIRSTHDR(&h);

    *cm = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(cm), &fd, sizeof(fd));
    assert_int_equal(sendmsg(to, &h, 0), 1);
    close(fd);
}

static int take_fd(int from, int flags)
{
    char control[CMSG_SPACE(sizeof(int))], byte;
    struct iovec bytes = {&byte, 1};
    struct msghdr h = {.msg_iov = &bytes,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof(control)};
    int fd = -1;

    assert_int_equal(recvmsg(from, &h, flags), 1);
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&h)), sizeof(fd));
    return fd;
}

static int begin(struct machine *m, struct open_file **files, unsigned nr)
{
    return flight_begin(m, &(struct scm){.nr = nr, .files = files});
}

static void test_files_stay_while_the_message_is_somewhere(void **state)
{
    struct open_file a = {.refs = 1}, b = {.refs = 1}, *files[] = {&a, &b};
    struct machine m = {0};
    const struct scm *scm;
    int s[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
    send_fd(s[0], begin(&m, files, 2));
    flights_reap(&m);
    assert_int_equal(a.refs, 2);
    assert_true(flight_arrived(&m, take_fd(s[1], MSG_PEEK), &scm));
    flights_reap(&m);
    assert_int_equal(b.refs, 2);
    assert_true(flight_arrived(&m, take_fd(s[1], 0), &scm));
    assert_int_equal(scm->nr, 2);
    assert_ptr_equal(scm->files[1], &b);
    flights_reap(&m);
    assert_int_equal(a.refs, 1);
    assert_int_equal(b.refs, 1);
    assert_null(m.flights);
    close(s[0]);
    close(s[1]);
}

/* Which is one of the host's that looks the same. */
static void test_a_pipe_of_somebody_else_is_no_token(void **state)
{
    struct open_file a = {.refs = 1}, *files[] = {&a};
    struct machine m = {0};
    const struct scm *scm;
    int p[2], token;

    (void)state;
    assert_int_equal(pipe(p), 0);
    token = begin(&m, files, 1);
    assert_false(flight_arrived(&m, p[1], &scm));
    assert_false(flight_arrived(&m, STDIN_FILENO, &scm));
    close(p[0]);
    close(p[1]);
    close(token);
    flights_destroy(&m);
    assert_int_equal(a.refs, 1);
}

/* A socket that nobody has but a message that nobody reads. */
static void test_what_a_message_drops_drops_its_own_messages(void **state)
{
    struct machine m = {0};
    struct open_file inner = {.refs = 1};
    struct open_file outer = {.refs = 1, .m = &m}, *files[] = {&inner};
    int s[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, outer.queued), 0);
    send_fd(outer.queued[0], begin(&m, files, 1));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
    files[0] = &outer;
    send_fd(s[0], begin(&m, files, 1));
    outer.refs--;
    flights_reap(&m);
    assert_int_equal(outer.refs, 1);
    close(s[0]);
    close(s[1]);
    flights_reap(&m);
    assert_int_equal(outer.refs, 0);
    assert_int_equal(inner.refs, 1);
    assert_null(m.flights);
}

static void test_nothing_is_kept_when_the_host_has_no_more(void **state)
{
    struct open_file a = {.refs = 1}, *files[] = {&a};
    struct machine m = {0};
    int lowest = dup(0);

    (void)state;
    close(lowest);
    for (unsigned i = 1; i <= 2; i++) {
        fail_malloc = i;
        assert_int_equal(begin(&m, files, 1), -ENOMEM);
        assert_int_equal(fail_malloc, 0);
    }
    fail_pipe = true;
    assert_int_equal(begin(&m, files, 1), -ENFILE);
    fail_pipe = false;
    assert_null(m.flights);
    assert_int_equal(a.refs, 1);
    assert_int_equal(dup(0), lowest);
    close(lowest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_stay_while_the_message_is_somewhere),
        cmocka_unit_test(test_a_pipe_of_somebody_else_is_no_token),
        cmocka_unit_test(test_what_a_message_drops_drops_its_own_messages),
        cmocka_unit_test(test_nothing_is_kept_when_the_host_has_no_more),
    };

    return RUN(tests);
}
