# SPDX-License-Identifier: Apache-2.0

variable "name" {
  description = "The cluster's name."
  type        = string
  default     = "efa"
}

variable "region" {
  description = "The AWS region, such as us-west-2."
  type        = string
}

variable "kubernetes_version" {
  description = "Kubernetes as MAJOR.MINOR; 1.33 or later for P6e-GB200."
  type        = string
  default     = "1.36"

  validation {
    condition     = can(regex("^1\\.[0-9]+$", var.kubernetes_version))
    error_message = "kubernetes_version must look like 1.36."
  }
}

variable "vpc_cni_version" {
  description = "The VPC CNI add-on, such as v1.20.4-eksbuild.2; null for the newest."
  type        = string
  default     = null

  # From 1.18.5 on it leaves efa-only interfaces, which have no address, alone.
  # Source: https://docs.aws.amazon.com/eks/latest/userguide/node-efa.html
  validation {
    condition = var.vpc_cni_version == null || try(
      sum([
        for index, part in regex("^v([0-9]+)\\.([0-9]+)\\.([0-9]+)", var.vpc_cni_version) :
        tonumber(part) * pow(1000, 2 - index)
      ]) >= 1018005,
      false
    )
    error_message = "vpc_cni_version must look like v1.20.4-eksbuild.2 and be v1.18.5 or later."
  }
}

variable "zones" {
  description = "Two or three availability zones for the control plane, the zones of the node groups among them."
  type        = list(string)

  validation {
    condition     = length(distinct(var.zones)) >= 2
    error_message = "zones must name at least two zones: EKS wants its control plane in two."
  }
}

variable "vpc" {
  description = "An existing VPC and its private subnet in each zone; null makes a VPC."
  type = object({
    id              = string
    private_subnets = map(string)
  })
  default = null

  validation {
    condition     = var.vpc == null || alltrue([for zone in var.zones : contains(keys(try(var.vpc.private_subnets, {})), zone)])
    error_message = "vpc.private_subnets must give a subnet for each of zones."
  }
}

variable "endpoint_public_access" {
  description = "Whether the API server can be reached from outside the VPC."
  type        = bool
  default     = true
}

variable "system_instance_type" {
  description = "The type of the two nodes that run everything without a device: launchers, the webhook, CoreDNS."
  type        = string
  default     = "m7i.large"
}

variable "node_groups" {
  description = "Node groups with EFA by name. Each is in one zone, since EFA does not cross zones."
  type = map(object({
    instance_type           = string
    zone                    = string
    operating_system        = optional(string, "al2023")
    ami_release_version     = optional(string)
    min_size                = optional(number, 0)
    max_size                = optional(number, 4)
    desired_size            = optional(number, 0)
    volume_gib              = optional(number, 300)
    capacity_reservation_id = optional(string)
    capacity_block          = optional(bool, false)
    placement_group_name    = optional(string)
    labels                  = optional(map(string), {})
  }))

  validation {
    condition     = alltrue([for group in values(var.node_groups) : contains(var.zones, group.zone)])
    error_message = "Each node group's zone must be one of zones."
  }
}
