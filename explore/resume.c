// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/resume.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/word.h"

#define MAGIC        UINT64_C(0x0141444945585032) /* its bytes say the order */
#define MAX_IDENTITY (1u << 24)                   /* bytes */

/* The file: this, the identity, states from 1, findings, the checksum. */
struct head {
    uint64_t magic;
    uint64_t identity_bytes, nr_states, nr_found;
    uint64_t first, end, depth, complete, all, done, tries;
    uint64_t share_depth, share_states, share_own;
    struct coverage coverage;
};

struct kept_state {
    uint64_t low, high;
    uint64_t from; /* state << 16 | step */
};

struct kept_finding {
    uint32_t class, detail, cause, path;
    uint32_t length, state, step;
};

/* A file, and the checksum of what went through it. */
struct stream {
    FILE *f;
    XXH3_state_t *hash; /* owned */
};

static bool stream_open(struct stream *st, const char *path, const char *mode)
{
    st->hash = XXH3_createState();
    st->f = st->hash ? fopen(path, mode) : NULL;
    if (st->f) {
        XXH3_64bits_reset(st->hash);
        return true;
    }
    if (!st->hash)
        errno = ENOMEM;
    XXH3_freeState(st->hash);
    return false;
}

/* False: the host could not write all. */
static bool stream_close(struct stream *st)
{
    XXH3_freeState(st->hash);
    return fclose(st->f) == 0;
}

/* -------------------------------------------------------------------- write */

static void put(struct stream *st, const void *bytes, size_t nr)
{
    XXH3_64bits_update(st->hash, bytes, nr);
    (void)fwrite(bytes, 1, nr, st->f); /* ferror() is asked at the end */
}

static void put_head(struct stream *st, struct search *s, unsigned nr_found,
                     const char *identity)
{
    struct search_point at = search_point(s);
    struct head head = {.magic = MAGIC,
                        .identity_bytes = strlen(identity),
                        .nr_states = seen_nr(search_seen(s)),
                        .nr_found = nr_found,
                        .first = at.first,
                        .end = at.end,
                        .depth = at.depth,
                        .complete = at.complete,
                        .all = at.all,
                        .done = at.done,
                        .tries = at.tries,
                        .share_depth = at.share.depth,
                        .share_states = at.share.states,
                        .share_own = at.share.own,
                        .coverage = at.coverage};

    put(st, &head, sizeof(head));
    put(st, identity, strlen(identity));
}

static void put_state(struct stream *st, const struct seen *seen, uint32_t i)
{
    struct state_key key = seen_key(seen, i);
    struct seen_from from = seen_from(seen, i);
    struct kept_state kept = {.low = key.low,
                              .high = key.high,
                              .from = (uint64_t)from.state << 16 | from.step};

    put(st, &kept, sizeof(kept));
}

static void put_finding(struct stream *st, const struct found *f)
{
    struct kept_finding kept = {.class = f->key.class,
                                .detail = f->key.detail,
                                .cause = f->key.cause,
                                .path = f->key.path,
                                .length = f->way.length,
                                .state = f->way.state,
                                .step = f->way.step};

    put(st, &kept, sizeof(kept));
}

static int write_all(struct stream *st, struct search *s, const char *identity)
{
    const struct seen *seen = search_seen(s);
    unsigned nr_found = found_sort(search_findings(s));
    uint64_t sum;

    put_head(st, s, nr_found, identity);
    for (uint32_t i = 1; i <= seen_nr(seen) && !ferror(st->f); i++)
        put_state(st, seen, i);
    for (unsigned i = 0; i < nr_found; i++)
        put_finding(st, found_nth(search_findings(s), i));
    sum = XXH3_64bits_digest(st->hash);
    if (fwrite(&sum, sizeof(sum), 1, st->f) != 1 || fflush(st->f) != 0 ||
        ferror(st->f))
        return errno ? -errno : -EIO;
    /* On the disk before its name is: a crash leaves one of the two. */
    return fsync(fileno(st->f)) == 0 || errno == EINVAL ? 0 : -errno;
}

int resume_save(const char *path, struct search *s, const char *identity)
{
    char new_path[4096];
    struct stream st;
    int err;

    if (snprintf(new_path, sizeof(new_path), "%s.new", path) >=
        (int)sizeof(new_path))
        return -ENAMETOOLONG;
    if (!stream_open(&st, new_path, "w"))
        return -errno;
    err = write_all(&st, s, identity);
    if (!stream_close(&st) && !err)
        err = -errno;
    if (!err && rename(new_path, path) != 0)
        err = -errno;
    if (err)
        (void)unlink(new_path);
    return err;
}

/* --------------------------------------------------------------------- read */

static bool get(struct stream *st, void *bytes, size_t nr)
{
    return fread(bytes, 1, nr, st->f) == nr;
}

