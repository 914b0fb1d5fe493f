"""docs/pipeline/analysis.md says what the code does: tables, commands, the files' forms."""

import json
import re
from pathlib import Path

import pytest

from analysis.cli import COMMANDS
from analysis.dataset.columns import EPISODE_COLUMNS, RUN_COLUMNS, TIDY_COLUMNS
from analysis.errors import ResultError
from analysis.published.reference import load_reference
from analysis.tables.comparisons import AGGREGATE_COLUMNS, PAIR_COLUMNS
from analysis.tables.summary import SUMMARY_COLUMNS
from analysis.web.battle_recordings import load_battle

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "pipeline" / "analysis.md").read_text()


@pytest.mark.parametrize("columns", [TIDY_COLUMNS, RUN_COLUMNS, EPISODE_COLUMNS])
def test_typed_tables(columns):
    rows = [f"| `{name}` | {kind} | {text} |" for name, (kind, text) in columns.items()]
    assert "\n".join(rows) in PAGE


@pytest.mark.parametrize("columns", [SUMMARY_COLUMNS, AGGREGATE_COLUMNS, PAIR_COLUMNS])
def test_result_tables(columns):
    assert "\n".join(f"| `{name}` | {text} |" for name, text in columns.items()) in PAGE


def test_every_command_is_shown():
    shown = set(re.findall(r"^python -m analysis ([a-z-]+)", PAGE, re.MULTILINE))
    assert shown == set(COMMANDS)


def examples(kind):
    found = [b for b in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL) if kind in b]
    assert len(found) == 1
    return json.loads(found[0])


def test_reference_example_loads(tmp_path):
    (tmp_path / "r.json").write_text(json.dumps(examples("reference-runs")))
    reference = load_reference(tmp_path / "r.json")
    assert reference.cell("3s5z", "QMIX").n == 5
    assert reference.cell("3s5z", "vdn").final.median == 79.4


def test_battle_example_loads_but_for_its_ellipsis(tmp_path):
    battle = examples("pymarl-battle")
    path = tmp_path / "b.json"
    path.write_text(json.dumps(battle))
    with pytest.raises(ResultError, match="pathing_rows"):
        load_battle(path)
    del battle["map"]["pathing_rows"]
    path.write_text(json.dumps(battle))
    assert load_battle(path)["map"] == "3m"
