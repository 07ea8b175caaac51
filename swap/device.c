// SPDX-License-Identifier: GPL-2.0-or-later
#include "swap/device.h"

#include <byteswap.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SWAP_MIN_PAGES  10 /* mkswap(8) refuses fewer */
#define HEADER_VERSION  1024
#define HEADER_LAST     1028
#define HEADER_NR_BAD   1032
#define HEADER_MAGIC    "SWAPSPACE2"
#define HEADER_MAGIC_AT (PAGE_SIZE - 10)

struct file_dev {
    int fd;
    struct swapdev_watch watch;
};

static int move_page(int fd, uint64_t slot, uint8_t *page, bool write)
{
    size_t done = 0;

    while (done < PAGE_SIZE) {
        off_t at = (off_t)(slot * PAGE_SIZE + done);
        ssize_t n = write ? pwrite(fd, page + done, PAGE_SIZE - done, at)
                          : pread(fd, page + done, PAGE_SIZE - done, at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return -EIO;
        done += (size_t)n;
    }
    return 0;
}

static int watched(const struct file_dev *file, const char *call, int err)
{
    if (err && file->watch.failed)
        file->watch.failed(file->watch.ctx, call, -err);
    return err;
}

static int file_read(void *dev, uint64_t slot, uint8_t *page)
{
    const struct file_dev *file = dev;

    return watched(file, "read", move_page(file->fd, slot, page, false));
}

static int file_write(void *dev, uint64_t slot, const uint8_t *page)
{
    const struct file_dev *file = dev;
    uint8_t *from = (uint8_t *)(uintptr_t)page;

    return watched(file, "write", move_page(file->fd, slot, from, true));
}

static void file_close(void *dev)
{
    struct file_dev *fd = dev;

    close(fd->fd);
    free(fd);
}

const struct swapdev_ops swapdev_file_ops = {
    .read = file_read,
    .write = file_write,
    .close = file_close,
};

static int open_temporary(void)
{
    const char *dir = getenv("TMPDIR");
    char path[4096];
    int fd;

    if (!dir || !*dir)
        dir = "/tmp";
    if (strlen(dir) > sizeof(path) - 32)
        return -ENAMETOOLONG;
    strcpy(path, dir);
    strcat(path, "/adiemu-swap-XXXXXX");
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return -errno;
    unlink(path);
    return fd;
}

static int write_header(int fd, uint64_t slots)
{
    uint8_t page[PAGE_SIZE] = {0};
    uint32_t version = htobe32(1), last = htobe32((uint32_t)(slots - 1));

    memcpy(page + HEADER_VERSION, &version, sizeof(version));
    memcpy(page + HEADER_LAST, &last, sizeof(last));
    memcpy(page + HEADER_MAGIC_AT, HEADER_MAGIC, 10);
    return move_page(fd, 0, page, true);
}

int swapdev_file_lock(int fd)
{
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    if (fcntl(fd, F_OFD_SETLK, &all) == 0)
        return 0;
    return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
}

static bool has_magic(const uint8_t *page)
{
    return memcmp(page + HEADER_MAGIC_AT, HEADER_MAGIC, 10) == 0;
}

/* Empty, or with a swap header: 0.  -EEXIST: not ours to write to. */
static int check_ours(int fd, const struct stat *st)
{
    uint8_t page[PAGE_SIZE];
    int err;

    if (st->st_size == 0)
        return 0;
    if (st->st_size < (off_t)PAGE_SIZE)
        return -EEXIST;
    err = move_page(fd, 0, page, false);
    if (err)
        return err;
    return has_magic(page) ? 0 : -EEXIST;
}

static int make_file(int fd, uint64_t bytes, const char **why)
{
    struct stat st;
    int err;

    if (fstat(fd, &st) != 0)
        return -errno;
    *why = "not a regular file";
    if (!S_ISREG(st.st_mode))
        return -EINVAL;
    err = swapdev_file_lock(fd);
    *why = err == -EBUSY ? "another run has it as its swap file" : NULL;
    if (!err)
        err = check_ours(fd, &st);
    if (err == -EEXIST)
        *why = "exists, and is not a swap file (no SWAPSPACE2 header): not "
               "overwritten";
    if (err)
        return err;
    if ((uint64_t)st.st_size < bytes && ftruncate(fd, (off_t)bytes) != 0)
        return -errno;
    return write_header(fd, bytes / PAGE_SIZE);
}

int swapdev_file_make(const char *path, uint64_t bytes, const char **why)
{
    int fd, err;

    bytes = page_align_down(bytes);
    *why = "a swap device has 10 to 4294967295 pages of 8 KiB";
    if (bytes < SWAP_MIN_PAGES * PAGE_SIZE || bytes / PAGE_SIZE > UINT32_MAX)
        return -EINVAL;
    *why = NULL;
    /* A FIFO shall not make us wait for its other end. */
    fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600)
              : open_temporary();
    if (fd < 0)
        return path ? -errno : fd;
    err = make_file(fd, bytes, why);
    if (err) {
        close(fd);
        return err;
    }
    return fd;
}

static uint32_t header_word(const uint8_t *page, size_t at, bool swapped)
{
    uint32_t word;

    memcpy(&word, page + at, sizeof(word));
    word = be32toh(word);
    return swapped ? bswap_32(word) : word;
}

/* read_swap_header(): NULL and the slots, or what is wrong. */
static const char *read_header(const uint8_t *page, uint64_t bytes,
                               uint64_t *slots)
{
    /* Of a machine of the other byte order, but with pages as large. */
    bool swapped = header_word(page, HEADER_VERSION, true) == 1;
    uint32_t last = header_word(page, HEADER_LAST, swapped);

    if (!has_magic(page))
        return "no swap-space signature at the end of its first 8 KiB";
    if (header_word(page, HEADER_VERSION, swapped) != 1)
        return "unknown version of the swap header";
    if (last == 0)
        return "an empty swap area";
    if (bytes / PAGE_SIZE < (uint64_t)last + 1)
        return "shorter than its swap header says";
    if (header_word(page, HEADER_NR_BAD, swapped) != 0)
        return "a file with bad pages";
    *slots = (uint64_t)last + 1;
    return NULL;
}

int swapdev_file_use(int fd, uint64_t *slots, void **dev, const char **why,
                     struct swapdev_watch watch)
{
    uint8_t page[PAGE_SIZE];
    struct file_dev *file;
    struct stat st;
    int err;

    *why = "not a regular file";
    if (fstat(fd, &st) != 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return -EINVAL;
    *why = "shorter than a page";
    if (st.st_size < (off_t)PAGE_SIZE)
        return -EINVAL;
    err = move_page(fd, 0, page, false);
    if (err)
        return err;
    *why = read_header(page, (uint64_t)st.st_size, slots);
    if (*why)
        return -EINVAL;
    file = malloc(sizeof(*file));
    if (!file)
        return -ENOMEM;
    file->watch = watch;
    file->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (file->fd < 0) {
        err = -errno;
        free(file);
        return err;
    }
    *dev = file;
    return 0;
}

int swapdev_file_open(const char *path, uint64_t bytes, uint64_t *slots,
                      void **dev)
{
    const char *why;
    int fd = swapdev_file_make(path, bytes, &why), err;

    if (fd < 0)
        return fd;
    err = swapdev_file_use(fd, slots, dev, &why, (struct swapdev_watch){NULL});
    close(fd);
    return err;
}
