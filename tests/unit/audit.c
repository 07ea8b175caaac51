// SPDX-License-Identifier: GPL-2.0-or-later
/* The invariants of check/, as an assertion of a test. */
#include "check/check.h"
#include "fake_ops.h"
#include "unit.h"

void audit(struct world *w)
{
    const struct check_config config = {.mem = w->mem,
                                        .adi = w->adi,
                                        .swap = w->swap,
                                        .judge = w->judge,
                                        .level = CHECK_FULL,
                                        .late = true};
    struct check *c = check_create(&config);
    const struct check_failure *failure;

    assert_non_null(c);
    check_hold(c, w->held);
    check_busy(c, w->busy);
    check_lose_slots(c, (int)w->lost_slots);
    (void)check_everything(c);
    failure = check_failure(c);
    if (failure)
        print_error("invariant %u, %s: %s\n", failure->nr, failure->name,
                    failure->text);
    assert_null(failure);
    check_destroy(c);
}
