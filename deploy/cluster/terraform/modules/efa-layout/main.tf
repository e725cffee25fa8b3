# SPDX-License-Identifier: Apache-2.0
# What a node group of one instance type with EFA needs. instance-types.json is made from the catalogue by
# deploy/cluster/generate.py.

locals {
  name  = trimprefix(var.instance_type, "ml.")
  types = jsondecode(file("${path.module}/instance-types.json"))
  type  = local.types[local.name]

  # Types that offer fewer EFA interfaces than they have cards for: which cards. P6e-GB200's cards share bandwidth;
  # these four have 400 Gbit/s each.
  # Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa-acc-inst-types.html
  some_cards = {
    "p6e-gb200.36xlarge" = [1, 5, 9, 13]
  }

  first_card = local.type.card0_efa ? 0 : 1
  efa_cards  = try(local.some_cards[local.name], range(local.first_card, local.first_card + local.type.efa_interfaces))

  # Card 0, device 0 is the primary interface. It carries the IP traffic, its type is never efa-only, and where
  # card 0 is ENA only (P6-B300, P6e-GB200) it is the only one there. Where card 0 has EFA, an efa-only interface
  # stands beside it at device 1; further cards have theirs at device 0. One interface that is both (`efa`) serves
  # types with a single EFA interface, and hpc6id, whose card 0 takes no second one.
  # Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa-acc-inst-types.html
  card0_has_efa = contains(local.efa_cards, 0)
  is_joined     = local.card0_has_efa && (length(local.efa_cards) == 1 || !local.type.card0_both)

  places = concat(
    [{ card = 0, device = 0, type = local.is_joined ? "efa" : "interface" }],
    local.card0_has_efa && !local.is_joined ? [{ card = 0, device = 1, type = "efa-only" }] : [],
    [for card in local.efa_cards : { card = card, device = 0, type = "efa-only" } if card > 0],
  )

  # What a node offers, for cluster-autoscaler while the group has none.
  # Source: https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md
  offered = merge(
    { "vpc.amazonaws.com/efa" = tostring(local.type.efa_interfaces) },
    local.type.accelerator == "" ? {} : { (local.type.accelerator) = tostring(local.type.accelerators) },
    local.type.hugepages_mib == 0 ? {} : { "hugepages-2Mi" = "${local.type.hugepages_mib}Mi" },
  )

  # Source: https://docs.aws.amazon.com/eks/latest/userguide/ml-eks-optimized-ami.html
  arch    = { amd64 = "x86_64", arm64 = "ARM_64" }[local.type.arch]
  variant = lookup({ "nvidia.com/gpu" = "NVIDIA", "aws.amazon.com/neuron" = "NEURON" }, local.type.accelerator, "STANDARD")
  images = {
    al2023       = "AL2023_${local.arch}_${local.variant}"
    bottlerocket = join("_", concat(["BOTTLEROCKET", local.arch], local.variant == "NVIDIA" ? ["NVIDIA"] : []))
  }

  # A reservation has its place already: in the group it was made in, or in none. A new group would not fit.
  # Sources: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/cr-cpg.html
  #          https://docs.aws.amazon.com/eks/latest/userguide/capacity-blocks-mng.html
  makes_placement_group = var.placement_group_name == null && var.capacity_reservation_id == null
}
