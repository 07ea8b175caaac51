// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/story.h"

#include <inttypes.h>
#include <stdlib.h>

#include "event/hub.h"
#include "explore/outcome.h"
#include "judge/judge.h"
#include "script/alone.h"

struct story {
    struct world *world;
    struct listener listener;
    struct found_seen seen; /* what the judge has told of before this step */
    json_t *steps;          /* owned */
    json_t *events;         /* owned; of this step */
};

#define TEXT_MAX 256

/* What is cut off up to here is so to the end. */
#define END_OF_FILES page_align_down(UINT64_MAX)

/* %s: the page, %m: the address space.  NULL: not a part of the story. */
static const char *const said[EV_NR] = {
    [EV_TAG_SAVE] = "the tags of %s are saved",
    [EV_TAG_RESTORE] = "the tags of %s are restored",
    [EV_TAG_DROP] = "the saved tags of %s are freed",
    [EV_TAG_SAVE_FAIL] = "the tags of %s cannot be saved",
    [EV_TAG_MOVE] = "the saved tags of %s are moved",
    [EV_TAG_DUP] = "the saved tags of %s are copied for the child",
    [EV_STORE_FREE] = "a buffer of saved tags is released",
    [EV_STORE_ORPHAN] = "a buffer of saved tags is forgotten",
    [EV_STORE_UAF] = "a buffer is used that was released",
    [EV_STORE_UNDERFLOW] = "the users of a buffer fall below 0",
    [EV_SWAP_OUT] = "%s goes to swap",
    [EV_UNMAP_UNDO] = "%s stays: the unmap is undone",
    [EV_SWAP_IN] = "%s comes back from swap",
    [EV_SWAP_GONE] = "the swap entry of %s is dropped",
    [EV_SLOT_FREE] = "its swap slot is free",
    [EV_MIGRATE_OUT] = "%s leaves its frame",
    [EV_MIGRATE_IN] = "%s is in its new frame",
    [EV_MIGRATE_GONE] = "the migration entry of %s is dropped",
    [EV_ZAP] = "%s is unmapped",
    [EV_UNTAG] = "%s is copied without its tags",
    [EV_TAGS_CLEARED] = "the kernel clears tags of %s",
    [EV_TAGS_LEFT] = "%s begins with the tags of its frame",
    [EV_REMAP] = "%s is moved",
    [EV_FORK] = "%s is copied for the child",
    [EV_TRUNCATE] = "%s is cut off",
    [EV_KERNEL_BUG] = "the kernel meets a BUG() at %s",
    [EV_MM_EXIT] = "mm %m ends",
};

/* "0x70000000 of mm 1" */
static void write_page(const struct event *ev, FILE *out)
{
    uint64_t pages = ev->end > ev->va ? (ev->end - ev->va) / PAGE_SIZE : 1;

    if (!ev->mm && !ev->object)
        fprintf(out, "slot %#" PRIx64, ev->entry);
    else if (ev->mm)
        fprintf(out, "0x%" PRIx64, ev->va);
    else if (ev->end >= END_OF_FILES)
        fprintf(out, "object %" PRIu64 " from page %" PRIu64 " on", ev->object,
                ev->va / PAGE_SIZE);
    else
        fprintf(out, "page %" PRIu64 " of object %" PRIu64, ev->va / PAGE_SIZE,
                ev->object);
    if (pages > 1 && (ev->mm || ev->end < END_OF_FILES))
        fprintf(out, "+%" PRIu64, pages);
    if (ev->mm)
        fprintf(out, " of mm %" PRIu32, ev->mm);
}

/* ", all 5"; nothing when they differ. */
static void write_tags(const struct event *ev, FILE *out)
{
    unsigned i = 1;

    if (!ev->tags)
        return;
    while (i < ADI_TAGS_PER_PAGE && ev->tags[i] == ev->tags[0])
        i++;
    if (i == ADI_TAGS_PER_PAGE)
        fprintf(out, ", all %u", ev->tags[0]);
    else
        fputs(", not all the same", out);
}

