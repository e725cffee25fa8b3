#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What can be said of deploy/ without a cluster: it is up to date, agrees with the program and is locked down.

The end-to-end tests (make e2e) render chart and overlays with the real tools, and apply them.
"""
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from deploy_support import (CHARTS, DEPLOY, KUSTOMIZE, image_stage, index, kustomizations, load, resources,  # noqa: E402
                            unknown_values)
from process_support import BIN, ROOT, SECONDS, VARIANT  # noqa: E402
from server_support import ServerCase, run  # noqa: E402

CHART = CHARTS / "efa-injector"
CREATE_PODS = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"],
               "scope": "Namespaced"}
DEFAULT = index(resources("overlays/self-managed"))


def the(kind, name="efa-webhook"):
    return DEFAULT[kind, name]


def of_kind(kind):
    return [thing for (its_kind, _), thing in DEFAULT.items() if its_kind == kind]


def certs_job():
    return next(job for job in of_kind("Job") if job["metadata"]["name"].startswith("efa-webhook-certs-"))


def pod_templates():
    """What runs: name -> pod template."""
    return {"Deployment": the("Deployment")["spec"]["template"],
            "Job": certs_job()["spec"]["template"],
            "CronJob": the("CronJob", "efa-webhook-certs")["spec"]["jobTemplate"]["spec"]["template"]}


def container(template):
    return template["spec"]["containers"][0]


def condition(thing, name):
    """A matchCondition's expression, in one line."""
    found = next(each for each in thing["matchConditions"] if each["name"] == name)
    return " ".join(found["expression"].split())


class UpToDate(unittest.TestCase):
    def test_charts_and_rendered_manifests_belong_together(self):
        sums = dict(reversed(line.split("  ", 1)) for line in
                    (KUSTOMIZE / "rendered.sha256").read_text(encoding="ascii").splitlines())
        files = [path for path in CHARTS.rglob("*") if path.parent.name == "templates" or
                 path.name in ("Chart.yaml", "values.yaml", "instance-types.txt")]
        files += [path for path in KUSTOMIZE.rglob("*.yaml") if path.name != "kustomization.yaml"]
        stale = "edit deploy/chart, then run `make manifests`"
        self.assertEqual(sorted(sums), sorted(str(path.relative_to(ROOT)) for path in files), stale)
        for path in files:
            with self.subTest(path.relative_to(DEPLOY)):
                self.assertEqual(sums[str(path.relative_to(ROOT))],
                                 hashlib.sha256(path.read_bytes()).hexdigest(), stale)

    def test_kustomizations_list_every_file(self):
        for path, thing in kustomizations():
            with self.subTest(path.relative_to(KUSTOMIZE)):
                listed = [name for name in thing.get("resources", []) if not name.startswith("../")]
                there = [file.name for file in path.parent.glob("*.yaml") if file != path]
                self.assertEqual(sorted(there), sorted(listed))

    def test_each_overlay_has_its_variant_of_the_chart(self):
        overlays = {path.name for path in (KUSTOMIZE / "overlays").iterdir()} - {"self-managed"}
        self.assertEqual(overlays, {path.stem for path in (CHART / "variants").iterdir()})

    def test_the_version_is_the_program_s(self):
        version = run("--version").stdout.split()[-1]
        chart = load(CHART / "Chart.yaml")[0]
        self.assertEqual((version, version), (chart["version"], chart["appVersion"]))
        for name, template in pod_templates().items():
            with self.subTest(name):
                self.assertEqual(f"efa-injector:{version}", container(template)["image"])

    def test_the_schema_knows_every_value_and_no_other(self):
        self.assertEqual([], unknown_values(CHART))


