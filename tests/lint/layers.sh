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
    report)  echo 'base report' ;;
    mm)      echo 'base report mm' ;;
    adi)     echo 'base report mm adi' ;;
    swap)    echo 'base report mm adi swap' ;;
    migrate) echo 'base report mm adi migrate' ;;
    check)   echo 'base report mm adi swap migrate check' ;;
    script)   echo 'base report mm adi swap migrate check script' ;;
    api)     echo 'base report mm adi swap migrate check script api' ;;
    emu/engine) echo 'base report mm adi emu/engine' ;;
    emu)     echo 'base report mm adi swap migrate check script emu' ;;
    cli)     echo 'base report mm adi swap migrate check script emu cli' ;;
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

for folder in base report mm adi swap migrate check script api cli; do
    check $folder $folder/*.[ch]
done
check emu/engine emu/engine/*.[ch]
check emu emu/*.[ch] $(find emu/linux -name '*.[ch]')

for file in $(grep -lE '#include *<unicorn|_sparc64\b' \
        -r --include='*.[ch]' base report mm adi swap migrate check script api emu cli); do
    case $file in
    emu/engine/*) ;;
    *) echo "$file: knows Unicorn"; bad=1 ;;
    esac
done

# Another module's private structs stay private, but for the tests that break
# them to see the invariants fail.
for folder in report mm adi swap check api; do
    for file in $(grep -l "#include \"$folder/internal.h\"" -r \
            --include='*.[ch]' report mm adi swap migrate check script api emu cli tests); do
        case $file in
        $folder/*) ;;
        tests/unit/test_check.c|tests/unit/test_predict.c) ;;
        *) echo "$file: includes $folder/internal.h"; bad=1 ;;
        esac
    done
done
exit $bad
