# SPDX-License-Identifier: Apache-2.0
"""--print-patch over manifests as people write them: every output, every refusal."""

import base64
import copy
import json
import pathlib
import sys
import tempfile
import unittest

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from process_support import ROOT  # noqa: E402
from server_support import run  # noqa: E402

MANIFESTS = ROOT / "tests/manifests"
# What goes through unharmed in every output; each template that opts in names its group.
CHANGED = ["mpijob.yaml", "jobset.yaml", "raycluster.yaml", "pod.json", "list.yaml", "volcano.yaml",
           "leaderworkerset.yaml"]

POD = """apiVersion: v1
kind: Pod
metadata: {name: p, annotations: {efa-injector.io/inject: "true"}}
spec:
  nodeSelector: {node.kubernetes.io/instance-type: p5.48xlarge}
  containers:
  - name: main
    image: x
    resources: {limits: {nvidia.com/gpu: 8}}
"""

JOB = """apiVersion: kubeflow.org/v2beta1
kind: MPIJob
metadata: {name: j}
spec:
  mpiReplicaSpecs:
    Launcher: {template: {spec: {containers: [{name: l, image: x}]}}}
    Worker:
      template:
        metadata: {annotations: {efa-injector.io/inject: "true"}}
        spec:
          nodeSelector: {node.kubernetes.io/instance-type: p5.48xlarge}
          containers: [{name: w, image: x, resources: {limits: {nvidia.com/gpu: 8}}}]
"""

MISPLACED = JOB.replace('metadata: {annotations: {efa-injector.io/inject: "true"}}', "metadata: {labels: {a: b}}"
                        ).replace("metadata: {name: j}",
                                  'metadata: {name: j, annotations: {efa-injector.io/inject: "true"}}')

# name: (text, exit code, parts of what is said on standard error)
REFUSED = {
    "annotation on the object": (MISPLACED, 2, [
        "<stdin>:3: ", "metadata of this MPIJob is never seen by the webhook",
        "spec.mpiReplicaSpecs.Worker.template.metadata.annotations"]),
    "label on the object": (MISPLACED.replace("annotations: {efa", "labels: {efa"), 2, ["is never seen"]),
    "annotation on a CronJob's job": (
        "apiVersion: batch/v1\nkind: CronJob\nspec:\n  jobTemplate:\n    metadata:\n      annotations:\n"
        "        efa-injector.io/inject: 'true'\n    spec: {template: {spec: {containers: [{name: c}]}}}\n", 2,
        ["<stdin>:7: ", "spec.jobTemplate.metadata", "spec.jobTemplate.spec.template.metadata.annotations"]),
    "annotation on a TrainJob": (
        "apiVersion: trainer.kubeflow.org/v1alpha1\nkind: TrainJob\nmetadata:\n  annotations:\n"
        "    efa-injector.io/inject: 'true'\n", 2, ["TrainJob", "ClusterTrainingRuntime"]),
    "annotation on a Dynamo graph": (
        "apiVersion: nvidia.com/v1alpha1\nkind: DynamoGraphDeployment\nmetadata:\n  annotations:\n"
        "    efa-injector.io/inject: 'true'\nspec: {services: {A: {}}}\n", 2, ["extraPodMetadata"]),
    "annotation on a ConfigMap": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {annotations: {efa-injector.io/inject: 'true'}}\n", 2,
        ["this ConfigMap holds no pod template"]),
    "a truth without quotes": (POD.replace('"true"', "true"), 2, ["<stdin>:3: ", 'write it in quotes: "true"']),
    "a number without quotes": (POD.replace('"true"', '"true", efa-injector.io/efa: 8'), 2,
                                ['efa-injector.io/efa must be a string; write it in quotes: "8"']),
    "an annotation without a value": (POD.replace('"true"', ""), 2, [
        "<stdin>:3: ", 'metadata.annotations: efa-injector.io/inject has no value; write "true"']),
    "another without a value": (POD.replace('"true"', '"true", efa-injector.io/efa: ~'), 2, [
        "<stdin>:3: ", "metadata.annotations: efa-injector.io/efa has no value; give it one or remove it"]),
    "a label without a value": (POD.replace("annotations: {", "labels: {").replace('"true"', "null"), 2, [
        'metadata.labels: efa-injector.io/inject has no value; write "true"']),
    "a placeholder for a quantity": (POD.replace("gpu: 8", "gpu: '${GPUS}'"), 2, ["<stdin>:9: ", "'${GPUS}'",
                                                                                   "envsubst"]),
    "a placeholder for the type": (POD.replace("p5.48xlarge", '"${TYPE}"'), 2, ["'${TYPE}'", "envsubst"]),
    "a placeholder that is no YAML": (POD.replace("p5.48xlarge", "${TYPE}"), 2, ["<stdin>:5: ", "envsubst"]),
    "a Helm template": ("apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n", 2,
                        ["<stdin>:4: ", "Helm", "helm template CHART | efa-webhook --print-patch -"]),
    "a Helm block": ("{{- if .Values.gpu }}\napiVersion: v1\n{{- end }}\n", 2, ["Helm"]),
    "a Jinja template": ("apiVersion: v1\nkind: Pod\n{% if gpu %}\nspec: {}\n{% endif %}\n", 2, ["Jinja"]),
    "Helm's values": ("image: x\nresources: {gpu: 8}\n", 2, ["this has no kind", "helm template"]),
    "a heredoc": ("cat <<EOF | kubectl apply -f -\napiVersion: v1\nkind: Pod\nEOF\n", 2, ["heredoc"]),
    "a script": ("#!/bin/sh\nset -e\nkubectl apply: -f\n  - x\n", 2, ["<stdin>:1: ", "script"]),
    "TOML": ("title = 'x'\n[section]\nkey = 'v'\n", 2, ["TOML"]),
    "a binary": ("\0\1\2", 2, ["binary"]),
    "a tab for indentation": (POD.replace("  - name: main", "\t- name: main"), 2,
                              ["<stdin>:7: ", "a tab indents this line", "write spaces"]),
    "two JSON documents": ('{"kind": "Pod"}\n{"kind": "Pod"}\n', 2, ["<stdin>:2: ", "put a line with --- between"]),
    "JSON that is cut": ('{"kind": "Pod"', 2, ["not YAML", "expected ',' or '}'"]),
    "nothing": ("", 2, ["nothing in it"]),
    "comments alone": ("# a\n\n# b\n", 2, ["nothing in it"]),
    "plain text": ("hello world\n", 2, ["no", "Kubernetes object"]),
    "a list": ("- apiVersion: v1\n", 2, ["kind: List"]),
    "a key twice": (POD + "kind: Pod\n", 2, ["<stdin>:10: ", "kind comes twice"]),
    "a container that is no map": (POD.replace("name: main", "name: [main]"), 2, ["containers[0].name"]),
    "a review of nothing": ("apiVersion: admission.k8s.io/v1\nkind: AdmissionReview\n", 2, ["request is missing"]),
    "an annotation that does not exist": (POD.replace('"true"', '"true", efa-injector.io/gpu: "8"'), 3,
                                          ["Pod p: denied (bad-annotation)", "gpu"]),
    "a pod that fits nowhere": (POD.replace("gpu: 8", "gpu: 16"), 3, ["denied (impossible)"]),
}


