# SPDX-License-Identifier: Apache-2.0

variable "autoscaling_group_name" { type = string }

variable "tag" {
  type = object({ key = string, value = string, propagate_at_launch = bool })
}

output "tag" {
  value = merge(var.tag, { group = var.autoscaling_group_name })
}
