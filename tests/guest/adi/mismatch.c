// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/mismatch.c - what the report says of accesses that do not match
 *
 * A small allocator gives each block a tag of its own, and another one when it
 * is freed.  Whether the program handles the signal makes no difference.
 *
 * run: --error-exitcode=9 -E CASE=after_free
 * exit: 9
 * report: errors and totals.mismatches == 1 and len(mismatches) == 1
 * report: mismatches[0].access == "load" and mismatches[0].bytes == 8
 * report: mismatches[0].address == "0x2000000070000048"
 * report: mismatches[0].pointer_tag == 2 and mismatches[0].memory_tag == 14
 * report: mismatches[0].precise and mismatches[0].pid == 1000
 * report: mismatches[0].mm == 1 and mismatches[0].count == 1
 * report: mismatches[0].range == ["0x70000048", "0x70000048"]
 * report: mismatches[0].around.start == "0x6ffffe40"
 * report: mismatches[0].around.tags[:7] == [None] * 7
 * report: mismatches[0].around.tags[7:11] == [1, 14, 3, 0]
 * report: len(mismatches[0].stack) >= 4
 * report: mismatches[0].set.tag == 14 and mismatches[0].set.pid == 1000
 * report: len(mismatches[0].set.stack) >= 4
 * report: mismatches[0].set.stack[3].pc == mismatches[0].stack[2].pc
 *
 * run: -E CASE=overflow
 * exit: 139
 * report: len(mismatches) == 1 and mismatches[0].access == "store"
 * report: mismatches[0].address == "0x2000000070000080"
 * report: mismatches[0].bytes == 1 and not mismatches[0].precise
 * report: mismatches[0].pointer_tag == 2 and mismatches[0].memory_tag == 3
 * report: mismatches[0].set.tag == 3
 *
 * run: -E CASE=overflow -E PRECISE=1
 * exit: 139
 * report: len(mismatches) == 1 and mismatches[0].precise
 * report: mismatches[0].access == "store"
 *
 * Equal ones are one record, whatever their addresses and processes.
 *
 * run: -E CASE=repeat
 * report: totals.mismatches == 60 and counters.mismatches == 60
 * report: [m.count for m in mismatches] == [40, 20]
 * report: mismatches[0].access == "load" and mismatches[0].bytes == 4
 * report: mismatches[0].range == ["0x70002000", "0x700029c0"]
 * report: mismatches[1].bytes == 1 and mismatches_left_out == 0
 * run: -E CASE=repeat --mismatch=first
 * report: [m.count for m in mismatches] == [40]
 * report: totals.mismatches == 60 and mismatches_left_out == 20
 * run: -E CASE=repeat --mismatch=all
 * report: [m.count for m in mismatches] == [40, 20]
 *
 * A copy by the kernel ends where the tags do not match.
 *
 * run: -E CASE=syscall --error-exitcode=9
 * exit: 9
 * stdout: write -1, EFAULT 3
 * report: [m.call for m in mismatches] == ["write", "uname"]
 * report: all(m.kernel and m.precise for m in mismatches)
 * report: [m.access for m in mismatches] == ["load", "store"]
 * report: [m.count for m in mismatches] == [1, 3]
 * report: mismatches[0].address == "0x5000000070002040"
 * report: mismatches[0].bytes == 136
 * report: mismatches[0].pointer_tag == 5 and mismatches[0].memory_tag == 7
 * report: mismatches[0].set.tag == 7 and len(mismatches[0].stack) >= 3
 * report: mismatches[1].address == "0x5000000070002040"
 * report: totals.mismatches == 4
 *
 * Tags that the program has not set: those that a page began with, and those
 * that took the place of what it set.
 *
 * run: -E CASE=stale --kernel=linux-6.2 --ram=4M --swap=64M
 * report: mismatches[0].memory_tag == 9 and mismatches[0].set.tag == 5
 * report: totals.lost_pages == 1 and totals.mismatches == 1
 *
 * Windows that are not in memory, and those that are.
 *
 * run: -E CASE=deep
 * exit: 139
 * report: len(mismatches) == 1 and len(mismatches[0].stack) == 24
 * report: mismatches[0].stack[3].pc == mismatches[0].stack[20].pc
 * report: mismatches[0].stack[0].pc != mismatches[0].stack[1].pc
 *
 * Leaves, which have no window: e2e.names knows their callers.
 *
 * run: -E CASE=leaf -E LEAF=memcpy
 * exit: 139
 * report: len(mismatches) == 1 and len(mismatches[0].stack) == 6
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "adi/adi.h"

#define NOINLINE __attribute__((noinline, noclone))

static char *next_block;
static unsigned colour;

struct node {
    struct node *next;
    long value;
};

NOINLINE static void paint(char *p, size_t len, unsigned tag)
{
    for (size_t i = 0; i < len; i += BLOCK)
        tag_set(p + i, tag);
    tag_sync();
}

NOINLINE static void *take(void)
{
    char *p = next_block;

    next_block += BLOCK;
    paint(p, BLOCK, ++colour);
    return tagged(p, colour);
}

NOINLINE static void give_back(void *p)
{
    paint(tagged(p, 0), BLOCK, 14);
    tag_sync();
}

