# SPDX-License-Identifier: Apache-2.0
"""A virtual machine with Debian's kernel, led over a serial port.

    machine = Machine(folder, programs)
    machine.must("rdma dev")
    machine.stop()

It has no network and no disk, and ends with us, however that ends. It is a p5.48xlarge by name (DMI), and has
two NUMA nodes.
"""
import pathlib
import re
import select
import subprocess
import time
import typing

import image
import kernel

BOOT_SECONDS = 120
MEMORY_MIB = 768
TROUBLE = re.compile(r"BUG:|WARNING:|Call Trace|Oops|Kernel panic|general protection|hung_task|soft lockup")
END = "efa-vm: the host ended the guest"


class Answer(typing.NamedTuple):
    status: int
    seconds: float  # by the guest's clock
    output: str
    errors: str


class Ended(Exception):
    """The guest is gone, or does not answer."""


def accelerator():
    """KVM where the processor has it: that /dev/kvm can be opened proves nothing."""
    flags = pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii")
    if re.search(r"^flags.*\b(vmx|svm)\b", flags, re.M):
        try:
            with open("/dev/kvm", "r+b"):
                return ["-accel", "kvm", "-cpu", "host"]
        except OSError:
            pass
    return ["-accel", "tcg", "-cpu", "qemu64"]


def numa(nodes=2):
    options = []
    for node in range(nodes):
        options += ["-object", f"memory-backend-ram,id=m{node},size={MEMORY_MIB // nodes}M",
                    "-numa", f"node,nodeid={node},memdev=m{node}"]
    return options


def qemu_command(linux, initramfs, console):
    return ["setpriv", "--pdeathsig", "KILL", "--",
            "qemu-system-x86_64", "-machine", "q35", *accelerator(), "-smp", "1", "-m", f"{MEMORY_MIB}M",
            *numa(),
            "-smbios", "type=1,manufacturer=Amazon EC2,product=p5.48xlarge",
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-monitor", "none",
            "-serial", f"file:{console}", "-serial", "stdio", "-kernel", linux.vmlinux, "-initrd", initramfs,
            "-append", "console=ttyS0 panic=-1 quiet tsc=unstable"]


class Machine:
    def __init__(self, folder, programs):
        folder = pathlib.Path(folder)
        linux = kernel.provide()
        image.write(folder / "initramfs", linux, programs)
        self.console = folder / "console"
        self.errors = folder / "qemu-errors"
        self.pending = b""
        started = time.monotonic()
        with self.errors.open("wb") as sink:
            command = qemu_command(linux, folder / "initramfs", self.console)
            self.qemu = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sink,
                                         bufsize=0)
        self.read_line(time.monotonic() + BOOT_SECONDS)
        self.boot_seconds = time.monotonic() - started

    # Talking to it

    def fail(self, what):
        self.kill()
        raise Ended(f"{what}\n{self.errors.read_text(errors='replace')}{self.console_text()[-4000:]}")

    def receive(self, deadline):
        ready, _, _ = select.select([self.qemu.stdout], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            self.fail("the guest does not answer in time")
        data = self.qemu.stdout.read(65536)
        if not data:
            self.fail("the guest has ended")
        self.pending += data

    def read_line(self, deadline):
        while b"\n" not in self.pending:
            self.receive(deadline)
        line, _, self.pending = self.pending.partition(b"\n")
        return line.decode()

    def read_bytes(self, count, deadline):
        while len(self.pending) < count:
            self.receive(deadline)
        data, self.pending = self.pending[:count], self.pending[count:]
        return data.decode(errors="replace")

    def run(self, script, seconds=60):
        """Run a shell script as root and wait for its end, `seconds` at most."""
        if self.qemu.poll() is not None:
            self.fail("the guest has ended")
        deadline = time.monotonic() + seconds
        self.qemu.stdin.write(f"{script}\n@@\n".encode())
        status, hundredths, out, err = map(int, self.read_line(deadline).split())
        output = self.read_bytes(out, deadline)
        return Answer(status, hundredths / 100, output, self.read_bytes(err, deadline))

    def must(self, script, seconds=60):
        """What a script printed; it must succeed."""
        answer = self.run(script, seconds)
        if answer.status != 0:
            raise AssertionError(f"status {answer.status} of: {script}\n{answer.output}{answer.errors}")
        return answer.output

    # Ending it

    def console_text(self):
        return self.console.read_text(errors="replace").replace("\r", "") if self.console.exists() else ""

    def kill(self):
        self.qemu.kill()
        self.qemu.wait()

    def stop(self):
        """End the guest; AssertionError where it did not end by itself, or its kernel complained."""
        if self.qemu.poll() is None:
            self.qemu.stdin.write(b"@@end\n")
            try:
                self.qemu.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
        self.qemu.stdin.close()
        self.qemu.stdout.close()
        lines = [line for line in self.console_text().splitlines() if line.strip()]
        if lines and "reboot: Power down" in lines[-1]:
            lines.pop()
        if not lines or lines[-1] != END:
            raise AssertionError("the console's last line is not that of the end:\n" + "\n".join(lines[-30:]))
        if any(TROUBLE.search(line) for line in lines):
            raise AssertionError("the kernel complained:\n" + "\n".join(lines[-60:]))
