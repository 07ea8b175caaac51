// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of bits and of constants, by the numbers that they have on SPARC.
 *
 * Source: linux v6.2 arch/sparc/include/uapi/asm/, include/uapi/
 */
#include <inttypes.h>

#include "emu/linux/abi.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/strace/print.h"

#define END                                                                    \
    {                                                                          \
        0, NULL                                                                \
    }

void print_flags(FILE *f, uint64_t value, const struct flag *flags)
{
    const char *sep = "";

    if (value == 0) {
        fputc('0', f);
        return;
    }
    for (; flags->name; flags++) {
        if ((value & flags->value) != flags->value)
            continue;
        fprintf(f, "%s%s", sep, flags->name);
        sep = "|";
        value &= ~flags->value;
    }
    if (value)
        fprintf(f, "%s%#" PRIx64, sep, value);
}

void print_constant(FILE *f, uint64_t value, const struct flag *constants,
                    const char *family)
{
    for (; constants->name; constants++) {
        if (constants->value == value) {
            fputs(constants->name, f);
            return;
        }
    }
    fprintf(f, "%#" PRIx64, value);
    if (family)
        fprintf(f, " /* %s */", family);
}

static const struct flag flags_open[] = {
    {O_G_SYNC, "O_SYNC"},           {O_G_TMPFILE, "O_TMPFILE"},
    {O_G_APPEND, "O_APPEND"},       {O_G_ASYNC, "O_ASYNC"},
    {O_G_CREAT, "O_CREAT"},         {O_G_TRUNC, "O_TRUNC"},
    {O_G_EXCL, "O_EXCL"},           {O_G_DSYNC, "O_DSYNC"},
    {O_G_NONBLOCK, "O_NONBLOCK"},   {O_G_NOCTTY, "O_NOCTTY"},
    {O_G_DIRECTORY, "O_DIRECTORY"}, {O_G_NOFOLLOW, "O_NOFOLLOW"},
    {O_G_LARGEFILE, "O_LARGEFILE"}, {O_G_DIRECT, "O_DIRECT"},
    {O_G_NOATIME, "O_NOATIME"},     {O_G_CLOEXEC, "O_CLOEXEC"},
    {O_G_PATH, "O_PATH"},           END};

const struct flag flags_msg[] = {{0x1, "MSG_OOB"},
                                 {0x2, "MSG_PEEK"},
                                 {0x4, "MSG_DONTROUTE"},
                                 {0x8, "MSG_CTRUNC"},
                                 {0x20, "MSG_TRUNC"},
                                 {0x40, "MSG_DONTWAIT"},
                                 {0x80, "MSG_EOR"},
                                 {0x100, "MSG_WAITALL"},
                                 {0x2000, "MSG_ERRQUEUE"},
                                 {0x4000, "MSG_NOSIGNAL"},
                                 {0x8000, "MSG_MORE"},
                                 {0x10000, "MSG_WAITFORONE"},
                                 {0x40000000, "MSG_CMSG_CLOEXEC"},
                                 END};

const struct flag flags_sa[] = {
    {SA_G_ONSTACK, "SA_ONSTACK"},     {SA_G_RESTART, "SA_RESTART"},
    {SA_G_RESETHAND, "SA_RESETHAND"}, {SA_G_NOCLDSTOP, "SA_NOCLDSTOP"},
    {SA_G_NODEFER, "SA_NODEFER"},     {SA_G_NOCLDWAIT, "SA_NOCLDWAIT"},
    {SA_G_SIGINFO, "SA_SIGINFO"},     END};

const struct flag flags_poll[] = {{0x1, "POLLIN"},
                                  {0x2, "POLLPRI"},
                                  {0x4, "POLLOUT"},
                                  {0x8, "POLLERR"},
                                  {0x10, "POLLHUP"},
                                  {0x20, "POLLNVAL"},
                                  {0x40, "POLLRDNORM"},
                                  {0x80, "POLLRDBAND"},
                                  {0x100, "POLLWRBAND"},
                                  {0x200, "POLLMSG"},
                                  {0x400, "POLLREMOVE"},
                                  {0x800, "POLLRDHUP"},
                                  END};

