"""docs/deviations.md: every row says what, why and which test guards it; the tests exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "deviations.md").read_text(encoding="utf-8")


def rows(page: str) -> list[list[str]]:
    """Return the cells of all table rows but headings and rules."""
    lines = page.splitlines()
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line, following in zip(lines, [*lines[1:], ""], strict=True)
        if line.startswith("|") and not line.startswith("|--") and not following.startswith("|--")
    ]


def unguarded(page: str) -> list[str]:
    """Return the rows whose cells are not all filled or that name no test that exists."""
    tests = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/test_*.py"))
    bad = []
    for row in rows(page):
        named = re.findall(r"`([^`]+)`", row[-1])
        exist = [
            (ROOT / name).is_file() if "/" in name else f"def {name}(" in tests for name in named
        ]
        if not all(row) or not named or not all(exist):
            bad.append(row[0])
    return bad


def test_every_deviation_is_complete_and_guarded():
    assert len(rows(PAGE)) >= 28
    assert {len(row) for row in rows(PAGE)} == {4, 5}
    assert unguarded(PAGE) == []


@pytest.mark.parametrize(
    "last", ["", "somewhere", "`tests/unit/test_nothing.py`", "`test_that_was_never_written`"]
)
def test_a_row_without_its_test_is_found(last):
    page = f"| what | here | why | guarded by |\n|---|---|---|---|\n| a | b | c | {last} |\n"
    assert unguarded(page) == ["a"]
    good = page.replace(f"c | {last}", "c | `tests/unit/test_deviations.py`")
    assert unguarded(good) == []
    assert unguarded(good.replace("| b |", "| |")) == ["a"]
