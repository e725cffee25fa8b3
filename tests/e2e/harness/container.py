# SPDX-License-Identifier: Apache-2.0
"""A container of ours as a process: its command, arguments, environment, volumes, user; no image."""
import json
import os
import pathlib
import re
import signal
import subprocess

from .programs import BIN
from .volumes import field_of

IMAGE_USER = 65532  # what the image runs as where the pod does not say
SYSTEM_FOLDERS = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/sbin", "/etc/ssl", "/etc/alternatives")


def environment_of(pod, container, cluster):
    variables = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOSTNAME": pod["metadata"]["name"],
                 "KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(cluster.port)}
    for variable in container.get("env") or []:
        source = variable.get("valueFrom")
        if source and "fieldRef" not in source:
            raise AssertionError(f"env {variable} is of a kind that the tests cannot make")
        variables[variable["name"]] = str(field_of(pod, source["fieldRef"]["fieldPath"])) if source else \
            variable.get("value", "")
    if container.get("envFrom"):
        raise AssertionError("envFrom is something that the tests cannot make")
    return variables


def expand(text, variables):
    """$(NAME), as the kubelet does."""
    return re.sub(r"\$\((\w+)\)", lambda found: variables.get(found[1], found[0]), text)


def command_of(container, variables, address):
    """What to run; a server listens on `address` instead of all addresses, at the pod's own ports."""
    words = [expand(word, variables) for word in (container.get("command") or ["efa-webhook"]) +
             (container.get("args") or [])]
    program, arguments = f"/app/{pathlib.Path(words[0]).name}", words[1:]
    ports = {port.get("name"): port["containerPort"] for port in container.get("ports") or []}
    for name, option in (("https", "--listen"), ("http", "--plain-listen")):
        if name in ports:
            arguments = without_option(arguments, option) + [option, f"{address}:{ports[name]}"]
    return [program, *arguments]


def without_option(arguments, name):
    kept = []
    words = iter(arguments)
    for word in words:
        if word == name:
            next(words, None)
        elif not word.startswith(name + "="):
            kept.append(word)
    return kept


def security_of(pod, container):
    """(uid, gid, whether the root file system is read-only)"""
    both = (pod["spec"].get("securityContext") or {}) | (container.get("securityContext") or {})
    user = both.get("runAsUser", IMAGE_USER)
    return user, both.get("runAsGroup", user), both.get("readOnlyRootFilesystem", False)


def sandbox(pod, container, volumes, variables, mounts):
    """bubblewrap's options: the file system that the container sees."""
    user, group, is_read_only = security_of(pod, container)
    words = [
        "bwrap", "--die-with-parent", "--unshare-user", "--uid",
        str(user), "--gid",
        str(group), "--clearenv"
    ]
    for name, value in variables.items():
        words += ["--setenv", name, value]
    for folder in SYSTEM_FOLDERS:
        if os.path.islink(folder):
            words += ["--symlink", os.readlink(folder), folder]
        elif os.path.isdir(folder):
            words += ["--ro-bind", folder, folder]
    words += ["--proc", "/proc", "--dev", "/dev", "--ro-bind", str(BIN), "/app"]
    if (container.get("securityContext") or {}).get("capabilities", {}).get("drop") == ["ALL"]:
        words += ["--cap-drop", "ALL"]
    for mount in container.get("volumeMounts") or []:
        is_writable = {"emptyDir", "hostPath"} & set(volumes.volumes[mount["name"]]) and not mount.get("readOnly")
        source = volumes.path(mount["name"])
        if mount.get("subPath"):
            source = source / mount["subPath"]
        words += ["--bind" if is_writable else "--ro-bind", str(source), mount["mountPath"]]
    for inside, outside in mounts.items():
        words += ["--ro-bind", str(outside), inside]
    return words + (["--remount-ro", "/"] if is_read_only else [])


class Container:
    """One running container. `pid` is the program's own."""

    def __init__(self, cluster, pod, container, volumes, address, log, machine):
        variables = environment_of(pod, container, cluster) | machine.environment
        self.log = pathlib.Path(log)
        self.command = command_of(container, variables, address)
        reader, writer = os.pipe()
        words = sandbox(pod, container, volumes, variables, machine.mounts)
        words += ["--info-fd", str(writer), "--", *self.command]
        try:
            with self.log.open("ab") as sink:
                self.child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink,
                                              pass_fds=(writer,))
        finally:
            os.close(writer)
        with os.fdopen(reader) as info:
            text = info.read()
        if not text:
            raise AssertionError(f"bwrap failed; it needs root or user namespaces: {self.text()}")
        self.pid = json.loads(text)["child-pid"]

    def text(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def poll(self):
        return self.child.poll()

    def signal(self, number=signal.SIGTERM):
        if self.child.poll() is None:
            os.kill(self.pid, number)

    def wait(self, seconds=60):
        return self.child.wait(seconds)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.child.wait()
