// SPDX-License-Identifier: GPL-2.0-or-later
/* A search that is kept after each depth, and goes on from there. */
#include "explore/resume.h"

#include <errno.h>
#include <unistd.h>

#include "steps.h"

#define DEPTH 5

struct kept {
    char *dir;                 /* owned */
    char paths[DEPTH + 1][64]; /* by the depth that is complete */
    unsigned nr;
};

static void keep(void *ctx, struct search *s)
{
    struct kept *kept = ctx;
    unsigned depth = search_point(s).complete;

    assert_int_equal(depth, kept->nr);
    snprintf(kept->paths[depth], sizeof(kept->paths[depth]), "%s/%u", kept->dir,
             depth);
    assert_int_equal(resume_save(kept->paths[depth], s, "this\nsearch\n"), 0);
    kept->nr++;
}

static struct search *make_deep(const char *profile, const struct alphabet *a,
                                unsigned depth, struct kept *kept)
{
    const struct search_config config = {
        .world = {.profile = adi_profile_find(profile),
                  .nr_nodes = NODES,
                  .nr_processes = 2},
        .alphabet = a,
        .depth = depth,
        .jobs = 1,
        .keep = kept ? keep : NULL,
        .keep_ctx = kept,
    };
    struct search *s = search_create(&config);

    assert_non_null(s);
    return s;
}

static struct search *make(const char *profile, const struct alphabet *a,
                           struct kept *kept)
{
    return make_deep(profile, a, DEPTH, kept);
}

static struct alphabet steps(void)
{
    struct alphabet a = {.nr = 0};

    steps_add_set(&a, "swap", &steps_size);
    steps_add_set(&a, "fork", &steps_size);
    return a;
}

static struct search *run_and_keep(const struct alphabet *a, struct kept *kept)
{
    struct search *s;

    *kept = (struct kept){.dir = strdup("/tmp/adiemu-resume-XXXXXX")};
    assert_non_null(kept->dir);
    assert_non_null(mkdtemp(kept->dir));
    s = make("linux-6.2", a, kept);
    assert_int_equal(search_run(s, NULL, NULL), 0);
    assert_int_equal(kept->nr, DEPTH + 1);
    return s;
}

static void forget(struct kept *kept)
{
    for (unsigned i = 0; i < kept->nr; i++)
        assert_int_equal(unlink(kept->paths[i]), 0);
    assert_int_equal(rmdir(kept->dir), 0); /* no FILE.new is there */
    free(kept->dir);
}

static void check_same(const struct search *a, const struct search *b)
{
    struct search_result x = search_result(a), y = search_result(b);

    assert_int_equal(x.states, y.states);
    assert_int_equal(x.tries, y.tries);
    assert_int_equal(x.complete, y.complete);
    assert_int_equal(x.nr_found, y.nr_found);
    assert_true(x.nr_found > 0);
    assert_memory_equal(&x.coverage, &y.coverage, sizeof(x.coverage));
    assert_true(x.coverage.hooks);
    for (unsigned i = 0; i < x.nr_found; i++) {
        const struct found *f = search_found(a, i), *g = search_found(b, i);

        assert_true(found_same(&f->key, &g->key));
        assert_int_equal(f->way.length, g->way.length);
        assert_int_equal(f->way.state, g->way.state);
        assert_int_equal(f->way.step, g->way.step);
    }
}

static void test_it_goes_on_from_each_depth(void **state)
{
    struct alphabet a = steps();
    struct kept kept;
    struct search *one = run_and_keep(&a, &kept);

    (void)state;
    for (unsigned i = 0; i < kept.nr; i++) {
        struct search *s = make("linux-6.2", &a, NULL);

        assert_int_equal(
            resume_load(kept.paths[i], s, "this\nsearch\n", stderr), 0);
        assert_int_equal(search_point(s).complete, i);
        assert_int_equal(search_run(s, NULL, NULL), 0);
        check_same(one, s);
        search_destroy(s);
    }
    search_destroy(one);
    forget(&kept);
    alphabet_free(&a);
}

