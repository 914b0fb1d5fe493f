""".ci/measure_code.py finds what passes the limits of code size that CONTRIBUTING.md names."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GOOD = '''"""A module."""


def add(a: int, b: int) -> int:
    """Return the sum."""
    return a + b
'''


def measure(root, files):
    """Return the exit code of ``--check`` and what it finds in a repository with these files."""
    subprocess.run(["git", "init", "-q", root], check=True)
    for name, text in {"pymarl/good.py": GOOD, "tests/test_good.py": GOOD, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    subprocess.run(["git", "-C", root, "add", "."], check=True)
    done = subprocess.run(
        [sys.executable, ROOT / ".ci" / "measure_code.py", root, "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr.splitlines()


def function(lines, parameters=0):
    """Return a documented function with so many lines and parameters."""
    head = f"def f({', '.join(f'a{i}' for i in range(parameters))}):\n    '''Do.'''\n"
    return head + "    x = 1\n" * (lines - 1)


def test_small_code_passes(tmp_path):
    assert measure(tmp_path, {"pymarl/most.py": function(50, 8)}) == (0, [])


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"pymarl/bad.py": "x = 1\n" * 251}, "files over 250 lines: pymarl/bad.py: 251"),
        ({"tests/bad.py": "x = 1\n" * 251}, "files over 250 lines: tests/bad.py: 251"),
        ({"pymarl/bad.py": function(51)}, "functions over 50 lines: pymarl/bad.py:1 f: 51"),
        ({"analysis/b.py": function(1, 9)}, "functions over 8 parameters: analysis/b.py:1 f: 9"),
        ({f"docs/{i}.md": "" for i in range(16)}, "folders over 15 files: docs: 16"),
        ({"workflow/b.py": "def f(): ..."}, "public names without docstring: workflow/b.py: f"),
    ],
)
def test_a_passed_limit_is_found(tmp_path, files, found):
    assert measure(tmp_path, files) == (1, [found])


def test_the_limits_are_those_that_contributing_names():
    code = (ROOT / ".ci" / "measure_code.py").read_text("utf-8")
    limits = re.findall(r"^MAX_\w+ = (\d+)$", code, flags=re.MULTILINE)
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"\d+", page.split("## Sizes\n")[1].split("\n## ")[0])
    assert sorted(limits) == sorted(named)
