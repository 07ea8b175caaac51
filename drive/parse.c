/* Actions: a word, what it is done to, and how. */
#include <string.h>

#include "drive/parser.h"
#include "drive/words.h"
#include "migrate/node.h"
#include "mm/mmap.h"

#define A_RANGE "a range, such as 0x70000000+16"
#define A_PROT  "a protection: none, r, rw, rx, w, x, wx or rwx"

/* Values of a page number in an object: bytes must fit in 63 bits. */
#define MAX_PGOFF (UINT64_C(1) << (63 - PAGE_SHIFT))

static struct script_action *action(struct parser *p)
{
    return &p->ev.action;
}

/* One of @table; false and no error when the token is none of them. */
static bool accept_word(struct parser *p, const struct word *table, int *value)
{
    for (; table->word; table++) {
        if (!parse_accept(p, table->word))
            continue;
        *value = table->value;
        return true;
    }
    return false;
}

/* @what: what else could come, and the end of the line; NULL: just that */
static bool line_ends(struct parser *p, const char *what)
{
    if (p->lx.tok.kind == TOKEN_END)
        return true;
    return parse_expected(p, what ? what : "the end of the line");
}

/* --------------------------------------------------- addresses, ranges */

static bool parse_page(struct parser *p, const char *what, gva_t *va)
{
    struct token tok = p->lx.tok;

    if (!parse_number(p, 0, UINT64_MAX, what, va))
        return false;
    if (*va & ~PAGE_MASK)
        return parse_fail(p, tok.col,
                          "0x%llx is inside a page, expected 0x%llx, the "
                          "start of one of 8 KiB",
                          (unsigned long long)*va,
                          (unsigned long long)page_align_down(*va));
    return true;
}

/* "+" PAGES, "-" END, or nothing, which leaves @pages as it is. */
static bool parse_length(struct parser *p, gva_t va, uint64_t *pages)
{
    uint64_t room = (UINT64_MAX - va) >> PAGE_SHIFT;
    uint64_t end = 0;

    if (parse_accept(p, "+"))
        return parse_number(p, 1, room,
                            "a number of pages from 1 that fits behind the "
                            "address",
                            pages);
    if (!parse_accept(p, "-"))
        return true;
    if (p->lx.tok.kind == TOKEN_NUMBER && p->lx.tok.value <= va)
        return parse_expected(p, "an address above the start of the range");
    if (!parse_page(p, "the address at which the range ends", &end))
        return false;
    *pages = (end - va) >> PAGE_SHIFT;
    return true;
}

static bool parse_range(struct parser *p)
{
    struct script_action *a = action(p);

    a->pages = 1;
    return parse_page(p, A_RANGE, &a->va) && parse_length(p, a->va, &a->pages);
}

/* Also "all", and in the course of a fault nothing: the page of the fault. */
static bool parse_any_range(struct parser *p)
{
    struct script_action *a = action(p);

    if (parse_accept(p, "all")) {
        a->pages = UINT64_MAX;
        return true;
    }
    if (p->ev.trigger.when == WHEN_FAULT && a->pid == 0 &&
        p->lx.tok.kind != TOKEN_NUMBER && p->lx.tok.kind != TOKEN_BAD)
        return true;
    if (p->lx.tok.kind == TOKEN_NUMBER)
        return parse_range(p);
    return parse_expected(p, "a range, such as 0x70000000+16, or \"all\"");
}

static bool parse_address(struct parser *p)
{
    return parse_number(p, 0, UINT64_MAX, "an address", &action(p)->va);
}

/* ------------------------------------------------------- each verb's rest */

static bool parse_swapout(struct parser *p)
{
    return parse_process(p, &action(p)->pid) && parse_any_range(p) &&
           line_ends(p, NULL);
}

static bool parse_node(struct parser *p)
{
    struct script_action *a = action(p);
    struct token tok = p->lx.tok;
    uint64_t n = 0;

    if (!parse_number(p, 0, UINT64_MAX, "the number of a node", &n))
        return false;
    if (n >= p->rules->nr_nodes)
        return parse_fail(p, tok.col,
                          "there is no node %llu, expected a node from 0 to "
                          "%u",
                          (unsigned long long)n, p->rules->nr_nodes - 1);
    a->node = (unsigned)n;
    a->has_node = true;
    return true;
}

