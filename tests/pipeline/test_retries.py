"""Retries: what another attempt can heal is tried again, what it cannot is not."""

from collections import Counter

import pytest

from workflow.reproduce.retries import NO_RETRY, is_hopeless, last_line


@pytest.mark.pipeline
def test_a_refused_configuration_is_started_once_and_another_failure_as_often_as_asked(workplace):
    workplace.use_fake_trainer(fail="vdn/1")
    workplace.env["FAKE_TRAINER_REFUSE"] = "qmix/1"
    path = workplace.experiment()
    code, out = workplace.snakemake("--retries", "3", "--configfile", str(path))
    assert code == 1
    starts = Counter(workplace.trained())
    assert starts == {"qmix/1": 1, "qmix/2": 1, "vdn/1": 4, "vdn/2": 1}
    # The report has the reason, not the word about retries.
    assert "FAILED run 3m qmix seed=1: pymarl: lr='abc': input should be a valid number" in out
    assert "Traceback" not in out

    # The next call is a new one: it tries again what was corrected.
    workplace.use_fake_trainer()
    del workplace.env["FAKE_TRAINER_REFUSE"]
    code, out = workplace.snakemake("--retries", "3", "--configfile", str(path))
    assert code == 0, out
    assert workplace.trained() == ["qmix/1", "vdn/1"]


def test_only_the_newest_attempt_counts(tmp_path):
    log = tmp_path / "seed=1.log"
    log.write_text(f"pymarl: wrong\npymarl: {NO_RETRY}\n\n")
    assert is_hopeless([tmp_path / "none.log", log])
    log.write_text(f"{log.read_text()}Killed\n")
    assert not is_hopeless([log])
    log.write_text("")
    assert not is_hopeless([log])
    assert not is_hopeless([])


def test_the_last_line_of_a_long_log_is_found(tmp_path):
    log = tmp_path / "x.log"
    log.write_bytes("Grüße\n".encode() * 10000 + b"end\n\n")
    assert last_line(log) == "end"
    assert last_line(tmp_path / "none") == ""
