# SPDX-License-Identifier: Apache-2.0
"""The MPIJobs of one instance type: an all-reduce benchmark and a training job, whose pods carry nothing but
our annotation and the type. What the catalogue knows of the type becomes their numbers."""

import re
import shlex
import textwrap

import layout

ALL_REDUCE_NODES = 2
TRAINING_NODES = 4
MPIRUN = "/opt/amazon/openmpi/bin/mpirun"  # where the EFA installer puts Open MPI
NCCL_TESTS = "/opt/nccl-tests/build/all_reduce_perf"

# Open MPI carries only the start of the ranks and their output, over TCP; NCCL and libfabric carry the data.
OVER_TCP = [
    ["--mca", "pml", "^cm,ucx"],
    ["--mca", "btl", "tcp,self"],
    ["--mca", "btl_tcp_if_exclude", "lo,docker0"],
]
OVER_LIBFABRIC = [["--mca", "pml", "cm"], ["--mca", "mtl", "ofi"]]

# The image's own search paths: ssh starts ranks without them, and no webhook may set them.
IMAGE_PATHS = [["-x", "PATH"], ["-x", "LD_LIBRARY_PATH"]]

ENTRY = re.compile(r'- \{name: ([A-Z_]+), value: (?:"([^"]*)"|([^,}"]+))(?:, when: (rdma-read))?\}')


class JobError(Exception):
    """One sentence that says why there is no such job."""


def parse_environment(policy):
    """The sets of variables in the text of config/policy.yaml: name -> [(variable, value, when)]."""
    sets, current, inside = {}, None, False
    for number, line in enumerate(policy.split("\n"), 1):
        if re.match(r"\S", line) and not line.startswith("#"):
            inside = line == "environment:"
        elif inside and (match := re.fullmatch(r"  ([a-z0-9.-]+):", line)):
            current = sets.setdefault(match.group(1), [])
        elif inside and line.startswith("    - "):
            match = ENTRY.fullmatch(line.strip())
            if not match:
                raise JobError(f"policy line {number}: '{line.strip()}' is not {{name: …, value: …}}")
            name, quoted, plain, when = match.groups()
            current.append((name, plain if quoted is None else quoted, when))
    if not {"default", "neuron", "mpi"} <= sets.keys():
        raise JobError("the policy has not the sets default, neuron and mpi")
    return sets


def exports(entry, sets):
    """The -x options of what the webhook gives the workers: sshd's children do not inherit it."""
    name = {layout.NVIDIA: "default", layout.NEURON: "neuron"}.get(layout.resource_of(entry), "mpi")
    options = []
    for variable, value, when in sets[name]:
        if when is None or entry["rdmaRead"] == "yes":
            options.append(["-x", f"{variable}={value}"])
    return options


def mpirun(entry, sets, ranks, per_node, transport):
    """The command, as groups of words that belong on one line."""
    base = [MPIRUN, "--allow-run-as-root", "--tag-output", "-np", str(ranks), "-N", str(per_node)]
    return [base + ["--bind-to", "none"], *transport, *exports(entry, sets), *IMAGE_PATHS]


def all_reduce(name, entry, sets):
    """(image, slots, command) of the benchmark."""
    resource = layout.resource_of(entry)
    if resource == layout.NVIDIA:
        slots = layout.accelerators(entry)
        largest = "8G" if name.startswith("p") else "2G"  # three buffers of it fit the GPU's memory
        command = mpirun(entry, sets, ALL_REDUCE_NODES * slots, slots, OVER_TCP)
        command += [[NCCL_TESTS, "-b", "8M", "-e", largest, "-f", "2", "-g", "1", "-c", "1", "-n", "20"]]
        return "public.ecr.aws/hpc-cloud/nccl-tests:latest", slots, command
    if resource is None:
        slots = entry["vcpus"]
        command = mpirun(entry, sets, ALL_REDUCE_NODES * slots, slots, OVER_LIBFABRIC)
        return "example.com/osu-micro-benchmarks:1", slots, command + [["osu_allreduce", "-m", "8:16777216"]]
    raise JobError(f"{name} has {resource}, which NCCL does not know: there is only a training job")