/* [ "node" NODE ], and no more */
static bool parse_last_node(struct parser *p)
{
    if (parse_accept(p, "node"))
        return parse_node(p) && line_ends(p, NULL);
    return line_ends(p, "\"node\" or the end of the line");
}

static bool parse_migrate(struct parser *p)
{
    return parse_process(p, &action(p)->pid) && parse_any_range(p) &&
           parse_last_node(p);
}

/* RANGE node N [all] */
static bool parse_move(struct parser *p)
{
    struct script_action *a = action(p);

    if (!parse_process(p, &a->pid) || !parse_range(p))
        return false;
    if (!parse_accept(p, "node"))
        return parse_expected(p, "\"node\" and its number");
    if (!parse_node(p))
        return false;
    a->how = MPOL_MF_MOVE;
    if (parse_accept(p, "all"))
        a->how = MPOL_MF_MOVE_ALL;
    return line_ends(p, "\"all\" or the end of the line");
}

/* RANGE POLICY [nodes MASK] [move|moveall] [strict] */
static bool parse_mbind(struct parser *p)
{
    struct script_action *a = action(p);
    uint64_t mask = 0;
    int policy;

    if (!parse_process(p, &a->pid) || !parse_range(p))
        return false;
    if (!accept_word(p, policy_words, &policy))
        return parse_expected(p, "a policy: default, preferred, bind, "
                                 "interleave, local or many");
    a->policy = (enum mpol_mode)policy;
    if (parse_accept(p, "nodes") &&
        !parse_number(p, 1, UINT32_MAX, "a mask of nodes, such as 0x3", &mask))
        return false;
    a->nodes = (nodemask_t)mask;
    if (parse_accept(p, "move"))
        a->how = MPOL_MF_MOVE;
    else if (parse_accept(p, "moveall"))
        a->how = MPOL_MF_MOVE_ALL;
    if (parse_accept(p, "strict"))
        a->how |= MPOL_MF_STRICT;
    return line_ends(p, "\"nodes\", \"move\", \"moveall\", \"strict\" or the "
                        "end of the line");
}

static bool parse_compact(struct parser *p)
{
    return parse_last_node(p);
}

static bool parse_bare(struct parser *p)
{
    return line_ends(p, NULL);
}

static bool parse_device(struct parser *p)
{
    static const char prefix[] = "/dev/adi";
    const size_t len = sizeof(prefix) - 1;
    const struct token *tok = &p->lx.tok;
    unsigned n = 0;

    if (tok->kind != TOKEN_PATH || tok->len <= len ||
        memcmp(tok->s, prefix, len) != 0)
        return parse_expected(p, "a swap device, such as /dev/adi0");
    for (size_t i = len; i < tok->len; i++) {
        if (tok->s[i] < '0' || tok->s[i] > '9' || n >= SWP_MAX_FILES)
            return parse_expected(p, "a swap device, such as /dev/adi0");
        n = n * 10 + (unsigned)(tok->s[i] - '0');
    }
    if (n >= SWP_MAX_FILES)
        return parse_expected(p, "a swap device, such as /dev/adi0");
    action(p)->device = n;
    lexer_next(&p->lx);
    return true;
}

static bool parse_swapoff(struct parser *p)
{
    return parse_device(p) && line_ends(p, NULL);
}

static bool parse_swapon(struct parser *p)
{
    uint64_t priority = 0;

    action(p)->priority = -1;
    if (!parse_device(p))
        return false;
    if (!parse_accept(p, "pri"))
        return line_ends(p, "\"pri\" or the end of the line");
    if (!parse_number(p, 0, 32767, "a priority from 0 to 32767", &priority))
        return false;
    action(p)->priority = (int)priority;
    return line_ends(p, NULL);
}

