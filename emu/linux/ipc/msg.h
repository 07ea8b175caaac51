/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/ipc/msg.h - System V message queues
 *
 * Owns:    struct msg_queue, its messages, who waits to send or to receive
 * Used by: emu/linux/ipc/sys_msg.c, ipc.c, proc_ipc.c, sched.c
 * Source:  linux v6.2 ipc/msg.c
 */
#pragma once

#include "emu/linux/ipc/ipc.h"

#define MSGMNI 32000
#define MSGMAX 8192  /* bytes of a message */
#define MSGMNB 16384 /* bytes of a queue */

struct msg {
    int64_t type;
    struct msg *prev, *next;
    size_t bytes;
    uint8_t text[];
};

/* Which message a receiver takes. */
struct msg_search {
    enum {
        MSG_ANY,
        MSG_EQUAL,
        MSG_NOTEQUAL,
        MSG_LESSEQUAL, /* the lowest type of them */
        MSG_NUMBER,    /* by position */
    } mode;
    int64_t type;
};

/* A process that waits: to send when @text is set, else to receive. */
struct msg_waiter {
    struct msg_queue *q; /* NULL: not queued any more */
    struct task *task;
    bool sends;
    struct msg *msg; /* owned; to be sent, or received */
    struct msg_search search;
    uint64_t maxsize; /* a larger message is E2BIG */
    int status;       /* -EAGAIN: look again; 0: @msg is it; else the result */
    struct msg_waiter *prev, *next;
};

struct msg_queue {
    struct ipc_perm perm; /* first */
    struct machine *m;    /* borrowed */
    uint64_t stime, rtime, ctime;
    uint64_t cbytes, qnum, qbytes;
    uint32_t lspid, lrpid;
    struct msg *msgs; /* owned; oldest first */
    struct msg_waiter *senders, *receivers;
};

void msg_init_ns(struct ipc_namespace *ns);
void msg_free(struct ipc_namespace *ns, struct ipc_perm *perm);

/* newque() */
extern const struct ipc_ops msg_ops;

/* NULL: there is no such queue */
struct msg_queue *msg_by_id(const struct ipc_namespace *ns, int id);

/* msg_fits - msg_fits_inqueue() */
bool msg_fits(const struct msg_queue *q, size_t bytes);

/* msg_send - to who waits for it, or into the queue; @msg: given away */
void msg_send(struct msg_queue *q, struct msg *msg, const struct task *t);

/*
 * msg_find - find_msg(); NULL: none
 * msg_take - it leaves the queue, and is the caller's; senders may go on
 */
struct msg *msg_find(const struct msg_queue *q, struct msg_search search);
void msg_take(struct msg_queue *q, struct msg *msg, const struct task *t);

/* msg_wait - the task of @w is going to wait; in the tail of its queue */
void msg_wait(struct msg_queue *q, struct msg_waiter *w);

/* msg_forget - whatever it waited for: take it out and free it; NULL: none */
void msg_forget(struct msg_waiter *w);

/* msg_changed - IPC_SET: all that wait look again */
void msg_changed(struct msg_queue *q);
