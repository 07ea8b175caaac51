# SPDX-License-Identifier: GPL-2.0-or-later
"""adiemu and its peers: where they are, and what they are called."""
import glob
import os
import re
import shutil
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SYSROOT = "/usr/sparc64-linux-gnu"  # of programs linked dynamically


def stop(text):
    print("bench/run:", text, file=sys.stderr)
    sys.exit(2)


def cache_folder():
    """The one of cmake/setup.sh."""
    return os.environ.get("ADIEMU_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
        "adiemu")


def peer_folder():
    """Where bench/peers keeps what it has fetched."""
    return os.path.join(cache_folder(), "peers")


def first_line(path):
    """Of what it says to --version; None when it does not run."""
    try:
        done = subprocess.run([path, "--version"], text=True, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True)
    except OSError:
        return None
    lines = (done.stdout + done.stderr).splitlines()
    return lines[0].strip() if lines else "tells no version"


def version_of(path):
    """As 10.0.13; "" when it does not run, or tells none."""
    found = re.search(r"\bversion (\d+(?:\.\d+)+)", first_line(path) or "")
    return found[1] if found else ""


def default_peers():
    """The installed one, then what is fetched, by version."""
    installed = shutil.which("qemu-sparc64")
    fetched = glob.glob(f"{glob.escape(peer_folder())}/*/qemu-sparc64")
    fetched.sort(key=lambda path: [
        int(n) for n in version_of(path).split(".") if n])
    return ([installed] if installed else []) + fetched


class Emulator:
    def __init__(self, label, path, before=(), version=""):
        self.label = label
        self.path = path
        self.before = before  # words between it and the guest
        self.version = version

    def command(self, dynamic, *words):
        root = ["-L", SYSROOT] if dynamic else []
        return [self.path, *self.before, *root, *words]


def find_program(path, what):
    found = shutil.which(path)
    if not found:
        stop(f"{what} {path!r}: no such program")
    return os.path.abspath(found)


def find_adiemu(path):
    if path:
        return find_program(path, "--adiemu")
    places = [f"{TOP}/build/{preset}/{folder}adiemu"
              for preset in ("release", "dev") for folder in ("", "cli/")]
    for place in places:
        if os.access(place, os.X_OK):
            return place
    return stop("no adiemu in build/release or build/dev; give --adiemu")


def label_of(path):
    """Short: qemu-7.2; the name of the file when there is no version."""
    number = ".".join(version_of(path).split(".")[:2])
    name = os.path.basename(path)
    return f"{name.split('-')[0]}-{number}" if number else name


def find_emulators(adiemu, peers, options):
    """adiemu, then its peers; None stands for those that there are."""
    found = [("adiemu", find_adiemu(adiemu), ("run", "-q", *options))]
    paths = default_peers() if peers is None else [
        find_program(path, "--peer") for path in peers]
    for path in paths:
        label = label_of(path)
        same = sum(known.split("#")[0] == label for known, _, _ in found)
        found.append((f"{label}#{same + 1}" if same else label, path, ()))
    emulators = []
    for label, path, before in found:
        version = first_line(path)
        if version is None:
            stop(f"{path}: does not run")
        emulators.append(Emulator(label, path, before, version))
    return emulators
