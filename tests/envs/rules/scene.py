"""A battle with hand-placed units, looked at through SMAC's rules."""

import numpy as np

from pymarl.envs.skirmish.engine.batch_step import Batch, observe
from pymarl.envs.skirmish.engine.game_loop import write_unit_table
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from tests.envs.arena import arena_spec


def scene(allies, enemies, **env_args):
    spec_keys = {k: env_args.pop(k) for k in ("rows", "map_type") if k in env_args}
    v = VectorSkirmish(1, spec=arena_spec(allies, enemies, **spec_keys), **env_args)
    v.reset(seeds=[0])
    return v


def batch_of(v):
    return Batch(v.state, v.world, v.features, v.episode_state, v.out)


def look(v):
    write_unit_table(
        v.state, v.world, 0, np.arange(v.n_agents + v.n_enemies), v.episode_state.table[0]
    )
    observe(batch_of(v), 0)
    return v.out
