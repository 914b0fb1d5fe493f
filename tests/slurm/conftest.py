"""A real Slurm (.ci/slurm.sh up FOLDER), and a workplace that uses the product's Slurm profile."""

import os
import shutil
import subprocess

import pytest
import yaml

from tests.support.workplace import ROOT, Workplace


def slurm_answers():
    if shutil.which("sinfo") is None:
        return False
    done = subprocess.run(["sinfo", "-h"], capture_output=True, text=True, timeout=30, check=False)
    return done.returncode == 0 and "main" in done.stdout


@pytest.fixture(scope="session", autouse=True)
def _slurm():
    if not slurm_answers():
        if os.environ.get("CI"):
            pytest.fail("no Slurm controller answers; .ci/test-slurm.sh brings one up")
        pytest.skip("needs a Slurm controller: .ci/slurm.sh up FOLDER")


class Cluster(Workplace):
    """A workplace whose Snakemake submits to Slurm."""

    def profile(self, **changes: object) -> None:
        """Write the product's profile, in a hurry, with changes."""
        profile = yaml.safe_load((ROOT / "profiles/slurm/profile.yaml").read_text())
        profile |= {"slurm-init-seconds-before-status-checks": 3, "latency-wait": 10, **changes}
        folder = self.folder / "profile"
        folder.mkdir(exist_ok=True)
        (folder / "profile.yaml").write_text(yaml.safe_dump(profile))

    def snakemake_arguments(self, *config: str, **changes: object) -> list[str]:
        """The arguments of Python that start Snakemake, with changes of the experiment."""
        return [
            "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"),
            "--workflow-profile", str(self.folder / "profile"),
            "--configfile", str(self.experiment(**changes)),
            *(("--config", *config) if config else ()),
        ]  # fmt: skip  # as typed


@pytest.fixture
def cluster(tmp_path):
    place = Cluster(tmp_path.resolve())
    place.profile()
    yield place
    subprocess.run(["scancel", "--user", str(os.getuid())], check=False)
    place.close()
