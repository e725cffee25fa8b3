# SPDX-License-Identifier: Apache-2.0
"""Pods and what makes pods."""
import copy
import json

INJECT = {"efa-injector.io/inject": "true"}
P5 = {"node.kubernetes.io/instance-type": "p5.48xlarge"}
RESTRICTED = {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}


def container(name="main", limits=None, requests=None, **more):
    resources = {key: value for key, value in (("limits", limits), ("requests", requests)) if value}
    return {
        "name": name,
        "image": "example.com/train:1",
        **({
            "resources": resources
        } if resources else {}),
        **more
    }


def gpu_container(name="main", gpus=8, memory="1000Gi", **more):
    return container(name, limits={"nvidia.com/gpu": str(gpus), "memory": memory}, **more)


def pod(name, containers=None, annotations=None, labels=None, **spec):
    """A Pod; without `annotations` nobody has asked for EFA."""
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "annotations": annotations or {}, "labels": labels or {}},
            "spec": {"containers": containers or [container()], "terminationGracePeriodSeconds": 0, **spec}}


def annotated_pod(name, annotations=None, instance_type="p5.48xlarge", **keywords):
    """A pod with all GPUs of its type that carries our one annotation."""
    keywords.setdefault("containers", [gpu_container()])
    keywords.setdefault("nodeSelector", {"node.kubernetes.io/instance-type": instance_type})
    return pod(name, annotations=INJECT | (annotations or {}), **keywords)


def template(annotated=True, labels=None, restart_policy=None, **keywords):
    """A pod template out of annotated_pod() or pod()."""
    made = annotated_pod("x", **keywords) if annotated else pod("x", **keywords)
    metadata = {"annotations": made["metadata"]["annotations"], "labels": labels or {}}
    spec = made["spec"] | ({"restartPolicy": restart_policy} if restart_policy else {})
    return {"metadata": metadata, "spec": spec}


# A label of pods of Jobs that kwok does not end.
KEEPS_RUNNING = "e2e/keeps-running"


def job(name, count, **keywords):
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
            "spec": {"completions": count, "parallelism": count, "completionMode": "Indexed",
                     "template": template(restart_policy="Never", **keywords)}}


def deployment(name, count, kind="Deployment", **keywords):
    """A Deployment or, by `kind`, a StatefulSet."""
    spec = {"replicas": count, "selector": {"matchLabels": {"app": name}},
            "template": template(labels={"app": name}, **keywords)}
    if kind == "StatefulSet":
        spec |= {"serviceName": name, "podManagementPolicy": "Parallel"}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def mpijob(name, workers):
    """As its authors write one: only the workers carry the annotation."""
    launcher = template(annotated=False, containers=[container("launcher", command=["mpirun"])])
    return {"apiVersion": "kubeflow.org/v1", "kind": "MPIJob", "metadata": {"name": name},
            "spec": {"slotsPerWorker": 8, "mpiReplicaSpecs": {
                "Launcher": {"replicas": 1, "template": launcher},
                "Worker": {"replicas": workers, "template": template(containers=[gpu_container("worker")])}}}}


def pytorchjob(name, workers):
    spec = template(containers=[gpu_container("pytorch")])
    return {"apiVersion": "kubeflow.org/v1", "kind": "PyTorchJob", "metadata": {"name": name},
            "spec": {"pytorchReplicaSpecs": {
                "Master": {"replicas": 1, "restartPolicy": "Never", "template": copy.deepcopy(spec)},
                "Worker": {"replicas": workers, "restartPolicy": "Never", "template": spec}}}}


def limits_of(thing, name=None):
    """The limits of a pod's container (the first, or the one of that name)."""
    found = [each for each in thing["spec"]["containers"] if name is None or each["name"] == name]
    return (found[0].get("resources") or {}).get("limits") or {}


def env_of(thing, name=None):
    found = [each for each in thing["spec"]["containers"] if name is None or each["name"] == name]
    return {variable["name"]: variable.get("value") for variable in found[0].get("env") or []}


def status_of(thing):
    """Our status annotation, parsed; None where there is none."""
    text = (thing["metadata"].get("annotations") or {}).get("efa-injector.io/status")
    return json.loads(text) if text else None
