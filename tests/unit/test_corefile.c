// SPDX-License-Identifier: GPL-2.0-or-later
/* A core file that ends before its end: the limit, the disk, a hole. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include "emu/linux/core/corefile.h"
#include "emu/linux/fs/fsize.h"
#include "unit.h"

static ssize_t space = -1; /* bytes that the disk still has; -1: enough */
static bool interrupted_once;
static int64_t largest = INT64_MAX; /* RLIMIT_FSIZE */

ssize_t __real_pwrite(int fd, const void *buf, size_t len, off_t at);
ssize_t __wrap_pwrite(int fd, const void *buf, size_t len, off_t at);

ssize_t __wrap_pwrite(int fd, const void *buf, size_t len, off_t at)
{
    ssize_t n;

    if (interrupted_once) {
        interrupted_once = false;
        errno = EINTR;
        return -1;
    }
    if (space == 0) {
        errno = ENOSPC;
        return -1;
    }
    if (space > 0 && len > (size_t)space)
        len = (size_t)space;
    n = __real_pwrite(fd, buf, len, at);
    if (space > 0)
        space -= n;
    return n;
}

int64_t fsize_limit_write(const struct task *t, int fd, int64_t offset,
                          uint64_t count)
{
    (void)t, (void)fd;
    if (offset >= largest)
        return -EFBIG;
    return offset + (int64_t)count > largest ? largest - offset
                                             : (int64_t)count;
}

static struct machine machine;
static struct task task = {.m = &machine};

static struct core_file begin(uint64_t limit)
{
    space = -1;
    largest = INT64_MAX;
    return (struct core_file){
        .t = &task, .fd = memfd_create("core", MFD_CLOEXEC), .limit = limit};
}

static off_t size_of(const struct core_file *f)
{
    return lseek(f->fd, 0, SEEK_END);
}

static void test_emit_when_limit_is_reached_writes_whole_pieces(void **state)
{
    struct core_file f = begin(100);
    char bytes[60] = "x";

    (void)state;
    assert_true(core_emit(&f, bytes, 60));
    core_skip(&f, 1000); /* holes do not count */
    assert_true(core_emit(&f, bytes, 40));
    assert_false(core_emit(&f, bytes, 1));
    core_finish(&f);
    assert_int_equal(size_of(&f), 1100);
    assert_int_equal(f.err, 0);
    close(f.fd);
}

static void test_emit_when_disk_is_full_keeps_the_error(void **state)
{
    struct core_file f = begin(UINT64_MAX);
    char bytes[60] = "x";

    (void)state;
    interrupted_once = true;
    assert_true(core_emit(&f, bytes, 60));
    space = 10;
    assert_false(core_emit(&f, bytes, 60));
    assert_int_equal(f.err, ENOSPC);
    assert_int_equal(f.written, 60);
    core_finish(&f);
    assert_int_equal(size_of(&f), 70);
    close(f.fd);
}

static void test_emit_when_file_may_not_grow_stops(void **state)
{
    struct core_file f = begin(UINT64_MAX);
    char bytes[60] = "x";

    (void)state;
    largest = 100;
    assert_true(core_emit(&f, bytes, 60));
    assert_false(core_emit(&f, bytes, 60));
    assert_int_equal(size_of(&f), 60);
    close(f.fd);
}

static void test_emit_when_user_ends_the_run_stops(void **state)
{
    struct core_file f = begin(UINT64_MAX);

    (void)state;
    machine.interrupted = 2;
    assert_false(core_emit(&f, "x", 1));
    machine.interrupted = 0;
    assert_int_equal(size_of(&f), 0);
    close(f.fd);
}

static void test_finish_when_hole_is_last_makes_it_part_of_it(void **state)
{
    struct core_file f = begin(UINT64_MAX);

    (void)state;
    assert_true(core_emit(&f, "abc", 3));
    core_align(&f, 4);
    core_align(&f, 4);
    assert_int_equal(f.pos, 4);
    core_align(&f, 8192);
    core_finish(&f);
    assert_int_equal(size_of(&f), 8192);
    close(f.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_emit_when_limit_is_reached_writes_whole_pieces),
        cmocka_unit_test(test_emit_when_disk_is_full_keeps_the_error),
        cmocka_unit_test(test_emit_when_file_may_not_grow_stops),
        cmocka_unit_test(test_emit_when_user_ends_the_run_stops),
        cmocka_unit_test(test_finish_when_hole_is_last_makes_it_part_of_it),
    };

    return RUN(tests);
}
