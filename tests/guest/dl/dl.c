// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dl/dl.c - what a program has from its dynamic linker
 *
 * It is given the name of a library.  tests/e2e/test_dynamic.py runs it.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROT_ADI 0x10

static int (*volatile by_pointer)(int) = abs;
static __thread int mine = 7;

static void *get(void *lib, const char *name)
{
    void *p = dlsym(lib, name);

    if (!p) {
        puts(dlerror());
        exit(1);
    }
    return p;
}

/* Version 5 in memory, 6 in the pointer. */
static __attribute__((noinline)) long mismatch(long (*peek)(const long *))
{
    char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_ADI,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    *p = 1;
    __asm__ volatile("stxa %0, [%1] 0x90" ::"r"(5ul), "r"(p) : "memory");
    return peek((const long *)((uintptr_t)p | 6ul << 60)) + 1;
}

int main(int argc, char **argv)
{
    void *lib = argc > 1 ? dlopen(argv[1], RTLD_LAZY) : NULL;
    int (*calls)(void);
    const char *(*choice)(void);
    int status;

    if (!lib) {
        puts(argc > 1 ? dlerror() : "no library");
        return 1;
    }
    calls = (int (*)(void))get(lib, "plugin_calls");
    choice = (const char *(*)(void))get(lib, "plugin_choice");
    printf("%d %d\n", calls(), calls());
    printf("%s\n", choice());
    printf("abs %d %d, mine %d\n", abs(-3 - argc + 2), by_pointer(-4), mine++);
    fflush(stdout);
    if (fork() == 0) {
        printf("child %d, mine %d\n", calls(), mine);
        fflush(stdout);
        _exit(0);
    }
    wait(&status);
    if (argc > 2)
        return (int)mismatch((long (*)(const long *))get(lib, "plugin_peek"));
    dlclose(lib);
    puts(dlopen("libnowhere.so", RTLD_NOW) ? "found" : dlerror());
    return mine;
}
