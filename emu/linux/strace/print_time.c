// SPDX-License-Identifier: GPL-2.0-or-later
/* Times. */
#include <endian.h>
#include <inttypes.h>

#include "emu/linux/abi_file.h"
#include "emu/linux/strace/print.h"

static void put_timespec(FILE *f, const struct timespec_g *raw)
{
    fprintf(f, "{tv_sec=%" PRId64 ", tv_nsec=%" PRId64 "}",
            (int64_t)be64toh(raw->sec), (int64_t)be64toh(raw->nsec));
}

static void put_timeval(FILE *f, const struct timeval_g *raw)
{
    fprintf(f, "{tv_sec=%" PRId64 ", tv_usec=%" PRId32 "}",
            (int64_t)be64toh(raw->sec), (int32_t)be32toh(raw->usec));
}

static bool print_timespec_at(struct task *t, FILE *f, uint64_t va)
{
    struct timespec_g raw;

    if (!va || !print_read(t, &raw, va, sizeof(raw)))
        return false;
    put_timespec(f, &raw);
    return true;
}

void print_timespec(struct arg *p)
{
    if (!print_timespec_at(p->t, p->f, arg_value(p)))
        print_addr(p->f, arg_value(p));
}

/* What is left of a sleep, which only a signal leaves. */
void print_remaining(struct arg *p)
{
    if (p->value == 0 || !print_timespec_at(p->t, p->f, arg_value(p)))
        print_addr(p->f, arg_value(p));
}

/* utimensat(2): UTIME_NOW and UTIME_OMIT are numbers of nanoseconds */
void print_timespecs(struct arg *p)
{
    uint64_t va = arg_value(p);
    struct timespec_g raw[2];

    if (!va || !print_read(p->t, raw, va, sizeof(raw))) {
        print_addr(p->f, va);
        return;
    }
    for (unsigned i = 0; i < 2; i++) {
        fputs(i ? ", " : "[", p->f);
        if (be64toh(raw[i].nsec) == 0x3fffffff)
            fputs("UTIME_NOW", p->f);
        else if (be64toh(raw[i].nsec) == 0x3ffffffe)
            fputs("UTIME_OMIT", p->f);
        else
            put_timespec(p->f, &raw[i]);
    }
    fputc(']', p->f);
}

void print_timeval(struct arg *p)
{
    struct timeval_g raw;

    if (arg_value(p) && print_read(p->t, &raw, arg_value(p), sizeof(raw)))
        put_timeval(p->f, &raw);
    else
        print_addr(p->f, arg_value(p));
}

void print_itimerspec(struct arg *p)
{
    struct timespec_g raw[2];

    if (!arg_value(p) || !print_read(p->t, raw, arg_value(p), sizeof(raw))) {
        print_addr(p->f, arg_value(p));
        return;
    }
    fputs("{it_interval=", p->f);
    put_timespec(p->f, &raw[0]);
    fputs(", it_value=", p->f);
    put_timespec(p->f, &raw[1]);
    fputc('}', p->f);
}

void print_itimerval(struct arg *p)
{
    struct timeval_g raw[2];

    if (!arg_value(p) || !print_read(p->t, raw, arg_value(p), sizeof(raw))) {
        print_addr(p->f, arg_value(p));
        return;
    }
    fputs("{it_interval=", p->f);
    put_timeval(p->f, &raw[0]);
    fputs(", it_value=", p->f);
    put_timeval(p->f, &raw[1]);
    fputc('}', p->f);
}
