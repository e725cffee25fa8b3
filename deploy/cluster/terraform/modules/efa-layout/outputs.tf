# SPDX-License-Identifier: Apache-2.0

output "network_interfaces" {
  description = "The launch template's interfaces, as terraform-aws-eks takes them."
  value = [
    for place in local.places : {
      network_card_index    = place.card
      device_index          = place.device
      interface_type        = place.type
      delete_on_termination = true
    }
  ]
}

output "layout" {
  description = "The same in one line: card/device type, ..."
  value       = join(", ", [for place in local.places : "${place.card}/${place.device} ${place.type}"])
}

output "efa_cards" {
  description = "The network cards with an EFA interface."
  value       = local.efa_cards
}

output "offered" {
  description = "What a node adds to its status: resource name to quantity."
  value       = local.offered
}

output "autoscaler_tags" {
  description = "Tags of the Auto Scaling group."
  value       = { for resource, amount in local.offered : "k8s.io/cluster-autoscaler/node-template/resources/${resource}" => amount }
}

output "labels" {
  description = "Labels of the nodes: one by which cluster-autoscaler waits for the GPU plugin of a new node."
  value       = local.type.accelerator == "nvidia.com/gpu" ? { "k8s.amazonaws.com/accelerator" = "nvidia-${local.type.model}" } : {}
}

output "ami_type" {
  description = "EKS's amiType."
  value       = local.images[var.operating_system]
}

output "data_device" {
  description = "The disk that images and pods fill."
  value       = var.operating_system == "bottlerocket" ? "/dev/xvdb" : "/dev/xvda"
}

output "capacity_type" {
  description = "EKS's capacityType."
  value       = var.capacity_block ? "CAPACITY_BLOCK" : "ON_DEMAND"
}

output "instance_market_options" {
  description = "The launch template's, or null."
  value       = var.capacity_block ? { market_type = "capacity-block" } : null
}

output "capacity_reservation_specification" {
  description = "The launch template's, or null."
  value = var.capacity_reservation_id == null ? null : {
    capacity_reservation_target = { capacity_reservation_id = var.capacity_reservation_id }
  }
}

output "makes_placement_group" {
  description = "Whether the caller makes a cluster placement group for the nodes."
  value       = local.makes_placement_group
}

output "ami_release_version" {
  description = "EKS's releaseVersion, or null for the newest."
  value       = var.ami_release_version
}
