// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b28_poison.c - an access to a page that swapoff could not read
 *
 * From v6.6 on its marker is VM_FAULT_HWPOISON, which do_sparc64_fault() does
 * not know: an access, of the program or of a copy to or from it, is a BUG of
 * the kernel.  Before it was SIGBUS, or -EFAULT.  get_user_pages() has an
 * error under all of them.
 *
 * run: --ram=4M --swap=16M -E CASE=load --fail=swapread:1
 * kernels: linux-* mte-* !*-5.* !*-6.1 !*-6.2
 * exit: 72
 * stdout: before
 * stderr: KERNEL BUG at arch/sparc/mm/fault_64.c, do_sparc64_fault(): page 0x70000000, pid 1000: the run ends here
 * report: errors == True and totals.kernel_bugs == 1
 * report: kernel_bug.id == "fault-hwpoison" and kernel_bug.access == "load"
 * report: kernel_bug.file == "arch/sparc/mm/fault_64.c"
 * report: kernel_bug.function == "do_sparc64_fault" and kernel_bug.call == None
 * report: kernel_bug.va == "0x70000000" and kernel_bug.at.pid == 1000
 * report: kernel_bug.stack[0].code[0].function == "ld_b_pc"
 * report: kernel_bug.history[-1].kind == "kernel-bug"
 * report: any(h.path == "swapoff" for h in kernel_bug.history)
 * report: counters.pages_unreadable == 1
 * run: --ram=4M --swap=16M --kernel=linux-6.6 -E CASE=store --fail=swapread:1
 * exit: 72
 * stdout: before
 * stderr: the run ends here
 * report: kernel_bug.access == "store" and kernel_bug.call == None
 * run: --ram=4M --swap=16M --kernel=linux-6.6 -E CASE=fetch --fail=swapread:1
 * exit: 72
 * stdout: before
 * stderr: the run ends here
 * report: kernel_bug.access == "fetch" and kernel_bug.at.pc == "0x70000000"
 * run: --ram=4M --swap=16M -E CASE=read --fail=swapread:1
 * kernels: linux-* !linux-5.* !linux-6.1 !linux-6.2
 * exit: 72
 * stdout: before
 * stderr: the run ends here
 * report: kernel_bug.access == "store" and kernel_bug.call == "read"
 * report: kernel_bug.va == "0x70000000"
 * run: --ram=4M --swap=16M --kernel=linux-6.6 -E CASE=write --fail=swapread:1
 * exit: 72
 * stdout: before
 * stderr: the run ends here
 * report: kernel_bug.access == "load" and kernel_bug.call == "write"
 * run: --ram=4M --swap=16M --kernel=linux-6.6 -E CASE=child --fail=swapread:1
 * exit: 72
 * stdout: before
 * stderr: the run ends here
 * report: kernel_bug.at.pid == 1001 and totals.kernel_bugs == 1
 * run: --ram=4M --swap=16M -E CASE=load --fail=swapread:1
 * kernels: linux-6.1 linux-6.2 mte-6.1
 * stdout: before
 * stdout: SIGBUS
 * report: kernel_bug == None and totals.kernel_bugs == 0
 * run: --ram=4M --swap=16M --kernel=linux-6.2 -E CASE=read --fail=swapread:1
 * stdout: before
 * stdout: EFAULT
 * report: kernel_bug == None
 * run: --ram=4M --swap=16M -E CASE=gup --fail=swapread:1
 * kernels: linux-* !linux-5.* !linux-6.1 !linux-6.2
 * stdout: before
 * stdout: EHWPOISON, and gone with MADV_DONTNEED
 * report: kernel_bug == None
 * run: --ram=4M --swap=16M -E CASE=gup --fail=swapread:1
 * kernels: linux-6.1 linux-6.2
 * stdout: before
 * stdout: EFAULT, and gone with MADV_DONTNEED
 * report: kernel_bug == None
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "adi/adi.h"

#define RWXA (PROT_READ | PROT_WRITE | PROT_EXEC | PROT_ADI)

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif
#ifndef EHWPOISON
#define EHWPOISON 135
#endif

INSN(ld_b, "", "ldub [%o0], %o1", "");
INSN(st_b, "", "stb %o1, [%o0]", "");

/* Those that get the page as a debugger does. */
static void pages_of_others(char *p)
{
    char byte;
    struct iovec here = {&byte, 1}, there = {p, 1};
    int fd = open("/proc/self/mem", O_RDWR), err;

    CHECK(process_vm_readv(getpid(), &here, 1, &there, 1, 0) == -1 &&
          errno == EFAULT);
    CHECK(fd >= 0 && pread(fd, &byte, 1, (off_t)(uintptr_t)p) == -1 &&
          errno == EIO);
    CHECK(pwrite(fd, "x", 1, (off_t)(uintptr_t)p) == -1 && errno == EIO);
    CHECK(mlock(p, PAGE) == -1 && errno == ENOMEM);
    CHECK(munlock(p, PAGE) == 0);
    CHECK(syscall(SYS_futex, p, FUTEX_WAKE, 1, NULL, NULL, 0) == -1 &&
          errno == EFAULT);
    CHECK(madvise(p, PAGE, MADV_POPULATE_READ) == -1);
    err = errno;
    CHECK(err == EFAULT || err == EHWPOISON);
    CHECK(madvise(p, PAGE, MADV_DONTNEED) == 0);
    CHECK(ld_b(p, 0, NULL) == 0 && saw_nothing());
    printf("%s, and gone with MADV_DONTNEED\n",
           err == EFAULT ? "EFAULT" : "EHWPOISON");
}

/* What is left of the call when it was refused. */
static void call(ssize_t got)
{
    CHECK(got == -1 && errno == EFAULT);
    printf("EFAULT\n");
}

static void act(const char *how, char *p)
{
    int ends[2];

    if (strcmp(how, "load") == 0)
        (void)ld_b(p, 0, NULL);
    else if (strcmp(how, "store") == 0)
        (void)st_b(p, 0, NULL);
    else if (strcmp(how, "fetch") == 0)
        ((void (*)(void))(uintptr_t)p)();
    else if (strcmp(how, "read") == 0)
        call(read(open("/dev/zero", O_RDONLY), p, 8));
    else if (strcmp(how, "write") == 0)
        call(pipe(ends) == 0 ? write(ends[1], p, 8) : 0);
    else
        pages_of_others(p);
    if (seen.count)
        printf("%s\n", seen.sig == SIGBUS ? "SIGBUS" : "another signal");
}

int main(void)
{
    const char *how = getenv("CASE");
    char *p = page_at(0x70000000, RWXA);
    pid_t child = 0;
    int status;

    CHECK(how);
    faults_catch();
    *p = 77;
    tag_range(p, PAGE, 5);
    page_out(p);
    soil_frames(9);
    CHECK(swapoff("/dev/adi0") == 0);
    printf("before\n");
    fflush(stdout);
    if (strcmp(how, "child") != 0) {
        act(how, p);
        return 0;
    }
    /* All of them stop, whoever it was. */
    child = fork();
    if (child == 0)
        act("load", p);
    CHECK(waitpid(child, &status, 0) == child);
    printf("after\n");
    return 0;
}
