"""Pages that are made: one for each algorithm and one for each package; and the navigation."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from pymarl.registries import LEARNERS

LIVE = "demo_report"
"""Folder of the site that holds the live example."""
EXAMPLE = "demo"
"""The experiment that the live example shows."""
TOP_PACKAGES = ("pymarl", "pymarl.envs", "analysis", "workflow")
"""The packages that the API section has a list for."""


# ------------------------------------------------------------------------------------ navigation
def section(nav: list[Any], title: str) -> list[Any]:
    """Return the entries of a section of the navigation."""
    return next(entry[title] for entry in nav if title in entry)


def leaves(nav: Any) -> Iterator[str]:
    """Yield the pages that a navigation or a part of it names."""
    if isinstance(nav, str):
        yield nav
    elif nav:
        for part in nav.values() if isinstance(nav, dict) else nav:
            yield from leaves(part)


def complete_navigation(nav: list[Any], pages: set[str]) -> None:
    """Append the pages that the navigation does not name to the section of their folder.

    A section's folder is that of its first page; pages of other folders go to the top level.
    """
    sections = {}
    for entry in nav:
        (entries,) = entry.values()
        if isinstance(entries, list):
            sections[Path(next(leaves(entries))).parent] = entries
    for page in sorted(pages - set(leaves(nav))):
        sections.get(Path(page).parent, nav).append(page)


# ------------------------------------------------------------------------------------ algorithms
def algorithms(root: Path) -> dict[str, Path]:
    """Return name -> file of the shipped configurations, by name."""
    files = (root / "configs" / "algs").rglob("*.yaml")
    return {path.stem: path for path in sorted(files, key=lambda path: path.stem)}


def algorithms_nav(root: Path) -> list[Any]:
    """Return the navigation's entries for the algorithms."""
    return [{name: f"training/algorithm/{name}.md"} for name in algorithms(root)]


def algorithm_pages(root: Path, drawn: set[str]) -> dict[str, str]:
    """Return a page for each algorithm: what it is, its curves, its settings, its code.

    Args:
        root: the checkout.
        drawn: the algorithms that the live example has a figure of.
    """
    return {
        f"training/algorithm/{name}.md": algorithm_page(root, name, name in drawn)
        for name in algorithms(root)
    }


def algorithm_page(root: Path, name: str, drawn: bool) -> str:
    """Return the page of one algorithm."""
    file = algorithms(root)[name]
    text = file.read_text(encoding="utf-8")
    comment, settings = re.match(r"((?:#.*\n)*)", text)[0], yaml.safe_load(text)
    about = " ".join(line.lstrip("# ") for line in comment.splitlines())
    learner = class_name(settings["learner"])
    package = learner.rsplit(".", 2)[0]
    return f"""# {name}

{about}

Loss, targets, keys and logged statistics: {in_overview(root, name)}. Learner:
[`{learner}`](../../api/{package}.md#{learner}).

```sh
python -m pymarl --config={name} --env-config=sim with env_args.map_name=3m seed=1
```

## Curves

{curves(root, name, drawn)}

## Settings

`{file.relative_to(root)}`, over `configs/default.yaml`:

```yaml
{text.rstrip()}
```
"""


def class_name(learner: str) -> str:
    """Return the dotted name of a registered learner's class; the class is not imported for it."""
    target = LEARNERS.entries[learner].target
    if isinstance(target, str):
        return target.replace(":", ".")
    return f"{target.__module__}.{target.__qualname__}"  # somebody has imported it already


def in_overview(root: Path, name: str) -> str:
    """Return a link to the section about an algorithm, found by the overview's table."""
    table = (root / "docs" / "training" / "algorithms.md").read_text(encoding="utf-8")
    for wanted in (name, name.partition("_")[0]):
        row = re.search(rf"^\|[^|]*`{wanted}`[^|]*\|[^|]*\[([^]]+)\]\((#[^)]+)\)", table, re.M)
        if row:
            return f"[{row[1]}](../algorithms.md{row[2]})"
    return "[Algorithms](../algorithms.md)"


def curves(root: Path, name: str, drawn: bool) -> str:
    """Return the figures of the experiments that train an algorithm, or how to make one."""
    shown = []
    for path in sorted((root / "configs" / "experiments").glob("*.yaml")):
        experiment = yaml.safe_load(path.read_text(encoding="utf-8"))
        figure = f"images/{path.stem}_win_rate.png"
        if path.stem == EXAMPLE and drawn:
            figure = f"{LIVE}/{name}.svg"
        elif not (root / "docs" / figure).is_file():
            continue
        if name in experiment.get("algs", ()):
            alt = f"Test win rate in the experiment {path.stem}, embedded simulator"
            said = f"`{path.stem}`: {experiment['description']} Not StarCraft II."
            shown.append(f"![{alt}](../../{figure})\n\n{said} `make reproduce EXP={path.stem}`")
    return "\n\n".join(shown) or (
        "No figure of these settings is kept here. An experiment file with this name among its "
        "`algs` and `make reproduce EXP=...` draw one: [the workflow](../../pipeline/workflow.md)."
    )


# -------------------------------------------------------------------------------------- packages
def packages(root: Path) -> list[str]:
    """Return the dotted names of all packages."""
    tops = ("pymarl", "analysis", "workflow")
    found = [path for top in tops for path in (root / top).rglob("__init__.py")]
    return sorted(".".join(path.parent.relative_to(root).parts) for path in found)


def api_nav(root: Path) -> list[Any]:
    """Return the navigation's entries for the packages."""

    def top(name: str) -> str:
        return max((t for t in TOP_PACKAGES if f"{name}.".startswith(f"{t}.")), key=len)

    names = packages(root)
    return [{t: [{n: f"api/{n}.md"} for n in names if top(n) == t]} for t in TOP_PACKAGES]


def api_pages(root: Path) -> dict[str, str]:
    """Return a page for each package: what its docstring and those in its modules say."""
    names = packages(root)
    made = {}
    for name in names:
        folder = root / name.replace(".", "/")
        modules = sorted(p.stem for p in folder.glob("*.py") if not p.stem.startswith("_"))
        below = [n for n in names if n.rpartition(".")[0] == name]
        lines = [f"# {name}", f"::: {name}", "    options:", "      members: false"]
        lines += ["      show_root_heading: false", "      show_root_toc_entry: false", ""]
        lines += [f"- [{n}]({n}.md)" for n in below]
        lines += ["", *(f"::: {name}.{module}\n" for module in modules)]
        made[f"api/{name}.md"] = "\n".join(lines)
    return made
