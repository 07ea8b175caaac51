// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/coverage.h"

#include "adi/adi.h"
#include "adi/profile_words.h"
#include "event/hub.h"
#include "judge/judge.h"
#include "script/alone.h"

void coverage_add(struct coverage *to, const struct coverage *c)
{
    to->hooks |= c->hooks;
    to->paths |= c->paths;
    for (unsigned i = 0; i < ALPHABET_MAX / 64; i++)
        to->steps.words[i] |= c->steps.words[i];
}

void coverage_take(struct coverage *c, const struct world *w)
{
    const struct alone *a = world_alone(w);

    c->hooks |= adi_hooks_called(alone_adi(a));
    c->paths |= hub_paths(judge_hub(alone_judge(a)));
}

void coverage_take_step(struct coverage *c, const struct world *w, unsigned n)
{
    if (world_others_came(w))
        step_set_add(&c->steps, n);
}

uint64_t coverage_all_hooks(const struct adi_profile *p)
{
    uint64_t hooks = 0;

    for (unsigned h = 0; h < HOOK_NR; h++)
        if (p->hooks[h])
            hooks |= UINT64_C(1) << h;
    return hooks;
}

/* Tags are set without an event; who saves none in swap_writepage() has none
 * there. */
uint64_t coverage_all_paths(const struct adi_profile *p)
{
    uint64_t paths = 0;

    for (unsigned n = 0; n < PATH_NR; n++)
        if (*mm_path_function((enum mm_path)n) && n != PATH_STORE &&
            (n != PATH_SWAP_WRITE || p->hooks[HOOK_SWAP_WRITE]))
            paths |= UINT64_C(1) << n;
    return paths;
}

const char *coverage_hook(unsigned n)
{
    return n < HOOK_NR ? profile_hook_name((enum arch_hook)n) : NULL;
}

const char *coverage_path(unsigned n)
{
    return n < PATH_NR ? mm_path_name((enum mm_path)n) : NULL;
}

const char *coverage_step(const struct step *step,
                          char buf[static COVERAGE_STEP_MAX])
{
    struct script_event ev = {.trigger = {.when = step->moment == MOMENT_MIGRATE
                                                      ? WHEN_MIGRATE
                                                      : WHEN_FAULT,
                                          .moment = step->moment,
                                          .kind = step->kind},
                              .action = step->other};
    char action[SCRIPT_MAX_TEXT], other[SCRIPT_MAX_TEXT];

    snprintf(buf, COVERAGE_STEP_MAX, "%s%s%s",
             step->has_other ? script_event_text(&ev, other) : "",
             step->has_other ? "; " : "",
             script_action_text(&step->action, action));
    return buf;
}
