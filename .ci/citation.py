"""Metadata for archives from their one source, CITATION.cff: codemeta.json and .zenodo.json.

    python .ci/citation.py            write both (make citation)
    python .ci/citation.py --check    exit with 1 when one of them is not what CITATION.cff says

codemeta.json follows CodeMeta 3.0 (https://w3id.org/codemeta/3.0), .zenodo.json Zenodo's deposit
metadata (https://developers.zenodo.org/#representation).
"""

import json
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
SPDX = "https://spdx.org/licenses"


def codemeta(citation: Mapping[str, Any], project: Mapping[str, Any]) -> dict[str, Any]:
    """Return CodeMeta's description of the software."""
    return {
        "@context": "https://w3id.org/codemeta/3.0",
        "type": "SoftwareSourceCode",
        "name": citation["title"].partition(":")[0],
        "description": citation["title"],
        "version": citation["version"],
        "license": f"{SPDX}/{citation['license']}",
        "author": [_author(author) for author in citation["authors"]],
        "programmingLanguage": "Python",
        "runtimePlatform": f"Python {project['requires-python']}",
        "operatingSystem": "Linux",
        "keywords": project["keywords"],
        "citation": [_reference(reference) for reference in citation["references"]],
    }


def zenodo(citation: Mapping[str, Any], project: Mapping[str, Any]) -> dict[str, Any]:
    """Return Zenodo's description of the software."""
    return {
        "title": citation["title"],
        "upload_type": "software",
        "version": citation["version"],
        "license": citation["license"],
        "creators": [{"name": _name(author, ", ")} for author in citation["authors"]],
        "description": f"<p>{citation['title']}.</p><p>{citation['message']}</p>",
        "keywords": project["keywords"],
        "references": [
            f"{'; '.join(_name(author, ', ') for author in reference['authors'])} "
            f"({reference['year']}): {reference['title']}. {reference['collection-title']}"
            for reference in citation["references"]
        ],
    }


def _name(author: Mapping[str, str], separator: str) -> str:
    """Return an author's name, the family name first."""
    if "name" in author:
        return author["name"]
    return f"{author['family-names']}{separator}{author['given-names']}"


def _author(author: Mapping[str, str]) -> dict[str, str]:
    if "name" in author:
        return {"type": "Organization", "name": author["name"]}
    names = {"givenName": author["given-names"], "familyName": author["family-names"]}
    return {"type": "Person", **names}


def _reference(reference: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "ScholarlyArticle",
        "name": reference["title"],
        "datePublished": str(reference["year"]),
        "author": [_author(author) for author in reference["authors"]],
        "isPartOf": {"type": "PublicationIssue", "name": reference["collection-title"]},
    }


def expected() -> dict[Path, str]:
    """Return file -> text, as CITATION.cff and pyproject.toml say it."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    if project["version"] != citation["version"]:
        raise SystemExit(
            f"pyproject.toml says version {project['version']}, CITATION.cff {citation['version']}"
        )
    files = {"codemeta.json": codemeta, ".zenodo.json": zenodo}
    return {
        ROOT / name: json.dumps(make(citation, project), indent=2, ensure_ascii=False) + "\n"
        for name, make in files.items()
    }


def main(arguments: list[str]) -> int:
    """Write the files, or check them; return the exit code."""
    wrong = [
        (path, text)
        for path, text in expected().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    for path, text in wrong:
        if arguments == ["--check"]:
            sys.stderr.write(f"{path.name} is not what CITATION.cff says: make citation\n")
        else:
            path.write_text(text, encoding="utf-8")
    return 1 if wrong and arguments == ["--check"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
