/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/gdb/internal.h - struct gdb, for this folder
 *
 * The machine stands still while gdb has a say: all of it, processes that gdb
 * has let go too.  So there is one conversation, and it is inside of
 * debug_ops.attend().
 */
#pragma once

#include "emu/debug.h"
#include "emu/engine/cpu.h"
#include "emu/gdb/gdb.h"
#include "emu/gdb/history.h"
#include "emu/gdb/packet.h"
#include "emu/linux/sched/process.h"

/* Why it stands still. */
enum gdb_why {
    GDB_WHY_SIGNAL, /* of the program; or, as SIGTRAP, a step, or the start */
    GDB_WHY_BREAK,
    GDB_WHY_WATCH,
    GDB_WHY_FORK,
    GDB_WHY_VFORK,
    GDB_WHY_VFORK_DONE,
    GDB_WHY_EXEC,
    GDB_WHY_EXITED,
    GDB_WHY_NO_RESUMED,
    GDB_WHY_BEGIN, /* there is nothing before */
};

struct gdb_stop {
    enum gdb_why why;
    uint32_t pid, tid;
    int sig; /* the guest's number; 0: gdb interrupted */
    bool hardware;
    unsigned type; /* of a watchpoint: 2 to 4 */
    uint64_t va;
    uint32_t child_pid, child_tid;
    int status; /* of wait4() */
};

/* Z0 and Z1, for one process */
struct gdb_break {
    uint32_t pid;
    gva_t va;
    bool software, hardware;
};

/* Of so many bytes it is seen that a system call has changed them. */
#define GDB_WATCH_CALLS 64

/* Z2 to Z4 */
struct gdb_watch {
    uint32_t pid;
    unsigned type;
    gva_t va; /* without tag bits */
    uint64_t len;
    uint8_t was[GDB_WATCH_CALLS]; /* its bytes, when a call began */
};

/* What gdb wants of threads, from vCont on: the first that fits counts. */
struct gdb_action {
    uint32_t pid, tid; /* GDB_ALL: of all */
    bool step;
    int sig; /* the guest's number, 0: none */
};

#define GDB_MAX_ACTIONS 64

/* A thread that gdb steps, or that has a signal which gdb keeps. */
struct gdb_thread {
    uint32_t tid;
    bool stepping, stepped;
    uint64_t ran; /* instruction count when it had done its last one; 0: none */
    struct siginfo kept; /* signo 0: none */
};

#define GDB_MAX_FILES 32

/* vFile: one that gdb has open */
struct gdb_file {
    bool used;
    int fd;     /* owned; of the host, -1: none */
    char *text; /* owned; of one that the machine makes */
    size_t size;
    uint32_t pid; /* tags of this process; 0: it is none of tags */
};

struct gdb {
    struct gdb_config config;
    struct machine *m; /* borrowed */
    struct debug debug;
    int listener;      /* owned; -1: none */
    int fd;            /* owned; the connection, -1: none */
    char *socket_path; /* owned; NULL: a port */
    bool suspend;      /* wait for gdb before the first instruction */

    /* The line. */
    bool no_ack;
    bool interrupt; /* 0x03 came */
    bool hung_up;
    char in[GDB_PACKET_BYTES + 64];
    size_t nr_in;
    char packet[GDB_PACKET_BYTES + 1]; /* the one at hand, with a 0 */
    struct gdb_out out, sent;          /* ; the last, framed */

    /* What gdb can do. */
    bool multiprocess, fork_events, vfork_events, exec_events, no_resumed;
    bool swbreak, hwbreak;
    uint64_t pass_signals; /* SIGMASK() of those that it need not hear of */

    /* What it debugs. */
    uint32_t *pids; /* owned */
    size_t nr_pids;
    uint32_t general_pid, general_tid; /* Hg; 0: any */
    uint32_t continue_tid;             /* Hc; 0: any */
    struct gdb_break *breaks;          /* owned */
    size_t nr_breaks;
    struct gdb_watch *watches; /* owned */
    size_t nr_watches;
    struct gdb_thread *threads; /* owned */
    size_t nr_threads;
    struct gdb_action actions[GDB_MAX_ACTIONS]; /* of the last resume */
    size_t nr_actions;

