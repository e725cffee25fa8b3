# SPDX-License-Identifier: Apache-2.0
# What the test looks at; beside the wiring's own files in its copy.

output "groups" {
  value = module.eks.eks_managed_node_groups
}

output "tags" {
  value = [for each in module.aws_autoscaling_group_tag__efa : each.tag]
}

output "rules" {
  value = [module.aws_vpc_security_group_ingress_rule__efa.rule, module.aws_vpc_security_group_egress_rule__efa.rule]
}

output "made_placement_groups" {
  value = { for name, each in module.aws_placement_group__efa : name => each.strategy }
}

output "ranges" {
  value = try(module.vpc[0].ranges, [])
}
