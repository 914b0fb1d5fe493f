"""Describes a bundle as a Workflow Run RO-Crate: ``ro-crate-metadata.json``.

RO-Crate 1.1 with the profiles Process Run Crate 0.5, Workflow Run Crate 0.5 and Workflow RO-Crate
1.0 (https://w3id.org/ro/wfrun/workflow/0.5): the workflow, its one run with inputs and outputs, and
every training with its settings, times and files. Archives and workflow registries read it.
"""

import json
import mimetypes
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import yaml
from rocrate.model import ContextEntity, DataEntity
from rocrate.rocrate import ROCrate

from workflow.source_tree import ROOT

METADATA = "ro-crate-metadata.json"
SNAKEFILE = "code/Snakefile"
EXPERIMENT = "experiment.json"
README = "README.md"
COMPLETED = "http://schema.org/CompletedActionStatus"
URL = "https://github.com/oxwhirl/pymarl"
BIOSCHEMAS = "https://bioschemas.org/profiles"
SNAKEMAKE = "https://snakemake.github.io"
LICENSES = "https://spdx.org/licenses"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
# What Python's table of file types does not know.
TYPES = {
    ".parquet": "application/vnd.apache.parquet",
    ".md": "text/markdown",
    ".yaml": "application/yaml",
    ".smk": "text/plain",
}
WORKFLOW_TYPES = ["File", "SoftwareSourceCode", "ComputationalWorkflow"]
RESULTS = ("figures", "tables", "data", "report")


def crate_metadata(experiment: str, commit: str, contents: Mapping[str, bytes]) -> bytes:
    """Return the bytes of ``ro-crate-metadata.json`` for a bundle with these files.

    They depend on the arguments alone: times are those that the runs recorded.

    Args:
        experiment: the experiment's name.
        commit: the commit of the source, or "unknown".
        contents: name in the bundle -> bytes. :data:`SNAKEFILE`, :data:`EXPERIMENT` and
            :data:`README` are among them.
    """
    runs = _runs(contents)
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    crate = ROCrate(gen_preview=False, version="1.1")
    crate.name = f"{experiment}: {citation['title']}"
    crate.description = (
        f"The experiment {experiment!r} of pymarl-pipeline: {len(runs)} complete training runs, "
        "their settings and provenance, the tables and figures made from them, and the workflow."
    )
    crate.datePublished = max((run["finished"] for run in runs.values()), default="1970-01-01")
    license_ = crate.add(
        ContextEntity(
            crate,
            f"{LICENSES}/{citation['license']}",
            {"@type": "CreativeWork", "name": citation["license"]},
        )
    )
    crate.license = license_
    crate.metadata["conformsTo"] = [
        {"@id": "https://w3id.org/ro/crate/1.1"},
        {"@id": "https://w3id.org/workflowhub/workflow-ro-crate/1.0"},
    ]
    crate.root_dataset["conformsTo"] = [
        crate.add(
            ContextEntity(crate, uri, {"@type": "CreativeWork", "name": name, "version": version})
        )
        for uri, (name, version) in PROFILES.items()
    ]
    authors = [
        crate.add(
            ContextEntity(
                crate, f"#author-{n}", {"@type": "Organization", "name": name, "url": {"@id": URL}}
            )
        )
        for n, name in enumerate(map(_name, citation["authors"]))
    ]
    crate.root_dataset["author"] = _one_or_many(authors)
    crate.root_dataset["publisher"] = authors[0]
    files = {name: _add_file(crate, name, data) for name, data in sorted(contents.items())}
    files[README]["about"] = crate.root_dataset
    workflow = _describe_workflow(crate, files, citation, commit)
    workflow["license"] = license_
    _describe_run(crate, files, workflow, authors[0], runs)
    text = json.dumps(crate.metadata.generate(), indent=1, sort_keys=True)
    return (text + "\n").encode()


def _one_or_many(entities: list[Any]) -> Any:
    """Return one entity by itself, as RO-Crate 1.1 wants it, or the list."""
    return entities[0] if len(entities) == 1 else entities


