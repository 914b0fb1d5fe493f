"""The archive of an experiment: complete, checkable, the same bytes for the same files."""

import io
import tarfile

import pytest

from workflow.lib.bundle import read_bundle, verify_bundle, write_bundle
from workflow.lib.bundle_cli import main
from workflow.lib.errors import PipelineError
from workflow.lib.experiment import from_file


@pytest.fixture
def finished(workplace, monkeypatch):
    workplace.stand_in()
    path = workplace.experiment()
    assert workplace.reproduce(path)[0] == 0
    monkeypatch.chdir(workplace.folder)
    return from_file(str(path))


def rewrite(source, target, change):
    """Copy an archive, passing every file through ``change``; None leaves it out."""
    with tarfile.open(source) as old, tarfile.open(target, "w:xz") as new:
        for member in old:
            changed = change(member.name, old.extractfile(member).read())
            if changed is not None:
                name, data = changed
                info = tarfile.TarInfo(name)
                info.size = len(data)
                new.addfile(info, io.BytesIO(data))


@pytest.mark.pipeline
def test_a_bundle_holds_what_a_figure_rests_on_and_is_sound(finished, tmp_path, capsys):
    out = tmp_path / "x.tar.xz"
    write_bundle(finished, out)
    manifest, files = read_bundle(out)
    for name in (
        "experiment.json", "code/requirements.lock", "code/configs/default.yaml",
        "data/tidy.parquet", "figures/win_rate.svg", "tables/summary.csv", "report/index.html",
        "runs/sim/3m/qmix/seed=1/complete.json",
    ):  # fmt: skip
        assert name in files
        assert name in manifest["files"]
    assert verify_bundle(out).problems == ()
    again = tmp_path / "y.tar.xz"
    write_bundle(finished, again)
    assert again.read_bytes() == out.read_bytes()

    # A checker must be seen to fail: a changed, a missing and an added file.
    def tamper(name, data):
        if name.endswith("tidy.parquet"):
            return name, data + b"x"
        return None if name.endswith("summary.md") else (name, data)

    bad = tmp_path / "bad.tar.xz"
    rewrite(out, bad, tamper)
    assert verify_bundle(bad).problems == (
        "missing: tables/summary.md",
        "changed: data/tidy.parquet",
    )
    rewrite(out, bad, lambda name, data: (name.replace("summary.md", "other.md"), data))
    assert verify_bundle(bad).problems == (
        "missing: tables/summary.md", "not in the manifest: tables/other.md",
    )  # fmt: skip
    assert main(["verify", str(bad)]) == 1
    assert "2 problems" in capsys.readouterr().out


def test_an_archive_that_would_write_elsewhere_is_refused(tmp_path):
    path = tmp_path / "evil.tar"
    with tarfile.open(path, "w") as archive:
        archive.addfile(tarfile.TarInfo("x/../../etc/passwd"), io.BytesIO())
    with pytest.raises(PipelineError, match="odd entry"):
        verify_bundle(path)


@pytest.mark.parametrize("content", [b"", b"not an archive"])
def test_something_else_is_no_bundle(tmp_path, content, capsys):
    path = tmp_path / "x"
    path.write_bytes(content)
    assert main(["verify", str(path)]) == 2
    assert "not a readable bundle" in capsys.readouterr().err


def test_nothing_to_pack_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["write", "--experiment", "demo"]) == 2
    assert "make reproduce EXP=demo first" in capsys.readouterr().err
