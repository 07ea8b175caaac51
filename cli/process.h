/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/process.h - adiemu as a process of the host
 *
 * Owns:    the streams stdout and stderr
 * Used by: cli/main.c, before anything else
 */
#pragma once

/*
 * process_init - so that no descriptor, and no flag of one, takes us unawares
 *
 * - What of 0, 1 and 2 is closed is opened on /dev/null: otherwise the first
 *   file that adiemu opens, for example swap, would be the program's stdin.
 * - stdout and stderr lose nothing when a program that has them too sets
 *   O_NONBLOCK.
 * - A write beyond RLIMIT_FSIZE is an error, and no SIGXFSZ ends us.
 * - The limit of descriptors is as high as the host allows: each open file of
 *   the guest takes one.
 *
 * Returns which of 0, 1 and 2 were closed, a bit for each.
 */
unsigned process_init(void);
