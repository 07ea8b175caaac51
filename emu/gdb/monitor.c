// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qRcmd: the commands of "monitor", which act on the machine's memory as event
 * scripts do (docs/events.md), at once.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/gdb/internal.h"
#include "emu/script.h"
#include "script/drive.h"

#define MAX_LINE  1024
#define MAX_TAGS  (UINT64_C(1) << 20) /* bytes of memory, of one command */
#define IN_A_LINE 16

/* What the user reads; cut where a packet ends. */
static void say(struct gdb *g, const char *text, size_t len)
{
    size_t room = (sizeof(g->out.text) - g->out.len) / 2;

    gdb_put_hex(&g->out, text, len < room ? len : room);
}

static void say_text(struct gdb *g, const char *text)
{
    say(g, text, strlen(text));
}

/* ------------------------------------------------------------------ events */

static struct process *at_hand(struct gdb *g)
{
    const struct task *t = gdb_general(g);

    return t ? gdb_process(g, t->process->pid) : NULL;
}

static void carry_out(struct gdb *g, struct script_action *action)
{
    const struct process *p = at_hand(g);
    char text[DRIVE_MAX_TEXT + 1];
    struct drive_result r;

    if (action->pid == 0 && p)
        action->pid = p->pid;
    r = machine_do(g->m, action);
    drive_result_text(action, &r, text);
    say_text(g, text);
    say_text(g, "\n");
}

/* One action of the language, without a trigger: it is due now. */
static void event(struct gdb *g, const char *line)
{
    const struct script_rules rules = machine_script_rules(&g->m->options);
    struct script script;

    if (script_parse(line, strlen(line), &rules, &script) != 0) {
        say_text(g, "the host has no memory\n");
        return;
    }
    if (script.nr_errors > 0) {
        say_text(g, script.errors[0].text);
        say_text(g, "\n");
    } else if (script.nr != 1) {
        say_text(g, "an action, such as: swapout all\n");
    } else if (strchr(line, ':')) {
        say_text(g, "an action without \"at\", \"before\", \"after\" or "
                    "\"when\": it is carried out at once\n");
    } else {
        carry_out(g, &script.events[0].action);
    }
    script_free(&script);
}

/* swapout ADDR, migrate ADDR: of one page, as the event is */
static void page_event(struct gdb *g, const char *verb, const char *rest)
{
    char line[MAX_LINE];

    if (snprintf(line, sizeof(line), "%s %s", verb, rest) < (int)sizeof(line))
        event(g, line);
}

/* -------------------------------------------------------------------- tags */

static void show_tags(struct gdb *g, struct process *p, gva_t va, uint64_t len)
{
    gva_t end = untagged_addr(va) + len;
    unsigned nr = 0;
    char text[64];

    for (va = untagged_addr(va) & ~(gva_t)(ADI_BLKSZ - 1); va < end;
         va += ADI_BLKSZ, nr++) {
        int tag = gdb_get_tag(g, p, va);

        if (nr % IN_A_LINE == 0) {
            snprintf(text, sizeof(text), "%s0x%" PRIx64 ":", nr ? "\n" : "",
                     va);
            say_text(g, text);
        }
        if (tag >= 0)
            snprintf(text, sizeof(text), " %d", tag);
        else
            snprintf(text, sizeof(text), " -");
        say_text(g, text);
    }
    say_text(g, "\n");
}

/* tags ADDR [LEN]; "-": there are none */
static void tags(struct gdb *g, const char *rest)
{
    struct process *p = at_hand(g);
    char *end, *last;
    gva_t va = strtoull(rest, &end, 0);
    uint64_t len = ADI_BLKSZ;

    last = end;
    if (end != rest && *end == ' ')
        len = strtoull(end, &last, 0);
    if (end == rest || *last || last == end + 1 || len == 0 || len > MAX_TAGS ||
        !p)
        say_text(g, "tags ADDR [LEN]: of how many bytes, 1 to 1M\n");
    else
        show_tags(g, p, va, len);
}

/* ------------------------------------------------------------------ others */

static void report(struct gdb *g)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (!out) {
        say_text(g, "the host has no memory\n");
        return;
    }
    g->config.report(g->config.ctx, out);
    if (fclose(out) == 0)
        say(g, text, len);
    free(text);
}

static void help(struct gdb *g)
{
    say_text(g, "swapout ADDR    push the page to swap\n"
                "migrate ADDR    move the page to another frame\n"
                "tags ADDR [LEN] version tags, one for each 64 bytes\n"
                "event ACTION    any action of docs/events.md, now\n"
                "report          what became of the tags so far\n"
                "help            this\n");
}

/* "WORD REST": is it that word?  Gives the rest. */
static const char *after(const char *line, const char *word)
{
    size_t len = strlen(word);

    if (strncmp(line, word, len) != 0 || (line[len] && line[len] != ' '))
        return NULL;
    line += len;
    return line + strspn(line, " ");
}

void gdb_monitor(struct gdb *g, struct gdb_in in)
{
    char line[MAX_LINE];
    const char *rest;

    if (!gdb_text(&in, '#', line, sizeof(line)) || !gdb_at_end(&in)) {
        gdb_error(g, EINVAL);
        return;
    }
    if ((rest = after(line, "swapout")) && *rest)
        page_event(g, "swapout", rest);
    else if ((rest = after(line, "migrate")) && *rest)
        page_event(g, "migrate", rest);
    else if ((rest = after(line, "event")) && *rest)
        event(g, rest);
    else if ((rest = after(line, "tags")))
        tags(g, rest);
    else if (strcmp(line, "report") == 0)
        report(g);
    else if (strcmp(line, "help") == 0)
        help(g);
    else
        say_text(g, "no such command; try: monitor help\n");
    if (g->out.len == 0)
        gdb_ok(g);
}
