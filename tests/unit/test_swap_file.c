// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The file of a swap device, when the host says no: the error is handed on,
 * and no descriptor stays open.
 *
 * The linker sends these calls of the library here.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "swap/device.h"
#include "unit.h"

#define BYTES (12 * PAGE_SIZE)

enum call { FSTAT, FTRUNCATE, MKOSTEMP, FCNTL, PREAD, PWRITE, NR_CALLS };

static unsigned fail_in[NR_CALLS]; /* calls until one fails; 0: never */
static int error;
static size_t at_most;  /* bytes that one call moves; 0: all */
static char made[4096]; /* the last temporary file */

int __real_fstat(int fd, struct stat *st);
int __wrap_fstat(int fd, struct stat *st);
int __real_ftruncate(int fd, off_t len);
int __wrap_ftruncate(int fd, off_t len);
int __real_mkostemp(char *path, int flags);
int __wrap_mkostemp(char *path, int flags);
int __real_fcntl(int fd, int cmd, void *arg);
int __wrap_fcntl(int fd, int cmd, void *arg);
ssize_t __real_pread(int fd, void *p, size_t n, off_t at);
ssize_t __wrap_pread(int fd, void *p, size_t n, off_t at);
ssize_t __real_pwrite(int fd, const void *p, size_t n, off_t at);
ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t at);

static bool fails(enum call call)
{
    if (fail_in[call] == 0 || --fail_in[call] > 0)
        return false;
    errno = error;
    return true;
}

int __wrap_fstat(int fd, struct stat *st)
{
    return fails(FSTAT) ? -1 : __real_fstat(fd, st);
}

int __wrap_ftruncate(int fd, off_t len)
{
    return fails(FTRUNCATE) ? -1 : __real_ftruncate(fd, len);
}

int __wrap_mkostemp(char *path, int flags)
{
    int fd = fails(MKOSTEMP) ? -1 : __real_mkostemp(path, flags);

    strcpy(made, path);
    return fd;
}

int __wrap_fcntl(int fd, int cmd, void *arg)
{
    return fails(FCNTL) ? -1 : __real_fcntl(fd, cmd, arg);
}

static size_t part(size_t n)
{
    return at_most && n > at_most ? at_most : n;
}

ssize_t __wrap_pread(int fd, void *p, size_t n, off_t at)
{
    return fails(PREAD) ? -1 : __real_pread(fd, p, part(n), at);
}

ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t at)
{
    return fails(PWRITE) ? -1 : __real_pwrite(fd, p, part(n), at);
}

/* The lowest free descriptor: the same before and after, none is lost. */
static int lowest_free(void)
{
    int fd = dup(STDERR_FILENO);

    assert_true(fd >= 0);
    close(fd);
    return fd;
}

static void assert_open_fails(enum call call, unsigned nr, int err)
{
    uint64_t slots = 77;
    void *dev = &slots;
    int want = -err;
    int fd = lowest_free();

    /* A lock that another has. */
    if (err == EAGAIN)
        want = -EBUSY;
    fail_in[call] = nr;
    error = err;
    assert_int_equal(swapdev_file_open(NULL, BYTES, &slots, &dev), want);
    assert_int_equal(fail_in[call], 0);
    assert_ptr_equal(dev, &slots);
    assert_int_equal(lowest_free(), fd);
    assert_int_equal(access(made, F_OK), -1);
}

static void test_open_when_host_refuses_leaves_nothing(void **state)
{
    (void)state;
    assert_open_fails(MKOSTEMP, 1, EACCES);
    assert_open_fails(FSTAT, 1, EIO); /* making it */
    assert_open_fails(FTRUNCATE, 1, EFBIG);
    assert_open_fails(PWRITE, 1, ENOSPC); /* the header */
    assert_open_fails(FSTAT, 2, EIO);     /* using it */
    assert_open_fails(PREAD, 1, EIO);
    assert_open_fails(FCNTL, 1, ENOLCK); /* the lock */
    assert_open_fails(FCNTL, 2, EMFILE);
    assert_open_fails(FCNTL, 1, EAGAIN);
}

static void test_open_when_too_large_says_so(void **state)
{
    const char *why;

    (void)state;
    assert_int_equal(
        swapdev_file_make(NULL, (UINT64_C(1) << 32) * PAGE_SIZE, &why),
        -EINVAL);
}

