"""configs/reference/starcraft2_play.json: made by its script, from runs as by hand."""

import json
from pathlib import Path

import pytest

from analysis.published.make_play_reference import (
    SOURCES,
    early_return,
    estimate,
    logged_length,
    main,
    paper_length,
)

FILE = Path(__file__).resolve().parents[3] / "configs" / "reference" / "starcraft2_play.json"


def test_shipped_file_is_made_from_the_raw_files(shared_data, tmp_path):
    raw = shared_data.parent / "fidelity"
    if not (raw / "real_runs.json.gz").is_file():
        pytest.skip(f"no real_runs.json.gz in {raw}")
    out = tmp_path / "play.json"
    paper, logs = shared_data / "smac_run_data.json", raw / "real_runs.json.gz"
    options = {"paper": paper, "logs": logs, "targets": raw / "targets.json", "out": out}
    assert main([word for key, path in options.items() for word in (f"--{key}", str(path))]) == 0
    assert out.read_text() == FILE.read_text()


def test_every_number_has_source_error_and_doubts():
    tree = json.loads(FILE.read_text())
    assert {source: set(text) for source, text in tree["sources"].items()} == {
        source: {"citation", "game_version"} for source in SOURCES
    }
    sections = {name: part for name, part in tree.items() if isinstance(part, dict)}
    del sections["sources"]
    assert {name: len(part["maps"]) for name, part in sections.items()} == {
        "random_length": 10,
        "random_length_paper": 14,
        "heuristic_won": 14,
        "early_return": 14,
    }
    for part in sections.values():
        assert part["doubts"]
        for cell in part["maps"].values():
            for number in [cell] if "mean" in cell else cell.values():
                assert {"mean", "se", "n", "source"} <= set(number)
                assert number["source"] in tree["sources"]


def run(lengths, times, epsilon=1.0, environments=1):
    statistics = {"ep_length_mean": lengths, "ep_length_mean_T": times, "epsilon": [epsilon]}
    return {"repo": "a+b", "head": "c" * 40, "map": "m", "bsr": environments, "d": statistics}


def test_lengths_of_logs_by_hand():
    logs = [
        run([90.0, 30.0], [90, 9_090]),
        run([20.0, 34.0], [20, 10_220]),
        run([20.0, 99.0], [20, 20_000]),  # logged too late
        run([20.0], [20]),  # only the first episode
        run([20.0, 99.0], [20, 10_000], epsilon=0.5),
        run([20.0, 99.0], [160, 10_000], environments=8),
    ]
    found = logged_length(logs, "m")
    assert found is not None
    assert (found["mean"], found["se"], found["n"]) == (32.0, 2.0, 2)
    assert found["episodes"] == 600  # 9,000 / 30 + 10,200 / 34
    assert found["repositories"] == {"a/b@cccccccc": 2}
    assert logged_length(logs, "other") is None


def test_numbers_of_the_paper_by_hand():
    won = {"test_battle_won_mean": {"Run_1": [[40, 0.0]], "Run_2": [[44, 0.0], [10_000, 0.5]]}}
    assert paper_length({"m": {"QMIX": won, "COMA": won}}, "m")["mean"] == 42
    returns = {
        "test_return_mean": {
            "Run_1": [[40_000, 99.0], [50_000, 3.0], [100_000, 5.0], [100_001, 99.0]],
            "Run_2": [[60_000, 6.0]],
            "Run_3": [[40_000, 99.0]],
        }
    }
    cells = early_return({"m": dict.fromkeys(("IQL", "VDN", "QMIX", "COMA"), returns)}, "m")
    assert cells["VDN"] == {"mean": 5.0, "se": 1.0, "n": 2, "source": "smac_paper"}


def test_the_error_of_one_value_is_unknown():
    assert estimate([3.0]) == {"mean": 3.0, "se": None, "n": 1}
