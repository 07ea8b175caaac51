// SPDX-License-Identifier: GPL-2.0-or-later
#include "event/hosterr.h"

#include <stdlib.h>
#include <string.h>

#include "base/word.h"
#include "event/internal.h"

static struct host_error *find(struct host_errors *list, const char *what,
                               const char *call, int error)
{
    for (size_t i = 0; i < list->nr; i++) {
        struct host_error *e = &list->at[i];

        if (e->error == error && strcmp(e->what, what) == 0 &&
            strcmp(e->call, call) == 0)
            return e;
    }
    return NULL;
}

/* NULL: no memory, and it is told on stderr at most. */
static struct host_error *add(struct host_errors *list, const char *what,
                              const char *call, int error)
{
    struct host_error *at =
        realloc(list->at, (list->nr + 1) * sizeof(*list->at));
    char *copy = strdup(what);

    if (at)
        list->at = at;
    if (!at || !copy) {
        free(copy);
        return NULL;
    }
    at[list->nr] =
        (struct host_error){.what = copy, .call = call, .error = error};
    return &at[list->nr++];
}

void hub_host_error(struct hub *hub, const char *what, const char *call,
                    int error)
{
    struct host_error *e = find(&hub->host_errors, what, call, error);

    if (!e) {
        if (!hub->host_errors.quiet) {
            fflush(stdout);
            say_line(stderr, "adiemu: %s: %s: %s", what, call, strerror(error));
        }
        e = add(&hub->host_errors, what, call, error);
    }
    if (e)
        e->count++;
}

void hub_quiet_host_errors(struct hub *hub)
{
    hub->host_errors.quiet = true;
}

size_t hub_nr_host_errors(const struct hub *hub)
{
    return hub->host_errors.nr;
}

const struct host_error *hub_nth_host_error(const struct hub *hub, size_t n)
{
    return &hub->host_errors.at[n];
}

void host_errors_fini(struct host_errors *list)
{
    for (size_t i = 0; i < list->nr; i++)
        free(list->at[i].what);
    free(list->at);
}