static void check_refused(const char *path, const char *profile,
                          const struct alphabet *a, const char *identity,
                          const char *said)
{
    struct search *s = make(profile, a, NULL);
    char *text = NULL;
    size_t bytes;
    FILE *err = open_memstream(&text, &bytes);

    assert_non_null(err);
    assert_int_equal(resume_load(path, s, identity, err), -EBADMSG);
    fclose(err);
    if (!strstr(text, said))
        fail_msg("\"%s\" is not in: %s", said, text);
    free(text);
    search_destroy(s);
}

/* What was complete goes deeper, and one that is deeper is refused. */
static void test_it_goes_deeper(void **state)
{
    struct alphabet a = steps();
    struct kept kept;
    struct search *one = run_and_keep(&a, &kept);
    char path[80];

    (void)state;
    snprintf(path, sizeof(path), "%s/less", kept.dir);
    for (unsigned depth = 0; depth < DEPTH; depth++) {
        struct search *s = make_deep("linux-6.2", &a, depth, NULL);

        assert_int_equal(search_run(s, NULL, NULL), 0);
        assert_true(search_point(s).done);
        assert_int_equal(resume_save(path, s, "it"), 0);
        search_destroy(s);
        s = make("linux-6.2", &a, NULL);
        assert_int_equal(resume_load(path, s, "it", stderr), 0);
        assert_int_equal(search_run(s, NULL, NULL), 0);
        check_same(one, s);
        assert_int_equal(resume_save(path, s, "it"), 0);
        search_destroy(s);
        s = make_deep("linux-6.2", &a, depth, NULL);
        assert_int_equal(resume_load(path, s, "it", stderr), -EBADMSG);
        search_destroy(s);
    }
    search_destroy(one);
    assert_int_equal(unlink(path), 0);
    forget(&kept);
    alphabet_free(&a);
}

static void test_what_is_of_another_search_is_refused(void **state)
{
    struct alphabet a = steps(), b = {.nr = 0};
    struct kept kept;
    struct search *one = run_and_keep(&a, &kept);
    const char *path = kept.paths[4];

    (void)state;
    check_refused(path, "linux-6.2", &a, "this\nrun\n",
                  ": made with \"search\", not \"run\"\n");
    check_refused(path, "linux-6.2", &a, "this\nsearch\nhere\n",
                  ": made with \"\", not \"here\"\n");
    check_refused(path, "linux-6.2", &a, "", ": made with \"this\", not \"\"");
    /* The same by its name, but the model is another. */
    steps_add_set(&b, "fork", &steps_size);
    steps_add_set(&b, "swap", &steps_size);
    check_refused(path, "linux-6.2", &b, "this\nsearch\n",
                  ": made with another version of adiemu\n");
    search_destroy(one);
    forget(&kept);
    alphabet_free(&a);
    alphabet_free(&b);
}

static void test_when_it_cannot_be_written_the_last_one_stays(void **state)
{
    struct alphabet a = steps();
    struct kept kept;
    struct search *one = run_and_keep(&a, &kept), *s;
    char new_path[80];

    (void)state;
    snprintf(new_path, sizeof(new_path), "%s.new", kept.paths[3]);
    assert_int_equal(symlink("/dev/full", new_path), 0);
    assert_int_equal(resume_save(kept.paths[3], one, "other"), -ENOSPC);
    assert_int_equal(access(new_path, F_OK), -1);
    s = make("linux-6.2", &a, NULL);
    assert_int_equal(resume_load(kept.paths[3], s, "this\nsearch\n", stderr),
                     0);
    assert_int_equal(search_point(s).complete, 3);
    search_destroy(s);
    s = make("linux-6.2", &a, NULL);
    assert_int_equal(resume_load("/nowhere/x", s, "", stderr), -ENOENT);
    assert_int_equal(resume_save("/nowhere/x", one, ""), -ENOENT);
    search_destroy(s);
    search_destroy(one);
    forget(&kept);
    alphabet_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_goes_on_from_each_depth),
        cmocka_unit_test(test_it_goes_deeper),
        cmocka_unit_test(test_what_is_of_another_search_is_refused),
        cmocka_unit_test(test_when_it_cannot_be_written_the_last_one_stays),
    };

    return RUN(tests);
}
