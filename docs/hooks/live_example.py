"""The live example: the report and the curves of recorded runs of the demo, drawn by the build.

The runs are in docs/example/demo_runs.tar.xz, as the pipeline writes them, without models and
per-episode files.
"""

import contextlib
import hashlib
import io
import shutil
import tarfile
import tempfile
from pathlib import Path

ARCHIVE = "docs/example/demo_runs.tar.xz"


def drawn(root: Path) -> Path:
    """Return the folder with index.html (the report) and ``<alg>.svg``; draw it if it is not there.

    It is in build/, named after the runs and the code that draws them, so that `make docs` draws
    only what has changed.
    """
    archive = root / ARCHIVE
    parts = [archive, *sorted((root / "analysis").rglob("*.*"))]
    total = hashlib.sha256()
    for path in parts:
        if path.is_file() and path.suffix != ".pyc":
            total.update(path.read_bytes())
    folder = root / "build" / "docs-example" / total.hexdigest()[:16]
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as name:
            work = Path(name)
            with tarfile.open(archive) as packed:
                packed.extractall(work, filter="data")
            draw(work)
            for old in folder.parent.iterdir():
                if old != work:
                    shutil.rmtree(old)
            (work / "site").rename(folder)
    return folder


def draw(work: Path) -> None:
    """Draw work/site from the runs in work/runs, by the commands that the pipeline uses."""
    data, site = work / "data", work / "site"
    run("collect", "--runs", *sorted((work / "runs").iterdir()), "--out", data)
    run("report", "--data", data, "--out", site)
    for folder in sorted((work / "runs").glob("*/*/*/*")):
        run("plot", "--data", data, "--out", work / folder.name, "--algs", folder.name)
        shutil.copy(work / folder.name / "win_rate.svg", site / f"{folder.name}.svg")


def run(*words: object) -> None:
    """Run a command of the analysis.

    Raises:
        RuntimeError: it failed; what it printed is in the message.
    """
    # The plugins of mkdocs are loaded without it: it takes a second.
    from analysis.cli import main

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        status = main([str(word) for word in words])
    if status:
        raise RuntimeError(f"live example: analysis {words[0]} failed: {printed.getvalue()}")
