"""Hash what the simulator shows, pays and records: equal hashes mean equal simulators.

    python -m tests.determinism.hash_simulator > before.json      # then, after a change of the code
    python -m tests.determinism.hash_simulator --against before.json

Per map: the vector form (observations, states, availability, rewards, ends, infos, health left;
scripted agents, too), the plain interface with every optional feature switched on, and the replay's
header and bytes. The stand-in needs no hash of its own: tests/envs/starcraft2/test_equal.py holds
it equal to the plain interface on every map.
"""

import argparse
import hashlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np

from pymarl.envs.skirmish.skirmish_env import SkirmishEnv
from pymarl.envs.skirmish.tools.policies import Policy
from pymarl.envs.skirmish.vector_env import VectorSkirmish
from pymarl.envs.smac.maps.map_spec import map_names

EVERYTHING = {
    "obs_timestep_number": True,
    "obs_pathing_grid": True,
    "obs_terrain_height": True,
    "obs_last_action": True,
    "state_timestep_number": True,
    "state_last_action": True,
}


def vector_hash(name, steps, **env_args):
    digest = hashlib.sha256()
    env = VectorSkirmish(3, map_name=name, step_mul=None, auto_reset=True, **env_args)
    policy = Policy("random", 3, env.n_agents)
    env.reset()
    for _ in range(steps):
        for array in env.step(policy.act(env.out.avail)):
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def plain_hash(name):
    digest = hashlib.sha256()
    env = SkirmishEnv(map_name=name, seed=7, step_mul=None, **EVERYTHING)
    choices = np.random.default_rng(5)
    for _ in range(2):
        env.reset()
        done = False
        while not done:
            avail = np.array(env.get_avail_actions())
            actions = [int(choices.choice(np.flatnonzero(row))) for row in avail]
            for array in (np.array(env.get_obs()), env.get_state(), avail):
                digest.update(np.ascontiguousarray(array).tobytes())
            reward, done, info = env.step(actions)
            digest.update(repr((reward, done, sorted(info.items()))).encode())
    digest.update(repr(sorted(env.get_stats().items())).encode())
    recorded = env.replay()
    header = asdict(recorded.header)
    del header["engine_version"]  # a number about the bits, which are what is compared here
    replay = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    replay.update(recorded.orders.tobytes() + recorded.tables.tobytes())
    env.close()
    return digest.hexdigest()[:16], replay.hexdigest()[:16]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--against", type=Path)
    parser.add_argument("--steps", type=int, default=200)
    arguments = parser.parse_args()
    hashes = {}
    for name in map_names():
        plain, replay = plain_hash(name)
        hashes[name] = {
            "vector": vector_hash(name, arguments.steps),
            "scripted": vector_hash(name, arguments.steps, heuristic_ai=True),
            "rest": vector_hash(
                name, 60, heuristic_ai=True, heuristic_rest=True, obs_instead_of_state=True
            ),
            "plain": plain,
            "replay": replay,
        }
    if arguments.against is None:
        sys.stdout.write(json.dumps(hashes, indent=1, sort_keys=True) + "\n")
        return 0
    before = json.loads(arguments.against.read_text())
    changed = [
        f"{m} {k}" for m in before for k in before[m] if hashes.get(m, {}).get(k) != before[m][k]
    ]
    sys.stdout.write(
        f"{len(changed)} of {5 * len(before)} hashes differ: {', '.join(changed) or 'none'}\n"
    )
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
