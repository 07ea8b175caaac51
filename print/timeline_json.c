// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/lives.h"
#include "judge/timeline.h"
#include "print/json.h"

static void set(json_t *obj, const char *key, json_t *value)
{
    json_object_set_new(obj, key, value);
}

/* Keys that say nothing are left out: there are many events. */
static void set_num(json_t *obj, const char *key, uint64_t v)
{
    if (v)
        set(obj, key, num(v));
}

static void set_hex(json_t *obj, const char *key, uint64_t v)
{
    if (v)
        set(obj, key, hex(v));
}

/* One digit a block; one digit alone when all blocks have the same tag. */
static json_t *json_tags(const adi_tag_t tags[static ADI_TAGS_PER_PAGE])
{
    static const char digits[] = "0123456789abcdef";
    char text[ADI_TAGS_PER_PAGE];
    bool same = true;

    for (unsigned i = 0; i < ADI_TAGS_PER_PAGE; i++) {
        text[i] = digits[tags[i] & 15];
        same = same && tags[i] == tags[0];
    }
    return json_stringn(text, same ? 1 : sizeof(text));
}

static json_t *json_event(const struct timeline_event *e)
{
    const struct event *ev = &e->ev;
    json_t *obj = json_pack(
        "{s:o, s:s, s:s, s:o, s:o, s:o}", "event", num(ev->nr), "kind",
        event_kind_name(ev->kind), "path", mm_path_name(ev->path), "insn",
        num(ev->insn), "pid", num(ev->pid), "pc", hex(ev->pc));

    set_num(obj, "script_line", ev->line);
    set_num(obj, "mm", ev->mm);
    set_num(obj, "child", ev->mm2);
    set_num(obj, "object", ev->object);
    if (ev->va || ev->object)
        set(obj, "va", hex(ev->va));
    set_hex(obj, "end", ev->end);
    if (ev->kind != EV_SHARE)
        set_hex(obj, "to", ev->to);
    if (event_frame(ev) != PFN_NONE)
        set(obj, "frame", num(event_frame(ev)));
    set_hex(obj, "entry", ev->entry);
    if (ev->by_entry)
        set(obj, "of_slot", json_true());
    if (ev->buf) {
        set_num(obj, "buffer", ev->buf);
        set(obj, "descriptor", num(ev->slot));
    }
    set_num(obj, "bytes", ev->bytes);
    if (e->has_tags)
        set(obj, "tags", json_tags(e->tags));
    return obj;
}

static void set_when(json_t *obj, const char *key, const char *path_key,
                     const struct stamp *s)
{
    if (s->nr == 0)
        return;
    set(obj, key, num(s->nr));
    set(obj, path_key, json_string(mm_path_name(s->path)));
}

static json_t *json_life(const struct life *life)
{
    json_t *obj =
        json_pack("{s:o, s:s, s:s, s:o}", "life", num(life->nr), "from",
                  life_origin_name(life->origin), "fate",
                  life_fate_name(life->fate), "bytes", num(life->bytes));

    set_when(obj, "begin", "begin_path", &life->begin);
    set_when(obj, "cut", "cut_path", &life->cut);
    set_when(obj, "end", "end_path", &life->end);
    set_num(obj, "parent", life->parent);
    set_num(obj, "mm", life->mm);
    set_num(obj, "object", life->object);
    if (life->entry)
        set_hex(obj, "entry", life->entry);
    else
        set(obj, "va", hex(life->va));
    set_num(obj, "buffer", life->buf);
    set_num(obj, "restores", life->restores);
    return obj;
}

static json_t *json_area(const struct area_image *a)
{
    char prot[] = {a->read ? 'r' : '-', a->write ? 'w' : '-',
                   a->exec ? 'x' : '-', a->shared ? 's' : 'p'};

    return json_pack("{s:o, s:o, s:s#, s:b, s:b, s:o, s:o}", "start",
                     hex(a->start), "end", hex(a->end), "prot", prot,
                     (int)sizeof(prot), "adi", a->adi, "object", a->file,
                     "pages", num(a->pages), "away", num(a->away));
}

static json_t *json_page(const struct page_image *p)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "va", hex(p->va), "frame",
                     p->pfn == PFN_NONE ? json_null() : num(p->pfn), "entry",
                     p->entry ? hex(p->entry) : json_null(), "tags",
                     p->has_tags ? json_tags(p->tags) : json_null());
}

static json_t *json_space(const struct space_image *s)
{
    json_t *areas = json_array(), *pages = json_array();

    for (size_t i = 0; i < s->nr_areas; i++)
        json_array_append_new(areas, json_area(&s->areas[i]));
    for (size_t i = 0; i < s->nr_pages; i++)
        json_array_append_new(pages, json_page(&s->pages[i]));
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "mm", num(s->mm), "left",
                     json_stamp(&s->left), "areas", areas, "areas_left_out",
                     num(s->areas_left_out), "pages", pages, "pages_left_out",
                     num(s->pages_left_out));
}

static json_t *json_functions(void)
{
    json_t *obj = json_object();

    for (int path = PATH_NONE + 1; path < PATH_NR; path++)
        set(obj, mm_path_name(path), json_string(mm_path_function(path)));
    return obj;
}

json_t *json_timeline(struct timeline *t)
{
    const struct lives *l = timeline_lives(t);
    json_t *events = json_array(), *lives = json_array();
    json_t *spaces = json_array();

    timeline_trim(t);
    for (size_t i = 0; i < timeline_nr_events(t); i++)
        json_array_append_new(events, json_event(timeline_nth(t, i)));
    for (size_t i = 0; i < lives_count(l); i++)
        json_array_append_new(lives, json_life(lives_nth(l, i)));
    for (size_t i = 0; i < timeline_nr_spaces(t); i++)
        json_array_append_new(spaces, json_space(timeline_space(t, i)));
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "limit",
        num(timeline_limit(t)), "functions", json_functions(), "events", events,
        "events_left_out", num(timeline_left_out(t)), "complete_from",
        num(timeline_complete_from(t)), "lives", lives, "lives_left_out",
        num(lives_left_out(l)), "spaces", spaces);
}