static bool parse_fail_action(struct parser *p)
{
    int what;

    if (!accept_word(p, fail_words, &what))
        return parse_expected(p, "\"tagstore\", \"swapread\" or \"swapwrite\"");
    action(p)->fail = (enum script_fail)what;
    return parse_number(p, 1, UINT64_MAX, "a count from 1", &action(p)->nr) &&
           line_ends(p, NULL);
}

/* PROT [ "adi" ] */
static bool parse_prot(struct parser *p)
{
    int prot;

    if (!accept_word(p, prot_words, &prot))
        return parse_expected(p, A_PROT);
    action(p)->prot = (unsigned)prot;
    if (parse_accept(p, "adi"))
        action(p)->prot |= PROT_G_ADI;
    return true;
}

/* [ OBJECT ] [ "from" PAGE ] */
static bool parse_object(struct parser *p)
{
    struct script_action *a = action(p);
    uint64_t n = 0;

    if (p->lx.tok.kind == TOKEN_NUMBER) {
        if (!parse_number(p, 1, UINT32_MAX, "the number of an object from 1",
                          &n))
            return false;
        a->object = (uint32_t)n;
    }
    if (!parse_accept(p, "from"))
        return line_ends(p, "\"from\" or the end of the line");
    return parse_number(p, 0, MAX_PGOFF, "a page of the object", &a->pgoff) &&
           line_ends(p, NULL);
}

static bool parse_mmap(struct parser *p)
{
    struct script_action *a = action(p);
    const char *rest = "\"adi\", \"private\", \"shared\", \"anon\", "
                       "\"shmem\", \"file\" or the end of the line";
    int backing;

    if (!parse_process(p, &a->pid) || !parse_range(p) || !parse_prot(p))
        return false;
    if (a->prot & PROT_G_ADI)
        rest += sizeof("\"adi\", ") - 1;
    if (parse_accept(p, "shared"))
        a->shared = true;
    else if (!parse_accept(p, "private"))
        goto backing;
    rest = "\"anon\", \"shmem\", \"file\" or the end of the line";
backing:
    if (!accept_word(p, backing_words, &backing))
        return line_ends(p, rest);
    a->backing = (enum script_backing)backing;
    return a->backing == BACKING_ANON ? line_ends(p, NULL) : parse_object(p);
}

static bool parse_munmap(struct parser *p)
{
    return parse_process(p, &action(p)->pid) && parse_range(p) &&
           line_ends(p, NULL);
}

static bool parse_mprotect(struct parser *p)
{
    struct script_action *a = action(p);

    if (!parse_process(p, &a->pid) || !parse_range(p) || !parse_prot(p))
        return false;
    return line_ends(
        p, a->prot & PROT_G_ADI ? NULL : "\"adi\" or the end of the line");
}

/* The old range, and the new one: as long, where no length is given. */
static bool parse_mremap(struct parser *p)
{
    struct script_action *a = action(p);

    if (!parse_process(p, &a->pid) || !parse_range(p) ||
        !parse_page(p, "the range after it, such as 0x80000000", &a->to))
        return false;
    a->to_pages = a->pages;
    if (!parse_length(p, a->to, &a->to_pages))
        return false;
    a->flag = parse_accept(p, "dontunmap");
    return line_ends(p,
                     a->flag ? NULL : "\"dontunmap\" or the end of the line");
}

static bool parse_madvise(struct parser *p)
{
    struct script_action *a = action(p);

    if (!parse_process(p, &a->pid) || !parse_range(p))
        return false;
    if (!accept_word(p, advice_words, &a->advice))
        return parse_expected(p, "advice, such as dontneed, free or pageout");
    return line_ends(p, NULL);
}

static bool parse_value(struct parser *p, uint64_t max, const char *what)
{
    uint64_t n = 0;

    if (!parse_number(p, 0, max, what, &n))
        return false;
    action(p)->value = (uint8_t)n;
    return true;
}

