#!/bin/sh
# .clang-format decides.
#
#   format.sh TOP
set -u
cd "${1:?the source tree}" || exit 2
command -v clang-format >/dev/null || { echo 'no clang-format'; exit 1; }
find report mm adi swap migrate check drive emu cli tests bench -name '*.[ch]' \
    ! -path 'tests/guest/*' ! -path 'bench/guest/*' -print0 |
    xargs -0 clang-format --dry-run -Werror
