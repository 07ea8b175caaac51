/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adi/procfs.h - read files of /proc and /sys, for guests
 */
#pragma once

#include <fcntl.h>

#include "adi/adi.h"

/* All of a file, with a 0; in a buffer of this module. */
static char proc_text[256 * 1024];

static inline char *proc_read(const char *name)
{
    int fd = open(name, O_RDONLY);
    ssize_t n;
    size_t len = 0;

    if (fd < 0)
        printf("%s: %m\n", name);
    CHECK(fd >= 0);
    while ((n = read(fd, proc_text + len, sizeof(proc_text) - 1 - len)) > 0)
        len += (size_t)n;
    CHECK(n == 0 && close(fd) == 0);
    proc_text[len] = '\0';
    return proc_text;
}

/* The line of the last text read that begins with @start, or NULL. */
static inline char *line_of(const char *start)
{
    char *p = proc_text;

    while (strncmp(p, start, strlen(start)) != 0) {
        p = strchr(p, '\n');
        if (!p || !*++p)
            return NULL;
    }
    return p;
}

/* The number after @label in the file @name. */
static inline long number_of(const char *name, const char *label)
{
    char *p;

    proc_read(name);
    p = line_of(label);
    if (!p)
        printf("%s lacks %s\n", name, label);
    CHECK(p);
    return strtol(p + strlen(label), NULL, 10);
}

/* Is @line the next line of the text at *@p?  Goes past it. */
static inline int is_line(char **p, const char *line)
{
    size_t len = strlen(line);
    int ok = strncmp(*p, line, len) == 0 && (*p)[len] == '\n';

    if (!ok)
        printf("expected \"%s\", got \"%.*s\"\n", line,
               (int)strcspn(*p, "\n"), *p);
    *p += strcspn(*p, "\n") + 1;
    return ok;
}

/* An entry of /proc/self/pagemap. */
#define PM_PFN(e)    ((e) & ((1ul << 55) - 1))
#define PM_EXCLUSIVE (1ul << 56)
#define PM_FILE      (1ul << 61)
#define PM_SWAP      (1ul << 62)
#define PM_PRESENT   (1ul << 63)

static inline uint64_t pagemap_of(const volatile void *p)
{
    static int fd = -1;
    uint64_t entry = 99;

    if (fd < 0)
        fd = open("/proc/self/pagemap", O_RDONLY);
    CHECK(fd >= 0);
    CHECK(pread(fd, &entry, 8, (off_t)((uintptr_t)p / PAGE * 8)) == 8);
    return entry;
}
