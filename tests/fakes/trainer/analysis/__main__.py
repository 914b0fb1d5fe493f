"""A fake of the analysis commands: it writes files of the same names, in no time."""

import json
import sys
from pathlib import Path

FIGURES = ("win_rate", "aggregate", "profile", "improvement", "final", "resources")
OUTPUTS = {
    "collect": ["tidy.parquet", "episodes.parquet", "runs.parquet", "exclusions.json"],
    "plot": [f"{name}.{suffix}" for name in FIGURES for suffix in ("svg", "pdf", "png")],
    "table": ["summary.csv", "summary.md"],
    "compare": ["verdicts.csv", "verdicts.md"],
    "report": ["index.html"],
}


def main() -> int:
    command = sys.argv[1]
    options = dict(zip(sys.argv[2::2], sys.argv[3::2], strict=True))
    out = Path(options["--out"])
    out.mkdir(parents=True, exist_ok=True)
    for name in OUTPUTS[command]:
        (out / name).write_text(f"{name}\n")
    if command == "collect":
        expected = json.loads(Path(options["--expected"]).read_text())["runs"]
        missing = [run["dir"] for run in expected if not Path(run["dir"], "complete.json").exists()]
        (out / "exclusions.json").write_text(json.dumps(missing))
    return 0


if __name__ == "__main__":
    sys.exit(main())
