#!/usr/bin/env python3
"""Two profiles more, added to adi/profile.c as a newcomer would.

  scratch_profile.py PROFILE.C OUTPUT

"scratch" is "remap" without its hook of fork and says that it has B2;
"scratch-denies" is the same and says that it has no bug.
"""
import pathlib
import sys

INITIALISER = """\
    {
        .name = "%s",
        .summary = "as remap, but fork forgets",
        .store = &store_remap,
        .bugs = %s,
        .policy = POLICY_6_2,
        .hooks =
            {
                [HOOK_UNMAP_SWAP] = remap_unmap,
                [HOOK_UNMAP_SWAP_UNDO] = remap_unmap_undo,
                [HOOK_SWAP_READ] = remap_swap_read,
                [HOOK_SWAPIN_EARLY] = remap_swapin,
                [HOOK_UNUSE] = remap_unuse,
                [HOOK_UNUSE_LOST] = remap_unuse_lost,
                [HOOK_ZAP_SWAP] = remap_zap,
                [HOOK_FREE_SWAP] = remap_free_swap,
                [HOOK_MOVE_SWAP] = remap_move,
                [HOOK_SHMEM_OUT] = remap_shmem_out,
                [HOOK_SHMEM_IN] = remap_shmem_in,
                [HOOK_SHMEM_GONE] = remap_shmem_gone,
            },
    },
"""

text = pathlib.Path(sys.argv[1]).read_text()
head, table, rest = text.partition("static const struct adi_profile profiles")
at = rest.index("\n};\n") + 1
rest = (rest[:at] + INITIALISER % ("scratch", "BUG(2)")
        + INITIALISER % ("scratch-denies", "0") + rest[at:])
pathlib.Path(sys.argv[2]).write_text(head + table + rest)
