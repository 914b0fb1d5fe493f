"""How much faster the simulator is than the reference engine, a yardstick for every machine.

    python -m tests.reference.engine.bench --maps 3m 2s3z --batch 32 --json

Random legal actions, all features, CPU seconds of one thread; compilation is not counted.
"""

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass

import numpy as np

from pymarl.envs.skirmish.tools.bench import vector_speed
from pymarl.envs.smac.args import SmacArgs
from pymarl.envs.smac.maps.map_spec import load_map
from tests.reference.engine.environment import ReferenceEnvironment


@dataclass(frozen=True, slots=True)
class Comparison:
    """Environment steps per CPU second of both engines on one map."""

    map: str
    batch: int
    simulator: float
    reference: float
    ratio: float


def reference_speed(map_name: str, seconds: float) -> float:
    """Return the reference engine's environment steps per CPU second."""
    environment = ReferenceEnvironment(load_map(map_name), SmacArgs())
    rng = np.random.default_rng(0)
    environment.reset(0)
    steps, start = 0, time.process_time()
    while time.process_time() - start < seconds or steps == 0:
        available = environment.get_avail_actions()
        actions = [int(rng.choice(np.flatnonzero(row))) for row in available]
        terminated = environment.step(actions).terminated
        environment.get_obs()
        environment.get_state()
        steps += 1
        if terminated:
            environment.reset(steps)
    return steps / (time.process_time() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--maps", nargs="+", default=["3m", "2s3z", "27m_vs_30m", "2c_vs_64zg"])
    parser.add_argument("--batch", type=int, default=32, help="environments of the simulator")
    parser.add_argument("--seconds", type=float, default=1.0, help="CPU seconds per measurement")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    arguments = parser.parse_args()
    for name in arguments.maps:
        simulator = vector_speed(name, arguments.batch, arguments.seconds).steps_per_s
        reference = reference_speed(name, arguments.seconds)
        row = Comparison(name, arguments.batch, simulator, reference, simulator / reference)
        if arguments.json:
            line = json.dumps(asdict(row))
        else:
            line = (
                f"{row.map:24} batch {row.batch:4} {row.simulator:12,.0f} steps/s   "
                f"reference {row.reference:8,.0f} steps/s   ratio {row.ratio:6,.0f}"
            )
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
