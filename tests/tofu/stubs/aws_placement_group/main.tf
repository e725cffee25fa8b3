# SPDX-License-Identifier: Apache-2.0

variable "name" { type = string }
variable "strategy" { type = string }

output "name" {
  value = var.name
}

output "strategy" {
  value = var.strategy
}
