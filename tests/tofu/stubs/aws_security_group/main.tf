# SPDX-License-Identifier: Apache-2.0

variable "name_prefix" { type = string }
variable "description" { type = string }
variable "vpc_id" { type = string }
variable "tags" { type = map(string) }

output "id" {
  value = "sg-efa"
}
