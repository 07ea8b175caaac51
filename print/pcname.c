// SPDX-License-Identifier: GPL-2.0-or-later
#include "print/pcname.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "print/internal.h"
#include "print/json.h"
#include "print/text.h"

static size_t find(const struct report *r, uint32_t program, gva_t pc,
                   struct pc_name names[static PC_NAMES])
{
    if (!r->namer || !program)
        return 0;
    return r->namer->find(r->namer->ctx, program, pc, names);
}

void pc_name_set(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text ? text : "");
    for (; *out; out++)
        if (*out < ' ' || *out > '~')
            *out = '?';
}

static void print_name(FILE *out, const struct pc_name *name)
{
    const char *slash = strrchr(name->file, '/');

    fputs(*name->function ? name->function : "??", out);
    if (name->line)
        fprintf(out, " (%s:%" PRIu32 ")", slash ? slash + 1 : name->file,
                name->line);
    else if (*name->library)
        fprintf(out, " (in %s)", name->library);
}

void print_frame(FILE *out, const struct report *r, const char *lead,
                 uint32_t program, gva_t pc)
{
    struct pc_name names[PC_NAMES];
    size_t nr = find(r, program, pc, names);

    fprintf(out, P "   %s 0x%" PRIx64, lead, pc);
    for (size_t i = 0; i < nr; i++) {
        if (i > 0)
            fprintf(out, P "      inlined in");
        fputs(i > 0 ? " " : ": ", out);
        print_name(out, &names[i]);
        fputc('\n', out);
    }
    if (nr == 0)
        fputc('\n', out);
}

void print_pc(FILE *out, const struct report *r, uint32_t program, gva_t pc)
{
    struct pc_name names[PC_NAMES];
    size_t nr = find(r, program, pc, names);

    fprintf(out, ", pc 0x%" PRIx64, pc);
    for (size_t i = 0; i < nr; i++) {
        fputs(i > 0 ? " in " : " = ", out);
        print_name(out, &names[i]);
    }
}

static json_t *json_names(const struct pc_name *names, size_t nr)
{
    json_t *list = json_array();

    for (size_t i = 0; i < nr; i++)
        json_array_append_new(
            list,
            json_pack("{s:o, s:o, s:o, s:o}", "function",
                      *names[i].function ? json_string(names[i].function)
                                         : json_null(),
                      "file",
                      names[i].line ? json_string(names[i].file) : json_null(),
                      "line", names[i].line ? num(names[i].line) : json_null(),
                      "library",
                      *names[i].library ? json_string(names[i].library)
                                        : json_null()));
    return list;
}

/* An object with a "pc" gets "code"; its "program", or that of one around. */
static void name_object(const struct report *r, json_t *obj, uint32_t program)
{
    struct pc_name names[PC_NAMES];
    const json_t *own = json_object_get(obj, "program");
    const char *pc = json_string_value(json_object_get(obj, "pc")), *key;
    json_t *value;

    if (own)
        program = (uint32_t)json_integer_value(own);
    json_object_foreach(obj, key, value)
    {
        json_name_code(r, value, program);
    }
    if (pc) {
        size_t nr = find(r, program, strtoull(pc, NULL, 16), names);

        json_object_set_new(obj, "code", json_names(names, nr));
    }
}

void json_name_code(const struct report *r, json_t *tree, uint32_t program)
{
    json_t *value;
    size_t i;

    if (json_is_object(tree))
        name_object(r, tree, program);
    json_array_foreach(tree, i, value)
    {
        json_name_code(r, value, program);
    }
}
