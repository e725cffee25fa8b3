# SPDX-License-Identifier: Apache-2.0
"""--print-patch and the ResourceClaimTemplates of a file, which the server never sees."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from server_support import run  # noqa: E402

CLAIMING = """apiVersion: v1
kind: Pod
metadata: {name: p, annotations: {efa-injector.io/inject: "true"}}
spec:
  nodeSelector: {node.kubernetes.io/instance-type: p5.48xlarge}
  resourceClaims: [{name: c, resourceClaimTemplateName: t}]
  containers:
  - name: main
    image: x
    resources: {limits: {nvidia.com/gpu: 8}, claims: [{name: c}]}
"""
CLAIM_TEMPLATE = """---
apiVersion: resource.k8s.io/v1
kind: ResourceClaimTemplate
metadata: {name: t}
spec: {spec: {devices: {requests: [{name: r, exactly: {deviceClassName: %s}}]}}}
"""


def print_patch(text, output, *more):
    return run("--print-patch", "-", "-o", output, *more, stdin=text)


class TestClaims(unittest.TestCase):
    def test_a_claim_template_in_the_file_decides(self):
        pod, template = CLAIMING, CLAIM_TEMPLATE
        efa = '/spec/containers/0/resources/limits/vpc.amazonaws.com~1efa"'
        self.assertNotIn(efa, print_patch(pod, "patch").stdout)
        self.assertNotIn(efa, print_patch(pod + template % "efa.networking.k8s.aws", "patch").stdout)
        self.assertNotIn(efa, print_patch(pod + template % "h100-pool.example.com", "patch").stdout)
        self.assertIn(efa, print_patch(pod + template % "compute-domain-default-channel.nvidia.com", "patch").stdout)

    def test_a_claim_template_that_only_the_file_knows_is_told(self):
        text = CLAIMING + CLAIM_TEMPLATE % "compute-domain-default-channel.nvidia.com"
        said = "add its name to the policy's claims.ignore, else it answers \"claims\""
        done = print_patch(text, "patch")
        self.assertEqual(0, done.returncode)
        self.assertRegex(done.stderr, r"(?m)^<stdin>:1: Pod p: ResourceClaimTemplate t of this file [^\n]*$")
        self.assertEqual(1, done.stderr.count(said))
        self.assertIn(said, print_patch(text, "explain").stdout)
        with tempfile.TemporaryDirectory() as folder:
            policy = pathlib.Path(folder) / "policy.yaml"
            policy.write_text("claims: {ignore: [t]}\n")
            told = print_patch(text, "explain", "--policy", str(policy))
            self.assertEqual((0, ""), (told.returncode, told.stderr))
            self.assertNotIn("claims.ignore", told.stdout)
        unclaimed = text.replace(", claims: [{name: c}]", "")
        self.assertNotIn("claims.ignore", print_patch(unclaimed, "patch").stderr)
        self.assertNotIn("claims.ignore", print_patch(text.replace("compute-domain", "h100"), "patch").stderr)


if __name__ == "__main__":
    unittest.main()
