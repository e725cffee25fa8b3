# SPDX-License-Identifier: Apache-2.0
# The families that people train on, in numbers written by hand, and what is refused.
# Source of the counts: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa-acc-inst-types.html

run "p5_has_32_interfaces_beside_the_primary_one" {
  command = plan
  variables {
    instance_type = "p5.48xlarge"
  }
  assert {
    condition     = length(output.network_interfaces) == 33
    error_message = "one primary interface and 32 with EFA"
  }
  assert {
    condition     = length([for each in output.network_interfaces : each if each.interface_type == "efa-only"]) == 32
    error_message = "all 32 are efa-only"
  }
  assert {
    condition     = output.network_interfaces[0].interface_type == "interface" && output.network_interfaces[0].device_index == 0
    error_message = "the primary interface comes first and carries no EFA"
  }
  assert {
    condition     = output.network_interfaces[1].network_card_index == 0 && output.network_interfaces[1].device_index == 1
    error_message = "card 0 has its EFA interface at device 1"
  }
  assert {
    condition     = alltrue([for each in output.network_interfaces : each.device_index == 0 if each.network_card_index > 0])
    error_message = "other cards have theirs at device 0"
  }
  assert {
    condition     = length(distinct([for each in output.network_interfaces : "${each.network_card_index}/${each.device_index}"])) == 33
    error_message = "no place is taken twice"
  }
}

run "p5en_has_16" {
  command = plan
  variables {
    instance_type = "p5en.48xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 16 && output.offered["vpc.amazonaws.com/efa"] == "16"
    error_message = "16, not the 32 of P5"
  }
}

run "p6_b200_has_8" {
  command = plan
  variables {
    instance_type = "p6-b200.48xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 8 && output.offered["vpc.amazonaws.com/efa"] == "8"
    error_message = "8, not the 32 of P5"
  }
}

run "p6_b300_has_no_efa_on_card_0" {
  command = plan
  variables {
    instance_type = "p6-b300.48xlarge"
  }
  assert {
    condition     = length(output.network_interfaces) == 17 && !contains(output.efa_cards, 0) && max(output.efa_cards...) == 16
    error_message = "16 EFA interfaces on the cards 1 to 16, the ENA interface on card 0"
  }
}

run "p6e_gb200_uses_four_cards" {
  command = plan
  variables {
    instance_type = "p6e-gb200.36xlarge"
  }
  assert {
    condition     = output.layout == "0/0 interface, 1/0 efa-only, 5/0 efa-only, 9/0 efa-only, 13/0 efa-only"
    error_message = "the four cards of 400 Gbit/s"
  }
  assert {
    condition     = !contains(keys(output.autoscaler_tags), "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi")
    error_message = "kernels with 64 KiB pages have no pool of 2 MiB pages"
  }
  assert {
    condition     = output.ami_type == "AL2023_ARM_64_NVIDIA"
    error_message = "the arm64 image"
  }
}

run "p4d_has_4" {
  command = plan
  variables {
    instance_type = "p4d.24xlarge"
  }
  assert {
    condition     = output.layout == "0/0 interface, 0/1 efa-only, 1/0 efa-only, 2/0 efa-only, 3/0 efa-only"
    error_message = "one a card"
  }
}

run "one_interface_is_primary_and_efa" {
  command = plan
  variables {
    instance_type = "p5.4xlarge"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "one interface that is both"
  }
}

run "hpc6id_joins_both_on_card_0" {
  command = plan
  variables {
    instance_type = "hpc6id.32xlarge"
  }
  assert {
    condition     = output.layout == "0/0 efa, 1/0 efa-only"
    error_message = "its cards take one interface each"
  }
}

run "hyperpod_spells_types_with_ml" {
  command = plan
  variables {
    instance_type = "ml.trn2.48xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 16 && output.offered["aws.amazon.com/neuron"] == "16"
    error_message = "the same type"
  }
}

run "without_a_reservation_a_placement_group_is_made" {
  command = plan
  variables {
    instance_type = "p5.48xlarge"
  }
  assert {
    condition     = output.makes_placement_group && output.capacity_type == "ON_DEMAND"
    error_message = "a cluster placement group of its own"
  }
  assert {
    condition     = output.capacity_reservation_specification == null && output.instance_market_options == null
    error_message = "nothing is reserved"
  }
}

