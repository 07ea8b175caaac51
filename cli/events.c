#include "cli/events.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define CHUNK 65536

/* The whole of @path, owned by the caller; NULL with errno. */
static char *read_file(const char *path, size_t *len)
{
    FILE *in = fopen(path, "r");
    char *text = NULL;

    if (!in)
        return NULL;
    *len = 0;
    for (;;) {
        char *grown = realloc(text, *len + CHUNK);
        size_t n;

        if (!grown)
            break;
        text = grown;
        n = fread(text + *len, 1, CHUNK, in);
        *len += n;
        if (n > 0)
            continue;
        if (ferror(in))
            break;
        fclose(in);
        return text;
    }
    free(text);
    fclose(in);
    return NULL;
}

static void print_errors(const char *path, const struct script *s)
{
    size_t kept =
        s->nr_errors < SCRIPT_MAX_ERRORS ? s->nr_errors : SCRIPT_MAX_ERRORS;

    for (size_t i = 0; i < kept; i++)
        fprintf(stderr, "%s:%u:%u: %s\n", path, s->errors[i].line,
                s->errors[i].col, s->errors[i].text);
    if (s->nr_errors > kept)
        fprintf(stderr, "%s: %zu more errors\n", path, s->nr_errors - kept);
}

int events_load(const char *path, const struct script_rules *rules,
                struct script *out)
{
    size_t len;
    char *text = read_file(path, &len);
    int err;

    if (!text)
        return -errno;
    err = script_parse(text, len, rules, out);
    free(text);
    if (err || out->nr_errors == 0)
        return err;
    print_errors(path, out);
    script_free(out);
    return -EBADMSG;
}
