# SPDX-License-Identifier: Apache-2.0

module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 21.0"

  name                   = var.name
  kubernetes_version     = var.kubernetes_version
  endpoint_public_access = var.endpoint_public_access
  vpc_id                 = local.vpc_id
  subnet_ids             = [for zone in var.zones : local.subnets[zone]]

  enable_cluster_creator_admin_permissions = true

  # The nodes have the security group that EKS makes for the cluster, and ours for EFA (network.tf).
  create_node_security_group = false

  addons = {
    coredns                = {}
    kube-proxy             = {}
    eks-pod-identity-agent = { before_compute = true }
    vpc-cni                = { before_compute = true, most_recent = true, addon_version = var.vpc_cni_version }
  }

  eks_managed_node_groups = merge(local.efa_node_groups, {
    system = {
      ami_type       = "AL2023_x86_64_STANDARD"
      instance_types = [var.system_instance_type]
      subnet_ids     = [for zone in var.zones : local.subnets[zone]]
      min_size       = 2
      max_size       = 4
      desired_size   = 2

      attach_cluster_primary_security_group = true
      create_security_group                 = false
    }
  })
}

# The rights of cluster-autoscaler's ServiceAccount, DescribeNodegroup among them.
module "autoscaler_identity" {
  source  = "terraform-aws-modules/eks-pod-identity/aws"
  version = "~> 2.0"

  name                             = "${var.name}-cluster-autoscaler"
  attach_cluster_autoscaler_policy = true
  cluster_autoscaler_cluster_names = [module.eks.cluster_name]

  associations = {
    main = {
      cluster_name    = module.eks.cluster_name
      namespace       = "kube-system"
      service_account = "cluster-autoscaler"
    }
  }
}