static bool parse_tag(struct parser *p)
{
    uint64_t block = 0;

    if (!parse_process(p, &action(p)->pid) || !parse_range(p) ||
        !parse_value(p, 15, "a tag from 0 to 15"))
        return false;
    if (!parse_accept(p, "at"))
        return line_ends(p, "\"at\" or the end of the line");
    if (!parse_number(p, 0, ADI_TAGS_PER_PAGE - 1, "a block from 0 to 127",
                      &block))
        return false;
    action(p)->has_block = true;
    action(p)->block = (unsigned)block;
    return line_ends(p, NULL);
}

static bool parse_write(struct parser *p)
{
    return parse_process(p, &action(p)->pid) && parse_address(p) &&
           parse_value(p, 255, "a byte from 0 to 255") && line_ends(p, NULL);
}

static bool parse_read(struct parser *p)
{
    if (!parse_process(p, &action(p)->pid) || !parse_address(p))
        return false;
    if (parse_accept(p, "tag")) {
        uint64_t tag;

        action(p)->flag = true;
        if (!parse_number(p, 0, 15, "a tag from 0 to 15", &tag))
            return false;
        action(p)->tag = (adi_tag_t)tag;
    }
    if (!parse_accept(p, "expect"))
        return line_ends(p, action(p)->flag
                                ? "\"expect\" or the end of the line"
                                : "\"tag\", \"expect\" or the end of the line");
    action(p)->expect = true;
    return parse_value(p, 255, "a byte from 0 to 255") && line_ends(p, NULL);
}

static bool parse_mlock(struct parser *p)
{
    if (!parse_process(p, &action(p)->pid) || !parse_range(p))
        return false;
    action(p)->flag = parse_accept(p, "onfault");
    return line_ends(p, action(p)->flag ? NULL
                                        : "\"onfault\" or the end of the line");
}

/* "shmem" N or "file" N; false and no error when neither begins here. */
static bool accept_object(struct parser *p, bool *ok)
{
    struct script_action *a = action(p);
    uint64_t n = 0;

    *ok = true;
    if (parse_accept(p, "shmem"))
        a->backing = BACKING_SHMEM;
    else if (parse_accept(p, "file"))
        a->backing = BACKING_FILE;
    else
        return false;
    *ok = parse_number(p, 1, UINT32_MAX, "the number of an object from 1", &n);
    a->object = (uint32_t)n;
    return true;
}

#define A_PLACE_OR_OBJECT(place) place ", \"pid\", \"shmem\" or \"file\""

/* What follows the word when it is no object: its process, and where. */
static bool parse_place(struct parser *p, bool range)
{
    struct script_action *a = action(p);

    if (!parse_process(p, &a->pid))
        return false;
    if (a->pid == 0 && p->lx.tok.kind != TOKEN_NUMBER)
        return parse_expected(p, range ? A_PLACE_OR_OBJECT("a range")
                                       : A_PLACE_OR_OBJECT("an address"));
    return (range ? parse_range(p) : parse_address(p)) && line_ends(p, NULL);
}

static bool parse_truncate(struct parser *p)
{
    bool ok;

    if (!accept_object(p, &ok))
        return parse_place(p, false);
    return ok &&
           parse_number(p, 0, MAX_PGOFF << PAGE_SHIFT, "a number of bytes",
                        &action(p)->nr) &&
           line_ends(p, NULL);
}

static bool parse_punch(struct parser *p)
{
    struct script_action *a = action(p);
    bool ok;

    if (!accept_object(p, &ok))
        return parse_place(p, true);
    a->pages = 1;
    if (!ok ||
        !parse_number(p, 0, MAX_PGOFF, "a page of the object", &a->pgoff))
        return false;
    if (parse_accept(p, "+"))
        return parse_number(p, 1, MAX_PGOFF, "a number of pages from 1",
                            &a->pages) &&
               line_ends(p, NULL);
    return line_ends(p, "\"+\" or the end of the line");
}

static bool parse_sync(struct parser *p)
{
    bool ok;

    if (!accept_object(p, &ok))
        return parse_place(p, true);
    return ok && line_ends(p, NULL);
}

static bool parse_reclaim(struct parser *p)
{
    return parse_number(p, 1, UINT32_MAX, "a number of frames from 1",
                        &action(p)->nr) &&
           parse_last_node(p);
}