def documents(text, name=""):
    if name.endswith(".json"):
        return [json.loads(text, parse_float=str, parse_int=str)]
    return list(yaml.safe_load_all(text))


def pointer(text):
    return [step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:]]


def apply(root, operations, base=()):
    """RFC 6902, `add` alone."""
    for operation in operations:
        at = root
        *path, last = [*base, *pointer(operation["path"])]
        for step in path:
            at = at[int(step)] if isinstance(at, list) else at[step]
        if isinstance(at, list):
            assert last == "-", operation
            at.append(copy.deepcopy(operation["value"]))
        else:
            at[last] = copy.deepcopy(operation["value"])


def patches(output):
    """(document from 0, path to the template, operations) for each heading of -o patch."""
    found = []
    for part in ("\n" + output).split("\n# document ")[1:]:
        heading, _, rest = part.partition("\n")
        number, _, title = heading.partition(": ")
        if rest.strip():
            found.append((int(number) - 1, title.split(" ")[-1] if title.count(" ") > 1 else "", json.loads(rest)))
    return found


def steps(path):
    return [step for step in path.replace("[", ".").replace("]", "").split(".") if step]


def print_patch(text, output, *more):
    return run("--print-patch", "-", "-o", output, *more, stdin=text)


def apply_diff(text, diff):
    """What patch(1) does, with no tolerance at all."""
    old, new, at = text.splitlines(keepends=True), [], 0
    lines = diff.splitlines(keepends=True)[2:]
    for line in lines:
        if line.startswith("@@"):
            begin, _, count = line.split()[1][1:].partition(",")
            begin = int(begin) - (count != "0")
            new += old[at:begin]
            at = begin
        elif line[0] in " -":
            assert old[at].rstrip("\n") == line[1:].rstrip("\n"), (old[at], line)
            if line[0] == " ":
                new.append(old[at])
            at += 1
        elif line[0] == "+":
            new.append(line[1:])
        else:
            assert line.startswith("\\ No newline"), line
            new[-1] = new[-1].rstrip("\n") if new and new[-1] != old[at - 1] else new[-1]
    return "".join(new + old[at:])


