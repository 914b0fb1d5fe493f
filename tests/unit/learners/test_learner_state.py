"""Every learner: its state and its saved models hold all it needs; bad numbers stop it."""

import io

import pytest
import torch as th

from pymarl.backends.packed_backend import PackedBackend
from pymarl.backends.reference_backend import ReferenceBackend
from pymarl.errors import NonFiniteError
from tests.reference.batches import Sizes, random_batch
from tests.reference.learners import make_learner, replay_algorithms

SIZES = Sizes()
ALGS = [*replay_algorithms(), "coma"]


def trained(alg, updates):
    learner = make_learner(alg, SIZES, "target_update_interval=6")
    for number in range(updates):
        batch = random_batch([3, 5], SIZES, seed=number)
        learner.train(batch, t_env=100 * number, episode_num=2 * number)
    return learner


def everything(learner):
    parts = (*learner.networks.values(), *learner.target_networks.values())
    tensors = [value for part in parts for value in part.state_dict().values()]
    for optimiser in learner.optimisers.values():
        for entry in optimiser.state_dict()["state"].values():
            tensors += [th.as_tensor(value) for value in entry.values()]
    return [tensor.clone() for tensor in tensors]


def goes_on(learner):
    learner.train(random_batch([4, 2], SIZES, seed=9), t_env=900, episode_num=18)
    return everything(learner), learner.counters()


@pytest.mark.parametrize("alg", ALGS)
def test_a_restored_learner_goes_on_to_the_same_bits(alg):
    learner, stream = trained(alg, 4), io.BytesIO()
    th.save(learner.state(), stream)
    stream.seek(0)
    fresh = make_learner(alg, SIZES, "target_update_interval=6", seed=77)
    fresh.load_state(th.load(stream, weights_only=True))
    (mine, counts), (theirs, other_counts) = goes_on(fresh), goes_on(learner)
    assert counts == other_counts
    assert fresh.log_clock.last == learner.log_clock.last
    assert len(mine) == len(theirs) > 10
    assert all(th.equal(a, b) for a, b in zip(mine, theirs, strict=True))


@pytest.mark.parametrize("alg", ALGS)
def test_a_saved_model_goes_on_to_the_same_bits(alg, tmp_path):
    learner = trained(alg, 4)
    learner.save_models(tmp_path)
    fresh = make_learner(alg, SIZES, "target_update_interval=6", seed=77)
    fresh.load_models(tmp_path)
    fresh.load_counters(learner.counters())
    (mine, _), (theirs, _) = goes_on(fresh), goes_on(learner)
    assert all(th.equal(a, b) for a, b in zip(mine, theirs, strict=True))


@pytest.mark.parametrize("alg", ["qmix", "qtran", "coma", "qplex", "ow_qmix"])
def test_without_saved_targets_they_are_copies(alg, tmp_path):
    learner = make_learner(alg, SIZES)
    learner.save_models(tmp_path)
    (tmp_path / "target.th").unlink()  # as in PyMARL's own folders
    fresh = make_learner(alg, SIZES, seed=77)
    fresh.load_models(tmp_path)
    for name, target in fresh.target_networks.items():
        for key, value in target.state_dict().items():
            assert th.equal(value, learner.networks[name].state_dict()[key])


@pytest.mark.parametrize("alg", ALGS)
def test_bad_numbers_stop_the_run_before_the_step(alg):
    learner = trained(alg, 1)
    before = [parameter.clone() for parameter in learner.mac.parameters()]
    batch = random_batch([3, 5], SIZES, seed=4)
    batch["reward"][1, 2] = float("nan")
    with pytest.raises(NonFiniteError, match=r"loss=nan at t_env=7, update 2, seed=1"):
        learner.train(batch, t_env=7, episode_num=0)
    assert all(th.equal(a, b) for a, b in zip(before, learner.mac.parameters(), strict=True))


@pytest.mark.parametrize("alg", ALGS)
def test_a_nan_of_an_action_that_nobody_took_stops_the_run_too(alg):
    """No mask, maximum or ReLU of any form makes diverged networks look healthy."""
    learner = make_learner(alg, SIZES)
    with th.no_grad():
        for network in learner.networks.values():
            for parameter in network.parameters():
                parameter.mul_(float("nan"))
    with pytest.raises(NonFiniteError):
        learner.train(random_batch([3, 5], SIZES, seed=4), t_env=7, episode_num=0)


@pytest.mark.parametrize("alg", replay_algorithms())
def test_every_parameter_is_trained_and_every_target_network_follows(alg):
    """A network that was left out of the optimiser, or of the copies, would go unnoticed."""
    fresh = make_learner(alg, SIZES, "target_update_interval=6")
    learner = trained(alg, 4)  # which copies after its last step
    for name, network in learner.networks.items():
        before = fresh.networks[name].state_dict()
        for key, value in network.state_dict().items():
            assert not th.equal(before[key], value), f"{name}.{key}"
    for name, target in learner.target_networks.items():
        for key, value in target.state_dict().items():
            assert th.equal(value, learner.networks[name].state_dict()[key]), f"{name}.{key}"


def test_the_packed_form_is_kept_for_the_fine_tuned_learners():
    assert isinstance(make_learner("qmix_ft", SIZES).mac.backend, PackedBackend)
    slow = make_learner("qmix_ft", SIZES, "fast=false").mac.backend
    assert type(slow) is ReferenceBackend
