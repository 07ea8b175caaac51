// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers, addresses, strings and bytes, as strace prints them. */
#include "emu/linux/strace/print.h"

#include <ctype.h>
#include <endian.h>
#include <inttypes.h>
#include <string.h>

#include "emu/linux/path/path.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/syscall.h"
#include "mm/remote.h"

#define STRING_MAX 32 /* bytes of it that are shown: strace -s */

bool print_read(struct task *t, void *to, uint64_t va, size_t len)
{
    struct mm *mm = t->process->mm;
    uint8_t *at = to;

    while (mm && len > 0) {
        gva_t from = untagged_addr(va);
        size_t n = PAGE_SIZE - page_offset(from);
        struct folio *folio;

        if (mm_get_remote_page(mm, from, ACCESS_READ, &folio) != FAULT_OK)
            return false;
        n = n < len ? n : len;
        memcpy(at, memory_folio_bytes(t->m->mem, folio) + page_offset(from), n);
        at += n;
        va += n;
        len -= n;
    }
    return mm != NULL;
}

void print_addr(FILE *f, uint64_t va)
{
    if (va)
        fprintf(f, "%#" PRIx64, va);
    else
        fputs("NULL", f);
}

static void put_escaped(FILE *f, uint8_t c, bool digit_follows)
{
    static const char plain[] = "\t\n\v\f\r\"\\", letters[] = "tnvfr\"\\";
    const char *found = c ? strchr(plain, c) : NULL;

    if (found)
        fprintf(f, "\\%c", letters[found - plain]);
    else if (c >= 32 && c < 127)
        fputc(c, f);
    else
        fprintf(f, digit_follows ? "\\%03o" : "\\%o", c);
}

void print_quoted(FILE *f, const uint8_t *bytes, size_t len)
{
    fputc('"', f);
    for (size_t i = 0; i < len; i++)
        put_escaped(f, bytes[i],
                    i + 1 < len && bytes[i + 1] >= '0' && bytes[i + 1] <= '7');
    fputc('"', f);
}

void print_bytes(struct task *t, FILE *f, uint64_t va, uint64_t len)
{
    size_t shown = len < STRING_MAX ? (size_t)len : STRING_MAX;
    uint8_t bytes[STRING_MAX];

    if (!va || !print_read(t, bytes, va, shown)) {
        print_addr(f, va);
        return;
    }
    print_quoted(f, bytes, shown);
    if (shown < len)
        fputs("...", f);
}

void print_string(struct task *t, FILE *f, uint64_t va, size_t max)
{
    uint8_t bytes[PATH_BYTES] = {0};
    size_t len = 0;

    while (va && len < max && print_read(t, &bytes[len], va + len, 1) &&
           bytes[len])
        len++;
    if (!va || (len < max && !print_read(t, &bytes[len], va + len, 1))) {
        print_addr(f, va);
        return;
    }
    print_quoted(f, bytes, len);
    if (len == max)
        fputs("...", f);
}

/* --------------------------------------------------------------- the types */

void print_int(struct arg *p)
{
    fprintf(p->f, "%d", arg_int(arg_value(p)));
}

void print_uint(struct arg *p)
{
    fprintf(p->f, "%u", (unsigned)arg_value(p));
}

void print_long(struct arg *p)
{
    fprintf(p->f, "%" PRId64, (int64_t)arg_value(p));
}

void print_size(struct arg *p)
{
    fprintf(p->f, "%" PRIu64, arg_value(p));
}

void print_hex(struct arg *p)
{
    fprintf(p->f, "%#" PRIx64, arg_value(p));
}

void print_address(struct arg *p)
{
    print_addr(p->f, arg_value(p));
}

void print_octal(struct arg *p)
{
    fprintf(p->f, "%#03o", (unsigned)arg_value(p));
}

void print_path(struct arg *p)
{
    print_string(p->t, p->f, arg_value(p), PATH_BYTES - 1);
}

void print_text(struct arg *p)
{
    print_string(p->t, p->f, arg_value(p), STRING_MAX);
}

/* Its length is the next argument. */
void print_buffer(struct arg *p)
{
    print_bytes(p->t, p->f, arg_value(p), p->a[p->i + 1]);
}

/* Its length is what the call returns. */
void print_result(struct arg *p)
{
    if (p->a[p->i + 1] < (uint64_t)p->value)
        print_addr(p->f, arg_value(p)); /* only its size was asked for */
    else
        print_bytes(p->t, p->f, arg_value(p), (uint64_t)p->value);
}

void print_result_name(struct arg *p)
{
    print_string(p->t, p->f, arg_value(p), PATH_BYTES - 1);
}

void print_fd_pair(struct arg *p)
{
    uint32_t fd[2];

    if (print_read(p->t, fd, arg_value(p), sizeof(fd)))
        fprintf(p->f, "[%d, %d]", (int)be32toh(fd[0]), (int)be32toh(fd[1]));
    else
        print_addr(p->f, arg_value(p));
}

void print_u64_at(struct arg *p)
{
    uint64_t raw;

    if (arg_value(p) && print_read(p->t, &raw, arg_value(p), sizeof(raw)))
        fprintf(p->f, "[%" PRId64 "]", (int64_t)be64toh(raw));
    else
        print_addr(p->f, arg_value(p));
}

/* An offset of two arguments */
void print_high_low(struct arg *p)
{
    fprintf(p->f, "%" PRId64,
            (int64_t)(arg_value(p) << 32 | (uint32_t)p->a[p->i + 1]));
}

/* ["prog", "a"] */
void print_argv(struct arg *p)
{
    uint64_t va = arg_value(p), raw;

    if (!va || !print_read(p->t, &raw, va, sizeof(raw))) {
        print_addr(p->f, va);
        return;
    }
    fputc('[', p->f);
    for (unsigned i = 0;; i++) {
        if (!print_read(p->t, &raw, va + 8ul * i, sizeof(raw)) || !raw)
            break;
        if (i > 0)
            fputs(", ", p->f);
        if (i == PRINT_MAX) {
            fputs("...", p->f);
            break;
        }
        print_string(p->t, p->f, be64toh(raw), STRING_MAX);
    }
    fputc(']', p->f);
}

/* 0x7fe0 with how many there are */
void print_envp(struct arg *p)
{
    uint64_t va = arg_value(p), raw;
    unsigned nr = 0;

    print_addr(p->f, va);
    while (va && nr < 100000 &&
           print_read(p->t, &raw, va + 8ul * nr, sizeof(raw)) && raw)
        nr++;
    if (va)
        fprintf(p->f, " /* %u var%s */", nr, nr == 1 ? "" : "s");
}
