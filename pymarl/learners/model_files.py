"""The files of a saved model: read and compared with the networks before anything is loaded."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch as th
from torch import nn

from pymarl.config.schema import Config
from pymarl.errors import CheckpointError
from pymarl.learners.model_options import fitting_options

StateDict = dict[str, Any]


def network_state(path: Path, network: nn.Module, args: Config) -> StateDict:
    """Return the state in a file, named by its network, when ``network`` can take it.

    Raises:
        CheckpointError: the file is missing or damaged, or holds another network; the options that
            would make it fit are named where the shapes tell them.
    """
    state = _read(path)
    if problem := _network_problem(state, network):
        raise _refusal(path, problem, fitting_options(path.stem, state, args))
    return state


def target_network_states(path: Path, networks: Mapping[str, nn.Module]) -> dict[str, StateDict]:
    """Return the states of the target networks in a file, by name.

    Raises:
        CheckpointError: the file is damaged, or holds other networks.
    """
    states = _read(path)
    for name, network in networks.items():
        if not isinstance(states.get(name), Mapping):
            raise _refusal(path, f"holds no target network {name!r}")
        if problem := _network_problem(states[name], network):
            raise _refusal(path, problem)
    return {name: states[name] for name in networks}


def optimiser_state(path: Path, optimiser: th.optim.Optimizer) -> StateDict:
    """Return the state in a file when ``optimiser`` can take it.

    Raises:
        CheckpointError: the file is missing or damaged, or is of another optimiser or network.
    """
    state = _read(path)
    # torch compares little before it loads, and loads in part: a copy is for trying it.
    trial = copy.deepcopy(optimiser)
    try:
        trial.load_state_dict(copy.deepcopy(state))
    except Exception as error:  # torch raises many types for content it does not know
        raise _refusal(path, f"is not the state of this optimiser ({_line(error)})") from error
    for ours, theirs in zip(optimiser.param_groups, trial.param_groups, strict=True):
        if lacking := sorted(set(ours) - set(theirs)):
            raise _refusal(
                path, f"lacks {', '.join(lacking)}: saved with another optimizer= than this one"
            )
        for parameter in theirs["params"]:
            for key, value in trial.state[parameter].items():
                if isinstance(value, th.Tensor) and value.dim() and value.shape != parameter.shape:
                    raise _refusal(path, _shapes(key, value, parameter))
    return state


def _read(path: Path) -> StateDict:
    """Return the dictionary in a file, on the CPU, without running code from it."""
    if not path.exists():
        raise _refusal(path, "missing from the saved model")
    try:
        state = th.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many types for content it does not know
        raise _refusal(path, f"damaged, or not a file of tensors ({_line(error)})") from error
    if not isinstance(state, dict):
        raise _refusal(path, f"holds a {type(state).__name__}, expected a dictionary of tensors")
    return state


def _network_problem(state: Mapping[str, Any], network: nn.Module) -> str:
    """Return how ``state`` differs from ``network`` in its entries or their shapes, or ""."""
    expected = network.state_dict()
    if other := sorted(map(str, set(expected) ^ set(state))):
        which = "lacks" if other[0] in expected else "has the unknown entry"
        return f"{which} {other[0]}"
    for key, want in expected.items():
        have = state[key]
        if isinstance(want, th.Tensor) and not isinstance(have, th.Tensor):
            return f"{key} is a {type(have).__name__}, expected a tensor"
        if isinstance(want, th.Tensor) and have.shape != want.shape:
            return _shapes(key, have, want)
    return ""


def _shapes(key: str, have: th.Tensor, want: th.Tensor) -> str:
    """Return how two shapes differ."""
    return f"{key} has shape {list(have.shape)}, expected {list(want.shape)}"


def _line(error: Exception) -> str:
    """Return the beginning of an error's text; torch adds lines of advice for programmers."""
    lines = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:100]}"


def _refusal(path: Path, problem: str, advice: str = "") -> CheckpointError:
    """Return the error for a file that cannot be used; ``advice`` says what to do instead."""
    usual = (
        "Choose a checkpoint_path= (or load_step=) whose model was trained on this map with this "
        "algorithm and these options"
    )
    return CheckpointError(f"{path}: {problem}; nothing was loaded. {advice or usual}")
