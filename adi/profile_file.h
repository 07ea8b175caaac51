/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adi/profile_file.h - a kernel of one's own, as text
 *
 * Owns:    struct profile_file: a profile, and the names that it has
 * Used by: cli/explore.c, tests
 *
 * A profile begins as one that is built in, and changes hooks, store or
 * policies of it: a patch, written down.  docs/judge-a-patch.md has the words.
 */
#pragma once

#include "adi/profile.h"

struct profile_file {
    struct adi_profile profile;
    char name[64], summary[128];
};

struct profile_error {
    unsigned line; /* from 1 */
    char text[160];
};

/*
 * profile_file_parse - read a profile
 *
 * @text: @len bytes of any kind
 * @out:  stays where it is as long as its profile is used
 * Returns 0, or -EBADMSG with @err.
 */
MUST_CHECK int profile_file_parse(const char *text, size_t len,
                                  struct profile_file *out,
                                  struct profile_error *err);
