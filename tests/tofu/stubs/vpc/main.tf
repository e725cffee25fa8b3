# SPDX-License-Identifier: Apache-2.0
# Stands for terraform-aws-vpc 6.

variable "name" { type = string }
variable "cidr" { type = string }
variable "azs" { type = list(string) }
variable "private_subnets" { type = list(string) }
variable "public_subnets" { type = list(string) }
variable "enable_nat_gateway" { type = bool }
variable "single_nat_gateway" { type = bool }
variable "public_subnet_tags" { type = map(string) }
variable "private_subnet_tags" { type = map(string) }

output "vpc_id" {
  value = "vpc-made"
}

output "private_subnets" {
  value = [for zone in var.azs : "subnet-${zone}"]
}

output "ranges" {
  value = concat(var.private_subnets, var.public_subnets)
}
