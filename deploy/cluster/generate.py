#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the files of deploy/cluster that hold counts, from the catalogue and the policy.

  generate.py                          write the committed ones (make cluster-files)
  generate.py --check                  write nothing; exit 1 and name what is missing, stale or too much
  generate.py --type TYPE --out FOLDER the files of any instance type of the catalogue, into FOLDER

--catalogue FILE and --policy FILE take others than config/instance-types.yaml and config/policy.yaml.
Exit codes: 0 done, 1 stale, 2 bad input.
"""

import argparse
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
CONFIG = HERE.parents[1] / "config"
sys.path[:0] = [str(CONFIG), str(HERE)]

import catalogue  # noqa: E402
import jobs  # noqa: E402
import layout  # noqa: E402
import nodes  # noqa: E402
import plugin  # noqa: E402
import terraform  # noqa: E402

# The types whose files are committed: each family people train on, and each way to lay out interfaces.
TYPES = (
    "p4d.24xlarge",
    "p5.48xlarge",
    "p5en.48xlarge",
    "p6-b200.48xlarge",
    "p6-b300.48xlarge",
    "p6e-gb200.36xlarge",
    "g6e.48xlarge",
    "trn1.32xlarge",
    "trn2.48xlarge",
    "hpc7a.96xlarge",
)
# P6e-GB200 needs more than our annotation: NVIDIA's DRA driver, for the NVLink between its nodes.
WITHOUT_JOBS = ("p6e-gb200.36xlarge",)

GENERATED = """\
# SPDX-License-Identifier: Apache-2.0
# Made by deploy/cluster/generate.py (make cluster-files): do not edit.
#
"""


def read_program(name):
    return (HERE / "jobs" / name).read_text(encoding="utf-8")


def files_of_type(name, entry, sets):
    """name of the file -> text, for one type."""
    files = {"nodes.yaml": nodes.render_stack(name, entry), "eksctl.yaml": nodes.render_groups(name, entry)}
    if name not in WITHOUT_JOBS:
        renderers = {
            "all-reduce.yaml": lambda: jobs.render_all_reduce(name, entry, sets),
            "training.yaml": lambda: jobs.render_training(name, entry, sets, read_program),
        }
        for file, render in renderers.items():
            try:
                files[file] = describe_job(file, name, entry) + render()
            except jobs.JobError:
                continue  # the type has not what this job needs
    return {file: GENERATED + text for file, text in files.items()}


def describe_job(file, name, entry):
    what = "An all-reduce benchmark" if file.startswith("all") else "A training job"
    count = jobs.ALL_REDUCE_NODES if file.startswith("all") else jobs.TRAINING_NODES
    added = [
        f"{resource} {amount}"
        for resource, amount in layout.offered(entry).items()
        if "hugepages" not in resource
    ]
    return f"# {what} over {count} nodes of {name}.\n# The webhook gives each worker {' and '.join(added)}.\n"


def committed_files(types, sets):
    """path below deploy/cluster -> text."""
    files = {}
    for name in TYPES:
        for file, text in files_of_type(name, types[name], sets).items():
            files[f"types/{name}/{file}"] = text
    files["device-plugin/values.yaml"] = GENERATED + plugin.render_values(types)
    files["terraform/modules/efa-layout/instance-types.json"] = terraform.render_types(types)
    files["terraform/modules/efa-layout/tests/types.tftest.hcl"] = GENERATED + terraform.render_tests(types)
    return files


def made_before():
    """The files that only this program writes."""
    made = [path for path in (HERE / "types").rglob("*") if path.is_file()]
    return {path.relative_to(HERE).as_posix() for path in made}


def find_differences(files):
    for path, text in sorted(files.items()):
        file = HERE / path
        if not file.exists():
            yield f"deploy/cluster/{path} is missing"
        elif file.read_text(encoding="utf-8") != text:
            yield f"deploy/cluster/{path} is stale"
    for path in sorted(made_before() - files.keys()):
        yield f"deploy/cluster/{path} is made by nothing"


def write(folder, files):
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            print(file)


def arguments():
    parser = argparse.ArgumentParser(description="write the cluster files that hold counts")
    parser.add_argument("--check", action="store_true", help="only say what differs")
    parser.add_argument("--type", help="an instance type of the catalogue; with --out")
    parser.add_argument("--out", type=pathlib.Path, help="the folder for the files of --type")
    parser.add_argument("--catalogue", default=str(CONFIG / "instance-types.yaml"))
    parser.add_argument("--policy", default=str(CONFIG / "policy.yaml"))
    options = parser.parse_args()
    if (options.type is None) != (options.out is None):
        parser.error("--type and --out go together: a type, and a folder for its files")
    return options


def run(options):
    _, types = catalogue.load_catalogue(options.catalogue)
    sets = jobs.parse_environment(catalogue.load_text(options.policy))
    if options.type:
        name = options.type.removeprefix("ml.")
        if name not in types:
            raise catalogue.CatalogueError(f"--type: '{options.type}' is not in {options.catalogue}")
        write(options.out, files_of_type(name, types[name], sets))
        return 0
    files = committed_files(types, sets)
    if not options.check:
        for path in made_before() - files.keys():
            (HERE / path).unlink()
        write(HERE, files)
        return 0
    differences = list(find_differences(files))
    for difference in differences:
        print(difference, file=sys.stderr)
    if differences:
        print("write them anew: make cluster-files", file=sys.stderr)
    return 1 if differences else 0


def main():
    options = arguments()
    try:
        return run(options)
    except (catalogue.CatalogueError, jobs.JobError) as failure:
        print(f"generate.py: {failure}", file=sys.stderr)
        return 2
    except OSError as failure:
        print(f"generate.py: {failure.filename}: {failure.strerror}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
