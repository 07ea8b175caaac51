// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b22_remote.c - process_vm_readv() and process_vm_writev() and tags
 *
 * The page of the other process is accessed through the kernel's mapping,
 * without MCD: its tags are not checked, and a large aligned write takes those
 * of whole chunks of lines (B22).  The caller's pointers are checked.  A page
 * that is in swap comes back with its tags; one that fork shares is copied.
 *
 * run: --swap=16M
 * kernels: *
 * stdout: small: none
 * stdout: large: 0..119
 * stdout: crooked: none
 * stdout: shared: 0..119
 * report: errors and totals.lost_pages == 2 and totals.leaked_bytes == 0
 * report: pages[0].expected_tag == 5 and pages[0].found_tag == 0
 * report: pages[0].seen.function == "copy_page_from_iter"
 * report: pages[0].cause.function == "copy_page_from_iter"
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/uio.h>

#include "adi/processes.h"

static char buf[2 * PAGE] __attribute__((aligned(PAGE)));
static char *page, *shared;
static pid_t child;

static ssize_t put(void *to, void *from, size_t len)
{
    struct iovec l = {from, len}, r = {to, len};

    return process_vm_writev(child, &l, 1, &r, 1, 0);
}

static ssize_t get(void *to, void *from, size_t len)
{
    struct iovec l = {to, len}, r = {from, len};

    return process_vm_readv(child, &l, 1, &r, 1, 0);
}

/* Which blocks have lost their tag? */
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
    fflush(stdout);
    tag_range(of, PAGE, 5);
}

/* The child whose page it is. */
static void owner(struct turn *mine, struct turn *others)
{
    tag_range(page, PAGE, 5);
    tag_range(shared, PAGE, 5);
    memset(tagged(page, 5), 'c', PAGE);
    page_out(page);
    for (int i = 0; i < 4; i++) {
        static const char *const what[] = {"small", "large", "crooked",
                                           "shared"};

        turn_give(others);
        turn_wait(mine);
        judge(i < 3 ? page : shared, what[i]);
    }
    leave(0);
}

int main(void)
{
    struct turn mine = turn_make(), childs = turn_make();
    char *own;

    page = map_pages(1, PROT_READ | PROT_WRITE | PROT_ADI);
    shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_ADI,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    memset(page, 'p', PAGE);
    child = fork_flushed();
    if (child == 0)
        owner(&childs, &mine);
    own = map_pages(1, PROT_READ | PROT_WRITE | PROT_ADI);
    tag_range(own, PAGE, 3);

    turn_wait(&mine);
    CHECK(get(tagged(own, 3), page, PAGE) == PAGE);
    CHECK(*(char *)tagged(own + PAGE - 1, 3) == 'c' && *page == 'p');
    CHECK(get(own, page, 8) == -1 && errno == EFAULT);
    CHECK(put(page, own, 8) == -1 && errno == EFAULT);
    /* tag bits of the other side's address are dropped */
    CHECK(get(buf, tagged(page, 9), PAGE) == PAGE && buf[5] == 'c');
    CHECK(put(page, buf, 1000) == 1000);
    turn_give(&childs);

    turn_wait(&mine);
    CHECK(put(page, buf, PAGE) == PAGE);
    turn_give(&childs);

    turn_wait(&mine);
    CHECK(put(page, buf + 1, PAGE) == PAGE);
    turn_give(&childs);

    turn_wait(&mine);
    CHECK(put(shared, buf, PAGE) == PAGE);
    turn_give(&childs);
    CHECK(reap(child) == 0);
    CHECK(*page == 'p' && tag_get(page) == 0);
    return 0;
}
