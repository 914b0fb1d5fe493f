"""Policies of the real game, where they are at hand: an evaluation here is ``transfer.py``'s.

The weights are no part of the project. They are looked for in ``fidelity``, beside the folder
$PYMARL_SHARED_DATA, else in ../shared by the checkout.
"""

import importlib.util
import json
import os
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch as th

from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.main import EXIT_DONE, main

# The mixers of another project, by their parts' names in PyMARL.
PYMARL_NAMES = {
    "hyper_w1": "hyper_w_1",
    "hyper_w2": "hyper_w_final",
    "hyper_b1": "hyper_b_1",
    "hyper_b2": "V",
}
POLICIES = {
    "3s5z_qmix_a": ("3s5z", "qmix", "hypernet_layers=2"),
    "2s_vs_1sc_qmix": ("2s_vs_1sc", "qmix", "hypernet_layers=1"),
    "2s3z_vdn": ("2s3z", "vdn", ""),
}
EPISODES = 6


@pytest.fixture(scope="session")
def fidelity() -> Path:
    given = os.environ.get("PYMARL_SHARED_DATA")
    shared = Path(given).parent if given else Path(__file__).resolve().parents[3] / "shared"
    if not (shared / "fidelity" / "transfer.py").is_file():
        pytest.skip(f"no transfer.py in {shared / 'fidelity'} (set PYMARL_SHARED_DATA)")
    return shared / "fidelity"


def write_model(weights, folder: Path) -> None:
    """Write agent.th and mixer.th as PyMARL does, the agent in the form of old torch."""
    parts = {"agent": OrderedDict(), "mixer": OrderedDict()}
    for key in weights.files:
        network, _, name = key.partition(".")
        head, dot, rest = name.partition(".")
        name = PYMARL_NAMES.get(head, head) + dot + rest
        parts[network][name] = th.from_numpy(weights[key])
    folder.mkdir(parents=True)
    th.save(parts["agent"], folder / "agent.th", _use_new_zipfile_serialization=False)
    th.save(parts["mixer"], folder / "mixer.th")


def loaded(path: Path):
    """Return transfer.py as a module; it switches gradients off for its process."""
    spec = importlib.util.spec_from_file_location("transfer", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def played_again(fidelity, monkeypatch, weights, map_name, seeds):
    """Return (won, residuals by step) of transfer.py on the episodes of these seeds."""
    left = iter(seeds)

    class SameEpisodes(SkirmishEnv):
        def reset(self):
            return super().reset(next(left))

    monkeypatch.setattr("sys.path", [*sys.path])  # it adds the working folder
    monkeypatch.setattr("pymarl.envs.REGISTRY", {"sim": SameEpisodes})
    with th.no_grad():
        rows, residuals = loaded(fidelity / "transfer.py").play(
            weights, map_name, len(seeds), "fixed", True, {}
        )
    return rows[:, 0], residuals


@pytest.mark.parametrize("policy", POLICIES)
def test_residuals_and_battles_are_those_of_transfer(tmp_path, fidelity, monkeypatch, policy):
    map_name, alg, option = POLICIES[policy]
    weights = np.load(fidelity / "policies" / f"{policy}.npz")
    write_model(weights, tmp_path / "models" / policy / "1000000")
    words = [f"env_args.map_name={map_name}", f"test_nepisode={EPISODES}", "use_cuda=false"]
    words += ["evaluate=true", "td_residual=true", f"checkpoint_path={tmp_path / 'models'}"]
    words += [f"run_dir={tmp_path / 'run'}", *filter(None, [option])]
    assert main([f"--config={alg}", "--env-config=sim", "with", *words]) == EXIT_DONE
    lines = (tmp_path / "run" / "test_episodes.jsonl").read_text().splitlines()
    episodes = [json.loads(line) for line in lines]
    found = json.loads((tmp_path / "run" / "td_residual.json").read_text())

    try:
        won, residuals = played_again(
            fidelity, monkeypatch, weights, map_name, [row["env_seed"] for row in episodes]
        )
    finally:
        th.set_grad_enabled(True)
    assert won.tolist() == [row["battle_won"] for row in episodes]
    # transfer.py leaves the last step of every episode out: compared up to the first one.
    shortest = min(row["length"] for row in episodes)
    assert shortest > 10
    for row in found["steps"][: shortest - 1]:
        assert row["n"] == len(residuals[row["step"]]) == EPISODES
        assert row["mean"] == pytest.approx(np.mean(residuals[row["step"]]), abs=1e-5)
