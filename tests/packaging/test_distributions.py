"""Wheel and source distribution: built, installed into an empty environment, used elsewhere."""

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from tests.support.workplace import ROOT

BUILD = [sys.executable, "-m", "hatchling", "build"]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """(wheel, sdist) of this checkout."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run([*BUILD, "-d", str(out)], cwd=ROOT, check=True, capture_output=True)
    (wheel,), (sdist,) = out.glob("*.whl"), out.glob("*.tar.gz")
    return wheel, sdist


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """The programs' folder of an environment with the wheel, and this one's other packages.

    A path file lends the packages; this checkout's own (editable) installation is not among them.
    """
    folder = tmp_path_factory.mktemp("env")
    venv.create(folder, with_pip=False)
    site = folder / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    lent = [path for path in sys.path if path.endswith("site-packages")]
    (site / "lent.pth").write_text("".join(f"{path}\n" for path in lent))
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin/python"), "install"]
    options = ["--no-deps", "--no-index", "--ignore-installed", "--disable-pip-version-check"]
    subprocess.run([*pip, *options, str(built[0])], check=True, capture_output=True)
    return folder / "bin"


def call(program, *arguments, folder):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYMARL"))}
    return subprocess.run(
        [program, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_the_wheel_has_code_configurations_and_commands(built):
    held = names(built[0])
    code = {
        str(path.relative_to(ROOT))
        for package in ("pymarl", "analysis")
        for path in (ROOT / package).rglob("*.py")
    }
    assert code <= held
    configs = {
        f"pymarl/_configs/{path.relative_to(ROOT / 'configs')}"
        for path in (ROOT / "configs").rglob("*.yaml")
    }
    assert len(configs) > 50
    assert configs <= held
    assert "analysis/web/assets/page.js" in held or any("analysis/web/assets/" in n for n in held)
    assert not any(name.startswith(("tests/", "results/", "docs/")) for name in held)


def test_the_source_distribution_builds_the_same_wheel(built, tmp_path):
    with tarfile.open(built[1]) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    for name in ("Snakefile", "workflow/rules/train.smk", "docker/Dockerfile", "CITATION.cff"):
        assert (source / name).is_file(), name
    command = [*BUILD, "-t", "wheel", "-d", str(tmp_path / "again")]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (again,) = (tmp_path / "again").glob("*.whl")
    assert names(again) == names(built[0])


def test_the_commands_work_outside_the_checkout(installed, tmp_path):
    settings = ["with", "env_args.map_name=two_step", "t_max=60", "use_cuda=false", "seed=1"]
    done = call(
        installed / "pymarl", "--config=vdn", "--env-config=matrix", *settings, folder=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
    folder = tmp_path / "results/runs/manual/matrix/two_step/vdn/seed=1"
    assert (folder / "complete.json").is_file()
    done = call(installed / "pymarl-analysis", "--help", folder=tmp_path)
    assert done.returncode == 0
    assert "collect" in done.stdout
    # The maps and the published references are package data, too.
    done = call(
        installed / "pymarl", "check", "--config=qmix", "--env-config=sim", "with",
        "env_args.map_name=3m", folder=tmp_path,
    )  # fmt: skip  # as typed
    assert done.returncode == 0, done.stderr
    program = "import pymarl, analysis; print(pymarl.__file__, analysis.__file__)"
    done = call(installed / "python", "-c", program, folder=tmp_path)
    assert all(Path(path).is_relative_to(installed.parent) for path in done.stdout.split())
