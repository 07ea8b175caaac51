// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dl/plugin.c - a shared library: a constructor, storage of each thread, and a
 * function that the dynamic linker chooses
 */
#include <stdio.h>

int plugin_calls(void);
const char *plugin_choice(void);
long plugin_peek(const long *p);

static __thread int calls = 40;
static int constructed;

__attribute__((constructor)) static void construct(void)
{
    constructed = 1;
}

__attribute__((destructor)) static void destruct(void)
{
    printf("plugin goes after %d calls\n", calls);
}

int plugin_calls(void)
{
    return constructed ? ++calls : -1;
}

static const char *chosen(void)
{
    return "chosen by the linker";
}

static const char *(*choose(void))(void)
{
    return chosen;
}

const char *plugin_choice(void) __attribute__((ifunc("choose")));

long plugin_peek(const long *p)
{
    return *p;
}
