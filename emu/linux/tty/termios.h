/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/tty/termios.h - terminal settings in the layout of sparc64
 *
 * Owns:    struct termios2, struct termio of the guest, and ioctl numbers
 * Used by: emu/linux/tty/host_ioctl.c
 * Source:  linux v6.2 arch/sparc/include/uapi/asm/{termbits,ioctls}.h,
 *          arch/sparc/kernel/termios.c
 */
#pragma once

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/linux/abi_file.h"

struct termios2;

#define NCC_G  8
#define NCCS_G 17

/* All of it, or without the last three for TCGETS and TCSETS. */
struct termios2_g {
    uint32_t iflag, oflag, cflag, lflag;
    uint8_t line;
    uint8_t cc[NCCS_G];
    uint8_t more_cc[2]; /* the kernel's; not copied */
    uint32_t ispeed, ospeed;
};

struct termio_g {
    uint16_t iflag, oflag, cflag, lflag;
    uint8_t line;
    uint8_t cc[NCC_G];
};

#define TERMIOS_G_BYTES offsetof(struct termios2_g, more_cc)
#define TERMIOS_G_SIZE  36 /* in the numbers: padded */

static_assert(TERMIOS_G_BYTES == 34, "struct termios");
static_assert(sizeof(struct termios2_g) == 44, "struct termios2");
static_assert(sizeof(struct termio_g) == 18, "struct termio");

#define TCGETA_G   IOR_G('T', 1, sizeof(struct termio_g))
#define TCSETA_G   IOW_G('T', 2, sizeof(struct termio_g))
#define TCSETAW_G  IOW_G('T', 3, sizeof(struct termio_g))
#define TCSETAF_G  IOW_G('T', 4, sizeof(struct termio_g))
#define TCGETS_G   IOR_G('T', 8, TERMIOS_G_SIZE)
#define TCSETS_G   IOW_G('T', 9, TERMIOS_G_SIZE)
#define TCSETSW_G  IOW_G('T', 10, TERMIOS_G_SIZE)
#define TCSETSF_G  IOW_G('T', 11, TERMIOS_G_SIZE)
#define TCGETS2_G  IOR_G('T', 12, sizeof(struct termios2_g))
#define TCSETS2_G  IOW_G('T', 13, sizeof(struct termios2_g))
#define TCSETSW2_G IOW_G('T', 14, sizeof(struct termios2_g))
#define TCSETSF2_G IOW_G('T', 15, sizeof(struct termios2_g))

/*
 * termios_to_guest, termio_to_guest - what TCGETS2, TCGETA give
 *
 * VDSUSP, which only SPARC has and Linux does not use, is always ^Y.
 */
void termios_to_guest(const struct termios2 *host, struct termios2_g *out);
void termio_to_guest(const struct termios2 *host, struct termio_g *out);

/*
 * termios_from_guest, termio_from_guest - what TCSETS, TCSETA ask for
 *
 * @host: in: the settings of now; what the guest's have no room for stays
 */
void termios_from_guest(const struct termios2_g *in, struct termios2 *host);
void termio_from_guest(const struct termio_g *in, struct termios2 *host);

/* termios_speeds_from_guest - the numbers of TCSETS2, for BOTHER */
void termios_speeds_from_guest(const struct termios2_g *in,
                               struct termios2 *host);
