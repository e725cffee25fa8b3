# SPDX-License-Identifier: Apache-2.0
"""What the Terraform module efa-layout reads of the catalogue, and the test that holds its interface layout
against layout.py's, type by type."""

import json

import layout

SYSTEMS = ("al2023", "bottlerocket")


def render_types(types):
    """JSON, one type a line: comments are not allowed, so the README beside it says where it is from."""
    lines = []
    for name, entry in types.items():
        known = {
            "arch": entry["arch"],
            "accelerator": layout.resource_of(entry) or "",
            "accelerators": layout.accelerators(entry),
            "model": entry["accelerator"]["model"] if "accelerator" in entry else "",
            "efa_interfaces": entry["efaInterfaces"],
            "network_cards": entry["networkCards"],
            "card0_efa": entry["card0Efa"],
            "card0_both": entry["efaOnly"] != "card1-only",
            "hugepages_mib": entry["hugepagesPool"],
        }
        lines.append(f"  {json.dumps(name)}: {json.dumps(known)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def text_of(name, entry):
    return ", ".join(
        f"{each['card']}/{each['device']} {each['type']}" for each in layout.interfaces(name, entry)
    )


def render_map(values):
    return (
        "{ " + ", ".join(f'"{key}" = "{value}"' for key, value in values.items()) + " }" if values else "{}"
    )


def check(condition, sentence):
    return f"""\
  assert {{
    condition     = {condition}
    error_message = "{sentence}"
  }}
"""


def render_run(name, entry, system):
    cards = layout.efa_cards(name, entry)
    variables = (
        [f'instance_type = "{name}"']
        if system == "al2023"
        else [f'instance_type    = "{name}"', f'operating_system = "{system}"']
    )
    body = "".join(f"    {line}\n" for line in variables)
    checks = check(f'output.ami_type == "{layout.ami_type(entry, system)}"', "the image")
    if system == "al2023":
        checks = check(
            f"length(output.efa_cards) == {entry['efaInterfaces']}", "the number of EFA interfaces"
        )
        checks += check(
            f"jsonencode(output.efa_cards) == jsonencode({json.dumps(cards)})", "the cards with EFA"
        )
        checks += check(f'output.layout == "{text_of(name, entry)}"', "the interfaces: card/device type")
        checks += check(
            f"jsonencode(output.autoscaler_tags) == jsonencode({render_map(layout.autoscaler_tags(entry))})",
            "the autoscaler's tags",
        )
        checks += check(
            f"jsonencode(output.labels) == jsonencode({render_map(layout.labels(entry))})", "the labels"
        )
        checks += check(f'output.ami_type == "{layout.ami_type(entry, system)}"', "the image")
    label = name.replace(".", "_").replace("-", "_") + ("" if system == "al2023" else f"_{system}")
    return f'run "{label}" {{\n  command = plan\n  variables {{\n{body}  }}\n{checks}}}\n'


def render_tests(types):
    runs = [
        render_run(name, entry, system)
        for name, entry in types.items()
        for system in SYSTEMS
        if "accelerator" in entry and layout.ami_type(entry, system)
    ]
    return (
        "# Every type with accelerators: what deploy/cluster/layout.py works out, which shares no code with\n"
        "# this module.\n\n" + "\n".join(runs)
    )
