"""docs/training/deviations.md: every heading has its four parts and names tests that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "training" / "deviations.md").read_text(encoding="utf-8")
THEIRS = ("PyMARL", "SMAC", "SMACv2", "sacred", "PyMARL2")
OURS = ("Here", "Effect", "Test")
LEAST_WORDS = {"Here": 2, "Effect": 2, "Test": 1, **dict.fromkeys(THEIRS, 2)}


def defined_tests() -> set[str]:
    """Return the names of all test functions of the repository."""
    trees = [ast.parse(path.read_text("utf-8")) for path in ROOT.glob("tests/**/test_*.py")]
    defined = (node for tree in trees for node in ast.walk(tree))
    return {node.name for node in defined if isinstance(node, ast.FunctionDef)}


FUNCTIONS = defined_tests()


def deviations(page: str) -> dict[str, list[tuple[str, str]]]:
    """Return the parts (label, text) of every heading of the third level."""
    found: dict[str, list[tuple[str, str]]] = {}
    for level, heading, body in re.findall(
        r"^(##+) (.*?)\n(.*?)(?=^##|\Z)", page, flags=re.M | re.S
    ):
        if level == "###":
            assert heading not in found, f"two headings '{heading}'"
            parts = re.findall(r"^- \*\*([^*]+):\*\*(.*?)(?=^- |^$|\Z)", body, flags=re.M | re.S)
            found[heading] = parts
    return found


def exists(name: str) -> bool:
    """Return whether a test file (with a slash) or a test function of this name exists."""
    return (ROOT / name).is_file() if "/" in name else name in FUNCTIONS


def incomplete(page: str) -> list[str]:
    """Return the headings that lack a part, an order, words, or a test that exists."""
    bad = []
    for heading, parts in deviations(page).items():
        labels = tuple(label for label, _ in parts)
        in_order = labels[:1] in {(label,) for label in THEIRS} and labels[1:] == OURS
        filled = all(len(text.split()) >= LEAST_WORDS.get(label, 1) for label, text in parts)
        named = re.findall(r"`([^`]+)`", parts[-1][1]) if parts else []
        if not in_order or not filled or not named or not all(map(exists, named)):
            bad.append(heading)
    return bad


def test_every_deviation_is_complete_and_guarded():
    assert len(deviations(PAGE)) >= 37
    assert PAGE.count("- **Here:**") == len(deviations(PAGE))  # none without a heading
    assert incomplete(PAGE) == []


GOOD = """## Group

### A title

- **SMAC:** does this,
  over two lines.
- **Here:** something else.
- **Effect:** it differs.
- **Test:** `tests/unit/test_deviations.py`, `test_every_deviation_is_complete_and_guarded`

## Another group

Text without parts.
"""


def test_a_complete_heading_is_accepted():
    assert list(deviations(GOOD)) == ["A title"]
    assert incomplete(GOOD) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (r"- \*\*SMAC.*?lines\.\n", ""),
        (r"- \*\*Here.*?\n", ""),
        (r"- \*\*Effect.*?\n", ""),
        (r"- \*\*Test.*?\n", ""),
        (r"SMAC:", "StarCraft:"),
        (r"something else\.", ""),
        (r"`tests.*", ""),
        (r"`tests.*", "somewhere"),
        (r"test_deviations\.py", "test_nothing.py"),
        (r"test_every_deviation_is_complete_and_guarded", "test_that_was_never_written"),
        (r"(- \*\*Here.*?\n)(- \*\*Effect.*?\n)", r"\2\1"),
    ],
)
def test_a_heading_without_one_of_its_parts_is_found(before, after):
    planted, changes = re.subn(before, after, GOOD, flags=re.S if "lines" in before else 0)
    assert changes == 1
    assert incomplete(planted) == ["A title"]
