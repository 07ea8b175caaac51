#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tools/slurm/explore.sbatch, on a cluster of this machine alone.

  test_slurm.py --adiemu A --script tools/slurm/explore.sbatch

munged, slurmctld and slurmd run in a folder of their own, with a configuration
of their own (Debian: slurm-wlm, munge).  77 when these are missing, or when it
is not root who asks: slurmd wants to be.  No process is left.
"""
import argparse
import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "squeue")
SLICES = 4
LIMIT = 150  # seconds, for all
OPTIONS = ("--kernel=linux-6.2,remap", "--depth=5")
PR_SET_CHILD_SUBREAPER = 36

CONFIG = """
ClusterName=adiemu
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={dir}/munge/socket
CredType=cred/munge
StateSaveLocation={dir}/state
SlurmdSpoolDir={dir}/spool
SlurmctldPidFile={dir}/slurmctld.pid
SlurmdPidFile={dir}/slurmd.pid
SlurmctldLogFile={dir}/slurmctld.log
SlurmdLogFile={dir}/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/linear
SwitchType=switch/none
MpiDefault=none
MailProg=/bin/true
ReturnToService=2
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=2,batch_sched_delay=0,sched_min_interval=0
NodeName={host} NodeAddr=127.0.0.1 CPUs=1 RealMemory=100 State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP \
OverSubscribe=NO
"""


class Failed(Exception):
    pass


def free_ports(nr):
    sockets = [socket.socket() for _ in range(nr)]
    try:
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]
    finally:
        for s in sockets:
            s.close()


def descendants():
    """All of ours: who lost a parent has us (PR_SET_CHILD_SUBREAPER)."""
    parents = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        state, parent = text[text.rindex(")") + 2:].split()[:2]
        if state != "Z":
            parents[int(stat.parent.name)] = int(parent)
    ours = {os.getpid()}
    while more := {p for p, parent in parents.items()
                   if parent in ours} - ours:
        ours |= more
    return ours - {os.getpid()}


def end_all():
    """Those that ended by themselves are no more; who is left, is killed."""
    for number, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
        for pid in descendants():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        end = time.monotonic() + seconds
        while descendants() and time.monotonic() < end:
            reap()
            time.sleep(0.1)
    reap()
    return descendants()


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


class Cluster:
    def __init__(self, folder):
        self.dir = pathlib.Path(folder)
        self.end = time.monotonic() + LIMIT
        self.env = {**os.environ, "SLURM_CONF": f"{folder}/slurm.conf"}
        for name in ("munge", "state", "spool", "work"):
            (self.dir / name).mkdir()
        key = self.dir / "munge" / "key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        (self.dir / "slurm.conf").write_text(CONFIG.format(
            dir=folder, host=socket.gethostname().split(".")[0],
            ports=free_ports(2)), encoding="utf-8")

    def daemon(self, *command):
        with open(self.dir / f"{command[0]}.out", "wb") as out:
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out,
                             stderr=out, env=self.env, cwd=self.dir)

    def start(self):
        munge = self.dir / "munge"
        self.daemon("munged", "--foreground", "--force",
                    f"--key-file={munge}/key", f"--socket={munge}/socket",
                    f"--pid-file={munge}/pid", f"--log-file={munge}/log",
                    f"--seed-file={munge}/seed")
        self.wait(lambda: (munge / "socket").exists(), "munged")
        self.daemon("slurmctld", "-D", "-i")
        self.daemon("slurmd", "-D")
        self.wait(lambda: "idle" in self.ask("sinfo", "-h", "-o", "%t"),
                  "a node that is idle")

    def ask(self, *command):
        done = subprocess.run(command, env=self.env, text=True, timeout=60,
                              capture_output=True, cwd=self.dir / "work")
        return done.stdout.strip()

    def wait(self, is_so, what):
        while not is_so():
            if time.monotonic() > self.end:
                raise Failed(f"waited for {what}")
            time.sleep(0.2)

    def submit(self, script, adiemu):
        self.env["ADIEMU"] = adiemu
        job = self.ask("sbatch", "--parsable", f"--array=1-{SLICES}", script,
                       *OPTIONS)
        if not job.isdigit():
            raise Failed(f"sbatch said {job!r}")
        self.wait(lambda: self.ask("squeue", "-h") == "", "the jobs")
        return self.dir / "work" / f"explore-{job}"

    def logs(self):
        for path in sorted([*self.dir.glob("*.log"), *self.dir.glob("*.out"),
                            *self.dir.glob("munge/log"),
                            *self.dir.glob("work/*.log")]):
            print(f"--- {path.name}\n"
                  f"{path.read_text(errors='replace')[-3000:]}")


def kinds(report):
    return [(k["kernel"], k["complete_depth"], k["any_depth"], k["stopped"],
             sorted((f["class"], str(f["detail"]), str(f["cause"]), f["path"],
                     f["steps"]) for f in k["findings"]))
            for k in report["kernels"]]


def check(folder, adiemu):
    with open(folder / "report.json", encoding="utf-8") as f:
        merged = json.load(f)
    one = json.loads(subprocess.run(
        [adiemu, "explore", *OPTIONS, "--jobs=1", "--report-format=json"],
        check=True, stdout=subprocess.PIPE, timeout=60).stdout)
    if (merged["slices"], merged["missing"]) != (SLICES, []):
        raise Failed(f"{merged['slices']}, missing {merged['missing']}")
    if kinds(merged) != kinds(one):
        raise Failed(f"{kinds(merged)}\nis not\n{kinds(one)}")
    text = (folder / "report.txt").read_text(encoding="utf-8")
    if "6 findings, complete to depth 5 (" not in text:
        raise Failed(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True, type=os.path.abspath)
    parser.add_argument("--script", required=True, type=os.path.abspath)
    args = parser.parse_args()
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    missing = [n for n in NEEDED if not shutil.which(n)]
    if missing or os.geteuid() != 0:
        print("skipped:", ", ".join(missing) or "not root")
        return 77
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory(prefix="adiemu-slurm-") as folder:
        os.chmod(folder, 0o755)
        cluster = Cluster(folder)
        code = 0
        try:
            cluster.start()
            check(cluster.submit(args.script, args.adiemu), args.adiemu)
        except (Failed, OSError, KeyError, subprocess.SubprocessError) as e:
            cluster.logs()
            print("failed:", e)
            code = 1
        finally:
            left = end_all()
        if left:
            print("left:", left)
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
