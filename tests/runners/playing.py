"""Runners with a network of random weights, and their episodes in a form that can be compared."""

from typing import Any

import torch as th

from pymarl.components.episode_batch import extended_scheme, make_scheme
from pymarl.components.transforms import OneHot
from pymarl.config.build import resolve
from pymarl.controllers import REGISTRY as MACS
from pymarl.runners import REGISTRY
from pymarl.runners.base import Runner
from pymarl.utils import seeding
from pymarl.utils.logging import Logger

SIZES = ("n_agents", "n_actions", "state_shape", "obs_shape", "episode_limit")


def make_runner(runner: str, B: int, *words: str, env: str = "sim", alg: str = "qmix") -> Runner:
    """Return a runner whose agents' network depends on nothing but its shape."""
    overrides = ["use_cuda=false", "epsilon_anneal_time=200", f"runner={runner}"]
    args: Any = resolve(alg, env, [*overrides, f"batch_size_run={B}", *words])
    made = REGISTRY[args.runner](args=args, logger=Logger())
    try:
        info = made.get_env_info()
        args = args.model_copy(update={key: info[key] for key in SIZES})
        scheme = make_scheme(
            {
                "state": {"vshape": args.state_shape},
                "obs": {"vshape": args.obs_shape, "group": "agents"},
                "actions": {"vshape": 1, "group": "agents", "dtype": th.long},
                "avail_actions": {"vshape": args.n_actions, "group": "agents", "dtype": th.uint8},
                "reward": {"vshape": 1},
                "terminated": {"vshape": 1, "dtype": th.uint8},
            }
        )
        groups = {"agents": args.n_agents}
        preprocess: Any = {"actions": ("actions_onehot", [OneHot(args.n_actions)])}
        with seeding.seeded_torch(7):
            mac = MACS[args.mac](extended_scheme(scheme, preprocess), groups, args)
        made.setup(scheme=scheme, groups=groups, preprocess=preprocess, mac=mac)
    except BaseException:
        made.close_env()
        raise
    return made


def episodes(runner: Runner, count: int, test_mode: bool = False) -> list[dict[str, th.Tensor]]:
    """Play ``count`` episodes and return each as its own copy of all entries."""
    rows: list[dict[str, th.Tensor]] = []
    while len(rows) < count:
        batch = runner.run(test_mode)
        for b in range(runner.batch_size):
            rows.append({key: tensor[b].clone() for key, tensor in batch.data.items()})
    return rows


def assert_equal(first: list[dict[str, th.Tensor]], second: list[dict[str, th.Tensor]]) -> None:
    """Compare episodes entry by entry, bit by bit."""
    assert len(first) == len(second)
    for number, (one, other) in enumerate(zip(first, second, strict=True)):
        assert one.keys() == other.keys()
        for key, tensor in one.items():
            assert tensor.dtype == other[key].dtype
            assert th.equal(tensor, other[key]), f"episode {number}: {key} differs"
