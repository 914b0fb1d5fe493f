"""Links from pages to files of the repository outside docs/.

On GitHub such a link is a path. The site has a page for each file that is linked: Markdown as it
is, anything else as a listing. A path that does not exist stays, and the strict build names it.
"""

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

LINK = re.compile(r"(\]\()([^)\s#:]+)(#[^)\s]*)?(\))")
FENCE = re.compile(r"^([ ]*(```|~~~).*?^[ ]*\2)", re.DOTALL | re.MULTILINE)
TEXTS, LISTINGS = "repository", "listings"
"""Folders of the site: for Markdown files, for all others."""


def site_uri(path: str) -> str:
    """Return the page of the site for a path of the repository."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    return f"{TEXTS}/{path}" if path.endswith(".md") else f"{LISTINGS}/{path}.md"


def source(uri: str) -> str:
    """Return the path of the repository for a page of the site: the inverse of ``site_uri``."""
    top, _, path = uri.partition("/")
    return {TEXTS: path, LISTINGS: path.removesuffix(".md")}.get(top, f"docs/{uri}")


def target(link: str, uri: str) -> str:
    """Return the path of the repository that a relative link of a page means."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(source(uri)), link))


def linked_files(pages: Mapping[str, str], root: Path) -> dict[str, str]:
    """Return a page for each path outside docs/ that a page, or a page made so, links to.

    Args:
        pages: the pages of docs/ and their text.
        root: the checkout.
    """
    made: dict[str, str] = {}
    waiting = dict(pages)
    while waiting:
        uri, text = waiting.popitem()
        for found in LINK.finditer(FENCE.sub("", text)):
            path = target(found[2], uri)
            page = site_uri(path)
            if not path.startswith("docs/") and page not in made and inside(root, path):
                made[page] = shown(root, path)
                if page.startswith(f"{TEXTS}/"):
                    waiting[page] = made[page]
    return made


def inside(root: Path, path: str) -> bool:
    """Return whether a path is one of the checkout."""
    return not path.startswith(("..", "/")) and (root / path).exists()


def shown(root: Path, path: str) -> str:
    """Return a file, or a folder's names, as a page."""
    if path.endswith(".md"):
        return (root / path).read_text(encoding="utf-8")
    if (root / path).is_dir():
        names = sorted(p.name for p in (root / path).iterdir() if not p.name.startswith((".", "_")))
        text, language = "\n".join(names), "text"
    else:
        text = (root / path).read_text(encoding="utf-8").rstrip()
        language = Path(path).suffix[1:] or "text"
    return f"# `{path}`\n\n~~~~{{.{language}}}\n{text}\n~~~~\n"


def rewritten(markdown: str, uri: str, root: Path) -> str:
    """Return a page's text with its links to paths of the repository leading to their pages."""

    def lead(found: re.Match[str]) -> str:
        path = target(found[2], uri)
        if not inside(root, path) or found[2].startswith("/"):
            return found[0]
        new = posixpath.relpath(site_uri(path), posixpath.dirname(uri) or ".")
        return f"{found[1]}{new}{found[3] or ''}{found[4]}"

    pieces, end = [], 0
    for block in FENCE.finditer(markdown):
        pieces += [LINK.sub(lead, markdown[end : block.start()]), block[0]]
        end = block.end()
    return "".join([*pieces, LINK.sub(lead, markdown[end:])])
