"""The archive of an experiment: complete, checkable, the same bytes for the same files."""

import gzip
import io
import json
import lzma
import tarfile

import pytest

from workflow.__main__ import main
from workflow.bundle import archive
from workflow.bundle.archive import read_bundle
from workflow.bundle.contents import write_bundle
from workflow.bundle.verification import verify_bundle
from workflow.errors import PipelineError
from workflow.experiment.experiment_file import read_experiment


@pytest.fixture
def finished(workplace, monkeypatch):
    workplace.use_fake_trainer()
    path = workplace.experiment()
    assert workplace.reproduce(path)[0] == 0
    monkeypatch.chdir(workplace.folder)
    return read_experiment(str(path))


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
        "experiment.json", "README.md", "ro-crate-metadata.json", "code/Snakefile",
        "code/requirements.lock", "code/configs/default.yaml",
        "data/tidy.parquet", "figures/win_rate.svg", "tables/summary.csv", "report/index.html",
        "runs/sim/3m/qmix/seed=1/complete.json",
    ):  # fmt: skip  # a list of names
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
        "missing: tables/summary.md",
        "not in the manifest: tables/other.md",
    )
    assert main(["bundle", "verify", str(bad)]) == 1
    assert "2 problems" in capsys.readouterr().out


def entry(name, kind=tarfile.REGTYPE, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def archive_of(path, entries, manifest=None):
    """Write a tar file of empty entries; with ``manifest`` it is the first one."""
    with tarfile.open(path, "w") as archive:
        if manifest is not None:
            data = json.dumps(manifest).encode()
            info = entry("x/manifest.json")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in entries:
            archive.addfile(info, io.BytesIO())
    return path


EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    "entries",
    [
        [entry("x/../../etc/passwd")],
        [entry("/etc/passwd")],
        [entry("alone")],
        [entry("x/link", tarfile.SYMTYPE, "/etc/passwd")],
        [entry("x/link", tarfile.LNKTYPE, "x/a")],
        [entry("x/pipe", tarfile.FIFOTYPE)],
        [entry("x/null", tarfile.CHRTYPE)],
        [entry("x/twice"), entry("x/twice")],
        [entry("x/twice"), entry("x/./twice")],
        [entry("x/a"), entry("y/b")],
    ],
)
def test_an_archive_with_an_entry_that_no_bundle_has_is_refused(tmp_path, entries):
    manifest = {"format": 1, "files": {}}
    path = archive_of(tmp_path / "evil.tar", entries, manifest)
    with pytest.raises(PipelineError, match="a bundle holds only regular files"):
        verify_bundle(path)


def test_the_refused_archive_without_that_entry_is_read(tmp_path):
    manifest = {"format": 1, "files": {"a": EMPTY_SHA256}}
    path = archive_of(tmp_path / "good.tar", [entry("x/a")], manifest)
    assert verify_bundle(path).problems == ()


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (None, "not a readable bundle"),
        ([], "not a readable bundle"),
        ({"format": 1}, "not a readable bundle"),
        ({"format": 2, "files": {}}, "format 2, expected 1"),
        ({"format": 1, "files": ["a"]}, "no table of names and checksums"),
        ({"format": 1, "files": {"a": 1}}, "no table of names and checksums"),
    ],
)
def test_a_foreign_manifest_is_one_line(tmp_path, capsys, manifest, said):
    path = archive_of(tmp_path / "x.tar", [entry("x/a")], manifest)
    assert main(["bundle", "verify", str(path)]) == 2
    assert said in capsys.readouterr().err


def test_names_that_cannot_be_unpacked_are_named(tmp_path, capsys):
    names = ("data/a", "data/a/b")
    manifest = {"format": 1, "files": dict.fromkeys(names, EMPTY_SHA256)}
    path = archive_of(tmp_path / "x.tar", [entry(f"x/{name}") for name in names], manifest)
    assert main(["bundle", "verify", "--redraw", str(path)]) == 1
    assert "cannot be unpacked" in capsys.readouterr().out


def test_an_archive_that_would_fill_the_memory_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_UNPACKED_BYTES", 100)
    path = archive_of(tmp_path / "x.tar", [], {"format": 1, "files": {"a" * 100: EMPTY_SHA256}})
    with pytest.raises(PipelineError, match="unpacks to more than"):
        verify_bundle(path)


@pytest.mark.parametrize("mode", ["xz", "gz"])
def test_a_cut_off_archive_is_one_line(tmp_path, capsys, mode):
    manifest = {"format": 1, "files": {f"{n}": EMPTY_SHA256 for n in range(500)}}
    whole = archive_of(tmp_path / "x.tar", [entry(f"x/{n}") for n in range(500)], manifest)
    pack = {"xz": lzma.compress, "gz": gzip.compress}[mode](whole.read_bytes())
    path = tmp_path / "cut"
    path.write_bytes(pack)
    assert main(["bundle", "verify", str(path)]) == 0
    for size in (10, len(pack) // 3, len(pack) // 2):
        path.write_bytes(pack[:size])
        assert main(["bundle", "verify", str(path)]) == 2
        assert "not a readable bundle" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"not an archive"])
def test_something_else_is_no_bundle(tmp_path, content, capsys):
    path = tmp_path / "x"
    path.write_bytes(content)
    assert main(["bundle", "verify", str(path)]) == 2
    assert "not a readable bundle" in capsys.readouterr().err


def test_nothing_to_pack_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["bundle", "write", "--experiment", "demo"]) == 2
    assert "make reproduce EXP=demo first" in capsys.readouterr().err
