# SPDX-License-Identifier: Apache-2.0
"""What stands between a process and devices that are there: permissions, mounts, network namespaces."""
from case import VmTest, main

COUNT = 8


class AccessTest(VmTest):
    def setUp(self):
        self.load_efa(f"count={COUNT}")

    def look_for_all(self, options="", how="{}", status=None):
        return self.look(f"--expect efa={COUNT} {options}", how, status)


class PermissionsTest(AccessTest):
    def close_devices(self):
        self.vm.must("chmod 0600 /dev/infiniband/*")

    def add_dev_char(self):
        """As udev does; with it libibverbs waits 5 s for each device that it cannot open."""
        self.vm.must("""
            mkdir -p /dev/char
            for device in /sys/class/infiniband_verbs/uverbs*; do
                ln -s ../infiniband/${device##*/} /dev/char/$(cat $device/dev)
            done""")
        self.undo("rm -r /dev/char")

    def test_anyone_may_look(self):
        report = self.look_for_all(how="su nobody -c '{}'", status=0)
        self.assert_devices(report, sysfs=COUNT, character=COUNT, verbs=COUNT, libfabric=COUNT)

    def test_devices_that_may_not_be_opened(self):
        self.close_devices()
        report = self.look_for_all(how="su nobody -c '{}'", status=1)
        self.assert_devices(report, sysfs=COUNT, character=0, verbs=COUNT)
        self.finding(report, "character-refused")

    def test_devices_that_may_not_be_opened_are_not_waited_for(self):
        self.close_devices()
        self.add_dev_char()
        report = self.look_for_all("--devices open", how="su nobody -c '{}'", status=1)
        self.assert_devices(report, sysfs=COUNT, character=0, verbs=COUNT, libfabric=None)
        self.assertLess(report["seconds"], 2)

    def test_one_device_that_may_not_be_opened(self):
        self.vm.must("chmod 0600 /dev/infiniband/uverbs3")
        self.add_dev_char()
        report = self.look_for_all("--devices open", how="su nobody -c '{}'", status=1)
        self.assert_devices(report, sysfs=COUNT, character=COUNT - 1, verbs=COUNT, libfabric=None)
        self.assertIn("rdmap82s0", str(self.finding(report, "character-refused")))
        self.assertLess(report["seconds"], 2)


class MountsTest(AccessTest):
    def test_an_empty_folder(self):
        report = self.look(how="unshare -m sh -c 'mount -t tmpfs t /dev/infiniband; {}'", status=1)
        self.assert_devices(report, sysfs=COUNT, character=0, verbs=0)
        self.finding(report, "character-missing")

    def test_no_folder(self):
        report = self.look_for_all(how="unshare -m sh -c 'mount -t tmpfs t /dev; {}'", status=1)
        self.assert_devices(report, sysfs=COUNT, character=0, verbs=0)
        self.finding(report, "infiniband-not-mounted")


class NetworkNamespaceTest(AccessTest):
    def test_shared_devices_are_seen_from_any(self):
        report = self.look_for_all(how="unshare -n {}", status=0)
        self.assert_devices(report, sysfs=COUNT, character=COUNT, verbs=COUNT, libfabric=COUNT)

    def test_exclusive_devices_are_seen_from_their_own_alone(self):
        self.vm.must("rdma system set netns exclusive")
        self.undo("rdma system set netns shared")
        self.look_for_all(status=0)
        report = self.look_for_all(how="unshare -n {}", status=1)
        self.assert_devices(report, sysfs=COUNT, verbs=0)
        self.finding(report, "rdma-netns-exclusive")

    def test_a_sysfs_of_the_namespace_shows_none(self):
        self.vm.must("rdma system set netns exclusive")
        self.undo("rdma system set netns shared")
        for look in (self.look, self.look_for_all):
            report = look(how="unshare -nm sh -c 'mount -t sysfs s /sys; {}'", status=1)
            self.assert_devices(report, sysfs=0, verbs=0)
            self.finding(report, "rdma-netns-exclusive")
            self.assert_no_finding(report, "driver-missing")
            self.assert_no_finding(report, "efa-fewer-than-wanted")


if __name__ == "__main__":
    main()
