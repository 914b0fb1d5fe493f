"""The pipeline for an ordinary user, with a source tree that he cannot write to."""

import pytest

from tests.support.users import NOBODY, unprivileged_workplace
from workflow.__main__ import main

pytestmark = pytest.mark.pipeline


def test_an_ordinary_user_with_a_read_only_source_has_all_in_his_own_folder():
    with unprivileged_workplace() as place:
        before = {path: path.stat().st_mtime_ns for path in place.root.rglob("*")}
        # Nothing is compiled for a matrix game: compiled kernels go to the user's own cache.
        file = place.experiment(
            env="matrix",
            maps=["two_step"],
            algs=["vdn"],
            seeds=[1],
            t_max=200,
            **{"with": {"test_interval": 100}},
        )
        code, out = place.snakemake("--configfile", str(file))
        assert code == 0, out
        (sentinel,) = place.complete()
        assert sentinel.stat().st_uid == NOBODY
        assert (place.folder / "results/report/tiny/index.html").is_file()
        assert {path: path.stat().st_mtime_ns for path in place.root.rglob("*")} == before


def test_the_source_of_that_test_is_read_only_indeed():
    with unprivileged_workplace() as place:
        code, out = place.call("-c", f"open({str(place.root / 'x')!r}, 'w')")
        assert code == 1
        assert "Permission denied" in out


def test_the_cost_of_a_plan_is_measured(capsys):
    assert main(["bench-plan", "--runs", "5", "--experiment", "smoke"]) == 0
    assert capsys.readouterr().out.startswith("6 runs planned: ")