const struct flag flags_epoll[] = {{0x1, "EPOLLIN"},
                                   {0x2, "EPOLLPRI"},
                                   {0x4, "EPOLLOUT"},
                                   {0x8, "EPOLLERR"},
                                   {0x10, "EPOLLHUP"},
                                   {0x40, "EPOLLRDNORM"},
                                   {0x80, "EPOLLRDBAND"},
                                   {0x100, "EPOLLWRNORM"},
                                   {0x200, "EPOLLWRBAND"},
                                   {0x2000, "EPOLLRDHUP"},
                                   {1u << 28, "EPOLLEXCLUSIVE"},
                                   {1u << 29, "EPOLLWAKEUP"},
                                   {1u << 30, "EPOLLONESHOT"},
                                   {1u << 31, "EPOLLET"},
                                   END};

const struct flag names_family[] = {{0, "AF_UNSPEC"},
                                    {1, "AF_UNIX"},
                                    {2, "AF_INET"},
                                    {10, "AF_INET6"},
                                    {16, "AF_NETLINK"},
                                    {17, "AF_PACKET"},
                                    END};

void print_open_flags(FILE *f, uint64_t flags)
{
    static const char *const modes[] = {"O_RDONLY", "O_WRONLY", "O_RDWR",
                                        "O_ACCMODE"};

    fputs(modes[flags & 3], f);
    if (!(flags & ~UINT64_C(3)))
        return;
    fputc('|', f);
    print_flags(f, flags & ~UINT64_C(3), flags_open);
}

/* ------------------------------------------------------- a table an argument
 */

#define NONE "0"

/* Bits; @zero is what none of them is called. */
#define BITS(function, zero, ...)                                              \
    void function(struct arg *p)                                               \
    {                                                                          \
        static const struct flag flags[] = {__VA_ARGS__, END};                 \
                                                                               \
        if ((uint32_t)arg_value(p))                                            \
            print_flags(p->f, (uint32_t)arg_value(p), flags);                  \
        else                                                                   \
            fputs(zero, p->f);                                                 \
    }

/* One of them; others are a number, with the name of what is missing. */
#define ONE_OF(function, family, ...)                                          \
    void function(struct arg *p)                                               \
    {                                                                          \
        static const struct flag names[] = {__VA_ARGS__, END};                 \
                                                                               \
        print_constant(p->f, (uint32_t)arg_value(p), names, family);           \
    }

void print_family(struct arg *p)
{
    print_constant(p->f, (uint32_t)arg_value(p), names_family, "AF_???");
}

void print_msg(struct arg *p)
{
    print_flags(p->f, (uint32_t)arg_value(p), flags_msg);
}

BITS(print_prot, "PROT_NONE", {1, "PROT_READ"}, {2, "PROT_WRITE"},
     {4, "PROT_EXEC"}, {8, "PROT_SEM"}, {16, "PROT_ADI"},
     {0x1000000, "PROT_GROWSDOWN"}, {0x2000000, "PROT_GROWSUP"})
BITS(print_map, NONE, {3, "MAP_SHARED_VALIDATE"}, {1, "MAP_SHARED"},
     {2, "MAP_PRIVATE"}, {0x10, "MAP_FIXED"}, {0x20, "MAP_ANONYMOUS"},
     {0x40, "MAP_NORESERVE"}, {0x100, "MAP_LOCKED"}, {0x200, "MAP_GROWSDOWN"},
     {0x800, "MAP_DENYWRITE"}, {0x1000, "MAP_EXECUTABLE"},
     {0x8000, "MAP_POPULATE"}, {0x10000, "MAP_NONBLOCK"},
     {0x20000, "MAP_STACK"}, {0x40000, "MAP_HUGETLB"}, {0x80000, "MAP_SYNC"},
     {0x100000, "MAP_FIXED_NOREPLACE"})
BITS(print_mremap, NONE, {1, "MREMAP_MAYMOVE"}, {2, "MREMAP_FIXED"},
     {4, "MREMAP_DONTUNMAP"})
