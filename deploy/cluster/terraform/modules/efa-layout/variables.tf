# SPDX-License-Identifier: Apache-2.0

variable "instance_type" {
  description = "An EC2 instance type with EFA; the `ml.` of SageMaker HyperPod is taken off."
  type        = string

  validation {
    condition     = contains(keys(jsondecode(file("${path.module}/instance-types.json"))), trimprefix(var.instance_type, "ml."))
    error_message = "instance_type must be an EC2 type with EFA, such as p5.48xlarge; config/instance-types.yaml has them all."
  }
}

variable "operating_system" {
  description = "al2023 (Amazon Linux 2023) or bottlerocket."
  type        = string
  default     = "al2023"

  validation {
    condition     = contains(["al2023", "bottlerocket"], var.operating_system)
    error_message = "operating_system must be al2023 or bottlerocket."
  }

  # Source: https://docs.aws.amazon.com/eks/latest/userguide/ml-eks-optimized-ami.html
  validation {
    condition = !(var.operating_system == "bottlerocket" && try(
      jsondecode(file("${path.module}/instance-types.json"))[trimprefix(var.instance_type, "ml.")].arch == "arm64" &&
      jsondecode(file("${path.module}/instance-types.json"))[trimprefix(var.instance_type, "ml.")].accelerator == "nvidia.com/gpu",
      false
    ))
    error_message = "EKS has no Bottlerocket image with the GPU driver of this arm64 type: set operating_system to al2023."
  }
}

variable "capacity_reservation_id" {
  description = "An On-Demand capacity reservation or Capacity Block (cr-...) that the nodes start in; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.capacity_reservation_id == null || can(regex("^cr-[0-9a-f]+$", var.capacity_reservation_id))
    error_message = "capacity_reservation_id must look like cr-0123456789abcdef0."
  }
}

variable "capacity_block" {
  description = "Whether that reservation is a Capacity Block for ML."
  type        = bool
  default     = false

  validation {
    condition     = !var.capacity_block || var.capacity_reservation_id != null
    error_message = "capacity_block needs the block's id in capacity_reservation_id."
  }
}

variable "placement_group_name" {
  description = "An existing cluster placement group, such as the one that the reservation was made in; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.placement_group_name == null || !var.capacity_block
    error_message = "A Capacity Block places its instances itself: leave placement_group_name out."
  }
}

variable "ami_release_version" {
  description = "A release of the image, such as 1.36.2-20261101 or Bottlerocket's 1.52.0-1a2b3c4d; null for the newest."
  type        = string
  default     = null

  # The first Amazon Linux image with the EFA driver and efa-config in every variant; Bottlerocket's first with a huge
  # page pool of its own.
  # Sources: https://github.com/awslabs/amazon-eks-ami/pull/2697
  #          https://github.com/bottlerocket-os/bottlerocket-core-kit/pull/141
  validation {
    condition = var.ami_release_version == null || var.operating_system != "al2023" || try(
      tonumber(regex("^1\\.[0-9]+\\.[0-9]+-([0-9]{8})$", var.ami_release_version)[0]) >= 20260505,
      false
    )
    error_message = "ami_release_version of Amazon Linux must look like 1.36.2-20261101 and be of 2026-05-05 or later."
  }
  validation {
    condition = var.ami_release_version == null || var.operating_system != "bottlerocket" || try(
      tonumber(regex("^([0-9]+)\\.[0-9]+\\.[0-9]+", var.ami_release_version)[0]) * 1000 +
      tonumber(regex("^[0-9]+\\.([0-9]+)\\.[0-9]+", var.ami_release_version)[0]) >= 1028,
      false
    )
    error_message = "ami_release_version of Bottlerocket must look like 1.52.0-1a2b3c4d and be 1.28.0 or later."
  }
}
