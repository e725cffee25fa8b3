# SPDX-License-Identifier: Apache-2.0
"""--print-patch over Dynamo's graphs: services are decided as the pods that the operator makes of them."""
import base64
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from process_support import ROOT  # noqa: E402
from server_support import run  # noqa: E402

MANIFEST = (ROOT / "tests/manifests/dynamo.yaml").read_text()
MADE = "(the pod that the Dynamo operator makes)"
INJECT = "efa-injector.io/inject"
PLACE = "spec.services.W.extraPodMetadata.annotations"


def graph(service=None, spec=None, metadata=None, version="v1alpha1"):
    """A graph of a frontend and a worker W on p5.48xlarge that asks for all GPUs."""
    worker = {"componentType": "worker", "resources": {"limits": {"gpu": "8", "memory": "512Gi"}},
              "extraPodSpec": {"nodeSelector": {"node.kubernetes.io/instance-type": "p5.48xlarge"},
                               "mainContainer": {"image": "x"}}}
    worker.update(service or {})
    return {"apiVersion": "nvidia.com/" + version, "kind": "DynamoGraphDeployment",
            "metadata": {"name": "g", **(metadata or {})},
            "spec": {"services": {"F": {"componentType": "frontend"}, "W": worker}, **(spec or {})}}


def opted_in(**more):
    return graph(service={"extraPodMetadata": {"annotations": {INJECT: "true"}}, **more})


def ask(document, output="patch"):
    text = document if isinstance(document, str) else json.dumps(document)
    return run("--print-patch", "-", "-o", output, stdin=text)


def patches(text):
    """By title: the operations, by path."""
    found = {}
    for part in ("\n" + text).split("\n# document ")[1:]:
        heading, _, rest = part.partition("\n")
        title = heading.partition(": ")[2]
        operations = json.loads(rest) if rest.strip() else []
        found[title] = {}
        for operation in operations:
            found[title].setdefault(operation["path"], []).append(operation["value"])
    return found


