/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/bytes.h - what a program must find in each of its pages
 *
 * Owns:    struct bytes: what was stored, by process and page
 * Used by: explore/world.c, explore/state.c
 * Source:  mmap(2), mremap(2), madvise(2), fork(2), ftruncate(2),
 *          fallocate(2), pwrite(2) of man-pages 6.03
 *
 * It follows actions and whether they failed, and knows nothing of frames,
 * page tables or slots.  Where what a call leaves is not defined, or is too
 * intricate, a byte is unknown until it is stored to again.  Where it is
 * unknown what a page shows, a store to it makes all objects unknown.
 */
#pragma once

#include "explore/found.h"
#include "explore/scope.h"
#include "script/drive.h"

struct alone;
struct bytes;
struct mm_policy;

/* bytes_create - of one process that has mapped nothing; NULL: no memory
 *
 * @scope:  borrowed; the pages that are followed, and the bytes of each
 * @policy: borrowed; of the kernel, for the advice that it has
 */
struct bytes *bytes_create(const struct scope *scope,
                           const struct mm_policy *policy);

/* bytes_did - @action was carried out, by process @pid if it names none */
void bytes_did(struct bytes *b, const struct script_action *action,
               uint32_t pid, const struct drive_result *r);

/* bytes_changes - can it change what pages have, or which there are? */
bool bytes_changes(const struct script_action *action);

/* bytes_forget - these were done in one order or the other: what pages of
 * theirs have is unknown */
void bytes_forget(struct bytes *b, const struct script_action *one,
                  const struct script_action *other);

/*
 * bytes_look - after @action, does each page that is there show what it must?
 *
 * One that does not is unknown from then on.  True: there was one, and @key
 * says how it was wrong.  The model is asked for the reason alone.
 */
bool bytes_look(struct bytes *b, const struct alone *a,
                const struct script_action *action, struct found_key *key);

/* bytes_hash - equal where all that is known is; two words of 64 bits */
void bytes_hash(const struct bytes *b, uint64_t out[static 2]);