    struct gdb_stop *stops; /* owned; that gdb has not heard of */
    size_t nr_stops;
    struct gdb_stop stop; /* that gdb has heard of last */
    bool resumed;         /* gdb has said: go on */
    uint64_t seen_insns;
    uint64_t next_look; /* at the line: instruction count */

    struct gdb_file files[GDB_MAX_FILES];

    bool perturbs; /* the packet at hand has changed the machine by reading */
    struct history history;
    enum log_level log_was[LOG_CATEGORIES]; /* while it is quiet */
    struct strace *strace_was;
};

/* history_quiet - what the machine says as it runs is not said; or again */
void history_quiet(struct gdb *g, bool quiet);

/* ---- line.c */

/* gdb_listen - 0, or -errno with @why: what failed */
MUST_CHECK int gdb_listen(struct gdb *g, const char *where, const char **why);
/* gdb_accept - @wait: until there is one, or the run is interrupted */
bool gdb_accept(struct gdb *g, bool wait);
void gdb_hang_up(struct gdb *g);

/*
 * gdb_receive - the next packet, in g->packet; its length
 *
 * Returns -1 when gdb is gone, or the run is to end.
 */
MUST_CHECK int gdb_receive(struct gdb *g);

/* gdb_look - what has come while the program ran: interrupt, hung_up */
void gdb_look(struct gdb *g);

/* gdb_send - g->out */
void gdb_send(struct gdb *g);

/* ---- stub.c */

/* gdb_talk - do what gdb says until it lets the program go on */
void gdb_talk(struct gdb *g);

/* gdb_error - a reply: Exx */
void gdb_error(struct gdb *g, int err);
void gdb_ok(struct gdb *g);

/* ---- threads.c */

bool gdb_is_attached(const struct gdb *g, uint32_t pid);
MUST_CHECK int gdb_attach(struct gdb *g, uint32_t pid);
/* gdb_detach - it goes on as if nothing had been; GDB_ALL: all of them */
void gdb_detach(struct gdb *g, uint32_t pid);

/* gdb_task - one that gdb debugs and that lives; NULL: none */
struct task *gdb_task(const struct gdb *g, uint32_t tid);
struct process *gdb_process(const struct gdb *g, uint32_t pid);
/* gdb_general - that of Hg, or any; NULL: none is left */
struct task *gdb_general(struct gdb *g);
/* gdb_find_thread - what is kept of a thread; NULL: nothing, or no memory */
struct gdb_thread *gdb_find_thread(struct gdb *g, uint32_t tid);
struct gdb_thread *gdb_make_thread(struct gdb *g, uint32_t tid);

void gdb_put_id(const struct gdb *g, struct gdb_out *out, uint32_t pid,
                uint32_t tid);
/* Packets: H, T, qC, qfThreadInfo, qThreadExtraInfo */
void gdb_set_thread(struct gdb *g, struct gdb_in in);
void gdb_thread_alive(struct gdb *g, struct gdb_in in);
void gdb_list_threads(struct gdb *g);
void gdb_thread_extra(struct gdb *g, struct gdb_in in);

/* ---- stops.c */

/* gdb_add_stop - gdb will hear of it */
void gdb_add_stop(struct gdb *g, const struct gdb_stop *stop);
/* gdb_put_stop - g->stop, as a stop reply in g->out */
void gdb_put_stop(struct gdb *g);
/* gdb_signal_in - the number of the guest for one of gdb; 0: it has none */
int gdb_signal_in(uint64_t sig);

