"""Names from logs, made safe to print, to draw and to use in a file name."""

import re
import unicodedata
from collections.abc import Sequence

MAX_LABEL = 120  # a variant's name holds the settings it was trained with

ALG_LABELS = {
    "iql": "IQL",
    "vdn": "VDN",
    "qmix": "QMIX",
    "qtran": "QTRAN",
    "coma": "COMA",
    "ippo": "IPPO",
    "mappo": "MAPPO",
    "iac": "IAC",
    "qplex": "QPLEX",
    "owqmix": "OW-QMIX",
    "cwqmix": "CW-QMIX",
    "wqmix": "WQMIX",
    "rode": "RODE",
    "ia2c": "IA2C",
    "maa2c": "MAA2C",
}

# What this project's own runs are played on. The words are those of the trainer's provenance files;
# tests/contract/test_borders.py holds them equal.
OWN_BACKEND_LABELS = {
    "sim": "embedded simulator, not StarCraft II",
    "sc2": "StarCraft II",
    "standin": "stand-in server on the embedded simulator, not StarCraft II",
    "matrix": "matrix game, not StarCraft II",
}
# Backends on the embedded simulator: their results depend on the version of its engine.
SIMULATED = ("sim", "standin")
FIRST_ENGINE = 1  # of runs on them from before the version was recorded
_NOT_THE_GAME = ", not StarCraft II"
BACKEND_LABELS = OWN_BACKEND_LABELS | {
    "smaclite": "SMAClite, not StarCraft II",
    "smax": "SMAX, not StarCraft II",
    "unknown": "backend not recorded",
}


def clean_label(value: object, default: str = "unknown", limit: int = MAX_LABEL) -> str:
    """One line of printable text of at most ``limit`` characters."""
    if value is None:
        return default
    text = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in str(value)[: 4 * limit])
    text = " ".join(text.split())
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return text or default


def name_of_folder(folder: str) -> str:
    """The algorithm or variant whose runs a folder holds: ``qmix+lr=0.1`` has ``qmix[lr=0.1]``.

    The way back from ``workflow.experiment.variants.folder_name``; other names stay.
    """
    base, *settings = folder.split("+")
    if not settings or not all("=" in part for part in settings):
        return folder
    text = re.sub(r"(?:~[0-9A-F]{2})+", _unescaped, ",".join(settings))
    return f"{base}[{text}]"


def _unescaped(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("~", "")).decode("utf-8", errors="replace")


def slug(text: str) -> str:
    """A file-name part: ``[A-Za-z0-9_-]`` and inner dots, never a path, never empty."""
    out = re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip(".-")
    return out[:80] or "unnamed"


def alg_label(alg: str) -> str:
    """Display name of an algorithm config: ``qmix`` -> ``QMIX``; unknown names stay."""
    return ALG_LABELS.get(alg.lower(), alg)


def backend_label(backend: str, build: str | None = None, engines: Sequence[int] = ()) -> str:
    """What the numbers come from, in words, e.g. ``StarCraft II (SC2.4.6.2.69232)``.

    With versions of the simulator's engine: ``embedded simulator, engine 2 (not StarCraft II)``.
    """
    label = BACKEND_LABELS.get(backend, backend)
    if engines:
        what = label.removesuffix(_NOT_THE_GAME)
        rest = " (not StarCraft II)" if what != label else ""
        label = f"{what}, {engine_label(engines)}{rest}"
    return f"{label} ({build})" if build else label


def engine_label(engines: Sequence[int]) -> str:
    """``engine 2``; of pooled runs ``engines 1 + 2``; empty when no version is known."""
    versions = " + ".join(map(str, engines))
    return f"engine{'s' if len(engines) > 1 else ''} {versions}" if engines else ""


def latex_escape(text: str) -> str:
    """Escape the ten characters LaTeX treats specially."""
    table = {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{c: "\\" + c for c in "&%$#_{}"},
    }
    return "".join(table.get(c, c) for c in text)


def markdown_escape(text: str) -> str:
    """Keep a label from breaking out of a markdown table cell or from becoming HTML."""
    for char, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "\\|"), ("`", "\\`")):
        text = text.replace(char, safe)
    return text
