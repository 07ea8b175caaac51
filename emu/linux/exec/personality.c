// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/exec/personality.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/linux/syscall.h"

#define PERSONALITY_ASK 0xffffffffu

void personality_exec(struct task *t)
{
    if ((t->personality & PER_G_MASK) != PER_G_LINUX32)
        t->personality &= ~PER_G_MASK;
}

void personality_release(const struct task *t, char *out, size_t len)
{
    const char *release = t->m->options.uname_release, *rest = release;
    const char *dot = strchr(release, '.');
    unsigned dots = 0;

    if (!(t->personality & UNAME26_G)) {
        (void)snprintf(out, len, "%s", release);
        return;
    }
    while (isdigit((unsigned char)*rest) || (*rest == '.' && ++dots < 3))
        rest++;
    (void)snprintf(out, len, "2.6.%lu%s",
                   (dot ? strtoul(dot + 1, NULL, 10) : 0) + 60, rest);
}

/* sys_sparc64_personality(): a 32-bit process does not see that it is one */
int64_t sys_personality(struct task *t, const uint64_t a[6])
{
    uint32_t old = t->personality, wanted = (uint32_t)a[0];

    if ((old & PER_G_MASK) == PER_G_LINUX32 &&
        (wanted & PER_G_MASK) == PER_G_LINUX)
        wanted |= PER_G_LINUX32;
    if (wanted != PERSONALITY_ASK)
        t->personality = wanted;
    return (old & PER_G_MASK) == PER_G_LINUX32 ? old & ~PER_G_LINUX32 : old;
}
