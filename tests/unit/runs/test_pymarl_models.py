"""Models that the original PyMARL saved: what is needed of them, what does not fit."""

import re

import pytest
import torch as th

from pymarl.errors import CheckpointError
from pymarl.runs.saved_models import load_policy
from tests.reference.batches import Sizes
from tests.reference.learners import make_learner
from tests.unit.runs.test_saved_models import SIZES, everything, runner

NAMES = {
    "agent": "fc1.weight fc1.bias rnn.weight_ih rnn.weight_hh rnn.bias_ih rnn.bias_hh fc2.weight "
    "fc2.bias",
    "mixer": "hyper_w_1.0.weight hyper_w_1.0.bias hyper_w_1.2.weight hyper_w_1.2.bias "
    "hyper_w_final.0.weight hyper_w_final.0.bias hyper_w_final.2.weight hyper_w_final.2.bias "
    "hyper_b_1.weight hyper_b_1.bias V.0.weight V.0.bias V.2.weight V.2.bias",
}
ONE_LAYER = (
    "hyper_w_1.weight hyper_w_1.bias hyper_w_final.weight hyper_w_final.bias "
    "hyper_b_1.weight hyper_b_1.bias V.0.weight V.0.bias V.2.weight V.2.bias"
)


def pymarl_model(folder, alg, *overrides, sizes=SIZES, files=("agent", "mixer"), legacy=False):
    """Write what PyMARL's ``save_models`` writes, without optimiser; return (folder, learner)."""
    learner = make_learner(alg, sizes, *overrides, seed=11)
    folder.mkdir(parents=True)
    for name in files:
        if name in learner.networks:
            th.save(
                learner.networks[name].state_dict(),
                folder / f"{name}.th",
                _use_new_zipfile_serialization=not legacy,
            )
    return folder, learner


def refused(folder, alg, *overrides, sizes=SIZES):
    """Return why the model is refused: one line, and nothing was loaded."""
    learner, player = make_learner(alg, sizes, *overrides, seed=77), runner()
    before = everything(learner)
    with pytest.raises(CheckpointError) as caught:
        load_policy(folder, player, learner)
    assert everything(learner) == before
    assert player == runner()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600
    return str(caught.value)


def taken(folder, theirs, alg, *overrides):
    """Return what is missing after checking that all that is there was taken over."""
    learner = make_learner(alg, SIZES, *overrides, seed=77)
    missing = load_policy(folder, runner(), learner)
    for path in folder.glob("*.th"):
        if path.stem in learner.networks:
            ours = learner.networks[path.stem].state_dict()
            saved = theirs.networks[path.stem].state_dict()
            assert all(th.equal(ours[key], saved[key]) for key in saved)
    for name, target in learner.target_networks.items():
        assert repr(target.state_dict()) == repr(learner.networks[name].state_dict())
    return missing


def test_our_networks_have_pymarls_names():
    learner = make_learner("qmix", SIZES)
    assert {name: " ".join(part.state_dict()) for name, part in learner.networks.items()} == NAMES
    assert " ".join(make_learner("qmix", SIZES, "hypernet_layers=1").mixer.state_dict()) == (
        ONE_LAYER
    )


@pytest.mark.parametrize("alg", [["qmix"], ["qmix", "hypernet_layers=1"], ["vdn"], ["iql"]])
@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "before torch 1.6"])
def test_networks_alone_are_enough(tmp_path, alg, legacy):
    folder, theirs = pymarl_model(tmp_path / "100", *alg, legacy=legacy)
    (folder / "opt.th").write_text("not read")
    assert taken(folder, theirs, *alg) == []


@pytest.mark.parametrize(
    ("alg", "missing"),
    [
        ("qmix", ["mixer"]),
        ("vdn", []),
        ("iql", []),
        ("qtran", ["mixer"]),
        ("coma", ["critic"]),
        ("qplex", ["mixer"]),
        ("qatten", ["mixer"]),
        ("ow_qmix", ["mixer", "central_agent", "central_mixer"]),
    ],
)
def test_the_agent_alone_is_enough_and_what_lacks_is_told(tmp_path, alg, missing):
    folder, theirs = pymarl_model(tmp_path / "100", alg, files=("agent",))
    assert taken(folder, theirs, alg) == missing


def test_without_the_agent_nothing_is_loaded(tmp_path):
    folder, _ = pymarl_model(tmp_path / "100", "qmix", files=("mixer",))
    assert f"{folder / 'agent.th'}: missing from the saved model" in refused(folder, "qmix")


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "before torch 1.6"])
def test_files_written_on_a_gpu_load_without_one(tmp_path, monkeypatch, legacy):
    with monkeypatch.context() as patch:
        patch.setattr("torch.serialization.location_tag", lambda _: "cuda:0")
        folder, theirs = pymarl_model(tmp_path / "100", "qmix", legacy=legacy)
    assert b"cuda:0" in (folder / "agent.th").read_bytes()
    assert taken(folder, theirs, "qmix") == []


def test_a_file_that_would_run_code_is_refused(tmp_path):
    class Planted:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    folder, _ = pymarl_model(tmp_path / "100", "qmix")
    for name in ("agent", "mixer"):
        kept = (folder / f"{name}.th").read_bytes()
        th.save({"fc1.weight": Planted()}, folder / f"{name}.th")
        assert f"{name}.th: damaged, or not a file of tensors" in refused(folder, "qmix")
        (folder / f"{name}.th").write_bytes(kept)
    assert not (tmp_path / "ran").exists()


