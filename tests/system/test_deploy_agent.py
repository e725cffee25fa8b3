#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What can be said without a cluster of how efa-agent is deployed: where it runs, what it sees, what it may.

The end-to-end tests render chart and overlays with the real tools, and try the rights with real tokens.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from agent_support import AgentCase  # noqa: E402
from deploy_support import (CHARTS, DEPLOY, KUSTOMIZE, dockerfile, image_stage, index, load, resources,  # noqa: E402
                            unknown_values)
from process_support import BIN, ROOT, SECONDS, TESTS, VARIANT  # noqa: E402
from server_support import run  # noqa: E402

CHART = CHARTS / "efa-agent"
BASE = index(resources("agent/base"))


def the(kind, name="efa-agent"):
    return BASE[kind, name]


POD = the("DaemonSet")["spec"]["template"]["spec"]
AGENT = POD["containers"][0]


class UpToDate(unittest.TestCase):
    def test_the_version_is_the_program_s(self):
        version = run("--version").stdout.split()[-1]
        chart = load(CHART / "Chart.yaml")[0]
        self.assertEqual((version, version), (chart["version"], chart["appVersion"]))
        self.assertEqual(f"efa-agent:{version}", AGENT["image"])

    def test_the_schema_knows_every_value_and_no_other(self):
        self.assertEqual([], unknown_values(CHART))

    def test_each_component_has_its_overlay_and_its_variant_of_the_chart(self):
        names = {path.name for path in (KUSTOMIZE / "agent/components").iterdir()}
        self.assertEqual(names, {path.name for path in (KUSTOMIZE / "agent/overlays").iterdir()})
        self.assertEqual(names, {path.stem for path in (CHART / "variants").iterdir()})

    def test_one_prefix_is_in_policy_and_admission_policy(self):
        prefix = yaml.safe_load(the("ConfigMap", "efa-agent-config")["data"]["policy.yaml"])["annotationPrefix"]
        text = json.dumps(the("ValidatingAdmissionPolicy", "efa-agent-own-node"))
        self.assertEqual({prefix}, set(re.findall(r"([a-z.-]+)/efa-not-ready", text)))
        self.assertEqual(prefix, load(CHARTS / "efa-injector/values.yaml")[0]["annotationPrefix"])


