#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""efa-dev-certs: what it writes, and when it leaves things alone."""
import os
import pathlib
import ssl
import stat
import subprocess
import tempfile
import unittest

from process_support import BIN, SECONDS
from server_support import shake_hands

NAMES = ("ca.crt", "tls.crt", "tls.key")


def run(*arguments):
    return subprocess.run([BIN / "efa-dev-certs", *arguments], capture_output=True, text=True, timeout=SECONDS,
                          check=False)


def connect(folder, host):
    """A TLS handshake in memory, the client checking the host."""
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    client_context = ssl.create_default_context(cafile=folder / "ca.crt")
    return shake_hands(server_context, client_context, host)


class DevCerts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name) / "dev"

    def make(self):
        result = run(self.folder)
        self.assertEqual((0, ""), (result.returncode, result.stderr))
        return result.stdout

    def contents(self):
        return [(self.folder / name).read_bytes() for name in NAMES]

    def test_three_files_are_written_and_the_key_is_private(self):
        umask = os.umask(0o077)
        self.addCleanup(os.umask, umask)
        self.assertIn("wrote", self.make())
        self.assertEqual(sorted(NAMES), sorted(file.name for file in self.folder.iterdir()))
        modes = [stat.S_IMODE((self.folder / name).stat().st_mode) for name in NAMES]
        self.assertEqual([0o644, 0o644, 0o600], modes)

    def test_clients_accept_every_host_of_the_certificate(self):
        self.make()
        for host in ("localhost", "127.0.0.1", "::1", "efa-injector.efa-injector.svc"):
            with self.subTest(host):
                client = connect(self.folder, host)
                self.assertEqual("TLSv1.3", client.version())
                self.assertIn(("commonName", "efa-injector development server"),
                              client.getpeercert()["subject"][0])

    def test_clients_refuse_other_hosts(self):
        self.make()
        for host in ("example.com", "127.0.0.2", "efa-injector"):
            with self.subTest(host), self.assertRaises(ssl.SSLCertVerificationError):
                connect(self.folder, host)

    def test_a_second_run_leaves_them_alone(self):
        self.make()
        before = self.contents()
        self.assertIn("good for 30 days", self.make())
        self.assertEqual(before, self.contents())

    def test_what_is_broken_is_made_anew(self):
        self.make()
        for name in NAMES:
            with self.subTest(name):
                before = self.contents()
                (self.folder / name).write_bytes(b"broken")
                self.assertIn("wrote", self.make())
                self.assertNotEqual(before, self.contents())
                connect(self.folder, "localhost")

    def test_what_does_not_belong_together_is_made_anew(self):
        self.make()
        old = (self.folder / "ca.crt").read_bytes()
        (self.folder / "tls.key").unlink()
        self.make()
        (self.folder / "ca.crt").write_bytes(old)
        self.assertIn("wrote", self.make())
        connect(self.folder, "localhost")

    def test_bad_calls_are_refused(self):
        for arguments in ((), ("--help",), ("a", "b")):
            with self.subTest(arguments):
                result = run(*arguments)
                self.assertEqual(2, result.returncode)
                self.assertIn("usage: efa-dev-certs FOLDER", result.stderr)

    def test_a_folder_that_cannot_be_made_is_named(self):
        result = run("/nowhere/at/all")
        self.assertEqual(1, result.returncode)
        self.assertRegex(result.stderr, r"\Aefa-dev-certs: [^\n]*/nowhere/at/all[^\n]*\n\Z")

    def test_a_file_in_the_folders_place_is_named(self):
        self.folder.write_bytes(b"")
        result = run(self.folder)
        self.assertEqual(1, result.returncode)
        self.assertIn(str(self.folder), result.stderr)


if __name__ == "__main__":
    unittest.main()
