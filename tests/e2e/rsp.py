# SPDX-License-Identifier: GPL-2.0-or-later
"""The other end of gdb's remote protocol, for tests: whole packets, or bytes."""
import os
import socket
import subprocess
import tempfile
import time


class Target:
    """adiemu with --gdb, and a connection to it."""

    def __init__(self, adiemu, guest, *arguments, options=(), where="",
                 connect=True, **kwargs):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "gdb")
        kwargs = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                  "stderr": subprocess.STDOUT, **kwargs}
        self.process = subprocess.Popen(
            [adiemu, "run", "-q", f"--gdb={self.path}{where}", *options, guest,
             *arguments], **kwargs)
        for _ in range(2000):
            if os.path.exists(self.path) or self.process.poll() is not None:
                break
            time.sleep(0.005)
        self.buffer = b""
        self.socket = None
        if connect:
            self.connect()

    def connect(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        for _ in range(2000):
            try:
                self.socket.connect(self.path)
                return
            except (ConnectionRefusedError, FileNotFoundError):
                time.sleep(0.005) # it is bound, but does not listen yet
        raise TimeoutError("nobody listens")

    def until_nobody_listens(self):
        """The process that was killed had another, which ends with it."""
        for _ in range(2000):
            with socket.socket(socket.AF_UNIX) as s:
                try:
                    s.connect(self.path)
                except ConnectionRefusedError:
                    return
            time.sleep(0.005)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.socket:
            self.socket.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        self.folder.cleanup()

    def end(self):
        """What the program wrote, and its exit status."""
        out, _ = self.process.communicate(timeout=20)
        return out.decode(errors="replace"), self.process.returncode

    def send(self, packet):
        raw = packet.encode("latin-1") if isinstance(packet, str) else packet
        self.socket.sendall(b"$" + raw + b"#%02x" % (sum(raw) % 256))

    def receive(self):
        while True:
            start, end = self.buffer.find(b"$"), self.buffer.find(b"#")
            if start >= 0 and end >= 0 and len(self.buffer) >= end + 3:
                body = self.buffer[start + 1:end]
                self.buffer = self.buffer[end + 3:]
                self.socket.sendall(b"+")
                return body.decode("latin-1")
            more = self.socket.recv(65536)
            if not more:
                raise EOFError
            self.buffer += more

    def ask(self, packet):
        self.send(packet)
        return self.receive()
