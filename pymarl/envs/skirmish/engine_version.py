"""The version of the simulator's engine: a number that changes when the engine's bits do.

The same seed and orders give the same battle to the bit within one version, on every machine.
Between versions battles differ, so that runs of different versions are different experiments: the
number is in provenance, replays, tables and figures. docs/environments/simulator.md says what each
version does to results; tests/golden/test_engine_version.py compares the engine with the battles
stored for its version.
"""

from typing import Final

from pymarl.errors import EnvError

VERSIONS: Final = {
    1: "as first released",
    2: "the spine crawler's tentacle has to return before its next attack; attack-moving units "
    "that have fought look for enemies within 8, and who finds one brings its neighbours; melee "
    "units on the move squeeze past friends, and change targets only when somebody is in the way",
    3: "who attacks a unit comes first in its choice of targets, medivacs always do; ground units "
    "turn to walk; ranged units on the move keep 0.8 of the separation from friends; the spine "
    "crawler's cooldown waits for the tentacle's way out alone; medivacs heal the smallest share "
    "of health first",
}
"""What each version changed against the one before."""

ENGINE_VERSION: Final = max(VERSIONS)
"""The version of the engine that this code has."""


def check_engine_version(found: int, where: str) -> None:
    """Refuse what was recorded by another version of the engine.

    Raises:
        EnvError: ``found`` is not ``ENGINE_VERSION``; ``where`` names the recording.
    """
    if found != ENGINE_VERSION:
        raise EnvError(
            f"{where}: recorded by engine version {found}, this is {ENGINE_VERSION}: the same "
            "orders give another battle here. Record it again, or check out a release with engine "
            f"version {found} (docs/environments/simulator.md, Versions of the engine)"
        )
