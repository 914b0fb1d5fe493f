"""Verdicts and reference sets."""

import json

import numpy as np
import pytest

from analysis.cli import main
from analysis.dataset.storage import load
from analysis.errors import ResultError
from analysis.published.reference import load_reference
from analysis.published.verdict import compare
from tests.analysis import synthetic_runs

TIMES = [10_000 * k + 30 for k in range(206)]


def reference(path, cells, **protocol):
    base = {"backend": "sc2", "sc2_build": "SC2.4.6.2.69232", "t_max": 2_050_000}
    data = {
        "format": "reference-runs",
        "version": 1,
        "name": "ref",
        "source": "cited",
        "protocol": base | protocol,
        "cells": cells,
    }
    path.write_text(json.dumps(data))
    return load_reference(path)


def dataset(tmp_path, levels, backend="sc2", build="SC2.4.6.2.69232", t_max=2_050_000, **config):
    """Flat runs at given win rates, one per seed."""
    for seed, level in enumerate(levels, 1):
        times = [t for t in TIMES if t <= t_max]
        synthetic_runs.write_run(
            tmp_path / "runs",
            "3s5z",
            "qmix",
            seed,
            t_max=t_max,
            interval=10_000,
            episodes=False,
            provenance={"backend": backend, "sc2_build": build},
            times=times,
            values=[level] * len(times),
            config=config,
        )
    assert main(["collect", "--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "d")]) == 0
    return load(tmp_path / "d")


CELL = {
    "3s5z": {
        "qmix": {
            "final": [95, 96, 97, 94, 96.5],
            "checkpoints": {"500000": [66, 69, 62, 63, 61], "1000000": [86, 87, 88, 89, 85]},
        }
    }
}


@pytest.mark.parametrize(
    ("levels", "verdict"),
    [
        ([0.95, 0.96, 0.97, 0.94, 0.955], "COMPATIBLE"),
        ([0.70, 0.72, 0.71, 0.69, 0.74], "BELOW"),
        ([1.0, 0.999, 0.9995, 1.0, 1.0], "ABOVE"),
        ([0.80, 0.99, 0.97, 0.93, 0.96], "COMPATIBLE"),  # one bad seed is no verdict
    ],
)
def test_verdicts(tmp_path, levels, verdict):
    cell = json.loads(json.dumps(CELL))
    if verdict == "ABOVE":
        cell["3s5z"]["qmix"]["final"] = [90, 91, 92, 93, 94]
    (found,) = compare(dataset(tmp_path, levels), [reference(tmp_path / "r.json", cell)])[0]
    assert found.verdict == verdict
    assert found.reasons == ""
    assert found.n == 5
    assert found.median == pytest.approx(100 * np.median(levels))


def test_small_but_significant_difference_is_compatible(tmp_path):
    """Under one test episode (1/32) apart nothing is claimed, whatever the p-value."""
    data = dataset(tmp_path, [0.94, 0.9401, 0.9402, 0.9403, 0.9404])
    cell = {"3s5z": {"qmix": {"final": [95, 95.01, 95.02, 95.03, 95.04]}}}
    (found,) = compare(data, [reference(tmp_path / "r.json", cell)])[0]
    assert found.p_value < 0.05
    assert found.verdict == "COMPATIBLE"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"backend": "sim", "build": None}, "backend sim, reference sc2"),
        ({"build": "SC2.4.10"}, "build SC2.4.10, reference SC2.4.6.2.69232"),
        ({"build": None}, "build not recorded"),
        ({"runner": "parallel"}, "runner parallel, reference episode"),
        ({"batch_size_run": 8}, "parallel environments 8, reference 1"),
        ({"t_max": 300_000}, "runs end at 300000 env steps, reference at 2050000"),
    ],
)
def test_incomparable(tmp_path, change, message):
    data = dataset(tmp_path, [0.95] * 4, **change)
    ref = reference(tmp_path / "r.json", CELL, runner={"qmix": "episode"}, batch_size_run=1)
    (found,) = compare(data, [ref])[0]
    assert found.verdict == "INCOMPARABLE"
    assert message.replace("300000", "290030") in found.reasons
    assert found.median == pytest.approx(95)  # the numbers are shown all the same


def test_too_few_seeds(tmp_path):
    data = dataset(tmp_path, [0.2, 0.2])
    (found,) = compare(data, [reference(tmp_path / "r.json", CELL)])[0]
    assert found.verdict == "INCOMPARABLE"
    assert "2 complete seeds, at least 3 needed" in found.reasons


def test_short_runs_compare_at_a_checkpoint(tmp_path):
    data = dataset(tmp_path, [0.2] * 5, t_max=700_000)
    (found,) = compare(data, [reference(tmp_path / "r.json", CELL)])[0]
    assert (found.at, found.verdict, found.ref_median) == ("500000", "BELOW", 63)


def test_reference_with_quantiles_only(tmp_path):
    cell = {"3s5z": {"QMIX": {"n": 5, "final": {"quantiles": [80, 85, 90, 75, 95]}}}}
    ref = reference(tmp_path / "r.json", cell)
    (found,) = compare(dataset(tmp_path, [0.99] * 5), [ref])[0]
    assert found.verdict == "ABOVE"
    assert np.isnan(found.p_value)


def test_power_note(tmp_path):
    data = dataset(tmp_path, [0.95, 0.96, 0.97, 0.94, 0.955])
    assert main(["compare", "--data", str(tmp_path / "d"), "--out", str(tmp_path / "c")]) == 0
    text = (tmp_path / "c" / "verdicts.md").read_text()
    assert "10 points: power 100%, 80 % needs 2 seeds a side" in text
    assert "arXiv:1902.04043" in text
    assert len(data.runs) == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "expected format 'reference-runs'"),
        ('{"format": "reference-runs", "version": 1}', "needs 'name'"),
        ({"3m": {"qmix": 5}}, "3m qmix: expected an object"),
        ({"3m": {"qmix": {"final": [120]}}}, "win rates in percent"),
        ({"3m": {"qmix": {"final": {"quantiles": [5, 4, 3, 2, 1]}}}}, "in order"),
        ({"3m": {"qmix": {"final": [1], "checkpoints": {"x": [1]}}}}, "checkpoints must map"),
    ],
)
def test_bad_reference(tmp_path, text, message):
    path = tmp_path / "r.json"
    cells = text if isinstance(text, dict) else {}
    reference(path, {})
    data = json.loads(path.read_text()) | {"cells": cells}
    path.write_text(json.dumps(data) if cells else str(text))
    with pytest.raises(ResultError, match=message):
        load_reference(path)
