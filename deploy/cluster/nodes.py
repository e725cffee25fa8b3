# SPDX-License-Identifier: Apache-2.0
"""The node groups of one instance type: a CloudFormation template with its launch template, and the eksctl
file that uses it."""

import layout

SYSTEMS = {"al2023": "AmazonLinux2023", "bottlerocket": "Bottlerocket"}


def render_interface(entry):
    return f"""\
          - NetworkCardIndex: {entry['card']}
            DeviceIndex: {entry['device']}
            InterfaceType: {entry['type']}
            DeleteOnTermination: true
            Groups: [!Ref ClusterSecurityGroup, !Ref EfaSecurityGroup]
"""


def describe(name, entry):
    cards = layout.efa_cards(name, entry)
    spans = f"card {cards[0]}" if len(cards) == 1 else f"cards {', '.join(map(str, cards))}"
    if len(cards) > 2 and cards == list(range(cards[0], cards[-1] + 1)):
        spans = f"cards {cards[0]} to {cards[-1]}"
    return (
        f"{entry['efaInterfaces']} EFA interfaces ({spans})"
        if len(cards) > 1
        else f"1 EFA interface ({spans})"
    )


def render_stack(name, entry):
    interfaces = "".join(render_interface(each) for each in layout.interfaces(name, entry))
    return f"""\
# The launch template of {name} nodes: {describe(name, entry)}, beside the IP interface on card 0.
# One stack for each node group. deploy/cluster/README.md has the commands and the reasons.
---
AWSTemplateFormatVersion: "2010-09-09"
Description: Launch template of {name} nodes with {describe(name, entry)}

Parameters:
  OperatingSystem:
    Type: String
    AllowedValues: [{', '.join(system for system in SYSTEMS if layout.ami_type(entry, system))}]
    Default: al2023
    Description: Decides only which disk is the large one; the image is the node group's choice
  ClusterSecurityGroup:
    Type: AWS::EC2::SecurityGroup::Id
    Description: The cluster's own. EKS adds it to no node whose launch template names security groups
  EfaSecurityGroup:
    Type: AWS::EC2::SecurityGroup::Id
    Description: The output of efa-security-group.yaml
  VolumeGiB:
    Type: Number
    Default: 300
    Description: Training images are large, and EKS takes no disk size beside a launch template
  CapacityReservation:
    Type: String
    Default: ""
    Description: A capacity reservation or Capacity Block (cr-...) that the nodes start in
  CapacityBlock:
    Type: String
    AllowedValues: ["true", "false"]
    Default: "false"
    Description: Whether that reservation is a Capacity Block for ML
  PlacementGroup:
    Type: String
    Default: ""
    Description: An existing cluster placement group, such as the one that the reservation was made in

Rules:
  BlocksAreReservations:
    RuleCondition: !Equals [!Ref CapacityBlock, "true"]
    Assertions:
      - Assert: !Not [!Equals [!Ref CapacityReservation, ""]]
        AssertDescription: CapacityBlock "true" needs the block's id in CapacityReservation
      - Assert: !Equals [!Ref PlacementGroup, ""]
        AssertDescription: A Capacity Block places its instances itself; leave PlacementGroup empty

Conditions:
  IsBottlerocket: !Equals [!Ref OperatingSystem, bottlerocket]
  IsReserved: !Not [!Equals [!Ref CapacityReservation, ""]]
  IsBlock: !Equals [!Ref CapacityBlock, "true"]
  NamesGroup: !Not [!Equals [!Ref PlacementGroup, ""]]
  # A reservation has its place already: in the group it was made in, or in none. A new group would not fit.
  MakesGroup: !And [!Not [!Condition IsReserved], !Not [!Condition NamesGroup]]
  HasGroup: !Or [!Condition NamesGroup, !Condition MakesGroup]

Resources:
  NewPlacementGroup:
    Type: AWS::EC2::PlacementGroup
    Condition: MakesGroup
    Properties:
      Strategy: cluster

  LaunchTemplate:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        InstanceType: {name}
        InstanceMarketOptions: !If
          - IsBlock
          - MarketType: capacity-block
          - !Ref AWS::NoValue
        CapacityReservationSpecification: !If
          - IsReserved
          - CapacityReservationTarget:
              CapacityReservationId: !Ref CapacityReservation
          - !Ref AWS::NoValue
        Placement: !If
          - HasGroup
          - GroupName: !If [NamesGroup, !Ref PlacementGroup, !Ref NewPlacementGroup]
          - !Ref AWS::NoValue
        MetadataOptions:
          HttpTokens: required
          HttpPutResponseHopLimit: 1
        BlockDeviceMappings:
          # Amazon Linux has all on its first disk, Bottlerocket images and pods on the second.
          - DeviceName: !If [IsBottlerocket, /dev/xvdb, /dev/xvda]
            Ebs:
              VolumeSize: !Ref VolumeGiB
              VolumeType: gp3
              Encrypted: true
              DeleteOnTermination: true
        NetworkInterfaces:
{interfaces}
Outputs:
  LaunchTemplateId:
    Value: !Ref LaunchTemplate
  LaunchTemplateVersion:
    Value: !GetAtt LaunchTemplate.LatestVersionNumber
"""


def render_pool(entry, system):
    """A comment on the huge pages that the image sets aside by itself."""
    if entry["hugepagesPool"] == 0:
        return ""
    pages = entry["vcpus"] * 110
    if system == "bottlerocket":
        return f"""\
    # Huge pages: Bottlerocket 1.28 and later sets aside 110 pages of 2 MiB a vCPU, here {pages}
    # ({entry['hugepagesPool']}Mi), where an EFA interface is attached and vm.nr_hugepages is not set by hand.
    # Setting it to the 5128 pages (10256Mi) of older guides makes the pool smaller: nothing sets it here.
    # Source: https://github.com/bottlerocket-os/bottlerocket-core-kit/pull/141
"""
    return f"""\
    # Huge pages: the EFA installer's efa-config sets aside 110 pages of 2 MiB a vCPU and one more, here
    # {pages + 1}; AMI v20260505 or later has it in every variant, accelerated ones since August 2024.
    # Source: https://github.com/awslabs/amazon-eks-ami/pull/2697
"""


def render_group(name, entry, system):
    labels = layout.labels(entry)
    lines = "".join(f"      {key}: {value}\n" for key, value in labels.items())
    tags = "".join(f'      {key}: "{value}"\n' for key, value in layout.autoscaler_tags(entry).items())
    return f"""\
  - name: {layout.group_name(name)}-{system}
    amiFamily: {SYSTEMS[system]}
{render_pool(entry, system)}\
    launchTemplate:
      id: lt-00000000000000000
    minSize: 0
    desiredCapacity: 0
    maxSize: 4
    # One zone: EFA does not cross zones, and the autoscaler judges a group by one node.
    availabilityZones: [us-west-2a]
    privateNetworking: true
{'    labels:' + chr(10) + lines if labels else ''}\
    # What a node will offer, for cluster-autoscaler while there is none.
    tags:
{tags}\
    propagateASGTags: true
"""


def render_groups(name, entry):
    groups = "".join(
        render_group(name, entry, system) for system in SYSTEMS if layout.ami_type(entry, system)
    )
    return f"""\
# Node groups of {name}: {describe(name, entry)},
# by the launch template of nodes.yaml beside this file.
# Choose one with --include. deploy/cluster/README.md has the commands and the reasons; efaEnabled is absent
# on purpose: it would replace the interfaces and install an old device plugin.
---
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata:
  name: efa
  region: us-west-2

managedNodeGroups:
{groups}"""
