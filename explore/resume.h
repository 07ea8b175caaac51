/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/resume.h - a search that goes on where another one ended
 *
 * Owns:    the file in which it is kept between them
 * Used by: cli/explore.c
 *
 * The file has what was seen and found up to the last complete depth, 24 bytes
 * a state, and a checksum.  It is for machines of the same byte order.
 */
#pragma once

#include "explore/search.h"

/*
 * resume_save - keep where @s stands, between two depths
 *
 * @identity: what it is a search of (explore/identity.h)
 *
 * "@path.new" is written, and renamed: until then @path is what it was.
 * Returns 0 or -errno.
 */
MUST_CHECK int resume_save(const char *path, struct search *s,
                           const char *identity);

/*
 * resume_load - let search_run() go on from there; @s was just made
 *
 * Prints what is wrong with the file to @err, as "adiemu: @path: ...".
 * Returns 0; -ENOENT: there is none; -EBADMSG: it is damaged, or of another
 * search, and @s is good for search_destroy() only; another -errno.
 */
MUST_CHECK int resume_load(const char *path, struct search *s,
                           const char *identity, FILE *err);
