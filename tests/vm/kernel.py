# SPDX-License-Identifier: Apache-2.0
"""Debian's kernel, ready to be booted and built against, without root and without installing it.

provide() downloads what is missing by `apt-get download` and keeps, in a folder named by its version:

    vmlinux               the kernel itself: qemu enters it at once, while a bzImage has to unpack itself
    lib/modules/RELEASE   the modules of MODULES and what those need, with their tables
    headers/              to build a module against
    busybox               the guest's shell and tools
"""
import fcntl
import getpass
import gzip
import hashlib
import lzma
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import time

META = "linux-image-amd64"
MODULES = ("ib_uverbs", "rdma_rxe", "crc32_generic", "dummy")
ASKED_SECONDS = 3600  # so long after apt was asked, its answer still counts
UNUSED_SECONDS = 14 * 24 * 3600  # so long after that a kernel goes, when another comes
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "efa-injector/vm"


class Missing(Exception):
    """What is needed cannot be had, in a sentence."""


class Kernel:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.release = next((self.folder / "lib/modules").iterdir()).name
        self.vmlinux = self.folder / "vmlinux"
        self.busybox = self.folder / "busybox"
        self.modules = self.folder / "lib/modules" / self.release
        self.headers = self.folder / f"headers/usr/src/linux-headers-{self.release}"


def say(text):
    print(f"vm: {text}", file=sys.stderr, flush=True)


