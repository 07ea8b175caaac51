/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/net/flight.h - what is on its way in a message from one task of
 * this machine to another: open files, and who has sent them
 *
 * Owns:    struct flight, m->flights, which are all of them
 * Used by: emu/linux/net/, emu/machine.c
 * Source:  linux v6.2 net/core/scm.c struct scm_cookie; the way is ours
 * Differs: no unix_gc(): sockets that are in nothing but each other's queues
 *          stay until the end of the run
 *
 * The host carries a token: one end of a pipe, as a descriptor of the message.
 * The flight has the other, and what the message means.  Wherever the message
 * goes, is read, peeked at or dropped, its flight is found by the token's
 * inode, and it is over when the host has closed the last copy: our end hangs
 * up. An open file of the guest, whatever its kind, is the same on both sides.
 */
#pragma once

#include "emu/linux/net/sock.h"

/* What a message has beside its bytes. */
struct scm {
    bool has_cred;
    struct sock_cred cred;
    unsigned nr;              /* of: */
    struct open_file **files; /* owned, counted */
};

/* scm_get - a copy that owns what it has; 0 or -ENOMEM.  scm_put gives that
 * back. */
MUST_CHECK int scm_get(struct scm *to, const struct scm *from);
void scm_put(struct scm *scm);

/*
 * flight_begin - @scm is about to be sent
 *
 * @scm: copied
 * Returns the token, which is to be closed when it was sent, or was not;
 * -ENOMEM, -ENFILE.
 */
MUST_CHECK int flight_begin(struct machine *m, const struct scm *scm);

/*
 * flight_arrived - @token came with a message
 *
 * @token: closed here when it is one
 * @out:   borrowed until flights_reap()
 * Returns false: it is an open file of somebody outside.
 */
MUST_CHECK bool flight_arrived(struct machine *m, int token,
                               const struct scm **out);

/* flights_reap - those whose message is nowhere any more are over */
void flights_reap(struct machine *m);

/* flights_destroy - the run is over */
void flights_destroy(struct machine *m);
