#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# .clang-format decides, as read by the one version that all of us use: others
# break lines elsewhere.
#
#   format.sh TOP
set -u
. "$(dirname "$0")/version.sh"
cd "${1:?the source tree}" || exit 2
only_version 14 clang-format
find base event mm adi swap migrate judge print check script explore api emu cli tests bench examples -name '*.[ch]' \
    ! -path '*/guest/*' -print0 |
    xargs -0 clang-format --dry-run -Werror
