"""The page of the simulator holds the command's table: its form is checked, not its numbers."""

import re
from pathlib import Path

from pymarl.envs.skirmish.fidelity import report
from pymarl.envs.skirmish.fidelity.comparison import compare_maps
from pymarl.envs.skirmish.fidelity.game_numbers import load_game_numbers

PAGE = Path(__file__).resolve().parents[3] / "docs" / "environments" / "simulator.md"
AGAIN = (
    "the page's table is old; write it again: "
    "python -m pymarl.envs.skirmish fidelity --into docs/environments/simulator.md"
)


def form(markdown: str) -> list[str]:
    """The lines with every number replaced, but map names kept."""
    lines = []
    for line in markdown.splitlines():
        name, bar, rest = line.partition(" | ") if line.startswith("| ") else ("", "", line)
        lines.append(name + bar + re.sub(r"[+-]?\d+(?:\.\d+)?", "N", rest))
    return lines


def between_markers() -> str:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count(report.BEGIN) == text.count(report.END) == 1
    return text.split(report.BEGIN + "\n")[1].split(report.END)[0]


def test_the_table_has_the_form_that_the_command_prints():
    game = load_game_numbers()
    rows = list(compare_maps(game.maps(), game, 2, 0))
    assert form(between_markers()) == form(report.to_markdown(rows, 0)), AGAIN


def test_numbers_of_the_game_are_those_of_the_file():
    game = load_game_numbers()
    lines = {line.split(" | ")[0][2:]: line.split(" | ") for line in between_markers().splitlines()}
    for name in game.maps():
        known = game.random_length.get(name)
        assert lines[name][2] == (f"{known.mean:.1f} ± {known.se:.1f}" if known else "-"), AGAIN


def test_only_what_is_between_the_markers_is_replaced(tmp_path):
    file = tmp_path / "page.md"
    file.write_text(f"before\n{report.BEGIN}\nold \\1\n{report.END}\nafter\n")
    report.write_between_markers(file, "new \\1 | table\n")
    assert file.read_text() == f"before\n{report.BEGIN}\nnew \\1 | table\n{report.END}\nafter\n"
