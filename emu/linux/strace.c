// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

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

static const struct flag message_flags[] = {{0x1, "MSG_OOB"},
                                            {0x2, "MSG_PEEK"},
                                            {0x4, "MSG_DONTROUTE"},
                                            {0x20, "MSG_TRUNC"},
                                            {0x40, "MSG_DONTWAIT"},
                                            {0x80, "MSG_EOR"},
                                            {0x100, "MSG_WAITALL"},
                                            {0x2000, "MSG_ERRQUEUE"},
                                            {0x4000, "MSG_NOSIGNAL"},
                                            {0x8000, "MSG_MORE"},
                                            {0x10000, "MSG_WAITFORONE"},
                                            {0x40000000, "MSG_CMSG_CLOEXEC"},
                                            {0, NULL}};

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

static void print_family(uint64_t family)
{
    switch (family) {
    case AF_UNIX: fputs("AF_UNIX", stderr); break;
    case AF_INET: fputs("AF_INET", stderr); break;
    case AF_INET6: fputs("AF_INET6", stderr); break;
    default: fprintf(stderr, "%" PRId64, (int64_t)family);
    }
}

static void print_socket_type(uint64_t type)
{
    static const char *const names[] = {"0",          "SOCK_STREAM",
                                        "SOCK_DGRAM", "SOCK_RAW",
                                        "SOCK_RDM",   "SOCK_SEQPACKET"};
    uint64_t flags = type & ~UINT64_C(15);

    if ((type & 15) < sizeof(names) / sizeof(names[0]))
        fputs(names[type & 15], stderr);
    else
        fprintf(stderr, "%" PRIu64, type & 15);
    if (!flags)
        return;
    fputc('|', stderr);
    /* They are O_NONBLOCK and O_CLOEXEC. */
    print_flags(flags, open_flags, NULL);
}

/* The bytes of a name of AF_UNIX, "@" for the 0 of an abstract one */
static void print_unix_name(const uint8_t *name, size_t len)
{
    fputc('"', stderr);
    for (size_t i = 0; i < len && (name[i] || i == 0); i++) {
        if (i == 0 && !name[i])
            fputc('@', stderr);
        else if (name[i] < 32 || name[i] > 126 || name[i] == '"')
            fprintf(stderr, "\\%03o", name[i]);
        else
            fputc(name[i], stderr);
    }
    fputc('"', stderr);
}

/* @len: the argument after it */
static void print_address(struct task *t, uint64_t va, uint64_t len)
{
    uint8_t raw[128] = {0};
    size_t size = len < sizeof(raw) ? len : sizeof(raw);
    char text[INET6_ADDRSTRLEN] = "";
    unsigned family;

    if (!va || arg_int(len) < 2 || copy_from_user(t, raw, va, size)) {
        fprintf(stderr, va ? "0x%" PRIx64 : "NULL", va);
        return;
    }
    family = (unsigned)raw[0] << 8 | raw[1];
    fputc('{', stderr);
    print_family(family);
    if (family == AF_UNIX && size > 2) {
        fputc(',', stderr);
        print_unix_name(raw + 2, size - 2);
    } else if ((family == AF_INET && size >= 8) ||
               (family == AF_INET6 && size >= 24)) {
        (void)inet_ntop((int)family, raw + (family == AF_INET ? 4 : 8), text,
                        sizeof(text));
        fprintf(stderr, ",%u,%s", (unsigned)raw[2] << 8 | raw[3], text);
    }
    fputc('}', stderr);
}

/* @next: the argument after it */
static void print_arg(struct task *t, char how, uint64_t a, uint64_t next)
{
    switch (how) {
    case 'd': fprintf(stderr, "%" PRId64, (int64_t)a); break;
    case 'u': fprintf(stderr, "%" PRIu64, a); break;
    case 'o': fprintf(stderr, "%#" PRIo64, a); break;
    case 's': print_string(t, a); break;
    case 'O': print_open_flags(a); break;
    case 'P': print_flags(a, prot_flags, "PROT_NONE"); break;
    case 'M': print_flags(a, mmap_flags, NULL); break;
    case 'm': print_flags(a, message_flags, NULL); break;
    case 'f': print_family(a); break;
    case 't': print_socket_type(a); break;
    case 'A': print_address(t, a, next); break;
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
        print_arg(t, format[i], a[i], i < 5 ? a[i + 1] : 0);
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
