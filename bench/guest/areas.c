// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Many areas: make them, find their pages, cut them, and take them away.
 *
 *   areas N    more than 65,000 write /proc/sys/vm/max_map_count first
 *
 * Prints ns for each: mmap() where the kernel likes, next to areas of another
 * protection; a first load at random; munmap(), every other one first; and
 * mprotect() of every other page of one large area, which makes it N areas.
 */
#include <fcntl.h>

#include "adi/adi.h"
#include "bench.h"

static void allow(size_t areas)
{
    char text[32];
    int len = snprintf(text, sizeof(text), "%zu", areas + 1000);
    int fd = open("/proc/sys/vm/max_map_count", O_WRONLY);

    CHECK(fd >= 0 && write(fd, text, (size_t)len) == len && close(fd) == 0);
}

static void row(const char *name, size_t nr, double start)
{
    printf("areas_%s_%zu %.1f\n", name, nr, (now_ns() - start) / (double)nr);
}

static void map_and_unmap(size_t nr)
{
    char **p = malloc(nr * sizeof(*p));
    uint64_t x = nr;
    double start;

    CHECK(p);
    start = now_ns();
    for (size_t i = 0; i < nr; i++) {
        p[i] = mmap(NULL, PAGE, i % 2 ? PROT_READ : PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(p[i] != MAP_FAILED);
    }
    row("map", nr, start);
    start = now_ns();
    for (size_t i = 0; i < nr; i++) {
        x = lcg(x);
        CHECK(*(volatile char *)p[(x >> 33) % nr] == 0);
    }
    row("find", nr, start);
    start = now_ns();
    for (size_t i = 0; i < nr; i += 2)
        CHECK(munmap(p[i], PAGE) == 0);
    for (size_t i = 1; i < nr; i += 2)
        CHECK(munmap(p[i], PAGE) == 0);
    row("unmap", nr, start);
    free(p);
}

static void cut_and_join(size_t nr)
{
    char *p = mmap(NULL, nr * PAGE, PROT_READ,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    double start = now_ns();

    CHECK(p != MAP_FAILED);
    for (size_t i = 1; i < nr; i += 2)
        CHECK(mprotect(p + i * PAGE, PAGE, PROT_NONE) == 0);
    row("cut", nr, start);
    start = now_ns();
    for (size_t i = 1; i < nr; i += 2)
        CHECK(mprotect(p + i * PAGE, PAGE, PROT_READ) == 0);
    row("join", nr, start);
    CHECK(munmap(p, nr * PAGE) == 0);
}

int main(int argc, char **argv)
{
    size_t nr = argc > 1 ? strtoul(argv[1], NULL, 0) : 0;

    CHECK(nr > 0);
    if (nr > 65000)
        allow(nr);
    map_and_unmap(nr);
    cut_and_join(nr);
    printf("done\n");
    return 0;
}
