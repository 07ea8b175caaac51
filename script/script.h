/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script/script.h - what shall happen to a memory, and when, as text
 *
 * Owns:    the parsed lines of an event script
 * Used by: script/trigger.c fires them; cli/ reads --events; a random driver
 *          writes them; emu/; explore/
 *
 * The grammar is in docs/events.md.  Nothing here touches a memory.
 */
#pragma once

#include "mm/mempolicy.h"
#include "mm/moment.h"
#include "mm/types.h"

/* What is done. */
enum script_verb {
#define VERB(id, word, kind, form, object, function) VERB_##id,
#include "script/verbs.def"
#undef VERB
    VERB_NR
};

enum script_backing { BACKING_ANON, BACKING_SHMEM, BACKING_FILE };
enum script_fail { FAIL_TAGSTORE, FAIL_SWAPREAD, FAIL_SWAPWRITE };
#define FAIL_NR 3

#define SCRIPT_MAX_NODES 8

/* One action.  Fields that a verb does not have are 0. */
struct script_action {
    enum script_verb verb;
    uint32_t pid;   /* 0: the process at hand */
    gva_t va;       /* RANGE or ADDRESS */
    uint64_t pages; /* 0: the page of the fault; UINT64_MAX: all */
    gva_t to;       /* mremap */
    uint64_t to_pages;
    unsigned prot; /* PROT_G_* */
    bool shared;
    enum script_backing backing;
    uint32_t object; /* its number; 0: a new one, of this area only */
    uint64_t pgoff;
    int advice;     /* MADV_G_* */
    bool flag;      /* mremap: dontunmap; mlock: onfault; read: tag */
    adi_tag_t tag;  /* read: of the pointer */
    bool has_block; /* tag: only @block of each page */
    unsigned block;
    uint64_t every; /* mmap, tag: the first of so many pages each; 0: all */
    uint64_t len;   /* pwrite: bytes */
    uint32_t from;  /* pwrite: the address of the source, modulo 8 */
    uint8_t value;  /* a tag or a byte */
    bool expect;    /* read: @value is what must be there */
    uint32_t child; /* fork */
    unsigned node;
    bool has_node;
    enum mpol_mode policy; /* mbind */
    nodemask_t nodes;
    unsigned how;    /* move, mbind: MPOL_MF_* */
    unsigned device; /* the N of /dev/adiN */
    int priority;    /* -1: automatic */
    enum script_fail fail;
    uint64_t nr; /* fail, reclaim; truncate, pwrite of an object: bytes */
};

enum script_when {
    WHEN_START,
    WHEN_INSN,
    WHEN_SYSCALL,
    WHEN_FAULT,
    WHEN_MIGRATE,
    WHEN_EXIT
};

#define SCRIPT_MAX_NAME 32

struct script_trigger {
    enum script_when when;
    uint64_t nr;  /* only this one, from 1, 0: each; insn: the count */
    uint32_t pid; /* of this process only; 0: of any */
    enum moment_id moment;
    enum fault_kind kind;
    char syscall[SCRIPT_MAX_NAME];
};

struct script_event {
    struct script_trigger trigger;
    struct script_action action;
    unsigned line; /* from 1 */
};

#define SCRIPT_MAX_ERRORS 10

struct script_error {
    unsigned line, col; /* from 1; bytes */
    char text[160];     /* "what, expected what" */
};

struct script {
    struct script_event *events; /* owned */
    size_t nr;
    struct script_error errors[SCRIPT_MAX_ERRORS]; /* in order of lines */
    size_t nr_errors; /* all of them: may be more than are kept */
};

/* What a caller can do. */
struct script_rules {
    const char *refused[VERB_NR]; /* why not, or NULL: it can be done */
    unsigned nr_nodes;            /* of memory */
    bool insns;                   /* there are instructions and system calls */
    bool (*is_syscall)(const char *name);
};

/*
 * script_parse - read a whole script
 *
 * @text: @len bytes of any kind
 * Returns 0 with @out filled, freed by script_free(); with nr_errors > 0 it
 * must not be carried out.  -ENOMEM: nothing to free.
 */
MUST_CHECK int script_parse(const char *text, size_t len,
                            const struct script_rules *rules,
                            struct script *out);
void script_free(struct script *s);

/* Is there a line with this action? */
bool script_has_verb(const struct script *s, enum script_verb verb);

/* Does the script need an instruction clock? */
bool script_needs_clock(const struct script *s);

/* Longest text of an event, with its NUL. */
#define SCRIPT_MAX_TEXT 256

/*
 * script_event_text - one line that parses to the same event, without newline
 * script_action_text - the part after the colon
 *
 * Return @buf.
 */
const char *script_event_text(const struct script_event *ev,
                              char buf[static SCRIPT_MAX_TEXT]);
const char *script_action_text(const struct script_action *action,
                               char buf[static SCRIPT_MAX_TEXT]);