/* ---- resume.c: packets vCont, c, C, s, S, D, k, vKill */
void gdb_vcont(struct gdb *g, struct gdb_in in);
void gdb_old_resume(struct gdb *g, char what, struct gdb_in in);
void gdb_pass_signals(struct gdb *g, struct gdb_in in);
/* gdb_adopt - a new task of a process that gdb debugs: does it run? */
void gdb_adopt(struct gdb *g, struct task *t);
/* gdb_hold_still - no step is under way */
void gdb_hold_still(struct gdb *g);
/* gdb_note_steps - instructions were executed */
void gdb_note_steps(struct gdb *g, const struct cpu *cpu);
bool gdb_any_steps(const struct gdb *g);
/* gdb_nobody_runs - every task that gdb debugs is held */
bool gdb_nobody_runs(const struct gdb *g);

/* ---- regs.c */
void gdb_read_regs(struct gdb *g);
void gdb_write_regs(struct gdb *g, struct gdb_in in);
void gdb_read_reg(struct gdb *g, struct gdb_in in);
void gdb_write_reg(struct gdb *g, struct gdb_in in);
/* gdb_put_reg - NN:value; of a stop reply */
void gdb_put_reg(struct gdb_out *out, struct task *t, unsigned nr);
/* gdb_target_xml - qXfer:features */
const char *gdb_target_xml(void);

#define GDB_REG_SP  14
#define GDB_REG_FP  30
#define GDB_REG_PC  80
#define GDB_REG_NPC 81

/* ---- memory.c */
/* gdb_peek - bytes that are in memory, without a fault; false: not all are */
bool gdb_peek(struct gdb *g, const struct process *p, gva_t va, uint8_t *buf,
              size_t len);
void gdb_read_memory(struct gdb *g, struct gdb_in in);
void gdb_write_memory(struct gdb *g, struct gdb_in in, bool binary);

/* ---- points.c */
void gdb_set_point(struct gdb *g, struct gdb_in in, bool on);
bool gdb_break_hit(struct gdb *g, struct task *t, gva_t pc);
bool gdb_is_watched(const struct gdb *g, const struct task *t, uint64_t va);
void gdb_accessed(struct gdb *g, struct task *t, uint64_t va, unsigned bytes,
                  enum access access);
/* gdb_watch_start, gdb_watch_call - a system call of @t begins, and is over:
 * has it changed what is watched? */
void gdb_watch_start(struct gdb *g);
void gdb_watch_call(struct gdb *g, struct task *t);
/* gdb_drop_points - of a process; GDB_ALL: of all */
void gdb_drop_points(struct gdb *g, uint32_t pid);
/* gdb_take_points - these, in place of those that there are */
void gdb_take_points(struct gdb *g, const struct gdb_break *breaks,
                     size_t nr_breaks, const struct gdb_watch *watches,
                     size_t nr_watches);
/* gdb_copy_points - fork(): those of @from are @to's too */
void gdb_copy_points(struct gdb *g, uint32_t from, uint32_t to);

/* ---- query.c: packets q, Q and qXfer */
void gdb_query(struct gdb *g, struct gdb_in in);
void gdb_set(struct gdb *g, struct gdb_in in);
void gdb_xfer(struct gdb *g, struct gdb_in in);

/* gdb_exe_name - of the program of @p: bytes, or -ENOENT */
ssize_t gdb_exe_name(const struct gdb *g, const struct process *p, char *out,
                     size_t size);

/* ---- tags.c: -errno; -EOPNOTSUPP: the page has none */
int gdb_get_tag(struct gdb *g, struct process *p, gva_t va);
MUST_CHECK int gdb_set_tag(struct gdb *g, struct process *p, gva_t va,
                           adi_tag_t tag);
void gdb_read_tags(struct gdb *g, struct gdb_in in);
void gdb_write_tags(struct gdb *g, struct gdb_in in);

/* ---- file.c: vFile */
void gdb_host_io(struct gdb *g, struct gdb_in in);
void gdb_close_files(struct gdb *g);

/* ---- monitor.c: qRcmd */
void gdb_monitor(struct gdb *g, struct gdb_in in);