static bool parse_fork(struct parser *p)
{
    uint64_t n = 0;

    if (!parse_process(p, &action(p)->pid))
        return false;
    if (!parse_accept(p, "as"))
        return parse_expected(p, "\"as\" and a number for the child");
    if (!parse_number(p, 1, UINT32_MAX, "a process from 1", &n))
        return false;
    action(p)->child = (uint32_t)n;
    return line_ends(p, NULL);
}

static bool parse_exit(struct parser *p)
{
    return parse_process(p, &action(p)->pid) && line_ends(p, NULL);
}

static bool parse_pin(struct parser *p)
{
    return parse_process(p, &action(p)->pid) && parse_address(p) &&
           line_ends(p, NULL);
}

static bool (*const rest_of[VERB_NR])(struct parser *p) = {
    [VERB_SWAPOUT] = parse_swapout,   [VERB_MIGRATE] = parse_migrate,
    [VERB_COMPACT] = parse_compact,   [VERB_SWAPOFF] = parse_swapoff,
    [VERB_SWAPON] = parse_swapon,     [VERB_FAIL] = parse_fail_action,
    [VERB_CHECK] = parse_bare,        [VERB_MMAP] = parse_mmap,
    [VERB_MUNMAP] = parse_munmap,     [VERB_MPROTECT] = parse_mprotect,
    [VERB_MREMAP] = parse_mremap,     [VERB_MADVISE] = parse_madvise,
    [VERB_TRUNCATE] = parse_truncate, [VERB_PUNCH] = parse_punch,
    [VERB_TAG] = parse_tag,           [VERB_WRITE] = parse_write,
    [VERB_READ] = parse_read,         [VERB_FORK] = parse_fork,
    [VERB_EXIT] = parse_exit,         [VERB_PIN] = parse_pin,
    [VERB_UNPIN] = parse_pin,         [VERB_SYNC] = parse_sync,
    [VERB_MLOCK] = parse_mlock,       [VERB_MUNLOCK] = parse_munmap,
    [VERB_RECLAIM] = parse_reclaim,   [VERB_MOVE] = parse_move,
    [VERB_MBIND] = parse_mbind,
};

/* What the trigger holds, the action must not wait for. */
static bool check_locks(struct parser *p, const struct token *tok)
{
    const struct script_trigger *t = &p->ev.trigger;
    const struct script_action *a = action(p);
    char quoted[TOKEN_MAX_QUOTE];

    token_quote(tok, quoted);
    if (t->when == WHEN_MIGRATE && script_verb_locks_pages(a->verb))
        return parse_fail(p, tok->col,
                          "%s would wait for the end of the migration, "
                          "expected another action",
                          quoted);
    if (t->when != WHEN_FAULT)
        return true;
    if (script_verb_locks(a->verb) && a->pid == 0)
        return parse_fail(p, tok->col,
                          "%s would wait for the end of the fault, expected "
                          "another action or another process",
                          quoted);
    if ((t->moment == FAULT_RESTORE || t->moment == FAULT_SET) &&
        !script_verb_looks(a->verb))
        return parse_fail(p, tok->col,
                          "%s would wait for the lock of the page table, "
                          "expected \"read\", \"check\" or \"fail\"",
                          quoted);
    return true;
}

bool parse_action(struct parser *p)
{
    struct token tok = p->lx.tok;
    char quoted[TOKEN_MAX_QUOTE];
    int verb;

    if (!accept_word(p, verb_words, &verb))
        return parse_expected(p, p->ev.trigger.when == WHEN_START
                                     ? "an action, or \"at\", \"before\", "
                                       "\"when\", \"restore\", \"set\" or "
                                       "\"after\""
                                     : "an action");
    token_quote(&tok, quoted);
    if (p->rules->refused[verb])
        return parse_fail(p, tok.col, "%s: %s, expected another action", quoted,
                          p->rules->refused[verb]);
    action(p)->verb = (enum script_verb)verb;
    if (!rest_of[verb](p))
        return false;
    return check_locks(p, &tok);
}
