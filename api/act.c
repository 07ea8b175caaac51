// SPDX-License-Identifier: GPL-2.0-or-later
/* What happens in a memory: scripts, actions, and what processes do. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"
#include "judge/kernel_bug.h"
#include "mm/mm.h"
#include "mm/pgtable.h"

/* -EHOSTDOWN, with the place in the kernel */
static int stopped(struct adimm *m)
{
    const struct kernel_bug *bug = judge_kernel_bug(alone_judge(m->alone));
    const struct kernel_bug_place *place = kernel_bug_place(bug->id);

    return api_fail(m, -EHOSTDOWN, "KERNEL BUG at %s, %s(): page 0x%llx",
                    place->file, place->function, (unsigned long long)bug->va);
}

/* Before each call: is there anybody to do it? */
static int begin(struct adimm *m)
{
    m->why[0] = '\0';
    if (m->exited)
        return api_fail(m, -ESRCH, "after adimm_exit() no process is left");
    return drive_stopped(alone_drive(m->alone)) ? stopped(m) : 0;
}

/* -------------------------------------------------------------- scripts */

static int parse(struct adimm *m, const char *text, struct script *out)
{
    struct script_rules rules = alone_rules(m->nr_nodes);
    int err = script_parse(text, strlen(text), &rules, out);
    const struct script_error *e = &out->errors[0];

    if (err)
        return api_fail(m, err, "%s", strerrordesc_np(-err));
    if (out->nr_errors == 0)
        return 0;
    (void)api_fail(m, 0, "%u:%u: %s", e->line, e->col, e->text);
    script_free(out);
    return -EINVAL;
}

/* The first line that fails is the one to tell of. */
static void fired(void *ctx, const struct script_event *ev,
                  const struct drive_result *r)
{
    struct adimm *m = ctx;
    char text[SCRIPT_MAX_TEXT];

    if (r->err == -EHOSTDOWN)
        m->failed = stopped(m);
    else if (r->err && !m->failed)
        m->failed = api_fail(m, r->err, "line %u: %s: %s", ev->line,
                             script_action_text(&ev->action, text),
                             strerrordesc_np(-r->err));
}

int adimm_run(struct adimm *m, const char *script)
{
    struct script parsed;
    int err = begin(m);

    if (!err)
        err = parse(m, script, &parsed);
    if (err)
        return err;
    triggers_destroy(m->triggers);
    script_free(&m->script);
    m->script = parsed;
    m->failed = 0;
    m->triggers = triggers_create(&m->script, alone_drive(m->alone),
                                  alone_memory(m->alone), fired, m);
    if (!m->triggers)
        return api_fail(m, -ENOMEM, "%s", strerrordesc_np(ENOMEM));
    triggers_start(m->triggers);
    return m->failed;
}

unsigned adimm_never_due(const struct adimm *m, unsigned n)
{
    uint64_t came;
    size_t i = 0;

    while ((i = triggers_idle(m->triggers, i, &came)) != SIZE_MAX) {
        if (n-- == 0)
            return m->script.events[i].line;
        i++;
    }
    return 0;
}

/* -------------------------------------------------------------- actions */

static int act(struct adimm *m, const struct script_action *action)
{
    struct drive_result r = drive_do(alone_drive(m->alone), action, NULL);

    m->result = (struct adimm_result){.found = r.found, .done = r.done};
    return r.err;
}

int adimm_do(struct adimm *m, const char *format, ...)
{
    char text[SCRIPT_MAX_TEXT];
    struct script parsed;
    va_list ap;
    int len, err = begin(m);

    if (err)
        return err;
    va_start(ap, format);
    len = vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    if (len < 0 || (size_t)len >= sizeof(text))
        return api_fail(m, -EINVAL, "longer than any action");
    err = parse(m, text, &parsed);
    if (err)
        return err;
    if (parsed.nr != 1 || parsed.events[0].trigger.when != WHEN_START)
        err = api_fail(m, -EINVAL, "not one action without a trigger");
    else if ((err = act(m, &parsed.events[0].action)) == -EHOSTDOWN)
        (void)stopped(m);
    else if (err)
        (void)api_fail(m, err, "%s: %s", text, strerrordesc_np(-err));
    script_free(&parsed);
    return err;
}

struct adimm_result adimm_result(const struct adimm *m)
{
    return m->result;
}

/* ------------------------------------------------------------- accesses */

static int access_failed(struct adimm *m, int err, const char *what,
                         uint32_t pid, uint64_t pointer)
{
    if (err == -EHOSTDOWN)
        return stopped(m);
    return api_fail(m, err, "%s by process %u at 0x%llx: %s", what, pid,
                    (unsigned long long)pointer, strerrordesc_np(-err));
}

int adimm_load(struct adimm *m, uint32_t pid, uint64_t pointer, void *buf,
               size_t len)
{
    int err = begin(m);

    if (err)
        return err;
    err = drive_load(alone_drive(m->alone), pid, pointer, buf, len);
    return err ? access_failed(m, err, "load", pid, pointer) : 0;
}

int adimm_store(struct adimm *m, uint32_t pid, uint64_t pointer,
                const void *buf, size_t len)
{
    int err = begin(m);

    if (err)
        return err;
    err = drive_store(alone_drive(m->alone), pid, pointer, buf, len);
    return err ? access_failed(m, err, "store", pid, pointer) : 0;
}

int adimm_get_tag(struct adimm *m, uint32_t pid, uint64_t pointer)
{
    int result = begin(m);

    if (result)
        return result;
    result = drive_get_tag(alone_drive(m->alone), pid, pointer);
    return result < 0 ? access_failed(m, result, "load of a tag", pid, pointer)
                      : result;
}

int adimm_set_tag(struct adimm *m, uint32_t pid, uint64_t pointer, unsigned tag)
{
    gva_t va = untagged_addr(pointer);
    struct script_action action = {.verb = VERB_TAG,
                                   .pid = pid,
                                   .va = page_align_down(va),
                                   .pages = 1,
                                   .value = (uint8_t)tag,
                                   .has_block = true,
                                   .block = page_offset(va) / ADI_BLKSZ};
    int err = begin(m);

    if (err)
        return err;
    if (tag >= 1u << ADI_NBITS)
        return api_fail(m, -EINVAL, "tag %u: not from 0 to 15", tag);
    err = va_in_hole(va) ? -EFAULT : act(m, &action);
    return err ? access_failed(m, err, "store of a tag", pid, pointer) : 0;
}

static enum adimm_pte kind_of(pte_t pte)
{
    swp_entry_t entry;

    if (pte_none(pte))
        return ADIMM_PTE_NONE;
    if (pte_present(pte))
        return ADIMM_PTE_PRESENT;
    entry = pte_to_swp_entry(pte);
    if (is_migration_entry(entry))
        return ADIMM_PTE_MIGRATION;
    if (is_guard_entry(entry))
        return ADIMM_PTE_GUARD;
    return is_marker_entry(entry) ? ADIMM_PTE_LOST : ADIMM_PTE_SWAP;
}

int adimm_pte(struct adimm *m, uint32_t pid, uint64_t address)
{
    const pte_t *pte;
    struct mm *mm;
    int err = begin(m);

    if (err)
        return err;
    mm = drive_find_mm(alone_drive(m->alone), pid);
    if (!mm)
        return api_fail(m, -ESRCH, "there is no process %u", pid);
    pte = mm_pte(mm, untagged_addr(address));
    return pte ? (int)kind_of(*pte) : ADIMM_PTE_NONE;
}
