#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What adiemu is for, in three runs.
#
#   demo.sh BUILD
set -eu
build=${1:?the build tree}
top=$(cd "$(dirname "$0")/.." && pwd)
adiemu=$build/cli/adiemu
guests=$build/demo

title() { printf '\n### %s\n' "$*"; }

mkdir -p "$guests"
for name in shm_sample anon_swap b1_zap; do
    sparc64-linux-gnu-gcc -std=gnu11 -O2 -w -static -I"$top/tests/guest" \
        "$top/tests/guest/adi/$name.c" -o "$guests/$name"
done

title 'The ADI sample of the kernel documentation: 32 MiB of shared memory'
echo '$ adiemu run -q --ram=128M shm_sample'
"$adiemu" run --ram=128M -q "$guests/shm_sample"

title 'Twice the RAM in tagged pages: each goes through the swap file'
echo '$ adiemu run --ram=16M --swap=128M anon_swap'
"$adiemu" run --ram=16M --swap=128M "$guests/anon_swap"

title 'Linux 6.2: what munmap leaves in the tag store'
echo '$ adiemu run --swap=64M --kernel=linux-6.2 -E CASE=munmap b1_zap'
"$adiemu" run --swap=64M --kernel=linux-6.2 -E CASE=munmap "$guests/b1_zap"
