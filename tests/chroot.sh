#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The two commands of README on a new machine: a Debian made by debootstrap
# with gcc, cmake, python3, pip and git and nothing else, without environment.
# By hand, as root; what is committed is what is tested.
#
#   tests/chroot.sh [--mirror=URL] [--keep=DIR] [--demo | --test] [SUITE...]
#
# Suites are bookworm and trixie.  --keep leaves them and their logs in DIR;
# what was there goes first.  pip.conf and certificates of this machine serve
# for the time of the run.
set -eu

mirror=http://deb.debian.org/debian
keep=
commands='--demo --test'
suites=
top=$(cd "$(dirname "$0")/.." && pwd)

usage() { sed -n 's/^#   //p' "$0" >&2; exit 64; }
die() { printf 'chroot: %s\n' "$*" >&2; exit 1; }

for arg; do
    case $arg in
    --mirror=*) mirror=${arg#*=} ;;
    --keep=*) keep=${arg#*=} ;;
    --demo | --test) commands=$arg ;;
    --inside=*) break ;;
    -*) usage ;;
    *) suites="$suites $arg" ;;
    esac
done

# make_root ROOT SUITE
make_root() {
    debootstrap --variant=minbase \
        --include=gcc,libc6-dev,cmake,python3,python3-pip,git,ca-certificates \
        "$2" "$1" "$mirror" >"$1.log" 2>&1 ||
        { tail "$1.log"; die "debootstrap $2 failed"; }
    git clone -q --no-hardlinks "$top" "$1/home/adiemu"
}

# In a mount and a pid namespace of our own: nothing is left behind.
#
# inside ROOT COMMAND...
inside() {
    root=$1
    shift
    mount -t proc proc "$root/proc"
    mount -t sysfs -o ro sys "$root/sys"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
    for f in /etc/resolv.conf /etc/pip.conf \
        /etc/ssl/certs/ca-certificates.crt; do
        [ ! -e "$f" ] || { : >>"$root$f" && mount --bind "$f" "$root$f"; }
    done
    exec chroot "$root" env -i /bin/sh -c "cd /home/adiemu && $*"
}

case ${1:-} in
--inside=*)
    root=${1#*=}
    shift
    inside "$root" "$@" ;;
esac

[ "$(id -u)" = 0 ] || die "only root can make a chroot"
command -v debootstrap >/dev/null || die "no debootstrap"

work=${keep:-$(mktemp -d)}
[ -n "$keep" ] || trap 'rm -rf --one-file-system "$work"' EXIT
mkdir -p "$work"
failed=
for suite in ${suites:-bookworm trixie}; do
    root=$work/$suite
    rm -rf --one-file-system "$root"
    echo "chroot: making $suite in $root"
    make_root "$root" "$suite"
    for what in $commands; do
        log=$root$what.log
        start=$(date +%s)
        if unshare --mount --pid --fork --kill-child sh "$0" \
            --inside="$root" "sh cmake/setup.sh $what" \
            </dev/null >"$log" 2>&1; then
            result=ok
        else
            result=FAILED
            failed=yes
        fi
        echo "chroot: $suite: sh cmake/setup.sh $what: $result" \
            "after $(($(date +%s) - start)) s; the end of $log:"
        tail -n 12 "$log"
    done
done
[ -z "$failed" ]
