"""Hashes of short battles: what the bits of the simulator's engine are, per version of the engine.

    python -m tests.golden.engine_hashes                # print this engine's hashes
    python -m tests.golden.engine_hashes --update       # store them for a new ENGINE_VERSION
    python -m tests.golden.engine_hashes --replace      # store them again for the same one

``--replace`` is for a version that nobody has trained with yet: of a released one the hashes stay.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import numpy as np

from pymarl.envs.skirmish.engine_version import ENGINE_VERSION, VERSIONS
from pymarl.envs.skirmish.replays.record_episodes import record_policy
from pymarl.envs.smac.rules.unit_table import as_numbers

FILE = Path(__file__).with_name("engine_hashes.json")
# Together they hold every type of unit and of weapon that SMAC's maps have.
MAPS = (
    "3m", "2s3z", "MMM2", "2s_vs_1sc", "3s_vs_5z", "2c_vs_64zg", "bane_vs_bane", "1c3s5z",
    "6h_vs_8z", "so_many_baneling",
)  # fmt: skip  # a list of names
POLICIES = ("random", "heuristic")


def battle_hash(replay):
    """Return a hash of a battle's orders, tables and end (not of the replay's file or header)."""
    digest = hashlib.sha256(replay.orders.astype("<i2").tobytes())
    digest.update(np.ascontiguousarray(as_numbers(replay.tables), "<f4").tobytes())
    head = replay.header
    digest.update(repr((head.won, head.timeout, float(head.total_reward))).encode())
    return digest.hexdigest()[:16]


def engine_hashes():
    """Return the hash of one battle per map and policy, by ``<map> <policy>``."""
    return {
        f"{name} {policy}": battle_hash(record_policy(name, policy, 3))
        for name in MAPS
        for policy in POLICIES
    }


def stored():
    """Return the stored hashes by version."""
    found = json.loads(FILE.read_text()) if FILE.is_file() else {}
    return {int(version): hashes for version, hashes in found.items()}


def store(replace):
    """Store the hashes of the current version; return a line about it."""
    known, found = stored(), engine_hashes()
    before = known.get(ENGINE_VERSION, found)
    if before != found and not replace:
        sys.exit(
            f"engine version {ENGINE_VERSION} has other hashes already: raise it (a new line in "
            "VERSIONS of pymarl/envs/skirmish/engine_version.py), or --replace them while nobody "
            "has trained with it"
        )
    known[ENGINE_VERSION] = found
    FILE.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
    return f"{FILE.name}: {len(found)} battles of engine version {ENGINE_VERSION}"


def complaint(found, known, version=ENGINE_VERSION):
    """Return what is wrong with ``found``, the engine's hashes, or None when nothing is."""
    if version not in known:
        return (
            f"no hashes are stored for engine version {version} ({VERSIONS.get(version)}): run "
            "python -m tests.golden.engine_hashes --update"
        )
    changed = [name for name in found if found[name] != known[version].get(name)]
    if not changed:
        return None
    return (
        f"the engine's bits are not those of engine version {version}: {len(changed)} of "
        f"{len(found)} battles differ ({', '.join(changed[:4])}). If the change is wanted: raise "
        "ENGINE_VERSION (a new line in VERSIONS of pymarl/envs/skirmish/engine_version.py), "
        "describe the change in docs/environments/simulator.md (Versions of the engine) "
        "and in CHANGELOG.md (performance-impacting), and run "
        "python -m tests.golden.engine_hashes --update"
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--replace", action="store_true")
    arguments = parser.parse_args()
    if arguments.update or arguments.replace:
        sys.stdout.write(store(arguments.replace) + "\n")
    else:
        sys.stdout.write(json.dumps({ENGINE_VERSION: engine_hashes()}, indent=1) + "\n")


if __name__ == "__main__":
    main()
