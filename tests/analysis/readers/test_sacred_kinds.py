"""PyMARL's keys: checkpoint_path loads a model; evaluate and save_replay then only test it."""

import pytest

from analysis.cli import main
from analysis.dataset.groups import build_groups
from analysis.dataset.storage import load
from tests.analysis.synthetic_sacred import write_sacred

EVALUATE = {"checkpoint_path": "results/models/qmix", "evaluate": True}


def imported(tmp_path, *options):
    words = ["import", "--from", "pymarl", tmp_path / "s", *options, "--out", tmp_path / "d"]
    assert main([str(w) for w in words]) == 0
    return load(tmp_path / "d")


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({}, "training"),
        ({"checkpoint_path": "", "evaluate": False}, "training"),
        ({"checkpoint_path": "", "evaluate": True}, "training"),  # PyMARL trains all the same
        ({"checkpoint_path": "models/1"}, "continued"),
        ({"checkpoint_path": "models/1", "evaluate": True}, "evaluation"),
        ({"checkpoint_path": "models/1", "save_replay": True}, "evaluation"),
        ({"checkpoint_path": "models/1", "evaluate": "True"}, "evaluation"),
    ],
)
def test_kind_by_config(tmp_path, change, kind):
    write_sacred(tmp_path / "s" / "1", [0.5] * 12, change)
    dataset = imported(tmp_path)
    assert dataset.runs["kind"].tolist() == [kind]
    codes = [e["code"] for e in dataset.info["exclusions"]]
    assert codes == ([] if kind == "training" else [kind])


def test_evaluate_with_nothing_but_one_test_is_an_evaluation(tmp_path):
    """Forks that load their models by a key of their own."""
    write_sacred(tmp_path / "s" / "1", [0.5], {"evaluate": True, "t_max": 2_050_000})
    assert imported(tmp_path).info["exclusions"][0]["code"] == "evaluation"
    shown = imported(tmp_path, "--include-evaluations")
    assert [g.legend() for g in build_groups(shown)] == ["QMIX [evaluation] (n=1)"]


def test_an_evaluation_is_no_duplicate_of_its_training(tmp_path):
    """Of one seed and no experiment; the evaluation comes first by path."""
    write_sacred(tmp_path / "s" / "1", [0.25], {"seed": 9, **EVALUATE}, start=110_000)
    write_sacred(tmp_path / "s" / "2", [0.5] * 12, {"seed": 9})
    dataset = imported(tmp_path)
    assert [e["code"] for e in dataset.info["exclusions"]] == ["evaluation"]
    (group,) = build_groups(dataset)
    assert (group.n, group.n_found, group.finals().tolist()) == (1, 1, [0.5])
    shown = imported(tmp_path, "--include-evaluations")
    assert [g.n for g in build_groups(shown)] == [1, 1]


def test_copies_of_an_evaluation_keep_their_code(tmp_path):
    for name in ("1", "2"):
        write_sacred(tmp_path / "s" / name, [0.25], {"seed": 9, **EVALUATE})
    info = imported(tmp_path).info
    assert [e["code"] for e in info["exclusions"]] == ["evaluation"] * 2
    info = imported(tmp_path, "--include-evaluations").info
    assert [e["code"] for e in info["exclusions"]] == ["duplicate"]
