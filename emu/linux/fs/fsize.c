// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/fs/fsize.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/fs/rw.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/rlimit.h"
#include "emu/linux/signal/signal.h"

static int64_t place_of_write(int fd, int64_t offset, const struct stat *st)
{
    if (fcntl(fd, F_GETFL) & O_APPEND)
        return st->st_size;
    return offset == AT_POSITION ? lseek(fd, 0, SEEK_CUR) : offset;
}

int64_t fsize_limit_write(const struct task *t, int fd, int64_t offset,
                          uint64_t count)
{
    uint64_t limit = rlimit(t, RLIMIT_G_FSIZE), at;
    struct stat st;

    if (limit == RLIM_G_INFINITY || count == 0 || fstat(fd, &st) != 0 ||
        !S_ISREG(st.st_mode))
        return (int64_t)count;
    at = (uint64_t)place_of_write(fd, offset, &st);
    if (at >= limit)
        return -EFBIG;
    return (int64_t)(count < limit - at ? count : limit - at);
}

int fsize_check_resize(struct task *t, uint64_t old, uint64_t new)
{
    if (new <= old || new <= rlimit(t, RLIMIT_G_FSIZE))
        return 0;
    fsize_signal(t);
    return -EFBIG;
}

void fsize_signal(struct task *t)
{
    signal_send_task(t, &(struct siginfo){.signo = SIG_XFSZ,
                                          .code = SI_G_USER,
                                          .pid = t->process->pid,
                                          .uid = t->cred.uid.real});
}
