// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernels of a file: what is read, what is refused, and what the hooks that
 * no Linux has do to a store of descriptors.
 */
#include "adi/profile_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adi/profile_words.h"
#include "adi/store_linux.h"
#include "adi/store_remap.h"
#include "adi/store_swap.h"
#include "explore/search.h"
#include "unit.h"

static struct profile_file file;

static int parse(const char *text, struct profile_error *err)
{
    return profile_file_parse(text, strlen(text), &file, err);
}

static const struct adi_profile *made(const char *text)
{
    struct profile_error err;

    assert_int_equal(parse(text, &err), 0);
    return &file.profile;
}

static void test_file_begins_as_its_kernel(void **state)
{
    const struct adi_profile *from = adi_profile_find("linux-5.17");
    const struct adi_profile *p =
        made("# a comment\n\nname  mine # and\tanother\r\n  kernel linux-5.17");

    (void)state;
    assert_string_equal(p->name, "mine");
    assert_string_equal(p->summary, "linux-5.17, changed by a file");
    assert_null(p->also);
    assert_ptr_equal(p->store, from->store);
    assert_memory_equal(p->hooks, from->hooks, sizeof(p->hooks));
    assert_memory_equal(&p->policy, &from->policy, sizeof(p->policy));
    assert_string_equal(made("kernel remap")->name, "patched");
}

static void test_hooks_and_policies_change(void **state)
{
    const struct adi_profile *p =
        made("kernel linux-5.17\npolicy unmap_undo_swap on\n"
             "policy zap_mapping off\nhook unuse restore\n"
             "hook unmap_migrate none\n");

    (void)state;
    assert_true(p->policy.unmap_undo_swap);
    assert_false(p->policy.zap_mapping);
    assert_ptr_equal(p->hooks[HOOK_UNUSE], linux_restore_unuse);
    assert_null(p->hooks[HOOK_UNMAP_MIGRATE]);
    assert_ptr_equal(p->hooks[HOOK_UNMAP_SWAP], linux_unmap_swap);
}

static void test_store_begins_without_hooks(void **state)
{
    const struct adi_profile *p =
        made("kernel linux-6.2\nstore slot\nhook swap_write save\n");

    (void)state;
    assert_ptr_equal(p->store, &store_swap);
    assert_ptr_equal(p->hooks[HOOK_SWAP_WRITE], swapkey_save);
    for (int h = 0; h < HOOK_NR; h++)
        assert_true(h == HOOK_SWAP_WRITE || !p->hooks[h]);
    assert_ptr_equal(made("kernel linux-6.2\nstore page\n")->store,
                     &store_remap);
    assert_ptr_equal(made("kernel remap\nstore va\n")->store, &store_linux);
}