class TestChanged(unittest.TestCase):
    """Files that are patched: the output is the input with the patch applied, and nothing else."""

    def test_yaml_is_the_input_with_the_patch_applied(self):
        for name in CHANGED:
            with self.subTest(name):
                text = (MANIFESTS / name).read_text()
                done = print_patch(text, "yaml")
                self.assertEqual(done.returncode, 0, done.stderr)
                expected = documents(text, name)
                shown = print_patch(text, "patch").stdout
                if name.endswith(".json"):
                    found = [(0, "", json.loads(shown))]
                else:
                    found = patches(shown)
                self.assertGreater(sum(len(operations) for _, _, operations in found), 0)
                for number, path, operations in found:
                    apply(expected[number], operations, self.base(expected[number], path))
                self.assertEqual(documents(done.stdout, name), expected)

    def base(self, document, path):
        if document["kind"] != "List":
            return steps(path)
        return ["items", "1", *steps(path)]

    def test_lines_change_only_where_they_must(self):
        """A line goes only if something was put into its brackets, or in place of its null or stale status."""
        for name in CHANGED:
            with self.subTest(name):
                diff = print_patch((MANIFESTS / name).read_text(), "diff").stdout
                for line in diff.splitlines()[2:]:
                    if line.startswith("-"):
                        self.assertRegex(line, r"[\[{}\]~,\"]|null|stale|requests:")

    def test_comments_stay(self):
        for name in CHANGED:
            with self.subTest(name):
                text = (MANIFESTS / name).read_text()
                out = print_patch(text, "yaml").stdout
                for line in text.splitlines():
                    if "#" in line:
                        self.assertIn(line[line.index("#"):], out)

    def test_again_changes_nothing(self):
        for name in CHANGED:
            with self.subTest(name):
                once = print_patch((MANIFESTS / name).read_text(), "yaml").stdout
                again = print_patch(once, "yaml")
                self.assertEqual((again.returncode, again.stdout), (0, once))
                self.assertEqual(print_patch(once, "diff").stdout, "")

    def test_a_diff_makes_the_yaml(self):
        for name in CHANGED:
            with self.subTest(name):
                text = (MANIFESTS / name).read_text()
                diff = print_patch(text, "diff").stdout
                self.assertEqual(apply_diff(text, diff), print_patch(text, "yaml").stdout)
                self.assertNotIn("\033", diff)

    def test_line_ends_stay(self):
        for name in CHANGED:
            with self.subTest(name):
                text = (MANIFESTS / name).read_text()
                plain = print_patch(text, "yaml").stdout
                with tempfile.TemporaryDirectory() as folder:
                    path = pathlib.Path(folder) / name
                    path.write_bytes(text.replace("\n", "\r\n").encode())
                    done = run("--print-patch", str(path), "-o", "diff")
                    self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(print_patch(text.rstrip("\n"), "yaml").stdout.rstrip("\n"), plain.rstrip("\n"))

    def test_explains(self):
        done = print_patch((MANIFESTS / "mpijob.yaml").read_text(), "explain")
        for part in ("Instance type: p5.48xlarge, by the pod's scheduling constraints: 32 EFA", "-x FI_PROVIDER=efa",
                     "MPIJob all-reduce spec.mpiReplicaSpecs.Worker.template", "no annotation of ours", "Tolerations"):
            self.assertIn(part, done.stdout)

    def test_launcher_is_left_alone(self):
        found = patches(print_patch((MANIFESTS / "mpijob.yaml").read_text(), "patch").stdout)
        self.assertEqual([path for _, path, _ in found], ["spec.mpiReplicaSpecs.Worker.template"])
        values = {operation["path"]: operation["value"] for operation in found[0][2]}
        self.assertEqual(values["/spec/containers/0/resources/limits/vpc.amazonaws.com~1efa"], "32")

    def test_ray_head_gets_the_status_alone(self):
        found = patches(print_patch((MANIFESTS / "raycluster.yaml").read_text(), "patch").stdout)
        self.assertEqual([operation["path"] for operation in found[0][2]],
                         ["/metadata/annotations/efa-injector.io~1status"])

    def test_the_server_says_the_same(self):
        done = print_patch((MANIFESTS / "pod.json").read_text(), "review")
        response = json.loads(done.stdout)["response"]
        shown = json.loads(print_patch((MANIFESTS / "pod.json").read_text(), "patch").stdout)
        self.assertEqual(json.loads(base64.b64decode(response["patch"])), shown)


