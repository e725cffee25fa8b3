# SPDX-License-Identifier: Apache-2.0
# Made by deploy/cluster/generate.py (make cluster-files): do not edit.
#
# Every type with accelerators: what deploy/cluster/layout.py works out, which shares no code with
# this module.

run "dl1_24xlarge" {
  command = plan
  variables {
    instance_type = "dl1.24xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 4
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0, 1, 2, 3])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 interface, 0/1 efa-only, 1/0 efa-only, 2/0 efa-only, 3/0 efa-only"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "4", "k8s.io/cluster-autoscaler/node-template/resources/habana.ai/gaudi" = "8", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "21120Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({})
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_STANDARD"
    error_message = "the image"
  }
}

run "dl1_24xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "dl1.24xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64"
    error_message = "the image"
  }
}

run "g4dn_8xlarge" {
  command = plan
  variables {
    instance_type = "g4dn.8xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "1", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "7040Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-t4" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g4dn_8xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g4dn.8xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g4dn_12xlarge" {
  command = plan
  variables {
    instance_type = "g4dn.12xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "4", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "10560Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-t4" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g4dn_12xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g4dn.12xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g4dn_16xlarge" {
  command = plan
  variables {
    instance_type = "g4dn.16xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "1", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "14080Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-t4" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g4dn_16xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g4dn.16xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g4dn_metal" {
  command = plan
  variables {
    instance_type = "g4dn.metal"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "8", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "21120Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-t4" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g4dn_metal_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g4dn.metal"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g5_8xlarge" {
  command = plan
  variables {
    instance_type = "g5.8xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "1", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "7040Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-a10g" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g5_8xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g5.8xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g5_12xlarge" {
  command = plan
  variables {
    instance_type = "g5.12xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "4", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "10560Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-a10g" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g5_12xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g5.12xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g5_16xlarge" {
  command = plan
  variables {
    instance_type = "g5.16xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "1", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "14080Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-a10g" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g5_16xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g5.16xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g5_24xlarge" {
  command = plan
  variables {
    instance_type = "g5.24xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "4", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "21120Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-a10g" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g5_24xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g5.24xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g5_48xlarge" {
  command = plan
  variables {
    instance_type = "g5.48xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "8", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "42240Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-a10g" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g5_48xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g5.48xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g6_8xlarge" {
  command = plan
  variables {
    instance_type = "g6.8xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "1", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "7040Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-l4" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g6_8xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g6.8xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g6_12xlarge" {
  command = plan
  variables {
    instance_type = "g6.12xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "4", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "10560Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-l4" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g6_12xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g6.12xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g6_16xlarge" {
  command = plan
  variables {
    instance_type = "g6.16xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "1", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "14080Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-l4" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g6_16xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g6.16xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g6_24xlarge" {
  command = plan
  variables {
    instance_type = "g6.24xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "4", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "21120Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-l4" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g6_24xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g6.24xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g6_48xlarge" {
  command = plan
  variables {
    instance_type = "g6.48xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "8", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "42240Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-l4" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g6_48xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g6.48xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g6e_8xlarge" {
  command = plan
  variables {
    instance_type = "g6e.8xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "1", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "7040Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-l40s" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g6e_8xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g6e.8xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g6e_12xlarge" {
  command = plan
  variables {
    instance_type = "g6e.12xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "4", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "10560Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-l40s" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g6e_12xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g6e.12xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g6e_16xlarge" {
  command = plan
  variables {
    instance_type = "g6e.16xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "1", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "14080Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-l40s" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g6e_16xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g6e.16xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g6e_24xlarge" {
  command = plan
  variables {
    instance_type = "g6e.24xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 2
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0, 1])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 interface, 0/1 efa-only, 1/0 efa-only"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "2", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "4", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "21120Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-l40s" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g6e_24xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g6e.24xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g6e_48xlarge" {
  command = plan
  variables {
    instance_type = "g6e.48xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 4
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0, 1, 2, 3])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 interface, 0/1 efa-only, 1/0 efa-only, 2/0 efa-only, 3/0 efa-only"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "4", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "8", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "42240Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-l40s" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g6e_48xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g6e.48xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g7_8xlarge" {
  command = plan
  variables {
    instance_type = "g7.8xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "1", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "7040Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-rtx-pro-4500" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g7_8xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g7.8xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g7_12xlarge" {
  command = plan
  variables {
    instance_type = "g7.12xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "2", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "10560Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-rtx-pro-4500" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g7_12xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g7.12xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g7_24xlarge" {
  command = plan
  variables {
    instance_type = "g7.24xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "4", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "21120Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-rtx-pro-4500" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g7_24xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g7.24xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g7_48xlarge" {
  command = plan
  variables {
    instance_type = "g7.48xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 2
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0, 1])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 interface, 0/1 efa-only, 1/0 efa-only"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "2", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "8", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "42240Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-rtx-pro-4500" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g7_48xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g7.48xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g7e_8xlarge" {
  command = plan
  variables {
    instance_type = "g7e.8xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "1", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "7040Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-rtx-pro-server-6000" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g7e_8xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g7e.8xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g7e_12xlarge" {
  command = plan
  variables {
    instance_type = "g7e.12xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "2", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "10560Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-rtx-pro-server-6000" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g7e_12xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g7e.12xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g7e_24xlarge" {
  command = plan
  variables {
    instance_type = "g7e.24xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 2
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0, 1])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 interface, 0/1 efa-only, 1/0 efa-only"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "2", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "4", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "21120Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-rtx-pro-server-6000" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g7e_24xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g7e.24xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g7e_48xlarge" {
  command = plan
  variables {
    instance_type = "g7e.48xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 4
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0, 1, 2, 3])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 interface, 0/1 efa-only, 1/0 efa-only, 2/0 efa-only, 3/0 efa-only"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "4", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "8", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "42240Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-rtx-pro-server-6000" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "g7e_48xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "g7e.48xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "gr6_8xlarge" {
  command = plan
  variables {
    instance_type = "gr6.8xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "1", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "7040Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-l4" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "gr6_8xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "gr6.8xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "inf1_24xlarge" {
  command = plan
  variables {
    instance_type = "inf1.24xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/aws.amazon.com/neuron" = "16", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "21120Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({})
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NEURON"
    error_message = "the image"
  }
}

run "inf1_24xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "inf1.24xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64"
    error_message = "the image"
  }
}

run "p3dn_24xlarge" {
  command = plan
  variables {
    instance_type = "p3dn.24xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "8", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "21120Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-v100" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "p3dn_24xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "p3dn.24xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "p4d_24xlarge" {
  command = plan
  variables {
    instance_type = "p4d.24xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 4
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0, 1, 2, 3])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 interface, 0/1 efa-only, 1/0 efa-only, 2/0 efa-only, 3/0 efa-only"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "4", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "8", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "21120Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-a100" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "p4d_24xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "p4d.24xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "p4de_24xlarge" {
  command = plan
  variables {
    instance_type = "p4de.24xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 4
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0, 1, 2, 3])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 interface, 0/1 efa-only, 1/0 efa-only, 2/0 efa-only, 3/0 efa-only"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "4", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "8", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "21120Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-a100" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "p4de_24xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "p4de.24xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "p5_4xlarge" {
  command = plan
  variables {
    instance_type = "p5.4xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "1", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "3520Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-h100" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "p5_4xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "p5.4xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "p5_48xlarge" {
  command = plan
  variables {
    instance_type = "p5.48xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 32
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 interface, 0/1 efa-only, 1/0 efa-only, 2/0 efa-only, 3/0 efa-only, 4/0 efa-only, 5/0 efa-only, 6/0 efa-only, 7/0 efa-only, 8/0 efa-only, 9/0 efa-only, 10/0 efa-only, 11/0 efa-only, 12/0 efa-only, 13/0 efa-only, 14/0 efa-only, 15/0 efa-only, 16/0 efa-only, 17/0 efa-only, 18/0 efa-only, 19/0 efa-only, 20/0 efa-only, 21/0 efa-only, 22/0 efa-only, 23/0 efa-only, 24/0 efa-only, 25/0 efa-only, 26/0 efa-only, 27/0 efa-only, 28/0 efa-only, 29/0 efa-only, 30/0 efa-only, 31/0 efa-only"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "32", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "8", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "42240Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-h100" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "p5_48xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "p5.48xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "p5e_48xlarge" {
  command = plan
  variables {
    instance_type = "p5e.48xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 32
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 interface, 0/1 efa-only, 1/0 efa-only, 2/0 efa-only, 3/0 efa-only, 4/0 efa-only, 5/0 efa-only, 6/0 efa-only, 7/0 efa-only, 8/0 efa-only, 9/0 efa-only, 10/0 efa-only, 11/0 efa-only, 12/0 efa-only, 13/0 efa-only, 14/0 efa-only, 15/0 efa-only, 16/0 efa-only, 17/0 efa-only, 18/0 efa-only, 19/0 efa-only, 20/0 efa-only, 21/0 efa-only, 22/0 efa-only, 23/0 efa-only, 24/0 efa-only, 25/0 efa-only, 26/0 efa-only, 27/0 efa-only, 28/0 efa-only, 29/0 efa-only, 30/0 efa-only, 31/0 efa-only"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "32", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "8", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "42240Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-h200" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "p5e_48xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "p5e.48xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "p5en_48xlarge" {
  command = plan
  variables {
    instance_type = "p5en.48xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 16
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 interface, 0/1 efa-only, 1/0 efa-only, 2/0 efa-only, 3/0 efa-only, 4/0 efa-only, 5/0 efa-only, 6/0 efa-only, 7/0 efa-only, 8/0 efa-only, 9/0 efa-only, 10/0 efa-only, 11/0 efa-only, 12/0 efa-only, 13/0 efa-only, 14/0 efa-only, 15/0 efa-only"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "16", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "8", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "42240Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-h200" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "p5en_48xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "p5en.48xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "p6_b200_48xlarge" {
  command = plan
  variables {
    instance_type = "p6-b200.48xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 8
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0, 1, 2, 3, 4, 5, 6, 7])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 interface, 0/1 efa-only, 1/0 efa-only, 2/0 efa-only, 3/0 efa-only, 4/0 efa-only, 5/0 efa-only, 6/0 efa-only, 7/0 efa-only"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "8", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "8", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "42240Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-b200" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "p6_b200_48xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "p6-b200.48xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "p6_b300_48xlarge" {
  command = plan
  variables {
    instance_type = "p6-b300.48xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 16
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 interface, 1/0 efa-only, 2/0 efa-only, 3/0 efa-only, 4/0 efa-only, 5/0 efa-only, 6/0 efa-only, 7/0 efa-only, 8/0 efa-only, 9/0 efa-only, 10/0 efa-only, 11/0 efa-only, 12/0 efa-only, 13/0 efa-only, 14/0 efa-only, 15/0 efa-only, 16/0 efa-only"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "16", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "8", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "42240Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-b300" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "p6_b300_48xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "p6-b300.48xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64_NVIDIA"
    error_message = "the image"
  }
}

run "p6e_gb200_36xlarge" {
  command = plan
  variables {
    instance_type = "p6e-gb200.36xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 4
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([1, 5, 9, 13])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 interface, 1/0 efa-only, 5/0 efa-only, 9/0 efa-only, 13/0 efa-only"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "4", "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = "4" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({ "k8s.amazonaws.com/accelerator" = "nvidia-gb200" })
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_ARM_64_NVIDIA"
    error_message = "the image"
  }
}

run "trn1_32xlarge" {
  command = plan
  variables {
    instance_type = "trn1.32xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 8
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0, 1, 2, 3, 4, 5, 6, 7])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 interface, 0/1 efa-only, 1/0 efa-only, 2/0 efa-only, 3/0 efa-only, 4/0 efa-only, 5/0 efa-only, 6/0 efa-only, 7/0 efa-only"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "8", "k8s.io/cluster-autoscaler/node-template/resources/aws.amazon.com/neuron" = "16", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "28160Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({})
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NEURON"
    error_message = "the image"
  }
}

run "trn1_32xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "trn1.32xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64"
    error_message = "the image"
  }
}

run "trn1n_32xlarge" {
  command = plan
  variables {
    instance_type = "trn1n.32xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 16
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 interface, 0/1 efa-only, 1/0 efa-only, 2/0 efa-only, 3/0 efa-only, 4/0 efa-only, 5/0 efa-only, 6/0 efa-only, 7/0 efa-only, 8/0 efa-only, 9/0 efa-only, 10/0 efa-only, 11/0 efa-only, 12/0 efa-only, 13/0 efa-only, 14/0 efa-only, 15/0 efa-only"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "16", "k8s.io/cluster-autoscaler/node-template/resources/aws.amazon.com/neuron" = "16", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "28160Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({})
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NEURON"
    error_message = "the image"
  }
}

run "trn1n_32xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "trn1n.32xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64"
    error_message = "the image"
  }
}

run "trn2_3xlarge" {
  command = plan
  variables {
    instance_type = "trn2.3xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 1
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 efa"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "1", "k8s.io/cluster-autoscaler/node-template/resources/aws.amazon.com/neuron" = "1", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "2640Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({})
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NEURON"
    error_message = "the image"
  }
}

run "trn2_3xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "trn2.3xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64"
    error_message = "the image"
  }
}

run "trn2_48xlarge" {
  command = plan
  variables {
    instance_type = "trn2.48xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 16
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 interface, 0/1 efa-only, 1/0 efa-only, 2/0 efa-only, 3/0 efa-only, 4/0 efa-only, 5/0 efa-only, 6/0 efa-only, 7/0 efa-only, 8/0 efa-only, 9/0 efa-only, 10/0 efa-only, 11/0 efa-only, 12/0 efa-only, 13/0 efa-only, 14/0 efa-only, 15/0 efa-only"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "16", "k8s.io/cluster-autoscaler/node-template/resources/aws.amazon.com/neuron" = "16", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "42240Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({})
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NEURON"
    error_message = "the image"
  }
}

run "trn2_48xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "trn2.48xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64"
    error_message = "the image"
  }
}

run "trn2u_48xlarge" {
  command = plan
  variables {
    instance_type = "trn2u.48xlarge"
  }
  assert {
    condition     = length(output.efa_cards) == 16
    error_message = "the number of EFA interfaces"
  }
  assert {
    condition     = jsonencode(output.efa_cards) == jsonencode([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
    error_message = "the cards with EFA"
  }
  assert {
    condition     = output.layout == "0/0 interface, 0/1 efa-only, 1/0 efa-only, 2/0 efa-only, 3/0 efa-only, 4/0 efa-only, 5/0 efa-only, 6/0 efa-only, 7/0 efa-only, 8/0 efa-only, 9/0 efa-only, 10/0 efa-only, 11/0 efa-only, 12/0 efa-only, 13/0 efa-only, 14/0 efa-only, 15/0 efa-only"
    error_message = "the interfaces: card/device type"
  }
  assert {
    condition     = jsonencode(output.autoscaler_tags) == jsonencode({ "k8s.io/cluster-autoscaler/node-template/resources/vpc.amazonaws.com/efa" = "16", "k8s.io/cluster-autoscaler/node-template/resources/aws.amazon.com/neuron" = "16", "k8s.io/cluster-autoscaler/node-template/resources/hugepages-2Mi" = "42240Mi" })
    error_message = "the autoscaler's tags"
  }
  assert {
    condition     = jsonencode(output.labels) == jsonencode({})
    error_message = "the labels"
  }
  assert {
    condition     = output.ami_type == "AL2023_x86_64_NEURON"
    error_message = "the image"
  }
}

run "trn2u_48xlarge_bottlerocket" {
  command = plan
  variables {
    instance_type    = "trn2u.48xlarge"
    operating_system = "bottlerocket"
  }
  assert {
    condition     = output.ami_type == "BOTTLEROCKET_x86_64"
    error_message = "the image"
  }
}
