/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/sandbox/sandbox.h - --sandbox: what adiemu gives up before the program
 *
 * Owns:    the rules that the host is told
 * Used by: emu/machine.c
 *
 * Two walls.  adiemu refuses what leads outside, with an errno that says so
 * (emu/linux/path/confine.h, emu/linux/net/sock.h).  Behind it the host does,
 * should a program ever get adiemu itself to do its will: Landlock for files,
 * TCP, signals and abstract names, seccomp for all other calls.
 */
#pragma once

#include "emu/linux/path/confine.h"

/*
 * sandbox_available - can the host do it at all?
 *
 * @abstract: does it keep abstract names of AF_UNIX apart?
 * Returns NULL, or a sentence that says why not.
 */
const char *sandbox_available(bool *abstract);

/*
 * sandbox_enter - from here on this process has nothing but what @c says, and
 * what it has open
 *
 * It must have one thread only.  @abi: landlock_abi(), or of an older host.
 * Returns NULL, or a sentence; the process must end then.
 */
const char *sandbox_enter(const struct confine *c, int abi);

/* landlock.c: the version that the host has; 0: none */
int landlock_abi(void);
/* 0 or -errno */
MUST_CHECK int landlock_enter(const struct confine *c, int abi);

/* seccomp.c: 0 or -errno; @abi: of landlock, which guards kill(2) from 6 on */
MUST_CHECK int seccomp_enter(int abi);