OPTIONS = {
    "width": ("rnn_hidden_dim=16",),
    "no number": ("obs_agent_id=false",),
    "no action": ("obs_last_action=false",),
    "neither": ("obs_last_action=false", "obs_agent_id=false"),
    "both": ("rnn_hidden_dim=24", "obs_agent_id=false"),
    "embed": ("mixing_embed_dim=8",),
    "one layer": ("hypernet_layers=1",),
    "hidden layer": ("hypernet_embed=16",),
    "all": ("mixing_embed_dim=8", "hypernet_layers=1"),
}


@pytest.mark.parametrize("trained", OPTIONS.values(), ids=list(OPTIONS))
def test_other_options_are_told_as_they_are_typed(tmp_path, trained):
    folder, theirs = pymarl_model(tmp_path / "100", "qmix", *trained)
    message = refused(folder, "qmix")
    [advice] = re.findall(r"add after 'with': (.*) \(or choose", message)
    assert advice == " ".join(trained)
    assert taken(folder, theirs, "qmix", *advice.split()) == []


def test_the_default_is_told_where_the_command_differs(tmp_path):
    folder, _ = pymarl_model(tmp_path / "100", "qmix")
    message = refused(folder, "qmix", "obs_last_action=false", "rnn_hidden_dim=9")
    assert "'with': rnn_hidden_dim=8 obs_last_action=true (or" in message


def test_both_options_of_one_width_are_told(tmp_path):
    sizes = Sizes(n_agents=4, n_actions=4)
    folder, _ = pymarl_model(tmp_path / "100", "iql", "obs_agent_id=false", sizes=sizes)
    message = refused(folder, "iql", sizes=sizes)
    assert "'with': obs_agent_id=false or obs_last_action=false (or" in message


def test_only_what_has_to_change_is_told(tmp_path):
    sizes = Sizes(n_agents=4, n_actions=4)  # last action and number are of one width
    trained = ("obs_agent_id=false", "rnn_hidden_dim=16")
    folder, _ = pymarl_model(tmp_path / "100", "iql", *trained, sizes=sizes)
    message = refused(folder, "iql", "obs_agent_id=false", sizes=sizes)
    assert "'with': rnn_hidden_dim=16 (or" in message


@pytest.mark.parametrize(
    "sizes", [Sizes(n_actions=5), Sizes(obs=9)], ids=["actions", "observation"]
)
def test_another_map_is_named_with_all_sizes(tmp_path, sizes):
    folder, _ = pymarl_model(tmp_path / "100", "qmix", sizes=sizes)
    message = refused(folder, "qmix", "env_args.map_name=8m")
    width = sizes.obs + sizes.n_actions + sizes.n_agents
    assert f"The saved agent has {sizes.n_actions} actions and reads {width} numbers;" in message
    assert "env_args.map_name=8m has 4 actions, and agents read 7 + 4 (obs_last" in message


def test_a_mixer_of_other_states_is_told(tmp_path):
    for sizes in (Sizes(state=29), Sizes(n_agents=4, state=30)):
        folder, _ = pymarl_model(tmp_path / str(sizes.state), "qmix", sizes=sizes)
        _, theirs = pymarl_model(tmp_path / f"agent{sizes.state}", "qmix")
        th.save(theirs.mac.agent.state_dict(), folder / "agent.th")
        message = refused(folder, "qmix")
        assert f"joins {sizes.n_agents} agents by states of {sizes.state} numbers" in message
        assert "env_args.map_name=3m has 3 agents and states of 5" in message


@pytest.mark.parametrize(
    ("trained", "advice"),
    [(8, "env_args.state_last_action=false"), (21, "env_args.state_timestep_number=true")],
)
def test_other_parts_of_the_state_are_told(tmp_path, trained, advice):
    # 20 numbers with the last actions of 3 agents, 4 actions each.
    folder, _ = pymarl_model(tmp_path / "100", "qmix", sizes=Sizes(state=trained))
    assert f"'with': {advice} (or" in refused(folder, "qmix", sizes=Sizes(state=20))


@pytest.mark.parametrize("saved", ["vdn", "qmix", "qtran", "qplex", "qatten"])
@pytest.mark.parametrize("used", ["vdn", "qmix", "qtran", "qplex", "qatten"])
def test_the_mixer_of_another_algorithm_is_named(tmp_path, saved, used):
    folder, theirs = pymarl_model(tmp_path / "100", saved)
    if saved == used:
        assert taken(folder, theirs, used) == []
    else:
        assert f"use --config={saved}, or another" in refused(folder, used)


def test_a_network_of_other_names_is_refused(tmp_path):
    folder, theirs = pymarl_model(tmp_path / "100", "qmix")
    state = {f"net.{key}": value for key, value in theirs.mac.agent.state_dict().items()}
    th.save(state, folder / "agent.th")
    assert "agent.th: lacks fc1.bias; nothing was loaded. Choose a checkpoint_path=" in refused(
        folder, "qmix"
    )


def test_the_step_is_the_folders_name_where_that_is_a_number(tmp_path):
    player = runner()
    folder, _ = pymarl_model(tmp_path / "best", "vdn")
    load_policy(folder, player, make_learner("vdn", SIZES))
    assert player.t_env == 0
    load_policy(folder.rename(tmp_path / "2007"), player, make_learner("vdn", SIZES))
    assert player.t_env == 2007
