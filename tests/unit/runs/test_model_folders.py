"""Which folder a ``checkpoint_path`` means: a model, a training's models, or one above them."""

import pytest

from pymarl.errors import CheckpointError
from pymarl.runs.saved_models import find_saved_model
from tests.unit.runs.test_saved_models import models


@pytest.mark.parametrize("load_step", [0, 500])
def test_one_folder_with_the_files_is_a_model(tmp_path, load_step):
    model = models(tmp_path, "named") / "named"
    assert find_saved_model(model, load_step) == model


def test_the_one_training_in_a_folder_is_found(tmp_path):
    models(tmp_path / "models" / "qmix__2024", "20", "100")
    for folder in (tmp_path / "models", tmp_path / "models" / "qmix__2024"):
        assert find_saved_model(folder, 0) == tmp_path / "models" / "qmix__2024" / "100"
        assert find_saved_model(folder, 21) == tmp_path / "models" / "qmix__2024" / "20"


def test_several_trainings_in_a_folder_are_listed(tmp_path):
    for name in ("a", "b"):
        models(tmp_path / name, "20")
    with pytest.raises(CheckpointError) as caught:
        find_saved_model(tmp_path, 0)
    assert f"2 trainings: a, b; choose one: checkpoint_path={tmp_path / 'a'}" in str(caught.value)


def test_a_path_that_is_nearly_right_is_told(tmp_path):
    models(tmp_path / "models", "qmix__2024")
    model = tmp_path / "models" / "qmix__2024"
    nearly = {
        tmp_path / "models" / "qmix_2024": model,
        tmp_path / "model" / "qmix__2024": tmp_path / "models",
        model / "agent.th": model,
        tmp_path / "models": model,  # no step in the name, and perhaps others beside it
    }
    for wrong, right in nearly.items():
        with pytest.raises(CheckpointError) as caught:
            find_saved_model(wrong, 0)
        assert str(caught.value).endswith(f"; did you mean '{right}'?")
    with pytest.raises(CheckpointError, match=r"no such folder.*inside$"):
        find_saved_model(tmp_path / "something" / "else", 0)
