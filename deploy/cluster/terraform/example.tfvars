# SPDX-License-Identifier: Apache-2.0
# tofu plan -var-file=example.tfvars

region = "us-west-2"
zones  = ["us-west-2a", "us-west-2b"]

node_groups = {
  p5 = {
    instance_type = "p5.48xlarge"
    zone          = "us-west-2a"
  }

  # Nodes of a Capacity Block, in the block's zone. Set desired_size once the block has begun.
  p5en-block = {
    instance_type           = "p5en.48xlarge"
    zone                    = "us-west-2b"
    capacity_reservation_id = "cr-0123456789abcdef0"
    capacity_block          = true
  }

  g6e = {
    instance_type    = "g6e.48xlarge"
    zone             = "us-west-2a"
    operating_system = "bottlerocket"
  }
}