class TestDynamo(unittest.TestCase):
    def patch_of(self, document, service="W", name="g"):
        done = ask(document)
        self.assertEqual(done.returncode, 0, done.stderr)
        return patches(done.stdout)[f"DynamoGraphDeployment {name} spec.services.{service} {MADE}"]

    def names(self, patch, path):
        return [value["name"] for value in patch.get(path, [])]

    def test_a_worker_is_the_operators_pod(self):
        patch = self.patch_of(MANIFEST, "Prefill", "chat")
        self.assertEqual(patch["/spec/containers/0/resources/limits/vpc.amazonaws.com~1efa"], ["32"])
        variables = self.names(patch, "/spec/containers/0/env/-")
        self.assertIn("FI_EFA_ENABLE_SHM_TRANSFER", variables)
        self.assertNotIn("FI_PROVIDER", variables)  # the container has it
        self.assertEqual(self.names(patch, "/spec/volumes/-"), ["efa-hugepages"])  # /dev/shm is the operator's

    def test_annotations_of_the_service_reach_the_pod_too(self):
        patch = self.patch_of(MANIFEST, "Decode", "chat")
        self.assertNotIn("/spec/containers/1/resources/limits/vpc.amazonaws.com~1efa", patch)  # has its own
        self.assertNotIn("/spec/containers/1/env/-", patch)  # the secret's variables come first
        self.assertEqual([volume["name"] for volume in patch["/spec/volumes"][0]], ["efa-hugepages", "efa-shm"])

    def test_peers_share_a_group(self):
        groups = {tuple(self.patch_of(MANIFEST, service, "chat")["/metadata/labels/efa-injector.io~1group"])
                  for service in ("Prefill", "Decode")}
        self.assertEqual(len(groups), 1)

    def test_a_service_that_says_nothing_is_left_alone(self):
        self.assertIn(f"spec.services.Frontend {MADE}: the pod carries no annotation", ask(MANIFEST).stdout)

    def test_annotations_of_the_graphs_spec_reach_all_pods(self):
        done = ask(graph(spec={"annotations": {INJECT: "true"}}))
        self.assertEqual(done.returncode, 3)  # the frontend too, which nothing places on a type
        self.assertIn("spec.services.F " + MADE + ": denied (unresolved)", done.stderr)
        found = patches(done.stdout)
        self.assertEqual(found[f"DynamoGraphDeployment g spec.services.W {MADE}"]
                         ["/spec/containers/0/resources/limits/vpc.amazonaws.com~1efa"], ["32"])

    def test_the_nearest_annotation_wins(self):
        document = graph(service={"annotations": {"efa-injector.io/efa": "8"},
                                  "extraPodMetadata": {"annotations": {"efa-injector.io/efa": "16"}}},
                         spec={"annotations": {INJECT: "true", "efa-injector.io/efa": "4"}})
        del document["spec"]["services"]["F"]
        self.assertEqual(self.patch_of(document)["/spec/containers/0/resources/limits/vpc.amazonaws.com~1efa"],
                         ["16"])

    def test_variables_of_the_graph_and_the_service_are_the_pods(self):
        document = opted_in(envs=[{"name": "FI_PROVIDER", "value": "efa"}])
        document["spec"]["envs"] = [{"name": "NCCL_SOCKET_IFNAME", "value": "eth0"}]
        self.assertFalse({"FI_PROVIDER", "NCCL_SOCKET_IFNAME"} & set(
            self.names(self.patch_of(document), "/spec/containers/0/env/-")))
        self.assertIn("FI_PROVIDER", self.names(self.patch_of(opted_in()), "/spec/containers/0/env/-"))

    def test_gpu_type_names_the_resource(self):
        done = ask(opted_in(resources={"limits": {"gpu": "1", "gpuType": "nvidia.com/mig-1g.10gb"}}))
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("parts of accelerators", done.stderr)

    def test_a_denied_service_says_its_line(self):
        text = MANIFEST.replace('gpu: "8"', 'gpu: "16"')
        done = ask(text)
        self.assertEqual(done.returncode, 3)
        line = 1 + text.splitlines().index("    Prefill:") + 1
        self.assertIn(f"<stdin>:{line}: DynamoGraphDeployment chat spec.services.Prefill {MADE}: denied", done.stderr)

    def test_shared_memory(self):
        for shared, added in (({}, False), ({"size": "16Gi"}, False), ({"disabled": False}, False),
                              ({"disabled": True}, True)):
            with self.subTest(shared):
                text = json.dumps(self.patch_of(opted_in(sharedMemory=shared)))
                self.assertEqual("efa-shm" in text, added)

    def test_the_operators_mount_takes_the_place_of_the_authors(self):
        document = opted_in()
        extra = document["spec"]["services"]["W"]["extraPodSpec"]
        extra["volumes"] = [{"name": "mine", "emptyDir": {"medium": "Memory", "sizeLimit": "900Gi"}}]
        extra["mainContainer"]["volumeMounts"] = [{"name": "mine", "mountPath": "/dev/shm"}]
        self.assertNotIn("limit", ask(document).stderr)
        document["spec"]["services"]["W"]["sharedMemory"] = {"disabled": True}
        self.assertIn("900Gi", ask(document).stderr)  # larger than the memory limit

    def test_what_is_not_foreseen_is_said(self):
        done = ask(opted_in(gpuMemoryService={"enabled": True}))
        self.assertEqual(done.returncode, 0)
        self.assertIn("gpuMemoryService makes the operator change the pod of service W further", done.stderr)
        self.assertEqual(ask(graph(service={"gpuMemoryService": {"enabled": True}})).stderr, "")

    def test_explains(self):
        shown = ask(MANIFEST, "explain").stdout
        for part in (f"spec.services.Prefill {MADE}: ", "label nvidia.com/dynamo-graph-deployment-name, chat",
                     "/dev/shm: mounted already", "Where the operator makes a Deployment"):
            self.assertIn(part, shown)

    def test_a_review_holds_the_same_patch(self):
        answers = [json.loads(line)["response"] for line in ask(MANIFEST, "review").stdout.splitlines()]
        self.assertEqual([answer["allowed"] for answer in answers], [True] * 3)
        paths = [operation["path"] for operation in json.loads(base64.b64decode(answers[1]["patch"]))]
        self.assertEqual(set(paths), set(self.patch_of(MANIFEST, "Prefill", "chat")))

    def test_the_text_is_left_alone(self):
        for output, expected in (("yaml", MANIFEST), ("diff", "")):
            with self.subTest(output):
                done = ask(MANIFEST, output)
                self.assertEqual((done.returncode, done.stdout), (0, expected), done.stderr)
                said = [line for line in done.stderr.splitlines() if "nothing else has to be written here" in line]
                self.assertEqual(len(said), 2)
                self.assertIn(f"spec.services.Prefill {MADE}", said[0])

    def test_other_documents_are_still_changed(self):
        pod = ('---\napiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: {efa-injector.io/inject: "true"}}\n'
               "spec:\n  nodeSelector: {node.kubernetes.io/instance-type: p5.48xlarge}\n"
               "  containers: [{name: c, resources: {limits: {nvidia.com/gpu: 8}}}]\n")
        done = ask(MANIFEST + pod, "yaml")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith(MANIFEST))
        self.assertIn('vpc.amazonaws.com/efa: "32"', done.stdout[len(MANIFEST):])

    def test_a_list_holds_graphs(self):
        done = ask({"apiVersion": "v1", "kind": "List", "items": [opted_in()]})
        self.assertIn(f"DynamoGraphDeployment g spec.services.W {MADE}", done.stdout)
        self.assertIn('"32"', done.stdout)

    def test_odd_services_do_no_harm(self):
        for services in (None, [], "x", {"A": None}, {"A": []}, {"A": {}}, {"A": {"extraPodSpec": None}},
                         {"A": {"extraPodSpec": {"containers": None, "mainContainer": None, "volumes": None}}},
                         {"A": {"sharedMemory": None, "envs": None, "resources": {"limits": None}}}):
            with self.subTest(services):
                document = graph()
                document["spec"]["services"] = services
                self.assertEqual(ask(document).returncode, 0)