run "a_reservation_keeps_its_place" {
  command = plan
  variables {
    instance_type           = "p5.48xlarge"
    capacity_reservation_id = "cr-0123456789abcdef0"
  }
  assert {
    condition     = !output.makes_placement_group && output.capacity_type == "ON_DEMAND" && output.instance_market_options == null
    error_message = "a new group would not fit the reservation"
  }
  assert {
    condition     = output.capacity_reservation_specification.capacity_reservation_target.capacity_reservation_id == "cr-0123456789abcdef0"
    error_message = "the reservation is the target"
  }
}

run "a_named_group_is_used_and_none_made" {
  command = plan
  variables {
    instance_type           = "p5.48xlarge"
    capacity_reservation_id = "cr-0123456789abcdef0"
    placement_group_name    = "reserved-here"
  }
  assert {
    condition     = !output.makes_placement_group
    error_message = "the group is there already"
  }
}

run "a_capacity_block_is_a_market_of_its_own" {
  command = plan
  variables {
    instance_type           = "p5.48xlarge"
    capacity_reservation_id = "cr-0123456789abcdef0"
    capacity_block          = true
  }
  assert {
    condition     = output.capacity_type == "CAPACITY_BLOCK" && output.instance_market_options.market_type == "capacity-block"
    error_message = "both the node group and the launch template say so"
  }
  assert {
    condition     = !output.makes_placement_group
    error_message = "a block places its instances itself"
  }
}

run "bottlerocket_fills_its_second_disk" {
  command = plan
  variables {
    instance_type    = "p5.48xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.data_device == "/dev/xvdb" && output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image and its data disk"
  }
}

run "refuses_a_type_without_efa" {
  command = plan
  variables {
    instance_type = "m5.large"
  }
  expect_failures = [var.instance_type]
}

run "refuses_another_operating_system" {
  command = plan
  variables {
    instance_type    = "p5.48xlarge"
    operating_system = "al2"
  }
  expect_failures = [var.operating_system]
}

run "refuses_bottlerocket_where_there_is_no_image" {
  command = plan
  variables {
    instance_type    = "p6e-gb200.36xlarge"
    operating_system = "bottlerocket"
  }
  expect_failures = [var.operating_system]
}

run "refuses_a_block_without_its_id" {
  command = plan
  variables {
    instance_type  = "p5.48xlarge"
    capacity_block = true
  }
  expect_failures = [var.capacity_block]
}

run "refuses_a_group_beside_a_block" {
  command = plan
  variables {
    instance_type           = "p5.48xlarge"
    capacity_reservation_id = "cr-0123456789abcdef0"
    capacity_block          = true
    placement_group_name    = "mine"
  }
  expect_failures = [var.placement_group_name]
}

run "refuses_an_id_of_something_else" {
  command = plan
  variables {
    instance_type           = "p5.48xlarge"
    capacity_reservation_id = "lt-0123456789abcdef0"
  }
  expect_failures = [var.capacity_reservation_id]
}

run "takes_an_image_of_the_floor" {
  command = plan
  variables {
    instance_type       = "p5.48xlarge"
    ami_release_version = "1.36.0-20260505"
  }
  assert {
    condition     = output.ami_release_version == "1.36.0-20260505"
    error_message = "the release is handed on"
  }
}

run "takes_a_bottlerocket_of_the_floor" {
  command = plan
  variables {
    instance_type       = "p5.48xlarge"
    operating_system    = "bottlerocket"
    ami_release_version = "1.28.0-1a2b3c4d"
  }
  assert {
    condition     = output.ami_release_version == "1.28.0-1a2b3c4d"
    error_message = "the release is handed on"
  }
}

run "refuses_an_image_below_the_floor" {
  command = plan
  variables {
    instance_type       = "p5.48xlarge"
    ami_release_version = "1.34.2-20260101"
  }
  expect_failures = [var.ami_release_version]
}

run "refuses_a_bottlerocket_below_the_floor" {
  command = plan
  variables {
    instance_type       = "p5.48xlarge"
    operating_system    = "bottlerocket"
    ami_release_version = "1.27.9-1a2b3c4d"
  }
  expect_failures = [var.ami_release_version]
}

run "refuses_an_image_of_the_other_system" {
  command = plan
  variables {
    instance_type       = "p5.48xlarge"
    ami_release_version = "1.52.0-1a2b3c4d"
  }
  expect_failures = [var.ami_release_version]
}