static void test_errors_name_line_and_word(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
        const char *said;
    } errors[] = {
        {"", 0, "the end, expected \"kernel\""},
        {"name x\n", 1, "the end, expected \"kernel\""},
        {"hook unuse restore\n", 1, "expected \"kernel\" before it"},
        {"name a/b\n", 1, "a name, expected letters"},
        {"name .x\n", 1, "a name, expected letters"},
        {"name \351\n", 1, "a name, expected letters"},
        {"name remap\n", 1, "a name that no profile has"},
        {"kernel linux-9\n", 1, "\"linux-9\", expected the name of a profile"},
        {"kernel remap\nkernel remap\n", 2, "\"kernel\", expected it once"},
        {"name a\nname b\n", 2, "\"name\", expected it once"},
        {"kernel remap\nname a\n", 2, "expected it before \"kernel\""},
        {"kernel remap\nstore va\nstore va\n", 3, "expected it once"},
        {"kernel remap\nhook unuse none\n\nstore va\n", 4,
         "\"store\", expected it before \"hook\""},
        {"kernel remap\npolicy zeromap on\nstore va\n", 3,
         "\"store\", expected it before \"policy\""},
        {"kernel remap\nhook unuse none\nkernel remap\n", 3,
         "\"kernel\", expected it before \"hook\""},
        {"kernel remap\nhook unuse none\nhook unuse restore\n", 3,
         "\"hook unuse\", expected one line for it"},
        {"kernel remap\npolicy zeromap on\nhook unuse none\n"
         "policy zeromap on\n",
         4, "\"policy zeromap\", expected one line for it"},
        {"kernel remap\n\nhok unuse none\n", 3, "\"hok\", expected name, "},
        {"kernel remap\nhook unuze none\n", 2,
         "\"unuze\", expected a hook; try"},
        {"kernel remap\nhook unuse drop\n", 2, "expected none or restore"},
        {"kernel remap\nhook swap_write save\n", 2, "has no function for"},
        {"kernel remap\nhook unuse\n", 2, "expected 2 words behind it"},
        {"kernel remap x\n", 1, "expected 1 word behind it"},
        {"kernel remap\nhook unuse none x\n", 2, "\"x\", expected the end"},
        {"kernel remap\npolicy zeromap yes\n", 2, "expected on or off"},
        {"kernel remap\npolicy zeromaps on\n", 2,
         "expected a policy; try --profile-file=list"},
        {"kernel remap\nstore pages\n", 2, "expected va, page or slot"},
    };
    char text[600];
    struct profile_error err;

    (void)state;
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        assert_int_equal(parse(errors[i].text, &err), -EBADMSG);
        assert_int_equal(err.line, errors[i].line);
        assert_non_null(strstr(err.text, errors[i].said));
    }
    assert_int_equal(profile_file_parse("name \0x\n", 8, &file, &err),
                     -EBADMSG);
    memset(text, 'x', sizeof(text));
    assert_int_equal(profile_file_parse(text, sizeof(text), &file, &err),
                     -EBADMSG);
    snprintf(text, sizeof(text), "name %0100d\n", 1);
    assert_int_equal(parse(text, &err), -EBADMSG);
}

/* ------------------------------------------------------ the list of words */

static int parse_line(const char *store, const char *kind, const char *name,
                      const char *word)
{
    struct profile_error err;
    char text[256];

    snprintf(text, sizeof(text), "kernel remap\n%s%s\n%s %s %s\n",
             *store ? "store " : "", store, kind, name, word);
    return parse(text, &err);
}

static void check_policy(const char *name)
{
    struct adi_profile on;

    assert_int_equal(parse_line("", "policy", name, "on"), 0);
    on = file.profile;
    assert_int_equal(parse_line("", "policy", name, "off"), 0);
    assert_memory_not_equal(&on.policy, &file.profile.policy,
                            sizeof(on.policy));
}

/* It is what these stores, and no others, can do there. */
static void check_hook(const char *name, const char *word, const char *about)
{
    static const char *const stores[] = {"va", "page", "slot"};
    const char *can = strrchr(about, '(');

    for (size_t i = 0; i < 3; i++) {
        bool listed = word && can && strstr(can, stores[i]);

        assert_int_equal(parse_line(stores[i], "hook", name, "none"), 0);
        if (word)
            assert_int_equal(parse_line(stores[i], "hook", name, word),
                             listed ? 0 : -EBADMSG);
    }
}

static void check_words(char *line, unsigned *hooks, unsigned *policies)
{
    char *save, *kind = strtok_r(line, " ", &save);
    char *name = strtok_r(NULL, " ", &save);
    char *words = strtok_r(NULL, " ", &save),
         *about = strtok_r(NULL, "", &save);
    struct profile_error err;
    char text[64];

    if (strcmp(kind, "policy") == 0) {
        assert_string_equal(words, "on|off");
        check_policy(name);
        assert_true(strlen(about) > 10);
        ++*policies;
    } else if (strcmp(kind, "hook") == 0) {
        assert_memory_equal(words, "none", 4);
        check_hook(name, words[4] ? words + 5 : NULL, about);
        ++*hooks;
    } else if (strcmp(kind, "store") == 0) {
        snprintf(text, sizeof(text), "kernel remap\nstore %s\n", name);
        assert_int_equal(parse(text, &err), 0);
    } else
        assert_true(strcmp(kind, "name") == 0 || strcmp(kind, "kernel") == 0);
}

