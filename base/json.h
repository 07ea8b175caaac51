/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * base/json.h - names of the host in JSON
 *
 * Owns:    nothing
 * Used by: print/, explore/run_report.c, cli/matrix.c
 */
#pragma once

#include <jansson.h>

/* json_name - a name, which may be any bytes; where they are not UTF-8, those
 * that are not ASCII are "?" */
json_t *json_name(const char *name);