def training(name, entry, sets):
    """(image, slots, script of the launcher, name of the program) of the training job."""
    resource = layout.resource_of(entry)
    program = {layout.NVIDIA: "train_nvidia.py", layout.NEURON: "train_neuron.py"}.get(resource)
    known = resource == layout.NVIDIA or (program and entry["accelerator"]["model"] in layout.CORES)
    if not known:
        raise JobError(f"{name} has no accelerator that one of our training programs knows")
    command = [
        " ".join(map(shlex.quote, words)) for words in mpirun(entry, sets, TRAINING_NODES, 1, OVER_TCP)
    ]
    command += [
        f"torchrun --nnodes={TRAINING_NODES} --nproc-per-node={layout.cores(entry)}",
        '--rdzv-backend=c10d --rdzv-endpoint="$first:29400" --rdzv-id=training',
        f"/etc/training/{program}",
    ]
    script = [
        "set -eu",
        "# The first worker is the meeting point: HOST slots=N or HOST:N, as the operator writes it.",
        "first=$(sed -n '1s/[ :].*//p' /etc/mpi/hostfile)",
        "exec " + " \\\n    ".join(command),
    ]
    return "example.com/training:1", layout.accelerators(entry), "\n".join(script), program


def flow(groups):
    """The items of a YAML list, a group a line."""
    plain = re.compile(r"/[A-Za-z0-9_./-]+|[A-Za-z][A-Za-z0-9_./-]*")
    lines = [", ".join(word if plain.fullmatch(word) else f'"{word}"' for word in group) for group in groups]
    return ",\n".join(lines)


def worker(name, entry, image, nodes, mounts=""):
    return f"""\
    Worker:
      replicas: {nodes}
      template:
        metadata:
          annotations:
            efa-injector.io/inject: "true"
        spec:
          nodeSelector:
            node.kubernetes.io/instance-type: {name}
          containers:
            - name: worker
              image: {image}
              resources:
                limits:
                  # Four fifths of the type's memory. EFA interfaces, accelerators and huge pages are added.
                  memory: {layout.memory_limit_gib(entry)}Gi
{mounts}"""


def head(kind, name, slots):
    return f"""\
---
apiVersion: kubeflow.org/v2beta1
kind: MPIJob
metadata:
  name: {kind}-{layout.group_name(name)}
spec:
  slotsPerWorker: {slots}
  runPolicy:
    cleanPodPolicy: Running
    backoffLimit: 3
  mpiReplicaSpecs:
    # Starts the ranks and needs no device: no annotation. `-x` hands the ranks what the webhook gives the
    # workers' containers, since sshd's children do not inherit that; this list is what
    # `efa-webhook --print-patch FILE -o explain` prints. PATH and LD_LIBRARY_PATH are the image's own.
    Launcher:
      replicas: 1
      template:
        spec:
"""


def render_all_reduce(name, entry, sets):
    image, slots, command = all_reduce(name, entry, sets)
    path, command[0] = command[0][0], command[0][1:]
    arguments = textwrap.indent(flow(command), " " * 18)
    return head("all-reduce", name, slots) + f"""\
          containers:
            - name: launcher
              image: {image}
              command: [{path}]
              args:
                [
{arguments},
                ]
""" + worker(name, entry, image, ALL_REDUCE_NODES)


def render_training(name, entry, sets, read_program):
    image, slots, script, program = training(name, entry, sets)
    config = f"training-{layout.group_name(name)}"
    mounts = f"""\
              volumeMounts:
                - {{name: program, mountPath: /etc/training}}
          volumes:
            - name: program
              configMap:
                name: {config}
"""
    source = textwrap.indent(read_program(program), " " * 4)
    return (
        head("training", name, slots)
        + f"""\
          containers:
            - name: launcher
              # PyTorch, NCCL or Neuron, the EFA installer's libraries and Open MPI, and sshd.
              image: {image}
              command: [/bin/bash, -c]
              args:
                - |
{textwrap.indent(script, " " * 18)}
"""
        + worker(name, entry, image, TRAINING_NODES, mounts)
        + f"""\
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {config}
data:
  {program}: |
{source}"""
    )