/* $TMPDIR, or /tmp when it says nothing. */
static void test_temporary_goes_where_tmpdir_says(void **state)
{
    char dir[] = "/tmp/adiemu-test-XXXXXX", longer[5000], before[4096] = "";
    const char *old = getenv("TMPDIR"), *why;
    int fd;

    (void)state;
    if (old)
        strncpy(before, old, sizeof(before) - 1);
    assert_non_null(mkdtemp(dir));
    setenv("TMPDIR", dir, 1);
    fd = swapdev_file_make(NULL, BYTES, &why);
    assert_true(fd >= 0);
    close(fd);
    assert_memory_equal(made, dir, strlen(dir));
    assert_int_equal(made[strlen(dir)], '/');
    assert_int_equal(rmdir(dir), 0); /* its name is gone again */
    assert_int_equal(swapdev_file_make(NULL, BYTES, &why), -ENOENT);

    memset(longer, 'x', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    setenv("TMPDIR", longer, 1);
    assert_int_equal(swapdev_file_make(NULL, BYTES, &why), -ENAMETOOLONG);

    for (int set = 0; set < 2; set++) {
        unsetenv("TMPDIR");
        if (set)
            setenv("TMPDIR", "", 1);
        fd = swapdev_file_make(NULL, BYTES, &why);
        assert_true(fd >= 0);
        close(fd);
        assert_memory_equal(made, "/tmp/adiemu-swap-", 17);
    }
    if (old)
        setenv("TMPDIR", before, 1);
    else
        unsetenv("TMPDIR");
}

/* A signal, a short count: it goes on.  Another error ends it. */
static void test_page_when_host_is_slow_is_whole(void **state)
{
    uint8_t page[PAGE_SIZE], back[PAGE_SIZE] = {0};
    uint64_t slots;
    void *dev;

    (void)state;
    assert_int_equal(swapdev_file_open(NULL, BYTES, &slots, &dev), 0);
    for (unsigned i = 0; i < PAGE_SIZE; i++)
        page[i] = (uint8_t)(i * 7);
    at_most = 1000;
    error = EINTR;
    fail_in[PWRITE] = 3;
    assert_int_equal(swapdev_file_ops.write(dev, 5, page), 0);
    fail_in[PREAD] = 2;
    assert_int_equal(swapdev_file_ops.read(dev, 5, back), 0);
    assert_memory_equal(page, back, sizeof(page));
    error = ENOSPC;
    fail_in[PWRITE] = 2;
    assert_int_equal(swapdev_file_ops.write(dev, 5, page), -ENOSPC);
    error = EIO;
    fail_in[PREAD] = 2;
    assert_int_equal(swapdev_file_ops.read(dev, 5, back), -EIO);
    at_most = 0;
    swapdev_file_ops.close(dev);
}

/* A file that is long enough is not made longer, nor shorter. */
static void test_file_when_long_enough_keeps_its_length(void **state)
{
    char path[] = "/tmp/adiemu-test-XXXXXX";
    int fd = mkstemp(path), again;
    const char *why;
    struct stat st;

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    fd = swapdev_file_make(path, 20 * PAGE_SIZE, &why);
    assert_true(fd >= 0);
    close(fd);
    fail_in[FTRUNCATE] = 1;
    again = swapdev_file_make(path, BYTES, &why);
    assert_true(again >= 0);
    assert_int_equal(fail_in[FTRUNCATE], 1);
    fail_in[FTRUNCATE] = 0;
    assert_int_equal(fstat(again, &st), 0);
    assert_int_equal(st.st_size, 20 * PAGE_SIZE);
    close(again);
    unlink(path);
}

/* Somebody's data: not a byte of it changes. */
static void test_file_when_not_ours_is_left_alone(void **state)
{
    char path[] = "/tmp/adiemu-test-XXXXXX", text[2 * PAGE_SIZE], back[10];
    static const size_t sizes[] = {1, 5, PAGE_SIZE, 2 * PAGE_SIZE};
    int fd = mkstemp(path);
    const char *why;
    struct stat st;

    (void)state;
    assert_true(fd >= 0);
    memset(text, 'x', sizeof(text));
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(pwrite(fd, text, sizes[i], 0), sizes[i]);
        assert_int_equal(swapdev_file_make(path, BYTES, &why), -EEXIST);
        assert_non_null(strstr(why, "not a swap file"));
        assert_int_equal(fstat(fd, &st), 0);
        assert_int_equal(st.st_size, sizes[i]);
        assert_int_equal(pread(fd, back, 1, 0), 1);
        assert_int_equal(back[0], 'x');
    }
    /* A file that is empty holds nothing that could be lost. */
    assert_int_equal(ftruncate(fd, 0), 0);
    close(fd);
    fd = swapdev_file_make(path, BYTES, &why);
    assert_true(fd >= 0);
    close(fd);
    unlink(path);
}

static void test_file_when_in_use_is_refused(void **state)
{
    char path[] = "/tmp/adiemu-test-XXXXXX";
    int fd = mkstemp(path), copy;
    const char *why;

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    fd = swapdev_file_make(path, BYTES, &why);
    assert_true(fd >= 0);
    assert_int_equal(swapdev_file_make(path, BYTES, &why), -EBUSY);
    assert_non_null(strstr(why, "another run"));
    /* The lock ends with the last duplicate. */
    copy = dup(fd);
    close(fd);
    assert_int_equal(swapdev_file_make(path, BYTES, &why), -EBUSY);
    close(copy);
    fd = swapdev_file_make(path, BYTES, &why);
    assert_true(fd >= 0);
    close(fd);
    unlink(path);
}

static void note(void *ctx, const char *call, int err)
{
    sprintf(ctx, "%s %d", call, err);
}

static void test_error_of_host_is_told(void **state)
{
    char said[32] = "nothing";
    struct swapdev_watch watch = {.failed = note, .ctx = said};
    uint8_t page[PAGE_SIZE] = {0};
    const char *why;
    uint64_t slots;
    void *dev;
    int fd = swapdev_file_make(NULL, BYTES, &why);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(swapdev_file_use(fd, &slots, &dev, &why, watch), 0);
    assert_int_equal(swapdev_file_ops.write(dev, 5, page), 0);
    assert_string_equal(said, "nothing");
    error = ENOSPC;
    fail_in[PWRITE] = 1;
    assert_int_equal(swapdev_file_ops.write(dev, 5, page), -ENOSPC);
    assert_string_equal(said, "write 28");
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(swapdev_file_ops.read(dev, 5, page), -EIO);
    assert_string_equal(said, "read 5");
    swapdev_file_ops.close(dev);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_when_host_refuses_leaves_nothing),
        cmocka_unit_test(test_open_when_too_large_says_so),
        cmocka_unit_test(test_temporary_goes_where_tmpdir_says),
        cmocka_unit_test(test_page_when_host_is_slow_is_whole),
        cmocka_unit_test(test_file_when_long_enough_keeps_its_length),
        cmocka_unit_test(test_file_when_not_ours_is_left_alone),
        cmocka_unit_test(test_file_when_in_use_is_refused),
        cmocka_unit_test(test_error_of_host_is_told),
    };

    return RUN(tests);
}
