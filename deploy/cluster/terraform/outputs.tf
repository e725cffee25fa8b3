# SPDX-License-Identifier: Apache-2.0

output "cluster_name" {
  description = "For `aws eks update-kubeconfig --name`."
  value       = module.eks.cluster_name
}

output "offered" {
  description = "What a node of each group must show in its status once the device plugins run."
  value       = { for name, layout in module.efa_layout : name => layout.offered }
}

output "efa_security_group_id" {
  description = "The group that lets EFA traffic through."
  value       = aws_security_group.efa.id
}
