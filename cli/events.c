// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/word.h"
#include "cli/events.h"

#include <errno.h>
#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>

#define CHUNK     65536
#define MAX_BYTES (16u << 20)

/*
 * The whole of @path, owned by the caller; NULL with errno, EFBIG for a file
 * that is too large or has no end.
 */
static char *read_file(const char *path, size_t *len)
{
    FILE *in = fopen(path, "r");
    char *text = NULL;
    int err;

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
        if (*len > MAX_BYTES) {
            errno = EFBIG;
            break;
        }
        if (n > 0)
            continue;
        if (ferror(in))
            break;
        fclose(in);
        return text;
    }
    err = errno;
    free(text);
    fclose(in);
    errno = err;
    return NULL;
}

static void print_errors(const char *path, const struct script *s)
{
    size_t kept =
        s->nr_errors < SCRIPT_MAX_ERRORS ? s->nr_errors : SCRIPT_MAX_ERRORS;

    for (size_t i = 0; i < kept; i++)
        say_line(stderr, "%s:%u:%u: %s", path, s->errors[i].line,
                 s->errors[i].col, s->errors[i].text);
    if (s->nr_errors > kept)
        say_line(stderr, "%s: %zu more errors", path, s->nr_errors - kept);
}

int events_load(const char *path, const struct script_rules *rules,
                struct script *out, char sha256[static EVENTS_SHA256])
{
    size_t len;
    char *text = read_file(path, &len);
    int err;

    if (!text)
        return -errno;
    SHA256Data((const uint8_t *)text, len, sha256);
    err = script_parse(text, len, rules, out);
    free(text);
    if (err || out->nr_errors == 0)
        return err;
    print_errors(path, out);
    script_free(out);
    return -EBADMSG;
}
