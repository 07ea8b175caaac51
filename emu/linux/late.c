// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/late.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "emu/linux/uaccess.h"

/* More than any call has for the user at once. */
#define LATE_MAX (2 * BOUNCE_BYTES)

struct late_copy {
    uint64_t va;
    size_t len;
    struct bis_lines lines;
    bool forgiven;
    struct late_copy *next;
    uint8_t bytes[];
};

int late_add(struct task *t, uint64_t va, const void *src, size_t len,
             struct bis_lines lines)
{
    struct late_copy *copy;
    uint64_t kept = len;

    LL_FOREACH(t->wait.call.late, copy) {
        kept += copy->len;
    }
    if (kept > LATE_MAX)
        return -EAGAIN;
    copy = malloc(sizeof(*copy) + len);
    if (!copy)
        return -ENOMEM;
    *copy = (struct late_copy){.va = va, .len = len, .lines = lines};
    memcpy(copy->bytes, src, len);
    LL_APPEND(t->wait.call.late, copy);
    return 0;
}

enum access_end late_make(struct task *t)
{
    struct late_copy *copy;

    while ((copy = t->wait.call.late) != NULL) {
        size_t left = copy->len;
        enum access_end end =
            copy_late_to_user(t, copy->va, copy->bytes, &left, copy->lines);
        size_t done = copy->len - left;

        if (end == ACCESS_WAIT) {
            copy->va += done;
            copy->len = left;
            memmove(copy->bytes, copy->bytes + done, left);
            return end;
        }
        if (end == ACCESS_FAULT && !copy->forgiven)
            t->wait.call.late_failed = true;
        LL_DELETE(t->wait.call.late, copy);
        free(copy);
    }
    return t->wait.call.late_failed ? ACCESS_FAULT : ACCESS_DONE;
}

void late_forgive(struct task *t)
{
    struct late_copy *copy;

    LL_FOREACH(t->wait.call.late, copy) {
        copy->forgiven = true;
    }
}

void late_free(struct late_copy *list)
{
    struct late_copy *copy, *next;

    LL_FOREACH_SAFE(list, copy, next) {
        free(copy);
    }
}
