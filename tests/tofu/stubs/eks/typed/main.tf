# SPDX-License-Identifier: Apache-2.0
# The types of what we use of a node group; a value of another type is refused as the real module would.

variable "groups" {
  type = map(object({
    ami_release_version                   = optional(string)
    ami_type                              = optional(string)
    attach_cluster_primary_security_group = optional(bool, false)
    block_device_mappings = optional(map(object({
      device_name = optional(string)
      ebs = optional(object({
        delete_on_termination = optional(bool)
        encrypted             = optional(bool)
        volume_size           = optional(number)
        volume_type           = optional(string)
      }))
    })))
    capacity_reservation_specification = optional(object({
      capacity_reservation_preference = optional(string)
      capacity_reservation_target = optional(object({
        capacity_reservation_id                 = optional(string)
        capacity_reservation_resource_group_arn = optional(string)
      }))
    }))
    capacity_type           = optional(string)
    create_security_group   = optional(bool)
    desired_size            = optional(number)
    enable_efa_support      = optional(bool)
    instance_market_options = optional(object({ market_type = optional(string) }))
    instance_types          = optional(list(string))
    labels                  = optional(map(string))
    max_size                = optional(number)
    min_size                = optional(number)
    network_interfaces = optional(list(object({
      delete_on_termination = optional(bool)
      device_index          = optional(number)
      interface_type        = optional(string)
      network_card_index    = optional(number)
      security_groups       = optional(list(string), [])
    })))
    placement                      = optional(object({ group_name = optional(string) }))
    subnet_ids                     = optional(list(string))
    use_latest_ami_release_version = optional(bool)
    vpc_security_group_ids         = optional(list(string), [])
  }))
}

output "groups" {
  value = var.groups
}
