# SPDX-License-Identifier: Apache-2.0
"""The guest's files: an initramfs of Debian's busybox, kernel modules, our programs and what they load.

Written as a cpio archive by ourselves, so that neither root nor a folder of device nodes is needed. Folders
are merged as in Debian: /bin is /usr/bin, /lib is /usr/lib.
"""
import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import stat
import subprocess

import kernel

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MERGED = ("bin", "sbin", "lib", "lib64")
PROVIDERS = ("efa", "rxe")  # of libibverbs, each a file in /etc/libibverbs.d that names a library
PASSWD = "root:x:0:0::/tmp:/bin/sh\nnobody:x:65534:65534::/tmp:/bin/sh\n"


class Archive:
    """cpio in the form newc. Source: Linux, Documentation/driver-api/early-userspace/buffer-format.rst."""

    def __init__(self, path):
        self.out = path.open("wb")
        self.names = set()

    def write(self, name, mode, content=b""):
        if name in self.names:
            return
        if "/" in name:
            self.write(name.rpartition("/")[0], stat.S_IFDIR | 0o755)
        self.names.add(name)
        self.write_entry(name, mode, content)

    def write_entry(self, name, mode, content):
        fields = (len(self.names), mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0)
        header = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        self.out.write(header + b"\0" * (-len(header) % 4) + content + b"\0" * (-len(content) % 4))

    def close(self):
        self.write_entry("TRAILER!!!", 0, b"")
        self.out.close()


class Image:
    def __init__(self, path):
        self.archive = Archive(path)
        for name in MERGED:
            self.archive.write(name, stat.S_IFLNK | 0o777, f"usr/{name.replace('sbin', 'bin')}".encode())
            self.folder(f"usr/{name.replace('sbin', 'bin')}")
        for name in ("dev", "proc", "sys", "run", "tmp"):
            self.folder(name)

    def folder(self, name):
        self.archive.write(name, stat.S_IFDIR | 0o755)

    def file(self, source, name):
        """A file under a name of the guest's."""
        mode = 0o755 if os.access(source, os.X_OK) else 0o644
        self.archive.write(place_of(name), stat.S_IFREG | mode, pathlib.Path(source).read_bytes())

    def text(self, name, content):
        self.archive.write(name, stat.S_IFREG | 0o644, content.encode())

    def same(self, path):
        """A file of ours under its own name; links stay links: a library is one file by all its names."""
        path = pathlib.Path(path)
        if path.is_symlink():
            target = path.parent / os.readlink(path)
            self.archive.write(place_of(path), stat.S_IFLNK | 0o777, os.readlink(path).encode())
            self.same(os.path.normpath(target))
        else:
            self.file(path, path)

    def program(self, path, name=None):
        """A program or library with all the libraries that it is linked with."""
        if name:
            self.file(path, name)
        else:
            self.same(path)
        for library in re.findall(r"(/\S+) \(0x", kernel.output_of("ldd", path)):
            self.same(library)


def place_of(path):
    """A path's name in the archive, through the guest's links."""
    first, _, rest = str(path).strip("/").partition("/")
    return f"usr/{first.replace('sbin', 'bin')}/{rest}" if first in MERGED else f"{first}/{rest}".strip("/")


def folder_of(library):
    return pathlib.Path(kernel.output_of("pkg-config", "--variable=libdir", library).strip())


def add_loaded(image):
    """What is loaded by name, so that ldd does not show it: libfabric, and the providers of libibverbs."""
    image.program(folder_of("libfabric") / "libfabric.so.1")
    for name in PROVIDERS:
        image.same(f"/etc/libibverbs.d/{name}.driver")
        for provider in (folder_of("libibverbs") / "libibverbs").glob(f"lib{name}-rdmav*.so"):
            image.program(provider)


def add_modules(image, linux, efasim):
    """efasim stands beside the others, with tables that know it."""
    for file in linux.modules.rglob("*.ko"):
        image.file(file, f"lib/modules/{linux.release}/{file.relative_to(linux.modules)}")
    image.file(efasim, f"lib/modules/{linux.release}/extra/efasim.ko")
    dependencies = (linux.modules / "modules.dep").read_text(encoding="ascii")
    core = re.findall(r"^(\S+/(?:ib_uverbs|ib_core)\.ko):", dependencies, re.M)
    image.text(place_of(f"lib/modules/{linux.release}/modules.dep"),
               dependencies + f"extra/efasim.ko: {' '.join(sorted(core, reverse=True))}\n")
    for table in ("modules.alias", "modules.symbols", "modules.builtin"):
        image.file(linux.modules / table, f"lib/modules/{linux.release}/{table}")


def build_efasim(linux):
    """The module, built against the kernel's headers once for each state of its source."""
    source = HERE / "efasim"
    files = sorted(source.iterdir())
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:8]
    built = ROOT / "build/vm" / f"efasim-{linux.folder.name}-{digest}"
    built.parent.mkdir(parents=True, exist_ok=True)
    with (built.parent / "lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (built / "done").exists():
            shutil.rmtree(built, ignore_errors=True)
            built.mkdir()
            for file in files:
                shutil.copy(file, built)
            kernel.output_of("make", "-s", "-C", linux.headers, f"M={built}", "MAKEFLAGS=", "modules")
            subprocess.run(["strip", "--strip-debug", built / "efasim.ko"], check=True)
            (built / "done").touch()
    return built / "efasim.ko"


def write(path, linux, programs):
    """Everything, into one file that the kernel unpacks; `programs` land in /usr/bin."""
    image = Image(path)
    image.file(HERE / "guest/init", "init")
    image.file(linux.busybox, "bin/busybox")
    image.text("etc/passwd", PASSWD)
    image.program(shutil.which("rdma", path=os.environ["PATH"] + ":/usr/sbin:/sbin"), "bin/rdma")
    for program in programs:
        image.program(program, f"bin/{pathlib.Path(program).name}")
    add_loaded(image)
    add_modules(image, linux, build_efasim(linux))
    image.archive.close()