class Where(unittest.TestCase):
    def test_it_runs_on_every_type_of_the_catalogue_also_as_hyperpod_spells_it(self):
        types = load(ROOT / "config/instance-types.yaml")[0]["instanceTypes"]
        terms = POD["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
        expression, = terms[0]["matchExpressions"]
        self.assertEqual((1, "node.kubernetes.io/instance-type", "In"),
                         (len(terms), expression["key"], expression["operator"]))
        self.assertEqual(list(types) + [f"ml.{name}" for name in types], expression["values"],
                         "run `make manifests`")

    def test_no_pod_grows_beyond_a_hundredth_of_what_etcd_takes(self):
        self.assertLess(len(json.dumps(the("DaemonSet")["spec"]["template"])), 15 * 1024)

    def test_taints_do_not_keep_it_away(self):
        self.assertEqual([{"operator": "Exists"}], POD["tolerations"])
        self.assertEqual("system-node-critical", POD["priorityClassName"])

    def test_an_update_reaches_a_tenth_of_the_nodes_at_a_time(self):
        self.assertEqual({"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "10%"}},
                         the("DaemonSet")["spec"]["updateStrategy"])

    def test_it_takes_no_device_from_anybody(self):
        self.assertEqual({"requests", "limits"}, set(AGENT["resources"]))
        for amounts in AGENT["resources"].values():
            self.assertLessEqual(set(amounts), {"cpu", "memory"})


class Program(AgentCase):
    @staticmethod
    def help():
        return subprocess.run([BIN / "efa-agent", "--help"], check=True, capture_output=True, text=True,
                              timeout=SECONDS).stdout

    def test_every_argument_is_an_option_of_the_program(self):
        known = set(re.findall(r"--[a-z-]+", self.help()))
        for argument in AGENT["args"] + ["--taint", "--instance-types=FILE"]:
            with self.subTest(argument):
                self.assertIn(argument.partition("=")[0], known)

    def test_port_and_node_name_are_those_of_the_program(self):
        self.assertRegex(self.help(), rf"--plain-listen .*:{AGENT['ports'][0]['containerPort']}\]")
        self.assertRegex(self.help(), rf"--node-name .*\[\${AGENT['env'][0]['name']}\]")

    def test_it_starts_as_it_is_told_and_alerts_ask_for_metrics_that_there_are(self):
        """With an API server that nobody runs."""
        policy = self.folder() / "policy.yaml"
        policy.write_text(the("ConfigMap", "efa-agent-config")["data"]["policy.yaml"], encoding="utf-8")
        told = [argument.replace("/etc/efa-agent/policy.yaml", str(policy)) for argument in AGENT["args"]
                if not argument.startswith("--sysfs=")]
        agent = self.agent(self.node("like=p5.48xlarge"), *told, "--node-name", "a", "--kubeconfig",
                           ROOT / "tests/data/kubeconfig-of-nobody.yaml")
        agent.wait_for("findings")
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            self.assertEqual(200, agent.ask(AGENT[probe]["httpGet"]["path"])[0], probe)
        text = agent.ask("/metrics")[1]
        asked = {(rule["alert"], name) for rule in Alerts.rules
                 for name in re.findall(r"\befa_agent_\w+", rule["expr"])}
        self.assertGreater(len(asked), 5)
        for alert, name in sorted(asked):
            with self.subTest(f"{alert}: {name}"):
                self.assertRegex(text, rf"(?m)^(# HELP )?{name}[ {{]")
        for counter in ("tx_bytes", "retrans_bytes", "unresponsive_remote_events", "reg_mr_err"):
            self.assertIn(f'counter="{counter}"', text)


class LeastProfile(unittest.TestCase):
    """What it is given unless an admin says otherwise."""

    def test_root_without_a_capability(self):
        self.assertEqual({"runAsUser": 0, "runAsGroup": 0, "readOnlyRootFilesystem": True,
                          "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]},
                          "seccompProfile": {"type": "RuntimeDefault"}}, AGENT["securityContext"])
        self.assertNotIn("securityContext", POD)

    def test_no_namespace_of_the_node(self):
        self.assertFalse({"hostNetwork", "hostPID", "hostIPC", "initContainers"} & set(POD))
        self.assertEqual(1, len(POD["containers"]))
        self.assertFalse([port for port in AGENT["ports"] if "hostPort" in port])

    def test_these_folders_of_the_node_and_no_other(self):
        folders = {volume["hostPath"]["path"]: volume["hostPath"]["type"]
                   for volume in POD["volumes"] if "hostPath" in volume}
        self.assertEqual({"/dev/infiniband": "DirectoryOrCreate", "/var/lib/kubelet/device-plugins": "Directory",
                          "/sys/bus": "Directory", "/sys/class": "Directory", "/sys/devices": "Directory",
                          "/sys/kernel/mm": "Directory", "/sys/module": "Directory"}, folders)

    def test_nothing_is_mounted_to_be_written(self):
        self.assertEqual({volume["name"] for volume in POD["volumes"]},
                         {mount["name"] for mount in AGENT["volumeMounts"]})
        for mount in AGENT["volumeMounts"]:
            self.assertIs(True, mount["readOnly"], mount["name"])
            self.assertNotIn("mountPropagation", mount)

    def test_sysfs_is_where_the_program_is_told(self):
        mounts = {mount["name"]: mount["mountPath"] for mount in AGENT["volumeMounts"]}
        for volume in POD["volumes"]:
            path = volume.get("hostPath", {}).get("path", "")
            if path.startswith("/sys/"):
                self.assertEqual("/host" + path, mounts[volume["name"]])
        self.assertIn("--sysfs=/host/sys", AGENT["args"])
        self.assertIn(f"--checkpoint={mounts['device-plugins']}/kubelet_internal_checkpoint", AGENT["args"])
        self.assertIn("--devices=count", AGENT["args"])


class Image(unittest.TestCase):
    def test_it_runs_as_the_manifests_say(self):
        security = AGENT["securityContext"]
        self.assertIn(f"USER {security['runAsUser']}:{security['runAsGroup']}", image_stage("agent"))
        self.assertIn(f"EXPOSE {AGENT['ports'][0]['containerPort']}", image_stage("agent"))
        self.assertIn(f'ENTRYPOINT ["/usr/bin/{AGENT["command"][0]}"]', image_stage("agent"))


    @unittest.skipUnless(VARIANT == "release" and shutil.which("dpkg-query"), "images are made of Debian's packages")
    def test_in_it_the_program_finds_all_its_libraries_and_no_shell(self):
        with tempfile.TemporaryDirectory(prefix="i") as folder:
            root = pathlib.Path(folder) / "r"
            packages = re.search(r"efa-agent /agent (.*)$", dockerfile(), re.M)[1].split()
            subprocess.run([DEPLOY / "image-root.sh", BIN / "efa-agent", root, *packages], check=True, timeout=SECONDS)
            self.assertEqual(["efa-agent"], [path.name for path in (root / "usr/bin").iterdir()])
            subprocess.run([TESTS / "system/fake_node", root / "n", "like=p5.48xlarge"], check=True, timeout=SECONDS)
            (root / "n/dev").rename(root / "dev")
            enter = [] if os.geteuid() == 0 else ["unshare", "--map-root-user"]
            agent = [*enter, "chroot", root, "/usr/bin/efa-agent"]
            done = subprocess.run([*agent, "--once", "-o", "json", "--sysfs=/n/sys", "--proc=/n/proc", "--cluster=off",
                                   "--imds=off", "--devices=count"],
                                  capture_output=True, text=True, timeout=SECONDS, check=False)
            self.assertIn(done.returncode, (0, 1), done.stderr)
            devices = json.loads(done.stdout)["devices"]
            self.assertEqual((32, 32), (devices["sysfs"], devices["verbs"]))  # libibverbs has loaded its driver
            loaded = subprocess.run([*agent, "--probe-libfabric"], capture_output=True, text=True, timeout=SECONDS,
                                    check=False)
            self.assertNotIn("cannot open shared object", loaded.stdout + loaded.stderr)


class Rights(unittest.TestCase):
    def test_the_role(self):
        self.assertEqual([{"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]},
                          {"apiGroups": [""], "resources": ["nodes/status"], "verbs": ["patch"]},
                          {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]},
                          {"apiGroups": [""], "resources": ["events"], "verbs": ["create"]}],
                         the("ClusterRole")["rules"])
        subject, = the("ClusterRoleBinding")["subjects"]
        self.assertEqual(("ServiceAccount", "efa-agent", "efa-agent"),
                         (subject["kind"], subject["namespace"], subject["name"]))
        self.assertEqual(POD["serviceAccountName"], subject["name"])
        self.assertFalse([kind for kind, _ in BASE if kind in ("Role", "RoleBinding")])

    def test_the_token_is_the_pod_s_own(self):
        self.assertIs(False, the("ServiceAccount")["automountServiceAccountToken"])
        self.assertIs(True, POD["automountServiceAccountToken"])

    def test_the_policy_is_for_that_account_and_refuses(self):
        spec = the("ValidatingAdmissionPolicy", "efa-agent-own-node")["spec"]
        condition, = spec["matchConditions"]
        self.assertEqual("request.userInfo.username == 'system:serviceaccount:efa-agent:efa-agent'",
                         condition["expression"])
        self.assertEqual("Fail", spec["failurePolicy"])
        binding = the("ValidatingAdmissionPolicyBinding", "efa-agent-own-node")["spec"]
        self.assertEqual({"policyName": "efa-agent-own-node", "validationActions": ["Deny"]}, binding)
        for validation in spec["validations"]:
            self.assertEqual("Forbidden", validation["reason"])
            self.assertTrue({"message", "messageExpression"} & set(validation))

    def test_what_the_role_lets_it_write_the_policy_looks_at(self):
        rule, = the("ValidatingAdmissionPolicy", "efa-agent-own-node")["spec"]["matchConstraints"]["resourceRules"]
        written = {name for role in the("ClusterRole")["rules"] for name in role["resources"]
                   if set(role["verbs"]) - {"get", "list", "watch"}}
        self.assertLessEqual({name if "/" not in name else "nodes/*" for name in written}, set(rule["resources"]))
        self.assertEqual(["*"], rule["operations"])

    def test_the_namespace_is_its_own_and_lets_host_paths_in(self):
        labels = the("Namespace")["metadata"]["labels"]
        self.assertEqual("privileged", labels["pod-security.kubernetes.io/enforce"])
        self.assertEqual({"efa-agent"}, {thing["metadata"]["namespace"] for thing in BASE.values()
                                         if "namespace" in thing["metadata"]})


class Alerts(unittest.TestCase):
    rules = [rule for group in load(CHART / "rules/efa-agent.yaml")[0]["groups"] for rule in group["rules"]]

    def test_every_alert_says_what_to_do(self):
        readme = (DEPLOY / "README.md").read_text(encoding="utf-8")
        for rule in self.rules:
            with self.subTest(rule["alert"]):
                self.assertEqual({"summary", "runbook"}, set(rule["annotations"]))
                self.assertIn(f"`{rule['alert']}`", readme)


if __name__ == "__main__":
    unittest.main()
