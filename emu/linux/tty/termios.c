// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/tty/termios.h"

#include <asm/termbits.h>
#include <endian.h>

/* Of the guest. */
#define FLUSHO_G 0x2000u
#define CBAUD_G  0x100fu
#define BOTHER_G 0x1000u
#define ICANON_G 0x2u
#define VMIN_G   4 /* in place of VEOF and VEOL without ICANON */
#define VTIME_G  5
#define VDSUSP_G 11
#define CTRL_Y   0x19

/* All other flags are the same bits on the machines that we run on. */
static_assert(ICANON == ICANON_G && CBAUD == CBAUD_G && BOTHER == BOTHER_G &&
                  IBSHIFT == 16 && TOSTOP == 0x100 && IXON == 0x400 &&
                  ONLCR == 4 && CSIZE == 0x30,
              "terminal flags of the host");

/* Where the host has the characters of the guest, in the guest's order. */
static const uint8_t host_index[NCCS_G] = {
    VINTR,    VQUIT,    VERASE,  VKILL,  VEOF,  VEOL,
    VEOL2,    VSWTC,    VSTART,  VSTOP,  VSUSP, 0 /* VDSUSP */,
    VREPRINT, VDISCARD, VWERASE, VLNEXT, VMIN};

/* The speeds above B38400: other codes, or one that the other has not. */
static const struct {
    uint32_t guest, host, baud;
} speeds[] = {
    {0x1001, B57600, 57600},     {0x1002, B115200, 115200},
    {0x1003, B230400, 230400},   {0x1004, B460800, 460800},
    {0x1005, BOTHER, 76800},     {0x1006, BOTHER, 153600},
    {0x1007, BOTHER, 307200},    {0x1008, BOTHER, 614400},
    {0x1009, B921600, 921600},   {0x100a, B500000, 500000},
    {0x100b, B576000, 576000},   {0x100c, B1000000, 1000000},
    {0x100d, B1152000, 1152000}, {0x100e, B1500000, 1500000},
    {0x100f, B2000000, 2000000},
};

#define NR_SPEEDS (sizeof(speeds) / sizeof(speeds[0]))

static uint32_t speed_to_guest(uint32_t code, uint32_t baud)
{
    if (!(code & CBAUDEX))
        return code;
    for (size_t i = 0; i < NR_SPEEDS; i++)
        if (code == BOTHER ? baud == speeds[i].baud : code == speeds[i].host)
            return speeds[i].guest;
    return BOTHER_G;
}

/* *@baud only changes for a code that the host does not have. */
static uint32_t speed_from_guest(uint32_t code, uint32_t *baud)
{
    for (size_t i = 0; i < NR_SPEEDS; i++) {
        if (code != speeds[i].guest)
            continue;
        if (speeds[i].host == BOTHER)
            *baud = speeds[i].baud;
        return speeds[i].host;
    }
    return code;
}

static uint32_t cflag_to_guest(const struct termios2 *host)
{
    uint32_t in = host->c_cflag >> IBSHIFT & CBAUD;

    return (host->c_cflag & ~(uint32_t)(CBAUD | CIBAUD)) |
           speed_to_guest(host->c_cflag & CBAUD, host->c_ospeed) |
           speed_to_guest(in, host->c_ispeed) << IBSHIFT;
}

static void set_cflag(struct termios2 *host, uint32_t cflag)
{
    uint32_t out = speed_from_guest(cflag & CBAUD_G, &host->c_ospeed);
    uint32_t in = speed_from_guest(cflag >> IBSHIFT & CBAUD_G, &host->c_ispeed);

    host->c_cflag = (cflag & ~(uint32_t)(CBAUD | CIBAUD)) | out | in << IBSHIFT;
}

/* Both ways: FLUSHO, and the bit that stands there on the other side. */
static uint32_t swap_lflag(uint32_t lflag)
{
    return (lflag & ~(FLUSHO_G | FLUSHO)) | (lflag & FLUSHO_G ? FLUSHO : 0) |
           (lflag & FLUSHO ? FLUSHO_G : 0);
}

static void cc_to_guest(const struct termios2 *host, uint8_t *cc, unsigned nr)
{
    for (unsigned i = 0; i < nr; i++)
        cc[i] = i == VDSUSP_G ? CTRL_Y : host->c_cc[host_index[i]];
    if (!(host->c_lflag & ICANON)) {
        cc[VMIN_G] = host->c_cc[VMIN];
        cc[VTIME_G] = host->c_cc[VTIME];
    }
}

static void set_cc(struct termios2 *host, const uint8_t *cc, unsigned nr)
{
    for (unsigned i = 0; i < nr; i++)
        if (i != VDSUSP_G)
            host->c_cc[host_index[i]] = cc[i];
}

void termios_to_guest(const struct termios2 *host, struct termios2_g *out)
{
    *out = (struct termios2_g){.iflag = htobe32(host->c_iflag),
                               .oflag = htobe32(host->c_oflag),
                               .cflag = htobe32(cflag_to_guest(host)),
                               .lflag = htobe32(swap_lflag(host->c_lflag)),
                               .line = host->c_line,
                               .ispeed = htobe32(host->c_ispeed),
                               .ospeed = htobe32(host->c_ospeed)};
    cc_to_guest(host, out->cc, NCCS_G);
}

void termio_to_guest(const struct termios2 *host, struct termio_g *out)
{
    *out =
        (struct termio_g){.iflag = htobe16((uint16_t)host->c_iflag),
                          .oflag = htobe16((uint16_t)host->c_oflag),
                          .cflag = htobe16((uint16_t)cflag_to_guest(host)),
                          .lflag = htobe16((uint16_t)swap_lflag(host->c_lflag)),
                          .line = host->c_line};
    cc_to_guest(host, out->cc, NCC_G);
}

void termios_from_guest(const struct termios2_g *in, struct termios2 *host)
{
    host->c_iflag = be32toh(in->iflag);
    host->c_oflag = be32toh(in->oflag);
    set_cflag(host, be32toh(in->cflag));
    host->c_lflag = swap_lflag(be32toh(in->lflag));
    host->c_line = in->line;
    set_cc(host, in->cc, NCCS_G);
    if (!(host->c_lflag & ICANON)) {
        host->c_cc[VMIN] = in->cc[VMIN_G];
        host->c_cc[VTIME] = in->cc[VTIME_G];
    }
}

/* The lower half of each word of flags. */
static uint32_t low_half(uint32_t now, uint16_t in)
{
    return (now & 0xffff0000u) | be16toh(in);
}

void termio_from_guest(const struct termio_g *in, struct termios2 *host)
{
    host->c_iflag = low_half(host->c_iflag, in->iflag);
    host->c_oflag = low_half(host->c_oflag, in->oflag);
    set_cflag(host, low_half(cflag_to_guest(host), in->cflag));
    host->c_lflag = swap_lflag(low_half(swap_lflag(host->c_lflag), in->lflag));
    host->c_line = in->line;
    set_cc(host, in->cc, NCC_G);
}

void termios_speeds_from_guest(const struct termios2_g *in,
                               struct termios2 *host)
{
    if ((be32toh(in->cflag) & CBAUD_G) == BOTHER_G)
        host->c_ospeed = be32toh(in->ospeed);
    if ((be32toh(in->cflag) >> IBSHIFT & CBAUD_G) == BOTHER_G)
        host->c_ispeed = be32toh(in->ispeed);
}
