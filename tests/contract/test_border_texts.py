"""Names and sentences that workflow, pymarl and analysis each hold, because files divide them."""

import pytest

from analysis.dataset.labels import MAX_LABEL, clean_label, name_of_folder
from pymarl import main
from pymarl.config import run_names
from pymarl.kernels import warmup
from workflow.experiment.variants import MAX_NAME, Variant, folder_name
from workflow.reproduce import activity, retries

VARIANTS = {
    "qmix": "qmix",
    "qmix[td_lambda=0.4]": "qmix+td_lambda=0.4",
    "qmix[lr=1e-05,td_lambda=0]": "qmix+lr=1e-05+td_lambda=0",
    "my_alg.v2[env_args.map_file=maps/a b.yaml]": "my_alg.v2+env_args.map_file=maps~2Fa~20b.yaml",
    "qmix[label=Größe~1+2]": "qmix+label=Gr~C3~B6~C3~9Fe~7E1~2B2",
    "vdn[mixer=null,obs_agent_id=false]": "vdn+mixer=null+obs_agent_id=false",
    "qmix[x=-1.5]": "qmix+x=-1.5",
}


@pytest.mark.parametrize(("name", "folder"), VARIANTS.items())
def test_a_variants_folder_is_the_same_on_both_sides_and_has_its_name_back(name, folder):
    assert folder_name(name) == folder
    assert run_names.folder_name(name) == folder
    assert name_of_folder(folder) == name
    assert clean_label(name) == name


@pytest.mark.parametrize("folder", ["my+alg", "a+b=1+c", "seed=1", "+", ""])
def test_other_folders_keep_their_names(folder):
    assert name_of_folder(folder) == folder


def test_different_variants_have_different_folders():
    settings = [("a", "b+c=d"), ("a", "b"), ("a", "b~2B"), ("a", "b/c"), ("a", "b c")]
    folders = {Variant((pair,)).folder("qmix") for pair in settings}
    assert len(folders) == len(settings)


def test_the_analysis_keeps_the_longest_name_of_a_variant_whole():
    assert MAX_NAME <= MAX_LABEL


def test_what_the_pipeline_reads_in_a_log_is_what_the_trainer_writes(capsys, monkeypatch):
    assert retries.NO_RETRY == main.NO_RETRY
    # The two sentences about compiling.
    monkeypatch.setattr(
        warmup.subprocess, "run", lambda *_, **__: type("Done", (), {"returncode": 0})
    )
    warmup._train()
    assert activity.COMPILING[0] in capsys.readouterr().err
    monkeypatch.setattr("pymarl.kernels.cache.once", lambda marker, work, waiting: waiting())
    warmup.warm_up()
    assert activity.COMPILING[1] in capsys.readouterr().err


@pytest.mark.parametrize(("job", "said"), [("", False), ("1", True)])
def test_the_trainer_tells_the_pipeline_that_a_configuration_stays_wrong(
    job, said, capsys, monkeypatch
):
    monkeypatch.setenv(main.PIPELINE_JOB, job)
    arguments = ["--config=qmix", "--env-config=sim", "with", "env_args.map_name=3m", "lr=-1"]
    assert main.main(arguments) == main.EXIT_USAGE
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("pymarl: lr=-1")
    assert (lines[-1] == f"pymarl: {main.NO_RETRY}") is said
