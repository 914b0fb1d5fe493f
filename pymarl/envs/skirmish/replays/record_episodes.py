"""Recording episodes while they are played."""

from pathlib import Path

import numpy as np

from pymarl.envs.skirmish.replays.replay import Replay
from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.skirmish.tools.policies import POLICIES, Policy
from pymarl.errors import EnvError
from pymarl.utils.suggest import did_you_mean


def record_policy(map_name: str, policy: str, seed: int) -> Replay:
    """Return the replay of one episode of a fixed policy.

    Raises:
        EnvError: the policy is unknown.
        MapError: the map is unknown.
    """
    if policy not in POLICIES:
        raise EnvError(
            f"policy {policy!r}: unknown; known: {', '.join(POLICIES)}"
            f"{did_you_mean(policy, POLICIES)}"
        )
    file = map_name if Path(map_name).suffix in (".yaml", ".yml", ".json") else None
    env = SkirmishEnv(map_name=map_name, map_file=file, step_mul=None, **POLICIES[policy])
    actor = Policy(policy, 1, env.n_agents, seed)
    env.reset(seed=seed)
    terminated = False
    while not terminated:
        actions = actor.act(env.avail_array()[None])[0]
        _, terminated, _ = env.step(np.array(actions))
    return env.replay()
