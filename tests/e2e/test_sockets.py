#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sockets between a program and processes of the host.

The program is tests/guest/host/sockets.c, the other one is this test.
"""
import argparse
import os
import socket
import subprocess
import sys
import tempfile
import unittest

ARGS = None


class Host(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)

    def start(self, *arguments, stdin=subprocess.DEVNULL, options=()):
        child = subprocess.Popen(
            [ARGS.adiemu, "run", "-q", *options, ARGS.guest, *arguments],
            stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        return child

    def listener(self, name="server"):
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        server.bind(name)
        server.listen(1)
        server.settimeout(60)
        return server

    def ends(self, child, out, err=""):
        said = child.communicate(timeout=60)
        self.assertEqual((*said, child.returncode), (out, err, 0))

    def talks(self, connection):
        connection.settimeout(60)
        connection.sendall(b"hello")
        self.assertEqual(connection.recv(100), b"HELLO")
        connection.sendall(b"again")
        self.assertEqual(connection.recv(100), b"AGAIN")
        connection.shutdown(socket.SHUT_WR)
        self.assertEqual(connection.recv(100), b"")
        connection.close()

    def test_descriptors_go_both_ways(self):
        server = self.listener()
        child = self.start("connect", os.path.abspath("server"))
        connection, _ = server.accept()
        self.addCleanup(connection.close)
        text, fds, _, _ = socket.recv_fds(connection, 100, 5)
        self.assertEqual((text, len(fds)), (b"a file", 1))
        self.assertEqual(os.pread(fds[0], 100, 0), b"by the guest")
        os.close(fds[0])
        ours, theirs = os.pipe()
        socket.send_fds(connection, [b"a pipe"], [theirs])
        os.close(theirs)
        self.assertEqual(os.read(ours, 100), b"to the host")
        self.assertEqual(os.read(ours, 100), b"")  # the program closed it
        os.close(ours)
        one, other = socket.socketpair()
        socket.send_fds(connection, [b"a socket"], [other.fileno()])
        other.close()
        one.settimeout(60)
        one.sendall(b"you")
        self.assertEqual(one.recv(100), b"yes")
        one.close()
        self.ends(child, "peer 0, uid 1\nname server\nsender 0, uid 1\ngot \"a pipe\"\nsender 0, uid 1\n"
                  "peer 0, uid 1\n")

    def test_the_host_connects(self):
        child = self.start("listen", "./here")
        self.assertEqual(child.stdout.readline(), "ready\n")
        client = socket.socket(socket.AF_UNIX)
        client.connect("here")
        self.assertEqual(client.getpeername(), "./here")
        self.talks(client)
        self.ends(child, "peer 0, uid 1\n")

    def test_standard_input_is_a_connection(self):
        ours, theirs = socket.socketpair()
        child = self.start("inherited", stdin=theirs.fileno())
        theirs.close()
        self.talks(ours)
        self.ends(child, "")

    def test_standard_input_is_a_listener(self):
        server = self.listener()
        child = self.start("accept", stdin=server.fileno())
        client = socket.socket(socket.AF_UNIX)
        client.connect("server")
        self.talks(client)
        self.ends(child, "")

    def test_tcp(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(60)
            child = self.start("tcp", str(server.getsockname()[1]))
            connection, _ = server.accept()
            self.talks(connection)
            self.ends(child, "")

    def test_strace_says_names(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            child = self.start("tcp", str(port), options=["--strace"])
            connection, _ = server.accept()
            self.talks(connection)
        said = child.communicate(timeout=60)[1]
        self.assertIn("\nsocket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3\n", said)
        self.assertIn("\nconnect(3, {sa_family=AF_INET, sin_port=htons(%d), "
                      'sin_addr=inet_addr("127.0.0.1")}, 16) = 0\n' % port,
                      said)
        child = self.start("connect", "none", options=["--strace"])
        said = child.communicate(timeout=60)[1]
        self.assertIn('connect(3, {sa_family=AF_UNIX, sun_path="none"}, 110) '
                      "= -1 ENOENT (No such file or directory)", said)

    def test_what_the_machine_makes_stays_there(self):
        self.listener()
        child = self.start("timer", "server")
        out, err = child.communicate(timeout=60)
        self.assertEqual(out, "EINVAL\n")
        self.assertIn("unsupported: a file that the machine makes, sent to a "
                      "process of the host", err)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--adiemu", required=True)
    parser.add_argument("--guest", required=True)
    ARGS, rest = parser.parse_known_args()
    ARGS.adiemu = os.path.abspath(ARGS.adiemu)
    ARGS.guest = os.path.abspath(ARGS.guest)
    unittest.main(argv=sys.argv[:1] + rest)