class TestMisplaced(unittest.TestCase):
    marks = {INJECT: "true"}

    def refused(self, document, *parts):
        for output in ("patch", "yaml", "explain"):
            done = ask(document, output)
            self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
            for part in parts:
                self.assertIn(part, done.stderr)

    def test_on_the_object(self):
        self.refused(graph(metadata={"annotations": self.marks}), f"{INJECT} at metadata of this DynamoGraphDeployment is never seen",
                     "write it at " + PLACE)

    def test_on_the_object_beside_the_right_place(self):
        document = opted_in()
        document["metadata"]["annotations"] = self.marks
        self.assertEqual(ask(document).returncode, 0)

    def test_in_a_service(self):
        for path in ("metadata", "extraPodSpec", "extraPodSpec/metadata", "extraPodSpec/mainContainer",
                     "extraPodMetadata/metadata", "podTemplate/metadata"):
            with self.subTest(path):
                document = graph()
                at = document["spec"]["services"]["W"]
                for step in path.split("/"):
                    at = at.setdefault(step, {})
                at["annotations"] = self.marks
                self.refused(document, f"{INJECT} at spec.services.W.{path.replace('/', '.')} of this "
                             "DynamoGraphDeployment is never seen by the webhook: write it at " + PLACE)

    def test_without_services(self):
        document = graph(metadata={"annotations": self.marks})
        document["spec"]["services"] = {}
        self.refused(document, "spec.services.NAME.extraPodMetadata.annotations")

    def test_values_must_be_strings(self):
        self.refused(graph(service={"extraPodMetadata": {"annotations": {INJECT: True}}}), 'in quotes: "true"')

    def test_placeholders(self):
        self.refused(opted_in(resources={"limits": {"gpu": "${GPUS}"}}), "'${GPUS}' is a placeholder")

    def test_a_component_deployment(self):
        self.refused({"apiVersion": "nvidia.com/v1alpha1", "kind": "DynamoComponentDeployment",
                      "metadata": {"annotations": self.marks}}, "write it at spec.extraPodMetadata.annotations")


class TestNewerVersion(unittest.TestCase):
    """v1beta1 holds pod templates, which are found by their shape."""

    def component(self, metadata=None):
        return {"name": "decode", "type": "worker", "podTemplate": {
            "metadata": metadata or {}, "spec": {
                "nodeSelector": {"node.kubernetes.io/instance-type": "p5.48xlarge"},
                "containers": [{"name": "main", "resources": {"limits": {"nvidia.com/gpu": 8}}}]}}}

    def graph(self, component, **spec):
        return {"apiVersion": "nvidia.com/v1beta1", "kind": "DynamoGraphDeployment", "metadata": {"name": "g"},
                "spec": {"components": [component], **spec}}

    def test_a_template_is_patched_in_its_text(self):
        document = self.graph(self.component({"annotations": {INJECT: "true"}}))
        self.assertIn("DynamoGraphDeployment g spec.components[0].podTemplate\n", ask(document).stdout)
        changed = json.loads(ask(document, "yaml").stdout)
        limits = changed["spec"]["components"][0]["podTemplate"]["spec"]["containers"][0]["resources"]["limits"]
        self.assertEqual(limits["vpc.amazonaws.com/efa"], "32")
        self.assertIn("dynamo-graph-deployment-name", ask(document, "explain").stdout)

    def test_annotations_of_the_graphs_spec_reach_it(self):
        document = self.graph(self.component(), annotations={INJECT: "true"})
        self.assertIn('vpc.amazonaws.com~1efa","value":"32"', ask(document).stdout)

    def test_annotations_on_the_object_are_refused(self):
        document = self.graph(self.component())
        document["metadata"]["annotations"] = {INJECT: "true"}
        done = ask(document)
        self.assertEqual(done.returncode, 2)
        self.assertIn("spec.components[0].podTemplate.metadata.annotations", done.stderr)


if __name__ == "__main__":
    unittest.main()
