"""An episode played again from its seed and orders, with the unit table of every game loop."""

import numpy as np
from numpy.typing import NDArray

from pymarl.envs.skirmish.engine.game_loop import begin_episode, game_loop, write_unit_table
from pymarl.envs.skirmish.engine.orders import apply_action
from pymarl.envs.skirmish.engine.state import State, World, battle_of, new_state
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.envs.smac.rules.episode import new_episode_state
from pymarl.envs.smac.rules.seeds import seed_word
from pymarl.envs.smac.rules.unit_table import UnitTables, copy_table, new_tables
from pymarl.kernels.simulator_jit import cold_kernel


@cold_kernel
def play(
    state: State,
    world: World,
    move_amount: float,
    loops: int,
    seed: np.uint64,
    orders: NDArray[np.int16],
    tables: UnitTables,
    unit_of_row: NDArray[np.int64],
) -> None:
    """Play one episode from its seed and orders and write the unit table of every game loop.

    Orders name the enemies in the order of their creation; ``unit_of_row`` (U,) is 0..U-1.
    """
    begin_episode(state, world, 0, seed)
    battle = battle_of(state, world, 0)
    table = tables[0]
    write_unit_table(state, world, 0, unit_of_row, table)
    for t in range(orders.shape[0]):
        for i in range(orders.shape[1]):
            apply_action(battle, table, i, int(orders[t, i]), move_amount)
        for k in range(loops):
            game_loop(battle)
            following = tables[1 + t * loops + k]
            copy_table(table, following)
            write_unit_table(state, world, 0, unit_of_row, following)
            table = following


def simulate(env: VectorSkirmish, seed: int, orders: NDArray[np.int16]) -> UnitTables:
    """Return the unit tables of the episode with this seed and these orders.

    ``env`` is not touched.
    """
    state = new_state(1, env.world, changing_teams=env.teams is not None)
    if env.teams is not None:
        own = new_episode_state(1, env.features, changing_teams=True)
        env.teams.begin(state, own, 0, seed)
    units = env.n_agents + env.n_enemies
    tables = new_tables(len(orders) * env.step_mul + 1, units)
    word = np.uint64(seed_word(seed))
    amount = float(env.args.move_amount)
    created = np.arange(units, dtype=np.int64)
    play(state, env.world, amount, env.step_mul, word, orders, tables, created)
    return tables
