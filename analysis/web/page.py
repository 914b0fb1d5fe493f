"""Assemble the page: template, style, scripts and data in one file with a strict policy."""

import base64
import hashlib
import json
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from analysis.dataset.files import write_text
from analysis.dataset.storage import Dataset
from analysis.errors import ResultError
from analysis.published.reference import ReferenceSet, default_references, load_reference
from analysis.web.payload import payload

SCRIPTS = ["core.js", "charts.js", "tables.js", "viewer.js", "main.js"]


def asset(name: str) -> str:
    """Text of a file in this folder."""
    return files("analysis.web").joinpath("assets", name).read_text(encoding="utf-8")


def digest(text: str) -> str:
    """A Content-Security-Policy source for one inline element."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def script_safe_json(value: Any) -> str:
    """Compact JSON that is safe inside an HTML ``<script>`` element."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def references_or_none(given: list[Path] | None) -> list[ReferenceSet]:
    """The given reference sets, else the shipped one, else none (an installed tree without it)."""
    if given:
        return [load_reference(p) for p in given]
    try:
        return [load_reference(p) for p in default_references()]
    except ResultError:
        return []


def render(data: dict[str, Any], live: int = 0) -> str:
    """The page as text; ``live`` is the version that ``serve`` gives it, 0 for a plain file.

    No request leaves it: the policy forbids every load except, when ``live``, the poll of the
    local server that ``serve`` starts. Only our own script may run, by its hash; data from logs
    is JSON in an inert element and reaches the page as text nodes only.
    """
    script = "\n".join(asset(n) for n in SCRIPTS)
    style = asset("style.css")
    connect = "'self'" if live else "'none'"
    policy = (
        f"default-src 'none'; script-src {digest(script)}; style-src {digest(style)}; "
        f"connect-src {connect}; img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    parts = {
        "TITLE": escape(str(data["experiment"])),
        "POLICY": escape(policy),
        "STYLE": style,
        "DATA": script_safe_json(data),
        "SCRIPT": script,
        "LIVE": str(live),
    }
    pieces = asset("template.html").split("@@")
    return "".join(parts[p] if i % 2 else p for i, p in enumerate(pieces))


def write_report(dataset: Dataset, page: Path, references: list[ReferenceSet] | None = None) -> int:
    """Write the page; returns its size in bytes."""
    refs = references_or_none(None) if references is None else references
    text = render(payload(dataset, page, refs))
    write_text(page, text)
    return len(text.encode("utf-8"))
