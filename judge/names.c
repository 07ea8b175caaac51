// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/finding.h"
#include "judge/ledger.h"

const char *finding_kind_name(enum finding_kind kind)
{
    return kind == FINDING_LOST ? "lost" : "stale";
}

const char *misrelease_kind_name(enum misrelease_kind kind)
{
    static const char *const names[] = {
        [RELEASE_UNSAVED] = "never saved",
        [RELEASE_FREED] = "use after free",
        [RELEASE_REUSED] = "descriptor in use again",
    };

    return names[kind];
}

const char *leak_class_name(enum leak_class c)
{
    static const char *const names[] = {
        [LEAK_REACHABLE] = "still reachable",
        [LEAK_PARTLY] = "partly leaked",
        [LEAK_DEFINITE] = "definitely leaked",
        [LEAK_REBOOT] = "leaked until reboot",
    };

    return names[c];
}
