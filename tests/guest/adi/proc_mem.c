// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/proc_mem.c - /proc/PID/mem and tags
 *
 * As process_vm_writev() (b22_remote.c): the tags of the process's side are
 * not checked, large aligned writes take those of whole chunks, small ones
 * none; the caller's pointers are checked; the offset may have tag bits.  A
 * page in swap comes back with its tags, and one that fork shares is copied,
 * also where its area may only be read.
 *
 * run: --swap=16M
 * kernels: *
 * stdout: small: none
 * stdout: large: 0..119
 * stdout: read-only: none
 * report: errors and totals.lost_pages == 1 and totals.leaked_bytes == 0
 * report: pages[0].expected_tag == 5 and pages[0].found_tag == 0
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

#include "adi/processes.h"

static char buf[PAGE] __attribute__((aligned(PAGE)));
static int mem;

/* lseek() of libc takes addresses for errors. */
static ssize_t put(void *to, const void *from, size_t len)
{
    CHECK(syscall(SYS_lseek, mem, to, SEEK_SET) == (long)(uintptr_t)to);
    return write(mem, from, len);
}

static ssize_t get(void *to, const void *from, size_t len)
{
    CHECK(syscall(SYS_lseek, mem, from, SEEK_SET) == (long)(uintptr_t)from);
    return read(mem, to, len);
}

static void judge(char *of, const char *what)
{
    unsigned i = 0, end;

    while (i < NTAGS && tag_get(of + i * BLOCK) == 5)
        i++;
    for (end = i; end < NTAGS && tag_get(of + end * BLOCK) == 0;)
        end++;
    if (i == NTAGS)
        printf("%s: none\n", what);
    else
        printf("%s: %u..%u\n", what, i, end - 1);
}

int main(void)
{
    char *page = map_pages(1, PROT_READ | PROT_WRITE | PROT_ADI);
    char *own = map_pages(1, PROT_READ | PROT_WRITE | PROT_ADI);
    pid_t child;

    mem = open("/proc/self/mem", O_RDWR);
    CHECK(mem >= 0);
    tag_range(page, PAGE, 5);
    tag_range(own, PAGE, 3);
    memset(tagged(page, 5), 'p', PAGE);
    page_out(page);
    CHECK(get(tagged(own, 3), page, PAGE) == PAGE);
    CHECK(*(char *)tagged(own + PAGE - 1, 3) == 'p');
    CHECK(get(own, page, 8) == -1 && errno == EFAULT);
    CHECK(put(page, own, 8) == -1 && errno == EFAULT);
    CHECK(get(buf, tagged(page, 9), PAGE) == PAGE && buf[5] == 'p');
    CHECK(put(tagged(page, 2), "q", 1) == 1);
    CHECK(*(char *)tagged(page, 5) == 'q');
    CHECK(put(page, buf, 1500) == 1500);
    judge(page, "small");

    /* Without PROT_WRITE the page is copied all the same, with its tags. */
    child = fork_flushed();
    CHECK(mprotect(page, PAGE, PROT_READ | PROT_ADI) == 0);
    if (child == 0) {
        CHECK(close(mem) == 0 && (mem = open("/proc/self/mem", O_RDWR)) >= 0);
        CHECK(put(page, "child", 5) == 5);
        CHECK(*(char *)tagged(page, 5) == 'c');
        judge(page, "read-only");
        leave(0);
    }
    CHECK(reap(child) == 0 && *(char *)tagged(page, 5) == 'p');
    CHECK(put(page, buf, PAGE) == PAGE);
    judge(page, "large");
    return 0;
}