class Program(ServerCase):
    # Watches the nodes of an API server that nobody runs, as the Deployment would while it is away.
    arguments = ("--watch-nodes", "--kubeconfig", ROOT / "tests/data/kubeconfig-of-nobody.yaml")

    def test_every_argument_is_an_option_of_the_program(self):
        known = set(re.findall(r"--[a-z-]+", run("--help").stdout))
        for name, template in pod_templates().items():
            for argument in container(template)["args"]:
                with self.subTest(f"{name} {argument}"):
                    self.assertIn(argument.partition("=")[0], known)

    def test_the_policy_is_accepted_and_has_the_prefix_of_the_expressions(self):
        text = the("ConfigMap", "efa-webhook-config")["data"]["policy.yaml"]
        prefix = yaml.safe_load(text)["annotationPrefix"]
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(text)
            file.flush()
            checked = run("--check-config", "--policy", file.name)
        self.assertEqual((0, ""), (checked.returncode, checked.stderr))
        for _, _, expression in expressions():
            self.assertEqual({prefix}, set(re.findall(r"'([a-z.-]+)/(?:inject|status)?'", expression)))

    def test_ports_probes_and_path_are_those_of_the_program(self):
        webhook = container(the("Deployment")["spec"]["template"])
        ports = {port["name"]: port["containerPort"] for port in webhook["ports"]}
        self.assertEqual({"https": 8443, "http": 8080}, ports)
        text = run("--help").stdout
        self.assertRegex(text, r"--listen .*:8443\]")
        self.assertRegex(text, r"--plain-listen .*:8080\]")
        service = the("MutatingWebhookConfiguration", "z-efa-injector")["webhooks"][0]["clientConfig"]["service"]
        self.assertRegex(text, rf"--path .*\[{service['path']}\]")
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            path = webhook[probe]["httpGet"]["path"]
            self.assertEqual(200, self.server.get(path)[0], path)

    def test_alerts_ask_for_metrics_that_there_are(self):
        groups = load(CHART / "rules/efa-injector.yaml")[0]["groups"]
        text = self.server.get("/metrics")[2]
        asked = {(rule["alert"], name) for group in groups for rule in group["rules"]
                 for name in re.findall(r"\befa_webhook_\w+", rule["expr"])}
        self.assertGreater(len(asked), 5)
        for alert, name in sorted(asked):
            with self.subTest(f"{alert}: {name}"):
                self.assertRegex(text, rf"(?m)^{name}[ {{]")

    def test_every_alert_says_what_to_do(self):
        readme = (DEPLOY / "README.md").read_text(encoding="utf-8")
        for group in load(CHART / "rules/efa-injector.yaml")[0]["groups"]:
            for rule in group["rules"]:
                with self.subTest(rule["alert"]):
                    self.assertEqual({"summary", "runbook"}, set(rule["annotations"]))
                    self.assertIn(f"`{rule['alert']}`", readme)


def expressions():
    """Where the opt-in test stands: (what, its conditions, the expression)."""
    webhook = the("MutatingWebhookConfiguration", "z-efa-injector")["webhooks"][0]
    policy = the("ValidatingAdmissionPolicy", "efa-injector-status")["spec"]
    return [(name, thing, condition(thing, "opted-in")) for name, thing in
            (("webhook", webhook), ("policy", policy))]


class Image(unittest.TestCase):
    @unittest.skipUnless(VARIANT == "release" and shutil.which("dpkg-query"), "images are made of Debian's packages")
    def test_it_holds_all_that_the_program_needs_and_no_shell(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder) / "root"
            subprocess.run([DEPLOY / "image-root.sh", BIN / "efa-webhook", root], check=True, timeout=SECONDS)
            loader = next(root.glob("lib*/ld-linux*"))
            libraries = ":".join(str(path) for path in root.glob("lib/*-linux-gnu*"))
            words = [loader, "--inhibit-cache", "--library-path", libraries, root / "usr/bin/efa-webhook"]
            listed = subprocess.run([words[0], "--list", *words[1:]], check=True, capture_output=True, text=True)
            paths = re.findall(r"(/\S+) \(0x", listed.stdout)
            self.assertGreater(len(paths), 3)
            self.assertEqual([], [path for path in paths if not path.startswith(str(root))], listed.stdout)
            version = subprocess.run([*words, "--version"], check=True, capture_output=True, text=True)
            self.assertEqual(run("--version").stdout, version.stdout)
            self.assertEqual(["efa-webhook"], [path.name for path in (root / "usr/bin").iterdir()])
            self.assertIn("libc6", [path.name for path in (root / "var/lib/dpkg/status.d").iterdir()])

    def test_the_image_runs_as_the_manifests_say(self):
        spec = the("Deployment")["spec"]["template"]["spec"]["securityContext"]
        self.assertIn(f"USER {spec['runAsUser']}:{spec['runAsGroup']}", image_stage("webhook"))
        self.assertIn("EXPOSE 8443 8080", image_stage("webhook"))


