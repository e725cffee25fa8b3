# SPDX-License-Identifier: Apache-2.0
"""One look at a node's devices: EFA devices of every kind of trouble, and RDMA devices that are none."""
from case import VmTest, main

P5 = {"sysfs": 32, "character": 32, "verbs": 32, "libfabric": 32, "otherRdma": 0}
FIRST, SECOND = "0000:4f:00.0", "0000:50:00.0"  # rdmap79s0, rdmap80s0


class NoRdmaTest(VmTest):
    """The kernel as it boots."""

    def setUp(self):
        self.vm.must("modprobe -r rdma_rxe ib_uverbs ib_core")

    def test_a_kernel_without_rdma_has_no_device(self):
        """Else the kernel loads ib_core for whoever asks by netlink."""
        self.vm.must("echo >/proc/sys/kernel/modprobe")
        self.undo("echo /usr/bin/modprobe >/proc/sys/kernel/modprobe")
        report = self.look(status=1)
        self.assert_devices(report, sysfs=0, character=0, verbs=0, otherRdma=0)
        self.finding(report, "efa-not-attached")
        self.assertNotIn("ib_core", self.vm.must("lsmod"))

    def test_a_kernel_with_rdma_and_no_device_has_none_either(self):
        self.vm.must("modprobe ib_uverbs")
        self.undo("modprobe -r ib_uverbs")
        report = self.look(status=1)
        self.assert_devices(report, sysfs=0, character=0, verbs=0, otherRdma=0)
        self.finding(report, "efa-not-attached")

    def test_nobody_expects_what_a_type_without_efa_lacks(self):
        report = self.look("--instance-type m5.large", status=0)
        self.assert_devices(report, sysfs=0, verbs=0)
        self.assertEqual(report["verdict"], "good")


class EfaTest(VmTest):
    """A p5.48xlarge, by its name and its devices."""

    def setUp(self):
        self.load_efa("count=32 gpus=8")

    def unbind(self, address):
        self.vm.must(f"echo {address} >/sys/bus/pci/drivers/efa/unbind")

    def test_each_way_of_counting_gives_32(self):
        report = self.look(status=0)
        self.assertEqual(report["instanceType"], "p5.48xlarge")
        self.assert_devices(report, **P5)
        self.assertEqual(report["verdict"], "good")

    def test_the_kernel_and_libibverbs_agree_on_their_names(self):
        self.assertEqual(len(self.vm.must("rdma dev").splitlines()), 32)
        self.assertEqual(len(self.vm.must("ls /dev/infiniband").split()), 32)
        self.assertEqual(len(self.vm.must("ls /sys/bus/pci/drivers/efa | grep :").split()), 32)

    def test_what_is_wanted_counts_in_place_of_the_type(self):
        self.look("--expect efa=32,accelerators=8", status=0)
        report = self.look("--expect efa=33", status=1)
        self.finding(report, "efa-fewer-than-wanted")

    def test_counting_alone_opens_nothing(self):
        report = self.look("--devices count", status=0)
        self.assert_devices(report, **P5 | {"libfabric": None})

    def test_one_without_a_driver_is_missed_and_named(self):
        self.unbind(SECOND)
        report = self.look(status=1)
        self.assert_devices(report, sysfs=31, character=31, verbs=31, libfabric=31)
        self.assertEqual(report["verdict"], "mismatch")
        self.assertIn(SECOND, str(self.finding(report, "driver-missing")))
        self.vm.must(f"echo {SECOND} >/sys/bus/pci/drivers/efa/bind")
        self.assert_devices(self.look(status=0), **P5)

    def test_none_with_a_driver(self):
        self.vm.must("cd /sys/bus/pci/drivers/efa; for a in *:*; do echo $a >unbind; done")
        report = self.look(status=1)
        self.assert_devices(report, sysfs=0, character=0, verbs=0)
        self.finding(report, "driver-missing")
        self.assert_no_finding(report, "efa-not-attached")

    def test_a_module_that_was_removed_leaves_no_device(self):
        self.vm.must("rmmod efasim")
        report = self.look(status=1)
        self.assert_devices(report, sysfs=0, character=0, verbs=0)
        self.finding(report, "efa-not-attached")

    def test_half_of_them(self):
        self.load_efa("count=16 gpus=8")
        report = self.look(status=1)
        self.assert_devices(report, sysfs=16, character=16, verbs=16, libfabric=16)
        self.finding(report, "efa-fewer-attached")

    def test_too_few_accelerators(self):
        self.load_efa("count=32 gpus=4")
        self.finding(self.look(status=1), "accelerators-fewer")

    def test_a_name_is_only_a_name(self):
        self.vm.must("rdma dev set rdmap81s0 name efa_7")
        report = self.look(status=0)
        self.assert_devices(report, **P5)
        self.assertIn('"efa_7"', str(report).replace("'", '"'))

    def test_the_kernels_own_names(self):
        self.load_efa("count=4 names=efa_%d")
        self.assert_devices(self.look("--expect efa=4", status=0), sysfs=4, character=4, verbs=4, libfabric=4)

    def test_a_device_newer_than_the_library(self):
        """Here netlink says which driver it is; only a sysfs that is read in its place goes by the PCI id."""
        self.load_efa("count=4 device=0xefa3")
        self.assert_devices(self.look("--expect efa=4", status=0), sysfs=4, character=4, verbs=4, libfabric=4)

    def test_a_port_that_is_down_still_counts(self):
        self.vm.must("echo 1 >/sys/module/efasim/parameters/down")
        report = self.look(status=1)
        self.assert_devices(report, **P5)
        self.assertIn("rdmap79s0", str(self.finding(report, "port-down")))


class OtherRdmaTest(VmTest):
    """Soft RoCE, which needs no hardware, on dummy interfaces."""

    def setUp(self):
        self.vm.must("for module in ib_uverbs crc32_generic rdma_rxe dummy; do modprobe $module; done")
        self.undo("modprobe -r rdma_rxe dummy")

    def add(self, count):
        names = range(count)
        for i in names:
            self.vm.must(f"ip link add net{i} type dummy && ip link set net{i} up")
        links = "\n".join(f"link add rocep{i}s0 type rxe netdev net{i}" for i in names)
        self.vm.must(f"rdma -b - <<END\n{links}\nEND")

    def test_32_others_are_not_efa(self):
        self.add(32)
        report = self.look(status=1)
        self.assert_devices(report, sysfs=0, character=0, verbs=0, otherRdma=32)
        self.finding(report, "efa-not-attached")

    def test_an_efa_device_is_not_known_by_its_name(self):
        self.add(1)
        self.vm.must("rdma dev set rocep0s0 name rdmap79s0")
        self.assert_devices(self.look(status=1), sysfs=0, verbs=0, otherRdma=1)

    def test_one_other_blinds_libfabric(self):
        """libfabric before 2.2 gives up at the first device that is no EFA."""
        self.load_efa("count=32 gpus=8")
        self.add(1)
        report = self.look()
        self.assert_devices(report, sysfs=32, character=32, verbs=32, otherRdma=1)
        if report["devices"]["libfabric"] == 0:
            self.finding(report, "foreign-rdma-device")
            self.assertEqual(report["verdict"], "mismatch")
        else:
            self.assert_devices(report, libfabric=32)


if __name__ == "__main__":
    main()