/* What is listed can be read, and what can be read is listed. */
static void test_list_has_the_words(void **state)
{
    unsigned hooks = 0, policies = 0, nr_policies = 0;
    char *text = NULL, *save, *line;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    (void)state;
    assert_non_null(out);
    profile_words_print(out);
    fclose(out);
#define X(name, has)                                                           \
    nr_policies++;                                                             \
    assert_non_null(strstr(text, "\npolicy " #name " "));
    MM_POLICIES(X, 0)
#undef X
    for (line = strtok_r(text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save))
        check_words(line, &hooks, &policies);
    assert_int_equal(hooks, HOOK_NR);
    assert_int_equal(policies, nr_policies);
    free(text);
}

/* ------------------------------------------- hooks that no Linux has */

static bool finds(const struct adi_profile *p, const char *sets, unsigned depth,
                  enum cause_id cause)
{
    struct alphabet_config size = {
        .nr_pages = 1, .nr_processes = 2, .nr_nodes = 2};
    struct alphabet a = {.nr = 0};
    struct search_config config = {
        .world = {.profile = p, .nr_nodes = 2, .nr_processes = 2},
        .alphabet = &a,
        .depth = depth,
        .jobs = 1};
    struct search *s;
    bool found = false;

    while (*sets) {
        size_t len = strcspn(sets, ",");

        assert_int_equal(alphabet_add_set(&a, sets, len, &size), 0);
        sets += len + (sets[len] == ',');
    }
    s = search_create(&config);
    assert_non_null(s);
    assert_int_equal(search_run(s, NULL, NULL), 0);
    for (unsigned i = 0; i < search_result(s).nr_found; i++)
        found = found || search_found(s, i)->key.cause == cause;
    search_destroy(s);
    alphabet_free(&a);
    return found;
}

/* What linux-6.2 leaks or loses, a hook there mends. */
static void test_hook_mends_what_is_missing_there(void **state)
{
    static const struct {
        const char *hook, *sets;
        unsigned depth;
        enum cause_id cause;
    } mends[] = {
        {"zap_swap drop", "swap", 4, CAUSE_ZAP},
        {"unuse restore", "swap", 4, CAUSE_UNUSE},
        {"unuse_lost drop", "swap,fail", 5, CAUSE_UNUSE_LOST},
        {"free_swap drop", "swap,advice", 4, CAUSE_MADV_FREE},
        {"fork_swap copy", "swap,fork", 5, CAUSE_FORK},
        {"move_swap move", "swap,move", 5, CAUSE_MOVE},
        {"unmap_migrate_undo drop", "swap,migrate", 3, CAUSE_MIGRATE_UNDO},
        {"unmap_swap_undo drop", "swap,migrate,fail", 6, CAUSE_UNMAP_UNDO},
        {"remap_migrate drop", "swap,migrate", 3, CAUSE_MIGRATE},
        {"zap_migrate drop", "swap,moving", 3, CAUSE_ZAP_MIGRATE},
    };
    char text[120];

    (void)state;
    for (size_t i = 0; i < sizeof(mends) / sizeof(mends[0]); i++) {
        snprintf(text, sizeof(text), "kernel linux-6.2\nhook %s\n",
                 mends[i].hook);
        assert_true(finds(adi_profile_find("linux-6.2"), mends[i].sets,
                          mends[i].depth, mends[i].cause));
        assert_false(
            finds(made(text), mends[i].sets, mends[i].depth, mends[i].cause));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file_begins_as_its_kernel),
        cmocka_unit_test(test_hooks_and_policies_change),
        cmocka_unit_test(test_store_begins_without_hooks),
        cmocka_unit_test(test_errors_name_line_and_word),
        cmocka_unit_test(test_list_has_the_words),
        cmocka_unit_test(test_hook_mends_what_is_missing_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