class Admission(unittest.TestCase):
    webhook = the("MutatingWebhookConfiguration", "z-efa-injector")["webhooks"][0]
    policy = the("ValidatingAdmissionPolicy", "efa-injector-status")["spec"]

    def test_there_is_one_opt_in_test(self):
        self.assertEqual(1, len({expression for _, _, expression in expressions()}))
        self.assertEqual(condition(self.webhook, "no-mirror-pod"), condition(self.policy, "no-mirror-pod"))
        self.assertEqual(self.webhook["namespaceSelector"], self.policy["matchConstraints"]["namespaceSelector"])

    def test_only_the_creation_of_pods_is_seen(self):
        self.assertEqual([CREATE_PODS], self.webhook["rules"])
        self.assertEqual([CREATE_PODS], self.policy["matchConstraints"]["resourceRules"])

    def test_kube_system_and_our_own_namespace_are_left_out(self):
        selector = self.webhook["namespaceSelector"]
        self.assertEqual({"matchExpressions"}, set(selector))
        self.assertEqual([{"key": "kubernetes.io/metadata.name", "operator": "NotIn",
                           "values": ["kube-system", "kube-node-lease", "efa-injector"]}],
                         selector["matchExpressions"])

    def test_the_webhook_is_asked_as_it_wants_to_be(self):
        wanted = {"sideEffects": "None", "reinvocationPolicy": "IfNeeded", "timeoutSeconds": 5,
                  "matchPolicy": "Equivalent", "failurePolicy": "Fail", "admissionReviewVersions": ["v1"]}
        self.assertEqual(wanted, {name: self.webhook[name] for name in wanted})
        self.assertNotIn("caBundle", self.webhook["clientConfig"])
        self.assertEqual(["Deny"],
                         the("ValidatingAdmissionPolicyBinding", "efa-injector-status")["spec"]["validationActions"])

    def test_the_service_leads_to_the_pods(self):
        asked = self.webhook["clientConfig"]["service"]
        service = the("Service")
        self.assertEqual((service["metadata"]["name"], service["metadata"]["namespace"]),
                         (asked["name"], asked["namespace"]))
        port = next(port for port in service["spec"]["ports"] if port["port"] == asked["port"])
        self.assertEqual("https", port["targetPort"])
        labels = the("Deployment")["spec"]["template"]["metadata"]["labels"]
        for selector in (service["spec"]["selector"], the("Deployment")["spec"]["selector"]["matchLabels"],
                         the("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
                         the("NetworkPolicy")["spec"]["podSelector"]["matchLabels"]):
            self.assertLessEqual(selector.items(), labels.items())
            self.assertFalse(selector.items() <= certs_job()["spec"]["template"]["metadata"]["labels"].items())


class LockedDown(unittest.TestCase):
    def test_the_namespace_holds_pods_to_restricted(self):
        labels = the("Namespace", "efa-injector")["metadata"]["labels"]
        for mode in ("enforce", "audit", "warn"):
            self.assertEqual("restricted", labels[f"pod-security.kubernetes.io/{mode}"])

    def test_pods_can_do_nothing_but_run(self):
        for name, template in pod_templates().items():
            with self.subTest(name):
                spec = template["spec"]
                self.assertEqual({"runAsNonRoot": True, "runAsUser": 65532, "runAsGroup": 65532, "fsGroup": 65532,
                                  "seccompProfile": {"type": "RuntimeDefault"}}, spec["securityContext"])
                self.assertEqual([{"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                   "capabilities": {"drop": ["ALL"]}}],
                                 [each["securityContext"] for each in spec["containers"]])
                self.assertNotIn("initContainers", spec)
                self.assertFalse({"hostNetwork", "hostPID", "hostIPC", "hostUsers"} & set(spec))
                self.assertIn("memory", container(template)["resources"]["limits"])

    def test_the_key_of_the_ca_is_not_mounted(self):
        volumes = the("Deployment")["spec"]["template"]["spec"]["volumes"]
        self.assertEqual(["efa-webhook-tls"], [each["secret"]["secretName"] for each in volumes if "secret" in each])
        self.assertEqual({"tls", "config"}, {each["name"] for each in volumes})

    def test_the_webhook_reads_nodes_and_nothing_else(self):
        self.assertEqual([{"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "watch"]}],
                         the("ClusterRole")["rules"])
        self.assertEqual({"ClusterRole/efa-webhook"}, self.roles()["efa-webhook"])

    @staticmethod
    def roles():
        """ServiceAccount -> what is bound to it."""
        found = {}
        for binding in of_kind("ClusterRoleBinding") + of_kind("RoleBinding"):
            for subject in binding["subjects"]:
                role = f"{binding['roleRef']['kind']}/{binding['roleRef']['name']}"
                found.setdefault(subject["name"], set()).add(role)
        return found

    def test_the_certificates_job_may_touch_three_objects_by_name(self):
        self.assertEqual({"ClusterRole/efa-webhook-certs", "Role/efa-webhook-certs"},
                         self.roles()["efa-webhook-certs"])
        for rule in the("ClusterRole", "efa-webhook-certs")["rules"] + the("Role", "efa-webhook-certs")["rules"]:
            self.assertIn(rule["resourceNames"], (["z-efa-injector"], ["efa-webhook-ca", "efa-webhook-tls"]))
            self.assertLessEqual(set(rule["verbs"]), {"get", "create", "patch"})

    def test_tokens_are_only_where_they_are_asked_for(self):
        for account in of_kind("ServiceAccount"):
            self.assertIs(False, account["automountServiceAccountToken"])


class Life(unittest.TestCase):
    def test_a_replica_is_there_at_any_time(self):
        spec = the("Deployment")["spec"]
        self.assertGreaterEqual(spec["replicas"], 2)
        self.assertEqual({"maxUnavailable": 0, "maxSurge": 1}, spec["strategy"]["rollingUpdate"])
        keys = [each["topologyKey"] for each in spec["template"]["spec"]["topologySpreadConstraints"]]
        self.assertEqual(["topology.kubernetes.io/zone", "kubernetes.io/hostname"], keys)
        self.assertIn("podAntiAffinity", spec["template"]["spec"]["affinity"])
        self.assertEqual(1, the("PodDisruptionBudget")["spec"]["maxUnavailable"])
        self.assertEqual(the("PriorityClass", "efa-injector")["metadata"]["name"],
                         spec["template"]["spec"]["priorityClassName"])

    def test_there_is_time_to_drain(self):
        spec = the("Deployment")["spec"]["template"]["spec"]
        delay = next(int(each.partition("=")[2]) for each in container(the("Deployment")["spec"]["template"])["args"]
                     if each.startswith("--drain-delay="))
        self.assertGreaterEqual(spec["terminationGracePeriodSeconds"], delay + 30)

    def test_the_job_is_named_by_its_spec(self):
        text = json.dumps(certs_job()["spec"], sort_keys=True, separators=(",", ":"))
        wanted = hashlib.sha256(text.encode()).hexdigest()[:10]
        self.assertEqual(f"efa-webhook-certs-{wanted}", certs_job()["metadata"]["name"])

    def test_job_and_cronjob_run_the_same(self):
        templates = pod_templates()
        self.assertEqual(templates["Job"], templates["CronJob"])
        spec = the("CronJob", "efa-webhook-certs")["spec"]
        self.assertEqual(("*/15 * * * *", "Forbid"), (spec["schedule"], spec["concurrencyPolicy"]))
        self.assertLess(spec["jobTemplate"]["spec"]["activeDeadlineSeconds"], 900)

    def test_helm_waits_for_nothing_that_waits_for_it(self):
        for thing in DEFAULT.values():
            self.assertNotIn("helm.sh/hook", thing["metadata"].get("annotations", {}))


if __name__ == "__main__":
    unittest.main()