static void write_event(const struct event *ev, FILE *out)
{
    const char *function = mm_path_function(ev->path);

    if (*function)
        fprintf(out, "%s(): ", function);
    for (const char *at = said[ev->kind]; *at; at++)
        if (at[0] == '%' && at[1] == 's') {
            write_page(ev, out);
            at++;
        } else if (at[0] == '%' && at[1] == 'm') {
            fprintf(out, "%" PRIu32, ev->mm);
            at++;
        } else
            fputc(*at, out);
    if (ev->kind == EV_TAG_MOVE || ev->kind == EV_REMAP)
        fprintf(out, " to 0x%" PRIx64, ev->to);
    if (ev->kind == EV_TAG_SAVE || ev->kind == EV_TAG_RESTORE)
        write_tags(ev, out);
}

static void heard(void *ctx, const struct event *ev)
{
    struct story *s = ctx;
    char text[TEXT_MAX] = "";
    FILE *out;

    if (!said[ev->kind])
        return;
    out = fmemopen(text, sizeof(text), "w");
    if (!out)
        return;
    write_event(ev, out);
    fclose(out);
    json_array_append_new(s->events, json_string(text));
}

static const struct listener_ops ops = {.event = heard};

static struct judge *judge_of(const struct story *s)
{
    return alone_judge(world_alone(s->world));
}

struct story *story_begin(struct world *w)
{
    struct story *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->world = w;
    s->steps = json_array();
    s->events = json_array();
    s->listener = (struct listener){.ops = &ops, .ctx = s};
    s->seen = found_look(judge_of(s));
    hub_listen(judge_hub(judge_of(s)), &s->listener);
    return s;
}

/* What the judge has told of in this step, and @data. */
static json_t *findings(struct story *s, const struct found_key *data)
{
    const struct found_way way = {.length = 1};
    struct found_list *l = found_create();
    json_t *all = json_array();
    unsigned nr;

    if (!l)
        return all;
    (void)found_collect(l, judge_of(s), &s->seen, &way);
    if (data)
        (void)found_add(l, data, &way);
    nr = found_sort(l);
    for (unsigned i = 0; i < nr; i++) {
        const struct found_key *key = &found_nth(l, i)->key;
        const char *detail = outcome_detail(key);

        json_array_append_new(
            all,
            json_sprintf(
                "%s%s%s%s%s%s", found_class_name(key->class),
                detail ? " (" : "", detail ? detail : "", detail ? ")" : "",
                key->path == PATH_NONE ? "" : ", on path ",
                key->path == PATH_NONE ? "" : mm_path_name(key->path)));
    }
    found_destroy(l);
    return all;
}

void story_step(struct story *s, const char *name, const struct found_key *data)
{
    json_t *step = name ? json_string(name) : json_null();

    json_array_append_new(s->steps,
                          json_pack("{s:o, s:o, s:o}", "step", step, "events",
                                    s->events, "findings", findings(s, data)));
    s->events = json_array();
    s->seen = found_look(judge_of(s));
}

json_t *story_end(struct story *s)
{
    json_t *steps = s->steps;

    hub_unlisten(judge_hub(judge_of(s)), &s->listener);
    json_decref(s->events);
    free(s);
    return steps;
}

static bool are_strings(const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!json_is_string(json_array_get(list, i)))
            return false;
    return json_is_array(list);
}

bool story_is_one(const json_t *json)
{
    for (size_t i = 0; i < json_array_size(json); i++) {
        const json_t *one = json_array_get(json, i);
        const json_t *step = json_object_get(one, "step");

        if (!(json_is_string(step) || json_is_null(step)) ||
            !are_strings(json_object_get(one, "events")) ||
            !are_strings(json_object_get(one, "findings")))
            return false;
    }
    return json_is_array(json);
}
