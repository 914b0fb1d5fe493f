"""Pages that code, messages, configurations and texts name exist: docs/<topic>/<page>.md."""

import re
import subprocess

from tests.docs.conftest import ROOT

NAMED = re.compile(r"\bdocs/[\w/.-]+\.(?:md|ipynb|svg|png)\b")
WITH_MADE_UP_NAMES = "tests/docs/"


def unknown(text):
    return {name for name in NAMED.findall(text) if not (ROOT / name).is_file()}


def test_every_named_page_exists():
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "grep", "-lI", "docs/"], capture_output=True, text=True
    )
    files = [f for f in listed.stdout.splitlines() if not f.startswith(WITH_MADE_UP_NAMES)]
    assert len(files) > 40
    texts = {file: (ROOT / file).read_text(encoding="utf-8") for file in files}
    assert {file: found for file, text in texts.items() if (found := unknown(text))} == {}


def test_a_page_that_has_moved_is_found():
    assert unknown("see docs/simulator.md and docs/environments/simulator.md.") == {
        "docs/simulator.md"
    }