/* Of as many bytes as its head says, and with the sum of these. */
static bool is_whole(struct stream *st, const struct head *head)
{
    uint8_t bytes[16384];
    uint64_t sum;
    off_t size;
    size_t n;

    if (fseeko(st->f, 0, SEEK_END) != 0 || (size = ftello(st->f)) < 0 ||
        head->identity_bytes > MAX_IDENTITY || head->nr_states > UINT32_MAX ||
        head->nr_found > FOUND_MAX ||
        (uint64_t)size != sizeof(*head) + head->identity_bytes +
                              head->nr_states * sizeof(struct kept_state) +
                              head->nr_found * sizeof(struct kept_finding) +
                              sizeof(sum))
        return false;
    rewind(st->f);
    for (size_t left = (size_t)size - sizeof(sum); left > 0; left -= n) {
        n = left < sizeof(bytes) ? left : sizeof(bytes);
        if (!get(st, bytes, n))
            return false;
        XXH3_64bits_update(st->hash, bytes, n);
    }
    return get(st, &sum, sizeof(sum)) && sum == XXH3_64bits_digest(st->hash) &&
           fseeko(st->f, sizeof(*head), SEEK_SET) == 0;
}

/* The first line in which they differ. */
static void say_other(const char *path, const char *kept, const char *wanted,
                      FILE *err)
{
    for (;;) {
        int a = (int)strcspn(kept, "\n"), b = (int)strcspn(wanted, "\n");

        if (a != b || memcmp(kept, wanted, (size_t)a) != 0 || !kept[a]) {
            say_line(err, "adiemu: %s: made with \"%.*s\", not \"%.*s\"", path,
                     a, kept, b, wanted);
            return;
        }
        kept += a + 1;
        wanted += b + 1;
    }
}

static int check_identity(struct stream *st, const struct head *head,
                          const char *path, const char *wanted, FILE *err)
{
    char *kept = calloc(1, head->identity_bytes + 1);
    int ret = kept ? 0 : -ENOMEM;

    if (!ret && !get(st, kept, head->identity_bytes))
        ret = -EIO;
    if (!ret && strcmp(kept, wanted) != 0) {
        say_other(path, kept, wanted, err);
        ret = -EBADMSG;
    }
    free(kept);
    return ret;
}

static int get_state(struct stream *st, struct seen_adder *adder)
{
    struct kept_state kept;
    struct state_key key;
    struct seen_from from;

    if (!get(st, &kept, sizeof(kept)))
        return -EIO;
    key = (struct state_key){.low = kept.low, .high = kept.high};
    from = (struct seen_from){.state = (uint32_t)(kept.from >> 16),
                              .step = (uint16_t)kept.from};
    while (!seen_add(adder, key, from)) {
        int err = seen_grow(adder->seen);

        if (err)
            return err;
    }
    return 0;
}

static int get_finding(struct stream *st, struct found_list *l)
{
    struct kept_finding kept;
    struct found_key key;
    struct found_way way;

    if (!get(st, &kept, sizeof(kept)))
        return -EIO;
    key = (struct found_key){.class = (enum found_class)kept.class,
                             .detail = kept.detail,
                             .cause = (enum cause_id)kept.cause,
                             .path = (enum mm_path)kept.path};
    way = (struct found_way){.length = kept.length,
                             .state = kept.state,
                             .step = (uint16_t)kept.step};
    return found_add(l, &key, &way) ? 0 : -ENOMEM;
}

/* The order of their ways is that of their numbers: they get these again. */
static int read_all(struct stream *st, const struct head *head,
                    struct search *s)
{
    const struct search_point at = {
        .first = (uint32_t)head->first,
        .end = (uint32_t)head->end,
        .depth = (unsigned)head->depth,
        .complete = (unsigned)head->complete,
        .all = head->all,
        .done = head->done,
        .tries = head->tries,
        .share = {.depth = (unsigned)head->share_depth,
                  .states = (uint32_t)head->share_states,
                  .own = (uint32_t)head->share_own},
        .coverage = head->coverage};
    struct seen_adder adder = {.seen = search_seen(s)};
    int err = 0;

    for (uint64_t i = 0; !err && i < head->nr_states; i++)
        err = get_state(st, &adder);
    seen_give_back(&adder);
    if (!err)
        err = seen_number(search_seen(s));
    for (uint64_t i = 0; !err && i < head->nr_found; i++)
        err = get_finding(st, search_findings(s));
    return err ? err : search_go_on(s, &at);
}

static int read_file(struct stream *st, const char *path, struct search *s,
                     const char *identity, FILE *err)
{
    const char *what = "damaged";
    struct head head;
    int ret = -EBADMSG;

    if (!get(st, &head, sizeof(head)) || head.magic != MAGIC)
        what = "damaged, of another byte order or version, or no file "
               "of --resume";
    else if (is_whole(st, &head)) {
        ret = check_identity(st, &head, path, identity, err);
        if (!ret)
            ret = read_all(st, &head, s);
        if (ret != -ESTALE && ret != -ERANGE)
            return ret;
        what = ret == -ERANGE ? "has gone beyond --depth already"
                              : "made with another version of adiemu";
        ret = -EBADMSG;
    }
    say_line(err, "adiemu: %s: %s", path, what);
    return ret;
}

int resume_load(const char *path, struct search *s, const char *identity,
                FILE *err)
{
    struct stream st;
    int ret;

    if (!stream_open(&st, path, "r"))
        return -errno;
    ret = read_file(&st, path, s, identity, err);
    (void)stream_close(&st);
    return ret;
}
