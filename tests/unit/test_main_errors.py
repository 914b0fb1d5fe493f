"""Errors of the machine end in one line, too."""

from pymarl.main import EXIT_FAILED, main


def test_a_full_disk_is_one_line_and_exit_1(capsys, tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path / "run.json"))

    monkeypatch.setattr("pymarl.utils.atomic.write_bytes", full)
    words = ["env_args.map_name=two_step", "t_max=10", "use_cuda=false", f"run_dir={tmp_path}/run"]
    code = main(["--config=iql", "--env-config=matrix", "with", *words])
    err = capsys.readouterr().err
    assert code == EXIT_FAILED
    assert "No space left on device" in err
    assert "run.json" in err
    assert "Traceback" not in err
    assert not (tmp_path / "run" / "complete.json").exists()