BITS(print_msync, NONE, {1, "MS_ASYNC"}, {2, "MS_INVALIDATE"}, {4, "MS_SYNC"})
BITS(print_at, NONE, {0x100, "AT_SYMLINK_NOFOLLOW"}, {0x200, "AT_REMOVEDIR"},
     {0x400, "AT_SYMLINK_FOLLOW"}, {0x800, "AT_NO_AUTOMOUNT"},
     {0x1000, "AT_EMPTY_PATH"}, {0x2000, "AT_STATX_FORCE_SYNC"},
     {0x4000, "AT_STATX_DONT_SYNC"})
BITS(print_create_flags, NONE, {O_G_CLOEXEC, "O_CLOEXEC"},
     {O_G_NONBLOCK, "O_NONBLOCK"}, {O_G_DIRECT, "O_DIRECT"})
BITS(print_epoll_create, NONE, {O_G_CLOEXEC, "EPOLL_CLOEXEC"})
BITS(print_eventfd_flags, NONE, {1, "EFD_SEMAPHORE"},
     {O_G_CLOEXEC, "EFD_CLOEXEC"}, {O_G_NONBLOCK, "EFD_NONBLOCK"})
BITS(print_inotify_init, NONE, {O_G_CLOEXEC, "IN_CLOEXEC"},
     {O_G_NONBLOCK, "IN_NONBLOCK"})
BITS(print_signalfd_flags, NONE, {O_G_CLOEXEC, "SFD_CLOEXEC"},
     {O_G_NONBLOCK, "SFD_NONBLOCK"})
BITS(print_timerfd_flags, NONE, {O_G_CLOEXEC, "TFD_CLOEXEC"},
     {O_G_NONBLOCK, "TFD_NONBLOCK"})
BITS(print_mfd, NONE, {1, "MFD_CLOEXEC"}, {2, "MFD_ALLOW_SEALING"},
     {4, "MFD_HUGETLB"})
BITS(print_grnd, NONE, {1, "GRND_NONBLOCK"}, {2, "GRND_RANDOM"},
     {4, "GRND_INSECURE"})
BITS(print_rename, NONE, {1, "RENAME_NOREPLACE"}, {2, "RENAME_EXCHANGE"},
     {4, "RENAME_WHITEOUT"})
BITS(print_timer_flags, NONE, {1, "TIMER_ABSTIME"})
BITS(print_wait_options, NONE, {1, "WNOHANG"}, {2, "WSTOPPED"}, {4, "WEXITED"},
     {8, "WCONTINUED"}, {0x1000000, "WNOWAIT"}, {0x20000000, "__WNOTHREAD"},
     {0x40000000, "__WALL"}, {0x80000000, "__WCLONE"})
BITS(print_xattr_flags, NONE, {1, "XATTR_CREATE"}, {2, "XATTR_REPLACE"})
BITS(print_splice, NONE, {1, "SPLICE_F_MOVE"}, {2, "SPLICE_F_NONBLOCK"},
     {4, "SPLICE_F_MORE"}, {8, "SPLICE_F_GIFT"})
BITS(print_falloc, NONE, {1, "FALLOC_FL_KEEP_SIZE"},
     {2, "FALLOC_FL_PUNCH_HOLE"}, {8, "FALLOC_FL_COLLAPSE_RANGE"},
     {16, "FALLOC_FL_ZERO_RANGE"}, {32, "FALLOC_FL_INSERT_RANGE"})
BITS(print_inotify, NONE, {0x1, "IN_ACCESS"}, {0x2, "IN_MODIFY"},
     {0x4, "IN_ATTRIB"}, {0x8, "IN_CLOSE_WRITE"}, {0x10, "IN_CLOSE_NOWRITE"},
     {0x20, "IN_OPEN"}, {0x40, "IN_MOVED_FROM"}, {0x80, "IN_MOVED_TO"},
     {0x100, "IN_CREATE"}, {0x200, "IN_DELETE"}, {0x400, "IN_DELETE_SELF"},
     {0x800, "IN_MOVE_SELF"}, {0x1000000, "IN_ONLYDIR"},
     {0x2000000, "IN_DONT_FOLLOW"}, {0x4000000, "IN_EXCL_UNLINK"},
     {0x20000000, "IN_MASK_ADD"}, {0x80000000, "IN_ONESHOT"})
