// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Version tags: qMemTags and QMemTags, and what gdb's own "adi" commands read
 * and write as /proc/PID/adi/tags, a byte for each block.
 *
 * Source: the GDB manual, "Memory Tagging"; gdb 13 sparc64-tdep.c
 *         adi_read_versions(), adi_write_versions()
 */
#include <errno.h>

#include "adi/tags.h"
#include "emu/gdb/internal.h"
#include "emu/script.h"
#include "mm/pgtable.h"
#include "script/drive.h"

#define TYPE_ALLOCATION 1 /* of memory; 0: of a pointer */

int gdb_get_tag(struct gdb *g, struct process *p, gva_t va)
{
    const pte_t *ptep = mm_pte(p->mm, untagged_addr(va));

    if (!ptep || !pte_present(*ptep)) {
        int err = machine_drive(g->m);

        g->perturbs = true;

        return err ? err
                   : drive_get_tag(g->m->drive, p->pid, untagged_addr(va));
    }
    if (!pte_mcd(*ptep))
        return -EOPNOTSUPP;
    return tagmem_page(adi_tagmem(g->m->adi),
                       pte_pfn(*ptep))[page_offset(va) / ADI_BLKSZ];
}

int gdb_set_tag(struct gdb *g, struct process *p, gva_t va, adi_tag_t tag)
{
    const struct script_action action = {.verb = VERB_TAG,
                                         .pid = p->pid,
                                         .va =
                                             page_align_down(untagged_addr(va)),
                                         .pages = 1,
                                         .value = tag,
                                         .has_block = true,
                                         .block = page_offset(va) / ADI_BLKSZ};
    struct drive_result r;

    if (tag > 15)
        return -EINVAL;
    r = machine_do(g->m, &action);
    return !r.err && r.done == 0 ? -EOPNOTSUPP : r.err;
}

/* ADDR,LEN:TYPE, of memory; the blocks that it touches */
static struct process *read_range(struct gdb *g, struct gdb_in *in,
                                  gva_t *first, uint64_t *blocks)
{
    const struct task *t = gdb_general(g);
    uint64_t va, len, type;

    if (!gdb_two_hex(in, &va, &len) || !gdb_skip(in, ":") ||
        !gdb_hex(in, &type) || type != TYPE_ALLOCATION || !t || len == 0 ||
        len > (uint64_t)GDB_PACKET_BYTES * ADI_BLKSZ / 2)
        return NULL;
    va = untagged_addr(va);
    *first = va & ~(gva_t)(ADI_BLKSZ - 1);
    *blocks = (va + len - *first + ADI_BLKSZ - 1) / ADI_BLKSZ;
    return gdb_process(g, t->process->pid);
}

void gdb_read_tags(struct gdb *g, struct gdb_in in)
{
    gva_t first;
    uint64_t nr;
    struct process *p = read_range(g, &in, &first, &nr);

    if (!p || !gdb_at_end(&in)) {
        gdb_error(g, EINVAL);
        return;
    }
    gdb_puts(&g->out, "m");
    for (uint64_t i = 0; i < nr; i++) {
        int tag = gdb_get_tag(g, p, first + i * ADI_BLKSZ);
        uint8_t byte = (uint8_t)tag;

        if (tag < 0) {
            gdb_error(g, -tag);
            return;
        }
        gdb_put_hex(&g->out, &byte, 1);
    }
}

/* Fewer tags than blocks are a pattern, from the start again. */
void gdb_write_tags(struct gdb *g, struct gdb_in in)
{
    uint8_t tags[GDB_PACKET_BYTES / 2];
    size_t nr_tags;
    gva_t first;
    uint64_t nr;
    struct process *p = read_range(g, &in, &first, &nr);
    int err = 0;

    nr_tags = p && gdb_skip(&in, ":") ? (size_t)(in.end - in.at) / 2 : 0;
    if (nr_tags == 0 || nr_tags > sizeof(tags) ||
        !gdb_bytes(&in, tags, nr_tags) || !gdb_at_end(&in)) {
        gdb_error(g, EINVAL);
        return;
    }
    for (size_t i = 0; i < nr_tags && !err; i++)
        err = tags[i] > 15 ? -EINVAL : 0;
    for (uint64_t i = 0; i < nr && !err; i++)
        err = gdb_set_tag(g, p, first + i * ADI_BLKSZ, tags[i % nr_tags]);
    if (err)
        gdb_error(g, -err);
    else
        gdb_ok(g);
}
