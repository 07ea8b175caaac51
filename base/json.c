// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

json_t *json_name(const char *name)
{
    json_t *value = json_string(name);
    char *copy = value ? NULL : strdup(name);

    for (char *c = copy; c && *c; c++)
        if (*c & 0x80)
            *c = '?';
    if (copy)
        value = json_string(copy);
    free(copy);
    return value;
}
