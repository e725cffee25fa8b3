# SPDX-License-Identifier: Apache-2.0
# What each node group with EFA gets. The counts and the interfaces come from the module efa-layout, which has no
# provider and is tested type by type; here it is only wired up.

module "efa_layout" {
  source   = "./modules/efa-layout"
  for_each = var.node_groups

  instance_type           = each.value.instance_type
  operating_system        = each.value.operating_system
  ami_release_version     = each.value.ami_release_version
  capacity_reservation_id = each.value.capacity_reservation_id
  capacity_block          = each.value.capacity_block
  placement_group_name    = each.value.placement_group_name
}

# Nodes close together in one zone. A reservation has its place already, so its groups get none here.
# Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/placement-strategies.html
resource "aws_placement_group" "efa" {
  for_each = toset([for name, layout in module.efa_layout : name if layout.makes_placement_group])

  name     = "${var.name}-${each.key}"
  strategy = "cluster"
}

locals {
  placement_groups = {
    for name, group in var.node_groups : name => (
      group.placement_group_name != null ? group.placement_group_name : try(aws_placement_group.efa[name].name, null)
    )
  }

  efa_node_groups = {
    for name, group in var.node_groups : name => {
      ami_type       = module.efa_layout[name].ami_type
      instance_types = [trimprefix(group.instance_type, "ml.")]
      capacity_type  = module.efa_layout[name].capacity_type
      subnet_ids     = [local.subnets[group.zone]]
      min_size       = group.min_size
      max_size       = group.max_size
      desired_size   = group.desired_size
      labels         = merge(module.efa_layout[name].labels, group.labels)

      # EKS takes the newest image for a new group and keeps it: a newer one by itself would drain nodes in the
      # middle of a job.
      use_latest_ami_release_version = false
      ami_release_version            = module.efa_layout[name].ami_release_version

      # enable_efa_support stays off: it puts EFA on as many cards as there are, from card 0 on, which P6-B300 and
      # P6e-GB200 refuse.
      # Source: https://github.com/terraform-aws-modules/terraform-aws-eks/issues/3653
      enable_efa_support = false
      network_interfaces = module.efa_layout[name].network_interfaces

      attach_cluster_primary_security_group = true
      vpc_security_group_ids                = [aws_security_group.efa.id]
      create_security_group                 = false

      placement                          = local.placement_groups[name] == null ? null : { group_name = local.placement_groups[name] }
      capacity_reservation_specification = module.efa_layout[name].capacity_reservation_specification
      instance_market_options            = module.efa_layout[name].instance_market_options

      # Training images are large, and EKS takes no disk size beside a launch template.
      block_device_mappings = {
        data = {
          device_name = module.efa_layout[name].data_device
          ebs = {
            volume_size           = group.volume_gib
            volume_type           = "gp3"
            encrypted             = true
            delete_on_termination = true
          }
        }
      }
    }
  }

  autoscaler_tags = merge([
    for name, layout in module.efa_layout : {
      for key, value in layout.autoscaler_tags : "${name} ${key}" => { group = name, key = key, value = value }
    }
  ]...)
}

# What a node will offer, for cluster-autoscaler while a group has none. EKS does not hand a node group's tags on to
# its Auto Scaling group.
# Source: https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md
resource "aws_autoscaling_group_tag" "efa" {
  for_each = local.autoscaler_tags

  autoscaling_group_name = module.eks.eks_managed_node_groups[each.value.group].node_group_autoscaling_group_names[0]

  tag {
    key                 = each.value.key
    value               = each.value.value
    propagate_at_launch = false
  }
}