NOINLINE static long sum(const struct node *n)
{
    long s = 0;

    for (; n; n = n->next)
        s += n->value;
    return s;
}

NOINLINE static void fill(char *p, size_t len)
{
    for (size_t i = 0; i <= len; i++) /* one too many */
        ((volatile char *)p)[i] = 1;
}

NOINLINE static void after_free(void)
{
    struct node *a = take(), *b = take();

    (void)take();
    *a = (struct node){b, 1};
    *b = (struct node){NULL, 2};
    give_back(b);
    printf("%ld\n", sum(a));
}

NOINLINE static void overflow(void)
{
    char *p;

    (void)take();
    p = take();
    (void)take();
    fill(p, BLOCK);
}

NOINLINE static void load_each(const char *p, size_t nr)
{
    for (size_t i = 0; i < nr; i++)
        (void)*(const volatile int *)(p + i * BLOCK);
}

NOINLINE static void repeat(char *page)
{
    tag_range(page, PAGE, 5);
    faults_catch();
    load_each(tagged(page, 6), 40);
    for (int i = 0; i < 20; i++) {
        if (fork() == 0) {
            (void)*(volatile char *)tagged(page, 7);
            _exit(0);
        }
        wait(NULL);
    }
}

/* More pages than there are frames. */
static void soil_all_frames(void)
{
    char *p = map_pages(700, PROT_READ | PROT_WRITE | PROT_ADI);

    tag_range(p, 700 * PAGE, 9);
    CHECK(munmap(p, 700 * PAGE) == 0);
}

NOINLINE static void stale(char *page)
{
    tag_range(page, PAGE, 5);
    page_out(page);
    soil_all_frames();
    page = mremap(page, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                  (void *)0x90000000ul);
    faults_catch();
    (void)*(volatile char *)tagged(page, 5);
}

/* The first block has tag 5, the second 7. */
NOINLINE static void calls(char *page)
{
    int to[2], failed = 0;
    long wrote;

    CHECK(pipe(to) == 0);
    tag_set(page, 5);
    tag_set(page + BLOCK, 7);
    tag_sync();
    wrote = write(to[1], tagged(page, 5), 200);
    for (int i = 0; i < 3; i++)
        failed += uname(tagged(page + BLOCK, 5)) == -1 && errno == EFAULT;
    printf("write %ld, EFAULT %d\n", wrote, failed);
}

NOINLINE static long deep(volatile char *p, int n)
{
    long r = n == 0 ? *p : deep(p, n - 1);

    __asm__ volatile("" : "+r"(r)); /* no tail call */
    return r + 1;
}

NOINLINE static long value(const struct node *n)
{
    return n->value;
}

static const struct node *for_handler;

NOINLINE static void in_handler(int sig)
{
    volatile long r = value(for_handler) + sig;

    (void)r;
}

/* By a signal, in a leaf. */
NOINLINE static long interrupted(const char *p)
{
    struct sigaction act = {.sa_handler = in_handler};
    long r;

    for_handler = (const struct node *)p;
    CHECK(sigaction(SIGSEGV, &act, NULL) == 0);
    r = value((const struct node *)8);
    __asm__ volatile("" : "+r"(r)); /* no tail call */
    return r;
}

/* Of memcpy() the part for many bytes is far from its entry. */
NOINLINE static long leaf(const char *name, const char *p)
{
    long (*volatile by_pointer)(const struct node *) = value;
    volatile size_t large = PAGE / 2;
    char *to = malloc(large);
    long r = 0;

    if (strcmp(name, "memcpy") == 0)
        memcpy(to, p, large);
    else if (strcmp(name, "strchr") == 0)
        r = strchr(p, 'x') != NULL;
    else if (strcmp(name, "value") == 0)
        r = by_pointer((const struct node *)p);
    else if (strcmp(name, "strlen") == 0)
        r = (long)strlen(p);
    __asm__ volatile("" : "+r"(r)); /* no tail call */
    return r + to[0];
}

int main(void)
{
    const char *how = getenv("CASE");
    char *arena = page_at(0x70000000ul, PROT_READ | PROT_WRITE | PROT_ADI);
    char *page = page_at(0x70002000ul, PROT_READ | PROT_WRITE | PROT_ADI);

    next_block = arena;
    if (getenv("PRECISE"))
        mcdper_set(1);
    if (strcmp(how, "wait") == 0) {
        puts("ready");
        fflush(stdout);
        (void)getchar();
    }
    if (strcmp(how, "after_free") == 0 || strcmp(how, "wait") == 0)
        after_free();
    else if (strcmp(how, "overflow") == 0)
        overflow();
    else if (strcmp(how, "repeat") == 0)
        repeat(page);
    else if (strcmp(how, "stale") == 0)
        stale(page);
    else if (strcmp(how, "syscall") == 0)
        calls(page);
    else if (strcmp(how, "leaf") == 0) {
        tag_range(page, PAGE, 5);
        return (int)leaf(getenv("LEAF"), tagged(page, 6));
    } else if (strcmp(how, "handler") == 0) {
        tag_range(page, PAGE, 5);
        return (int)interrupted(tagged(page, 6));
    } else if (strcmp(how, "deep") == 0) {
        tag_range(page, PAGE, 5);
        return (int)deep(tagged(page, 6), 40);
    }
    return 0;
}
