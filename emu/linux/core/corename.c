// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/core/corename.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "emu/linux/core/coredump.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/rlimit.h"

#define HOSTNAME "adiemu" /* of uname(2) */

const char *core_name_check(const char *pattern)
{
    if (!*pattern)
        return "an empty name";
    if (*pattern == '|')
        return "a pipe to a program is not supported";
    for (const char *p = pattern; (p = strchr(p, '%')) != NULL; p += 2)
        if (!p[1] || !strchr("%pPiIugdshec", p[1]))
            return "what is after % is not supported";
    return strlen(pattern) < 128 ? NULL : "longer than 127 bytes";
}

/* cn_esc_printf(): a name may not lead elsewhere */
static void put_escaped(FILE *out, const char *text)
{
    if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
        fputc('!', out), text++;
    for (; *text; text++)
        fputc(*text == '/' ? '!' : *text, out);
}

static void put_item(FILE *out, const struct task *t, int sig, char item)
{
    switch (item) {
    case 'p':
    case 'P': fprintf(out, "%" PRIu32, t->process->pid); break;
    case 'i':
    case 'I': fprintf(out, "%" PRIu32, t->pid); break;
    case 'u': fprintf(out, "%" PRIu32, t->cred.uid.real); break;
    case 'g': fprintf(out, "%" PRIu32, t->cred.gid.real); break;
    case 'd': fprintf(out, "%d", t->process->dumpable); break;
    case 's': fprintf(out, "%d", sig); break;
    case 'h': fputs(HOSTNAME, out); break;
    case 'e': put_escaped(out, t->comm); break;
    case 'c': fprintf(out, "%" PRIu64, rlimit(t, RLIMIT_G_CORE)); break;
    default: fputc(item, out);
    }
}

void core_name(const struct task *t, int sig, char out[static CORE_NAME_BYTES])
{
    FILE *f = fmemopen(out, CORE_NAME_BYTES, "w");

    out[0] = '\0';
    for (const char *p = t->m->options.core_pattern; f && *p; p++)
        if (*p == '%')
            put_item(f, t, sig, *++p);
        else
            fputc(*p, f);
    if (f)
        fclose(f);
    out[CORE_NAME_BYTES - 1] = '\0';
}
