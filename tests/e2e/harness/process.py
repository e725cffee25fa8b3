# SPDX-License-Identifier: Apache-2.0
"""Processes that end with us, whatever ends us."""
import ctypes
import os
import pathlib
import signal
import subprocess
import time

PR_SET_PDEATHSIG = 1


def end_with_parent():
    """Have the kernel kill this process when the thread that started it ends."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """A program with a log file; it is killed when the thread that started it ends, however that ends."""

    def __init__(self, name, command, log, **popen):
        self.name = name
        self.log = pathlib.Path(log)
        self.command = ["setpriv", "--pdeathsig", "KILL", "--", *map(str, command)]
        self.popen = popen
        self.child = None
        self.start()

    def start(self):
        with self.log.open("ab") as sink:
            self.child = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink,
                                          **self.popen)

    @property
    def pid(self):
        return self.child.pid

    def is_running(self):
        return self.child.poll() is None

    def tail(self, lines=20):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self, seconds=15, by=signal.SIGTERM):
        """End it and return its status; by force when it takes too long."""
        if self.is_running():
            self.child.send_signal(by)
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            return self.child.wait()


def stop_all(processes):
    for process in reversed(processes):
        process.stop()


def rss_mib(pid):
    """Resident memory of a process."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def cpu_seconds(pid):
    """Processor time that a process has taken so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for(what, probe, seconds=30, every=0.1):
    """The first true value of probe(); AssertionError with `what` and its last value when none comes."""
    deadline = time.monotonic() + seconds
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds} s; last seen: {str(value)[:2000]}")
        time.sleep(every)
