"""Runners with a network of random weights, and their episodes in a form that can be compared."""

from typing import Any

import torch as th

from pymarl.components import seeding
from pymarl.components.replay_buffer import ReplayBuffer
from pymarl.components.replay_setup import make_buffer
from pymarl.config.build import resolve
from pymarl.controllers import REGISTRY as MACS
from pymarl.runners import REGISTRY
from pymarl.runners.base import Runner
from pymarl.utils.logging import Logger


def make_runner(
    runner: str, B: int, *overrides: str, env: str = "sim", alg: str = "qmix"
) -> Runner:
    """Return a runner whose agents' network depends on nothing but its shape."""
    return make_player(runner, B, *overrides, env=env, alg=alg)[0]


def make_player(
    runner: str, B: int, *overrides: str, env: str = "sim", alg: str = "qmix"
) -> tuple[Runner, ReplayBuffer]:
    """Return such a runner and the empty replay buffer for its episodes."""
    fixed = ["use_cuda=false", "epsilon_anneal_time=200", f"runner={runner}"]
    args: Any = resolve(alg, env, [*fixed, f"batch_size_run={B}", *overrides])
    made = REGISTRY[args.runner](args=args, logger=Logger())
    try:
        info = made.get_env_info()
        args = args.with_env_info(info)
        buffer = make_buffer(args, info.get("observer"), Logger())
        with seeding.seeded_torch(7):
            mac = MACS[args.mac](buffer.scheme, buffer.groups, args)
        recorded = buffer.codec.recorded
        made.setup(scheme=recorded, groups=buffer.groups, preprocess=buffer.preprocess, mac=mac)
    except BaseException:
        made.close_env()
        raise
    return made, buffer


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