BITS(print_flock_op, NONE, {1, "LOCK_SH"}, {2, "LOCK_EX"}, {4, "LOCK_NB"},
     {8, "LOCK_UN"})

ONE_OF(print_madv, "MADV_???", {0, "MADV_NORMAL"}, {1, "MADV_RANDOM"},
       {2, "MADV_SEQUENTIAL"}, {3, "MADV_WILLNEED"}, {4, "MADV_DONTNEED"},
       {5, "MADV_FREE"}, {8, "MADV_FREE"}, {9, "MADV_REMOVE"},
       {10, "MADV_DONTFORK"}, {11, "MADV_DOFORK"}, {12, "MADV_MERGEABLE"},
       {13, "MADV_UNMERGEABLE"}, {14, "MADV_HUGEPAGE"}, {15, "MADV_NOHUGEPAGE"},
       {16, "MADV_DONTDUMP"}, {17, "MADV_DODUMP"}, {18, "MADV_WIPEONFORK"},
       {19, "MADV_KEEPONFORK"}, {20, "MADV_COLD"}, {21, "MADV_PAGEOUT"},
       {22, "MADV_POPULATE_READ"}, {23, "MADV_POPULATE_WRITE"},
       {24, "MADV_DONTNEED_LOCKED"}, {25, "MADV_COLLAPSE"},
       {102, "MADV_GUARD_INSTALL"}, {103, "MADV_GUARD_REMOVE"})
ONE_OF(print_whence, "SEEK_???", {0, "SEEK_SET"}, {1, "SEEK_CUR"},
       {2, "SEEK_END"}, {3, "SEEK_DATA"}, {4, "SEEK_HOLE"})
ONE_OF(print_sig_how, "SIG_???", {1, "SIG_BLOCK"}, {2, "SIG_UNBLOCK"},
       {4, "SIG_SETMASK"})
ONE_OF(print_clock, "CLOCK_???", {0, "CLOCK_REALTIME"}, {1, "CLOCK_MONOTONIC"},
       {2, "CLOCK_PROCESS_CPUTIME_ID"}, {3, "CLOCK_THREAD_CPUTIME_ID"},
       {4, "CLOCK_MONOTONIC_RAW"}, {5, "CLOCK_REALTIME_COARSE"},
       {6, "CLOCK_MONOTONIC_COARSE"}, {7, "CLOCK_BOOTTIME"},
       {8, "CLOCK_REALTIME_ALARM"}, {9, "CLOCK_BOOTTIME_ALARM"},
       {11, "CLOCK_TAI"})
ONE_OF(print_id_type, "P_???", {0, "P_ALL"}, {1, "P_PID"}, {2, "P_PGID"},
       {3, "P_PIDFD"})
ONE_OF(print_rlimit_name, "RLIMIT_???", {0, "RLIMIT_CPU"}, {1, "RLIMIT_FSIZE"},
       {2, "RLIMIT_DATA"}, {3, "RLIMIT_STACK"}, {4, "RLIMIT_CORE"},
       {5, "RLIMIT_RSS"}, {6, "RLIMIT_NOFILE"}, {7, "RLIMIT_NPROC"},
       {8, "RLIMIT_MEMLOCK"}, {9, "RLIMIT_AS"}, {10, "RLIMIT_LOCKS"},
       {11, "RLIMIT_SIGPENDING"}, {12, "RLIMIT_MSGQUEUE"}, {13, "RLIMIT_NICE"},
       {14, "RLIMIT_RTPRIO"}, {15, "RLIMIT_RTTIME"})
ONE_OF(print_rusage_who, "RUSAGE_???", {0, "RUSAGE_SELF"},
       {UINT32_MAX, "RUSAGE_CHILDREN"}, {1, "RUSAGE_THREAD"})
