"""The bundle describes itself as a Workflow Run RO-Crate, which roc-validator finds valid."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import rocrate

from tests.support.workplace import ROOT
from workflow.bundle.crate import EXPERIMENT, METADATA, README, SNAKEFILE, crate_metadata

VALIDATOR = ROOT / "build/crate-validator/bin/python"
PROFILES = ("process-run-crate", "workflow-run-crate", "workflow-ro-crate")
RUN = {
    "started": "2026-01-02T10:00:00+00:00",
    "finished": "2026-01-02T10:10:00+00:00",
    "code_sha256": "ab",
    "backend_label": "embedded simulator, not StarCraft II",
    "engine_version": 2,
    "env_steps": 1000,
}


def contents():
    files = {
        SNAKEFILE: b"rule all:\n", EXPERIMENT: b"{}", README: b"# demo", "tables/summary.csv": b"a",
        "figures/win_rate.svg": b"<svg/>", "data/tidy.parquet": b"PAR1",
        "report/index.html": b"<html>",
    }  # fmt: skip  # a table
    for seed, finished in ((1, "2026-01-02T10:20:00+00:00"), (2, RUN["finished"])):
        folder = f"runs/sim/3m/qmix/seed={seed}"
        run = RUN | {"seed": seed, "finished": finished}
        files[f"{folder}/provenance.json"] = json.dumps(run).encode()
        files[f"{folder}/config.json"] = b"{}"
        files[f"{folder}/complete.json"] = b"{}"
    return files


def entities(metadata):
    return {entity["@id"]: entity for entity in json.loads(metadata)["@graph"]}


def ids(value):
    return {entity["@id"] for entity in (value if isinstance(value, list) else [value])}


def test_the_runs_are_described_by_what_they_recorded():
    found = entities(crate_metadata("demo", "1234", contents()))
    assert found["./"]["mainEntity"] == {"@id": SNAKEFILE}
    assert found[SNAKEFILE]["version"].endswith("commit 1234")
    assert found["./"]["datePublished"] == "2026-01-02T10:20:00+00:00"
    whole = found["#workflow-run"]
    assert (whole["startTime"], whole["endTime"]) == (RUN["started"], "2026-01-02T10:20:00+00:00")
    assert ids(whole["object"]) == {EXPERIMENT}
    assert ids(whole["result"]) == {
        "figures/win_rate.svg", "tables/summary.csv", "data/tidy.parquet", "report/index.html",
    }  # fmt: skip  # a list of names
    training = found["#runs/sim/3m/qmix/seed=2"]
    assert training["endTime"] == RUN["finished"]
    assert "embedded simulator, not StarCraft II, engine version 2" in training["description"]
    assert ids(training["object"]) == {"runs/sim/3m/qmix/seed=2/config.json"}
    assert ids(training["result"]) == {
        f"runs/sim/3m/qmix/seed=2/{name}.json" for name in ("provenance", "complete")
    }
    assert found["tables/summary.csv"]["contentSize"] == "1"
    assert found["tables/summary.csv"]["encodingFormat"] == "text/csv"


def test_the_bytes_depend_on_the_files_alone():
    assert crate_metadata("demo", "1", contents()) == crate_metadata("demo", "1", contents())


def problems(tmp_path, metadata):
    """What roc-validator says of a crate with these metadata, by profile."""
    if not VALIDATOR.is_file():
        if os.environ.get("CI"):
            pytest.fail("roc-validator is missing: bash .ci/crate-validator.sh")
        pytest.skip("needs roc-validator: bash .ci/crate-validator.sh")
    for name, data in (contents() | {METADATA: metadata}).items():
        path = tmp_path / "crate" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    context = Path(rocrate.__file__).parent / "data/ro-crate.jsonld"
    script = Path(__file__).with_name("crate_validation.py")
    command = [VALIDATOR, "-W", "ignore", script, context, tmp_path / "crate", *PROFILES]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_roc_validator_finds_it_valid(tmp_path):
    found = problems(tmp_path, crate_metadata("demo", "1", contents()))
    assert found == {profile: [] for profile in PROFILES}


def test_roc_validator_sees_a_planted_defect(tmp_path):
    """The run has lost what it was a run of; the crate a file that it says it has."""
    tree = json.loads(crate_metadata("demo", "1", contents()))
    for entity in tree["@graph"]:
        if entity["@id"] == "#workflow-run":
            del entity["instrument"]
        if entity["@id"] == "./":
            entity["hasPart"].append({"@id": "nothing.txt"})
    tree["@graph"].append({"@id": "nothing.txt", "@type": "File"})
    found = problems(tmp_path, json.dumps(tree).encode())
    assert all(found[profile] for profile in PROFILES)
