"""Variants of an ablation: algorithms of their own, called as the experiment file calls them."""

import json

import pandas as pd

from analysis.cli import main
from tests.analysis.synthetic_runs import write_run

VALUES = (0, 0.4, 0.6)


def test_each_variant_has_its_own_curve_name_and_measurements(tmp_path):
    runs, data = tmp_path / "results/runs", tmp_path / "data"
    expected = []
    for value in VALUES:
        name, folder = f"qmix[td_lambda={value}]", f"qmix+td_lambda={value}"
        for seed in (1, 2, 3):
            path = runs / "abl/sim/3m" / folder / f"seed={seed}"
            entry = {"env": "sim", "map": "3m", "alg": name, "seed": seed, "t_max": 50_000}
            expected.append(entry | {"dir": str(path)})
            if seed == 1:
                config = {"name": name, "td_lambda": value}
                write_run(runs, "3m", folder, seed, experiment="abl", config=config)
                tsv = tmp_path / "results/benchmarks/abl/sim/3m" / folder / "seed=1.tsv"
                tsv.parent.mkdir(parents=True)
                tsv.write_text(f"s\tmax_rss\n9\t{100 + value}\n")
            elif seed == 2:  # has started, and has no config.json yet
                (path / "work").mkdir(parents=True)
                (path / "work/progress.json").write_text('{"t_env": 7}')
    listed = tmp_path / "expected.json"
    listed.write_text(json.dumps({"experiment": "abl", "runs": expected}))
    arguments = ["--runs", str(runs / "abl"), "--expected", str(listed), "--out", str(data)]
    assert main(["collect", *arguments]) == 0

    table = pd.read_parquet(data / "runs.parquet").astype({"alg": str})
    names = [f"qmix[td_lambda={value}]" for value in VALUES]
    # Of each variant one run is complete, one has started and one is pending.
    assert table.groupby("alg")["included"].agg(["size", "sum"]).to_dict() == {
        "size": dict.fromkeys(names, 3),
        "sum": dict.fromkeys(names, 1),
    }
    complete = table[table["included"]].set_index("alg")
    assert dict(complete["max_rss_mib"]) == {
        name: 100 + value for name, value in zip(names, VALUES, strict=True)
    }
    info = json.loads((data / "exclusions.json").read_text())
    assert not any("folder says" in str(repair) for repair in info["repairs"])
    assert "not-expected" not in json.dumps(info["exclusions"])

    assert main(["table", "--data", str(data), "--out", str(tmp_path / "tables")]) == 0
    summary = (tmp_path / "tables/summary.md").read_text()
    header = next(line for line in summary.splitlines() if line.startswith("| map"))
    assert all(name in header for name in names)