ONE_OF(print_epoll_op, "EPOLL_CTL_???", {1, "EPOLL_CTL_ADD"},
       {2, "EPOLL_CTL_DEL"}, {3, "EPOLL_CTL_MOD"})
ONE_OF(print_shut, "SHUT_???", {0, "SHUT_RD"}, {1, "SHUT_WR"}, {2, "SHUT_RDWR"})
ONE_OF(print_sol, "SOL_???", {0xffff, "SOL_SOCKET"}, {0, "SOL_IP"},
       {6, "SOL_TCP"}, {17, "SOL_UDP"}, {41, "SOL_IPV6"})
ONE_OF(print_prctl, "PR_???", {1, "PR_SET_PDEATHSIG"}, {2, "PR_GET_PDEATHSIG"},
       {3, "PR_GET_DUMPABLE"}, {4, "PR_SET_DUMPABLE"}, {7, "PR_GET_KEEPCAPS"},
       {8, "PR_SET_KEEPCAPS"}, {15, "PR_SET_NAME"}, {16, "PR_GET_NAME"},
       {21, "PR_GET_SECCOMP"}, {22, "PR_SET_SECCOMP"}, {23, "PR_CAPBSET_READ"},
       {24, "PR_CAPBSET_DROP"}, {27, "PR_GET_SECUREBITS"},
       {28, "PR_SET_SECUREBITS"}, {29, "PR_SET_TIMERSLACK"},
       {30, "PR_GET_TIMERSLACK"}, {33, "PR_MCE_KILL"}, {34, "PR_MCE_KILL_GET"},
       {35, "PR_SET_MM"}, {36, "PR_SET_CHILD_SUBREAPER"},
       {37, "PR_GET_CHILD_SUBREAPER"}, {38, "PR_SET_NO_NEW_PRIVS"},
       {39, "PR_GET_NO_NEW_PRIVS"}, {41, "PR_SET_THP_DISABLE"},
       {42, "PR_GET_THP_DISABLE"}, {47, "PR_CAP_AMBIENT"},
       {0x53564d41, "PR_SET_VMA"})
ONE_OF(print_ptrace, "PTRACE_???", {0, "PTRACE_TRACEME"},
       {1, "PTRACE_PEEKTEXT"}, {2, "PTRACE_PEEKDATA"}, {3, "PTRACE_PEEKUSER"},
       {4, "PTRACE_POKETEXT"}, {5, "PTRACE_POKEDATA"}, {6, "PTRACE_POKEUSER"},
       {7, "PTRACE_CONT"}, {8, "PTRACE_KILL"}, {9, "PTRACE_SINGLESTEP"},
       {10, "PTRACE_SPARC_DETACH"}, {16, "PTRACE_ATTACH"},
       {17, "PTRACE_DETACH"}, {18, "PTRACE_READTEXT"}, {19, "PTRACE_WRITETEXT"},
       {20, "PTRACE_READDATA"}, {21, "PTRACE_WRITEDATA"},
       {22, "PTRACE_GETREGS64"}, {23, "PTRACE_SETREGS64"},
       {24, "PTRACE_SYSCALL"}, {25, "PTRACE_GETFPREGS64"},
       {26, "PTRACE_SETFPREGS64"}, {0x4200, "PTRACE_SETOPTIONS"},
       {0x4201, "PTRACE_GETEVENTMSG"}, {0x4202, "PTRACE_GETSIGINFO"},
       {0x4203, "PTRACE_SETSIGINFO"}, {0x4204, "PTRACE_GETREGSET"},
       {0x4205, "PTRACE_SETREGSET"}, {0x4206, "PTRACE_SEIZE"},
       {0x4207, "PTRACE_INTERRUPT"}, {0x4208, "PTRACE_LISTEN"},
       {0x420a, "PTRACE_GETSIGMASK"}, {0x420b, "PTRACE_SETSIGMASK"},
       {0x420e, "PTRACE_GET_SYSCALL_INFO"})
