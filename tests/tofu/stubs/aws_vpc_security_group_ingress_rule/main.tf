# SPDX-License-Identifier: Apache-2.0

variable "security_group_id" { type = string }
variable "referenced_security_group_id" { type = string }
variable "ip_protocol" { type = string }
variable "description" { type = string }

output "rule" {
  value = "${var.security_group_id} ${var.referenced_security_group_id} ${var.ip_protocol}"
}
