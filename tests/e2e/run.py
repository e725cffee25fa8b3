#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Build what is missing, start one cluster, and run the end-to-end tests on it, one file after the other.

    tests/e2e/run.py [--bin build/bin] [--out build/release] [NAME...]

NAME chooses tests/e2e/test_NAME.py. The last line is "N passed, N failed". `make e2e` is the way to call it.
"""
import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from harness import programs  # noqa: E402  pylint: disable=wrong-import-position
from harness.control_plane import PARTS, ControlPlane  # noqa: E402  pylint: disable=wrong-import-position

HERE = pathlib.Path(__file__).resolve().parent
TIMEOUT = 900  # seconds for one file


def arguments():
    parser = argparse.ArgumentParser(description="run the end-to-end tests")
    parser.add_argument("--bin", default="build/bin")
    parser.add_argument("--out", default="build/release")
    parser.add_argument("names", nargs="*", metavar="NAME")
    return parser.parse_args()


def chosen(names):
    files = sorted(HERE.glob("test_*.py"))
    if names:
        files = [file for file in files if file.stem.removeprefix("test_") in names]
    return [str(file.relative_to(programs.ROOT)) for file in files]


def build():
    """Build every part; those that cannot be had are left to the tests, which then skip in a sentence."""
    built = {}
    for name in programs.PARTS:
        try:
            built[name] = programs.part(name)
        except programs.Missing:
            if name == "apiserver":
                return None
    for name, folder in built.items():
        os.environ["EFA_E2E_PART_" + name.upper()] = str(folder)
    return built


def shares_a_cluster(files):
    """Whether one of them is on the common cluster."""
    return any(re.search(r"\((Cluster|Installed)Test\)", pathlib.Path(file).read_text(encoding="utf-8"))
               for file in files)


def start_cluster(built):
    started = time.monotonic()
    parts = [name for name in PARTS if name in built or name in ("scheduler", "controller-manager")]
    if "controllers" not in built:
        parts = []
    cluster = ControlPlane(parts)
    os.environ["EFA_E2E_CLUSTER"] = json.dumps(cluster.describe())
    version = cluster.api.get("/version")["gitVersion"]
    print(f"e2e: Kubernetes {version} on 127.0.0.1:{cluster.port}, up in {time.monotonic() - started:.1f} s",
          file=sys.stderr, flush=True)
    return cluster


def run_suite(options, files):
    command = [sys.executable, "-B", ".ci/suite", "--bin", options.bin, "--out", options.out,
               "--timeout", str(TIMEOUT), "--serial", *files]
    return subprocess.run(command, cwd=programs.ROOT, check=False).returncode


def stop_on_signal(*_):
    sys.exit(130)


def main():
    options = arguments()
    files = chosen(options.names)
    if not files:
        print(f"e2e: there is no tests/e2e/test_{options.names[0] if options.names else '*'}.py",
              file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, stop_on_signal)
    os.environ["EFA_BIN"] = os.path.abspath(options.bin)
    built = build()
    if built is None:
        print("0 passed, 1 failed")
        return 1
    cluster = start_cluster(built) if shares_a_cluster(files) else None
    try:
        return run_suite(options, files)
    finally:
        if cluster:
            cluster.stop()


if __name__ == "__main__":
    sys.exit(main())
