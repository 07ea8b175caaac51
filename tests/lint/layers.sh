#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Includes point downwards only; Unicorn is known in emu/engine/ alone.
#
#   layers.sh TOP
set -u
top=${1:?the source tree}
cd "$top" || exit 2
bad=0

# What each folder may include, itself and below.
allowed() {
    case $1 in
    base)    echo 'base' ;;
    event)   echo 'base event' ;;
    mm)      echo 'base event mm' ;;
    adi)     echo 'base event mm adi' ;;
    swap)    echo 'base event mm adi swap' ;;
    migrate) echo 'base event mm adi migrate' ;;
    judge)   echo 'base event mm adi judge' ;;
    print)   echo 'base event adi judge print' ;;
    check)   echo 'base event mm adi swap migrate judge print check' ;;
    script)   echo 'base event mm adi swap migrate judge check script' ;;
    explore) echo 'base event mm adi swap judge check script explore' ;;
    api)     echo 'base event mm adi swap migrate judge print check script api' ;;
    emu/engine) echo 'base event mm adi emu/engine' ;;
    emu)     echo 'base event mm adi swap migrate judge check script emu' ;;
    emu/gdb) echo 'base event mm adi swap migrate check script emu' ;;
    cli)     echo 'base event mm adi swap migrate judge print check script explore api emu cli' ;;
    esac
}

check() { # FOLDER FILE...
    folder=$1
    shift
    for file in "$@"; do
        for inc in $(sed -n 's/^#include "\(.*\)"/\1/p' "$file"); do
            ok=no
            case $inc in
            mm/types.h) ok=yes ;; # the one header that is open to all
            esac
            for a in $(allowed "$folder"); do
                case $inc in "$a"/*) ok=yes ;; esac
            done
            if [ $ok = no ]; then
                echo "$file: may not include $inc"
                bad=1
            fi
        done
    done
}

for folder in base event mm adi swap migrate judge print check script explore api cli; do
    check $folder $folder/*.[ch]
done
check emu/engine emu/engine/*.[ch]
check emu emu/*.[ch] $(find emu/linux emu/sandbox -name '*.[ch]')
check emu/gdb emu/gdb/*.[ch]

# The debugger is above the machine, which knows it by emu/debug.h alone.
for file in $(grep -l '#include "emu/gdb/' -r --include='*.[ch]' emu); do
    case $file in
    emu/gdb/*) ;;
    *) echo "$file: includes emu/gdb/"; bad=1 ;;
    esac
done

for file in $(grep -lE '#include *<unicorn|_sparc64\b' \
        -r --include='*.[ch]' base event mm adi swap migrate judge print check script explore api emu cli); do
    case $file in
    emu/engine/*) ;;
    *) echo "$file: knows Unicorn"; bad=1 ;;
    esac
done

# Another module's private structs stay private, but for the tests that break
# them to see the invariants fail.
for folder in event mm adi swap judge print check api; do
    for file in $(grep -l "#include \"$folder/internal.h\"" -r \
            --include='*.[ch]' event mm adi swap migrate judge print check script explore api emu cli tests); do
        case $file in
        $folder/*) ;;
        tests/unit/test_check.c|tests/unit/test_predict.c) ;;
        *) echo "$file: includes $folder/internal.h"; bad=1 ;;
        esac
    done
done
exit $bad