def output_of(*command, cwd=None):
    """What a command printed; Missing with its last words where it failed."""
    environment = os.environ | {"LC_ALL": "C", "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
    try:
        done = subprocess.run(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise Missing(f"{command[0]} is not there: run .ci/install-packages vm") from error
    if done.returncode != 0:
        raise Missing(f"{command[0]} failed: {done.stderr.strip()[-1500:] or 'it says nothing'}")
    return done.stdout


# Packages


class Apt:
    """apt as it is set up, or with package lists of our own, which any user can bring up to date."""

    def __init__(self, lists=None):
        self.options = []
        if lists:
            for name in ("lists/partial", "cache/archives/partial"):
                (lists / name).mkdir(parents=True, exist_ok=True)
            self.options = ["-o", f"Dir::State::lists={lists}/lists", "-o", f"Dir::Cache={lists}/cache",
                            "-o", f"APT::Sandbox::User={getpass.getuser()}"]
            output_of("apt-get", *self.options, "-q", "update")

    def depends(self, package):
        """Names and versions (None: any) of what a package depends on."""
        text = output_of("apt-cache", *self.options, "show", "--no-all-versions", package)
        found = re.search(r"^Depends: (.*)$", text, re.M)
        parts = found[1].split(", ") if found else []
        return dict(re.match(r"([^ :]+)(?: \(= (.+)\))?", part).groups() for part in parts)

    def download(self, packages, folder):
        output_of("apt-get", *self.options, "-q", "download", *packages, cwd=folder)


class Packages:
    """The packages of the newest kernel, and a name for the folder that holds them."""

    def __init__(self, apt):
        self.apt = apt
        found = [item for item in apt.depends(META).items() if item[0].startswith("linux-image-")]
        if not found:
            raise Missing(f"{META} depends on no kernel: this needs the package lists of Debian for amd64")
        self.image, version = found[0]
        self.release = self.image.removeprefix("linux-image-")
        self.folder_name = f"{self.release}-{version}-{recipe()}"

    def headers(self):
        package = f"linux-headers-{self.release}"
        return [package, *(name for name in self.apt.depends(package)
                           if re.match(r"linux-(headers|kbuild)-", name))]


def recipe():
    """Changes when what is kept of the packages changes."""
    return hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()[:8]


# What is made of them


def decompress(payload):
    """The kernel proper, out of a bzImage's payload. All but xz have their length appended by the kernel."""
    if payload.startswith(b"\xfd7zXZ\0"):
        return lzma.LZMADecompressor().decompress(payload)
    if payload.startswith(b"\x1f\x8b"):
        return gzip.decompress(payload[:-4])
    if payload.startswith(b"\x28\xb5\x2f\xfd"):
        return subprocess.run(["zstd", "-dcq"], input=payload[:-4], stdout=subprocess.PIPE, check=True).stdout
    raise Missing(f"the kernel is compressed in a way that is not known here: {payload[:6].hex()}")


def extract_vmlinux(image, target):
    """Source: Linux, Documentation/x86/boot.rst: setup_sects, header, payload_offset, payload_length."""
    data = image.read_bytes()
    if data[0x202:0x206] != b"HdrS":
        raise Missing(f"{image.name} is no bzImage")
    start = ((data[0x1f1] or 4) + 1) * 512
    offset, length = struct.unpack_from("<II", data, 0x248)
    kernel = decompress(data[start + offset:start + offset + length])
    if not kernel.startswith(b"\x7fELF"):
        raise Missing(f"{image.name} holds no ELF kernel")
    target.write_bytes(kernel)


def keep_modules(tree, release, target):
    """The modules that are wanted, with all that they depend on, decompressed, and tables of just these."""
    source = tree / "usr/lib/modules" / release
    if not source.is_dir():
        source = tree / "lib/modules" / release
    base = source.parents[2]
    output_of("depmod", "-b", base, release)
    files = set()
    for module in MODULES:
        shown = output_of("modprobe", "-S", release, "-d", base, "--show-depends", module)
        files.update(re.findall(r"^insmod (\S+)", shown, re.M))
    for file in map(pathlib.Path, files):
        kept = target / "lib/modules" / release / file.relative_to(source)
        kept.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".xz":
            kept.with_suffix("").write_bytes(lzma.decompress(file.read_bytes()))
        else:
            shutil.copy(file, kept)
    for table in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
        shutil.copy(source / table, target / "lib/modules" / release)
    output_of("depmod", "-b", target, release)


def keep_headers(headers, release, final):
    """Their Makefile names its other half by a path: say where that will be. vmlinux is there for BTF alone,
    for which pahole would be needed."""
    folder = headers / f"usr/src/linux-headers-{release}"
    (folder / "vmlinux").unlink(missing_ok=True)
    makefile = folder / "Makefile"
    text = makefile.read_text(encoding="utf-8")
    text = re.sub(r"^include /", f"include {final}/headers/", text, flags=re.M)
    makefile.write_text(text, encoding="utf-8")


def unpack(packages, folder, final):
    debs = folder / "debs"
    debs.mkdir()
    headers = packages.headers()
    wanted = [packages.image, "busybox-static", *headers]
    packages.apt.download(wanted, debs)
    for package in wanted:
        deb = next(debs.glob(f"{package}_*.deb"))
        output_of("dpkg-deb", "-x", deb, folder / ("headers" if package in headers else "tree"))
    tree = folder / "tree"
    extract_vmlinux(tree / f"boot/vmlinuz-{packages.release}", folder / "vmlinux")
    keep_modules(tree, packages.release, folder)
    keep_headers(folder / "headers", packages.release, final)
    shutil.copy(next(path for path in (tree / "usr/bin/busybox", tree / "bin/busybox") if path.exists()),
                folder / "busybox")
    shutil.rmtree(tree)
    shutil.rmtree(debs)


def make(packages):
    """Build the folder beside its place, which it takes when it is whole."""
    final = CACHE / packages.folder_name
    if not final.is_dir():
        say(f"downloading {packages.image} {packages.folder_name}")
        folder = CACHE / ("." + packages.folder_name)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        unpack(packages, folder, final)
        folder.rename(final)
        remove_unused()
    os.utime(final)
    return Kernel(final)


def remove_unused():
    for folder in CACHE.glob("[0-9]*-*-*"):
        if time.time() - folder.stat().st_mtime > UNUSED_SECONDS:
            shutil.rmtree(folder)


def newest_kept():
    kept = sorted(CACHE.glob(f"[0-9]*-{recipe()}"), key=lambda folder: folder.stat().st_mtime)
    return Kernel(kept[-1]) if kept else None


def ask_apt(kept):
    """By apt's lists as they are; by lists of our own where these are missing, or too old for the mirror."""
    try:
        return make(Packages(Apt()))
    except Missing as problem:
        say(problem)
    try:
        return make(Packages(Apt(CACHE / "apt")))
    except Missing as problem:
        if kept is None:
            raise
        say(f"{problem}; {kept.folder.name} of an earlier run serves as well")
        return kept


def provide():
    """The newest kernel that Debian has for this release; where it cannot be had, the last that was kept."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = newest_kept()
        if kept and time.time() - kept.folder.stat().st_mtime < ASKED_SECONDS:
            return kept
        return ask_apt(kept)


if __name__ == "__main__":
    try:
        provide()
    except Missing as problem:
        sys.exit(f"vm: {problem}")