class TestOffline(unittest.TestCase):
    """What only the cluster knows."""

    def test_yaml_leaves_group_and_status_to_the_webhook(self):
        out = print_patch(JOB, "yaml").stdout
        self.assertIn("vpc.amazonaws.com/efa", out)
        for part in ("efa-injector.io/group", "podAffinity", "efa-injector.io/status"):
            self.assertNotIn(part, out)

    def test_an_owners_uid_shows_as_a_placeholder(self):
        job = JOB.replace("kubeflow.org/v2beta1", "example.com/v1").replace("MPIJob", "Thing")
        operations = patches(print_patch(job, "patch").stdout)[0][2]
        self.assertIn({"op": "add", "path": "/metadata/labels",
                       "value": {"efa-injector.io/group": "<hash-of-a-uid>"}}, operations)

    def test_a_jobs_name_is_known(self):
        one = patches(print_patch(JOB, "patch").stdout)[0][2]
        two = patches(print_patch(JOB, "patch", "-n", "other").stdout)[0][2]
        label = [operation for operation in one if operation["path"] == "/metadata/labels"]
        self.assertRegex(label[0]["value"]["efa-injector.io/group"], "^[0-9a-f]{16}$")
        self.assertNotIn(label[0], two)

    def test_a_deployment_is_not_held_in_a_zone(self):
        job = JOB.replace("kubeflow.org/v2beta1", "apps/v1").replace("MPIJob", "Deployment")
        paths = [operation["path"] for operation in patches(print_patch(job, "patch").stdout)[0][2]]
        self.assertIn("/spec/affinity", paths)  # not its spec.template, so it counts as any kind
        deployment = yaml.safe_dump({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"},
                                     "spec": {"template": {key: yaml.safe_load(POD)[key]
                                                           for key in ("metadata", "spec")}}})
        paths = [operation["path"] for operation in patches(print_patch(deployment, "patch").stdout)[0][2]]
        self.assertNotIn("/spec/affinity", paths)


class TestRefused(unittest.TestCase):
    def test_each_is_said_with_its_line(self):
        for name, (text, code, parts) in REFUSED.items():
            with self.subTest(name):
                done = print_patch(text, "yaml")
                self.assertEqual(done.returncode, code, done.stderr)
                for part in parts:
                    self.assertIn(part, done.stderr)
                if code == 2:
                    self.assertEqual(done.stdout, "")

    def test_nulls_that_are_not_an_authors_pass(self):
        text = POD.replace('"true"', '"true", efa-injector.io/status: null, example.com/x: null')
        done = print_patch(text, "patch")
        self.assertEqual((done.returncode, len(patches("# document 1: Pod p\n" + done.stdout))), (0, 1), done.stderr)

    def test_a_review_with_a_null_is_what_the_server_says(self):
        case = ROOT / "tests/golden/null-values-of-labels-and-annotations-are-absent"
        self.assertIn('"efa-injector.io/efa": null', (case / "review.json").read_text())
        done = run("--print-patch", case / "review.json", "-o", "patch")
        self.assertEqual((done.returncode, done.stdout), (0, (case / "patch.json").read_text()))

    def test_an_alias_is_not_edited(self):
        text = (MANIFESTS / "pytorchjob.yaml").read_text().replace(
            "              nodeSelector:\n", "").replace(
            "          containers:", "          nodeSelector: {node.kubernetes.io/instance-type: p5.48xlarge}\n"
                                     "          containers:")
        done = print_patch(text, "yaml")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("use -o patch", done.stderr)
        done = print_patch(text, "patch")
        self.assertEqual((done.returncode, len(patches(done.stdout))), (0, 2))

    def test_one_denied_pod_does_not_stop_the_others(self):
        text = POD + "---\n" + POD.replace("gpu: 8", "gpu: 16")
        done = print_patch(text, "yaml")
        self.assertEqual(done.returncode, 3)
        first, second = documents(done.stdout)
        self.assertEqual(first["spec"]["containers"][0]["resources"]["limits"]["vpc.amazonaws.com/efa"], "32")
        self.assertEqual(second, yaml.safe_load(POD.replace("gpu: 8", "gpu: 16")))

    def test_files_without_pods_pass_through(self):
        text = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n# c\n"
        self.assertEqual(print_patch(text, "yaml").stdout, text)
        self.assertEqual(print_patch(text, "patch").stdout, "")
        done = print_patch(text, "explain")
        self.assertEqual(done.returncode, 0)
        self.assertIn("No pod", done.stdout)

    def test_a_file_that_is_not_there(self):
        done = run("--print-patch", "/nonexistent.yaml")
        self.assertEqual(done.returncode, 2)
        self.assertIn("/nonexistent.yaml", done.stderr)


if __name__ == "__main__":
    unittest.main()
