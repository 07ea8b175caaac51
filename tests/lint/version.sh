# SPDX-License-Identifier: GPL-2.0-or-later
# To be read by the other scripts.

# only_version VERSION TOOL: leave as a skipped test when it is another one.
only_version() {
    command -v "$2" >/dev/null || { echo "no $2"; exit 1; }
    found=$("$2" --version | sed -n 's/.*[^0-9.]\([0-9][0-9.]*\).*/\1/p;q')
    case $found. in
    "$1".*) ;;
    *)  echo "skipped: this is $2 $found, the sources are for $1"
        exit 77 ;;
    esac
}
