"""The page of the architecture and its picture name all there is; every page's links lead on."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "development" / "architecture.md").read_text(encoding="utf-8")
PICTURE = (ROOT / "docs" / "images" / "architecture.svg").read_text(encoding="utf-8")
TOP = {p.name for p in ROOT.iterdir()}
PACKAGES = ("pymarl", "analysis", "workflow")
WRITTEN_BY_RUNS = "results/"


def paths(page: str) -> set[str]:
    """Return the paths of the repository that a page has in backticks."""
    code = re.findall(r"`([^`\s<>]+)`", page)
    in_repository = {name for name in code if "/" in name and name.split("/")[0] in TOP}
    return {name for name in in_repository if not name.startswith(WRITTEN_BY_RUNS)} | {
        "results/README.md"
    }


def missing(page: str) -> set[str]:
    """Return the named paths that do not exist; one that ends in a slash must be a folder."""
    return {
        name
        for name in paths(page)
        if not ((ROOT / name).is_dir() if name.endswith("/") else (ROOT / name).is_file())
    }


def broken_links(page: str, folder: str) -> set[str]:
    """Return the links of a page in ``folder`` whose file or heading is not there."""
    bad = set()
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page):
        name, _, anchor = link.partition("#")
        file = (ROOT / folder / name).resolve()
        if name and not file.exists():
            bad.add(link)
            continue
        if anchor and anchor not in anchors(file.read_text("utf-8") if name else page):
            bad.add(link)
    return bad


def anchors(page: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def folders(package: str) -> set[str]:
    """Return the folders directly in a package that hold tracked code or data."""
    inside = (ROOT / package).iterdir()
    return {p.name for p in inside if p.is_dir() and p.name != "__pycache__" and any(p.glob("*.*"))}


def test_every_path_exists():
    assert len(paths(PAGE)) > 60
    assert missing(PAGE) == set()


@pytest.mark.parametrize(
    "page",
    sorted(str(p.relative_to(ROOT)) for p in [*ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md")]),
)
def test_every_link_of_every_page_leads_somewhere(page):
    assert broken_links((ROOT / page).read_text("utf-8"), str(Path(page).parent)) == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_folder_is_named(package):
    # The workflow's and the analysis' folders are described on their own pages, which are linked.
    pages = {
        "pymarl": "development/architecture.md",
        "analysis": "pipeline/analysis.md",
        "workflow": "pipeline/workflow.md",
    }
    page = (ROOT / "docs" / pages[package]).read_text(encoding="utf-8")
    assert len(folders(package)) >= 6
    assert {f for f in folders(package) if f"`{f}/`" not in page.replace("pymarl/", "")} == set()


def test_the_environments_are_named():
    named = {name for name in paths(PAGE) if name.startswith("pymarl/envs/")}
    assert {f"pymarl/envs/{name}/" for name in folders("pymarl/envs")} <= named


def test_the_picture_names_what_exists_and_every_layer():
    words = " ".join(re.findall(r"<text[^>]*>([^<]+)<", PICTURE)).split()
    named = {
        word.rstrip(":,;") for word in words if "/" in word and not word.startswith("results/")
    }
    places = [ROOT, ROOT / "pymarl", ROOT / "pymarl" / "envs"]
    assert {name for name in named if not any((place / name).is_dir() for place in places)} == set()
    assert {f"{name}/" for name in folders("pymarl") | folders("pymarl/envs")} <= named


@pytest.mark.parametrize("planted", ["nothing.md", "workflow.md#no-such-heading"])
def test_a_link_to_nowhere_is_found(planted):
    page = f"[a]({planted}) [b](workflow.md#files-and-folders)"
    assert broken_links(page, "docs/pipeline") == {planted}