def _runs(contents: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    """Return run folder -> provenance of the complete runs in the bundle."""
    found = {}
    for name, data in sorted(contents.items()):
        path = PurePosixPath(name)
        if path.parts[0] == "runs" and path.name == "provenance.json":
            provenance = json.loads(data)
            if "started" in provenance and "finished" in provenance:
                found[str(path.parent)] = provenance
    return found


def _name(author: Mapping[str, str]) -> str:
    """Return an author's name from CITATION.cff."""
    return author.get("name") or f"{author['given-names']} {author['family-names']}"


def _add_file(crate: ROCrate, name: str, data: bytes) -> DataEntity:
    """Add a file with its type and size; its SHA-256 is in the bundle's manifest."""
    suffix = PurePosixPath(name).suffix
    kind = TYPES.get(suffix) or mimetypes.types_map.get(suffix, "text/plain")
    properties = {
        "@type": WORKFLOW_TYPES if name == SNAKEFILE else "File",
        "name": name,
        "encodingFormat": kind,
        "contentSize": str(len(data)),
    }
    return crate.add(DataEntity(crate, name, properties))


def _describe_workflow(
    crate: ROCrate, files: Mapping[str, DataEntity], citation: Mapping[str, Any], commit: str
) -> DataEntity:
    """Make the Snakefile the crate's main entity, with its language, parameters and version."""
    language = crate.add(
        ContextEntity(
            crate,
            "#snakemake",
            {
                "@type": "ComputerLanguage",
                "name": "Snakemake",
                "identifier": {"@id": SNAKEMAKE},
                "url": {"@id": SNAKEMAKE},
            },
        )
    )
    workflow = files[SNAKEFILE]
    workflow["name"] = citation["title"]
    workflow["programmingLanguage"] = language
    workflow["version"] = f"{citation['version']}, commit {commit}"
    workflow["conformsTo"] = {"@id": f"{BIOSCHEMAS}/ComputationalWorkflow/1.0-RELEASE"}
    workflow["input"] = _parameter(crate, EXPERIMENT, "the experiment file", required=True)
    workflow["output"] = [
        _parameter(crate, name, f"the {name} of the experiment") for name in RESULTS
    ]
    crate.root_dataset["mainEntity"] = workflow
    return workflow


def _parameter(crate: ROCrate, name: str, about: str, required: bool = False) -> ContextEntity:
    """Add a formal parameter of the workflow."""
    properties = {
        "@type": "FormalParameter",
        "name": name,
        "description": about,
        "additionalType": "File",
        "valueRequired": required,
        "conformsTo": {"@id": f"{BIOSCHEMAS}/FormalParameter/1.0-RELEASE"},
    }
    return crate.add(ContextEntity(crate, f"#parameter-{name.removesuffix('.json')}", properties))


def _describe_run(
    crate: ROCrate,
    files: Mapping[str, DataEntity],
    workflow: DataEntity,
    agent: ContextEntity,
    runs: Mapping[str, Mapping[str, Any]],
) -> None:
    """Add the run of the workflow, and one action for each training."""
    parameters = {str(p["name"]): p for p in (workflow["input"], *workflow["output"])}
    results = []
    for name, entity in files.items():
        parameter = parameters.get(name.split("/", maxsplit=1)[0])
        if parameter is not None:
            entity["exampleOfWork"] = parameter
            if name != EXPERIMENT:
                results.append(entity)
    whole = {
        "@type": "CreateAction",
        "name": "Run of the workflow: trainings, tables, figures, report",
        "description": f"{len(runs)} trainings, and what was made of them",
        "startTime": min((run["started"] for run in runs.values()), default="1970-01-01"),
        "endTime": max((run["finished"] for run in runs.values()), default="1970-01-01"),
        "actionStatus": COMPLETED,
    }
    action = crate.add(ContextEntity(crate, "#workflow-run", whole))
    action["instrument"] = workflow
    action["object"] = files[EXPERIMENT]
    action["result"] = results
    action["agent"] = agent
    trainer = crate.add(ContextEntity(crate, "#pymarl", _trainer(runs)))
    trainings = []
    for folder, run in runs.items():
        training = crate.add(ContextEntity(crate, f"#{folder}", _training(folder, run)))
        training["instrument"] = trainer
        training["agent"] = agent
        config = files.get(f"{folder}/config.json")
        if config is not None:
            training["object"] = config
        written = [
            entity
            for name, entity in files.items()
            if name.startswith(f"{folder}/") and not name.endswith("/config.json")
        ]
        training["result"] = _one_or_many(written)
        trainings.append(training)
    crate.root_dataset["mentions"] = [action, *trainings]


def _trainer(runs: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Describe the training program, by the digests of its code."""
    digests = sorted({str(run.get("code_sha256")) for run in runs.values()})
    return {
        "@type": "SoftwareApplication",
        "name": "pymarl",
        "description": "PyMARL's training: python -m pymarl",
        "url": {"@id": URL},
        "softwareVersion": f"code_sha256 {', '.join(digests)}" if digests else "unknown",
    }


def _training(folder: str, run: Mapping[str, Any]) -> dict[str, Any]:
    """Describe one training by what it recorded of itself."""
    return {
        "@type": "CreateAction",
        "name": folder.removeprefix("runs/"),
        "description": (
            f"{run.get('backend_label')}, engine version {run.get('engine_version')}, "
            f"{run.get('env_steps')} environment steps, seed {run.get('seed')}, "
            f"image {run.get('image_digest')}"
        ),
        "startTime": run["started"],
        "endTime": run["finished"],
        "actionStatus": COMPLETED,
    }
