# SPDX-License-Identifier: Apache-2.0
"""Huge pages of the kernel: given, taken, promised, by NUMA node. The machine has two nodes."""
from case import VmTest, main

POOL = "/proc/sys/vm/nr_hugepages"
NODE = "/sys/devices/system/node/node{}/hugepages/hugepages-2048kB/nr_hugepages"
SURPLUS = "/proc/sys/vm/nr_overcommit_hugepages"


class HugePagesTest(VmTest):
    def setUp(self):
        self.undo(f"echo 0 >{POOL}; echo 0 >{SURPLUS}")

    def pages(self, options="--expect efa=0", status=0):
        return self.look(options, status=status)["hugepages"]["2Mi"]

    def assert_pages(self, pages, **counts):
        self.assertEqual({name: pages[name] for name in counts}, counts, pages)

    def mount(self, options=""):
        """A hugetlbfs, until the test is over."""
        self.vm.must(f"mkdir /run/huge; mount -t hugetlbfs -o pagesize=2M{options} huge /run/huge")
        self.undo("umount /run/huge; rmdir /run/huge")

    def test_none(self):
        self.assert_pages(self.pages(), total=0, free=0, reserved=0, surplus=0)

    def test_a_pool_is_spread_over_the_nodes(self):
        self.vm.must(f"echo 64 >{POOL}")
        pages = self.pages()
        self.assert_pages(pages, total=64, free=64, reserved=0, surplus=0)
        self.assertEqual([(node["numaNode"], node["total"], node["free"]) for node in pages["nodes"]],
                         [(0, 32, 32), (1, 32, 32)])

    def test_a_pool_of_one_node(self):
        self.vm.must(f"echo 24 >{NODE.format(1)}")
        pages = self.pages()
        self.assert_pages(pages, total=24)
        self.assertEqual([node["total"] for node in pages["nodes"]], [0, 24])

    def test_what_is_used_is_not_free(self):
        self.vm.must(f"echo 64 >{POOL}")
        self.mount()
        self.vm.must("fallocate -l 20M /run/huge/used")
        pages = self.pages()
        self.assert_pages(pages, total=64, free=54, reserved=0)
        self.assertEqual(sum(node["free"] for node in pages["nodes"]), 54)
        self.vm.must("rm /run/huge/used")
        self.assert_pages(self.pages(), total=64, free=64)

    def test_what_is_promised_is_still_free(self):
        self.vm.must(f"echo 64 >{POOL}")
        self.mount(",min_size=16M")
        self.assert_pages(self.pages(), total=64, free=64, reserved=8)

    def test_pages_beyond_the_pool(self):
        self.vm.must(f"echo 4 >{POOL}; echo 8 >{SURPLUS}")
        self.mount()
        self.vm.must("fallocate -l 16M /run/huge/used")
        self.assert_pages(self.pages(), total=8, free=0, surplus=4)

    def test_the_kernel_says_the_same(self):
        self.vm.must(f"echo 64 >{POOL}")
        self.mount(",min_size=8M")
        said = dict(line.split()[:2] for line in self.vm.must("grep HugePages_ /proc/meminfo").splitlines())
        pages = self.pages()
        self.assertEqual([pages["total"], pages["free"], pages["reserved"], pages["surplus"]],
                         [int(said[f"HugePages_{name}:"]) for name in ("Total", "Free", "Rsvd", "Surp")])

    def test_too_few(self):
        self.vm.must(f"echo 64 >{POOL}")
        self.look("--expect efa=0,hugepages-2Mi=128Mi", status=0)
        self.finding(self.look("--expect efa=0,hugepages-2Mi=130Mi", status=1), "hugepages-short")

    def test_used_by_somebody_else(self):
        self.vm.must(f"echo 64 >{POOL}")
        self.mount()
        self.vm.must("fallocate -l 20M /run/huge/used")
        report = self.look("--expect efa=0,hugepages-2Mi=128Mi")
        self.assertIn("20Mi of 128Mi", self.finding(report, "hugepages-overused")["found"])


if __name__ == "__main__":
    main()
