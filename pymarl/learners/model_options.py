"""Which options a saved model was trained with, as far as the shapes of its tensors tell."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import torch as th

from pymarl.config.schema import Config

MIXER_MARKS = {
    "hyper_w_1.": "qmix",
    "action_encoding.": "qtran_base",
    "si_weight.": "dmaq",
    "query_embedding_layers.": "qatten",
}
"""Beginnings of parameters' names that only one kind of mixer has."""
CONFIGS = {"qtran_base": "qtran", "dmaq": "qplex"}
"""The configuration of a mixer that has another name."""

Widths = dict[int, list[str]]
"""Overrides that would make a network take inputs of so many numbers; "" for none."""


def fitting_options(name: str, state: Mapping[str, Any], args: Config) -> str:
    """Return what to change so that the saved network fits, as a sentence, or "" when unknown.

    Args:
        name: of the network: ``agent`` or ``mixer``; of others nothing is known.
        state: what the file holds.
        args: the options that it does not fit, with the environment's sizes.
    """
    shapes = {
        key: tuple(value.shape) for key, value in state.items() if isinstance(value, th.Tensor)
    }
    if name == "agent":
        return _agent_options(shapes, args)
    if name == "mixer":
        return _mixer_options(shapes, args)
    return ""


def _agent_options(shapes: Mapping[str, tuple[int, ...]], args: Config) -> str:
    """Return the advice for an agent ``fc1 -> rnn -> fc2``."""
    first, last = shapes.get("fc1.weight", ()), shapes.get("fc2.weight", ())
    if len(first) != 2 or len(last) != 2:
        return ""
    (hidden, inputs), actions = first, last[0]
    fitting = _input_widths(args).get(inputs)
    if actions != args.n_actions or fitting is None:
        return (
            f"The saved agent has {actions} actions and reads {inputs} numbers; "
            f"env_args.map_name={args.map_name} has {args.n_actions} actions, and agents read "
            f"{args.obs_shape} + {args.n_actions} (obs_last_action) + {args.n_agents} "
            "(obs_agent_id). Choose the map it was trained on, or the env_args.obs_* that change "
            "observations, or another checkpoint_path="
        )
    width = _changed("rnn_hidden_dim", hidden, args.rnn_hidden_dim)
    return _type_these(width, fitting)


def _input_widths(args: Config) -> Widths:
    """Return the widths of the agents' inputs with and without last action and agent number."""
    widths: Widths = {}
    for last_action, agent_id in product((True, False), repeat=2):
        width = args.obs_shape + last_action * args.n_actions + agent_id * args.n_agents
        overrides = _joined(
            _changed("obs_last_action", last_action, args.obs_last_action),
            _changed("obs_agent_id", agent_id, args.obs_agent_id),
        )
        widths.setdefault(width, []).append(overrides)
    return widths


def _mixer_options(shapes: Mapping[str, tuple[int, ...]], args: Config) -> str:
    """Return the advice for a mixer: another kind of mixer, other sizes, another map."""
    kind, configured = _mixer_kind(shapes), getattr(args, "mixer", None)
    if kind and configured and kind != configured:
        return (
            f"It is the mixer of mixer={kind}, and this is mixer={configured}: use "
            f"--config={CONFIGS.get(kind, kind)}, or another checkpoint_path="
        )
    if kind != "qmix":
        return ""
    layers = 1 if "hyper_w_1.weight" in shapes else 2
    first = shapes.get("hyper_w_1.weight") or shapes.get("hyper_w_1.2.weight", ())
    bias = shapes.get("hyper_b_1.weight", ())
    if len(first) != 2 or len(bias) != 2 or not bias[0]:
        return ""
    embed, state_width = bias
    agents = first[0] // embed
    fitting = _state_widths(args).get(state_width)
    if agents != args.n_agents or fitting is None:
        return (
            f"The saved mixer joins {agents} agents by states of {state_width} numbers; "
            f"env_args.map_name={args.map_name} has {args.n_agents} agents and states of "
            f"{args.state_shape}. Choose the map it was trained on, or the env_args.state_* that "
            "change states, or another checkpoint_path="
        )
    sizes = {"mixing_embed_dim": embed, "hypernet_layers": layers}
    if layers == 2:
        sizes["hypernet_embed"] = first[1]
    changed = _joined(*(_changed(key, size, getattr(args, key)) for key, size in sizes.items()))
    return _type_these(changed, fitting)


def _mixer_kind(shapes: Mapping[str, tuple[int, ...]]) -> str:
    """Return the ``mixer`` that has such parameters, or ""."""
    if not shapes:
        return "vdn"
    for first, kind in MIXER_MARKS.items():
        if any(key.startswith(first) for key in shapes):
            return kind
    return ""


def _state_widths(args: Config) -> Widths:
    """Return the widths of SMAC's state with and without its optional parts."""
    # Environments without these keys, and observations instead of states, have one form.
    last_action = getattr(args.env_args, "state_last_action", None)
    timestep = getattr(args.env_args, "state_timestep_number", None)
    replaced = getattr(args.env_args, "obs_instead_of_state", False)
    if last_action is None or timestep is None or replaced:
        return {args.state_shape: [""]}
    actions = args.n_agents * args.n_actions
    least = args.state_shape - last_action * actions - timestep
    widths: Widths = {}
    for with_actions, with_timestep in product((True, False), repeat=2):
        overrides = _joined(
            _changed("env_args.state_last_action", with_actions, last_action),
            _changed("env_args.state_timestep_number", with_timestep, timestep),
        )
        widths.setdefault(least + with_actions * actions + with_timestep, []).append(overrides)
    return widths


def _changed(key: str, saved: int, configured: int) -> str:
    """Return the override that makes ``key`` what it was, or "" when it is that."""
    if saved == configured:
        return ""
    return f"{key}={str(saved).lower()}"


def _joined(*overrides: str) -> str:
    """Return overrides on one line."""
    return " ".join(entry for entry in overrides if entry)


def _type_these(sizes: str, fitting: list[str]) -> str:
    """Return the sentence that names what to type, or "" when nothing would have to change.

    Args:
        sizes: overrides of layers' sizes.
        fitting: overrides that give the right inputs, any one of them; "" where they are right.
    """
    alternatives = [_joined(sizes, overrides) for overrides in ([""] if "" in fitting else fitting)]
    if not all(alternatives):
        return ""
    return (
        f"It was trained with other options; add after 'with': {' or '.join(alternatives)} "
        "(or choose another checkpoint_path=)"
    )
