#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Install what is missing, build, and with --demo or --test run something.
#
#   sh cmake/setup.sh [--deps | --build | --demo | --test] [PRESET]
#
# The preset is dev, or for --demo release.  --deps stops after the
# dependencies of the preset.  Re-running is fast, and offline once everything
# is there.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
what=${1:---build}
case $what in
--demo) preset=${2:-release} ;;
--deps | --build | --test) preset=${2:-dev} ;;
*)  echo "usage: sh cmake/setup.sh [--deps | --build | --demo | --test]" \
        "[PRESET]" >&2
    exit 64 ;;
esac

# Both may be missing (env -i).
PATH=${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}
HOME=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}
export PATH HOME
cache=${ADIEMU_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/adiemu}
wheel_dir=$cache/unicorn-2.1.3

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

packages='gcc libc6-dev cmake ninja-build pkg-config libelf-dev libdw-dev
libjansson-dev libmd-dev libseccomp-dev
libcapstone-dev uthash-dev libxxhash-dev'
guest_packages='gcc-sparc64-linux-gnu libc6-dev-sparc64-cross'
test_packages='libcmocka-dev qemu-user clang-format cppcheck clang
libclang-rt-dev zsh strace'
browser_packages=chromium # looks at the page of "adiemu report"
debugger_packages=gdb-multiarch # reads core files; 14 MB with what it needs
cluster_packages='slurm-wlm munge' # run tools/slurm/
foreign_packages='make tcl' # build the programs of tests/foreign

# What this command needs and the machine lacks.
missing_packages() {
    needed=$packages
    python3 -m pip --version >/dev/null 2>&1 ||
        needed="$needed python3 python3-pip"
    [ "$preset" = release ] || needed="$needed $guest_packages $test_packages"
    case $what in
    --demo) needed="$needed $guest_packages" ;;
    --test)
        needed="$needed $browser_packages $debugger_packages"
        needed="$needed $foreign_packages $cluster_packages" ;;
    esac
    for p in $needed; do
        dpkg-query -W -f '${Status}' "$p" 2>/dev/null |
            grep -q 'ok installed' || echo "$p"
    done
}

install_packages() {
    missing=$(missing_packages | tr '\n' ' ')
    [ -n "$missing" ] || return 0
    root=
    [ "$(id -u)" = 0 ] || root=sudo
    say "reading the package lists"
    $root env DEBIAN_FRONTEND=noninteractive apt-get -qq update
    say "installing $missing"
    # shellcheck disable=SC2086
    $root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
        --no-install-recommends $missing >/dev/null
}

# The wheel for CPython 3.11 serves: only its headers and archive are used.
fetch_unicorn() {
    case $(uname -m) in
    x86_64)
        platform=manylinux_2_17_x86_64
        wheel=c6699453167b1abc98e6dc13728568b383b3d02acd4ec8b5d0189c522bd90522
        lib=602a1293236176ffdf366364590c5ee47165f6592990c9030151df8536c9b79e ;;
    aarch64)
        platform=manylinux_2_17_aarch64
        wheel=ce4eb49a65528b699bb82fc4f7b8cdf3400a1498e22aa14314f555872fc5310e
        lib=cff4c16ccebcbdc3da1603932ac06118bf04f39bda1059b66a87e7bdaf5b9203 ;;
    *)  die "no Unicorn wheel for $(uname -m): give -DUnicorn_ROOT=" ;;
    esac
    archive=$wheel_dir/unicorn/lib/libunicorn.a
    if [ ! -f "$archive" ]; then
        say "fetching unicorn 2.1.3 from PyPI"
        tmp=$(mktemp -d)
        trap 'rm -rf "$tmp"' EXIT
        printf 'unicorn==2.1.3 --hash=sha256:%s\n' "$wheel" >"$tmp/req.txt"
        python3 -m pip download --quiet --disable-pip-version-check \
            --no-deps --only-binary=:all: --require-hashes \
            --python-version 311 --implementation cp \
            --platform "$platform" -d "$tmp" -r "$tmp/req.txt"
        mkdir -p "$wheel_dir"
        python3 -m zipfile -e "$tmp"/unicorn-*.whl "$tmp/wheel"
        rm -rf "$wheel_dir/unicorn"
        mkdir -p "$wheel_dir/unicorn/lib"
        cp -r "$tmp/wheel/unicorn/include" "$wheel_dir/unicorn/"
        cp "$tmp/wheel/unicorn/lib/libunicorn.a" "$archive.new"
        mv "$archive.new" "$archive"
    fi
    printf '%s  %s\n' "$lib" "$archive" | sha256sum --check --quiet ||
        die "$archive is not that of the wheel unicorn 2.1.3: remove it"
}

build() {
    say "building in build/$preset"
    cmake --preset "$preset" -G Ninja >/dev/null || cmake --preset "$preset"
    cmake --build --preset "$preset" "$@"
}

install_packages
fetch_unicorn
[ "$what" != --deps ] || exit 0

cd "$top"
case $what in
--build) build ;;
--demo)
    build --target adiemu
    sh tests/demo.sh "build/$preset" ;;
--test)
    build
    say "testing"
    ctest --preset "$preset" ;;
esac
