"""A battle of the stand-in as a replay of the simulator, which can be played again and compared.

Clients give orders as goals and targets; a replay holds SMAC's actions. They are the same thing for
clients that play SMAC: a move goes a fixed length into one of four directions.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.skirmish.replays.replay import encode, record
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.envs.smac.rules.actions import FIRST_TARGET, MOVE_DIRECTIONS, STOP
from pymarl.envs.standin.battle import battle_kernels
from pymarl.envs.standin.battle.battle import StandinBattle
from pymarl.envs.standin.battle.order_log import RequestOrders
from pymarl.envs.starcraft2.client.server_identity import STANDIN_MARK
from pymarl.errors import EnvError

_DEFAULT_MOVE_AMOUNT: Final = 2.0
_MAX_LOOPS: Final = 100_000
_MAX_STEP_MUL: Final = 1000
GivenCommand = tuple[int, int, int, NDArray[np.float32], NDArray[np.float32]]


def replay_bytes(battle: StandinBattle) -> bytes:
    """Return the replay of the running battle, or of the last one when this has no loop yet.

    Raises:
        EnvError: there is nothing to replay, or an order that SMAC's actions cannot express.
    """
    log = battle.log.replayable()
    loops = log.loops if log.edited_at is None else log.edited_at
    if log.full or loops > _MAX_LOOPS:
        raise EnvError(f"save_replay: a battle of {loops} game loops is too long for a replay")
    if loops == 0:
        raise EnvError("save_replay: nothing to replay: no game loop was played")
    orders = [entry for entry in log.orders if entry.loop < loops]
    common = math.gcd(loops, *(entry.loop for entry in orders))
    step = next(k for k in range(min(common, _MAX_STEP_MUL), 0, -1) if common % k == 0)
    amount = _move_amount(orders)
    actions = np.zeros((loops // step, battle.n_agents), np.int16)
    for entry in orders:
        for unit, command, target, position, goal in _commands(entry):
            actions[entry.loop // step, unit] = _action(
                battle, command, target, _direction(position, goal, amount)
            )
    env = VectorSkirmish(
        1, spec=battle.spec, map_name=battle.spec.name, step_mul=step, move_amount=amount
    )
    played = record(env, log.seed, actions, won=False, timeout=False, total_reward=0.0)
    health = played.tables[-1]["health"]
    won = bool((health[: battle.n_agents] > 0).any() and not health[battle.n_agents :].any())
    return encode(replace(played, header=replace(played.header, won=won, origin=STANDIN_MARK)))


def _commands(entry: RequestOrders) -> Iterator[GivenCommand]:
    """Yield the commands of one request as (unit, command, target, position of the unit, goal)."""
    goals = entry.goals.astype(np.float32)
    for row, position, goal in zip(entry.commands.tolist(), entry.positions, goals, strict=True):
        yield (
            row[battle_kernels.C_UNIT],
            row[battle_kernels.C_COMMAND],
            row[battle_kernels.C_TARGET],
            position,
            goal,
        )


def _move_amount(orders: list[RequestOrders]) -> float:
    """Return the length of the moves: a round number that explains the first one."""
    for entry in orders:
        for _, command, _, position, goal in _commands(entry):
            if command == battle_kernels.MOVE:
                length = float(np.abs(goal.astype(np.float64) - position).max())
                return max(round(length, 4), 1e-4)
    return _DEFAULT_MOVE_AMOUNT


def _direction(
    position: NDArray[np.float32], goal: NDArray[np.float32], amount: float
) -> int | None:
    """Return SMAC's move from ``position`` to ``goal`` (float32, as the protocol carries them)."""
    for action, (dx, dy) in MOVE_DIRECTIONS.items():
        x = np.float32(float(position[0]) + dx * amount)
        y = np.float32(float(position[1]) + dy * amount)
        if x == goal[0] and y == goal[1]:
            return action
    return None


def _action(battle: StandinBattle, command: int, target: int, direction: int | None) -> int:
    """Return SMAC's action for a command."""
    if command == battle_kernels.STOP:
        return STOP
    if command == battle_kernels.HEAL and 0 <= target < battle.n_agents:
        return FIRST_TARGET + target
    if command == battle_kernels.ATTACK and target >= battle.n_agents:
        return FIRST_TARGET + target - battle.n_agents
    if command == battle_kernels.MOVE and direction is not None:
        return direction
    raise EnvError(
        "save_replay: the battle holds an order that SMAC's actions cannot express "
        "(a move that is not one of four directions and one length, an attack on the way)"
    )
