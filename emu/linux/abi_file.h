/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/abi_file.h - structures of the file calls, as the guest sees them
 *
 * Owns:    nothing
 * Used by: emu/linux/fs/sys_file.c, sys_fd.c, sys_poll.c, sys_stat.c,
 * sys_path.c Source:  linux v6.2 arch/sparc/include/uapi/asm/{stat,fcntl}.h,
 *          include/uapi/linux/stat.h, fs/readdir.c
 *
 * Every field is big-endian; the compiler's own padding is that of the ABI.
 */
#pragma once

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* What 64-bit calls take at most: INT_MAX, page aligned. */
#define MAX_RW_COUNT_G UINT64_C(0x7fffe000) /* bytes */
#define UIO_MAXIOV_G   1024                 /* segments */

#define O_G_NDELAY 0x00004u /* fcntl(2) takes it for O_NONBLOCK */

/* More of fcntl(2). */
#define F_G_OFD_GETLK  36
#define F_G_OFD_SETLK  37
#define F_G_OFD_SETLKW 38
#define F_G_ADD_SEALS  1033
#define F_G_GET_SEALS  1034
#define FD_G_CLOEXEC   1u
#define F_G_RDLCK      1
#define F_G_WRLCK      2
#define F_G_UNLCK      3

/* splice(2), preadv2(2): as everywhere. */
#define SPLICE_G_NONBLOCK 2u
#define SPLICE_G_ALL      15u
#define RWF_G_HIPRI       0x01
#define RWF_G_NOWAIT      0x08
#define RWF_G_APPEND      0x10
#define RWF_G_KNOWN       0x1f /* of Linux 6.2 */

/* More of ioctl(2): _IO() and its kin. */
#define IO_G(type, nr)        (0x20000000u | (type) << 8 | (nr))
#define IOR_G(type, nr, size) (0x40000000u | (size) << 16 | (type) << 8 | (nr))
#define IOW_G(type, nr, size) (0x80000000u | (size) << 16 | (type) << 8 | (nr))
#define FIONBIO_G             0x8004667eu

/* poll(2): what differs from other machines. */
#define POLL_G_WRBAND 0x100
#define POLL_G_MSG    0x200
#define POLL_G_REMOVE 0x400
#define POLL_G_RDHUP  0x800

/* Calls 38, 40 and 62. */
struct stat_g {
    uint32_t dev;
    uint64_t ino;
    uint32_t mode;
    uint16_t nlink;
    uint32_t uid, gid, rdev;
    uint64_t size;
    uint64_t atime, mtime, ctime;
    uint64_t blksize, blocks;
    uint64_t unused[2];
};

/* Calls 139, 132, 63 and 289. */
struct stat64_g {
    uint64_t dev, ino, nlink;
    uint32_t mode, uid, gid, pad;
    uint64_t rdev, size, blksize, blocks;
    uint64_t atime, atime_nsec;
    uint64_t mtime, mtime_nsec;
    uint64_t ctime, ctime_nsec;
    uint64_t unused[3];
};

struct statx_time_g {
    uint64_t sec;
    uint32_t nsec, pad;
};

/* The same layout on every machine: the host's is swapped in place. */
struct statx_g {
    uint32_t mask, blksize;
    uint64_t attributes;
    uint32_t nlink, uid, gid;
    uint16_t mode, pad;
    uint64_t ino, size, blocks, attributes_mask;
    struct statx_time_g time[4]; /* accessed, born, changed, modified */
    uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
    uint64_t mnt_id;
    uint32_t dio_mem_align, dio_offset_align;
    uint64_t spare[12];
};

/* statfs64 is no other. */
struct statfs_g {
    uint64_t type, bsize, blocks, bfree, bavail, files, ffree;
    uint32_t fsid[2];
    uint64_t namelen, frsize, flags;
    uint64_t spare[4];
};

/* An entry of getdents64(); the name and its 0 follow, then padding to 8. */
struct dirent64_g {
    uint64_t ino, off;
    uint16_t reclen;
    uint8_t type;
    char name[];
};

/* An entry of getdents(); the type is the last byte of the record. */
struct dirent_g {
    uint64_t ino, off;
    uint16_t reclen;
    char name[];
};

struct flock_g {
    uint16_t type, whence;
    uint64_t start, len;
    uint32_t pid;
    uint16_t unused;
};

struct iovec_g {
    uint64_t base, len;
};

struct pollfd_g {
    uint32_t fd;
    uint16_t events, revents;
};

/* The second word is narrower than in struct timespec. */
struct timeval_g {
    uint64_t sec;
    uint32_t usec, pad;
};

struct timespec_g {
    uint64_t sec, nsec;
};

static_assert(sizeof(struct stat_g) == 104, "struct stat");
static_assert(offsetof(struct stat_g, uid) == 24, "struct stat");
static_assert(offsetof(struct stat_g, size) == 40, "struct stat");
static_assert(sizeof(struct stat64_g) == 144, "struct stat64");
static_assert(sizeof(struct statx_g) == 256, "struct statx");
static_assert(offsetof(struct statx_g, mnt_id) == 144, "struct statx");
static_assert(sizeof(struct statfs_g) == 120, "struct statfs");
static_assert(offsetof(struct dirent64_g, name) == 19, "linux_dirent64");
static_assert(offsetof(struct dirent_g, name) == 18, "linux_dirent");
static_assert(sizeof(struct flock_g) == 32, "struct flock");
static_assert(sizeof(struct iovec_g) == 16, "struct iovec");
static_assert(sizeof(struct pollfd_g) == 8, "struct pollfd");
static_assert(sizeof(struct timeval_g) == 16, "struct timeval");
