/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * print/internal.h - struct report, for this folder
 */
#pragma once

#include "event/hosterr.h"
#include "event/hub.h"
#include "judge/cause.h"
#include "judge/history.h"
#include "judge/judge.h"
#include "judge/kernel_bug.h"
#include "judge/leak_records.h"
#include "judge/ledger.h"
#include "judge/mismatch.h"
#include "judge/oracle.h"
#include "judge/paths.h"
#include "judge/refusal.h"
#include "judge/timeline.h"
#include "print/pcname.h"
#include "print/report.h"

/* What is printed: all of it is borrowed. */
struct report {
    const struct judge *judge;
    const struct hub *hub;
    const struct pc_namer *namer; /* NULL: PCs have no names */
    struct oracle *oracle;
    struct ledger *ledger;
    struct refusals *refusals;
};

/* report_text.c; @namer: NULL: PCs have no names */
struct report report_of(const struct judge *j, const struct pc_namer *namer);
