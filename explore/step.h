/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/step.h - one thing that can happen to a memory
 *
 * Owns:    nothing
 * Used by: explore/
 */
#pragma once

#include "script/script.h"

/* An action, and what others do in the middle of it, if they do. */
struct step {
    struct script_action action;
    bool has_other;
    enum moment_id moment; /* of the first fault of @kind, or the migration */
    enum fault_kind kind;
    struct script_action other;
};
