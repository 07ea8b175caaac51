/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script/item.h - what may come after the word of an action
 *
 * Owns:    the items of which the forms in verbs.def are made
 * Used by: script/parse.c, script/text.c
 *
 * An item reads itself into the action of a line, and writes itself so that it
 * reads as the same.  One that is optional may be nothing, in both directions.
 */
#pragma once

#include "script/parser.h"

enum item {
    I_END,          /* of a form */
    I_PROCESS,      /* [pid P] */
    I_RANGE,        /* ADDRESS[+PAGES|-END], with the start of a page */
    I_PAGES,        /* RANGE or "all"; in the course of a fault, nothing */
    I_ADDRESS,      /* of a byte */
    I_TO,           /* a second range, as long as the first one */
    I_OBJECT_PAGES, /* PAGE[+PAGES] of an object */
    I_BYTES,        /* a size, or an offset */
    I_LENGTH,       /* bytes that are copied at once */
    I_SOURCE,       /* [from N]: their address, modulo 8 */
    I_PROT,         /* PROT [adi] */
    I_SHARING,      /* [private|shared] */
    I_BACKING,      /* [anon|shmem|file [N] [from PAGE]] */
    I_NODE,         /* node N */
    I_NODE_IF,      /* [node N] */
    I_ALL,          /* [all]: pages of other processes, too */
    I_POLICY,       /* of memory */
    I_NODES,        /* [nodes MASK] */
    I_HOW,          /* [move|moveall] */
    I_STRICT,       /* [strict] */
    I_DEVICE,       /* /dev/adiN */
    I_PRIORITY,     /* [pri N] */
    I_FRAMES,       /* a number of them */
    I_FAIL,         /* WHAT N */
    I_ADVICE,       /* a word of madvise() */
    I_DONTUNMAP,    /* [dontunmap] */
    I_ONFAULT,      /* [onfault] */
    I_TAG,          /* 0 to 15 */
    I_BLOCK,        /* [at BLOCK] */
    I_EVERY,        /* [every N]: the first of N pages, of the next N, ... */
    I_BYTE,         /* 0 to 255 */
    I_POINTER,      /* [tag TAG] */
    I_EXPECT,       /* [expect BYTE] */
    I_CHILD,        /* as P */
    I_NR
};

/* A line that is being written. */
struct text {
    char *buf; /* of SCRIPT_MAX_TEXT bytes */
    size_t len;
};

void text_put(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * item_read - from the line at hand into its action
 *
 * Returns true, or false after it has noted the error of this line.
 */
bool item_read(struct parser *p, enum item item);

/* item_write - with a space before it */
void item_write(struct text *t, enum item item, const struct script_action *a);

/*
 * item_accept_object - "shmem" N or "file" N
 *
 * Returns false, and has read nothing, when neither begins here; *@ok is false
 * after an error behind the word.
 */
bool item_accept_object(struct parser *p, bool *ok);

/* item_read_end - the end of the line, or what optional items wanted there */
bool item_read_end(struct parser *p);
