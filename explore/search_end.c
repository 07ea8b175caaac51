// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "explore/search.h"

#define TEXT(x)  TEXT1(x)
#define TEXT1(x) #x

static const struct {
    const char *name, *text;
} ends[SEARCH_ENDS] = {
    [SEARCH_TIME] = {"time", "ended by --time"},
    [SEARCH_SIGINT] = {"SIGINT", "ended by SIGINT"},
    [SEARCH_ROOM] = {"room", "no room for more states"},
    [SEARCH_FRAMES] = {"frames", "a sequence needs more than " TEXT(
                                     WORLD_FRAMES) " frames"},
    [SEARCH_CRASH] = {"crash", "adiemu crashed"},
};

const char *search_end_name(enum search_end end)
{
    return ends[end].name;
}

enum search_end search_end_find(const char *name)
{
    int end = SEARCH_ENDS - 1;

    while (end > SEARCH_WHOLE && strcmp(ends[end].name, name) != 0)
        end--;
    return (enum search_end)end;
}

const char *search_end_text(enum search_end end)
{
    return ends[end].text;
}
