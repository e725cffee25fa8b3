# SPDX-License-Identifier: Apache-2.0
# Stands for terraform-aws-eks 21: takes the inputs that we give it and hands the node groups back. What a node group
# may hold is that version's eks_managed_node_groups; another name is refused here, where the real module would drop
# it without a word.
# Source: https://github.com/terraform-aws-modules/terraform-aws-eks/blob/v21.25.0/variables.tf

variable "name" { type = string }
variable "kubernetes_version" { type = string }
variable "endpoint_public_access" { type = bool }
variable "vpc_id" { type = string }
variable "subnet_ids" { type = list(string) }
variable "enable_cluster_creator_admin_permissions" { type = bool }
variable "create_node_security_group" { type = bool }

variable "addons" {
  type = map(object({
    addon_version  = optional(string)
    before_compute = optional(bool, false)
    most_recent    = optional(bool, true)
  }))
}

variable "eks_managed_node_groups" {
  type = any

  validation {
    condition = alltrue([
      for group in values(var.eks_managed_node_groups) : length(setsubtract(keys(group), [
        "ami_id", "ami_release_version", "ami_type", "attach_cluster_primary_security_group", "block_device_mappings",
        "capacity_reservation_specification", "capacity_type", "create_placement_group", "create_security_group",
        "desired_size", "disk_size", "efa_indices", "enable_efa_only", "enable_efa_support", "instance_market_options",
        "instance_types", "labels", "max_size", "metadata_options", "min_size", "name", "network_interfaces",
        "placement", "subnet_ids", "taints", "use_latest_ami_release_version", "vpc_security_group_ids",
      ])) == 0
    ])
    error_message = "a node group holds what terraform-aws-eks 21 does not know"
  }
}

module "typed" {
  source = "./typed"
  groups = var.eks_managed_node_groups
}

output "cluster_name" {
  value = var.name
}

output "eks_managed_node_groups" {
  value = {
    for name, group in module.typed.groups : name => merge(group, { node_group_autoscaling_group_names = ["asg-${name}"] })
  }
}
