"""What the packages may not import from each other, and so have twice: it must stay equal.

``pymarl``, ``analysis`` and ``workflow`` meet in files only. Only tests import all of them.
"""

import os
import stat

import pytest

from analysis.dataset import files
from analysis.dataset.labels import OWN_BACKEND_LABELS, backend_label
from analysis.errors import did_you_mean as analysis_did_you_mean
from pymarl.envs.standin import launch
from pymarl.envs.starcraft2.client.server_identity import GAME_LABEL, STANDIN_LABEL
from pymarl.registries import ENVS
from pymarl.utils import atomic, threads
from pymarl.utils.suggest import did_you_mean as pymarl_did_you_mean
from workflow.errors import did_you_mean as workflow_did_you_mean


def test_backends_have_the_same_words_in_provenance_and_in_figures():
    # upstream's environment (env=smac) has no label: its games are those of sc2 or standin
    labels = {name: entry.label for name, entry in ENVS.entries.items() if entry.label}
    assert labels | {"standin": STANDIN_LABEL} == OWN_BACKEND_LABELS
    assert [backend_label("sc2"), backend_label("standin")] == [GAME_LABEL, STANDIN_LABEL]


def test_the_stand_in_limits_the_threads_that_trainings_do():
    # Its launcher sets them before it imports anything of the package.
    assert (*threads.VARIABLES, "NUMBA_NUM_THREADS") == launch._THREADS


@pytest.mark.parametrize(
    ("name", "suggested"),
    [
        ("qmixx", "; did you mean 'qmix'?"),
        ("QMIX", "; did you mean 'qmix'?"),
        ("3s5", "; did you mean '3s5z'?"),
        ("mmm2", "; did you mean 'MMM2'?"),
        ("iq", "; did you mean 'iql'?"),
        ("something else", ""),
        ("", ""),
    ],
)
def test_the_nearest_name_is_suggested_in_the_same_way(name, suggested):
    known = ["qmix", "vdn", "iql", "3s5z", "MMM2"]
    for function in (pymarl_did_you_mean, analysis_did_you_mean, workflow_did_you_mean):
        assert function(name, known) == suggested


@pytest.fixture(params=[files.write_text, atomic.write_text], ids=["analysis", "pymarl"])
def write_text(request):
    return request.param


def test_written_files_have_the_usual_mode(write_text, tmp_path):
    (tmp_path / "usual").write_text("text")
    write_text(tmp_path / "file", "text")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("usual", "file")]
    assert modes[0] == modes[1]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(write_text, tmp_path, monkeypatch):
    write_text(tmp_path / "file", "old")

    def fail(descriptor):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="no space left"):
        write_text(tmp_path / "file", "new")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "old"
