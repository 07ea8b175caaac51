// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "emu/linux/abi.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

#define STRING_MAX 64 /* bytes of a string that are shown */

struct flag {
    uint32_t bits;
    const char *name;
};

static const struct flag open_flags[] = {
    {O_G_APPEND, "O_APPEND"},       {O_G_CREAT, "O_CREAT"},
    {O_G_TRUNC, "O_TRUNC"},         {O_G_EXCL, "O_EXCL"},
    {O_G_NONBLOCK, "O_NONBLOCK"},   {O_G_NOCTTY, "O_NOCTTY"},
    {O_G_DIRECTORY, "O_DIRECTORY"}, {O_G_NOFOLLOW, "O_NOFOLLOW"},
    {O_G_LARGEFILE, "O_LARGEFILE"}, {O_G_CLOEXEC, "O_CLOEXEC"},
    {O_G_PATH, "O_PATH"},           {0, NULL}};

static const struct flag prot_flags[] = {{1, "PROT_READ"}, {2, "PROT_WRITE"},
                                         {4, "PROT_EXEC"}, {8, "PROT_SEM"},
                                         {16, "PROT_ADI"}, {0, NULL}};

static const struct flag mmap_flags[] = {
    {1, "MAP_SHARED"},        {2, "MAP_PRIVATE"},       {0x10, "MAP_FIXED"},
    {0x20, "MAP_ANONYMOUS"},  {0x40, "MAP_NORESERVE"},  {0x100, "MAP_LOCKED"},
    {0x200, "MAP_GROWSDOWN"}, {0x8000, "MAP_POPULATE"}, {0, NULL}};

static void print_flags(uint64_t value, const struct flag *flags,
                        const char *zero)
{
    const char *sep = "";

    if (value == 0 || (zero && (value & 3) == 0 && value < 4)) {
        fputs(zero ? zero : "0", stderr);
        return;
    }
    for (; flags->name; flags++) {
        if ((value & flags->bits) != flags->bits)
            continue;
        fprintf(stderr, "%s%s", sep, flags->name);
        sep = "|";
        value &= ~(uint64_t)flags->bits;
    }
    if (value)
        fprintf(stderr, "%s0x%" PRIx64, sep, value);
}

static void print_open_flags(uint64_t value)
{
    static const char *const modes[] = {"O_RDONLY", "O_WRONLY", "O_RDWR",
                                        "O_ACCMODE"};

    fputs(modes[value & 3], stderr);
    if (value & ~UINT64_C(3)) {
        fputc('|', stderr);
        print_flags(value & ~UINT64_C(3), open_flags, NULL);
    }
}

static void print_string(struct task *t, uint64_t va)
{
    char text[STRING_MAX + 1];
    int64_t len = strncpy_from_user(t, text, va, STRING_MAX);
    bool whole = len >= 0;

    if (len < 0 && len != -36 /* ENAMETOOLONG: cut */) {
        fprintf(stderr, "0x%" PRIx64, va);
        return;
    }
    text[whole ? len : STRING_MAX] = '\0';
    fputc('"', stderr);
    for (const char *p = text; *p; p++) {
        if (*p == '"' || *p == '\\')
            fprintf(stderr, "\\%c", *p);
        else if ((unsigned char)*p < 32 || (unsigned char)*p > 126)
            fprintf(stderr, "\\%03o", (unsigned char)*p);
        else
            fputc(*p, stderr);
    }
    fputs(whole ? "\"" : "\"...", stderr);
}

static void print_arg(struct task *t, char how, uint64_t a)
{
    switch (how) {
    case 'd': fprintf(stderr, "%" PRId64, (int64_t)a); break;
    case 'u': fprintf(stderr, "%" PRIu64, a); break;
    case 'o': fprintf(stderr, "%#" PRIo64, a); break;
    case 's': print_string(t, a); break;
    case 'O': print_open_flags(a); break;
    case 'P': print_flags(a, prot_flags, "PROT_NONE"); break;
    case 'M': print_flags(a, mmap_flags, NULL); break;
    case 'S':
        if (a >= 1 && a <= NSIG_GUEST)
            fputs(signal_name((int)a), stderr);
        else
            fprintf(stderr, "%" PRId64, (int64_t)a);
        break;
    case 'a':
        if (arg_int(a) == AT_G_FDCWD)
            fputs("AT_FDCWD", stderr);
        else
            fprintf(stderr, "%d", arg_int(a));
        break;
    default:
        if (a)
            fprintf(stderr, "0x%" PRIx64, a);
        else
            fputs(how == 'p' ? "NULL" : "0", stderr);
    }
}

void strace_call(struct task *t, const char *name, const char *format,
                 const uint64_t a[6])
{
    fprintf(stderr, "%" PRIu32 " %s(", t->pid, name);
    for (unsigned i = 0; format[i]; i++) {
        if (i > 0)
            fputc(',', stderr);
        print_arg(t, format[i], a[i]);
    }
    fputc(')', stderr);
    t->m->partial_line = true;
}

void strace_return(const struct task *t, const char *name, int64_t value)
{
    /* As strace -f: something else was printed in between. */
    if (!t->m->partial_line)
        fprintf(stderr, "%" PRIu32 " <... %s resumed>", t->pid, name);
    t->m->partial_line = false;
    if (t->dead || t->no_return)
        fputs(" = ?\n", stderr);
    else if (value < 0 && value >= -4095)
        fprintf(stderr, " = -1 errno=%u (%s)\n", errno_to_guest((int)-value),
                value <= -512 ? "restart" : strerror((int)-value));
    else if (value >= 0 && value < 0x100000)
        fprintf(stderr, " = %" PRId64 "\n", value);
    else
        fprintf(stderr, " = 0x%" PRIx64 "\n", (uint64_t)value);
}
