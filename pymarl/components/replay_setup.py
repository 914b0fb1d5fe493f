"""What an episode of a run consists of, and the buffer that keeps episodes for replay."""

import torch as th

from pymarl.components.episode_batch import Groups, Preprocess, Scheme, make_scheme
from pymarl.components.episode_codec import Observer
from pymarl.components.replay_buffer import ReplayBuffer
from pymarl.components.transforms import OneHot
from pymarl.config.schema import Config
from pymarl.envs.env_info import EnvInfo
from pymarl.utils.logging import Logger


def describe_episodes(sizes: EnvInfo) -> tuple[Scheme, Groups, Preprocess]:
    """Return PyMARL's scheme, groups and preprocess for an environment of these sizes."""
    scheme = make_scheme(
        {
            "state": {"vshape": sizes.state_shape},
            "obs": {"vshape": sizes.obs_shape, "group": "agents"},
            "actions": {"vshape": 1, "group": "agents", "dtype": th.long},
            "avail_actions": {"vshape": sizes.n_actions, "group": "agents", "dtype": th.uint8},
            "reward": {"vshape": 1},
            "terminated": {"vshape": 1, "dtype": th.uint8},
        }
    )
    preprocess: Preprocess = {"actions": ("actions_onehot", [OneHot(out_dim=sizes.n_actions)])}
    return scheme, {"agents": sizes.n_agents}, preprocess


def make_buffer(args: Config, observer: Observer | None, logger: Logger) -> ReplayBuffer:
    """Return the empty replay buffer and log how it stores episodes.

    Args:
        args: with the environment's sizes.
        observer: what the environment offers for compact storage. Used where ``compact_replay`` is
            set and the buffer is in main memory: it computes there.
        logger: for the line.
    """
    scheme, groups, preprocess = describe_episodes(args.sizes)
    device = "cpu" if args.buffer_cpu_only else args.device
    used = observer if args.compact_replay and device == "cpu" else None
    steps = args.episode_limit + 1
    buffer = ReplayBuffer(scheme, groups, args.buffer_size, steps, preprocess, device, used)
    logger.console.info(
        "Replay: %s on %s, %d bytes per step; at most %.2f GB for %d episodes of %d steps",
        "all entries" if used is None else "unit tables and actions",
        device,
        buffer.codec.step_bytes(),
        buffer.largest_bytes() / 1e9,
        args.buffer_size,
        steps,
    )
    return buffer
