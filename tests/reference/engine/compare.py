"""Both engines play one episode side by side; any number that differs in a bit is an error.

The only module of the reference engine that looks into the fast engine's arrays.
"""

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.skirmish.vector_env import VectorSkirmish
from tests.reference.engine.environment import ReferenceEnvironment
from tests.reference.engine.features import FIRST_TARGET

COMPARED = ("x", "y", "health", "shield", "energy", "cooldown")
"""Quantities that the units of both engines have under the same names."""


def unit_numbers_of_engine(env: VectorSkirmish) -> NDArray[np.float64]:
    """Return the compared quantities (6, U) of the fast engine's first environment."""
    units = env.state.units[0]
    return np.array([units[quantity] for quantity in COMPARED])


def unit_numbers_of_reference(environment: ReferenceEnvironment) -> NDArray[np.float64]:
    """Return the compared quantities (6, U) of the reference engine."""
    units = environment.battle.units
    return np.array([[getattr(unit, quantity) for unit in units] for quantity in COMPARED])


def add_to_damage(env: VectorSkirmish, amount: float) -> None:
    """Plant a defect: every hit in the fast engine does ``amount`` more damage."""
    env.world.traits["damage"] += amount


def random_actions(rng: np.random.Generator, available: NDArray[np.uint8]) -> list[int]:
    """Return random available actions that often attack."""
    actions = []
    for row in available:
        legal = np.flatnonzero(row)
        attacks = legal[legal >= FIRST_TARGET]
        choices = attacks if len(attacks) and rng.random() < 0.6 else legal
        actions.append(int(rng.choice(choices)))
    return actions


def play_and_compare(env: VectorSkirmish, seed: int, steps: int) -> None:
    """Play up to ``steps`` steps of one episode in both engines and compare all they show.

    Args:
        env: one environment on the fast engine, with default features.
        seed: of the episode and of the actions.
        steps: most steps.

    Raises:
        AssertionError: something differs; says in which step, what, and the two values.
    """
    reference = ReferenceEnvironment(env.map, env.args)
    rng = np.random.default_rng(seed)
    env.reset(seeds=[seed])
    reference.reset(seed)
    for step in range(steps):
        available = reference.get_avail_actions()
        _require_equal(step, "availability", available, env.out.avail[0])
        actions = random_actions(rng, available)
        slow = reference.step(actions)
        fast = env.step(np.array([actions]))
        slow_units, fast_units = unit_numbers_of_reference(reference), unit_numbers_of_engine(env)
        for row, quantity in enumerate(COMPARED):
            _require_equal(step, f"{quantity} of units", slow_units[row], fast_units[row])
        _require_equal(step, "observations", reference.get_obs(), fast.obs[0])
        _require_equal(step, "state", reference.get_state(), fast.state[0])
        outcome = np.array([slow.reward, slow.terminated, slow.battle_won])
        fast_outcome = np.array([fast.reward[0], fast.terminated[0], fast.info[0].battle_won])
        _require_equal(step, "reward, terminated, battle_won", outcome, fast_outcome)
        if slow.terminated:
            return


def _require_equal(step: int, what: str, reference: NDArray, engine: NDArray) -> None:
    """Raise unless both arrays are equal in shape and in every number."""
    if np.array_equal(reference, engine):
        return
    shapes = f"reference {reference.shape}, engine {engine.shape}"
    if reference.shape != engine.shape:
        raise AssertionError(f"step {step}: {what}: the shapes differ: {shapes}")
    place = tuple(int(index) for index in np.argwhere(reference != engine)[0])
    values = f"reference {reference[place]!r}, engine {engine[place]!r}"
    raise AssertionError(f"step {step}: {what}: the first difference is at {place}: {values}")
