"""Learners on the matrix games without a run around them: seconds, and no exploration luck."""

import itertools

import numpy as np
import torch as th

from pymarl.components import seeding
from pymarl.components.episode_batch import EpisodeBatch
from pymarl.config.build import resolve
from pymarl.controllers import REGISTRY as MACS
from pymarl.envs.matrix import MatrixGame
from pymarl.learners import REGISTRY as LEARNERS
from pymarl.learners.base import Learner
from pymarl.utils.logging import Logger
from tests.reference.batches import Sizes, descriptions, full_scheme


def sizes_of(env: MatrixGame) -> Sizes:
    """Return the sizes batches and networks need."""
    return Sizes(
        n_agents=env.n_agents,
        obs=env.get_obs_size(),
        state=env.get_state_size(),
        n_actions=env.get_total_actions(),
    )


def make(alg: str, game: str, *overrides: str, seed: int = 1) -> Learner:
    """Return a fresh learner for a game."""
    env = MatrixGame(map_name=game)
    settings = [f"env_args.map_name={game}", "use_cuda=false", "rnn_hidden_dim=32", *overrides]
    args = resolve(alg, "matrix", settings).with_env_info(env.get_env_info())
    sizes = sizes_of(env)
    with seeding.seeded_torch(seed):
        mac = MACS[args.mac](full_scheme(sizes), {"agents": env.n_agents}, args)
        return LEARNERS[args.learner](mac, full_scheme(sizes), Logger(), args)


def empty_batch(env: MatrixGame, episodes: int) -> EpisodeBatch:
    """Return room for ``episodes`` episodes."""
    scheme, groups, preprocess = descriptions(sizes_of(env))
    return EpisodeBatch(scheme, groups, episodes, env.episode_limit + 1, preprocess)


def observe(batch: EpisodeBatch, env: MatrixGame, b: int, t: int) -> None:
    """Write what the game shows."""
    seen = {
        "state": env.get_state(),
        "obs": env.obs_array(),
        "avail_actions": env.avail_array(),
    }
    batch.update(seen, bs=slice(b, b + 1), ts=t)


def act(batch: EpisodeBatch, env: MatrixGame, b: int, t: int, actions: list[int]) -> float:
    """Play one joint action, write what came of it, and return the reward."""
    reward, terminated, _ = env.step(actions)
    step = {"actions": actions, "reward": reward, "terminated": terminated}
    batch.update(step, bs=slice(b, b + 1), ts=t, mark_filled=False)
    observe(batch, env, b, t + 1)
    return reward


def every_episode(game: str) -> EpisodeBatch:
    """Return all episodes a game can have, each once: what uniform exploration converges to."""
    env = MatrixGame(map_name=game)
    joint = list(itertools.product(range(env.get_total_actions()), repeat=env.n_agents))
    plans = list(itertools.product(joint, repeat=env.episode_limit))
    batch = empty_batch(env, len(plans))
    for b, plan in enumerate(plans):
        env.reset()
        observe(batch, env, b, 0)
        for t, actions in enumerate(plan):
            act(batch, env, b, t, list(actions))
    return batch


def play(
    learner: Learner, game: str, episodes: int, number: int, *, test_mode: bool = False
) -> tuple[EpisodeBatch, float]:
    """Play with the learner's controller; return the episodes and their mean return."""
    envs = [MatrixGame(map_name=game) for _ in range(episodes)]
    batch = empty_batch(envs[0], episodes)
    noise = np.random.default_rng([7, number]).random((envs[0].episode_limit, episodes, 2, 2))
    learner.mac.init_hidden(episodes)
    total = 0.0
    for b, env in enumerate(envs):
        env.reset()
        observe(batch, env, b, 0)
    for t in range(envs[0].episode_limit):
        t_env = number * episodes * envs[0].episode_limit
        noise_t = th.from_numpy(noise[t])
        chosen = learner.mac.select_actions(batch, t, t_env, noise_t, test_mode=test_mode)
        for b, env in enumerate(envs):
            total += act(batch, env, b, t, chosen[b].tolist())
    return batch, total / episodes


def greedy_return(learner: Learner, game: str) -> float:
    """Return what the learner's greedy actions earn."""
    return play(learner, game, episodes=1, number=0, test_mode=True)[1]
