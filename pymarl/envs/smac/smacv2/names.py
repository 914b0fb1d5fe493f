"""Names of SMACv2's scenarios: ours, upstream's, and those of other libraries."""

import re
from typing import Any, Final

RACES: Final = ("protoss", "terran", "zerg")
SIZES: Final = ((5, 5), (10, 10), (20, 20), (10, 11), (20, 23))
SCENARIOS: Final = tuple(f"{race}_{n}_vs_{e}" for race in RACES for n, e in SIZES)
"""The fifteen scenarios that papers report."""
FOLDER: Final = "smacv2"
"""Of the scenario files, in ``configs/maps/``."""
_BY_SIZES = re.compile(r"(?:smacv2/)?(protoss|terran|zerg)_([1-9]\d{0,2})_vs_([1-9]\d{0,2})")
_BY_RACE = re.compile(r"(?:sc2_|10)gen_(protoss|terran|zerg)(?:_epo)?")


def canonical_name(name: str, sizes: tuple[int | None, int | None] = (None, None)) -> str:
    """Return our name of a scenario; other names are returned as they are.

    ``terran_5_vs_5`` is SMACv2's paper's, EPyMARL's and HARL's; ``smacv2/terran_5_vs_5`` and
    ``TERRAN_5_VS_5`` are BenchMARL's; ``sc2_gen_terran`` (the configuration file) and
    ``10gen_terran`` (the map) are upstream's and take their sizes from ``n_units`` and
    ``n_enemies``, 5 each when they are not given.

    Args:
        name: what the user wrote.
        sizes: ``n_units`` and ``n_enemies``; None: not given.

    Raises:
        ValueError: the sizes contradict those in the name.
    """
    by_race = _BY_RACE.fullmatch(name.lower())
    if by_race:
        n = sizes[0] or 5
        return f"{by_race[1]}_{n}_vs_{sizes[1] or n}"
    by_sizes = _BY_SIZES.fullmatch(name.lower())
    if not by_sizes:
        return name
    for key, named, given in zip(
        ("n_units", "n_enemies"), by_sizes.groups()[1:], sizes, strict=True
    ):
        if given is not None and given != int(named):
            raise ValueError(f"map_name={name} has {key}={named}, but {key}={given} is given, too")
    return f"{by_sizes[1]}_{by_sizes[2]}_vs_{by_sizes[3]}"


def config_args(name: str) -> dict[str, Any] | None:
    """Return the ``env_args`` by which ``sc2_gen_terran`` differs from ``sim``, or None.

    The names are those of upstream's configuration files; ``_epo`` is its severest setting.
    """
    found = _BY_RACE.fullmatch(name)
    if not found or not name.startswith("sc2_"):
        return None
    hidden = {"prob_obs_enemy": 0.0, "action_mask": False} if name.endswith("_epo") else {}
    return {"map_name": f"sc2_gen_{found[1]}", **hidden}


def scenario_file(name: str) -> tuple[str, tuple[int | None, int | None]] | None:
    """Return (file stem, sizes in place of the file's) of a canonical scenario name, or None.

    Sizes beyond the fifteen scenarios are those of the race's ``5_vs_5`` file with other numbers.
    """
    found = _BY_SIZES.fullmatch(name)
    if not found:
        return None
    if name in SCENARIOS:
        return name, (None, None)
    return f"{found[1]}_5_vs_5", (int(found[2]), int(found[3]))
