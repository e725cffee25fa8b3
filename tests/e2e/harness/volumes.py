# SPDX-License-Identifier: Apache-2.0
"""A pod's volumes as the kubelet makes them: folders whose content is swapped by one symbolic link."""
import base64
import itertools
import os
import pathlib
import shutil

from .api import collection

generations = itertools.count(1)


class NotYet(Exception):
    """Something that a volume needs is not there: the kubelet would wait."""


def publish(folder, files):
    """Show `files` ({path: bytes}) in folder, all at once: ..data points to the newest generation."""
    folder = pathlib.Path(folder)
    target = folder / f"..generation_{next(generations)}"
    old = folder / os.readlink(folder / "..data") if (folder / "..data").is_symlink() else None
    if old is not None and files == read_all(old):
        return False
    for name, content in files.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)
    os.symlink(target.name, folder / "..data_new")
    os.replace(folder / "..data_new", folder / "..data")
    for name in {pathlib.Path(name).parts[0] for name in files}:
        if not (folder / name).is_symlink():
            os.symlink(f"..data/{name}", folder / name)
    for link in folder.iterdir():
        if not link.name.startswith("..") and not link.exists():
            link.unlink()
    if old is not None:
        shutil.rmtree(old)
    return True


def read_all(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*") if path.is_file()
    }


class Volumes:
    """The volumes of one pod under `folder`; refresh() brings them up to date with the cluster."""

    def __init__(self, cluster, pod, folder, machine):
        self.cluster = cluster
        self.pod = pod
        self.namespace = pod["metadata"]["namespace"]
        self.folder = pathlib.Path(folder)
        self.machine = machine
        self.volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes") or []}

    def path(self, name):
        """Where a volume is: one of the node's folders, or one of ours."""
        host = self.volumes[name].get("hostPath")
        return self.machine.root / host["path"].lstrip("/") if host else self.folder / name

    def refresh(self):
        """True if something changed; NotYet where a Secret or ConfigMap that the pod must have is missing."""
        wanted = {name: self.files_of(volume) for name, volume in self.volumes.items()}
        changed = False
        for name, files in wanted.items():
            self.provide(name)
            if files is not None:
                changed |= publish(self.path(name), files)
        return changed

    def provide(self, name):
        """The volume's folder; a hostPath of type Directory has to be there."""
        host = self.volumes[name].get("hostPath")
        if host and host.get("type") == "Directory" and not self.path(name).is_dir():
            raise NotYet(f"hostPath {host['path']}")
        self.path(name).mkdir(parents=True, exist_ok=True)

    def files_of(self, volume):
        """{path: bytes}; None for an emptyDir or a hostPath."""
        if "emptyDir" in volume or "hostPath" in volume:
            return None
        if "secret" in volume:
            return self.keys("Secret", volume["secret"]["secretName"], volume["secret"])
        if "configMap" in volume:
            return self.keys("ConfigMap", volume["configMap"]["name"], volume["configMap"])
        if "projected" in volume:
            files = {}
            for source in volume["projected"]["sources"]:
                files |= self.projected(source)
            return files
        raise AssertionError(f"volume {volume} is of a kind that the tests cannot make")

    def keys(self, kind, name, source):
        """The data of a Secret or ConfigMap, by its `items` where it has them."""
        thing = self.cluster.api.find(f"{collection(kind, 'v1', self.namespace)}/{name}")
        if thing is None:
            if source.get("optional"):
                return {}
            raise NotYet(f"{kind} {name}")
        if kind == "Secret":
            data = {key: base64.b64decode(value) for key, value in (thing.get("data") or {}).items()}
        else:
            data = {key: value.encode() for key, value in (thing.get("data") or {}).items()}
        if not source.get("items"):
            return data
        missing = [item["key"] for item in source["items"] if item["key"] not in data]
        if missing and not source.get("optional"):
            raise NotYet(f"{kind} {name} has no {missing[0]}")
        return {item["path"]: data[item["key"]] for item in source["items"] if item["key"] in data}

    def projected(self, source):
        if "serviceAccountToken" in source:
            wanted = source["serviceAccountToken"]
            return {wanted["path"]: self.token(wanted).encode()}
        if "configMap" in source:
            return self.keys("ConfigMap", source["configMap"]["name"], source["configMap"])
        if "secret" in source:
            return self.keys("Secret", source["secret"]["name"], source["secret"])
        if "downwardAPI" in source:
            return {item["path"]: str(field_of(self.pod, item["fieldRef"]["fieldPath"])).encode()
                    for item in source["downwardAPI"]["items"]}
        raise AssertionError(f"projected source {source} is of a kind that the tests cannot make")

    def token(self, wanted):
        """A token bound to the pod, as the kubelet asks for one; ten minutes are the least."""
        account = self.pod["spec"].get("serviceAccountName", "default")
        metadata = self.pod["metadata"]
        spec = {
            "expirationSeconds": wanted.get("expirationSeconds", 3600),
            "audiences": [wanted["audience"]] if wanted.get("audience") else [],
            "boundObjectRef": {
                "apiVersion": "v1",
                "kind": "Pod",
                "name": metadata["name"],
                "uid": metadata["uid"]
            }
        }
        path = f"{collection('ServiceAccount', 'v1', self.namespace)}/{account}/token"
        answer = self.cluster.api.must("POST", path, {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": spec
        })
        return answer["status"]["token"]


def field_of(pod, path):
    """A downward API field: metadata.name, spec.nodeName, status.podIP, ..."""
    value = pod
    for name in path.split("."):
        value = value.get(name, "")
    return value
