// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/signal/stop.h"
#include "emu/linux/strace/strace.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/strace/print.h"
#include "emu/linux/syscall.h"

#define VALUE_COLUMN 40 /* of " = ", where the arguments are short */
#define NR_ARGS      6

enum type {
    T_SKIP = 1,
#define TYPE(name, function, when) T_##name,
#include "emu/linux/strace/types.def"
#undef TYPE
};

static const struct {
    print_fn *print;
    enum { IN, OUT, FIN } when;
} types[] = {
#define TYPE(name, function, when) [T_##name] = {function, when},
#include "emu/linux/strace/types.def"
#undef TYPE
};

enum result { NUMBER, HEXADECIMAL, OCTAL };

struct call {
    const char *name;
    enum result result;
    enum type arg[NR_ARGS]; /* ended by 0 */
};

static const struct call calls[] = {
#define T1(a)                         T_##a
#define T2(a, b)                      T_##a, T_##b
#define T3(a, b, c)                   T_##a, T_##b, T_##c
#define T4(a, b, c, d)                T_##a, T_##b, T_##c, T_##d
#define T5(a, b, c, d, e)             T_##a, T_##b, T_##c, T_##d, T_##e
#define T6(a, b, c, d, e, f)          T_##a, T_##b, T_##c, T_##d, T_##e, T_##f
#define NTH(a, b, c, d, e, f, n, ...) n
#define CALL(name, result, ...)                                                \
    {#name, result, {NTH(__VA_ARGS__, T6, T5, T4, T3, T2, T1, )(__VA_ARGS__)}},
#include "emu/linux/strace/calls.def"
#undef CALL
};

#define NR_CALLS (sizeof(calls) / sizeof(calls[0]))

struct strace {
    FILE *out;        /* owned, if it is not the machine's */
    bool *is_partial; /* the line of stderr; or @own_line */
    bool own_line;
    int err;              /* the first write that failed; 0, or -errno */
    struct task *partial; /* borrowed; whose line is not complete; NULL */
    FILE *piece;          /* owned; what is written at once */
    char *text;           /* owned; of it */
    size_t len, column;
};

/* ------------------------------------------------------------------ output */

int strace_create(struct machine *m, const char *path)
{
    struct strace *s = calloc(1, sizeof(*s));
    int err = ENOMEM;

    if (!s)
        return -ENOMEM;
    s->piece = open_memstream(&s->text, &s->len);
    errno = 0;
    s->out = path ? fopen(path, "we") : m->log_file;
    s->is_partial = s->out == stderr ? &m->partial_line : &s->own_line;
    err = errno;
    if (s->out && s->piece) {
        m->strace = s;
        return 0;
    }
    if (s->piece)
        (void)fclose(s->piece);
    if (s->out && path)
        (void)fclose(s->out);
    free(s->text);
    free(s);
    return err ? -err : -ENOMEM;
}

/* What was printed goes out, in one write. */
static void flush(struct strace *s)
{
    if (fflush(s->piece) != 0)
        return;
    fwrite(s->text, 1, s->len, s->out);
    s->column += s->len;
    rewind(s->piece);
    if (s->out != stderr && fflush(s->out) != 0 && !s->err)
        s->err = errno ? -errno : -EIO;
}

/* Another line begins, and one that is open must end: as strace has it. */
static void end_partial(struct strace *s)
{
    if (*s->is_partial)
        fputs(" <unfinished ...>\n", s->piece);
    *s->is_partial = false;
    s->partial = NULL;
}

void strace_break(struct machine *m)
{
    if (!m->strace || m->strace->out != m->log_file)
        return;
    end_partial(m->strace);
    flush(m->strace);
}

int strace_destroy(struct machine *m)
{
    struct strace *s = m->strace;
    int err = 0;

    if (!s)
        return 0;
    end_partial(s);
    flush(s);
    if (s->out != m->log_file)
        err = log_close(s->out);
    if (s->err)
        err = s->err;
    (void)fclose(s->piece);
    free(s->text);
    free(s);
    m->strace = NULL;
    return err;
}

/* [pid  1001], when there are several */
static void begin_line(struct strace *s, const struct task *t)
{
    const struct task *i;
    unsigned nr = 0;

    end_partial(s);
    flush(s);
    s->column = 0;
    DL_FOREACH(t->m->tasks, i)
        nr += !i->left;
    if (nr > 1 || (nr == 1 && t->left))
        fprintf(s->piece, "[pid %5" PRIu32 "] ", t->pid);
}

static void end_line(struct strace *s)
{
    fputc('\n', s->piece);
    flush(s);
    *s->is_partial = false;
    s->partial = NULL;
}

/* --------------------------------------------------------------- arguments */

static enum type of_letter(char c)
{
    switch (c) {
    case 'd': return T_LONG;
    case 'u': return T_SIZE;
    case 'o': return T_OCT;
    case 's': return T_PATH;
    case 'O': return T_OPEN;
    case 'P': return T_PROT;
    case 'M': return T_MAP;
    case 'm': return T_MSG;
    case 'f': return T_FAMILY;
    case 't': return T_SOCKTYPE;
    case 'A': return T_SOCKADDR;
    case 'S': return T_SIG;
    case 'a': return T_DIRFD;
    case 'p': return T_ADDR;
    default: return T_HEX;
    }
}

static struct call find_call(const char *name, const char *format)
{
    struct call c = {.name = name};

    for (size_t i = 0; i < NR_CALLS; i++)
        if (strcmp(calls[i].name, name) == 0)
            return calls[i];
    for (unsigned i = 0; i < NR_ARGS && format[i]; i++)
        c.arg[i] = of_letter(format[i]);
    return c;
}

/* From @from on; up to the first that the call tells, or with @leaving all.
 * Returns the one that is next. */
static unsigned print_args(const struct call *c, struct arg *p, unsigned from,
                           bool leaving)
{
    bool failed =
        leaving && p->value < 0 && p->value >= -4095 && !p->t->noerror;

    for (p->i = from; p->i < NR_ARGS && c->arg[p->i]; p->i++) {
        enum type type = c->arg[p->i];

        if (type == T_SKIP)
            continue;
        /* Where it stopped, the comma is there: so does strace. */
        if (p->i > 0 && !(leaving && p->i == from))
            fputs(", ", p->f);
        if (types[type].when != IN && !leaving)
            return p->i;
        if (types[type].when == OUT && failed)
            print_addr(p->f, arg_value(p));
        else
            types[type].print(p);
    }
    return p->i;
}

/* Calls that socketcall(2) stands for, and how many arguments they have. */
static const struct {
    const char *name;
    unsigned nr;
} socket_calls[] = {{NULL, 0},          {"socket", 3},      {"bind", 3},
                    {"connect", 3},     {"listen", 2},      {"accept", 3},
                    {"getsockname", 3}, {"getpeername", 3}, {"socketpair", 4},
                    {"send", 4},        {"recv", 4},        {"sendto", 6},
                    {"recvfrom", 6},    {"shutdown", 2},    {"setsockopt", 5},
                    {"getsockopt", 5},  {"sendmsg", 3},     {"recvmsg", 3},
                    {"accept4", 4},     {"recvmmsg", 5},    {"sendmmsg", 4}};

/* What is printed in place of it; @a: its arguments, or those of that call. */
static const char *real_name(struct task *t, const char *name, uint64_t a[6])
{
    uint64_t nr = a[0], raw[NR_ARGS] = {0};

    if (strcmp(name, "socketcall") != 0 || nr < 1 ||
        nr >= sizeof(socket_calls) / sizeof(socket_calls[0]) ||
        !print_read(t, raw, a[1], socket_calls[nr].nr * sizeof(*raw)))
        return name;
    for (unsigned i = 0; i < NR_ARGS; i++)
        a[i] = be64toh(raw[i]);
    return socket_calls[nr].name;
}

void strace_call(struct task *t, const char *name, const char *format,
                 const uint64_t given[6])
{
    struct strace *s = t->m->strace;
    uint64_t a[NR_ARGS];
    struct arg p = {.t = t, .f = s->piece, .a = a};
    struct call c;

    memcpy(a, given, sizeof(a));
    c = find_call(real_name(t, name, a), format);
    begin_line(s, t);
    fprintf(s->piece, "%s(", c.name);
    t->strace_arg = (uint8_t)print_args(&c, &p, 0, false);
    for (unsigned i = t->strace_arg; i < NR_ARGS && c.arg[i]; i++)
        if (c.arg[i] == T_LEN_OUT)
            print_note_length(t, a[i]);
    flush(s);
    *s->is_partial = true;
    s->partial = t;
}

/* --------------------------------------------------------------- the value */

static const char *restart_text(int64_t value)
{
    switch (-value) {
    case ERESTARTSYS_G:
        return "ERESTARTSYS (To be restarted if SA_RESTART is set)";
    case ERESTARTNOINTR_G: return "ERESTARTNOINTR (To be restarted)";
    case ERESTARTNOHAND_G:
        return "ERESTARTNOHAND (To be restarted if no handler)";
    default: return "ERESTART_RESTARTBLOCK (Interrupted by signal)";
    }
}

static void print_error(FILE *f, int64_t value)
{
    const char *name = strerrorname_np((int)-value);

    if (value <= -ERESTARTSYS_G)
        fprintf(f, " = ? %s", restart_text(value));
    else
        fprintf(f, " = -1 %s (%s)", name ? name : "E?", strerror((int)-value));
}

static void print_value(FILE *f, enum result result, int64_t value)
{
    switch (result) {
    case HEXADECIMAL: fprintf(f, " = %#" PRIx64, (uint64_t)value); break;
    case OCTAL: fprintf(f, " = %#03" PRIo64, (uint64_t)value); break;
    case NUMBER: fprintf(f, " = %" PRId64, value); break;
    }
}

/* Of a call that has set the registers itself, as sigreturn */
static void print_registers(FILE *f, const struct task *t)
{
    uint64_t value = cpu_reg(task_engine(t), REG_O(0));
    int host = 1;

    if (!(cpu_tstate(task_engine(t)) & TSTATE_ICARRY)) {
        print_value(f, NUMBER, (int64_t)value);
        return;
    }
    while (host < 4096 && errno_to_guest(host) != value)
        host++;
    print_error(f, -host);
}

static void resume_line(struct strace *s, struct task *t, const char *name)
{
    if (*s->is_partial && s->partial == t)
        return;
    begin_line(s, t);
    fprintf(s->piece, "<... %s resumed>", name);
}

/* Of an argument of that type there is more to say than the value. */
static const struct {
    enum type type;
    print_fn *print;
} results[] = {
    {T_POLLFDS, print_poll_result},
    {T_FDSET, print_select_result},
    {T_FCNTL, print_fcntl_result},
};

static void print_aux(const struct call *c, struct arg *p)
{
    if (p->value < 0 || !p->aux)
        return;
    for (size_t r = 0; r < sizeof(results) / sizeof(results[0]); r++)
        for (p->i = 0; p->i < NR_ARGS && c->arg[p->i]; p->i++) {
            if (c->arg[p->i] != results[r].type)
                continue;
            results[r].print(p);
            break;
        }
}

void strace_return(struct task *t, const char *name, const char *format,
                   const uint64_t given[6], int64_t value)
{
    struct strace *s = t->m->strace;
    uint64_t a[NR_ARGS];
    struct call c;
    char *aux = NULL;
    size_t aux_len = 0;
    struct arg p = {.t = t, .f = s->piece, .a = a, .value = value};

    if (t->m->told_bug)
        return; /* it never does */
    p.aux = open_memstream(&aux, &aux_len);
    memcpy(a, given, sizeof(a));
    c = find_call(real_name(t, name, a), format);
    resume_line(s, t, c.name);
    if (!task_is_leaving(t) || t->strace_arg < NR_ARGS)
        (void)print_args(&c, &p, t->strace_arg, true);
    if (!task_is_leaving(t) && !t->no_return)
        print_aux(&c, &p);
    fputc(')', s->piece);
    flush(s);
    if (s->column < VALUE_COLUMN - 1)
        fprintf(s->piece, "%*s", (int)(VALUE_COLUMN - 1 - s->column), "");
    if (task_is_leaving(t))
        fputs(" = ?", s->piece);
    else if (t->no_return)
        print_registers(s->piece, t);
    else if (value < 0 && value >= -4095 && !t->noerror)
        print_error(s->piece, value);
    else
        print_value(s->piece, p.is_flags ? HEXADECIMAL : c.result, value);
    if (p.aux && fclose(p.aux) == 0 && aux_len > 0)
        fprintf(s->piece, " (%s)", aux);
    free(aux);
    end_line(s);
}

/* ------------------------------------------------------ signals, and the end
 */

void strace_signal(struct task *t, const struct siginfo *info)
{
    struct strace *s = t->m->strace;

    if (!s)
        return;
    begin_line(s, t);
    fputs("--- ", s->piece);
    print_signal(s->piece, (uint64_t)info->signo);
    fputc(' ', s->piece);
    print_siginfo(s->piece, info);
    fputs(" ---", s->piece);
    end_line(s);
}

void strace_stopped(struct task *t, int sig)
{
    struct strace *s = t->m->strace;

    if (!s)
        return;
    begin_line(s, t);
    fputs("--- stopped by ", s->piece);
    print_signal(s->piece, (uint64_t)sig);
    fputs(" ---", s->piece);
    end_line(s);
}

void strace_exited(struct task *t, int wait_status)
{
    struct strace *s = t->m->strace;
    int sig = wait_status & 0x7f;

    if (!s)
        return;
    begin_line(s, t);
    if (sig) {
        fputs("+++ killed by ", s->piece);
        print_signal(s->piece, (uint64_t)sig);
        fprintf(s->piece, "%s +++", wait_status & 0x80 ? " (core dumped)" : "");
    } else {
        fprintf(s->piece, "+++ exited with %d +++", wait_status >> 8 & 0xff);
    }
    end_line(s);
}
