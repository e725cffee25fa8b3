# SPDX-License-Identifier: Apache-2.0
"""Programs of ours that tests run: where they are, their logs, and their ends."""
import json
import os
import pathlib
import signal
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("EFA_BIN", ROOT / "build/bin"))
TESTS = pathlib.Path(os.environ.get("EFA_TESTS", ROOT / "build/release/tests"))
VARIANT = os.environ.get("EFA_VARIANT", "release")
SECONDS = 30 if VARIANT == "release" else 120  # before a test gives up waiting


def end(process):
    """Wait for it; the exit status, and what it said on standard error."""
    try:
        status = process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    said = process.stderr.read().decode()
    process.stdout.close()
    process.stderr.close()
    return status, said


class Driver:
    """A test program that answers lines of JSON with lines of JSON."""

    def __init__(self, *arguments, env=None):
        self.process = subprocess.Popen([*map(str, arguments)], env=env, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def send(self, question):
        self.process.stdin.write((json.dumps(question) + "\n").encode())
        self.process.stdin.flush()

    def read(self):
        answer = self.process.stdout.readline()
        if not answer:
            raise AssertionError(f"the driver ended: {self.process.stderr.read().decode()}")
        return json.loads(answer)

    def stop(self):
        """The exit status, and what it said on standard error."""
        self.process.stdin.close()
        return end(self.process)


class Daemon:
    """A serving program: its log is lines of JSON on standard output."""

    def __init__(self, *arguments, env=None):
        self.lines = []
        self.news = threading.Condition()
        self.process = subprocess.Popen([*map(str, arguments)], env=env, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.reader = threading.Thread(target=self.keep_lines)
        self.reader.start()

    def keep_lines(self):
        for line in self.process.stdout:
            with self.news:
                self.lines.append(line.decode())
                self.news.notify_all()
        with self.news:
            self.lines.append("")
            self.news.notify_all()

    def events(self, name):
        return [event for event in map(json.loads, filter(None, self.lines)) if event["event"] == name]

    def wait_for(self, name, count=1, seconds=SECONDS):
        """The count-th event of that name."""
        with self.news:
            self.news.wait_for(lambda: len(self.events(name)) >= count or self.lines[-1:] == [""], seconds)
            found = self.events(name)
        if len(found) < count:
            self.process.kill()
            raise AssertionError(f"no {name} event {count}: {self.lines} {self.process.stderr.read()}")
        return found[count - 1]

    def stop(self, number=signal.SIGTERM):
        """Signal it; the exit status, and what it said on standard error."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.wait()

    def wait(self):
        status, said = end(self.process)
        self.reader.join()
        return status, said
