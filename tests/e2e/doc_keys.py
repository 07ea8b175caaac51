# SPDX-License-Identifier: GPL-2.0-or-later
"""The keys of JSON, and those that docs/explore.md names."""
import pathlib
import re

DOC = pathlib.Path(__file__).parents[2] / "docs/explore.md"


def of_json(value):
    """Those of all objects in it."""
    if isinstance(value, list):
        return set().union(*map(of_json, value))
    if isinstance(value, dict):
        return set(value) | of_json(list(value.values()))
    return set()


def named(text=""):
    """Words in the document; or only in the paragraph that has this text."""
    found = [p for p in re.split(r"\n\n", DOC.read_text()) if text in p]
    assert not text or len(found) == 1, text
    return set(re.findall(r"`([a-z_]+)`", "\n\n".join(found)))
