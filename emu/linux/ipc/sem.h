/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/ipc/sem.h - System V semaphores
 *
 * Owns:    struct sem_array, who waits for one, what is undone at exit
 * Used by: emu/linux/ipc/sys_sem.c, ipc.c, proc_ipc.c, sched.c, process.c
 * Source:  linux v6.2 ipc/sem.c
 * Differs: one queue of those that alter, one of those that wait for zero;
 *          Linux has these for each semaphore, and wakes in the same order
 */
#pragma once

#include "emu/linux/ipc/ipc.h"

#define SEMVMX 32767 /* highest value */
#define SEMMSL 32000
#define SEMMNI 32000
#define SEMMNS (SEMMNI * SEMMSL)
#define SEMOPM 500

#define SEM_G_UNDO 0x1000

struct sembuf {
    uint16_t num;
    int16_t op, flags;
};

struct sem {
    int val;
    uint32_t pid; /* of the last operation */
};

/* Whose undos they are: tasks that share them (CLONE_SYSVSEM). */
struct sem_undo_list {
    int refs;
};

/* What is added when the last of them ends. */
struct sem_undo {
    const struct sem_undo_list *list;
    struct sem_undo *prev, *next;
    int16_t adj[];
};

struct sem_array {
    struct ipc_perm perm; /* first */
    struct machine *m;    /* borrowed */
    uint64_t otime, ctime;
    struct sem_queue *alter, *zero; /* who waits, first come first */
    struct sem_undo *undo;          /* owned */
    int nsems;
    struct sem sems[];
};

/* One semop(2), while it waits. */
struct sem_queue {
    struct sem_array *sma; /* NULL: not queued any more */
    struct task *task;
    struct sem_undo *undo;
    const struct sembuf *blocking; /* the first that cannot be done */
    uint32_t pid;
    bool alters;
    int status; /* -EINTR: nobody has done or refused it */
    struct sem_queue *prev, *next;
    unsigned nsops;
    struct sembuf sops[];
};

void sem_init_ns(struct ipc_namespace *ns);
void sem_free(struct ipc_namespace *ns, struct ipc_perm *perm);

/* newary(), sem_more_checks() */
extern const struct ipc_ops sem_ops;

/* NULL: there is no such array */
struct sem_array *sem_by_id(const struct ipc_namespace *ns, int id);

/* sem_remove - IPC_RMID: freeary(), those that wait get EIDRM */
void sem_remove(struct sem_array *sma);

/* sem_find_undo - find_alloc_undo(); NULL: no memory */
struct sem_undo *sem_find_undo(struct sem_array *sma, struct task *t);

/* sem_share_undo - copy_semundo() with CLONE_SYSVSEM; Returns 0 or -ENOMEM */
MUST_CHECK int sem_share_undo(struct task *t, struct task *parent);

/*
 * sem_try - perform_atomic_semop(), all of @q or nothing
 *
 * Returns 0, 1: it must wait, -EAGAIN: it may not; -ERANGE.
 */
MUST_CHECK int sem_try(struct sem_array *sma, struct sem_queue *q);

/* sem_wait - queue @q, whose task is going to wait */
void sem_wait(struct sem_array *sma, struct sem_queue *q);

/* sem_forget - whatever it waited for: take it out and free it; NULL: none */
void sem_forget(struct sem_queue *q);

/* sem_update - do_smart_update(): values have changed */
void sem_update(struct sem_array *sma);

/* sem_count - count_semcnt(): GETZCNT, GETNCNT */
int sem_count(const struct sem_array *sma, int num, bool zero);

/* sem_exit - exit_sem(): carry out what @t wanted undone, with all who share
 * that */
void sem_exit(struct task *t);

/* sem_put_undo - of a task that has done nothing yet, or has left */
void sem_put_undo(struct task *t);
