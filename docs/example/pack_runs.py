"""Pack the demo's runs for the documentation's live example: docs/example/demo_runs.tar.xz.

    python docs/example/pack_runs.py results/runs/demo --battle qmix/seed=1 BATTLE.json

Models, printed lines and single test episodes are left out, and what names the machine;
complete.json lists what is left. Same runs, same bytes. A battle is what an evaluation of that run
has recorded (`evaluate=true save_replay=true`, its file in battles/).
"""

import argparse
import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path
from typing import Any

ARCHIVE = Path(__file__).with_name("demo_runs.tar.xz")
KEPT = ("config.json", "info.json", "provenance.json", "run.json")
OF_THE_MACHINE = {"provenance.json": ("site_packages",), "run.json": ("host", "experiment")}


def packed_run(folder: Path) -> dict[str, bytes]:
    """Return the files of a complete run for the archive, by name."""
    files = {}
    for name in KEPT:
        value: dict[str, Any] = json.loads((folder / name).read_bytes())
        for key in OF_THE_MACHINE.get(name, ()):
            value.pop(key, None)
        files[name] = encoded(value)
    sentinel = json.loads((folder / "complete.json").read_bytes())
    sentinel["files"] = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return files | {"complete.json": encoded(sentinel)}


def encoded(value: Any) -> bytes:
    """Return JSON without spaces, keys in order."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def packed(runs: Path, battles: list[tuple[str, str]]) -> dict[str, bytes]:
    """Return all files of the archive by their path in it."""
    files = {}
    for sentinel in sorted(runs.rglob("complete.json")):
        place = Path("runs") / runs.name / sentinel.parent.relative_to(runs)
        for name, data in packed_run(sentinel.parent).items():
            files[str(place / name)] = data
    for run, name in battles:
        places = {str(Path(file).parent) for file in files if f"/{run}/" in file}
        if len(places) != 1:
            raise SystemExit(
                f"--battle {run}: {len(places)} complete runs in {runs} have that name"
            )
        path = Path(name)
        files[f"{places.pop()}/battles/{path.name}"] = encoded(json.loads(path.read_bytes()))
    return files


def main() -> int:
    """Write the archive; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("runs", type=Path, help="results/runs/demo")
    parser.add_argument(
        "--battle", nargs=2, action="append", default=[], metavar=("ALG/seed=K", "FILE")
    )
    arguments = parser.parse_args()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:xz", preset=9) as archive:
        for name, data in packed(arguments.runs, arguments.battle).items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    partial = ARCHIVE.with_suffix(".partial")
    partial.write_bytes(buffer.getvalue())
    partial.replace(ARCHIVE)
    sys.stdout.write(f"{ARCHIVE.name}: {ARCHIVE.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
