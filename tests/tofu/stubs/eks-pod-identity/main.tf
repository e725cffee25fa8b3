# SPDX-License-Identifier: Apache-2.0
# Stands for terraform-aws-eks-pod-identity 2.

variable "name" { type = string }
variable "attach_cluster_autoscaler_policy" { type = bool }
variable "cluster_autoscaler_cluster_names" { type = list(string) }

variable "associations" {
  type = map(object({ cluster_name = string, namespace = string, service_account = string }))
}
