#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cppcheck over our own sources; other versions have other false alarms.
#
#   cppcheck.sh TOP BUILD
set -u
top=${1:?the source tree}
build=${2:?the build tree}
. "$(dirname "$0")/version.sh"
only_version 2.10 cppcheck
cd "$top" || exit 2
mkdir -p "$build/cppcheck"
cppcheck --quiet --error-exitcode=1 --std=c11 -j 2 \
    --cppcheck-build-dir="$build/cppcheck" \
    --enable=warning,performance,portability --inline-suppr \
    --suppress=missingInclude --suppress=missingIncludeSystem \
    --suppress=normalCheckLevelMaxBranches \
    --suppressions-list=tests/lint/cppcheck.txt \
    --include=/usr/include/utlist.h --include=/usr/include/uthash.h \
    -D_GNU_SOURCE -DADIEMU_VERSION='"0"' -I. \
    base event mm adi swap migrate judge print check script explore api emu cli
