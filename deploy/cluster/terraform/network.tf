# SPDX-License-Identifier: Apache-2.0

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "~> 6.0"
  count   = var.vpc == null ? 1 : 0

  name            = var.name
  cidr            = "10.0.0.0/16"
  azs             = var.zones
  private_subnets = [for index, zone in var.zones : cidrsubnet("10.0.0.0/16", 2, index)]
  public_subnets  = [for index, zone in var.zones : cidrsubnet("10.0.0.0/16", 8, 192 + index)]

  # Nodes with several interfaces get no public address: they reach registries through NAT.
  enable_nat_gateway = true
  single_nat_gateway = true

  public_subnet_tags  = { "kubernetes.io/role/elb" = 1 }
  private_subnet_tags = { "kubernetes.io/role/internal-elb" = 1 }
}

locals {
  vpc_id  = var.vpc == null ? module.vpc[0].vpc_id : var.vpc.id
  subnets = var.vpc == null ? zipmap(var.zones, module.vpc[0].private_subnets) : var.vpc.private_subnets
}

# EFA traffic passes only where a security group lets all traffic to and from itself through, in *and* out: a rule
# that names addresses, such as 0.0.0.0/0, does not stand for it. The nodes have this group beside the cluster's own.
# Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa-start.html#efa-start-security
resource "aws_security_group" "efa" {
  name_prefix = "${var.name}-efa-"
  description = "EFA traffic among the nodes of ${var.name}"
  vpc_id      = local.vpc_id
  tags        = { Name = "${var.name}-efa" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "efa" {
  security_group_id            = aws_security_group.efa.id
  referenced_security_group_id = aws_security_group.efa.id
  ip_protocol                  = "-1"
  description                  = "All traffic from the group itself"
}

resource "aws_vpc_security_group_egress_rule" "efa" {
  security_group_id            = aws_security_group.efa.id
  referenced_security_group_id = aws_security_group.efa.id
  ip_protocol                  = "-1"
  description                  = "All traffic to the group itself"
}
