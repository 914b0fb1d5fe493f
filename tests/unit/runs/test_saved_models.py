"""Saved models: which one is chosen, and foreign or damaged ones are named and not half-loaded."""

import json
import re
from types import SimpleNamespace

import pytest
import torch as th

from pymarl.errors import CheckpointError
from pymarl.runs.saved_models import find_saved_model, load_model, save_model
from tests.reference.batches import Sizes, random_batch
from tests.reference.learners import make_learner

SIZES = Sizes()


def models(folder, *names):
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "agent.th").touch()
    return folder


NEAREST = {
    0: "1000",
    1: "20",
    20: "20",
    59: "20",
    61: "100",
    549: "100",
    551: "1000",
    10**9: "1000",
}
AS_NEAR_TO_BOTH = {60: "20", 550: "100"}  # the earlier one


@pytest.mark.parametrize(("load_step", "chosen"), (NEAREST | AS_NEAR_TO_BOTH).items())
def test_load_step_chooses_the_nearest_model_and_0_the_newest(tmp_path, load_step, chosen):
    models(tmp_path, "1000", "20", "100", "notes", "²")
    (tmp_path / "5000").mkdir()  # without agent.th: a save that was cut short
    assert find_saved_model(tmp_path, load_step) == tmp_path / chosen


def test_a_folder_without_models_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"checkpoint_path=.*none: no such folder"):
        find_saved_model(tmp_path / "none", 20)
    models(tmp_path, "latest")
    with pytest.raises(CheckpointError, match=r"checkpoint_path=.*: no saved model inside"):
        find_saved_model(tmp_path, 20)


def runner(t_env=0):
    return SimpleNamespace(t_env=t_env, train_episodes=0, test_episodes=0)


def everything(learner):
    """Return all that loading can change, as text."""
    return repr((learner.state(), learner.counters()))


def saved(folder, alg="qmix", *overrides, sizes=SIZES):
    learner = make_learner(alg, sizes, *overrides)
    learner.train(random_batch([3, 5], sizes, seed=1), t_env=100, episode_num=2)
    save_model(folder, runner(100), learner, episode=7)
    return folder / "models" / "100"


def refused(model, alg="qmix"):
    """Return why ``model`` is refused, in one line, after checking that nothing was loaded."""
    learner, player = make_learner(alg, SIZES, seed=77), runner()
    before = everything(learner)
    with pytest.raises(CheckpointError) as caught:
        load_model(model, player, learner)
    assert everything(learner) == before
    assert player == runner()
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 500
    assert "checkpoint_path" in message
    return message


def test_a_saved_model_brings_its_counters(tmp_path):
    learner, player = make_learner("qmix", SIZES, seed=77), runner()
    assert load_model(saved(tmp_path), player, learner) == 7
    assert (player.t_env, learner.updates) == (100, 1)


@pytest.mark.parametrize("file", ["agent.th", "mixer.th", "opt.th", "target.th"])
@pytest.mark.parametrize("damage", ["cut", "empty", "text", "list", "gone"])
def test_a_damaged_file_is_named(tmp_path, file, damage):
    model = saved(tmp_path)
    path = model / file
    blob = path.read_bytes()
    if damage == "list":
        th.save([1, 2], path)
    elif damage == "gone":
        path.unlink()
        if file == "target.th":  # PyMARL's own folders have none
            path.mkdir()
    else:
        path.write_bytes({"cut": blob[: len(blob) // 2], "empty": b"", "text": b"hello\n"}[damage])
    assert str(path) in refused(model)


@pytest.mark.parametrize("file", ["agent.th", "mixer.th", "target.th", "opt.th"])
def test_the_file_of_another_map_is_named_with_both_shapes(tmp_path, file):
    sizes = Sizes(n_agents=SIZES.n_agents + 1, state=SIZES.state + 2, obs=SIZES.obs + 1)
    model, other = saved(tmp_path), saved(tmp_path / "other", sizes=sizes)
    (model / file).write_bytes((other / file).read_bytes())
    message = refused(model)
    assert str(model / file) in message
    assert re.search(r"has shape \[\d+.*\], expected \[\d+.*\]", message)


def test_a_model_of_another_algorithm_or_optimizer_is_refused(tmp_path):
    assert "mixer.th: missing" in refused(saved(tmp_path / "a", "iql"))
    assert "lacks alpha" in refused(saved(tmp_path / "b", "qmix", "optimizer=adam"))
    model = saved(tmp_path / "c")
    (model / "agent.th").write_bytes((model / "mixer.th").read_bytes())
    assert "agent.th" in refused(model)


@pytest.mark.parametrize("alg", ["coma", "qtran", "vdn"])
def test_every_file_of_every_algorithm_is_checked_before_any_is_used(tmp_path, alg):
    model = saved(tmp_path, alg)
    for path in sorted(model.glob("*.th")):
        blob = path.read_bytes()
        path.write_bytes(blob[:-30])
        assert str(path) in refused(model, alg)
        path.write_bytes(blob)


@pytest.mark.parametrize(
    ("optimizer", "kept"),
    [
        ("rmsprop", "lr momentum alpha eps centered weight_decay params"),
        ("adam", "lr betas eps weight_decay amsgrad params"),
    ],
)
def test_the_optimiser_of_an_old_torch_is_taken(tmp_path, optimizer, kept):
    model = saved(tmp_path, "qmix", f"optimizer={optimizer}")
    state = th.load(model / "opt.th")
    state["param_groups"] = [
        {key: group[key] for key in kept.split()} for group in state["param_groups"]
    ]
    for entry in state["state"].values():
        entry["step"] = int(entry["step"])
    th.save(state, model / "opt.th", _use_new_zipfile_serialization=False)
    for name in ("target.th", "counters.json"):
        (model / name).unlink()
    learner, player = make_learner("qmix", SIZES, f"optimizer={optimizer}"), runner()
    assert load_model(model, player, learner) == 0
    assert player.t_env == 100
    learner.train(random_batch([3, 5], SIZES, seed=2), t_env=200, episode_num=4)


@pytest.mark.parametrize("change", [{"updates": None}, {"episode": "x"}, {"episode": float("inf")}])
def test_damaged_counters_are_named(tmp_path, change):
    path = saved(tmp_path) / "counters.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert f"{path}: not the counters of a saved model" in refused(path.parent)
