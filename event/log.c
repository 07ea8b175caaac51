// SPDX-License-Identifier: GPL-2.0-or-later
#include "event/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/word.h"

#define MAX_TEXT 4096 /* what is longer is cut */

static const char *const categories[] = {
    [LOG_CPU] = "cpu",       [LOG_MM] = "mm",           [LOG_SWAP] = "swap",
    [LOG_TAGS] = "tags",     [LOG_SYSCALL] = "syscall", [LOG_SIGNAL] = "signal",
    [LOG_LOADER] = "loader", [LOG_EVENT] = "event",
};

static const char *const levels[] = {
    [LOG_OFF] = "off",
    [LOG_WARN] = "warn",
    [LOG_INFO] = "info",
    [LOG_DEBUG] = "debug",
};

void log_init(struct log *log)
{
    log->partial = NULL;
    for (int c = 0; c < LOG_CATEGORIES; c++)
        log->level[c] = LOG_WARN;
}

/* Position of the word [s, s + len) in @names, or -1. */
static int find(const char *const *names, int nr, const char *s, size_t len)
{
    for (int i = 0; i < nr; i++)
        if (strlen(names[i]) == len && strncmp(names[i], s, len) == 0)
            return i;
    return -1;
}

int log_configure(struct log *log, const char *spec, const char **bad)
{
    struct log result = *log;

    while (*spec) {
        size_t name = strcspn(spec, ":,");
        const char *word = spec + name + (spec[name] == ':');
        size_t len = strcspn(word, ",");
        int c = find(categories, LOG_CATEGORIES, spec, name);
        int l = find(levels, LOG_DEBUG + 1, word, len);
        bool all = name == 3 && strncmp(spec, "all", 3) == 0;

        *bad = spec;
        if (spec[name] != ':' || (c < 0 && !all))
            return -EINVAL;
        *bad = word;
        if (l < 0)
            return -EINVAL;
        for (int i = 0; i < LOG_CATEGORIES; i++)
            if (all || i == c)
                result.level[i] = (enum log_level)l;
        spec = word + len + (word[len] == ',');
    }
    *log = result;
    return 0;
}

int log_close(FILE *f)
{
    bool bad;

    errno = 0;
    bad = ferror(f) != 0;
    bad |= fclose(f) != 0;
    return bad ? -(errno ? errno : EIO) : 0;
}

void log_end_line(const struct log *log)
{
    if (!log->partial || !*log->partial)
        return;
    fputs(" <unfinished ...>\n", stderr);
    *log->partial = false;
}

void log_print(const struct log *log, enum log_category c, enum log_level l,
               const char *fmt, ...)
{
    char text[MAX_TEXT];
    va_list ap;

    if (!log_wants(log, c, l))
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    log_end_line(log);
    say_line(stderr, "%s %s %s", categories[c], levels[l], text);
}
