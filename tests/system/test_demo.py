#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make demo` and `make run`: what a newcomer sees."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

from process_support import BIN, ROOT, SECONDS
from server_support import make_certificates

SCRIPT = ROOT / "deploy/demo.sh"


@unittest.skipUnless(shutil.which("curl"), "curl is not installed")
class Demo(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        make_certificates(folder.name)
        self.folder = pathlib.Path(folder.name)
        self.environment = os.environ | {"EFA_BIN": str(BIN), "EFA_CERTS": folder.name}

    def run_once(self):
        return subprocess.run(["sh", SCRIPT, "once"], capture_output=True, text=True, timeout=4 * SECONDS,
                              env=self.environment, check=False)

    def test_once_shows_the_patch_and_stops(self):
        result = self.run_once()
        self.assertEqual((0, ""), (result.returncode, result.stderr), result.stdout)
        for text in ("add /spec/containers/0/resources/limits/vpc.amazonaws.com~1efa\n      \"32\"",
                     '"ready":true', "the same bytes offline: checked", "--print-patch YOUR.yaml"):
            self.assertIn(text, result.stdout)

    def test_a_failure_is_not_hidden(self):
        (self.folder / "tls.key").write_bytes(b"")
        result = self.run_once()
        self.assertEqual(1, result.returncode)
        self.assertIn("--tls-key", result.stderr)

    def test_a_bad_call_is_refused(self):
        result = subprocess.run(["sh", SCRIPT, "often"], capture_output=True, text=True, timeout=SECONDS, check=False)
        self.assertEqual((2, "usage: deploy/demo.sh keep|once\n"), (result.returncode, result.stderr))

    def test_keep_serves_until_it_is_interrupted(self):
        process = subprocess.Popen(["sh", SCRIPT, "keep"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=self.environment)
        try:
            for line in process.stdout:
                if '"event":"mutate"' in line:
                    break
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=SECONDS)
        finally:
            process.kill()
        self.assertEqual((0, ""), (process.returncode, errors), output)


if __name__ == "__main__":
    unittest.main()
