// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qXfer: objects that gdb reads in pieces.  Each is made anew for each piece:
 * nothing changes meanwhile.
 */
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "emu/gdb/internal.h"
#include "emu/linux/abi.h"
#include "emu/linux/proc/procfs.h"
#include "emu/linux/signal/siginfo.h"

static const struct process *general(struct gdb *g)
{
    const struct task *t = gdb_general(g);

    return t ? t->process : NULL;
}

static bool make_features(struct gdb *g, const char *annex, FILE *out)
{
    (void)g;
    if (strcmp(annex, "target.xml") != 0)
        return false;
    fputs(gdb_target_xml(), out);
    return true;
}

/* A name that a program has chosen, in XML. */
static void put_name(const char *name, size_t len, FILE *out)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)name[i];

        if (c < 0x20 || c > 0x7e)
            fputc('?', out);
        else if (strchr("<>&\"'", c))
            fprintf(out, "&#%u;", c);
        else
            fputc(c, out);
    }
}

static bool make_threads(struct gdb *g, const char *annex, FILE *out)
{
    struct gdb_out id;
    const struct task *t;

    if (*annex)
        return false;
    fputs("<?xml version=\"1.0\"?>\n<threads>\n", out);
    DL_FOREACH(g->m->tasks, t) {
        if (t->dead || !gdb_is_attached(g, t->process->pid))
            continue;
        gdb_clear(&id);
        gdb_put_id(g, &id, t->process->pid, t->pid);
        fprintf(out, "<thread id=\"%.*s\" core=\"0\" name=\"", (int)id.len,
                id.text);
        put_name(t->comm, strnlen(t->comm, sizeof(t->comm)), out);
        fputs("\"/>\n", out);
    }
    fputs("</threads>\n", out);
    return true;
}

/*
 * gdb looks for what the kernels of Oracle say of ADI, by their numbers, which
 * are others than those of Linux.
 * Source: gdb 13 sparc64-tdep.c AT_ADI_BLKSZ
 */
#define AT_G_ADI_BLKSZ_GDB 34

static void put_pair(uint64_t type, uint64_t value, FILE *out)
{
    uint64_t pair[2] = {htobe64(type), htobe64(value)};

    fwrite(pair, sizeof(pair), 1, out);
}

static bool make_auxv(struct gdb *g, const char *annex, FILE *out)
{
    const struct process *p = general(g);

    if (*annex || !p)
        return false;
    for (unsigned i = 0; i + 1 < AT_VECTOR_WORDS; i += 2) {
        uint64_t type = p->layout.auxv[i], value = p->layout.auxv[i + 1];

        if (type >= AT_G_ADI_BLKSZ && type <= AT_G_ADI_UEONADI)
            put_pair(type - AT_G_ADI_BLKSZ + AT_G_ADI_BLKSZ_GDB, value, out);
        put_pair(type, value, out);
        if (type == AT_NULL)
            break;
    }
    return true;
}

ssize_t gdb_exe_name(const struct gdb *g, const struct process *p, char *out,
                     size_t size)
{
    FILE *f = p->exe ? fmemopen(out, size, "w") : NULL;
    long len;

    if (!f)
        return -ENOENT;
    proc_mapping_name(g->m, p->exe, f);
    len = ftell(f);
    fclose(f);
    return len > 0 ? (ssize_t)len : -ENOENT;
}

static bool make_exec_file(struct gdb *g, const char *annex, FILE *out)
{
    const struct process *p = general(g);
    struct gdb_in in = gdb_in(annex, strlen(annex));
    char name[4096];
    uint64_t pid;
    ssize_t len;

    if (*annex) {
        if (!gdb_hex(&in, &pid) || !gdb_at_end(&in) || pid >= GDB_ALL)
            return false;
        p = gdb_process(g, (uint32_t)pid);
    }
    len = p ? gdb_exe_name(g, p, name, sizeof(name)) : -1;
    if (len > 0)
        fwrite(name, (size_t)len, 1, out);
    return len > 0;
}

/* Of the signal that the thread has stopped by. */
static bool make_siginfo(struct gdb *g, const char *annex, FILE *out)
{
    const struct task *t = gdb_general(g);
    const struct gdb_thread *thread = t ? gdb_find_thread(g, t->pid) : NULL;
    uint8_t raw[SIGINFO_BYTES];

    if (*annex || !thread || !thread->kept.signo)
        return false;
    siginfo_to_guest(&thread->kept, true, raw);
    fwrite(raw, sizeof(raw), 1, out);
    return true;
}

static const struct {
    const char *name;
    bool (*make)(struct gdb *g, const char *annex, FILE *out);
} objects[] = {
    {"features:read:", make_features}, {"threads:read:", make_threads},
    {"auxv:read:", make_auxv},         {"exec-file:read:", make_exec_file},
    {"siginfo:read:", make_siginfo},
};

/* Bytes [offset, offset + len) of it, with m: there is more, or l. */
static void put_piece(struct gdb *g, const char *text, size_t size,
                      uint64_t offset, uint64_t len)
{
    uint64_t rest = offset < size ? size - offset : 0;
    size_t done;

    if (len > rest)
        len = rest;
    gdb_puts(&g->out, "m");
    done = len ? gdb_put_binary(&g->out, text + offset, len) : 0;
    if (offset + done >= size)
        g->out.text[0] = 'l';
}

static void transfer(struct gdb *g, struct gdb_in in,
                     bool (*make)(struct gdb *, const char *, FILE *))
{
    const char *colon = memchr(in.at, ':', (size_t)(in.end - in.at));
    uint64_t offset, len;
    char annex[64], *text = NULL;
    size_t size = 0;
    FILE *out;
    bool ok;

    if (!colon || (size_t)(colon - in.at) >= sizeof(annex)) {
        gdb_error(g, 0);
        return;
    }
    memcpy(annex, in.at, (size_t)(colon - in.at));
    annex[colon - in.at] = '\0';
    in.at = colon + 1;
    if (!gdb_two_hex(&in, &offset, &len) || !gdb_at_end(&in)) {
        gdb_error(g, 0);
        return;
    }
    out = open_memstream(&text, &size);
    if (!out) {
        gdb_error(g, ENOMEM);
        return;
    }
    ok = make(g, annex, out);
    if (fclose(out) == 0 && ok)
        put_piece(g, text, size, offset, len);
    else
        gdb_error(g, ok ? ENOMEM : 0);
    free(text);
}

void gdb_xfer(struct gdb *g, struct gdb_in in)
{
    for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        if (!gdb_skip(&in, objects[i].name))
            continue;
        transfer(g, in, objects[i].make);
        return;
    }
}
